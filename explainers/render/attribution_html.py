"""An attribution as HTML: the input with its parts marked, the bars, and the numbers as a table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..explanation import Explanation
from . import colours, escape, fills, numbers, style
from .attribution_chart import MOST_BARS
from .attribution_rows import LOG_ODDS_IN_WORDS, Row, Rows
from .common import PROTECTED_WORDS, class_name, protected, quoted

# The table gives names whole as far as a person would read them; the page's data has all of them.
TABLE_NAME_LENGTH = 300


def highlight(e: Explanation, **look: Any) -> str:
    """The input with each chosen part marked, and a legend. Has its own style, so it can stand alone on a page."""
    inner = words(e)
    return f'<div class="ft-words">{style.style(style.WORDS)}{inner}</div>' if inner else ""


def words(e: Explanation) -> str:
    """`highlight` without wrapper and style; "" for an input that is neither a text nor a table's row."""
    rows = Rows.of(e)
    if isinstance(e.instance, dict):
        return _table(rows)
    if e.modality == "text":
        return _marked_text(rows) + legend(rows)
    return ""


def spans(rows: Rows) -> list[tuple[int, int, Row]]:
    """The marked stretches of the text in order. A file from elsewhere may hold impossible ones: these are left out."""
    given = rows.payload.spans or [[] for _ in rows.payload.features]
    length = len(str(rows.e.instance))
    found = sorted(((s[0], s[1], r) for r in rows.rows for s in given[r.index] if 0 <= s[0] < s[1] <= length), key=lambda s: s[:2])
    kept: list[tuple[int, int, Row]] = []
    for span in found:
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _marked_text(rows: Rows) -> str:
    instance = str(rows.e.instance)
    pieces, end = [], 0
    for start, stop, row in spans(rows):
        pieces += [escape.text(instance[end:start]), _mark(rows, row, escape.text(instance[start:stop]))]
        end = stop
    pieces.append(escape.text(instance[end:]))
    return f'<p class="ft-text" dir="auto">{"".join(pieces)}</p>'


def _mark(rows: Rows, row: Row, inner: str) -> str:
    """`inner` is escaped already. Tint says how much; underline and sign say which way."""
    tint = colours.rgba(row.colour, colours.tint(row.value, rows.largest)) if row.sure else "transparent"
    title = escape.text(escape.shorten(rows.described(row), 300))
    return f'<mark class="ft-w {_side(row)}" style="--ft-tint:{tint}" title="{title}">{inner}{_raised(row.sign)}</mark>'


def _side(row: Row) -> str:
    side = "ft-how" if not row.signed else "ft-to" if row.toward else "ft-from"
    return side + ("" if row.sure else " ft-maybe")


def _raised(sign: str) -> str:
    return f"<sup>{sign}</sup>" if sign else ""


def legend(rows: Rows) -> str:
    """What colour, sign and line mean, for what is shown."""
    if not rows.rows:
        return ""
    target = quoted(class_name(rows.e, rows.e.target))
    protects = f"<li>{PROTECTED_WORDS}</li>" if rows.e.sensitive else ""
    if not rows.signed:
        tint = colours.rgba(colours.STRONG, 0.3)
        return (
            f'<ul class="ft-legend"><li><span class="ft-w ft-how" style="--ft-tint:{tint}">{rows.noun[0]}</span> stronger colour: counts '
            f"for more, which way it does not say</li>{protects}</ul>"
        )
    shown = {(r.toward, r.sure) for r in rows.rows}
    kinds = [
        ((True, True), "ft-to", colours.rgba(colours.TOWARD, 0.3), "+", f"toward {target}"),
        ((False, True), "ft-from", colours.rgba(colours.AWAY, 0.3), numbers.MINUS, f"away from {target}"),
    ]
    items = [
        f'<li><span class="ft-w {side}" style="--ft-tint:{tint}">{rows.noun[0]}<sup>{sign}</sup></span> {escape.prose(meaning)}</li>'
        for key, side, tint, sign, meaning in kinds
        if key in shown
    ]
    if len([k for k in shown if k[1]]) > 0:
        items.append("<li>stronger colour: counts for more</li>")
    if any(not sure for _, sure in shown):
        items.append(f'<li><span class="ft-w ft-maybe">{rows.noun[0]}</span> could be chance</li>')
    return f'<ul class="ft-legend">{"".join(items)}{protects}</ul>'


def _table(rows: Rows) -> str:
    """The row as a table, variable by variable, in the order of the data; those without a number were not chosen."""
    by_feature = {rows.payload.features[r.index]: r for r in rows.rows}
    body = "".join(_table_row(rows, str(k), numbers.value(v), by_feature.get(str(k))) for k, v in rows.e.instance.items())
    target = escape.prose(quoted(class_name(rows.e, rows.e.target)))
    head = f'<tr><th scope="col">variable</th><th scope="col">value</th><th scope="col" class="ft-num">{_effect(rows)}</th></tr>'
    chosen = "" if len(by_feature) == len(rows.e.instance) else " Variables without a number were not among those chosen."
    way = f"+ counts toward {target}, {numbers.MINUS} against it." if rows.signed else "The numbers say how strongly, not which way."
    note = f'<p class="ft-small">{way}{chosen}</p>'
    return f'<table dir="auto"><thead>{head}</thead><tbody>{body}</tbody></table>{note}{legend(rows)}'


def _table_row(rows: Rows, name: str, value: str, row: Row | None) -> str:
    shown = escape.text(value)
    number = ""
    if row is not None:
        shown = _mark(rows, row, f"<bdi>{shown}</bdi>")
        number = rows.number(row.value)
    head = f"<bdi>{escape.breakable(name)}</bdi>{protected(rows.e, name)}"
    return f'<tr><th scope="row">{head}</th><td>{shown}</td><td class="ft-num">{number}</td></tr>'


