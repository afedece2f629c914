"""Faithfulness: does what the map puts first matter most to the model?

Deletion and insertion (Petsiuk, Das and Saenko, "RISE", BMVC 2018, section 4.2): the parts are taken away, or brought in, in the map's
order, and the probability of the explained class is followed. The score is the area under that curve, by the trapezoid rule over shares 0 to 1 of
the parts. A good map makes deletion fall fast and insertion rise fast. Beside it, on the same instance and the same fills: a random
order, and for pictures the order of an edge detector. A map that does no better than those has found nothing here.

Comprehensiveness and sufficiency (DeYoung et al., "ERASER", ACL 2020, section 5): the probability lost when the top 1, 5, 10, 20 and 50 % of
the words are taken away, and when only they are left; means over the five.

Intervals are over fills (copies.py), what stands where a part is gone. Fills differ in how high their curves lie, whoever ranks the parts, so what
counts is the difference to a random order on the same fill: the interval is the value -+ what that difference is sure to. It holds the random
order's value where the map cannot be told from it.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from ..explanation import Attribution, Explanation, Score
from ..tasks import Task
from .copies import FILLS, Fill, fills
from .importance import Importance, edges, importance, order
from .spec import Case, ScoreSpec, mean_interval

DELETION, INSERTION = "deletion", "insertion"
COMPREHENSIVENESS, SUFFICIENCY = "comprehensiveness", "sufficiency"
THIS_MAP, RANDOM_ORDER, EDGES = "this map", "random order", "edges"
STEPS = {"text": 10, "tabular": 20, "image": 6}  # at most, and no more than there are parts
SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)


def curves(case: Case, inserted: bool) -> dict[str, np.ndarray]:
    """By rival, (fills, steps + 1): the output after each share of the parts is gone, or brought in."""
    key = f"curves {inserted}"
    if key not in case.kept:
        own = importance(case.e, case.task)
        rng = case.rng("fills")
        made = fills(case.task, case.e.instance, own, rng)
        rivals: dict[str, Callable[[int], np.ndarray]] = {
            THIS_MAP: lambda i: order(own.values, case.rng(f"ties {i}")),
            RANDOM_ORDER: lambda i: case.rng(f"random {i}").permutation(len(own.values)),
        }
        if case.task.modality == "image":
            edge = edges(case.e, case.task).values
            rivals[EDGES] = lambda i: order(edge, case.rng(f"ties {i}"))
        case.kept[key] = {
            name: np.array([_curve(case, own, fill, ranked(i), inserted) for i, fill in enumerate(made)]) for name, ranked in rivals.items()
        }
    return case.kept[key]


def _curve(case: Case, of: Importance, fill: Fill, ranked: np.ndarray, inserted: bool) -> np.ndarray:
    """The output as the parts go, or come, in the order `ranked`: (steps + 1,)."""
    parts = len(of.values)
    steps = min(STEPS[case.task.modality], parts)
    place = np.empty(parts, dtype=int)
    place[ranked] = np.arange(parts)
    first = place[None] < np.round(np.linspace(0, parts, steps + 1)).astype(int)[:, None]
    return case.outputs(fill(first if inserted else ~first))


def against(own: np.ndarray, rival: np.ndarray, least: float, most: float) -> tuple[float, float | None, float | None]:
    """Mean of `own`, and an interval as wide as that of its difference to `rival`, paired by fill; (fills,) each."""
    difference, low, high = mean_interval(own - rival, -np.inf, np.inf)
    value = float(own.mean())
    if low is None or high is None:
        return value, None, None
    return value, max(value + low - difference, least), min(value + high - difference, most)


def area(curve: np.ndarray) -> float:
    """Under a curve at even steps from 0 to 1."""
    return float(np.trapezoid(curve, dx=1 / (len(curve) - 1)))


def _area_score(inserted: bool) -> Callable[[Case], Score]:
    name = INSERTION if inserted else DELETION
    meaning = (
        "Mean probability of the explained class while the parts are brought in, the map's first ones first: 1 means that a few are enough."
        if inserted
        else "Mean probability of the explained class while the parts are taken away, the map's first ones first: "
        "0 means that a few carry the answer."
    )

    def run(case: Case) -> Score:
        found = curves(case, inserted)
        areas = {rival: np.array([area(one) for one in some]) for rival, some in found.items()}
        value, low, high = against(areas.pop(THIS_MAP), areas[RANDOM_ORDER], 0.0, 1.0)
        beside = {rival: float(some.mean()) for rival, some in areas.items()}
        drawn = {rival: some.mean(axis=0).tolist() for rival, some in found.items()}
        return Score(name, value, low, high, inserted, meaning, 0.0, 1.0, beside, drawn)

    return run


def _words_score(enough: bool) -> Callable[[Case], Score]:
    meaning = (
        "Probability lost when only the map's first words are left: 0 means that they are enough by themselves."
        if enough
        else "Probability lost when the map's first words are taken away: 1 means that the answer rests on them."
    )

    def run(case: Case) -> Score:
        own = importance(case.e, case.task)
        made = fills(case.task, case.e.instance, own, case.rng("fills"))
        whole = float(case.outputs([case.e.instance])[0])
        ranked = {THIS_MAP: own.values, RANDOM_ORDER: case.rng("random words").random(len(own.values))}
        lost = {name: _lost(case, values, made, whole, enough) for name, values in ranked.items()}
        value, low, high = against(lost[THIS_MAP], lost[RANDOM_ORDER], -1.0, 1.0)
        beside = {RANDOM_ORDER: float(lost[RANDOM_ORDER].mean())}
        return Score(SUFFICIENCY if enough else COMPREHENSIVENESS, value, low, high, not enough, meaning, -1.0, 1.0, beside)

    return run


def _lost(case: Case, values: np.ndarray, made: list[Fill], whole: float, enough: bool) -> np.ndarray:
    """Mean over the shares, for each fill."""
    place = np.empty(len(values), dtype=int)
    place[order(values, case.rng("ties 0"))] = np.arange(len(values))
    top = place[None] < np.maximum(1, np.ceil(np.array(SHARES) * len(values))).astype(int)[:, None]
    return np.array([whole - case.outputs(fill(top if enough else ~top)).mean() for fill in made])


def _numbers(e: Explanation, task: Task) -> str | None:
    return None if isinstance(e.payload, Attribution) else "It ranks parts by their numbers, and this explanation gives none."


def _text_numbers(e: Explanation, task: Task) -> str | None:
    return _numbers(e, task) or (None if task.modality == "text" else "It is defined for texts.")


def _calls(e: Explanation, task: Task) -> int:
    rivals = 3 if task.modality == "image" else 2
    return FILLS[task.modality] * rivals * STEPS[task.modality]


def _few_calls(e: Explanation, task: Task) -> int:
    return 2 * FILLS["text"] * len(SHARES)


SPECS = [
    ScoreSpec(DELETION, _numbers, _calls, _area_score(False)),
    ScoreSpec(INSERTION, _numbers, _calls, _area_score(True)),
    ScoreSpec(COMPREHENSIVENESS, _text_numbers, _few_calls, _words_score(False)),
    ScoreSpec(SUFFICIENCY, _text_numbers, _few_calls, _words_score(True)),
]
