"""python -m benchmarks.studies: see the package's docstring."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from . import arrivals, exactly_once, kill, whole
from .bars import table

PROGRAMS: dict[str, tuple[Any, dict[str, Any]]] = {  # name -> (program, what --quick sets)
    "arrivals": (arrivals.run, {"people": 40, "seconds": 1.0}),
    "exactly_once": (exactly_once.run, {"people": 4}),
    "kill": (kill.run, {"kills": 12}),
    "whole": (whole.run, {"people": 6}),
}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.studies", description="The bars of the study store.")
    parser.add_argument("program", choices=[*PROGRAMS])
    parser.add_argument("--quick", action="store_true", help="few people and kills: seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--folder", type=Path, help="where the store is made; its disk is what is measured (else the system's temporary one)"
    )
    options = parser.parse_args(arguments)
    program, quick = PROGRAMS[options.program]
    with tempfile.TemporaryDirectory(dir=options.folder) as folder:
        began = time.perf_counter()
        bars = program(Path(folder), seed=options.seed, **(quick if options.quick else {}))
    print(table(bars))
    missed = sum(not bar.met for bar in bars)
    print(f"{options.program}: {'all bars met' if not missed else f'{missed} missed'}, {time.perf_counter() - began:.0f} seconds in all")
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main())
