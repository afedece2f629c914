"""Faithfulness: does what the map puts first matter most to the model?

Deletion and insertion (Petsiuk, Das and Saenko, "RISE", BMVC 2018, section 4.2): the parts are taken away, or brought in, in the map's
order, and the probability of the explained class is followed. The score is the area under that curve, by the trapezoid rule over shares 0 to 1 of
the parts. A good map makes deletion fall fast and insertion rise fast. Beside it, on the same instance and the same fills: a random
order, and for pictures the order of an edge detector. A map that does no better than those has found nothing here.

Comprehensiveness and sufficiency (DeYoung et al., "ERASER", ACL 2020, section 5): the probability lost when the top 1, 5, 10, 20 and 50 % of
the words are taken away, and when only they are left; means over the five.

Intervals are over fills (copies.py), what stands where a part is gone, each with a random order of its own. Fills differ in how high their curves
lie, whoever ranks the parts, so what counts is the difference to a random order on the same fill: the interval is the value -+ what that
difference is sure to. It holds the random order's value where the map cannot be told from it.

Calls: insertion's random order is deletion's in reverse, so that its copies are the same ones; likewise what the words' two scores share with
the curves.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import partial

import numpy as np

from ..explanation import Attribution, Explanation, Score
from ..tasks import Task
from .copies import FILLS, IN_WORDS, Fill, fills
from .importance import Importance, edges, importance, order
from .spec import Case, ScoreSpec, mean_interval

DELETION, INSERTION = "deletion", "insertion"
COMPREHENSIVENESS, SUFFICIENCY = "comprehensiveness", "sufficiency"
THIS_MAP, RANDOM_ORDER, EDGES = "this map", "random order", "edges"
STEPS = {"text": 10, "tabular": 20, "image": 6}  # at most, and no more than there are parts
SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)


def curve_counts(parts: int, modality: str, inserted: bool) -> np.ndarray:
    """How many parts are gone, or there, at each step: int (steps + 1,), 0 first, all last."""
    gone = np.floor(np.linspace(0, parts, min(STEPS[modality], parts) + 1) + 0.5).astype(int)
    return parts - gone[::-1] if inserted else gone


def share_counts(parts: int) -> np.ndarray:
    """How many words the shares of ERASER are, one at least: int (5,)."""
    return np.maximum(1, np.floor(np.array(SHARES) * parts + 0.5).astype(int))


def orders(case: Case, inserted: bool) -> dict[str, list[np.ndarray]]:
    """By rival, for each fill the indices of the parts, first ones first."""
    if "orders" not in case.kept:
        own, many = importance(case.e, case.task), FILLS[case.task.modality]
        ranked = {THIS_MAP: own.values}
        if own.what == "cells":
            ranked[EDGES] = edges(case.e, case.task).values
        found = {name: [order(values, case.rng(f"ties {i}")) for i in range(many)] for name, values in ranked.items()}
        found[RANDOM_ORDER] = [case.rng(f"random {i}").permutation(len(own.values)) for i in range(many)]
        case.kept["orders"] = found
    found = case.kept["orders"]
    return {**found, RANDOM_ORDER: [one[::-1] for one in found[RANDOM_ORDER]]} if inserted else found


def followed(case: Case, counts: np.ndarray, inserted: bool, rivals: tuple[str, ...]) -> dict[str, np.ndarray]:
    """By rival, (fills, counts): the output after so many parts are gone, or with only so many there."""
    own = importance(case.e, case.task)
    made = drawn_fills(case, own)
    ranked = orders(case, inserted)
    return {name: np.array([after(case, fill, ranked[name][i], counts, inserted) for i, fill in enumerate(made)]) for name in rivals}


def after(case: Case, fill: Fill, ranked: np.ndarray, counts: np.ndarray, inserted: bool) -> np.ndarray:
    place = np.empty(len(ranked), dtype=int)
    place[ranked] = np.arange(len(ranked))
    first = place[None] < counts[:, None]
    return case.outputs(fill(first if inserted else ~first))


def drawn_fills(case: Case, own: Importance, many: int | None = None) -> list[Fill]:
    """The same for every score of a case."""
    return fills(case.task, case.e.instance, own, case.rng("fills"), many, case.given.get("baseline"))


def against(own: np.ndarray, rival: np.ndarray, least: float, most: float) -> tuple[float, float | None, float | None]:
    """Mean of `own`, and how far one random order could lie from it by luck; own, rival (fills,), another random order on each fill.

    A map's order is the same on all fills, so its luck does not average out over them: the interval is that of one further difference
    (a prediction interval), not of the mean of them.
    """
    difference, low, high = mean_interval(own - rival, -np.inf, np.inf)
    value = float(own.mean())
    if low is None or high is None:
        return value, None, None
    reach = (high - difference) * np.sqrt(1 + len(own))
    return value, max(value - reach, least), min(value + reach, most)


def area(curve: np.ndarray) -> float:
    """Under a curve at even steps from 0 to 1."""
    return float(np.trapezoid(curve, dx=1 / (len(curve) - 1)))


def rivals_of(modality: str) -> tuple[str, ...]:
    return (THIS_MAP, RANDOM_ORDER, EDGES) if modality == "image" else (THIS_MAP, RANDOM_ORDER)


def _curve_score(inserted: bool, case: Case) -> Score:
    modality, baseline = case.task.modality, case.given.get("baseline")
    gone = IN_WORDS[modality] if baseline is None else f"replaced by: {baseline}"
    meaning = (
        f"Mean probability of the explained class while the parts (at first {gone}) are brought in, the map's first ones first: "
        "1 means that a few are enough."
        if inserted
        else f"Mean probability of the explained class while the parts are taken away ({gone}), the map's first ones first: "
        "0 means that a few carry the answer."
    )
    counts = curve_counts(len(importance(case.e, case.task).values), modality, inserted)
    found = followed(case, counts, inserted, rivals_of(modality))
    areas = {rival: np.array([area(one) for one in some]) for rival, some in found.items()}
    value, low, high = against(areas.pop(THIS_MAP), areas[RANDOM_ORDER], 0.0, 1.0)
    beside = {rival: float(some.mean()) for rival, some in areas.items()}
    drawn = {rival: some.mean(axis=0).tolist() for rival, some in found.items()}
    return Score(INSERTION if inserted else DELETION, value, low, high, inserted, meaning, 0.0, 1.0, beside, drawn)


def _words_score(enough: bool, case: Case) -> Score:
    meaning = (
        "Probability lost when only the map's first words are left: 0 means that they are enough by themselves."
        if enough
        else "Probability lost when the map's first words are taken away: 1 means that the answer rests on them."
    )
    counts = share_counts(len(importance(case.e, case.task).values))
    whole = float(case.outputs([case.e.instance])[0])
    found = followed(case, counts, enough, rivals_of("text"))
    lost = {name: whole - some.mean(axis=1) for name, some in found.items()}
    value, low, high = against(lost[THIS_MAP], lost[RANDOM_ORDER], -1.0, 1.0)
    beside = {RANDOM_ORDER: float(lost[RANDOM_ORDER].mean())}
    return Score(SUFFICIENCY if enough else COMPREHENSIVENESS, value, low, high, not enough, meaning, -1.0, 1.0, beside)


def numbers_to_rank(e: Explanation, task: Task) -> str | None:
    if not isinstance(e.payload, Attribution):
        return "It ranks parts by their numbers, and this explanation gives none."
    return None if task.modality in STEPS else f"It is defined for texts, tables and pictures, not {task.modality}."


def _text_numbers(e: Explanation, task: Task) -> str | None:
    return numbers_to_rank(e, task) or (None if task.modality == "text" else "It is defined for texts.")


def _copies(whole_curve: bool, inserted: bool, e: Explanation, task: Task) -> set[Hashable]:
    """A name for each copy: which order, whether its first parts are gone or alone there, how many, which fill."""
    try:
        parts = len(importance(e, task).values)
    except ValueError:  # there is nothing to score, which `run` will say
        return set()
    counts = curve_counts(parts, task.modality, inserted) if whole_curve else share_counts(parts)
    named: set[Hashable] = {("whole",)}
    for rival in rivals_of(task.modality):
        for count in counts.tolist():
            # Insertion's random order is deletion's in reverse.
            gone, by_gone = (parts - count, rival == RANDOM_ORDER) if inserted else (count, True)
            if gone > 0:
                for fill in range(FILLS[task.modality]):
                    named.add((fill,) if gone == parts else (rival, by_gone, gone, fill))
    return named


def _spec(name: str, fits: Callable[[Explanation, Task], str | None], whole_curve: bool, inserted: bool) -> ScoreSpec:
    copies = partial(_copies, whole_curve, inserted)
    run = partial(_curve_score if whole_curve else _words_score, inserted)
    return ScoreSpec(name, fits, lambda e, task: len(copies(e, task)), run, copies)


SPECS = [
    _spec(DELETION, numbers_to_rank, True, False),
    _spec(INSERTION, numbers_to_rank, True, True),
    _spec(COMPREHENSIVENESS, _text_numbers, False, False),
    _spec(SUFFICIENCY, _text_numbers, False, True),
]
