"""Partition SHAP: Shapley values (Owen values) on a tree of parts: first between halves of the instance, then within each.

The shap package's `Partition` explainer; Owen 1977. Few coalitions are needed, because the budget goes where the output changes. The tree:
neighbouring words, neighbouring superpixels, columns that correlate. The numbers add up to output(instance) - output(nothing there).
"""

from __future__ import annotations

import numpy as np
from scipy.cluster.hierarchy import linkage

from .shapley.game import Game
from .shapley.seeded import seeded
from .shapley.solved import Solved, shapley_method


def _own(played: Game, evaluations: int, seed: int) -> Solved:
    import shap

    p = played.players
    if p == 1:
        absent, there = played(np.array([[0.0], [1.0]]))
        return Solved(np.array([there - absent]), 2)
    with seeded(seed):
        masker = shap.maskers.Partition(np.zeros((1, p)), clustering=tree(played))
        values = shap.explainers.Partition(played, masker)(np.ones((1, p)), max_evals=evaluations, silent=True).values
    return Solved(np.asarray(values, dtype=float).reshape(-1), evaluations)


def tree(played: Game) -> np.ndarray:
    """Which parts belong together, as scipy's linkage, (players - 1, 4), heights 0 to 1."""
    assert played.places is not None
    found = linkage(played.places, method="average")
    found[:, 2] = np.arange(1, len(found) + 1) / len(found)
    return found


METHOD = shapley_method("shap_partition", "Partition SHAP", _own)
