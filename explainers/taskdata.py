"""The rows of a task folder: CSV or JSONL in, instances and class indices out.

Nothing is guessed silently. A cell that is empty, is not a number where numbers are expected, or names no class stops the reading
with one sentence that says where it stands. Rows are counted as a spreadsheet counts them: the header of a CSV file is row 1.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from .tasks import Rows, Split

MISSING = frozenset({"", "?", "na", "n/a", "nan", "null", "none"})  # how files write "no value" in a column of numbers
_WHOLE = re.compile(r"\s*[+-]?\d{1,18}\s*")  # fits int64
_EXCERPT = 40  # characters of a cell that an error sentence shows


@dataclass(frozen=True)
class DataSpec:
    """The table [data] of a task.toml, with the classes that labels name. `files`: split -> path of the file."""

    files: dict[str, Path]
    modality: str
    class_names: list[str]
    text: str = ""
    label: str | None = None
    categorical: list[str] | None = None
    ignore: tuple[str, ...] = ()
    named: tuple[tuple[str, str], ...] = ()  # (key of task.toml, column it names), to check that the column exists
    folder: Path = Path()  # the task's, to which the paths of pictures are relative
    image: str = ""
    mask: str | None = None
    measured: str | None = None
    groups: tuple[str, ...] = ()  # columns that say what pictures have in common


@dataclass(frozen=True)
class RawTable:
    """Cells as the file holds them (strings from CSV, JSON values from JSONL), and the number of each row in the file."""

    file: str
    unit: str  # "row" of a CSV file, "line" of a JSONL file
    columns: list[str]
    rows: list[list[Any]]
    numbers: list[int]

    def column(self, name: str) -> list[Any]:
        at = self.columns.index(name)
        return [row[at] for row in self.rows]

    def where(self, row: int, column: str) -> str:
        return f"{self.file}, {self.unit} {self.numbers[row]}, column {column!r}"


def excerpt(value: Any) -> str:
    """A value as an error sentence shows it: short and on one line."""
    text = " ".join(str(value).split())
    return repr(text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + "…")


def near(word: str, known: Sequence[str]) -> str:
    """ " Did you mean 'x'?" when something known is spelt alike, else nothing."""
    found = difflib.get_close_matches(word, list(known), n=1) or [k for k in known if k.casefold() == word.casefold()]
    return f" Did you mean {found[0]!r}?" if found else ""


def read_texts(spec: DataSpec, name: str) -> Split:
    """One split of a text task."""
    table = read_table(spec.files[name])
    check_columns(table, spec)
    return Split(_texts(table, spec.text), labels_of(table, spec))


def read_tables(spec: DataSpec) -> dict[str, Split]:
    """Every split of a table, read together, so that a column has one type wherever it stands."""
    tables = {name: read_table(path) for name, path in spec.files.items()}
    for table in tables.values():
        check_columns(table, spec)
    frames = _frames(tables, spec)
    return {name: Split(Rows(frames[name]), labels_of(table, spec)) for name, table in tables.items()}


# --- from a file to cells ---------------------------------------------------------------------------------------------


def read_table(path: Path) -> RawTable:
    """The cells of a CSV or JSONL file."""
    try:
        data = path.read_bytes()
    except OSError as problem:
        raise ValueError(f"The data file {path.name} cannot be read: {problem.strerror or problem}.") from None
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data[: problem.start].count(b"\n") + 1
        raise ValueError(f"{path.name} is not UTF-8 text (line {line}): save it with the encoding UTF-8.") from None
    if not text.strip():
        raise ValueError(f"{path.name} is empty: it needs {'a header and ' if path.suffix.lower() == '.csv' else ''}at least one row.")
    table = _read_csv(path.name, text) if path.suffix.lower() == ".csv" else _read_jsonl(path.name, text)
    if not table.rows:
        raise ValueError(f"{path.name} has a header but no rows: add at least one row.")
    return table


def _read_csv(file: str, text: str) -> RawTable:
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    rows: list[list[Any]] = []
    numbers: list[int] = []
    try:
        header = [name.strip() for name in next(lines)]
        _check_header(file, header)
        for number, row in enumerate(lines, start=2):
            if not row:  # an empty line, as many editors leave at the end
                continue
            if len(row) != len(header):
                raise ValueError(
                    f"{file}, row {number} has {len(row)} cell{'s' * (len(row) != 1)} but the header has {len(header)}: "
                    "put quotation marks around cells that contain a comma, and fill in missing cells."
                )
            rows.append(row)
            numbers.append(number)
    except csv.Error as problem:
        raise ValueError(f"{file} is not valid CSV at line {lines.line_num} ({problem}): check the quotation marks there.") from None
    return RawTable(file, "row", header, rows, numbers)


def _check_header(file: str, header: list[str]) -> None:
    for at, name in enumerate(header, start=1):
        if not name:
            raise ValueError(f"{file}: column {at} has no name: name it in the header, or remove it (from pandas: index=False).")
        if name in header[: at - 1]:
            raise ValueError(f"{file} has two columns with the name {name!r}: rename one.")
    if len(header) == 1:
        for mark, word in ((";", "semicolons"), ("\t", "tabs")):
            if mark in header[0]:
                raise ValueError(f"{file} seems to separate its columns by {word}: save it with commas.")


def _read_jsonl(file: str, text: str) -> RawTable:
    columns: list[str] = []
    rows: list[list[Any]] = []
    numbers: list[int] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        record = _json_line(file, number, line)
        columns = columns or list(record)
        for name in (*columns, *record):
            if name not in record or name not in columns:
                verb = "lacks" if name in columns else "has"
                raise ValueError(
                    f"{file}, line {number} {verb} the key {name!r}, unlike line {(numbers or [number])[0]}: give every line the same keys."
                )
        rows.append([record[name] for name in columns])
        numbers.append(number)
    return RawTable(file, "line", columns, rows, numbers)


def _json_line(file: str, number: int, line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except (json.JSONDecodeError, RecursionError) as problem:
        what = f"{problem.msg}, character {problem.colno}" if isinstance(problem, json.JSONDecodeError) else "nested too deeply"
        raise ValueError(f"{file}, line {number} is not valid JSON ({what}): write one JSON object a line.") from None
    if not isinstance(record, dict) or not record:
        raise ValueError(f'{file}, line {number} is not a JSON object: write one object a line, like {{"text": "...", "label": 0}}.')
    nested = [name for name, value in record.items() if isinstance(value, dict | list)]
    if nested:
        raise ValueError(f"{file}, line {number}, key {nested[0]!r} holds a list or an object: give one text or number.")
    return record


# --- from cells to instances ------------------------------------------------------------------------------------------


def check_columns(table: RawTable, spec: DataSpec) -> None:
    """Raise ValueError where task.toml names a column that the file has not."""
    for key, column in spec.named:
        if column not in table.columns:
            raise ValueError(
                f"{table.file} has no column {column!r}, which task.toml names as {key}: its columns are {_list(table.columns)}."
                f"{near(column, table.columns)}"
            )


def _list(names: Sequence[str]) -> str:
    return ", ".join(name[:_EXCERPT] for name in names[:12]) + (", …" if len(names) > 12 else "")


def is_missing(value: Any, tokens: frozenset[str] = frozenset({""})) -> bool:
    """Whether a cell holds no value: None, NaN, or one of `tokens` whatever its case."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and value.strip().casefold() in tokens


