"""An attribution on a slide: the input with its parts marked, and its strongest parts as bars."""

from __future__ import annotations

from collections.abc import Iterator

from ..explanation import Explanation
from . import colours, escape, layout, numbers
from .attribution_html import spans
from .attribution_rows import Row, Rows
from .layout import Token
from .slide import GREY, INK, Box
from .slide_flow import flow, plain_tokens

MOST_BARS = 8


def slide_input(e: Explanation, box: Box) -> str:
    """The input at the largest size at which all of it fits; else the passage that counts most."""
    rows = Rows.of(e)
    tokens = list(_row_tokens(rows) if isinstance(e.instance, dict) else _text_tokens(rows) if e.modality == "text" else ())
    by_index = {r.index: r for r in rows.rows}
    weights = {r.index: abs(r.value) for r in rows.rows}
    return flow(tokens, box, weights, lambda key, x, top, width, size: _mark(rows, by_index[key], x, top, width, size))


def _text_tokens(rows: Rows) -> Iterator[Token]:
    instance, end = str(rows.e.instance), 0
    for start, stop, row in spans(rows):
        yield from plain_tokens(instance[end:start], glued=end > 0)
        glued = start > 0 and not instance[start - 1].isspace()
        yield Token(escape.flat(instance[start:stop]) + _sign(row), row.index, glued)
        end = stop
    yield from plain_tokens(instance[end:], glued=end > 0)


def _sign(row: Row) -> str:
    return "\u2009" + row.sign if row.sign else ""


def _row_tokens(rows: Rows) -> Iterator[Token]:
    """Chosen variables first, strongest first, then the others in their order."""
    instance = rows.e.instance
    chosen = {rows.payload.features[r.index]: r for r in rows.rows}
    for name in sorted(instance, key=lambda n: -abs(chosen[n].value) if n in chosen else 1.0):
        said = f"{escape.shorten(name.replace('_', ' '), 30)}: {escape.shorten(numbers.value(instance[name]), 30)}"
        yield Token(said + (_sign(chosen[name]) if name in chosen else ""), chosen[name].index if name in chosen else None)
        yield Token("\u2002", glued=True)


def _mark(rows: Rows, row: Row, x: float, top: float, width: float, size: float) -> str:
    colour = row.colour
    under = top + size * 1.28
    dash = "" if row.toward and row.sure else "10 6" if row.sure else "3 5"
    line = layout.line(x, under, x + width, under, colour, 4 if row.sure else 2, dash)
    if not row.sure:
        return line
    return (
        layout.rect(x, top + size * 0.08, width, size * 1.2, colours.over(colour, colours.tint(row.value, rows.largest), "#ffffff"), 6)
        + line
    )


def slide_picture(e: Explanation, box: Box) -> str:
    return bars(Rows.of(e), box)


def bars(rows: Rows, box: Box) -> str:
    """The strongest parts as bars, with a line that says what they measure and how many are left out."""
    if not rows.rows:
        return ""
    shown = rows.strongest(MOST_BARS)
    title = " ".join(shown.axis_title(24))
    left_out = len(rows.rows) - len(shown.rows)
    more = f"; {numbers.count(left_out, 'smaller one')} not shown" if left_out else ""
    title = layout.cut(title[:1].upper() + title[1:] + more, 22, box.width)
    names = min(0.42 * box.width, 14 + max(layout.measure(r.label, 28) for r in shown.rows))
    plot = Box(box.x + names, box.y, box.width - names, box.height - 40)
    step = min(58.0, plot.height / len(shown.rows))
    scale = _Scale(shown, plot)
    bars = "".join(_bar(shown, row, scale, box.x + names - 14, names - 14, plot.y + i * step, step) for i, row in enumerate(shown.rows))
    bottom = plot.y + step * len(shown.rows)
    zero = layout.line(scale.at(0), plot.y, scale.at(0), bottom, GREY)
    return bars + zero + layout.text_element(title, box.x, bottom + 34, 22, GREY)


class _Scale:
    def __init__(self, rows: Rows, plot: Box):
        low, high = rows.reach
        texts = 18 + max(layout.measure(rows.number(r.value), 26, bold=True) for r in rows.rows)
        left = texts if any(not r.toward for r in rows.rows) else 0.0
        right = texts if any(r.toward for r in rows.rows) else 0.0
        self.zero_x = plot.x + left
        self.low = low
        self.unit = (plot.width - left - right) / ((high - low) or 1.0)

    def at(self, x: float) -> float:
        return self.zero_x + (x - self.low) * self.unit


def _bar(rows: Rows, row: Row, scale: _Scale, name_end: float, name_width: float, top: float, step: float) -> str:
    middle = top + step / 2
    left, right = sorted((scale.at(0), scale.at(row.value)))
    colour = row.colour
    look = f'stroke="{colour}" stroke-width="2"' + ("" if row.sure else ' stroke-dasharray="6 5"')
    parts = [
        layout.text_element(layout.cut(row.label, 28, name_width), name_end, middle + 10, 28, INK, "end"),
        layout.rect(left, middle - 0.3 * step, right - left, 0.6 * step, colour if row.sure else "#ffffff", 2, look),
    ]
    ends = [0.0, row.value]
    if row.low is not None and row.high is not None:
        low, high = scale.at(row.low), scale.at(row.high)
        parts.append(layout.line(low, middle, high, middle, INK, 3))
        parts += [layout.line(x, middle - 7, x, middle + 7, INK, 3) for x in (low, high)]
        ends += [row.low, row.high]
    x, anchor = (scale.at(max(ends)) + 12, "start") if row.toward else (scale.at(min(ends)) - 12, "end")
    parts.append(layout.text_element(rows.number(row.value), x, middle + 9, 26, INK, anchor, bold=True))
    return "".join(parts)
