"""Rows like one row of a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtri

from .. import bins as binning
from ..models.tables import CodedTable
from ..tasks import Rows, Task
from . import Neighbourhood, designs

UNBINNED = "none"
PER_DEVIATION = "probability (numbers: per standard deviation)"  # the unit where numbers are not binned
LEAST_SETTLED = 1024  # smaller samples are drawn whole
RARE = 0.2  # an own bin rarer than this, or commoner than all but this, is drawn nearer to it
STOPS = 3  # a net may be left at an eighth, a quarter or a half of it, each a net too


def draw(
    task: Task,
    row: dict[str, Any],
    n: int,
    rng: np.random.Generator,
    discretizer: str,
    around_instance: bool,
    width: float | None,
    settle: bool = True,
) -> Neighbourhood:
    """Rows around `row`: bins and categories drawn by their frequency in the training rows, numbers within their bin.

    `n` is rounded up to a power of two, because only then does the net of rows lie evenly.
    """
    schema = task.table
    binned = discretizer != UNBINNED
    columns = column_bins(task, discretizer if binned else binning.QUARTILE)
    total, n = n, designs.next_power_of_two(n)
    width = width or 0.75 * np.sqrt(len(columns))
    net = designs.net(n, len(columns), rng)
    design, factor = np.empty((n, len(columns))), np.ones(n)
    held: list[Any] = []
    names = []
    for j, column in enumerate(columns):
        name, value = column.column.name, row[column.column.name]
        if binned or column.column.categorical:
            own = column.index_of(value)
            drawn, level, exceeds = _bins_near(column, own, net[:, j], width)
            factor *= exceeds
            values = drawn if column.column.categorical else column.number_at(drawn, level)
            values[0] = own if column.column.categorical else value
            design[:, j] = drawn == own
            names.append(column.name(own, value))
        else:
            seen = train_frame(task)[name].to_numpy(dtype=np.float64)
            mean, spread = seen.mean(), seen.std() or 1.0
            numbers = (value if around_instance else mean) + spread * ndtri(net[:, j])
            numbers[0] = value
            values = column.column.array(column.column.whole(numbers) if column.column.integer else numbers)
            design[:, j] = (np.asarray(numbers) - mean) / spread
            names.append(f"{name} = {value:g}")
        held.append(values)
    categorical = np.array([binned or c.column.categorical for c in columns])
    design[0] = np.where(categorical, 1.0, design[0])
    # The kernel is a product over columns, so the drawing took its share for every bin: it is divided out again here.
    off = (1 - design[:, categorical]).sum(axis=1)
    return Neighbourhood(
        design=design,
        distance=np.sqrt(((design - design[0]) ** 2).sum(axis=1)),
        width=width,
        batch=CodedTable(schema, tuple(held)),
        features=schema.names,
        names=names,
        parts=None,
        caveats=[],
        unit="probability" if binned else PER_DEVIATION,
        factor=np.append(1.0, factor[1:] * np.exp(np.minimum(off[1:] / (2 * width**2), 600))),
        total=total,
        net=True,
        checks=tuple(n >> i for i in range(STOPS, 0, -1)) if settle and n >= LEAST_SETTLED else (),
    )


def _bins_near(column: binning.ColumnBins, own: int, u: np.ndarray, width: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Bins at quantile levels u (n,), every other bin than the instance's own drawn as much less often as LIME weights it less.

    Gives bins (n,), the level within the bin (n,), and by how much reference probability x kernel exceeds the probability of being
    drawn (n,). The own bin comes first in the order of levels, so that "own or not" is one cut of the unit interval.
    """
    wanted = column.frequency * np.where(np.arange(len(column.frequency)) == own, 1.0, np.exp(-0.5 / width**2))
    mass = float(wanted.sum())
    if mass <= 0:  # a value that no training row has, and a kernel that sees nothing else
        wanted, mass = column.frequency, 1.0
    share = wanted[own] / wanted.sum()
    drawn = _often_enough(share)
    rest = wanted.copy()
    rest[own] = 0.0
    shares = rest * ((1 - drawn) / max(rest.sum(), 1e-300))
    shares[own] = drawn
    order = np.append(own, np.delete(np.arange(len(shares)), own))
    edges = np.append(0.0, np.cumsum(shares[order]))
    edges[-1] = 1.0
    place = np.searchsorted(edges, u, side="right") - 1
    level = (u - edges[place]) / (edges[place + 1] - edges[place])
    exceeds = np.where(place == 0, share / max(drawn, 1e-300), (1 - share) / max(1 - drawn, 1e-300))
    return order[place], np.clip(level, 1e-12, 1 - 1e-12), mass * exceeds


def _often_enough(share: float) -> float:
    """How often the own bin is drawn when its probability is `share`: where it, or all others, would be rare, somewhat more often.

    The rare side decides how sure the column's number is; drawing it more often costs the other columns a little, by weights that differ.
    """
    rare = min(share, 1 - share)
    if rare >= RARE:
        return share
    drawn = float(np.sqrt(rare * RARE))
    return drawn if share < 0.5 else 1 - drawn


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