def refuse_missing(table: RawTable, column: str, cells: Sequence[Any], tokens: frozenset[str] = frozenset({""})) -> None:
    """One sentence for the first missing cell of a column, with how many more there are."""
    if not any(is_missing(value, tokens) for value in set(cells)):  # few distinct values, many cells
        return
    missing = [row for row, value in enumerate(cells) if is_missing(value, tokens)]
    if missing:
        more = f" (and {len(missing) - 1} more like it)" if len(missing) > 1 else ""
        raise ValueError(f"{table.where(missing[0], column)} has no value{more}: fill it in, or remove the row.")


def _texts(table: RawTable, column: str) -> list[str]:
    cells = table.column(column)
    refuse_missing(table, column, cells)
    for row, value in enumerate(cells):
        if not isinstance(value, str):
            raise ValueError(f"{table.where(row, column)} holds {excerpt(value)}, which is not a text: put it in quotation marks.")
    return cells


def labels_of(table: RawTable, spec: DataSpec) -> list[int]:
    """Class index of each row; empty where no column holds labels."""
    if spec.label is None:
        return []
    cells = table.column(spec.label)
    refuse_missing(table, spec.label, cells)
    known: dict[Any, int] = {}
    for row, value in enumerate(cells):
        if value not in known or isinstance(value, bool):  # True == 1 as a key of a dict
            known[value] = _label(value, spec.class_names, table.where(row, spec.label))
    return [_label(v, spec.class_names, "") if isinstance(v, bool) else known[v] for v in cells]


