"""Sets of items from a stranger's files: pictures (or a zip of them), texts one a line, columns and rows of a CSV file.

Everything is read in memory and nothing is written to a disk, so the paths inside a zip lead nowhere. Every problem is a ValueError whose
text is the sentence a person is shown; it names the file by its last part only.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

import pandas as pd
from PIL import Image

from ..pictures import MAX_BYTES, read_picture

PICTURES, LINES, ROWS = "image", "text", "tabular"
MOST_PICTURES, MOST_LINES = 300, 10_000  # of a set
MOST_UNPACKED = 300_000_000  # bytes of all files of a zip together, counted while they are unpacked
MOST_BYTES = 50_000_000  # of a file of texts or rows
MOST_COLUMNS = 200
SIDE = 320  # pixels of the longer side that a picture is kept with: more than any model here looks at
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")


@dataclass(frozen=True)
class Upload:
    """A file as it was handed over."""

    name: str
    data: bytes


def read(modality: str, files: Sequence[Upload], side: str, column: str | None = None) -> list[Any]:
    """The items of set `side`. column: which column of a CSV file holds the texts, None for the only one, or for a file of lines."""
    if not files:
        raise ValueError(f"Set {side} has no file yet: choose one.")
    if modality == PICTURES:
        return _pictures(files, side)
    if len(files) > 1:
        raise ValueError(f"Set {side} has {len(files)} files: give one.")
    return _rows(files[0], side) if modality == ROWS else _texts(files[0], side, column)


def columns(file: Upload) -> list[str]:
    """Names of the columns of a CSV file, [] for any other."""
    return [str(name) for name in _frame(file, rows=5).columns] if _is_csv(file) else []


def _is_csv(file: Upload) -> bool:
    return file.name.lower().endswith(".csv")


def _short(name: str) -> str:
    return f"“{PurePosixPath(name.replace(chr(92), '/')).name[-60:] or 'without a name'}”"


def _pictures(files: Sequence[Upload], side: str) -> list[Image.Image]:
    found: list[Image.Image] = []
    for file in files:
        members = _unpacked(file, side) if file.name.lower().endswith(".zip") else [file]
        for one in members:
            if len(found) == MOST_PICTURES:
                raise ValueError(f"Set {side} has more than {MOST_PICTURES} pictures: give fewer.")
            try:
                picture = read_picture(one.data)
            except ValueError as problem:
                raise ValueError(f"{_short(one.name)} in set {side} cannot be used. {problem}") from None
            picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            found.append(picture)
    if not found:
        raise ValueError(f"There is no picture in set {side}: a zip must hold JPEG, PNG or WebP files.")
    return found


def _unpacked(file: Upload, side: str) -> list[Upload]:
    """The pictures in a zip. Sizes are counted as they come out: what the zip says of itself need not be true."""
    try:
        archive = zipfile.ZipFile(io.BytesIO(file.data))
        names = [entry for entry in archive.infolist() if _wanted(entry)]
    except Exception:  # a broken directory can fail anywhere
        raise ValueError(f"{_short(file.name)} in set {side} is no zip file that can be read: pack it anew.") from None
    if len(names) > MOST_PICTURES:
        raise ValueError(f"{_short(file.name)} in set {side} holds {len(names):,} pictures: give at most {MOST_PICTURES}.")
    out, left = [], MOST_UNPACKED
    for entry in names:
        if entry.flag_bits & 1:
            raise ValueError(f"{_short(file.name)} in set {side} is locked with a password: pack it without one.")
        try:
            with archive.open(entry) as opened:
                data = opened.read(min(MAX_BYTES, left) + 1)
        except Exception:
            raise ValueError(f"{_short(entry.filename)} in set {side} is damaged inside its zip: pack it anew.") from None
        if len(data) > min(MAX_BYTES, left):
            raise ValueError(f"{_short(file.name)} in set {side} unpacks to too much: give smaller pictures.")
        left -= len(data)
        out.append(Upload(entry.filename, data))
    return out


def _wanted(entry: zipfile.ZipInfo) -> bool:
    path = PurePosixPath(entry.filename)
    hidden = path.name.startswith(".") or "__MACOSX" in path.parts
    return not entry.is_dir() and not hidden and path.suffix.lower() in ENDINGS


def _texts(file: Upload, side: str, column: str | None) -> list[str]:
    if _is_csv(file):
        frame = _frame(file)
        if column is None and len(frame.columns) > 1:
            raise ValueError(f"{_short(file.name)} in set {side} has {len(frame.columns)} columns: choose the one that holds the texts.")
        wanted = str(frame.columns[0]) if column is None else column
        if wanted not in frame.columns:
            raise ValueError(f"{_short(file.name)} in set {side} has no column “{wanted[:60]}”: choose one that both files have.")
        texts = [str(value) for value in frame[wanted] if not pd.isna(value) and str(value).strip()]
    else:
        texts = [line for line in _decoded(file).splitlines() if line.strip()]
    return _few(texts, side)


def _rows(file: Upload, side: str) -> list[dict[str, Any]]:
    frame = _frame(file)
    if len(frame.columns) > MOST_COLUMNS:
        raise ValueError(f"{_short(file.name)} in set {side} has {len(frame.columns):,} columns: give at most {MOST_COLUMNS}.")
    return _few(frame.to_dict("records"), side)


def _few(items: list[Any], side: str) -> list[Any]:
    if len(items) > MOST_LINES:
        raise ValueError(f"Set {side} has {len(items):,} items: give at most {MOST_LINES:,}.")
    return items


def _decoded(file: Upload) -> str:
    if len(file.data) > MOST_BYTES:
        raise ValueError(f"{_short(file.name)} has {len(file.data) / 1e6:.0f} MB: give at most {MOST_BYTES / 1e6:.0f} MB.")
    try:
        text = file.data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ValueError(f"{_short(file.name)} is not text in UTF-8: save it as UTF-8.") from None
    if "\0" in text:
        raise ValueError(f"{_short(file.name)} is not a file of text: save it as plain text in UTF-8.")
    return text


def _frame(file: Upload, rows: int | None = None) -> pd.DataFrame:
    text = _decoded(file)
    try:
        frame = pd.read_csv(io.StringIO(text), nrows=rows if rows is not None else MOST_LINES + 1, low_memory=False)
    except Exception:
        raise ValueError(
            f"{_short(file.name)} is no CSV file that can be read: it needs a line of column names, then a line a row."
        ) from None
    return frame.rename(columns=str)
