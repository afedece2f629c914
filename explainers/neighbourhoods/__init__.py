"""What LIME draws before it asks: instances like this one with parts switched off, one module for each modality.

All of a neighbourhood is drawn at once, in vectorised passes, so that drawing costs little beside the model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models.tables import CodedTable
from ..parts import TextParts
from ..picture_parts import PictureParts
from ..stand_in import Pool
from .designs import Miss


@dataclass(frozen=True)
class Neighbourhood:
    """Everything LIME draws before it asks: row 0 is the instance itself.

    design     (n, d) columns the surrogate is fitted on: 1 = the part is as in the instance (or a standardised number)
    distance   (n,) from the instance, in the unit the kernel width is in
    width      kernel width
    factor     (n,) reference probability / probability of being drawn; None: drawn as the reference draws
    total      what the weights add up to is that of so many of the reference's draws, so that the ridge shrinks as its does
    aside      gives further columns of the rows from one number to another, (n, m), each on average 0 whatever the design's columns
               are: what the answers owe to them is noise to the fit, and is taken out of them
    net        every 2^m rows from a multiple of 2^m, behind the first `before_net` ones, lie evenly together; else rows are independent
    checks     numbers of rows after which it is asked whether to stop and where to look next, ascending
    settle     sampling may stop at a check behind `least` rows; else all rows are asked
    complete   the rows are all there are: once all are answered nothing is left to chance
    at_once    most rows that are written out at a time, so that memory stays small; None: any number
    by_plain   sampling may stop once the numbers are as sure as all of the reference's draws would have left them
    pool       gives many more rows that cost no model call, row 0 the instance; None: no stand-in is learnt
    steer      (how far off a stand-in may be, start, end) -> the same with its rows start..end drawn anew where they say most
    """

    design: np.ndarray
    distance: np.ndarray
    width: float
    batch: Sequence[Any] | CodedTable
    features: list[str]
    names: list[str]
    parts: TextParts | PictureParts | None
    caveats: list[str]
    unit: str = "probability"
    factor: np.ndarray | None = None
    total: int | None = None
    aside: Callable[[int, int], np.ndarray] | None = None
    net: bool = False
    before_net: int = 0
    checks: tuple[int, ...] = ()
    complete: bool = False
    settle: bool = True
    least: int = 0
    pool: Callable[[], Pool] | None = None
    steer: Callable[[Miss, int, int], Neighbourhood] | None = None
    at_once: int | None = None
    by_plain: bool = False

    @property
    def weights(self) -> np.ndarray:
        """The kernel: 1 at the instance, less the farther away."""
        return np.sqrt(np.exp(-((self.distance / self.width) ** 2)))

    def fit_weights(self, n: int) -> np.ndarray:
        """(n,) kernel x factor of the first n rows, those behind row 0 scaled to `total` draws."""
        weights = self.weights[:n] * (1.0 if self.factor is None else self.factor[:n])
        weights[1:] *= ((self.total or len(self.design)) - 1) / max(n - 1, 1)
        return weights
