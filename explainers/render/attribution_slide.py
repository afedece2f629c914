"""An attribution on a slide: the input with its parts marked, and its strongest parts as bars."""

from __future__ import annotations

from collections.abc import Iterator

from ..explanation import Explanation
from . import colours, escape, layout, numbers
from .attribution_html import spans
from .attribution_rows import Row, Rows
from .common import PROTECTED_WORDS, class_name, protected, quoted
from .layout import Token
from .slide import GREY, INK, Box
from .slide_flow import flow, plain_tokens

MOST_BARS = 8
SMALL = 20  # letters of what stands below the bars, in pixels
LEAST_PLOT = 160.0  # pixels for the bars themselves, else their numbers stand in a column


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
        said = f"{escape.shorten(name.replace('_', ' '), 30)}{protected(rows.e, name)}: {escape.shorten(numbers.value(instance[name]), 30)}"
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


def bars(rows: Rows, box: Box, further: str = "") -> str:
    """The strongest parts as bars; below them what they measure, how many are left out, what the colours mean, and `further`."""
    if not rows.rows:
        return ""
    shown = rows.strongest(MOST_BARS)
    _, foot_height = _foot(rows, shown, Box(0, 0, box.width, 0), further)
    names = min(0.42 * box.width, 14 + max(layout.measure(r.label, 28) for r in shown.rows))
    plot = Box(box.x + names, box.y, box.width - names, box.height - foot_height)
    step = min(58.0, plot.height / len(shown.rows))
    scale = _Scale(shown, plot)
    bars = "".join(_bar(shown, row, scale, box.x + names - 14, names - 14, plot.y + i * step, step) for i, row in enumerate(shown.rows))
    bottom = plot.y + step * len(shown.rows)
    zero = layout.line(scale.at(0), plot.y, scale.at(0), bottom, GREY)
    return bars + zero + _foot(rows, shown, Box(box.x, bottom + 10, box.width, 0), further)[0]


def _foot(rows: Rows, shown: Rows, at: Box, further: str) -> tuple[str, float]:
    """Title and legend from the box's corner downwards, and their height with the space above them."""
    title = " ".join(shown.axis_title(24))
    left_out = len(rows.rows) - len(shown.rows)
    more = f"; {numbers.count(left_out, 'smaller one')} not shown" if left_out else ""
    more += f"; {PROTECTED_WORDS}" if rows.e.sensitive else ""
    _, lines = layout.fit(title[:1].upper() + title[1:] + more, (SMALL,), at.width, 3 * SMALL * 1.3)
    legend, bottom = _legend(shown, at.x, at.y + len(lines) * SMALL * 1.3 + 4, at.width)
    said = layout.lines_element(lines, at.x, at.y, SMALL, GREY) + legend
    if further:
        _, lines = layout.fit(further, (SMALL,), at.width, 4 * SMALL * 1.3)
        said, bottom = said + layout.lines_element(lines, at.x, bottom + 4, SMALL, GREY), bottom + 4 + len(lines) * SMALL * 1.3
    return said, bottom - at.y + 18


def _legend(rows: Rows, left: float, top: float, width: float) -> tuple[str, float]:
    """A sample of each look that a bar has, with its meaning, in lines no wider than `width`; and where they end."""
    target = quoted(class_name(rows.e, rows.e.target, 24))
    looks = {(r.toward, r.sure): r for r in rows.rows}
    items: list[tuple[str, bool, str]] = []  # colour, filled, meaning
    if not rows.signed:
        items.append((colours.STRONG, True, "how strongly it counts, which way it does not say"))
    else:
        items += [(colours.TOWARD, (True, True) in looks, f"+ toward {target}")] if any(toward for toward, _ in looks) else []
        items += [(colours.AWAY, (False, True) in looks, f"{numbers.MINUS} away from {target}")] if not all(t for t, _ in looks) else []
    if any(not sure for _, sure in looks):
        items.append((GREY, False, "broken line: could be chance"))
    if rows.payload.low is not None:
        items.append(("", False, "line on a bar: 95 % range"))
    drawn, x = [], 0.0
    for colour, filled, words in items:
        words = layout.cut(words, SMALL, width - 34)
        room = 34 + layout.measure(words, SMALL)
        if x and x + room > width:
            x, top = 0.0, top + SMALL * 1.4
        at, dash = left + x, "" if filled else ' stroke-dasharray="6 5"'
        look = f'stroke="{colour}" stroke-width="2"{dash}'
        bar = layout.rect(at, top + 6, 24, 16, colour if filled else "#ffffff", 2, look)
        drawn += [bar if colour else layout.line(at, top + 14, at + 24, top + 14, INK, 3)]
        drawn += [layout.text_element(words, at + 34, top + 21, SMALL, GREY)]
        x += room + 24
    return "".join(drawn), top + SMALL * 1.4


class _Scale:
    """Where a value is drawn, and its number: beyond its bar, or, where there is little room, in a column at the right."""

    def __init__(self, rows: Rows, plot: Box):
        low, high = rows.reach
        texts = 18 + max(layout.measure(rows.number(r.value), 26, bold=True) for r in rows.rows)
        both = any(not r.toward for r in rows.rows) and any(r.toward for r in rows.rows)
        self.column = plot.x + plot.width if both and plot.width - 2 * texts < LEAST_PLOT else None
        left = texts if any(not r.toward for r in rows.rows) and self.column is None else 0.0
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
        _name(row.label, name_end, name_width, middle, step),
        layout.rect(left, middle - 0.3 * step, right - left, 0.6 * step, colour if row.sure else "#ffffff", 2, look),
    ]
    ends = [0.0, row.value]
    if row.low is not None and row.high is not None:
        low, high = scale.at(row.low), scale.at(row.high)
        parts.append(layout.line(low, middle, high, middle, INK, 3))
        parts += [layout.line(x, middle - 7, x, middle + 7, INK, 3) for x in (low, high)]
        ends += [row.low, row.high]
    x, anchor = (scale.at(max(ends)) + 12, "start") if row.toward else (scale.at(min(ends)) - 12, "end")
    if scale.column is not None:
        x, anchor = scale.column, "end"
    parts.append(layout.text_element(rows.number(row.value), x, middle + 9, 26, INK, anchor, bold=True))
    return "".join(parts)


def _name(label: str, end: float, width: float, middle: float, step: float) -> str:
    """A part's name up to `end`, in one line or two, as large as there is room for."""
    size, lines = layout.fit(label, (28, 26, 24, 22, 20, 18), width, max(step - 6, 20), spacing=1.0)
    top = middle - len(lines) * size / 2
    return "".join(layout.text_element(line, end, top + (i + 0.82) * size, size, INK, "end") for i, line in enumerate(lines))
