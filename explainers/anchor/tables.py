"""Conditions on the columns of a table, and rows that meet them.

As published: whole rows of the training data, drawn with replacement, in which the columns of the rule are overwritten: by the
row's own value for a category; for a condition on a number, values that do not meet it are redrawn from the training values that do.
Numbers are cut at their quartiles (bins.py), and a condition says on which side of a cut the number lies.

All rules of one search see the same drawn rows, so that rules are compared on equal terms, and a row that a condition leaves
as it was need not be asked about again.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from .. import bins as binning
from ..engine import Asker
from ..models.tables import CodedTable, Column, same_value
from ..neighbourhoods.tables import column_bins, train_frame
from ..payloads import Condition
from ..tasks import Task
from .search import Rule

MOST_COVERED = 10_000  # training rows on which coverage is measured
_MIX = np.uint64(0x9E3779B97F4A7C15)


@dataclass(frozen=True)
class TrainCodes:
    """The training rows as whole numbers.

    codes   int32 (columns, rows): index of the value in `values`
    values  per column: the known categories, or the distinct numbers in ascending order
    sorted  per column of numbers: its codes in ascending order; None for a category
    """

    codes: np.ndarray
    values: list[Any]
    sorted: list[np.ndarray | None]


def train_codes(task: Task) -> TrainCodes:
    """Worked out once for a table and kept beside its rows, so that both are forgotten together."""
    kept: dict[Any, Any] = task.split("train").__dict__.setdefault("_kept", {})
    key = ("train codes", task.table)
    if key not in kept:
        frame = train_frame(task)
        codes: list[np.ndarray] = []
        values: list[Any] = []
        ordered: list[np.ndarray | None] = []
        for column in task.table.columns:
            if column.values is not None:
                codes.append(pd.Index(list(column.values), dtype=object).get_indexer(pd.Index(frame[column.name], dtype=object)))
                values.append(column.values)
                ordered.append(None)
            else:
                distinct, inverse = np.unique(frame[column.name].to_numpy(dtype=_dtype(column)), return_inverse=True)
                codes.append(inverse)
                values.append(distinct)
                ordered.append(np.sort(inverse).astype(np.int32))
        kept[key] = TrainCodes(np.stack(codes).astype(np.int32), values, ordered)
    return kept[key]


@dataclass(frozen=True)
class Held:
    """What a rule asks of one column: codes in [low, high) may stay.

    Others become one of those at places [first, end) of the column's `TrainCodes.sorted`, or, where there are none, `code`.
    """

    code: int
    low: int
    high: int
    first: int = 0
    end: int = 0


class TableWorld:
    """Predicates about one row, and rows drawn under them."""

    covers = "rows of the training data"
    caveats: tuple[str, ...] = ()

    def __init__(self, task: Task, row: dict[str, Any]):
        self.task, self.row, self.train = task, row, train_codes(task)
        self.columns = task.table.columns
        self.conditions: list[Condition] = []
        self.names: list[str] = []
        groups: list[tuple[int, str]] = []
        for j, cut in enumerate(column_bins(task, binning.QUARTILE)):
            for condition in _conditions(cut, row[cut.column.name]):
                self.conditions.append(condition)
                self.names.append(_name(condition))
                groups.append((j, condition.op))
        known = list(dict.fromkeys(groups))
        self.groups = np.array([known.index(group) for group in groups])
        self._own: list[int] = []
        self._own = [self._code(j, row[column.name]) for j, column in enumerate(self.columns)]

    def _code(self, j: int, value: Any) -> int:
        """Code of a value of the instance. A number that the training rows have not gets the next free one."""
        if self._own and same_value(value, self.row[self.columns[j].name]):
            return self._own[j]
        if self.columns[j].values is not None:
            return int(pd.Index(list(self.columns[j].values or ()), dtype=object).get_indexer(pd.Index([value], dtype=object))[0])
        number = _dtype(self.columns[j])(value)
        at = int(np.searchsorted(self.train.values[j], number))
        known = at < len(self.train.values[j]) and self.train.values[j][at] == number
        return at if known else len(self.train.values[j])

    def held(self, conditions: Sequence[Condition]) -> dict[int, Held]:
        """What the conditions ask, by column."""
        asked: dict[int, Held] = {}
        for condition in conditions:
            j = self.task.table.names.index(condition.feature)
            if condition.op == "==":
                code = self._code(j, condition.value)
                asked[j] = Held(code, code, code + 1)
                continue
            before = asked.get(j, Held(self._own[j], 0, len(self.train.values[j])))
            cut = int(np.searchsorted(self.train.values[j], float(condition.value), side="right"))
            low, high = (max(cut, before.low), before.high) if condition.op == ">" else (before.low, min(cut, before.high))
            ordered = self.train.sorted[j]
            assert ordered is not None  # only numbers are compared
            first, end = np.searchsorted(ordered, [low, high])
            asked[j] = Held(before.code, low, high, int(first), int(end))
        return asked

    def rows(self, held: dict[int, Held], index: np.ndarray, level: np.ndarray) -> np.ndarray:
        """Codes int32 (columns, n) of training rows `index` (n,) made to obey. level: (columns, n) in [0, 1), which value is redrawn."""
        codes = self.train.codes[:, index]
        for j, asked in held.items():
            if asked.high == asked.low + 1:
                codes[j] = asked.low
                continue
            outside = (codes[j] < asked.low) | (codes[j] >= asked.high)
            ordered = self.train.sorted[j]
            if ordered is not None and asked.first < asked.end:
                codes[j, outside] = ordered[asked.first + (level[j, outside] * (asked.end - asked.first)).astype(np.int64)]
            else:  # no training row meets the conditions, but the instance does
                codes[j, outside] = asked.code
        return codes

    def batch(self, codes: np.ndarray) -> CodedTable:
        """Rows as the model's line takes them."""
        held: list[Any] = []
        for column, known, code in zip(self.columns, self._numbers, codes, strict=True):
            held.append(code if column.values is not None else known.take(code))
        return CodedTable(self.task.table, tuple(held))

    @cached_property
    def _numbers(self) -> list[Any]:
        """Per column of numbers, the training values and the instance's own, in the column's dtype; None for a category."""
        found: list[Any] = []
        for column, known in zip(self.columns, self.train.values, strict=True):
            if column.values is None:
                found.append(column.array(np.append(known, _dtype(column)(self.row[column.name]))))
            else:
                found.append(None)
        return found

    def sample(self, conditions: Sequence[Condition], n: int, rng: np.random.Generator) -> tuple[CodedTable, np.ndarray]:
        """n fresh rows under the conditions, and their codes, int (n, columns)."""
        index, level = self._pool(n, rng)
        codes = self.rows(self.held(conditions), index, level)
        return self.batch(codes), codes.T

    @cached_property
    def _covered(self) -> np.ndarray:
        """The training rows on which coverage is measured: all, or as many drawn once and for all."""
        rows = np.arange(self.train.codes.shape[1])
        return np.random.default_rng(0).choice(rows, MOST_COVERED, replace=False) if len(rows) > MOST_COVERED else rows

    @property
    def counted(self) -> int:
        return len(self._covered)

    @cached_property
    def _met(self) -> np.ndarray:
        """Which training rows meet each predicate: bits, uint8 (predicates, rows / 8)."""
        met = np.array([self.holds([condition], self._covered) for condition in self.conditions]).reshape(-1, self.counted)
        return np.packbits(met, axis=1)

    def coverage(self, rules: Sequence[Rule]) -> np.ndarray:
        """Share of the training rows that meet each rule, (len(rules),)."""
        met = [np.bitwise_count(np.bitwise_and.reduce(self._met[list(rule)])).sum() if rule else self.counted for rule in rules]
        return np.array(met) / self.counted

    def where(self, rule: Sequence[int]) -> dict[str, Any]:
        return {}

    def _pool(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        return rng.integers(self.train.codes.shape[1], size=n), rng.random((len(self.columns), n), dtype=np.float32)

    def holds(self, conditions: Sequence[Condition], rows: np.ndarray) -> np.ndarray:
        """Which of some training rows meet the conditions, bool (n,)."""
        met = np.ones(len(rows), dtype=bool)
        for j, asked in self.held(conditions).items():
            codes = self.train.codes[j, rows]
            met &= (codes >= asked.low) & (codes < asked.high)
        return met

    def sampler(self, ask: Asker, target: int, most: int, rng: np.random.Generator) -> TableSampler:
        return TableSampler(self, ask, target, most, rng)


class TableSampler:
    """`search.Sampler` over the rows of a table: every rule sees the same drawn rows, from the first on."""

    def __init__(self, world: TableWorld, ask: Asker, target: int, most: int, rng: np.random.Generator):
        self.world, self.ask, self.target, self.groups = world, ask, target, world.groups
        self.drawn = self.asked = 0
        self._index, self._level = world._pool(most, rng)
        self._known: dict[int, bool] = {}  # whether a row, by its key, gets the answer
        self._tally: dict[Rule, tuple[int, int]] = {}
        self._rules: dict[Rule, dict[int, Held]] = {}
        self._mix = rng.integers(2**63, size=len(world.columns), dtype=np.uint64) * np.uint64(2) + np.uint64(1)

    @property
    def exhausted(self) -> bool:
        """Where the training values of the columns, and the instance's own, combine in so few ways that all were asked about."""
        values = [len(np.unique(np.append(codes, own))) for codes, own in zip(self.world.train.codes, self.world._own, strict=True)]
        return len(self._known) >= math.prod(values)

    def coverage(self, rules: Sequence[Rule]) -> np.ndarray:
        return self.world.coverage(rules)

    def tally(self, rules: Sequence[Rule]) -> tuple[np.ndarray, np.ndarray]:
        known = [self._tally.get(rule, (0, 0)) for rule in rules]
        return np.array([hits for hits, _ in known]), np.array([n for _, n in known])

    def draw(self, rules: Sequence[Rule], counts: np.ndarray) -> bool:
        blocks: list[np.ndarray] = []
        wanted: list[int] = []
        for rule, more in zip(rules, counts, strict=True):
            n = self._tally.get(rule, (0, 0))[1]
            part = slice(n, n + min(int(more), len(self._index) - self.drawn - sum(wanted)))
            held = self._held(rule)
            blocks.append(self.world.rows(held, self._index[part], self._level[:, part]))
            wanted.append(part.stop - n)
        codes = np.concatenate(blocks, axis=1)
        self.drawn += codes.shape[1]
        keys = self._keys(codes)
        fresh = {key: at for at, key in enumerate(keys) if key not in self._known}
        if fresh:
            self.asked += len(fresh)
            answers = self.ask(self.world.batch(codes[:, list(fresh.values())]))
            self._known.update(zip(fresh, (answers.argmax(axis=1) == self.target).tolist(), strict=False))
        self._count(rules, wanted, keys)
        return self.ask.stopped is None

    def _held(self, rule: Rule) -> dict[int, Held]:
        if rule not in self._rules:
            self._rules[rule] = self.world.held([self.world.conditions[p] for p in rule])
        return self._rules[rule]

    def _count(self, rules: Sequence[Rule], wanted: Sequence[int], keys: list[int]) -> None:
        """Add what is known to each rule's tally, up to the first row that was not answered."""
        start = 0
        for rule, size in zip(rules, wanted, strict=True):
            answers = [self._known.get(key) for key in keys[start : start + size]]
            answered = answers[: answers.index(None)] if None in answers else answers
            hits, n = self._tally.get(rule, (0, 0))
            self._tally[rule] = (hits + sum(map(bool, answered)), n + len(answered))
            start += size

    def _keys(self, codes: np.ndarray) -> list[int]:
        """One number of 64 bits for each row."""
        mixed = (codes.astype(np.uint64) + _MIX) * self._mix[:, None]
        mixed ^= mixed >> np.uint64(29)
        return (mixed * self._mix[::-1, None]).sum(axis=0, dtype=np.uint64).tolist()


def _dtype(column: Column) -> Any:
    """Whole numbers stay whole: a float holds them exactly up to 2^53 only. (Those of an unsigned column may lie above 2^63.)"""
    if not column.integer:
        return np.float64
    return np.uint64 if np.dtype(getattr(column.dtype, "numpy_dtype", column.dtype)).kind == "u" else np.int64


def _conditions(cut: binning.ColumnBins, value: Any) -> list[Condition]:
    """What is true of a value: equality for a category, its side of every cut for a number."""
    name = cut.column.name
    if cut.column.values is not None:
        return [Condition(name, "==", value)]
    return [Condition(name, "<=" if float(value) <= edge else ">", float(edge)) for edge in cut.edges]


def _name(condition: Condition) -> str:
    if condition.op != "==":
        return f"{condition.feature} {condition.op} {binning._short(condition.value)}"
    return f"{condition.feature} is missing" if pd.isna(condition.value) else f"{condition.feature} = {condition.value}"
