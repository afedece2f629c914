"""The items that show a description best, and those that contradict it, each kept once and small."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from ..payloads import Shown
from .alike import alike
from .items import Items
from .order import DIGITS
from .statistics import separation

EXAMPLES, AGAINST = 4, 2  # of A that it fits best; of A that it fits worst, and as many of B that it fits best
SIDE = 128  # pixels of the longer side
CHARACTERS = 300


@dataclass
class Gallery:
    """`shown` grows as candidates ask for evidence."""

    a: Items
    b: Items
    shown: list[Shown] = field(default_factory=list)
    _places: dict[tuple[str, int], int] = field(default_factory=dict)
    _fits: list[tuple[np.ndarray, np.ndarray]] = field(default_factory=list)

    @property
    def alike(self) -> list[int]:
        """Of the descriptions that asked, in their order, which say the same: see alike.py."""
        return alike(self._fits, [int(np.sign(round(separation(a, b).auroc - 0.5, DIGITS))) for a, b in self._fits])

    def evidence(self, fit_a: np.ndarray, fit_b: np.ndarray, paired: bool = False) -> tuple[list[int], list[int]]:
        """Places in `shown`: examples, and items against. fit_a, fit_b: how well the description fits each item tested. paired: it is the
        pairs that show it most and least; of the latter both items."""
        self._fits.append((fit_a, fit_b))
        if paired:
            order = np.argsort(fit_b - fit_a, kind="stable")
            least = order[::-1][:AGAINST]
            examples = [self._place(self.a, i) for i in order[:EXAMPLES]]
            return examples, [*(self._place(self.a, i) for i in least), *(self._place(self.b, i) for i in least)]
        best_a, best_b = np.argsort(-fit_a, kind="stable"), np.argsort(-fit_b, kind="stable")
        examples = [self._place(self.a, i) for i in best_a[:EXAMPLES]]
        return examples, [*(self._place(self.a, i) for i in best_a[::-1][:AGAINST]), *(self._place(self.b, i) for i in best_b[:AGAINST])]

    def _place(self, items: Items, row: int) -> int:
        key = (items.side, int(items.places[row]))
        if key not in self._places:
            self._places[key] = len(self.shown)
            self.shown.append(Shown(_small(items.items[row]), *key))
        return self._places[key]


def _small(item: Any) -> Any:
    if isinstance(item, Image.Image):
        picture = item.copy()
        picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        return picture
    return item[:CHARACTERS] if isinstance(item, str) else item
