"""Prototypes and nearest examples on a slide and, for pictures, as one picture: the instance and the nearest of each class in a row."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import Any

import numpy as np
import vl_convert
from PIL import Image

from ..explanation import Attribution, Explanation
from . import attribution_slide, colours, escape, inputs, layout, numbers
from .prototypes_rows import Near, Row, similarity
from .prototypes_sentence import of_importance, slight
from .slide import GREY, INK, Box

MOST_CLASSES = 3  # beside the instance
MOST_DIFFERENCES = 6
WIDTH, HEIGHT = 1400, 560  # pixels of `image`
_SIDE = 512  # of a picture inside
_GAP = 40
_CAPTION = 150  # height of the words under a picture


def image(e: Explanation, **look: Any) -> Image.Image | None:
    """The pictures in a row, each with its similarity. None for other inputs. `look` is for other kinds."""
    near = Near.of(e)
    if not isinstance(e.instance, Image.Image) or not near.rows:
        return None
    drawn = _row_of_pictures(near, Box(16, 16, WIDTH - 32, HEIGHT - 32))
    size = f'width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    ground = layout.rect(0, 0, WIDTH, HEIGHT, "#ffffff")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{layout.FONT}">{ground}{drawn}</svg>'
    return Image.open(io.BytesIO(vl_convert.svg_to_png(svg, scale=1))).convert("RGB")


def slide_input(e: Explanation, box: Box) -> str:
    """The input with the parts that make it similar marked, where any does; nothing for a picture, which stands beside the others below."""
    if isinstance(e.instance, Image.Image):
        return ""
    near = Near.of(e)
    shown = of_importance(near) if e.payload.importance and not slight(near) else replace(e, payload=Attribution([], [], np.array([]), ""))
    return attribution_slide.slide_input(shown, box)


def slide_picture(e: Explanation, box: Box) -> str:
    near = Near.of(e)
    if not near.rows:
        return ""
    if isinstance(e.instance, Image.Image):
        return _row_of_pictures(near, box)
    shown = near.leading[:MOST_CLASSES]
    height = box.height / max(2, len(shown))
    return "".join(_words(near, row, Box(box.x, box.y + i * height, box.width, height - 16)) for i, row in enumerate(shown))


def _row_of_pictures(near: Near, box: Box) -> str:
    """The instance first, then the nearest of each class."""
    shown: list[Row | None] = [None, *near.leading[:MOST_CLASSES]]
    width = min((box.width - _GAP * (len(shown) - 1)) / len(shown), box.height - _CAPTION)
    parts = []
    for i, row in enumerate(shown):
        cell = Box(box.x + i * (width + _GAP), box.y, width, box.height)
        picture = near.e.instance if row is None else row.prototype.instance
        if isinstance(picture, Image.Image):
            parts.append(_thumbnail(picture, cell))
        parts.append(_caption(f"This {near.noun[0]}" if row is None else near.heading(row), row, cell))
    return "".join(parts)


def _thumbnail(picture: Image.Image, cell: Box) -> str:
    shown = inputs.small(picture, _SIDE)
    scale = cell.width / max(shown.size)
    size = f'width="{shown.width * scale:.1f}" height="{shown.height * scale:.1f}"'
    return f'<image x="{cell.x:.1f}" y="{cell.y:.1f}" {size} href="{inputs.address(shown)}"/>'


def _caption(words: str, row: Row | None, cell: Box) -> str:
    top = cell.y + cell.width + 8
    size, lines = layout.fit(words, (24, 22, 20), cell.width, 2 * 24 * 1.25, bold=True, spacing=1.25)
    drawn = layout.lines_element(lines, cell.x, top, size, INK, bold=True, spacing=1.25)
    return drawn if row is None else drawn + _bar(row, Box(cell.x, top + 70, cell.width, 22))


def _bar(row: Row, box: Box) -> str:
    """Similarity from 0 to 1."""
    number = f"{similarity(row.similarity)} of 1"
    width = box.width - layout.measure(number, 24, bold=True) - 14
    return "".join(
        [
            layout.rect(box.x, box.y, width * row.similarity, box.height, colours.TOWARD, 2),
            layout.rect(box.x, box.y, width, box.height, "none", 2, f'stroke="{GREY}" stroke-width="2"'),
            layout.text_element(number, box.x + width + 14, box.y + box.height - 3, 24, INK, bold=True),
        ]
    )


def _words(near: Near, row: Row, box: Box) -> str:
    """A text or a table's row: what it is, how similar, and its words or how it differs."""
    says = f"; the model says {row.answer} ({numbers.percent(row.sure)})" if row.answer else ""
    head = layout.cut(near.heading(row) + says, 26, box.width, bold=True)
    size, lines = layout.fit(_said(near, row), (28, 25, 22), box.width, box.height - 86)
    return "".join(
        [
            layout.text_element(head, box.x, box.y + 26, 26, INK, bold=True),
            _bar(row, Box(box.x, box.y + 40, min(box.width, 560), 22)),
            layout.lines_element(lines, box.x, box.y + 74, size, INK),
        ]
    )


def _said(near: Near, row: Row) -> str:
    own, other = near.e.instance, row.prototype.instance
    if isinstance(own, dict) and isinstance(other, dict):
        equal = near.equal(row)
        differ = [name for name in own if name not in equal]
        said = [f"{escape.shorten(n.replace('_', ' '), 30)} {_value(own[n])} / {_value(other.get(n))}" for n in differ[:MOST_DIFFERENCES]]
        more = f" and {len(differ) - MOST_DIFFERENCES} more" if len(differ) > MOST_DIFFERENCES else ""
        start = f"Equal in {len(equal)} of {len(own)} variables"
        return f"{start}. Differs in (this row / that row): {', '.join(said)}{more}." if said else f"{start}."
    return near.said(row, 400)


def _value(v: Any) -> str:
    return escape.shorten(numbers.value(v), 30)
