"""Permutation SHAP: what each part adds when parts come one after the other, over random orders, by the shap package's `PermutationExplainer`.

Strumbelj and Kononenko, "Explaining prediction models and individual predictions with feature contributions" (2014); each order is walked forward
and then backward (Mitchell, Cooper, Frank and Holmes, "Sampling permutations for Shapley value estimation", JMLR 2022), which makes it exact
where no more than two parts act together. The package draws the orders and asks; its mean over them is taken here, so that orders already
walked are kept when a limit ends it, and the spread between them gives a 95 % interval (Student's t; from three orders on).

The interval is about the order only, not about the choice of background rows.
"""

from __future__ import annotations

import numpy as np
from scipy.stats import t as student

from .engine import Ended
from .shapley import method
from .shapley.method import Found, Play, shapley_method

FEWEST_FOR_INTERVAL = 3  # walks
MOST_FREE = 100  # walks, where many of their copies were asked about before and cost nothing


def _own(play: Play) -> Found | None:
    import shap

    from .shapley.masker import Masker

    count = play.count
    walks: list[np.ndarray] = []

    def walked(masks: np.ndarray) -> np.ndarray:
        worth = play.value(masks, whole=True)
        walks.append(contributions(masks > 0.5, worth))
        return worth

    explainer = shap.PermutationExplainer(walked, Masker(count), seed=play.seed % 2**32)
    rounds = max(MOST_FREE, play.evals // max(1, 2 * (count - 1)))
    step = 2 * count + 1  # nobody, forth to everybody, and back
    stopped = ""
    try:
        explainer(np.ones((1, count)), max_evals=rounds * step, batch_size=step, silent=True)
    except Ended as ended:
        if not walks:
            return None
        stopped = str(ended)
    found = np.array(walks)
    n, mean = len(found), found.mean(axis=0)
    if n < FEWEST_FOR_INTERVAL:
        return Found(mean, stopped=stopped)
    reach = student.ppf(0.975, n - 1) * found.std(axis=0, ddof=1) / np.sqrt(n)
    return Found(mean, mean - reach, mean + reach, stopped=stopped)


def contributions(masks: np.ndarray, worth: np.ndarray) -> np.ndarray:
    """What each player added on one walk forth and back, the mean of both: float64 (players,).

    masks  bool (2 players + 1, players), each unlike the one before in one player; worth (2 players + 1,)
    """
    player = (masks[1:] ^ masks[:-1]).argmax(axis=1)
    came = masks[1:][np.arange(len(player)), player]
    return np.bincount(player, np.diff(worth) * np.where(came, 1, -1), minlength=masks.shape[1]) / 2


METHOD = shapley_method(
    "shap_permutation", "SHAP: permutations",
    {"text": method.TextParams, "image": method.ImageParams, "tabular": method.TableParams}, _own, lambda evals: evals // 2 + 1,
)  # fmt: skip
