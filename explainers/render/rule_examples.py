"""Inputs under a rule, in two columns: where the model keeps to its answer, and where it does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PIL import Image

from ..explanation import Example
from . import escape, numbers, overlay
from .common import class_name, quoted
from .rule_view import PRESENT, Span, View

# The card shows this many a column; the data has all of them.
MOST = {"text": 4, "tabular": 3, "image": 6}
_MOST_OTHERS = 3
LONGEST = 320  # characters of a text that is shown whole
_AROUND = 60  # characters that are shown on both sides of a rule's word in a longer one
MOST_DIFFERENCES = 6  # variables of a row beside the rule's own
THUMBNAIL = 128  # pixels of the longer side
_QUALITY = 70  # of the JPEG

Mark = Callable[[View, int, str], str]  # condition and escaped words -> marked words


def both(view: View, mark: Mark) -> str:
    """Both columns, or "" where the explanation holds no examples."""
    p = view.payload
    if not p.holds and not p.breaks:
        return ""
    columns = _column(view, p.holds, mark, broken=False) + _column(view, p.breaks, mark, broken=True)
    head = "Inputs that meet the rule, made by changing this one" if p.conditions else "Inputs made by changing this one"
    return f'<div class="ft-part"><h4>{head}</h4><div class="ft-examples">{columns}</div></div>'


def _column(view: View, examples: Sequence[Example], mark: Mark, broken: bool) -> str:
    head = "the model says something else" if broken else f"the model says {view.target}"
    if view.payload.conditions:
        head = f"Where it {'breaks' if broken else 'holds'}: {head}"
    most = MOST.get(view.e.modality, _MOST_OTHERS)
    items = "".join(_example(view, x, mark, broken) for x in examples[:most])
    pictures = view.e.modality == "image"
    shown = f'<div class="ft-thumbs">{items}</div>' if pictures and items else items
    left = len(examples) - most
    more = f'<p class="ft-small">and {numbers.count(left, "more example")}, in the data</p>' if left > 0 else ""
    return f"<div><h5>{escape.prose(head[:1].upper() + head[1:])}</h5>{shown or _none(view, broken)}{more}</div>"


def _none(view: View, broken: bool) -> str:
    if broken and view.payload.precision >= 1 and view.payload.samples:
        return f"<p>None of the {numbers.count(view.payload.samples, 'input')} tried broke it.</p>"
    return "<p>No example was kept.</p>"


def _example(view: View, example: Example, mark: Mark, broken: bool) -> str:
    side = "ft-ex ft-broken" if broken else "ft-ex"
    return f'<div class="{side}">{_shown(view, example, mark)}<p>{escape.prose(says(view, example, broken))}</p></div>'


def says(view: View, example: Example, broken: bool) -> str:
    """The model's answer to an example: "✓ “negative”, 93 % sure"."""
    p = example.prediction
    if len(p) == 0:
        return "answer unknown"
    best = int(p.argmax())
    return f"{'✗' if broken else '✓'} {quoted(class_name(view.e, best))}, {numbers.percent(float(p[best]))} sure"


def _shown(view: View, example: Example, mark: Mark) -> str:
    instance = example.instance
    if isinstance(instance, Image.Image):
        return _thumbnail(view, example)
    if isinstance(instance, dict):
        return _differences(view, instance, mark)
    return _excerpt(view, instance, mark) if isinstance(instance, str) else ""


def _thumbnail(view: View, example: Example) -> str:
    small = example.instance.convert("RGB")
    small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.LANCZOS)
    alt = escape.text(f"The picture with its other parts changed; the model says {says(view, example, False)[2:]}")
    source = overlay.address(small, "JPEG", quality=_QUALITY)
    return f'<img src="{source}" width="{small.width}" height="{small.height}" alt="{alt}">'


def _excerpt(view: View, text: str, mark: Mark) -> str:
    """The text with the rule's words marked; of a long one what surrounds them."""
    spans, windows = view.spans_in(text), _windows(text, view.spans_in(text))
    shown = [_marked(view, text, start, stop, spans, mark) for start, stop in windows]
    before = f"{escape.ELLIPSIS} " if windows[0][0] > 0 else ""
    after = f" {escape.ELLIPSIS}" if windows[-1][1] < len(text) else ""
    return f'<p class="ft-text" dir="auto">{before}{f" {escape.ELLIPSIS} ".join(shown)}{after}</p>'


def _marked(view: View, text: str, start: int, stop: int, spans: Sequence[Span], mark: Mark) -> str:
    pieces, at = [], start
    for a, b, i in spans:
        if start <= a and b <= stop:
            pieces += [escape.text(text[at:a]), mark(view, i, escape.text(text[a:b]))]
            at = b
    return "".join(pieces) + escape.text(text[at:stop])


def _windows(text: str, spans: Sequence[Span]) -> list[tuple[int, int]]:
    """The stretches of a text that are shown, cut at spaces."""
    if len(text) <= LONGEST:
        return [(0, len(text))]
    if not spans:
        return [(0, max(text.rfind(" ", 0, LONGEST), LONGEST // 2))]
    windows: list[tuple[int, int]] = []
    for a, b, _ in spans:
        start = 0 if a <= _AROUND else max(text.find(" ", a - _AROUND, a) + 1, a - _AROUND)
        end = text.find(" ", b + _AROUND // 2, b + _AROUND)
        end = min(len(text), b + _AROUND) if end < 0 else end
        if windows and start <= windows[-1][1]:
            windows[-1] = (windows[-1][0], max(end, windows[-1][1]))
        else:
            windows.append((start, end))
    return windows


def _differences(view: View, row: dict[str, Any], mark: Mark) -> str:
    """A row by the values that the rule speaks of, then those that differ from the instance."""
    own = view.e.instance if isinstance(view.e.instance, dict) else {}
    first = {c.feature: i for i, c in reversed(list(enumerate(view.payload.conditions))) if c.op != PRESENT and c.feature in row}
    differ = [name for name in row if name not in first and not _same(row[name], own.get(name))]
    body = [_cells(name, mark(view, first[name], _value(row[name]))) for name in row if name in first]
    for name in differ[:MOST_DIFFERENCES]:
        was = f' <span class="ft-was">instead of {_value(own[name])}</span>' if name in own else ""
        body.append(_cells(name, _value(row[name]) + was))
    left = len(differ) - MOST_DIFFERENCES
    more = f'<p class="ft-small">{numbers.count(left, "more variable differs", "more variables differ")}</p>' if left > 0 else ""
    return f'<table dir="auto"><tbody>{"".join(body)}</tbody></table>{more}'


def _cells(name: str, value: str) -> str:
    return f'<tr><th scope="row"><bdi>{escape.breakable(escape.shorten(name, 60))}</bdi></th><td>{value}</td></tr>'


def _value(v: Any) -> str:
    return f"<bdi>{escape.text(escape.shorten(numbers.value(v), 60))}</bdi>"


def _same(a: Any, b: Any) -> bool:
    return numbers.value(a) == numbers.value(b)