def figure(e: Explanation) -> str:
    """Marked input and bars, side by side in the order a person reads them."""
    rows = Rows.of(e)
    marked = words(e)
    shown = f'<div class="ft-part ft-words"><h4>{_heading(e)}</h4>{marked}</div>' if marked else ""
    return shown + (bars(rows.strongest(MOST_BARS)) if rows.rows else "")


def _heading(e: Explanation) -> str:
    return "The text, with the words that count" if e.modality == "text" else "The row, with the values that count"


def bars(rows: Rows) -> str:
    """Bars of HTML alone: they follow the page's width, its colours and its zoom. The table beside them is for screen readers."""
    scale = _Scale(rows)
    body = "".join(_bar(rows, row, scale) for row in rows.rows)
    axis = " ".join(rows.axis_title())
    range_note = "" if rows.payload.low is None else f" The thin line on a bar is its 95{chr(0xA0)}% range; a dashed bar could be chance."
    shortened = f" Drawn are {escape.prose(rows.shortened)}." if rows.shortened else ""
    marked = f" {rows.marked}." if rows.marked else ""
    unit_note = f" {LOG_ODDS_IN_WORDS}" if rows.in_log_odds else ""
    return (
        f'<div class="ft-part"><h4>How much each {rows.noun[0]} counts</h4><div class="ft-bars" aria-hidden="true">{body}</div>'
        f'<p class="ft-small">{escape.prose(axis[:1].upper() + axis[1:])}.{unit_note}{range_note}{shortened}{marked}</p></div>'
    )


class _Scale:
    """From values to percent of the track, with room for the numbers at its ends."""

    def __init__(self, rows: Rows):
        low, high = rows.reach
        room = 0.2 * ((high - low) or 1.0)
        self.left = low - (room if any(not r.toward for r in rows.rows) else 0.0)
        self.right = high + (room if any(r.toward for r in rows.rows) else 0.0)

    def at(self, x: float) -> float:
        return 100 * (x - self.left) / (self.right - self.left)

    def stretch(self, a: float, b: float) -> str:
        a, b = sorted((self.at(a), self.at(b)))
        return f"left:{a:.2f}%;width:{b - a:.2f}%"


def _bar(rows: Rows, row: Row, scale: _Scale) -> str:
    parts = [
        f'<i class="ft-zero" style="left:{scale.at(0):.2f}%"></i>',
        f'<i class="ft-bar {_side(row)}" style="{scale.stretch(0, row.value)}"></i>',
    ]
    ends = [0.0, row.value]
    if row.low is not None and row.high is not None:
        parts.append(f'<i class="ft-range" style="{scale.stretch(row.low, row.high)}"></i>')
        ends += [row.low, row.high]
    edge = max(ends) if row.toward else min(ends)
    where = "ft-amount" if row.toward else "ft-amount ft-before"
    parts.append(f'<span class="{where}" style="left:{scale.at(edge):.2f}%">{rows.number(row.value)}</span>')
    name = f'<div class="ft-name"><bdi>{escape.breakable(row.label)}</bdi></div>'
    return f'<div class="ft-row">{name}<div class="ft-track">{"".join(parts)}</div></div>'


def table(e: Explanation) -> str:
    """The numbers behind the bars."""
    return table_of(Rows.of(e))


def table_of(rows: Rows) -> str:
    if not rows.rows:
        return ""
    sampled = rows.payload.low is not None
    heads = [rows.noun[0], _effect(rows), *(["95 % range", "beyond chance"] if sampled else [])]
    head = "".join(f'<th scope="col">{escape.prose(h)}</th>' for h in heads)
    body = "".join(_numbers_row(rows, row, sampled) for row in rows.rows)
    return (
        f'<div class="ft-scroll"><table class="ft-numbers"><caption>{escape.prose(_caption(rows))}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _effect(rows: Rows) -> str:
    """Head of a column of numbers."""
    return ("effect" if rows.signed else "how strongly") + (" (points)" if rows.in_points else "")


def _numbers_row(rows: Rows, row: Row, sampled: bool) -> str:
    cells = [rows.number(row.value)]
    if sampled:
        cells += [rows.interval(row), "yes" if row.sure else "no"]
    name = f'<th scope="row"><bdi>{escape.breakable(escape.shorten(row.name, TABLE_NAME_LENGTH))}</bdi>{escape.text(row.suffix)}{row.mark}</th>'
    return f"<tr>{name}{''.join(f'<td>{c}</td>' for c in cells)}</tr>"


def _caption(rows: Rows) -> str:
    p = rows.payload
    said = [" ".join(rows.axis_title())]
    if p.total > len(rows.rows):
        said.append(f"the {len(rows.rows)} chosen of {numbers.count(p.total, *rows.noun)}")
    if p.samples:
        said.append(f"from {numbers.count(p.samples, 'sample')}")
    words = "; ".join([*said, *([rows.marked] if rows.marked else [])])
    return words[:1].upper() + words[1:] + "."


def lines(e: Explanation) -> Iterator[tuple[str, str]]:
    """Further facts for "how this was made"."""
    rows = Rows.of(e)
    p = rows.payload
    if p.baseline.strip():
        yield fills.LABEL, fills.gone(p.baseline)
    if p.effect is not None:
        effect = 100 * p.effect if rows.in_points else p.effect
        yield "All numbers should add up to", f"{numbers.signed(effect, numbers.decimals(abs(effect)))} {rows.unit}".strip()
    if rows.in_points and p.local_prediction is not None:
        yield (
            "Estimate for this input",
            f"{100 * p.local_prediction:.0f} % for the class explained, where the model says {100 * e.prediction[e.target]:.0f} %",
        )
