"""Agreement: do other methods put the same parts first?

Rank correlation (Spearman) of this map with the maps that up to two other methods make of the same instance, class and model, each within its
own default settings and a limit of model calls. Where one of the two says only how strongly a part counts, sizes are compared. Krishna et
al., "The disagreement problem in explainable machine learning" (2022), section 3, measures methods against each other like this; that methods
agree does not make them right.

The interval is over parts (Bonett and Wright 2000), as if each part were drawn alone: neighbouring cells of a picture are not, so there it is
too narrow, and counts one part for each area of the picture instead of each cell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import stats

from ..engine import CANCELLED
from ..explanation import Attribution, Explanation, Score
from ..methods import explain, forecast, methods
from ..tasks import Task
from .importance import importance
from .sanity import LEAST_PARTS
from .spec import Case, ScoreSpec, Stopped

AGREEMENT = "agreement with other methods"
OTHERS: Mapping[str, dict[str, Any]] = {"occlusion": {}, "integrated_gradients": {}, "lime": {"num_features": None}}  # with their settings
MOST_CALLS = {"tabular": 1_000}  # of another method; elsewhere:
_MOST = 200
_MEANING = (
    "Rank correlation with what {} put first: 1 is the same order, 0 no relation, -1 the reverse. Methods that agree can still be wrong."
)


def rivals(e: Explanation, task: Task) -> list[tuple[str, str]]:
    """(name, title) of the two methods to compare with: the first that fit, and are not the explanation's own."""
    fitting = {method.name: method.title for method in methods(task) if method.fits}
    return [(name, fitting[name]) for name in OTHERS if name in fitting and name != e.method][:2]


def rank_correlation(one: np.ndarray, other: np.ndarray) -> float:
    """Spearman's, 0 where one of the two has a single value."""
    return 0.0 if np.ptp(one) == 0 or np.ptp(other) == 0 else float(stats.spearmanr(one, other).statistic)


def _run(case: Case) -> Score:
    e, others = case.e, rivals(case.e, case.task)
    own = importance(e, case.task)
    found: dict[str, float] = {}
    for number, (name, title) in enumerate(others):
        other = explain(
            name, case.task, e.instance, target=e.target, seed=case.seed, max_calls=_most(case.task), cancel=case.ask.limits.cancel,
            on_progress=lambda share, left, number=number: case.progress((number + share) / len(others)),  # type: ignore[misc]
            **OTHERS[name],
        )  # fmt: skip
        if other.reason == CANCELLED:
            raise Stopped
        if not isinstance(other.payload, Attribution) or other.payload.values.size == 0:
            continue  # the limit ended it before there was anything
        values = importance(other, case.task).values
        if len(values) != len(own.values):
            continue
        signed = e.payload.signed and other.payload.signed
        found[title] = rank_correlation(*((own.values, values) if signed else (np.abs(own.values), np.abs(values))))
    if not found:
        raise ValueError("No other method gives numbers to the same parts of this instance, so there is nothing to agree with.")
    value = float(np.mean(list(found.values())))
    parts = len(own.values) if own.what != "cells" else len(e.payload.values)
    reach = 1.96 * np.sqrt((1 + value**2 / 2) / max(parts - 3, 1))
    low, high = np.tanh(np.arctanh(np.clip(value, -0.999, 0.999)) + np.array([-reach, reach]))
    meaning = _MEANING.format(" and ".join(found))
    if parts < LEAST_PARTS:  # whose ranks agree, or are opposite, too often by chance: the interval above knows nothing of that
        low, high, meaning = -1.0, 1.0, f"{meaning} So few parts have the same order by luck too often for it to say much."
    return Score(AGREEMENT, value, min(float(low), value), max(float(high), value), True, meaning, -1.0, 1.0, found)


def _fits(e: Explanation, task: Task) -> str | None:
    if not isinstance(e.payload, Attribution):
        return "It compares numbers of parts, and this explanation gives none."
    return None if rivals(e, task) else "No other method that it is held against fits this model."


def _most(task: Task) -> int:
    return MOST_CALLS.get(task.modality, _MOST)


def _calls(e: Explanation, task: Task) -> int:
    most = _most(task)
    return sum(min(forecast(name, task, e.instance, max_calls=most, **OTHERS[name]).calls, most) for name, _ in rivals(e, task))


SPECS = [ScoreSpec(AGREEMENT, _fits, _calls, _run)]
