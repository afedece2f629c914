"""Partition SHAP: Shapley values (Owen values) on a tree of parts: first between halves of the instance, then within each.

The shap package's `Partition` explainer; Owen 1977. Few coalitions are needed, because the budget goes where the output changes. The tree:
neighbouring words, neighbouring superpixels, columns that correlate. The numbers add up to output(instance) - output(nothing there).
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy.cluster.hierarchy import linkage

from .engine import Ended
from .shapley.game import Game
from .shapley.masker import Masker
from .shapley.seeded import seeded
from .shapley.solved import Solved, shapley_method

_AT_ONCE = 10  # coalitions that the package asks about together
_LEAST = 4  # nobody, everybody and the first two halves: fewer say nothing of any part


def _own(played: Game, evaluations: int, seed: int) -> Solved:
    p = played.players
    if p == 1:
        absent, there = played(np.array([[0.0], [1.0]]))
        return Solved(np.array([there - absent]), 2)
    clusters, done = tree(played), 0

    def counted(masks: np.ndarray) -> np.ndarray:
        nonlocal done
        outputs = played(masks)
        done += len(masks)
        return outputs

    def remembered(masks: np.ndarray) -> np.ndarray:
        outputs = played.answered(masks)
        if outputs is None:
            raise _NotAsked
        return outputs

    try:
        return Solved(_values(counted, clusters, evaluations, seed), evaluations)
    except Ended as ended:
        # Up to the limit it asked what a smaller budget would have asked: the largest such budget gives a whole result, from memory.
        for fewer in range(min(done + _AT_ONCE, evaluations), _LEAST - 1, -1):
            try:
                return Solved(_values(remembered, clusters, fewer, seed), fewer, stopped=str(ended))
            except _NotAsked:
                continue
        raise


class _NotAsked(Exception):
    """A coalition that the limit came before."""


def _values(play: Callable[[np.ndarray], np.ndarray], clusters: np.ndarray, evaluations: int, seed: int) -> np.ndarray:
    """The package's own, float64 (players,)."""
    import shap

    p = len(clusters) + 1
    with seeded(seed):
        values = shap.explainers.Partition(play, Masker(p, clusters))(np.ones((1, p)), max_evals=evaluations, silent=True).values
    return np.asarray(values, dtype=float).reshape(-1)


def tree(played: Game) -> np.ndarray:
    """Which parts belong together, as scipy's linkage, (players - 1, 4), heights 0 to 1."""
    assert played.places is not None
    found = linkage(played.places, method="average")
    found[:, 2] = np.arange(1, len(found) + 1) / len(found)
    return found


METHOD = shapley_method("shap_partition", "Partition SHAP", _own)
