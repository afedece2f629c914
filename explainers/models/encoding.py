"""From rows of a table to the numbers a model reads: shared by every tabular adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from explainers.models.tables import CodedTable


@dataclass(frozen=True)
class NumberColumn:
    """A number x becomes (f(x) - mean) / scale, where f is sign(x) log(1 + |x|) if `log` (for amounts with a long tail) or nothing."""

    name: str
    mean: float
    scale: float
    log: bool = False

    def encode(self, values: pd.Series) -> np.ndarray:
        """float32 (n,). Raises ValueError when something in the column is not a finite number."""
        numbers = pd.to_numeric(values, errors="coerce").to_numpy(dtype=np.float64)
        if not np.isfinite(numbers).all():
            bad = values.iloc[int(np.argmin(np.isfinite(numbers)))]
            raise ValueError(
                f'The column "{self.name}" has the value {bad!r}, which is not a number: replace it with one.'
                if not pd.isna(bad)
                else f'The column "{self.name}" has a missing value: fill it in with a number.'
            )
        if self.log:
            numbers = np.sign(numbers) * np.log1p(np.abs(numbers))
        return ((numbers - self.mean) / self.scale).astype(np.float32)


@dataclass(frozen=True)
class CategoryColumn:
    """A category becomes one column per known value, 1 where it holds."""

    name: str
    values: tuple[str, ...]

    def positions(self, codes: np.ndarray, values: Any) -> np.ndarray:
        """Index among the known values of each `values[code]`, -1 a missing one: int64 (n,). Raises ValueError for an unknown or missing value."""
        # -1 takes the last place of the table.
        found = np.array([*(self._places.get(value, -1) for value in values), -1], dtype=np.int64)[codes]
        if (found < 0).any():
            code = codes[int(np.argmin(found))]
            self._refuse(values[code] if code >= 0 else None)
        return found

    @cached_property
    def _places(self) -> dict[str, int]:
        return {value: i for i, value in enumerate(self.values)}

    def _refuse(self, value: Any) -> None:
        """Say which value the model does not know and which ones it does."""
        known = ", ".join(self.values)
        if not isinstance(value, str) and pd.isna(value):
            raise ValueError(f'The column "{self.name}" has a missing value: fill it in with one of: {known}.')
        raise ValueError(f'The column "{self.name}" has the value "{value}", which the model does not know. Known values: {known}.')


@dataclass(frozen=True)
class Encoding:
    """The columns a model reads, in order."""

    columns: tuple[NumberColumn | CategoryColumn, ...]

    @property
    def names(self) -> list[str]:
        """Names of the table's columns."""
        return [column.name for column in self.columns]

    @property
    def width(self) -> int:
        """Number of columns after encoding."""
        return sum(len(c.values) if isinstance(c, CategoryColumn) else 1 for c in self.columns)

    def spans(self) -> dict[str, slice]:
        """Where each column of the table lies in the encoded matrix."""
        out, start = {}, 0
        for column in self.columns:
            size = len(column.values) if isinstance(column, CategoryColumn) else 1
            out[column.name] = slice(start, start + size)
            start += size
        return out

    def encode(self, batch: pd.DataFrame | CodedTable | Sequence[Mapping[str, Any]]) -> np.ndarray:
        """float32 (n, width). `batch` may hold more columns than the model reads, in any order."""
        table = batch if isinstance(batch, CodedTable) else as_table(batch)
        missing = [name for name in self.names if name not in table.columns]
        if missing and len(table):
            raise ValueError(f'The table lacks the column "{missing[0]}". The model reads: {", ".join(self.names)}.')
        out = np.zeros((len(table), self.width), dtype=np.float32)
        if not len(table):
            return out
        spans, rows = self.spans(), np.arange(len(table))
        for column in self.columns:
            start = spans[column.name].start
            if isinstance(column, NumberColumn):
                out[:, start] = column.encode(pd.Series(table[column.name]))
            else:
                out[rows, start + column.positions(*_coded(table, column.name))] = 1
        return out

    def write(self, path: Path) -> None:
        """Store as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps([asdict(c) for c in self.columns], indent=1, ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Encoding:
        """Read what `write` stored."""
        columns = json.loads(path.read_text(encoding="utf-8"))
        return cls(tuple(CategoryColumn(c["name"], tuple(c["values"])) if "values" in c else NumberColumn(**c) for c in columns))

    @classmethod
    def fit(cls, table: pd.DataFrame, names: Sequence[str], log: Sequence[str] = ()) -> Encoding:
        """Known values in alphabetical order, means and deviations of the numbers, all from `table`."""
        columns: list[NumberColumn | CategoryColumn] = []
        for name in names:
            if not pd.api.types.is_numeric_dtype(table[name]):
                columns.append(CategoryColumn(name, tuple(sorted(table[name].unique()))))
                continue
            numbers = NumberColumn(name, 0.0, 1.0, name in log).encode(table[name]).astype(np.float64)
            columns.append(NumberColumn(name, float(numbers.mean()), float(numbers.std()) or 1.0, name in log))
        return cls(tuple(columns))


def _coded(table: pd.DataFrame | CodedTable, name: str) -> tuple[np.ndarray, Any]:
    """A column of categories as indices into its distinct values, -1 where one is missing."""
    if isinstance(table, CodedTable) and (values := table.schema[name].values) is not None:
        return table[name], values
    column = pd.Series(table[name])
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), column.cat.categories
    return pd.factorize(column)


def as_table(batch: pd.DataFrame | Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    """A DataFrame, or a list of rows as dictionaries, as a DataFrame."""
    return batch if isinstance(batch, pd.DataFrame) else pd.DataFrame(list(batch))
