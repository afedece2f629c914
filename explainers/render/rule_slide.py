"""A rule on a slide: the instance with what the rule asks for marked, and the ladder of precision."""

from __future__ import annotations

from collections.abc import Iterator

from ..explanation import Explanation
from . import colours, escape, layout, numbers
from .common import PROTECTED_WORDS, class_name, protected, quoted
from .layout import Token
from .rule_chart import label
from .rule_view import PRESENT, Rung, View
from .slide import GREY, INK, Box
from .slide_flow import flow, plain_tokens

MOST_RUNGS = 7
_TINT = 0.3
_CAPTION = 100  # height of the words below the bars


def slide_input(e: Explanation, box: Box) -> str:
    """The input at the largest size at which all of it fits; else the passage that holds most of the rule."""
    view = View(e)
    tokens = list(_row_tokens(view) if isinstance(e.instance, dict) else _text_tokens(view) if e.modality == "text" else ())
    weights = dict.fromkeys(range(len(view.payload.conditions)), 1.0)
    return flow(tokens, box, weights, lambda key, x, top, width, size: _mark(x, top, width, size))


def _text_tokens(view: View) -> Iterator[Token]:
    instance, end = str(view.e.instance), 0
    for start, stop, i in view.spans():
        yield from plain_tokens(instance[end:start], glued=end > 0)
        yield Token(escape.flat(instance[start:stop]) + _number(i), i, start > 0 and not instance[start - 1].isspace())
        end = stop
    yield from plain_tokens(instance[end:], glued=end > 0)


def _row_tokens(view: View) -> Iterator[Token]:
    """The rule's variables first, then the others in their order."""
    instance = view.e.instance
    first = {c.feature: i for i, c in reversed(list(enumerate(view.payload.conditions))) if c.op != PRESENT and c.feature in instance}
    for name in sorted(instance, key=lambda n: first.get(n, len(first) + len(instance))):
        said = f"{escape.shorten(name.replace('_', ' '), 30)}{protected(view.e, name)}: {escape.shorten(numbers.value(instance[name]), 30)}"
        yield Token(said + (_number(first[name]) if name in first else ""), first.get(name))
        yield Token("\u2002", glued=True)


def _number(i: int) -> str:
    return f"\u2009[{i + 1}]"


def _mark(x: float, top: float, width: float, size: float) -> str:
    under = top + size * 1.28
    tint = layout.rect(x, top + size * 0.08, width, size * 1.2, colours.over(colours.TOWARD, _TINT, "#ffffff"), 6)
    return tint + layout.line(x, under, x + width, under, colours.TOWARD, 4)


def slide_picture(e: Explanation, box: Box) -> str:
    return ladder(View(e), box)


def ladder(view: View, box: Box) -> str:
    """Bars from no condition to all of them; of a long rule the last steps, and how many are left out."""
    if not view.rungs:
        return ""
    shown = view.rungs if len(view.rungs) <= MOST_RUNGS else [view.rungs[0], *view.rungs[1 - MOST_RUNGS :]]
    left_out = len(view.rungs) - len(shown)
    names = min(0.5 * box.width, 14 + max(layout.measure(label(r), 26) for r in shown))
    plot = Box(box.x + names, box.y, box.width - names - 64, box.height - _CAPTION - 12)
    step = min(58.0, plot.height / len(shown))
    bars = "".join(_rung(rung, plot, box.x + names - 14, names - 14, plot.y + i * step, step) for i, rung in enumerate(shown))
    bottom = plot.y + step * len(shown)
    goal = plot.x + plot.width * min(1.0, max(0.0, view.payload.threshold))
    lines = layout.line(plot.x, plot.y, plot.x, bottom, GREY) + layout.line(goal, plot.y, goal, bottom, GREY, 3, "8 6")
    more = f"; {numbers.count(left_out, 'step')} left out here" if left_out else ""
    ranged = "; the range is that of the whole rule" if view.measured else ""
    said = f"Times in 100 that the model says {quoted(class_name(view.e, view.e.target, 24))}{more}. Dashed line: the {view.asked} asked for{ranged}."
    said += f" {PROTECTED_WORDS}." if view.e.sensitive else ""
    size, wrapped = layout.fit(said, (22, 20, 18), box.width, _CAPTION)
    words = layout.lines_element(wrapped, box.x, bottom + 12, size, GREY)
    return bars + lines + words


def _rung(rung: Rung, plot: Box, name_end: float, name_width: float, top: float, step: float) -> str:
    middle = top + step / 2
    look = f'stroke="{colours.TOWARD if rung.ruled else GREY}" stroke-width="2"'
    fill = colours.over(colours.TOWARD, 0.6, "#ffffff") if rung.ruled else "#ffffff"
    parts = [
        layout.text_element(layout.cut(label(rung), 26, name_width), name_end, middle + 9, 26, INK, "end"),
        layout.rect(plot.x, middle - 0.3 * step, plot.width * rung.share, 0.6 * step, fill, 2, look),
    ]
    if rung.low is not None and rung.high is not None:
        low, high = plot.x + plot.width * rung.low, plot.x + plot.width * rung.high
        parts += [layout.line(low, middle, high, middle, INK, 3), *(layout.line(x, middle - 7, x, middle + 7, INK, 3) for x in (low, high))]
    parts.append(layout.text_element(numbers.in_hundred(rung.share), plot.x + plot.width + 12, middle + 9, 26, INK, bold=True))
    return "".join(parts)
