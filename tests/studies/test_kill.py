"""A build that is killed with SIGKILL goes on where it was, and ends as if nothing had been."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import studies
from tests.fixtures.study_tasks import small, table_study

ROOT = Path(__file__).parents[2]
# The third explanation never ends, so that the kill comes between the second and the last.
HANGS = """
import sys, time
import studies
from studies import arms
from tests.fixtures.study_tasks import small, table_study
real, begun = arms.explainers.explain, []
def explain(*args, **more):
    begun.append(1)
    if len(begun) == 3:
        time.sleep(600)
    return real(*args, **more)
arms.explainers.explain = explain
studies.build(small(table_study(120), tests=("forward",)), sys.argv[1])
"""


def test_a_killed_build_ends_as_one_that_was_not(tmp_path):
    killed, whole = tmp_path / "killed", tmp_path / "whole"
    design = small(table_study(120), tests=("forward",))
    child = subprocess.Popen([sys.executable, "-c", HANGS, str(killed)], cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)})
    done = killed / "work" / "explanations" / "random"
    while child.poll() is None and len(list(done.glob("*.json"))) < 2:
        time.sleep(0.01)
    child.send_signal(signal.SIGKILL)
    assert child.wait() == -signal.SIGKILL
    assert not (killed / "manifest.json").exists()
    kept = {file: file.stat().st_mtime_ns for file in done.glob("*.json")}
    assert len(kept) == 2
    resumed = studies.build(design, killed)
    assert resumed.digests == studies.build(design, whole).digests
    assert {file: file.stat().st_mtime_ns for file in kept} == kept, "what was done is not done again"
