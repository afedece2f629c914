"""Changes of one row of a table: 1 to 3 columns take another value of theirs (Hase and Bansal, ACL 2020, app. A)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from ..models.tables import Column, is_missing, same_value
from ..neighbourhoods.tables import train_frame
from ..tasks import Task
from . import Edits, ordered_unique

CHUNK = 4_096


class TableChanges:
    """Changes of a row in the columns that are not locked.

    The other values of a column are those of the training rows, each once, whether a category or a number: so every value that a
    step shows was seen, and rare values are drawn as often as common ones, as in the paper. What is missing is no value to change to.
    """

    noun = "value"
    attempts = 1  # there is nothing bolder to draw: every value of every column is in the draw
    chunk = CHUNK

    def __init__(self, task: Task, row: dict[str, Any], locked: Sequence[str], most: int):
        self.task, self.row = task, row
        self.columns: tuple[Column, ...] = task.table.columns
        frame = train_frame(task)
        self.others: dict[int, list[Any]] = {}
        for j, column in enumerate(self.columns):
            if column.name not in locked and (values := _other_values(frame[column.name], column, row[column.name])):
                self.others[j] = values
        if not self.others:
            raise ValueError("No column can change: all are locked or have one value only in the training data, so unlock at least one.")
        self.largest = min(most, len(self.others))

    def draw(self, n: int, rng: np.random.Generator, attempt: int) -> list[Edits]:
        """The number of edits is uniform in 1 to `largest`, the columns uniform without replacement, the value uniform."""
        free = np.array(list(self.others))
        size = rng.integers(1, self.largest + 1, n)
        chosen = free[rng.random((n, len(free))).argsort(axis=1)[:, : self.largest]]
        level = rng.random((n, self.largest))
        rows = ([(j, self.others[j][int(u * len(self.others[j]))]) for j, u in zip(chosen[i, :k].tolist(), level[i], strict=False)]
                for i, k in enumerate(size))  # fmt: skip
        return ordered_unique(rows)

    def batch(self, changes: Sequence[Edits]) -> pd.DataFrame:
        values = {j: [self.row[column.name]] * len(changes) for j, column in enumerate(self.columns)}
        for i, edits in enumerate(changes):
            for j, value in edits:
                values[j][i] = value
        return pd.DataFrame({c.name: c.array(values[j]) for j, c in enumerate(self.columns)}, columns=self.task.table.names)

    def instance(self, edits: Edits) -> dict[str, Any]:
        return {**self.row, **{self.columns[j].name: value for j, value in edits}}

    def told(self, edits: Edits) -> list[str]:
        return [f"{self.columns[j].name} {said(self.row[self.columns[j].name], value)}" for j, value in edits]

    def features(self, edits: Edits) -> list[str]:
        return [self.columns[j].name for j, _ in edits]

    def spans(self, edits: Edits) -> list[list[int]]:
        return []


def _other_values(series: pd.Series, column: Column, own: Any) -> list[Any]:
    """The distinct training values of a column but the row's own, as an instance holds them, ascending."""
    seen = set(series.dropna().tolist())
    if column.values is not None:
        return [value for value in column.values if value in seen and not same_value(value, own)]
    return sorted(value for value in seen if not same_value(value, own))


def said(before: Any, after: Any) -> str:
    """ "28 → 45". Numbers are shortened as far as they stay different."""
    words = ["missing" if is_missing(value) else f"{value:g}" if isinstance(value, float) else str(value) for value in (before, after)]
    return " → ".join(words if words[0] != words[1] else (repr(before), repr(after)))
