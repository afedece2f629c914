"""The leaderboard: methods x tasks x scores over at least 50 instances, at most 300 model calls a map.

    python -m benchmarks.leaderboard --forecast              # what it will take, timed on two instances a method
    python -m benchmarks.leaderboard                         # build it, or go on where a stopped build was
    python -m benchmarks.leaderboard --tasks income/trees planted/function --methods lime occlusion --instances 5 --out /tmp/small.json
    python -m benchmarks.leaderboard --join a.json b.json    # boards that were built apart, in one artifact
    python -m benchmarks.leaderboard --print                 # the table of the artifact that is there

One process, of low priority. A kill loses at most one unit (a method on an instance): start the same command again. What is done is
kept in --work, each unit under a key of model, method, parameters, instance, seed and program text, so that nothing stale is used.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path[0] = str(Path(__file__).resolve().parents[1])  # as a script, its own folder would come first

_PACKAGES = ("torch", "captum", "shap", "lime", "numpy", "scipy", "scikit-learn", "xgboost-cpu", "transformers")


def main(arguments: list[str] | None = None) -> int:
    from explainers.leaderboard import Leaderboard, as_text, joined
    from explainers.leaderboard.artifact import BUNDLED, COMMAND

    from . import _board_build as build
    from ._board_settings import BOARDS, DEFAULT, INSTANCES, MAX_CALLS

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tasks", nargs="+", default=DEFAULT, metavar="TASK/MODEL", help=f"any of: {', '.join(BOARDS)}")
    parser.add_argument("--methods", nargs="+", default=None, help="these only, and random; default: all that fit")
    parser.add_argument("--instances", type=int, default=INSTANCES, help="of each task, default %(default)s")
    parser.add_argument("--steady", type=int, default=None, help="instances on which stability and sanity are measured, default 8")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, default=BUNDLED, help="the artifact")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir()) / "foretell-benchmarks" / "leaderboard.jsonl")
    parser.add_argument("--forecast", action="store_true", help="only say what it will take")
    parser.add_argument("--print", action="store_true", dest="show", help="only print the artifact as text")
    parser.add_argument("--join", nargs="+", type=Path, metavar="FILE", help="only join these artifacts into --out; later boards win")
    given = parser.parse_args(arguments)
    if given.show or given.join:
        try:
            if given.join:
                _write(given.out, joined([Leaderboard.load(path) for path in given.join], list(BOARDS)).to_json())
            print(as_text(Leaderboard.load(given.out)), end="")
        except ValueError as problem:
            print(problem, file=sys.stderr)
            return 1
        return 0
    unknown = [name for name in given.tasks if name not in BOARDS]
    if unknown:
        parser.error(f"there is no board {unknown[0]!r}: choose among {', '.join(BOARDS)}")
    if given.instances < 1:
        parser.error("--instances must be at least 1")
    if hasattr(os, "nice"):
        os.nice(10)
    say, started = build.quiet_progress, time.process_time()
    plans = [build.narrowed(BOARDS[name](given.instances, given.seed), given.methods, given.steady) for name in given.tasks]
    work = build.WorkFile(given.work)
    build.forecast(plans, work, say=say)
    if given.forecast:
        return 0
    build.run(build.todo(plans), work, say)
    command = " ".join([COMMAND, *(sys.argv[1:] if arguments is None else arguments)])
    made = Leaderboard(
        datetime.now(UTC).date().isoformat(), command, given.seed, MAX_CALLS, _versions(), build.scores_code(),
        [build.made(plan, work) for plan in plans],
    )  # fmt: skip
    _write(given.out, made.to_json())
    print(as_text(Leaderboard.load(given.out)), end="")  # as stored, so that it is rounded once and alike
    say(
        f"Written to {given.out} ({given.out.stat().st_size / 1000:.0f} kB); this start took {(time.process_time() - started) / 60:.1f} min."
    )
    bugs = sorted({f"{r['board']} {r['method']}: {r['bug']}" for one in build.todo(plans) if "bug" in (r := work.records.get(one.key, {}))})
    for bug in bugs:
        say(f"Not measured, because of an error: {bug}")
    return 1 if bugs else 0


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _write(path: Path, text: str) -> None:
    """All or nothing: a kill leaves the old file."""
    beside = path.with_name(path.name + ".new")
    path.parent.mkdir(parents=True, exist_ok=True)
    beside.write_text(text, encoding="utf8")
    beside.replace(path)


if __name__ == "__main__":
    raise SystemExit(main())
