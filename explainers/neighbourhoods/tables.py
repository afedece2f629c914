"""Rows like one row of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .. import bins as binning
from ..tasks import Rows, Task
from . import Neighbourhood

UNBINNED = "none"
PER_DEVIATION = "probability (numbers: per standard deviation)"  # the unit where numbers are not binned


def draw(
    task: Task, row: dict[str, Any], n: int, rng: np.random.Generator, discretizer: str, around_instance: bool, width: float | None
) -> Neighbourhood:
    """`n` rows around `row`: bins and categories drawn by their frequency in the training rows, numbers within their bin."""
    schema = task.table
    binned = discretizer != UNBINNED
    columns = column_bins(task, discretizer if binned else binning.QUARTILE)
    design = np.empty((n, len(columns)))
    frame: dict[str, Any] = {}
    names = []
    for j, column in enumerate(columns):
        name, value = column.column.name, row[column.column.name]
        if binned or column.column.categorical:
            own = int(column.index([value])[0])
            drawn = rng.choice(len(column.frequency), size=n, p=column.frequency)
            values = column.draw(drawn, rng)
            design[:, j] = drawn == own
            names.append(column.name(own, value))
        else:
            seen = train_frame(task)[name].to_numpy(dtype=np.float64)
            mean, spread = seen.mean(), seen.std() or 1.0
            numbers = (value if around_instance else mean) + spread * rng.standard_normal(n)
            numbers[0] = value
            values = column.column.array(column.column.whole(numbers) if column.column.integer else numbers)
            design[:, j] = (np.asarray(numbers) - mean) / spread
            names.append(f"{name} = {value:g}")
        frame[name] = values
    design[0] = np.where([binned or c.column.categorical for c in columns], 1.0, design[0])
    batch = pd.DataFrame(frame, columns=schema.names)
    batch = pd.concat([schema.frame([row]), batch.iloc[1:]], ignore_index=True)
    return Neighbourhood(
        design=design,
        distance=np.sqrt(((design - design[0]) ** 2).sum(axis=1)),
        width=width or 0.75 * np.sqrt(len(columns)),
        batch=batch,
        features=schema.names,
        names=names,
        parts=None,
        caveats=[],
        unit="probability" if binned else PER_DEVIATION,
    )


def column_bins(task: Task, discretizer: str) -> list[binning.ColumnBins]:
    """The bins of a task's training rows, learnt once for a table."""
    rows = task.instances("train")
    assert isinstance(rows, Rows)
    # Kept beside the rows, so that they are forgotten together.
    known: dict[Any, list[binning.ColumnBins]] = rows.__dict__.setdefault("_bins", {})
    key = (task.table, discretizer)
    if key not in known:
        known[key] = binning.learn_bins(task.table, rows.frame, discretizer, task.labels("train"))
    return known[key]


def train_frame(task: Task) -> pd.DataFrame:
    rows = task.instances("train")
    assert isinstance(rows, Rows)
    return rows.frame
