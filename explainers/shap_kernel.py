"""Kernel SHAP: Shapley values by a weighted linear regression over coalitions of parts.

Lundberg and Lee, "A unified approach to interpreting model predictions" (NeurIPS 2017); the shap package's `KernelExplainer`, without its own
selection of features. Exact where all coalitions are asked about. The numbers add up to output(instance) - output(nothing there).
"""

from __future__ import annotations

import warnings

import numpy as np

from .shapley.game import Game
from .shapley.seeded import seeded
from .shapley.solved import Solved, shapley_method


def _own(played: Game, evaluations: int, seed: int) -> Solved:
    import shap

    p = played.players
    with seeded(seed), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of regressions with few samples: the interval over seeds says it better
        explainer = shap.KernelExplainer(played, np.zeros((1, p)))
        values = explainer.shap_values(np.ones((1, p)), nsamples=evaluations, l1_reg=0, silent=True)
    return Solved(np.asarray(values, dtype=float).reshape(-1), min(evaluations, 2 ** min(p, 30)))


METHOD = shapley_method("shap_kernel", "Kernel SHAP", _own, least=lambda players: min(players + 2, 2**players))
