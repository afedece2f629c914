"""The columns of a table: which are numbers, which are categories, which values are known, and how rows become a frame."""

from __future__ import annotations

import difflib
import math
import numbers
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
import pandas as pd

from .. import hashing


@dataclass(frozen=True)
class Column:
    """One column. Categorical: `values` are the known ones, as they appear in the data. Numeric: `low`, `high` seen; `integer` or not."""

    name: str
    dtype: Any
    values: tuple[Any, ...] | None = None
    integer: bool = False
    low: float = math.nan
    high: float = math.nan

    @property
    def categorical(self) -> bool:
        return self.values is not None

    def checked(self, value: Any) -> Any:
        """The value as this column holds it. Raises ValueError with one sentence."""
        missing = is_missing(value)
        if self.values is not None:
            for known in self.values:  # a missing value is known where the data itself has missing values
                if is_missing(known) if missing else pd.api.types.is_scalar(value) and not is_missing(known) and known == value:
                    return known
            if missing:
                raise ValueError(f"The value of {self.name} is missing: choose one of its known values ({self._some_values()}).")
            as_text = {str(v): v for v in self.values}
            if str(value).strip() in as_text:
                return as_text[str(value).strip()]
            near = difflib.get_close_matches(str(value), list(as_text), n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise ValueError(f"{str(value)[:60]!r} is not a known value of {self.name}: choose one of {self._some_values()}.{hint}")
        if missing or value == "":
            raise ValueError(f"The value of {self.name} is missing: give a number.")
        if isinstance(value, bool | np.bool_) or not isinstance(value, numbers.Number | str):
            raise ValueError(f"The value of {self.name} must be a number, not {str(value)[:60]!r}.")
        try:
            number = float(value)  # type: ignore[arg-type]
        except OverflowError:
            number = math.inf
        except (TypeError, ValueError):
            raise ValueError(f"The value of {self.name} must be a number, not {str(value)[:60]!r}.") from None
        if not math.isfinite(number):
            raise ValueError(f"The value of {self.name} must be a finite number.")
        low, high = self._limits()
        if not low <= number <= high:
            raise ValueError(f"The value of {self.name} must be between {low:g} and {high:g}, not {number:g}.")
        if self.integer:
            if number != round(number):
                raise ValueError(f"The value of {self.name} must be a whole number, not {number:g}.")
            return int(number) if isinstance(value, str | float) else int(value)  # type: ignore[call-overload]
        return number

    def _limits(self) -> tuple[float, float]:
        """Smallest and largest number the column's dtype can hold."""
        dtype = np.dtype(getattr(self.dtype, "numpy_dtype", self.dtype))
        info = np.iinfo(dtype) if self.integer else np.finfo(dtype)
        return float(info.min), float(info.max)

    def whole(self, numbers: Any) -> np.ndarray:
        """Integer columns only: numbers rounded to what the column can hold."""
        low, high = self._limits()
        return np.clip(np.rint(numbers), max(low, -(2.0**62)), min(high, 2.0**62)).astype(np.int64)

    def _some_values(self) -> str:
        shown = [str(v)[:40] for v in (self.values or ())[:12]]
        return ", ".join(shown) + (", …" if len(self.values or ()) > 12 else "")

    def array(self, values: Any) -> Any:
        """A sequence of values as an array of this column's dtype."""
        return pd.array(values, dtype=self.dtype)

    def held(self, values: Sequence[Any]) -> Any:
        """Known values as a `CodedTable` holds them."""
        return self.array(values) if self.values is None else np.array([self.code(value) for value in values])

    def from_codes(self, codes: np.ndarray) -> Any:
        """Categorical only: values by their index in `values`, as an array of this column's dtype."""
        return self._known.take(codes)

    def code(self, value: Any) -> int:
        """Categorical only: index of a known value in `values`."""
        place = self._places.get(value)  # None where a value is missing: NaN is not equal to itself
        return next(i for i, known in enumerate(self.values or ()) if is_missing(known)) if place is None else place

    @cached_property
    def _places(self) -> dict[Any, int]:
        return {value: i for i, value in enumerate(self.values or ())}

    @cached_property
    def _known(self) -> Any:
        return self.array(list(self.values or ()))

    @cached_property
    def _known_words(self) -> list[np.ndarray]:
        return hashing.value_words(self._known)

    def words(self, held: Any) -> list[np.ndarray]:
        """What `hashing.value_words` says of a column of a `CodedTable`."""
        return hashing.value_words(held) if self.values is None else [word[held] for word in self._known_words]


@dataclass(frozen=True)
class TableSchema:
    """The columns of a table, in order."""

    columns: tuple[Column, ...]

    @classmethod
    def learn(cls, frames: Sequence[pd.DataFrame], categorical: Sequence[str] | None = None) -> TableSchema:
        """Read names, dtypes and known values off the data. `categorical=None`: the non-numeric and boolean columns."""
        first = frames[0]
        for name in categorical or ():
            if name not in first.columns:
                raise ValueError(
                    f"The categorical column {name!r} is not in the data: its columns are {', '.join(map(str, first.columns))}."
                )
        for other in frames[1:]:
            if list(other.columns) != list(first.columns):
                raise ValueError("The train and test rows do not have the same columns in the same order.")
        columns = []
        for name in first.columns:
            series = [frame[name] for frame in frames]
            dtype = series[0].dtype
            if isinstance(dtype, pd.CategoricalDtype) and any(s.dtype != dtype for s in series):
                raise ValueError(f"The column {name!r} has not the same categories in train and test: give both the same category dtype.")
            numeric = pd.api.types.is_numeric_dtype(dtype) and not pd.api.types.is_bool_dtype(dtype)
            if (name in categorical) if categorical is not None else not numeric:
                known = pd.unique(pd.concat([s.astype(object) for s in series], ignore_index=True))
                values = sorted((v.item() if isinstance(v, np.generic) else v for v in known), key=_sort_key)
                columns.append(Column(str(name), dtype, tuple(values)))
                continue
            if not numeric:
                raise ValueError(f"The column {name!r} holds text, so it must be listed as categorical.")
            numbers_seen = np.concatenate([s.to_numpy(dtype=np.float64, na_value=np.nan) for s in series])
            if not np.isfinite(numbers_seen).all():
                raise ValueError(f"The numeric column {name!r} has missing or infinite values: fill them in or drop those rows.")
            integer = pd.api.types.is_integer_dtype(dtype)
            columns.append(Column(str(name), dtype, None, integer, float(numbers_seen.min()), float(numbers_seen.max())))
        return cls(tuple(columns))

    @property
    def names(self) -> list[str]:
        return [column.name for column in self.columns]

    def __getitem__(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def checked(self, instance: Any) -> dict[str, Any]:
        """One row as a dict with every column, in order. Raises ValueError with one sentence."""
        if isinstance(instance, pd.Series):
            instance = instance.to_dict()
        if not isinstance(instance, Mapping):
            raise ValueError(f"This task reads rows of a table, not {type(instance).__name__}: give a dict of column to value.")
        missing = [name for name in self.names if name not in instance]
        if missing:
            raise ValueError(f"The row has no value for {', '.join(missing)}: give one for every column.")
        unknown = [str(name) for name in instance if name not in self.names]
        if unknown:
            raise ValueError(f"The row has columns the model does not know ({', '.join(unknown)[:200]}): remove them.")
        return {column.name: column.checked(instance[column.name]) for column in self.columns}

    def frame(self, rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
        """Rows as a DataFrame with the columns and dtypes of the data."""
        if isinstance(frame := getattr(rows, "frame", rows), pd.DataFrame):
            return frame
        return pd.DataFrame({c.name: c.array([row[c.name] for row in rows]) for c in self.columns}, columns=self.names)

    def coded(self, rows: Sequence[Mapping[str, Any]]) -> CodedTable:
        """Checked rows as a method draws them."""
        return CodedTable(self, tuple(c.held([row[c.name] for row in rows]) for c in self.columns))


@dataclass(frozen=True)
class CodedTable:
    """Rows of a table as a method draws them, cheap to slice, to hash and to hand on; a DataFrame only when a model is asked.

    held  an array for each column: indices into `Column.values` where it is categorical, else numbers of the column's dtype
    """

    schema: TableSchema
    held: tuple[Any, ...]

    def __len__(self) -> int:
        return len(self.held[0])

    @property
    def columns(self) -> list[str]:
        return self.schema.names

    @overload
    def __getitem__(self, rows: slice | Sequence[int] | np.ndarray) -> CodedTable: ...
    @overload
    def __getitem__(self, rows: str) -> Any: ...
    def __getitem__(self, rows: slice | Sequence[int] | np.ndarray | str) -> Any:
        """Some rows, or what is held of the column of a name."""
        if isinstance(rows, str):
            return self.held[self.columns.index(rows)]
        return CodedTable(self.schema, tuple(column[rows] for column in self.held))

    def frame(self) -> pd.DataFrame:
        """The rows with the columns and dtypes of the data."""
        columns = zip(self.schema.columns, self.held, strict=True)
        return pd.DataFrame({c.name: held if c.values is None else c.from_codes(held) for c, held in columns}, columns=self.schema.names)

    def keys(self) -> list[bytes]:
        """The keys that the rows have as a DataFrame."""
        words = [c.words(held) for c, held in zip(self.schema.columns, self.held, strict=True)]
        return hashing.row_keys(words, [(repr(c.name), hashing.dtype_name(c.dtype)) for c in self.schema.columns], len(self))


def same_value(a: Any, b: Any) -> bool:
    """Whether two values of a column are one: equal, or both missing (pandas' NA and NaN are not even equal to themselves)."""
    return is_missing(a) and is_missing(b) if is_missing(a) or is_missing(b) else bool(a == b)


def is_missing(value: Any) -> bool:
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float | np.floating) and bool(np.isnan(value)))


def _sort_key(value: Any) -> tuple[int, Any]:
    """Numbers by size, then words by alphabet, then what is missing."""
    if is_missing(value):
        return (2, "")
    if isinstance(value, bool | int | float):
        return (0, value)
    return (1, str(value))
