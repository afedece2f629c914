"""A whole study by API: simulated participants, every step, answers at random. Issue 7: 60 of them in under 60 seconds."""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

import studies

from .bars import Bar, faults, frozen
from .people import to_the_end

SECONDS = 60.0


def run(folder: Path, people: int = 60, seed: int = 0, design: studies.Design | None = None) -> list[Bar]:
    design = design or studies.Design(name="bars", task="t", planned=people, seed=seed)
    flush = 1000 * _flush(folder / "flush")
    url, version = frozen(folder, design)
    store = studies.Store(url)
    began, cpu = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(people) as pool:  # they take part at the same time, as people do
        sent = sum(
            pool.map(lambda i: to_the_end(store, store.consent(version, f"p{i}"), np.random.default_rng([seed, 13, i])), range(people))
        )
    trials = store.trials(version)
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu
    asked = 2 * sum(design.per_phase(test) for test in design.tests) * people
    done = store.status(version)
    complete = int(done.loc[done["state"] == "complete", "participants"].sum())
    return [
        Bar("participants complete", str(people), complete, complete == people),
        Bar("answers to predictions", str(asked), len(trials), len(trials) == asked),
        *(bar for bar in faults(store, version) if not bar.met),
        Bar("seconds", f"under {SECONDS:g}", f"{seconds:.1f}", seconds < SECONDS),
        Bar("answers sent", "", sent),
        Bar("answers a second", "", f"{sent / seconds:.0f}"),
        Bar("seconds of the processor", "", f"{cpu:.1f}"),
        Bar("this disk: milliseconds to flush 20 kB", "", f"{flush:.2f}"),
    ]


def _flush(file: Path) -> float:
    """Seconds that the disk takes to say it has it: the least that an answer costs."""
    with file.open("wb") as out:
        began = time.perf_counter()
        for _ in range(50):
            out.write(b"x" * 20_000)
            out.flush()
            os.fdatasync(out.fileno())
    file.unlink()
    return (time.perf_counter() - began) / 50
