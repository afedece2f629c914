"""The door by which the shap package hands over coalitions: the instance as ones, its absence as zeros."""

from __future__ import annotations

from typing import Any

import numpy as np


class Masker:
    """What the package calls a masker: gives each mask back as one row of numbers.

    Its own maskers do the same here, by code that numba compiles first, which takes seconds. clustering: scipy's linkage of the players.
    """

    immutable_outputs = True

    def __init__(self, players: int, clustering: np.ndarray | None = None):
        self.shape = (1, players)
        if clustering is not None:
            self.clustering = clustering

    def __call__(self, mask: np.ndarray, x: Any) -> np.ndarray:
        return mask.astype(float)[None]
