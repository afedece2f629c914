"""Maps by perturbation: ours against the plain loop on EfficientNet, at the same fidelity.

    python benchmarks/maps.py                      # occlusion, rise and its ablation: about 25 minutes of processor time
    python benchmarks/maps.py occlusion            # some sections
    python benchmarks/maps.py rise --quick         # one picture, a shorter long run

Occlusion: captum.attr.Occlusion, one window at a time, on the same network. RISE: as its paper says, one mask at a time, on the same network
in ordinary memory format. Processor seconds are compared; wall seconds are printed beside them.
"""

from __future__ import annotations

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks import _perturbation

SECTIONS = {"occlusion": _perturbation.occlusion, "rise": _perturbation.rise, "ablation": _perturbation.ablation}
ROWS = (1, 10, 23, 40)  # rows of the test split of `animals`


@dataclass(frozen=True)
class Options:
    rows: tuple[int, ...]
    long: int  # masks of the long run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="section", help=f"some of {', '.join(SECTIONS)}; none: all")
    parser.add_argument("--quick", action="store_true", help="one picture and a long run of 2,000 masks")
    parser.add_argument("--pictures", type=int, default=len(ROWS), help="how many pictures")
    given = parser.parse_args()
    if unknown := [name for name in given.sections if name not in SECTIONS]:
        parser.error(f"There is no section {unknown[0]!r}: choose among {', '.join(SECTIONS)}.")
    options = Options(ROWS[:1], 2_000) if given.quick else Options(ROWS[: given.pictures], 8_000)
    for name in given.sections or SECTIONS:
        SECTIONS[name](options)


if __name__ == "__main__":
    main()
