"""Rows like one row of a table."""

from __future__ import annotations

from dataclasses import dataclass
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
RARE = 0.2  # an own bin rarer than this, or commoner than all but this, is drawn nearer to it
MOST_LOST = 0.25  # log of the samples over their effective number that this may cost
TINY = 1e-300
LEAST_ASIDE = 0.02  # bins rarer than this have no column aside
FIRST_CHECK, CHECK_GROWTH = 1024, 4  # a net may be left at a quarter, a sixteenth, ... of it: a stop more often costs more than it saves


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

    `n` is rounded to a power of two, because only then does the net of rows lie evenly.
    """
    schema = task.table
    binned = discretizer != UNBINNED
    columns = column_bins(task, discretizer if binned else binning.QUARTILE)
    total, n = n, designs.near_power_of_two(n)
    width = width or 0.75 * np.sqrt(len(columns))
    net = np.asfortranarray(designs.net(n, len(columns), rng))  # it is read column by column
    design, factor = np.empty((n, len(columns)), order="F"), np.ones(n)
    held: list[Any] = []
    aside = _Aside([])
    names = []
    own = [c.index_of(row[c.column.name]) if binned or c.column.categorical else -1 for c in columns]
    near = [_Near.of(c, i, width) if i >= 0 else None for c, i in zip(columns, own, strict=True)]
    own_shares = _own_shares(np.array([0.5 if x is None else x.shares[0] for x in near]))
    for j, column in enumerate(columns):
        name, value = column.column.name, row[column.column.name]
        if (seen_from := near[j]) is not None:
            drawn, level, ratio = seen_from.draw(net[:, j], own_shares[j])
            factor *= ratio
            drawn[0] = own[j]
            values = drawn
            if not column.column.categorical:
                values = column.number_at(drawn, level)
                values[0] = value
            design[:, j] = drawn == own[j]
            aside.columns.append((drawn, seen_from))
            names.append(column.name(own[j], value))
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
        aside=aside,
        checks=checks(n) if settle else (),
    )


def checks(n: int) -> tuple[int, ...]:
    """Numbers of rows after which sampling may stop, each a net as n is one."""
    found = []
    while (n := n // CHECK_GROWTH) >= FIRST_CHECK:
        found.append(n)
    return tuple(reversed(found))


@dataclass(frozen=True)
class _Near:
    """The bins of one column as seen from the instance's own: every other bin weighted as much less as LIME's kernel weights it less.

    order   the own bin, then the others, so that "own or not" is one cut of the unit interval
    shares  (bins,) probability of each, in that order; `mass`: what they added up to before, reference probability x kernel
    """

    order: np.ndarray
    shares: np.ndarray
    mass: float

    @classmethod
    def of(cls, column: binning.ColumnBins, own: int, width: float) -> _Near:
        wanted = column.frequency * np.exp(-0.5 / width**2)
        wanted[own] = column.frequency[own]
        mass = float(wanted.sum())
        if mass <= 0:  # a value that no training row has, and a kernel that sees nothing else
            wanted, mass = column.frequency, 1.0
        order = np.append(own, np.delete(np.arange(len(wanted)), own))
        return cls(order, wanted[order] / wanted.sum(), mass)

    def draw(self, u: np.ndarray, own_share: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Bins at quantile levels u (n,), the own one drawn with probability `own_share`.

        Gives bins (n,), the level within the bin (n,), and reference probability x kernel over the probability of being drawn (n,).
        """
        wanted = self.shares[0]
        ratio = np.array([wanted / max(own_share, TINY), (1 - wanted) / max(1 - own_share, TINY)])
        shares = self.shares / np.maximum(np.append(ratio[0], np.full(len(self.shares) - 1, ratio[1])), TINY)
        edges = np.append(0.0, np.cumsum(shares))
        edges[-1] = 1.0
        place = np.searchsorted(edges, u, side="right") - 1
        level = (u - edges[place]) / (edges[place + 1] - edges[place])
        return self.order[place], np.clip(level, 1e-12, 1 - 1e-12), self.mass * ratio[np.minimum(place, 1)]


@dataclass(frozen=True)
class _Aside:
    """`Neighbourhood.aside`: for each bin but the own and the commonest other, whether a row has it, less how many of those have it that
    have not the own. On average that is 0 whatever the design's columns are.

    columns  for each binned column the bin of every row, and what it was drawn from
    """

    columns: list[tuple[np.ndarray, _Near]]

    def __call__(self, start: int, end: int) -> np.ndarray:
        made = []
        for drawn, near in self.columns:
            part = drawn[start:end]
            other = (part != near.order[0]).astype(np.float32)
            places = 1 + np.argsort(-near.shares[1:], kind="stable")
            for place in (p for p in places[1:] if near.shares[p] >= LEAST_ASIDE):
                made.append((part == near.order[place]) - np.float32(near.shares[place] / (1 - near.shares[0])) * other)
        return np.array(made, dtype=np.float32).reshape(len(made), end - start).T


def _own_shares(wanted: np.ndarray) -> np.ndarray:
    """(d,) how often each own bin is drawn when its probability is `wanted`: where it, or all others, would be rare, more often.

    The rare side decides how sure a column's number is. Drawing it more often makes the weights differ, which costs every column:
    how far it goes is bounded by what is left of the samples (Kish's effective number).
    """
    rare = np.clip(np.minimum(wanted, 1 - wanted), TINY, None)
    gap = np.log(np.maximum(RARE / rare, 1.0))

    def nearer(strength: float) -> np.ndarray:
        return rare * np.exp(strength * gap)

    drawn = nearer(0.5)
    cost = float(np.log((1 - rare) ** 2 / (1 - drawn) + rare**2 / drawn).sum())
    if cost > MOST_LOST:  # it grows as the square of the strength
        drawn = nearer(0.5 * np.sqrt(MOST_LOST / cost))
    return np.where(gap == 0, wanted, np.where(wanted < 0.5, drawn, 1 - drawn))


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