def _label(value: Any, classes: list[str], where: str) -> int:
    """Class index of a label: the name of a class, else its index. Names win where they are digits themselves."""
    word = str(value).lower() if isinstance(value, bool) else str(value).strip()
    if word in classes:
        return classes.index(word)
    try:
        number = float(word)
    except ValueError:
        number = math.nan
    if number in range(len(classes)):
        return int(number)
    raise ValueError(
        f"{where} holds the label {excerpt(value)}, which is no class: use one of {_list(classes)}, "
        f"or 0 to {len(classes) - 1}.{near(word, classes)}"
    )


def _frames(tables: dict[str, RawTable], spec: DataSpec) -> dict[str, pd.DataFrame]:
    """The columns that the model may read, each with one type in all files."""
    first, *others = tables.values()
    left_out = {spec.label, *spec.ignore}
    names = [name for name in first.columns if name not in left_out]
    if not names:
        raise ValueError(f"{first.file} has no column besides the label: a table needs at least one column that the model reads.")
    for table in others:
        for name in names:
            if name not in table.columns:
                raise ValueError(f"{table.file} has no column {name!r}, which {first.file} has: both files need the same columns.")
        extra = [name for name in table.columns if name not in left_out and name not in names]
        if extra:
            raise ValueError(f"{table.file} has a column {extra[0]!r}, which {first.file} has not: both files need the same columns.")
    out: dict[str, dict[str, Any]] = {split: {} for split in tables}
    for name in names:
        for split, values in zip(tables, _typed(list(tables.values()), name, spec.categorical), strict=True):
            out[split][name] = values
    return {split: pd.DataFrame(columns, columns=names) for split, columns in out.items()}


def _typed(tables: list[RawTable], column: str, categorical: list[str] | None) -> list[Any]:
    """The values of one column in each file: numbers as int64 or float64, categories as they are written."""
    cells = [table.column(column) for table in tables]
    listed = categorical is not None and column in categorical
    if listed or (categorical is None and _looks_categorical(tables, column, cells)):
        for table, values in zip(tables, cells, strict=True):
            refuse_missing(table, column, values)
        return _categories(tables, column, cells)
    for table, values in zip(tables, cells, strict=True):
        refuse_missing(table, column, values, MISSING)
    parsed = [_numbers(table, column, values) for table, values in zip(tables, cells, strict=True)]
    whole = all(_is_whole(value) for values in cells for value in _distinct(values))
    return [[int(v) for v in values] for values in cells] if whole else parsed


def _looks_categorical(tables: list[RawTable], column: str, cells: list[list[Any]]) -> bool:
    """Whether a column that nobody listed holds words. Mostly numbers with a few words among them is an error, not a category."""
    words, numbers, first = 0, 0, None
    for table, values in zip(tables, cells, strict=True):
        for row, value in enumerate(values):
            if _number(value) is not None:
                numbers += 1
            elif not is_missing(value, MISSING):
                words += 1
                first = first or (table, row, value)
    if first and numbers > words:
        table, row, value = first
        raise ValueError(
            f"{table.where(row, column)} holds {excerpt(value)}, which is not a number: correct it, or list the column as categorical."
        )
    return words > 0


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or value is None or (isinstance(value, str) and "_" in value):  # Python takes "1_0" for 10, people do not
        return None
    try:
        return float(value)
    except (ValueError, OverflowError):
        return None


def _is_whole(value: Any) -> bool:
    return bool(_WHOLE.fullmatch(value)) if isinstance(value, str) else isinstance(value, int) and abs(value) < 2**62


def _numbers(table: RawTable, column: str, values: list[Any]) -> np.ndarray:
    for value in _distinct(values):
        number = _number(value)
        if number is None or not math.isfinite(number):
            row = next(at for at, v in enumerate(values) if v is value or v == value)
            what, cure = ("number", "list the column as categorical") if number is None else ("finite number", "remove the row")
            raise ValueError(f"{table.where(row, column)} holds {excerpt(value)}, which is not a {what}: correct it, or {cure}.")
    return np.array(values, dtype=object).astype(np.float64)


def _distinct(values: list[Any]) -> list[Any]:
    """The different values in the order of the rows; true is not 1 here."""
    return list(dict.fromkeys(values)) if all(isinstance(v, str) for v in values) else values


def _categories(tables: list[RawTable], column: str, cells: list[list[Any]]) -> list[Any]:
    """Categories keep the type they are written in; one column cannot mix words, numbers and true/false."""
    kinds = {{str: "text", bool: "true/false"}.get(type(value), "numbers") for values in cells for value in values}
    if len(kinds) > 1:
        raise ValueError(f"{tables[0].file}, column {column!r} mixes {' and '.join(sorted(kinds))}: write its categories in one way.")
    return cells
