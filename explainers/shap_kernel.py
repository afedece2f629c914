"""Kernel SHAP: Shapley values by a weighted linear regression over coalitions of parts.

Lundberg and Lee, "A unified approach to interpreting model predictions" (NeurIPS 2017); the shap package's `KernelExplainer`, without its own
selection of features. Exact where all coalitions are asked about. The numbers add up to output(instance) - output(nothing there).
"""

from __future__ import annotations

import warnings

import numpy as np

from .engine import Ended
from .shapley.game import Game
from .shapley.seeded import seeded
from .shapley.solved import Solved, shapley_method


def _own(played: Game, evaluations: int, seed: int) -> Solved:
    import shap

    p = played.players
    with seeded(seed), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of regressions with few samples: the interval over seeds says it better
        explainer = shap.KernelExplainer(played, np.zeros((1, p)))
        try:
            values = explainer.shap_values(np.ones((1, p)), nsamples=evaluations, l1_reg=0, silent=True)
        except Ended as ended:
            return _so_far(played, explainer.maskMatrix[: explainer.nsamplesAdded], explainer.kernelWeights, ended)
    return Solved(np.asarray(values, dtype=float).reshape(-1), min(evaluations, 2 ** min(p, 30)))


def _so_far(played: Game, masks: np.ndarray, weights: np.ndarray, ended: Ended) -> Solved:
    """The same regression over the coalitions, in the package's order, that were asked about before a limit.

    masks  0/1 (n, players); weights (n,). Raises `ended` where they do not tell the parts apart.
    """
    asked = next((n for n in range(len(masks)) if played.answered(masks[n]) is None), len(masks))
    masks, root = masks[:asked], np.sqrt(weights[:asked])
    free = (masks[:, :-1] - masks[:, -1:]) * root[:, None]  # the last part has what the others leave of the effect
    if not asked or np.linalg.matrix_rank(free) < played.players - 1:
        raise ended
    absent, there = played(np.stack([np.zeros(played.players), np.ones(played.players)]))
    outputs = played(masks) - absent - masks[:, -1] * (there - absent)
    first = np.linalg.lstsq(free, outputs * root, rcond=None)[0]
    return Solved(np.append(first, there - absent - first.sum()), asked, stopped=str(ended))


METHOD = shapley_method("shap_kernel", "Kernel SHAP", _own, least=lambda players: min(players + 2, 2**players))
