"""Files of an export: tables as CSV and Parquet, and a folder that is written whole or not at all.

A spreadsheet takes a cell that begins with = + - @ (or their wide forms), a tab or a line break for a formula. Such texts get one ' in front, and
texts that begin with ' and then one of those get one more, so that taking one away gives back every text. Numbers are not touched: -3 stays -3.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Any

import pandas as pd

from ..materials import EXPORTED
from .columns import COLUMNS, NUMBER, TABLES, TEXT, WHOLE

SUMS = EXPORTED
_FORMULA = re.compile("'*[=+\\-@\t\r\n＝＋－＠]")
_GUARDED = re.compile("'+[=+\\-@\t\r\n＝＋－＠]")
_DTYPES = {TEXT: "string", WHOLE: "Int64", NUMBER: "Float64"}


def guarded(text: str) -> str:
    """As it is written into a CSV."""
    return "'" + text if _FORMULA.match(text) else text


def unguarded(text: str) -> str:
    """As it was before `guarded`."""
    return text[1:] if _GUARDED.match(text) else text


def typed(rows: list[dict[str, Any]], table: str) -> pd.DataFrame:
    """Rows as one of `TABLES`: its columns in order, texts, whole numbers and numbers with NA for what is missing."""
    names = TABLES[table]
    return pd.DataFrame({name: pd.Series([row[name] for row in rows], dtype=_DTYPES[COLUMNS[name].kind]) for name in names})


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """As in RFC 4180: UTF-8, a comma between cells, CR LF after rows (so that a lone CR in a text is quoted). A missing value is an empty cell."""
    with path.open("w", encoding="utf8", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([guarded(str(name)) for name in frame.columns])  # of payment, some are of the address that people came by
        for row in frame.itertuples(index=False):
            writer.writerow("" if v is pd.NA else guarded(v) if isinstance(v, str) else v for v in row)


def read_csv(path: str | Path, table: str) -> pd.DataFrame:
    """A table of an export as it was before it was written; an empty cell is NA. Raises ValueError with one sentence."""
    with Path(path).open(encoding="utf8", newline="") as file:
        head, *rows = csv.reader(file)
    if head != TABLES[table]:
        raise ValueError(f"{path} has other columns than the table {table} of an export: export it again.")
    kinds = [COLUMNS[name].kind for name in head]
    number = {WHOLE: int, NUMBER: float}
    values = [
        {
            name: None if cell == "" else unguarded(cell) if kind == TEXT else number[kind](cell)
            for name, kind, cell in zip(head, kinds, row, strict=True)
        }
        for row in rows
    ]
    return typed(values, table)


class Folder:
    """A folder beside `place` that takes its name when it is whole; `private`: nobody but its owner may look in.

    What is there already is replaced only where it is an untouched earlier one: every file of it stands in its list of hashes, as
    listed, and `identifier` in its `marker`. Else making one raises ValueError with one sentence.
    """

    def __init__(self, place: Path, marker: str, identifier: str, private: bool = False):
        self.place, self.private = place, private
        if place.is_symlink() or (place.exists() and not place.is_dir()):
            raise ValueError(f"{place} is no folder: give another one for the export.")
        if not place.parent.is_dir():
            raise ValueError(f"There is no folder {place.parent} for the export: make it first.")
        if place.exists() and any(place.iterdir()):
            _only_ours(place, marker, identifier)
        self.part = place.with_name(f".{place.name}.{secrets.token_hex(6)}.part")
        self.part.mkdir(mode=0o700 if private else 0o777)  # 777 less what the person's umask takes

    def write(self, path: str, content: bytes | str) -> None:
        """A file, by its path in the folder."""
        self.path(path).write_bytes(content.encode() if isinstance(content, str) else content)

    def path(self, path: str) -> Path:
        """Where to write a file; its folders are there then."""
        target = self.part / path
        if Path(path).is_absolute() or ".." in Path(path).parts or "\\" in path or "\0" in path or "\n" in path:
            raise ValueError(f"The store names a file {path[:80]!r}, which would not lie in the export: do not use this store.")
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def finish(self) -> Path:
        """List the hashes, and take the name."""
        listed = "".join(f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {name}\n" for name, file in _files(self.part).items())
        self.write(SUMS, listed)
        for folder, _, names in os.walk(self.part) if self.private else ():
            Path(folder).chmod(0o700)
            for name in names:
                (Path(folder) / name).chmod(0o600)
        old = self.place.with_name(f".{self.place.name}.{secrets.token_hex(6)}.old")
        if self.place.exists():
            self.place.rename(old)
        try:
            self.part.rename(self.place)
        except OSError:
            if old.exists():
                old.rename(self.place)
            raise
        shutil.rmtree(old, ignore_errors=True)
        return self.place

    def drop(self) -> None:
        """Leave nothing half written."""
        shutil.rmtree(self.part, ignore_errors=True)

    def remove(self) -> None:
        """Nothing is to be there, an earlier one neither."""
        self.drop()
        if self.place.exists():
            shutil.rmtree(self.place)


def _files(folder: Path) -> dict[str, Path]:
    return {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if not path.is_dir() or path.is_symlink()}


def _only_ours(place: Path, marker: str, identifier: str) -> None:
    try:
        lines = (place / SUMS).read_text(encoding="utf8").splitlines()
        ours = identifier in (place / marker).read_text(encoding="utf8").splitlines()
    except (OSError, UnicodeDecodeError):
        lines, ours = [], False
    if not ours:
        raise ValueError(f"{place} holds other things than an export of this study: give an empty or a new folder.")
    listed = {name: sha for sha, _, name in (line.partition("  ") for line in lines)}
    for name, path in _files(place).items():
        if name != SUMS and (path.is_symlink() or hashlib.sha256(path.read_bytes()).hexdigest() != listed.get(name)):
            raise ValueError(
                f"{place} holds {name[:80]!r}, which was added or changed after the export: move it away, or give a new folder."
            )
