"""Columns of a table as LIME and rules see them: categories and bins of numbers, with how often each occurs.

Bins follow the `lime` package (lime.discretize): right-closed intervals between quantiles of the training rows (or the cuts of
a depth-3 entropy tree), and a value inside a bin drawn from a normal distribution with the bin's mean and spread, cut off at
its edges. One difference, on purpose: a whole-number column stays whole (37, never 36.72), because no real row has such a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from .models.tables import Column, TableSchema

QUARTILE, DECILE, ENTROPY = "quartile", "decile", "entropy"


@dataclass(frozen=True)
class ColumnBins:
    """The bins of one column. For a category each known value is a bin of its own.

    frequency  (bins,) share of training rows in each bin
    edges      numeric: inner edges, ascending; bin i is (edges[i-1], edges[i]]
    low, high, mean, spread  numeric: (bins,) limits, mean and standard deviation of the training values in each bin
    """

    column: Column
    frequency: np.ndarray
    edges: np.ndarray
    low: np.ndarray
    high: np.ndarray
    mean: np.ndarray
    spread: np.ndarray

    def index(self, values: Any) -> np.ndarray:
        """Bin of each value, int (n,)."""
        if self.column.values is not None:
            return pd.Index(list(self.column.values), dtype=object).get_indexer(pd.Index(values, dtype=object)).astype(np.int64)
        return np.searchsorted(self.edges, np.asarray(values, dtype=np.float64), side="left")

    def index_of(self, value: Any) -> int:
        """Bin of one value."""
        if self.column.values is None:
            return int(np.searchsorted(self.edges, float(value), side="left"))
        return self.column.code(value)

    @cached_property
    def _cuts(self) -> tuple[np.ndarray, np.ndarray]:
        """Numeric: where each bin begins, as a quantile of its normal distribution, and how much of that the bin covers."""
        begin, end = ndtr((self.low - self.mean) / self.spread), ndtr((self.high - self.mean) / self.spread)
        return begin, end - begin

    def name(self, bin_index: int, value: Any = None) -> str:
        """A bin in words: "28 < age <= 37", or "workclass = Private"."""
        name = self.column.name
        if self.column.values is not None:
            value = self.column.values[bin_index]
            return f"{name} is missing" if pd.isna(value) else f"{name} = {value}"
        if len(self.edges) == 0:
            return f"{name} = {_short(float(value))}" if value is not None else name
        if bin_index == 0:
            return f"{name} <= {_short(self.edges[0])}"
        if bin_index == len(self.edges):
            return f"{name} > {_short(self.edges[-1])}"
        return f"{_short(self.edges[bin_index - 1])} < {name} <= {_short(self.edges[bin_index])}"

    def draw(self, bins: np.ndarray, rng: np.random.Generator) -> Any:
        """A value inside each given bin, as an array of the column's dtype."""
        return self.at(bins, rng.random(len(bins)))

    def at(self, bins: np.ndarray, level: np.ndarray) -> Any:
        """The value at a quantile level, (n,) in (0, 1), of each given bin."""
        return self.column.from_codes(bins) if self.column.values is not None else self.number_at(bins, level)

    def number_at(self, bins: np.ndarray, level: np.ndarray) -> Any:
        """`at` of a numeric column."""
        begin, covered = self._cuts
        high, mean = self.high[bins], self.mean[bins]
        drawn = mean + self.spread[bins] * ndtri(begin[bins] + covered[bins] * level)
        lowest = np.append(self.low[0], np.nextafter(self.low[1:], np.inf))  # only the first bin holds its lower limit
        drawn = np.clip(np.where(np.isfinite(drawn), drawn, mean), lowest[bins], high)
        if self.column.integer:
            smallest = np.append(np.ceil(self.low[0]), np.floor(self.low[1:]) + 1)[bins]
            drawn = np.clip(np.rint(drawn), smallest, np.maximum(np.floor(high), smallest)).astype(np.int64)
        return self.column.array(drawn)


def learn_bins(schema: TableSchema, frame: pd.DataFrame, discretizer: str, labels: Sequence[int] = ()) -> list[ColumnBins]:
    """The bins of every column, from training rows. `discretizer`: "quartile", "decile" or "entropy" (needs labels)."""
    return [_learn(column, frame[column.name], discretizer, labels) for column in schema.columns]


def _learn(column: Column, series: pd.Series, discretizer: str, labels: Sequence[int]) -> ColumnBins:
    none = np.empty(0)
    if column.values is not None:
        codes = pd.Index(list(column.values), dtype=object).get_indexer(pd.Index(series, dtype=object))
        counts = np.bincount(codes[codes >= 0], minlength=len(column.values)).astype(np.float64)
        return ColumnBins(column, counts / counts.sum(), none, none, none, none, none)
    values = series.to_numpy(dtype=np.float64)
    edges = _edges(values, discretizer, labels)
    bins = np.searchsorted(edges, values, side="left")
    count = len(edges) + 1
    frequency = np.bincount(bins, minlength=count) / len(values)
    low = np.concatenate([[values.min()], edges])
    high = np.concatenate([edges, [values.max()]])
    mean, spread = np.empty(count), np.empty(count)
    for i in range(count):
        inside = values[bins == i]
        # An empty bin is never drawn (its frequency is 0); its middle only keeps the arithmetic finite.
        mean[i] = inside.mean() if len(inside) else (low[i] + high[i]) / 2
        spread[i] = (inside.std() if len(inside) else 0.0) + 1e-11
    return ColumnBins(column, frequency, edges, low, high, mean, spread)


def _edges(values: np.ndarray, discretizer: str, labels: Sequence[int]) -> np.ndarray:
    if discretizer == QUARTILE:
        return np.unique(np.percentile(values, [25, 50, 75]))
    if discretizer == DECILE:
        return np.unique(np.percentile(values, [10, 20, 30, 40, 50, 60, 70, 80, 90]))
    if discretizer == ENTROPY:
        if len(labels) != len(values):
            raise ValueError(
                "The entropy discretizer needs labels for the training rows, and this task has none: choose quartile or decile."
            )
        from sklearn.tree import DecisionTreeClassifier

        tree = DecisionTreeClassifier(criterion="entropy", max_depth=3, random_state=0).fit(values[:, None], np.asarray(labels)).tree_
        cuts = tree.threshold[tree.children_left > -1]
        return np.unique(cuts) if len(cuts) else np.array([np.median(values)])
    raise ValueError(f"There is no discretizer {discretizer!r}: choose quartile, decile, entropy or none.")


def _short(number: float) -> str:
    if number == 0 or 1 <= abs(number) < 1e6:
        return f"{number:.2f}".rstrip("0").rstrip(".")
    return f"{number:.3g}" if abs(number) < 1 else f"{number:.4g}"
