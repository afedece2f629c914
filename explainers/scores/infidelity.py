"""Infidelity: do the numbers foretell what happens when parts are taken away together?

Yeh et al., "On the (in)fidelity and sensitivity of explanations" (NeurIPS 2019), definition 2.1 with the optimal scaling of the map that
they recommend, here with the optimal shift too (that the probability falls the more, the more is gone, any map foretells), and divided
by the variance of what is to be foretold, so that it lies in 0 to 1 whatever the units: 1 - max(correlation(I.phi, d), 0)^2. I: which parts
are gone, each with probability one half; phi: their numbers; d: how much the probability falls. The scaling may not be negative: a map with
every sign turned round foretells nothing, and scores 1.

The interval is over copies (bootstrap), and at least as wide as the luck of the same numbers dealt out at random, so that it holds the random
order's value where the map cannot be told from it.
"""

from __future__ import annotations

import numpy as np

from ..explanation import Score
from .faithful import EDGES, RANDOM_ORDER, drawn_fills, numbers_to_rank
from .importance import Importance, edges, importance
from .spec import Case, ScoreSpec

INFIDELITY = "infidelity"
COPIES = 40
REDRAWN = 500  # times, for the interval
SHUFFLED = 200  # times the map's own numbers are dealt out at random, for the rival
_BLOCK = 4  # cells of a picture go in blocks of this side: single ones leave it standing
_MEANING = (
    "Share of the changes of the output that the numbers do not foretell when random parts are taken away together: 0 is all foretold, "
    "1 nothing, or the wrong way round."
)


def unforetold(foretold: np.ndarray, changed: np.ndarray) -> float:
    """Both (n,), one number a copy. In 0 to 1; 1 where nothing changed, or nothing or the opposite is foretold."""
    x, y = foretold - foretold.mean(), changed - changed.mean()
    square, total = float(x @ x), float(y @ y)
    if square < 1e-18 or total < 1e-18:
        return 1.0
    return 1 - max(float(x @ y), 0.0) ** 2 / (square * total)


def _run(case: Case) -> Score:
    own = importance(case.e, case.task)
    rng = case.rng("infidelity")
    gone = _gone(own, rng)
    if own.what == "columns":  # a row is drawn anew for each copy
        drawn = drawn_fills(case, own, COPIES)
        after = case.outputs([one for f, row in zip(drawn, gone, strict=True) for one in f(~row[None])])
    else:
        after = case.outputs(drawn_fills(case, own, 1)[0](~gone))
    changed = float(case.outputs([case.e.instance])[0]) - after
    foretold = gone @ own.values
    again = rng.integers(0, COPIES, (REDRAWN, COPIES))
    low, high = np.quantile([unforetold(foretold[i], changed[i]) for i in again], [0.025, 0.975])
    value = unforetold(foretold, changed)
    noise = np.array([unforetold(gone @ rng.permutation(own.values), changed) for _ in range(SHUFFLED)])
    beside = {RANDOM_ORDER: float(noise.mean())}
    lucky, unlucky = np.quantile(noise, [0.025, 0.975])
    low, high = min(low, value - (unlucky - noise.mean())), max(high, value + (noise.mean() - lucky))
    if own.what == "cells":
        beside[EDGES] = unforetold(gone @ edges(case.e, case.task).values, changed)
    low, high = max(min(float(low), value), 0.0), min(max(float(high), value), 1.0)
    return Score(INFIDELITY, value, low, high, False, _MEANING, 0.0, 1.0, beside)


def _gone(own: Importance, rng: np.random.Generator) -> np.ndarray:
    """bool (COPIES, parts)."""
    if own.grid is None:
        return rng.random((COPIES, len(own.values))) < 0.5
    rows, columns = own.grid
    blocks = rng.random((COPIES, -(-rows // _BLOCK), -(-columns // _BLOCK))) < 0.5
    return blocks.repeat(_BLOCK, 1).repeat(_BLOCK, 2)[:, :rows, :columns].reshape(COPIES, -1)


SPECS = [ScoreSpec(INFIDELITY, numbers_to_rank, lambda e, task: COPIES + 1, _run)]
