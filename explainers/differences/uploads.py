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
LOOKED_AT = 50  # rows of a CSV file from which it is guessed which column holds the texts
TEXT_NAMES = ("text", "texts", "sentence", "review", "comment", "message", "content", "body")
SIDE = 320  # pixels of the longer side that a picture is kept with: more than any model here looks at
ENDINGS = (".jpg", ".jpeg", ".png", ".webp")
Named = list[tuple[str, Image.Image]]


@dataclass(frozen=True)
class Upload:
    """A file as it was handed over."""

    name: str
    data: bytes


def read(modality: str, files: Sequence[Upload], side: str, column: str | None = None, left_out: list[str] | None = None) -> list[Any]:
    """The items of set `side`. column: which column of a CSV file holds the texts, None for the only one, or for a file of lines.

    left_out: takes what is wrong with each picture that cannot be used, as long as others can; None: the first such one is an error.
    """
    if not files:
        raise ValueError(f"Set {side} has no file yet: choose one.")
    if modality == PICTURES:
        return [picture for _, picture in _pictures(files, side, left_out)]
    if len(files) > 1:
        raise ValueError(f"Set {side} has {len(files)} files: give one.")
    return _rows(files[0], side) if modality == ROWS else _texts(files[0], side, column)


def read_pairs(
    modality: str, a: Sequence[Upload], b: Sequence[Upload], columns_of: tuple[str | None, str | None] = (None, None)
) -> tuple[list[Any], list[Any]]:
    """Two sets whose items belong together two by two: pictures by their names where most names are in both sets, all else by order.

    An empty line or cell has its place: it is no text, but leaving it out would shift all that follow.
    """
    for files, side in ((a, "A"), (b, "B")):
        if not files:
            raise ValueError(f"Set {side} has no file yet: choose one.")
    if modality == PICTURES:
        return _picture_pairs(_pictures(a, "A"), _pictures(b, "B"))
    if modality == ROWS:
        first, second = read(ROWS, a, "A"), read(ROWS, b, "B")
    else:
        first, second = _texts(a[0], "A", columns_of[0], every=True), _texts(b[0], "B", columns_of[1], every=True)
    _check_counts(first, second)
    kept = [i for i, (x, y) in enumerate(zip(first, second, strict=True)) if modality == ROWS or (x.strip() and y.strip())]
    return [first[i] for i in kept], [second[i] for i in kept]


def _picture_pairs(a: Named, b: Named) -> tuple[list[Any], list[Any]]:
    names_a, names_b = ([name for name, _ in some] for some in (a, b))
    shared = set(names_a) & set(names_b)
    if len(set(names_a)) == len(a) and len(set(names_b)) == len(b) and 2 * len(shared) > min(len(a), len(b)):
        for names, side, other in ((names_a, "A", "B"), (names_b, "B", "A")):
            odd = next((name for name in names if name not in shared), None)
            if odd is not None:
                raise ValueError(f"{_short(odd)} of set {side} has no partner of that name in set {other}: add it there, or leave it out.")
        by_name = dict(b)
        return [picture for _, picture in a], [by_name[name] for name in names_a]
    _check_counts(a, b)
    return [picture for _, picture in a], [picture for _, picture in b]


def _check_counts(a: Sequence[Any], b: Sequence[Any]) -> None:
    if len(a) != len(b):
        raise ValueError(
            f"Pairs need equally many items, but A has {len(a):,} and B {len(b):,}: give both the same number in the same order, "
            "or turn pairs off."
        )


def columns(file: Upload) -> list[str]:
    """Names of the columns of a CSV file, [] for any other."""
    return [str(name) for name in _frame(file, rows=5).columns] if _is_csv(file) else []


def text_column(file: Upload) -> str:
    """The column of a CSV file that most likely holds the texts: one of that name, else the one with the longest entries."""
    frame = _frame(file, rows=LOOKED_AT)
    named = next((name for name in frame.columns if str(name).strip().casefold() in TEXT_NAMES), None)
    lengths = {str(name): float(frame[name].dropna().astype(str).str.len().mean()) for name in frame.columns if frame[name].notna().any()}
    return str(named) if named is not None else max(lengths, key=lambda name: lengths[name], default=str(frame.columns[0]))


def _is_csv(file: Upload) -> bool:
    return file.name.lower().endswith(".csv")


def _short(name: str) -> str:
    return f"“{PurePosixPath(name.replace(chr(92), '/')).name[-60:] or 'without a name'}”"


def _pictures(files: Sequence[Upload], side: str, left_out: list[str] | None = None) -> Named:
    """With the name of each without its folders and ending."""
    found: Named = []
    problems: list[str] = []
    for file in files:
        members = _unpacked(file, side) if file.name.lower().endswith(".zip") else [file]
        for one in members:
            if len(found) == MOST_PICTURES:
                raise ValueError(f"Set {side} has more than {MOST_PICTURES} pictures: give fewer.")
            try:
                picture = read_picture(one.data)
            except ValueError as problem:
                problems.append(f"{_short(one.name)} in set {side} cannot be used. {problem}")
                if left_out is None:
                    raise ValueError(problems[0]) from None
                continue
            picture.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
            found.append((PurePosixPath(one.name.replace(chr(92), "/")).stem.casefold(), picture))
    if problems and not found:
        raise ValueError(problems[0])
    if left_out is not None:
        left_out += problems
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


def _texts(file: Upload, side: str, column: str | None, every: bool = False) -> list[str]:
    """every: with "" for an empty line or cell, but for those at the end."""
    if _is_csv(file):
        frame = _frame(file, blank=every)
        if column is None and len(frame.columns) > 1:
            raise ValueError(f"{_short(file.name)} in set {side} has {len(frame.columns)} columns: choose the one that holds the texts.")
        wanted = str(frame.columns[0]) if column is None else column
        if wanted not in frame.columns:
            raise ValueError(f"{_short(file.name)} in set {side} has no column “{wanted[:60]}”: choose one that it has.")
        texts = ["" if pd.isna(value) else str(value) for value in frame[wanted]]
    else:
        texts = _decoded(file).rstrip().splitlines()
    return _few(texts if every else [text for text in texts if text.strip()], side)


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


def _frame(file: Upload, rows: int | None = None, blank: bool = False) -> pd.DataFrame:
    """rows: at most so many. blank: with a row for an empty line, but for those at the end."""
    text = _decoded(file).rstrip()
    try:
        frame = pd.read_csv(
            io.StringIO(text), nrows=rows if rows is not None else MOST_LINES + 1, low_memory=False, skip_blank_lines=not blank
        )
    except Exception:
        raise ValueError(
            f"{_short(file.name)} is no CSV file that can be read: it needs a line of column names, then a line a row."
        ) from None
    return frame.rename(columns=str)
