"""What LIME draws before it asks: instances like this one with parts switched off, one module for each modality.

All of a neighbourhood is drawn at once, in vectorised passes, so that drawing costs little beside the model.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ..parts import TextParts
from ..picture_parts import PictureParts


@dataclass(frozen=True)
class Neighbourhood:
    """Everything LIME draws before it asks: row 0 is the instance itself.

    design     (n, d) columns the surrogate is fitted on: 1 = the part is as in the instance (or a standardised number)
    distance   (n,) from the instance, in the unit the kernel width is in
    width      kernel width
    """

    design: np.ndarray
    distance: np.ndarray
    width: float
    batch: Sequence[Any] | pd.DataFrame
    features: list[str]
    names: list[str]
    parts: TextParts | PictureParts | None
    caveats: list[str]
    unit: str = "probability"

    @property
    def weights(self) -> np.ndarray:
        return np.sqrt(np.exp(-((self.distance / self.width) ** 2)))
