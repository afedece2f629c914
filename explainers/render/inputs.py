"""Any instance as a person sees it, for the kinds that show more inputs than one: its words, its values, its picture in small.

Everything returned as HTML is escaped; a style sheet for it is `style.INPUTS`.
"""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from PIL import Image

from . import escape, numbers
from .common import input_noun, quoted

SIDE = 224  # pixels of the longer side of a picture in small
LONGEST = 4_000  # characters of a text; the data has all of them
MOST_VARIABLES = 60  # rows of a comparison; the data has all of them
_QUALITY = 78  # of the JPEG

EQUAL, UNEQUAL, BECAME = "=", "≠", "→"


def described(instance: Any, modality: str, number: int, length: int) -> str:
    """A training instance in a few characters: its first words in quotation marks, or "row 12"."""
    if isinstance(instance, str):
        return quoted(escape.shorten(instance, length) or "(blank)")
    return f"{input_noun(modality)[0]} {number}"


def equal(a: Any, b: Any) -> bool:
    """Whether two cells of a table hold the same; two missing ones do."""
    missing = [v is None or (isinstance(v, float) and math.isnan(v)) for v in (a, b)]
    return all(missing) or (not any(missing) and bool(a == b))


def equal_variables(a: dict[str, Any], b: dict[str, Any]) -> list[str]:
    return [name for name in a if name in b and equal(a[name], b[name])]


@dataclass(frozen=True)
class Mark:
    """A stretch of a text, [start, end) in characters, and the word that stood there before ("" where none is known)."""

    start: int
    end: int
    old: str = ""


def marks(spans: Iterable[Sequence[int]], length: int) -> list[Mark]:
    """Spans in order as marks. A file from elsewhere may hold impossible ones: these are left out."""
    kept: list[Mark] = []
    for start, end in sorted((s[0], s[1]) for s in spans):
        if 0 <= start < end <= length and (not kept or start >= kept[-1].end):
            kept.append(Mark(start, end))
    return kept


def text(s: str, marked: Sequence[Mark], drawn: Callable[[Mark, str], str], longest: int = LONGEST) -> str:
    """A text with some stretches drawn by `drawn(mark, escaped words)`; its end is cut when it has more than `longest` characters."""
    shown = s if len(s) <= longest else s[:longest]
    pieces, at = [], 0
    for mark in marked:
        if mark.end > len(shown):
            break
        pieces += [escape.text(shown[at : mark.start]), drawn(mark, escape.text(shown[mark.start : mark.end]))]
        at = mark.end
    cut = "" if shown == s else escape.ELLIPSIS
    return f'<p class="ft-text" dir="auto">{"".join(pieces)}{escape.text(shown[at:])}{cut}</p>'


def compared(before: dict[str, Any], after: dict[str, Any], heads: tuple[str, str], sign: str = UNEQUAL) -> str:
    """Two rows side by side, variable by variable: equal values carry "=", others `sign` and heavier letters."""
    names = list(before)
    head = "".join(f'<th scope="col">{escape.prose(h)}</th>' for h in ("variable", *heads))
    body = "".join(_compared_row(name, before[name], after.get(name), sign) for name in names[:MOST_VARIABLES])
    left = len(names) - MOST_VARIABLES
    more = f'<p class="ft-small">and {numbers.count(left, "further variable")}, in the data</p>' if left > 0 else ""
    return f'<table class="ft-compared" dir="auto"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{more}'


def _compared_row(name: str, before: Any, after: Any, sign: str) -> str:
    same = equal(before, after)
    value = f"<bdi>{_cell(after)}</bdi>"
    shown = f'<span class="ft-sign">{EQUAL}</span>{value}' if same else f'<span class="ft-sign">{sign}</span><b>{value}</b>'
    head = f'<th scope="row"><bdi>{escape.breakable(escape.shorten(name, 200))}</bdi></th>'
    return f"<tr>{head}<td><bdi>{_cell(before)}</bdi></td><td>{shown}</td></tr>"


def values(row: dict[str, Any]) -> str:
    """A row on its own: variable and value."""
    items = "".join(
        f'<tr><th scope="row"><bdi>{escape.breakable(escape.shorten(k, 200))}</bdi></th><td><bdi>{_cell(v)}</bdi></td></tr>'
        for k, v in list(row.items())[:MOST_VARIABLES]
    )
    return f'<table class="ft-compared" dir="auto"><tbody>{items}</tbody></table>'


def _cell(v: Any) -> str:
    return escape.text(escape.shorten(numbers.value(v), 300))


def small(picture: Image.Image, side: int = SIDE) -> Image.Image:
    """The picture with its longer side at most `side` pixels."""
    shown = picture.convert("RGB")
    if max(shown.size) > side:
        shown.thumbnail((side, side), Image.Resampling.LANCZOS)
    return shown


def photograph(picture: Image.Image, alt: str, side: int = SIDE) -> str:
    """<img> of the picture in small, inside the page. `alt`: plain words for who does not see it."""
    shown = small(picture, side)
    described = escape.text(escape.shorten(alt, 300))
    return f'<img src="{address(shown)}" width="{shown.width}" height="{shown.height}" alt="{described}">'


def address(picture: Image.Image) -> str:
    """The picture as a data: address."""
    file = io.BytesIO()
    picture.save(file, "JPEG", quality=_QUALITY)
    return f"data:image/jpeg;base64,{base64.b64encode(file.getvalue()).decode()}"
