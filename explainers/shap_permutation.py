"""Permutation SHAP: Shapley values as the mean change of the output when a part joins, over random orders of joining.

Castro, Gomez and Tejada 2009; the shap package's `Permutation` explainer, each order forth and back. One order costs twice as many
coalitions as there are parts; the interval is over orders (Student's t). A result at a limit is the mean over the orders finished.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from .engine import Ended
from .shapley.game import Game
from .shapley.masker import Masker
from .shapley.seeded import seeded
from .shapley.solved import Solved, shapley_method


def _own(played: Game, evaluations: int, seed: int) -> Solved:
    import shap

    p = played.players
    rounds = max(1, evaluations // _round(p))
    found: list[np.ndarray] = []
    stopped = ""
    for drawn in np.random.SeedSequence(seed).generate_state(rounds):
        try:
            with seeded(int(drawn)):
                explainer = shap.explainers.Permutation(played, Masker(p), seed=int(drawn))
                values = explainer(np.ones((1, p)), max_evals=_round(p), batch_size=_round(p), silent=True).values
        except Ended as ended:
            if not found:
                raise
            stopped = str(ended)
            break
        found.append(np.asarray(values, dtype=float).reshape(-1))
    mean = np.mean(found, axis=0)
    if len(found) < 2:
        return Solved(mean, len(found) * _round(p), stopped=stopped)
    reach = stats.t.ppf(0.975, len(found) - 1) * np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    return Solved(mean, len(found) * _round(p), mean - reach, mean + reach, stopped=stopped)


def _round(players: int) -> int:
    """Coalitions of one order, forth and back."""
    return 2 * players + 1


METHOD = shapley_method("shap_permutation", "Permutation SHAP", _own, least=_round)
