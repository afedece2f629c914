"""What a leaderboard holds: data only, read against its schema.

Numbers are means over instances. An interval is 95 %. A difference is paired: on the same instances, this method's score less the other's.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema

from ..explanation import canonical_json

SCHEMA_VERSION = 1
SCHEMA_PATH = Path(__file__).with_name("leaderboard.schema.json")
BUNDLED = Path(__file__).resolve().parents[2] / "sample_data" / "leaderboard.json"
COMMAND = "python -m benchmarks.leaderboard"
RANDOM = "random"  # the method that is the line to beat
MOST_BYTES = 5_000_000
DIGITS = 5


@dataclass(frozen=True)
class Difference:
    """Paired, over n instances: mean of (this one's score less the other's), with its 95 % interval. None: a single instance has none."""

    mean: float
    low: float | None
    high: float | None
    n: int

    def better(self, higher_is_better: bool) -> bool:
        """Whether the whole interval lies on the better side of 0."""
        if self.low is None or self.high is None:
            return False
        return self.low > 0 if higher_is_better else self.high < 0

    def worse(self, higher_is_better: bool) -> bool:
        return self.better(not higher_is_better)


@dataclass(frozen=True)
class Cell:
    """One method's score on one board.

    mean, low, high  over n instances
    against          paired differences to "random" and to rivals, by name
    place            (best, worst) place that the data leave open among the board's methods, 1 = first; None for a rival
    """

    mean: float
    low: float | None
    high: float | None
    n: int
    against: dict[str, Difference] = field(default_factory=dict)
    place: tuple[int, int] | None = None


@dataclass(frozen=True)
class Column:
    """A score as it is to be read on this board."""

    name: str
    higher_is_better: bool
    meaning: str
    least: float | None = None
    most: float | None = None


@dataclass(frozen=True)
class Row:
    """A method, or a rival that needs no model ("edges").

    params               what was set; what is not named has the method's default
    calls, most_calls    model calls of one map: mean, and the most of any instance
    seconds              processor seconds of one map, median: the first of all waits for libraries to be read
    instances, partial, failed   maps wanted; ended by a limit; not made
    flagged              its maps hardly change when the model's weights are drawn at random
    """

    name: str
    title: str
    cells: dict[str, Cell]
    rival: bool = False
    params: dict[str, Any] = field(default_factory=dict)
    calls: float | None = None
    most_calls: int | None = None
    seconds: float | None = None
    instances: int = 0
    partial: int = 0
    failed: int = 0
    flagged: bool = False


@dataclass(frozen=True)
class LeftOut:
    """A method that does not fit, and why."""

    name: str
    title: str
    reason: str


@dataclass(frozen=True)
class Board:
    """One model of one task. `what`: which instances, in words; `instances_sha256`: of all their hashes in order."""

    name: str  # "reviews/minilm"
    task: str
    model: str
    title: str
    model_title: str
    modality: str
    model_fingerprint: str
    instances: int
    steady_instances: int
    what: str
    instances_sha256: str
    columns: list[Column]
    rows: list[Row]
    left_out: list[LeftOut] = field(default_factory=list)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def row(self, name: str) -> Row | None:
        return next((row for row in self.rows if row.name == name), None)

    def sorted_rows(self, score: str) -> list[Row]:
        """Those that have the score, best mean first."""
        sign = -1 if self.column(score).higher_is_better else 1
        return sorted((row for row in self.rows if score in row.cells), key=lambda row: (sign * row.cells[score].mean, row.name))


@dataclass(frozen=True)
class Leaderboard:
    """All boards, and how they were made.

    made      date of the last unit, YYYY-MM-DD
    command   that builds it again
    versions  of the packages that the numbers depend on
    code      hash of the scores' program text
    """

    made: str
    command: str
    seed: int
    max_calls: int
    versions: dict[str, str]
    code: str
    boards: list[Board]
    schema_version: int = SCHEMA_VERSION

    def board(self, name: str) -> Board:
        return next(board for board in self.boards if board.name == name)

    @property
    def digest(self) -> str:
        """sha256 (hex) of everything but when, on what and how fast it was made: the same for an equal build."""
        record = plain(self)
        for name in ("made", "command", "versions"):
            record.pop(name)
        for one in record["boards"]:
            for row in one["rows"]:
                row.pop("seconds", None)
        return hashlib.sha256(canonical_json(record).encode()).hexdigest()

    def to_json(self) -> str:
        """The file form, one row a line, valid against the schema."""
        record = {**plain(self), "digest": self.digest}
        problem = _problem(record)
        if problem:
            raise ValueError(f"This leaderboard cannot be written: {problem}")
        for one in record["boards"]:
            one["rows"] = [f"@{i}@" for i in range(len(one["rows"]))]
        text = json.dumps(record, ensure_ascii=False, indent=1)
        parts = text.split('"@')  # rows in order: each is put in as one line
        rows = [json.dumps(plain(row), ensure_ascii=False, separators=(",", ":")) for one in self.boards for row in one.rows]
        return parts[0] + "".join(row + part.split('@"', 1)[1] for row, part in zip(rows, parts[1:], strict=True)) + "\n"

    @classmethod
    def from_json(cls, text: str | bytes) -> Leaderboard:
        """Raises ValueError with one sentence when it is not a valid leaderboard."""
        try:
            record = json.loads(text, parse_constant=_no_number)
        except (ValueError, RecursionError):
            raise ValueError(f"The leaderboard's file is not JSON: build it again with {COMMAND}.") from None
        problem = _problem(record)
        if problem:
            raise ValueError(f"The leaderboard's file is not valid ({problem}): build it again with {COMMAND}.")
        digest = record.pop("digest")
        boards = [_board(one) for one in record.pop("boards")]
        made = cls(**record, boards=boards)
        if made.digest != digest:
            raise ValueError(f"The leaderboard's file was changed after it was built: build it again with {COMMAND}.")
        return made

    @classmethod
    def load(cls, path: Path) -> Leaderboard:
        """Raises ValueError, whose text is the sentence a person is shown."""
        try:
            if path.stat().st_size > MOST_BYTES:
                raise ValueError(f"The leaderboard's file is too large to be one: build it again with {COMMAND}.")
            return cls.from_json(path.read_bytes())
        except OSError:
            raise ValueError(f"There is no leaderboard yet: build it with {COMMAND}.") from None


def joined(parts: Sequence[Leaderboard], order: Sequence[str] = ()) -> Leaderboard:
    """One leaderboard of boards that were built apart; of a board that is in two, the later one. Raises ValueError where they do not belong together.

    order: names of boards, in the order wanted; others after them
    """
    if not parts:
        raise ValueError("There is nothing to join: name at least one leaderboard.")
    last = parts[-1]
    for name in ("seed", "max_calls", "code", "versions"):
        if any(getattr(part, name) != getattr(last, name) for part in parts):
            raise ValueError(
                f"These leaderboards were built differently (their {name.replace('_', ' ')} is not the same): build one of them again."
            )
    boards = {board.name: board for part in parts for board in part.boards}
    names = sorted(boards, key=lambda name: list(order).index(name) if name in order else len(order))
    commands = list(dict.fromkeys(part.command for part in parts))
    made = max(part.made for part in parts)
    return dataclasses.replace(last, made=made, command="; ".join(commands), boards=[boards[name] for name in names])


def bundled() -> Leaderboard:
    """The one that comes with the project."""
    return Leaderboard.load(BUNDLED)


def plain(one: Any) -> dict[str, Any]:
    """A dataclass of this file as JSON values, numbers rounded to `DIGITS` significant digits; empty and absent ones left out of rows."""
    return _plain(dataclasses.asdict(one))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError("A leaderboard holds finite numbers only.")
        return float(f"{value:.{DIGITS}g}")
    return value


def _board(record: dict[str, Any]) -> Board:
    rows = [Row(**{**row, "cells": {name: _cell(cell) for name, cell in row["cells"].items()}}) for row in record.pop("rows")]
    columns = [Column(**column) for column in record.pop("columns")]
    left_out = [LeftOut(**one) for one in record.pop("left_out")]
    return Board(**record, rows=rows, columns=columns, left_out=left_out)


def _cell(record: dict[str, Any]) -> Cell:
    against = {name: Difference(**one) for name, one in record["against"].items()}
    place = None if record["place"] is None else (record["place"][0], record["place"][1])
    return Cell(**{**record, "against": against, "place": place})


def _no_number(text: str) -> float:
    raise ValueError(text)


@cache
def _validator() -> Any:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_PATH.read_text(encoding="utf8")))


def _problem(record: Any) -> str:
    """What is wrong, or "": against the schema, and what a schema cannot say."""
    found = jsonschema.exceptions.best_match(_validator().iter_errors(record))
    if found is not None:
        where = "/".join(str(p) for p in found.absolute_path) or "the top level"
        return f"at {where[:80]}: {found.message[:160]}"
    for one in record["boards"]:
        known = {column["name"] for column in one["columns"]}
        for row in one["rows"]:
            unknown = row["cells"].keys() - known
            if unknown:
                return f"{row['name'][:40]} has a score without a column, {sorted(unknown)[0][:40]}"
            if row["most_calls"] is not None and row["most_calls"] > record["max_calls"]:
                return f"{row['name'][:40]} used {row['most_calls']} model calls, more than the {record['max_calls']} allowed"
    return ""
