"""The door by which shap hands over coalitions: the instance as ones, its absence as zeros."""

from __future__ import annotations

from typing import Any

import numpy as np


class Masker:
    """What shap calls a masker: gives each mask itself, as one row of numbers. clustering: how the players are grouped, where that is asked."""

    immutable_outputs = True

    def __init__(self, count: int, clustering: np.ndarray | None = None):
        self.shape = (1, count)
        if clustering is not None:
            self.clustering = clustering

    def __call__(self, mask: np.ndarray, x: Any) -> np.ndarray:
        return mask.astype(np.float64)[None]
