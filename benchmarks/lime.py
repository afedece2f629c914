"""What is claimed about LIME's speed and steadiness, measured.

    python benchmarks/lime.py                      # every section
    python benchmarks/lime.py stability bilstm     # some
    python benchmarks/lime.py minilm --quick       # two instances, one seed

"lime" is the `lime` package at its defaults, asking the same model by a plain function in one batch, as its manual shows.
Agreement is with a long run of the package: 50,000 samples for tables and the BiLSTM, 20,000 for MiniLM, 5,000 for pictures.
Long runs are kept in --keep; delete the folder after changing a model's code.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# The project's root in place of this folder: a script's own folder comes first on the path, and this file is called lime too.
sys.path[0] = str(Path(__file__).resolve().parents[1])


@dataclass(frozen=True)
class Options:
    """keep: folder of long references; quick: few instances, one seed."""

    keep: Path
    quick: bool

    def some(self, items: list, few: int = 2) -> list:
        return items[:few] if self.quick else items


def sections() -> dict[str, Callable[[Options], None]]:
    from benchmarks import _ablation, _images, _speed, _stability

    return {
        "stability": _stability.stability,
        "table": _speed.table,
        "bilstm": _speed.bilstm,
        "minilm": _speed.minilm,
        "images": _images.images,
        "memory": _speed.memory,
        "ablation": _ablation.ablation,
    }


def main(arguments: list[str] | None = None) -> None:
    known = sections()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", help=f"any of: {', '.join(known)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="two instances and one seed")
    parser.add_argument("--ablation", action="store_true", help="the same as the section ablation")
    parser.add_argument("--keep", type=Path, default=Path(tempfile.gettempdir()) / "foretell-benchmarks", help="folder of long references")
    given = parser.parse_args(arguments)
    chosen = given.sections + (["ablation"] if given.ablation else []) or list(known)
    unknown = [name for name in chosen if name not in known]
    if unknown:
        parser.error(f"there is no section {unknown[0]!r}: choose among {', '.join(known)}")
    for name in chosen:
        known[name](Options(given.keep, given.quick))
        print(flush=True)


if __name__ == "__main__":
    main()
