"""A set difference on a slide and, for pictures, as a contact sheet: the best descriptions, their intervals, what shows and contradicts them."""

from __future__ import annotations

import io
from typing import Any

import vl_convert
from PIL import Image

from ..explanation import Explanation
from ..payloads import Shown
from . import colours, inputs, layout
from .common import quoted
from .difference_rows import Line, View, cases, in_short
from .slide import GREY, INK, Box

MOST_LINES, MOST_ROWS = 8, 6
WIDTH, _ROW = 1400, 190  # pixels of the contact sheet, of a row of it
_SIDE = 128


def image(e: Explanation, **look: Any) -> Image.Image | None:
    """Contact sheet: a row for each of the best descriptions. None for other inputs. `look` is for other kinds."""
    view = View.of(e)
    rows = ([line for line in view.heads if line.found] if view.found else view.pictured)[:MOST_ROWS]
    if e.modality != "image" or not rows:
        return None
    height = _ROW * len(rows) + 32
    drawn = "".join(_sheet_row(view, line, Box(16, 16 + i * _ROW, WIDTH - 32, _ROW)) for i, line in enumerate(rows))
    size = f'width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}"'
    ground = layout.rect(0, 0, WIDTH, height, "#ffffff")
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="{layout.FONT}">{ground}{drawn}</svg>'
    return Image.open(io.BytesIO(vl_convert.svg_to_png(svg, scale=1))).convert("RGB")


def _sheet_row(view: View, line: Line, box: Box) -> str:
    c = line.candidate
    title = layout.cut(f"{quoted(line.says)}: {cases(c.score)} of cases, {line.verdict}", 22, box.width, bold=True)
    parts = [layout.text_element(title, box.x, box.y + 22, 22, INK, bold=True)]
    shows, against = view.shown(c.examples), view.shown(c.against)
    for i, one in enumerate(shows):
        parts.append(_thumbnail(one, Box(box.x + i * (_SIDE + 12), box.y + 34, _SIDE, _SIDE)))
    start = box.x + len(shows) * (_SIDE + 12) + 24
    if against:
        parts.append(layout.line(start - 18, box.y + 34, start - 18, box.y + 34 + _SIDE, GREY, dash="6 5"))
        parts.append(layout.text_element("against", start, box.y + 56, 18, GREY))
    for i, one in enumerate(against):
        parts.append(_thumbnail(one, Box(start + 80 + i * (_SIDE + 12), box.y + 34, _SIDE, _SIDE)))
    return "".join(parts)


def _thumbnail(one: Shown, cell: Box) -> str:
    if not isinstance(one.instance, Image.Image):
        return ""
    shown = inputs.small(one.instance, _SIDE)
    scale = cell.width / max(shown.size)
    size = f'width="{shown.width * scale:.1f}" height="{shown.height * scale:.1f}"'
    return f'<image x="{cell.x:.1f}" y="{cell.y:.1f}" {size} href="{inputs.address(shown)}"/>'


def slide_input(e: Explanation, box: Box) -> str:
    """What shows the best description best; nothing where there is none."""
    view = View.of(e)
    best = view.best
    if best is None:  # what came nearest to a result is none: nothing "shows it best"
        return ""
    shown = view.shown(best.candidate.examples)
    head = layout.text_element(
        layout.cut(f"Shows {quoted(best.says)} best:", 26, box.width, bold=True), box.x, box.y + 26, 26, INK, bold=True
    )
    if e.modality == "image":
        side = box.height - 44
        return head + "".join(_thumbnail(one, Box(box.x + i * (side + 20), box.y + 42, side, side)) for i, one in enumerate(shown))
    said = [layout.cut(in_short(view, one, best.given, 200), 26, box.width) for one in shown[:4]]
    return head + layout.lines_element(said, box.x, box.y + 46, 26, INK, spacing=1.6)


def slide_picture(e: Explanation, box: Box) -> str:
    """The best descriptions with score and interval on a line from 0 to 1."""
    view = View.of(e)
    lines = view.pictured[:MOST_LINES]
    if not lines:
        return ""
    head = ""
    if not view.found:
        head = layout.text_element("Closest, not more than chance:", box.x, box.y + 26, 26, GREY)
        box = Box(box.x, box.y + 52, box.width, box.height - 52)
    height = min(60.0, (box.height - 40) / len(lines))
    left, width = box.x + 0.5 * box.width, 0.38 * box.width
    bottom = box.y + height * len(lines)
    half = layout.line(left + width / 2, box.y, left + width / 2, bottom, GREY, dash="6 5")
    scale = "".join(
        layout.text_element(t, left + x * width, bottom + 28, 20, GREY, "middle") for x, t in ((0, "0"), (0.5, "0.5"), (1, "1"))
    )
    return head + half + scale + "".join(_score(line, box.x, box.y + i * height, height, left, width) for i, line in enumerate(lines))


def _score(line: Line, x: float, y: float, height: float, left: float, width: float) -> str:
    c = line.candidate
    middle = y + height / 2
    low, score, high = (left + width * min(max(v, 0.0), 1.0) for v in (c.low, c.score, c.high))
    colour = colours.TOWARD if line.found else GREY
    dot = layout.rect(
        score - 9, middle - 9, 18, 18, colour if line.found else "#ffffff", 9 if line.found else 0, f'stroke="{colour}" stroke-width="3"'
    )
    return "".join(
        [
            layout.text_element(layout.cut(line.says, 26, left - x - 24), x, middle + 9, 26, INK),
            layout.line(low, middle, high, middle, colour, 3),
            dot,
            layout.text_element(cases(c.score), left + width + 20, middle + 8, 24, INK, bold=line.found),
        ]
    )
