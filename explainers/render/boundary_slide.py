"""A path over the decision boundary on a slide: the changed input, and each step's margin and answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from PIL import Image

from ..explanation import Explanation
from . import colours, escape, inputs, layout, numbers
from .boundary_picture import outlined
from .boundary_rows import Path, Stop, arrowed, listed, margin
from .layout import Token
from .slide import GREY, INK, Box
from .slide_flow import flow, plain_tokens

MOST_STEPS = 6  # the last ones of a longer path


def slide_input(e: Explanation, box: Box) -> str:
    """The input at the last step with what changed marked; nothing for pictures, which stand below."""
    path = Path.of(e)
    last = path.last.step.instance
    if isinstance(last, Image.Image):
        return ""
    tokens = list(_row_tokens(path) if isinstance(last, dict) else _text_tokens(path) if isinstance(last, str) else ())
    weights = {token.key: 1.0 for token in tokens if token.key is not None}
    return flow(tokens, box, weights, lambda key, x, top, width, size: _mark(x, top, width, size))


def _text_tokens(path: Path) -> Iterator[Token]:
    text, end = str(path.last.step.instance), 0
    for i, mark in enumerate(path.marks(path.last)):
        yield from plain_tokens(text[end : mark.start], glued=end > 0)
        now = escape.flat(text[mark.start : mark.end])
        said = arrowed(f"{escape.shorten(mark.old, 40)} {inputs.BECAME} {now}") if mark.old else now
        yield Token(said, i, glued=mark.start > 0 and not text[mark.start - 1].isspace())
        end = mark.end
    yield from plain_tokens(text[end:], glued=end > 0)


def _row_tokens(path: Path) -> Iterator[Token]:
    """Changed variables first, each as "hours per week: 40 → 55"; then the others in their order."""
    own, last = path.e.instance, path.last.step.instance
    before: dict[str, Any] = own if isinstance(own, dict) else last
    changed = {name for name in last if name not in before or not inputs.equal(before[name], last[name])}
    for i, name in enumerate(sorted(last, key=lambda n: n not in changed)):
        now = _value(last[name])
        said = f"{_value(before.get(name))} {inputs.BECAME} {now}" if name in changed else now
        yield Token(f"{escape.shorten(name.replace('_', ' '), 30)}: {said}", i if name in changed else None)
        yield Token("\u2002", glued=True)


def _value(v: Any) -> str:
    return escape.shorten(numbers.value(v), 30)


def _mark(x: float, top: float, width: float, size: float) -> str:
    under = top + size * 1.28
    tint = layout.rect(x, top + size * 0.08, width, size * 1.2, colours.over(colours.AWAY, 0.18, "#ffffff"), 6)
    return tint + layout.line(x, under, x + width, under, colours.AWAY, 4)


def slide_picture(e: Explanation, box: Box) -> str:
    """The steps as bars around zero; pictures stand before them, the first and the last."""
    path = Path.of(e)
    first, last = path.stops[0].step.instance, path.last.step.instance
    if not isinstance(first, Image.Image) or not isinstance(last, Image.Image):
        return _steps(path, box)
    side = min(0.46 * box.height, (box.width - 24) / 2)
    pictures = _photograph(first, f"The {path.noun[0]} itself", Box(box.x, box.y, side, side))
    if path.approached:
        pictures += _photograph(outlined(path, path.last), f"Step {path.last.index}", Box(box.x + side + 24, box.y, side, side))
    return pictures + _steps(path, Box(box.x, box.y + side + 50, box.width, box.height - side - 50))


def _photograph(picture: Image.Image, words: str, box: Box) -> str:
    shown = inputs.small(picture, 640)
    scale = box.width / max(shown.size)
    size = f'width="{shown.width * scale:.1f}" height="{shown.height * scale:.1f}"'
    drawn = f'<image x="{box.x:.1f}" y="{box.y:.1f}" {size} href="{inputs.address(shown)}"/>'
    return drawn + layout.text_element(words, box.x, box.y + box.height + 26, 22, GREY)


def _steps(path: Path, box: Box) -> str:
    shown = path.stops if len(path.stops) <= MOST_STEPS else [path.stops[0], *path.stops[-(MOST_STEPS - 1) :]]
    step = min(88.0, (box.height - 40) / len(shown))
    low, high = path.reach
    texts = 18 + layout.measure(margin(-9.99), 26, bold=True)
    names = 0.55 * box.width
    plot = Box(box.x + names + 20, box.y, box.width - names - 20, step * len(shown))
    zero = plot.x + (texts if low < 0 else 4)
    unit = (plot.width - texts - (zero - plot.x)) / ((high - low) or 1.0)
    origin = zero - low * unit
    rows = "".join(_row(path, stop, Box(box.x, box.y + i * step, names, step), origin, unit) for i, stop in enumerate(shown))
    line = layout.line(origin, plot.y, origin, plot.y + plot.height, INK, 3)
    title = layout.cut(f"evidence for {path.original} (log odds: 0 is undecided); left of the line the answer is another", 22, box.width)
    return rows + line + layout.text_element(title, box.x, plot.y + plot.height + 34, 22, GREY)


def _row(path: Path, stop: Stop, box: Box, origin: float, unit: float) -> str:
    what = f"The {path.noun[0]} itself" if stop.index == 0 else f"{stop.index}. {listed(stop.new, 3) if stop.new else 'no change'}"
    says = f"the model says {path.said(stop.answer)} ({numbers.percent(stop.sure)})"
    middle = box.y + box.height / 2
    size = 26 if box.height >= 66 else 20
    left, right = sorted((origin, origin + stop.margin * unit))
    over = stop.margin < 0
    look = f'stroke="{colours.AWAY}" stroke-width="2" stroke-dasharray="6 5"' if over else f'stroke="{colours.TOWARD}" stroke-width="2"'
    x, anchor = (left - 10, "end") if over else (right + 10, "start")
    return "".join(
        [
            layout.text_element(layout.cut(what, size, box.width, bold=True), box.x, middle - 4, size, INK, bold=True),
            layout.text_element(layout.cut(says, size - 4, box.width), box.x, middle + size - 2, size - 4, INK),
            layout.rect(left, middle - 14, right - left, 28, "#ffffff" if over else colours.TOWARD, 2, look),
            layout.text_element(margin(stop.margin), x, middle + 9, 26, INK, anchor, bold=True),
        ]
    )
