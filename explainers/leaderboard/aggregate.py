"""Scores of single instances -> the cells of a board.

A mean has an interval by Student's t over instances; a share of hits (each instance 0 or 1) by Wilson 1927. Differences are paired by instance.
Places: a method is surely better than another where the paired difference has its whole interval on the better side, at 1 - 0.05 / (methods - 1),
so that all comparisons of one method hold together at 95 % (Bonferroni). Its place lies between 1 + the number of methods surely better
and their number - those surely worse.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from ..explanation import Score
from ..intervals import wilson
from ..quality import flagged
from ..scores.faithful import EDGES, RANDOM_ORDER
from ..scores.infidelity import INFIDELITY
from ..scores.noise import NOISE
from ..scores.sanity import CHANGE
from ..scores.truth import AREA, POINTING, ZEROS
from .artifact import RANDOM, Board, Cell, Column, Difference, LeftOut, Row

RIVALS = {RANDOM_ORDER: "Random order of parts", EDGES: "Edge detector", AREA: "Share of the area", ZEROS: "All zeros"}
ADDS_UP = "adds up"  # share of the maps that keep their promise to add up
HITS = (POINTING, ADDS_UP)  # 0 or 1 an instance
# Random numbers ask the model nothing: that they hold still, or do not change with its weights, is no merit to be held against others.
NO_RIVAL = (NOISE, CHANGE)


@dataclass(frozen=True)
class Unit:
    """What one method gave on one instance: from one line of the work file.

    scores  by name; beside: by score, what rivals reach on the same instance; about: by score, how it is to be read
    calls   of the map, seconds: processor time of the map; None where this unit only measures steadiness
    error   why there is no map, "" where there is
    """

    method: str
    instance: int
    scores: dict[str, float] = field(default_factory=dict)
    beside: dict[str, dict[str, float]] = field(default_factory=dict)
    about: dict[str, Column] = field(default_factory=dict)
    calls: int | None = None
    seconds: float | None = None
    partial: bool = False
    error: str = ""


@dataclass(frozen=True)
class Setup:
    """What a board is of: everything in it but columns and rows. methods: name -> (title, params) in the order of the board."""

    name: str
    task: str
    model: str
    title: str
    model_title: str
    modality: str
    model_fingerprint: str
    instances: Sequence[str]  # their hashes
    steady_instances: int
    what: str
    methods: Mapping[str, tuple[str, dict[str, Any]]]
    left_out: Sequence[LeftOut] = ()


def board(setup: Setup, units: Sequence[Unit]) -> Board:
    """The same for the same units, whatever order they were made in."""
    place = {name: i for i, name in enumerate(setup.methods)}
    units = sorted((unit for unit in units if unit.method in place), key=lambda u: (u.instance, place[u.method], u.calls is None))
    columns = _columns(units)
    values = {column.name: _values(units, column.name) for column in columns}
    rivals = {column.name: _rivals(units, column.name) for column in columns}
    rows = [_method_row(setup, name, units, columns, values, rivals) for name in setup.methods]
    named = [name for name in RIVALS if any(name in found for found in rivals.values())]
    rows += [_rival_row(name, columns, values, rivals) for name in named]
    digest = hashlib.sha256("\n".join(setup.instances).encode()).hexdigest()
    return Board(
        setup.name, setup.task, setup.model, setup.title, setup.model_title, setup.modality, setup.model_fingerprint,
        len(setup.instances), setup.steady_instances, setup.what, digest, columns, rows, list(setup.left_out),
    )  # fmt: skip


def _columns(units: Sequence[Unit]) -> list[Column]:
    found: dict[str, Column] = {}
    for unit in units:
        for name, column in unit.about.items():
            if name in unit.scores:
                found.setdefault(name, column)
    return sorted(found.values(), key=lambda column: _order(column.name))


def _order(name: str) -> tuple[int, str]:
    from ..quality import SCORES

    return (SCORES.index(name) if name in SCORES else len(SCORES), name)


# One number an instance, by its place among the instances.
Numbers = dict[int, float]


def _values(units: Sequence[Unit], score: str) -> dict[str, Numbers]:
    """By method."""
    found: dict[str, Numbers] = {}
    for unit in units:
        if score in unit.scores:
            found.setdefault(unit.method, {})[unit.instance] = unit.scores[score]
    return found


def _rivals(units: Sequence[Unit], score: str) -> dict[str, Numbers]:
    """By rival: the same whichever method stands beside it, so the first is taken. (Infidelity's depends on the method.)"""
    found: dict[str, Numbers] = {}
    for unit in units if score != INFIDELITY else ():
        for name, value in unit.beside.get(score, {}).items():
            if name in RIVALS:
                found.setdefault(name, {}).setdefault(unit.instance, value)
    return found


def _method_row(
    setup: Setup, name: str, units: Sequence[Unit], columns: Sequence[Column], values: dict[str, Any], rivals: dict[str, Any]
) -> Row:
    title, params = setup.methods[name]
    own = [unit for unit in units if unit.method == name]
    maps = [unit for unit in own if unit.calls is not None or unit.error]
    made = [unit for unit in maps if not unit.error]
    cells = {}
    for column in columns:
        numbers = values[column.name].get(name)
        if numbers:
            compared = column.name not in NO_RIVAL
            others = {RANDOM: values[column.name].get(RANDOM, {})} if compared and name != RANDOM else {}
            ranked = {other: found for other, found in values[column.name].items() if compared or other != RANDOM}
            place = _place(name, ranked, column.higher_is_better) if name in ranked else None
            cells[column.name] = _cell(numbers, {**others, **rivals[column.name]}, place, column)
    changed = cells.get(CHANGE)
    return Row(
        name,
        title,
        cells,
        params=params,
        calls=float(np.mean([unit.calls for unit in made])) if made else None,
        most_calls=max(int(unit.calls or 0) for unit in made) if made else None,
        seconds=float(np.median([unit.seconds for unit in made])) if made else None,
        instances=len(maps),
        partial=sum(unit.partial for unit in made),
        failed=len(maps) - len(made),
        flagged=changed is not None and flagged(Score(CHANGE, changed.mean, None, None, True)),
    )


def _rival_row(name: str, columns: Sequence[Column], values: dict[str, Any], rivals: dict[str, Any]) -> Row:
    cells = {
        column.name: _cell(rivals[column.name][name], {RANDOM: values[column.name].get(RANDOM, {})}, None, column)
        for column in columns
        if name in rivals[column.name]
    }
    return Row(name, RIVALS[name], cells, rival=True)


def _cell(numbers: Numbers, others: Mapping[str, Numbers], place: tuple[int, int] | None, column: Column) -> Cell:
    mean, low, high = mean_interval(np.array(list(numbers.values())), column.least, column.most, column.name in HITS)
    against = {name: found for name, other in others.items() if (found := difference(numbers, other)) is not None}
    return Cell(mean, low, high, len(numbers), against, place)


def mean_interval(
    values: np.ndarray, least: float | None, most: float | None, hits: bool = False
) -> tuple[float, float | None, float | None]:
    """Mean and its 95 % interval, cut to what the score can be; none for a single value. hits: 0 or 1 each, or a share where the tops tie."""
    mean = float(values.mean())
    if len(values) < 2:
        return mean, None, None
    if hits:
        return mean, *wilson_of(mean, len(values))
    reach = _reach(values, 0.05)
    return mean, max(mean - reach, -np.inf if least is None else least), min(mean + reach, np.inf if most is None else most)


def wilson_of(share: float, n: int) -> tuple[float, float]:
    """That of the nearest whole number of hits, made to hold the share itself."""
    low, high = wilson(round(share * n), n)
    return min(low, share), max(high, share)


def difference(one: Numbers, other: Numbers, alpha: float = 0.05) -> Difference | None:
    """Over the instances both have; None where there are none."""
    shared = [i for i in one if i in other]
    if not shared:
        return None
    apart = np.array([one[i] - other[i] for i in shared])
    mean = float(apart.mean())
    if len(apart) < 2:
        return Difference(mean, None, None, 1)
    reach = _reach(apart, alpha)
    return Difference(mean, mean - reach, mean + reach, len(apart))


def _reach(values: np.ndarray, alpha: float) -> float:
    return float(stats.t.ppf(1 - alpha / 2, len(values) - 1) * values.std(ddof=1) / np.sqrt(len(values)))


def _place(name: str, values: Mapping[str, Numbers], higher_is_better: bool) -> tuple[int, int]:
    """Among all methods that have the score, the random one too where it is compared."""
    others = [other for other in values if other != name]
    alpha = 0.05 / max(len(others), 1)
    found = [apart for other in others if (apart := difference(values[name], values[other], alpha)) is not None]
    ahead = sum(apart.worse(higher_is_better) for apart in found)
    behind = sum(apart.better(higher_is_better) for apart in found)
    return 1 + ahead, 1 + len(others) - behind
