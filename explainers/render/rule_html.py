"""A rule as HTML: the instance with the rule's words or values marked, the ladder of precision, the numbers as a table.

Condition 1 carries a small 1 wherever it shows: in the instance, on the ladder and in the examples.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ..explanation import Explanation
from . import colours, escape, numbers, rule_examples, style
from .attribution_rows import NOUNS, OTHER_NOUN
from .common import PROTECTED_WORDS, protected
from .rule_view import PRESENT, Rung, View, asks

TABLE_NAME_LENGTH = 300
_TINT = 0.3
_ROOM = 0.8  # of the track's width for 0 to 100; the numbers stand behind


def highlight(e: Explanation, **look: Any) -> str:
    """The instance with what the rule asks for marked, and a legend. Has its own style, so it can stand alone on a page."""
    inner = words(View(e))
    return f'<div class="ft-words">{style.style(style.WORDS, style.RULE)}{inner}</div>' if inner else ""


def words(view: View) -> str:
    """`highlight` without wrapper and style; "" for an input that is neither a text nor a table's row."""
    if isinstance(view.e.instance, dict):
        return _table(view) + legend(view)
    if view.e.modality == "text":
        return marked_text(view, str(view.e.instance), view.spans()) + legend(view)
    return ""


def marked_text(view: View, text: str, spans: list[tuple[int, int, int]]) -> str:
    pieces, end = [], 0
    for start, stop, i in spans:
        pieces += [escape.text(text[end:start]), mark(view, i, escape.text(text[start:stop]))]
        end = stop
    pieces.append(escape.text(text[end:]))
    return f'<p class="ft-text" dir="auto">{"".join(pieces)}</p>'


def mark(view: View, i: int, inner: str) -> str:
    """`inner` is escaped already; `i`: the condition that it meets."""
    tint = colours.rgba(colours.TOWARD, _TINT)
    title = escape.text(escape.shorten(f"condition {i + 1} of the rule: {view.phrases[i]}", 300))
    return f'<mark class="ft-w ft-to" style="--ft-tint:{tint}" title="{title}">{inner}<sup>{i + 1}</sup></mark>'


def legend(view: View) -> str:
    """What a mark means."""
    if not view.payload.conditions:
        return ""
    one, many = NOUNS.get(view.e.modality, OTHER_NOUN)
    tint = colours.rgba(colours.TOWARD, _TINT)
    sample = f'<span class="ft-w ft-to" style="--ft-tint:{tint}">{one}<sup>1</sup></span>'
    protects = f"<li>{PROTECTED_WORDS}</li>" if view.e.sensitive else ""
    return (
        f'<ul class="ft-legend"><li>{sample} part of the rule, with the number of its condition</li>'
        f"<li>unmarked {many} may change</li>{protects}</ul>"
    )


def _table(view: View) -> str:
    """The row variable by variable, in the order of the data, with what the rule asks of it."""
    body = "".join(_table_row(view, str(k), v) for k, v in view.e.instance.items())
    head = "".join(f'<th scope="col">{h}</th>' for h in ("variable", "value", "the rule asks"))
    return f'<table dir="auto"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'


def _table_row(view: View, name: str, value: Any) -> str:
    shown = f"<bdi>{escape.text(numbers.value(value))}</bdi>"
    mine = [i for i, c in enumerate(view.payload.conditions) if c.feature == name and c.op != PRESENT]
    wanted = ""
    if mine:
        shown = mark(view, mine[0], shown)
        others = "".join(f" <sup>{i + 1}</sup>" for i in mine[1:])
        wanted = escape.prose(asks(view.by_feature[name], value).removeprefix("is ")) + others
    return f'<tr><th scope="row"><bdi>{escape.breakable(name)}</bdi>{protected(view.e, name)}</th><td>{shown}</td><td>{wanted}</td></tr>'


def figure(e: Explanation) -> str:
    """Marked instance, ladder, examples."""
    view = View(e)
    marked = words(view)
    shown = f'<div class="ft-part ft-words"><h4>{_heading(view)}</h4>{marked}</div>' if marked else ""
    return style.style(style.RULE) + shown + ladder(view) + rule_examples.both(view, mark)


def _heading(view: View) -> str:
    what = "text" if view.e.modality == "text" else "row"
    rest = "words of the rule" if view.e.modality == "text" else "values that the rule speaks of"
    return f"The {what}, with the {rest}" if view.payload.conditions else f"The {what}"


def ladder(view: View) -> str:
    """How often the model gives the answer, condition by condition. The table beside it is for screen readers."""
    if not view.rungs:
        return ""
    body = "".join(_rung(view, rung) for rung in view.rungs)
    empty = not view.payload.conditions
    which = "" if empty else ", measured for the whole rule only"
    measured = f" The thin line is the 95{chr(0xA0)}% range{which}." if view.measured else ""
    unreached = " (it does not reach what was asked for)" if view.e.status == "not_found" else ""
    head = f"How often the model says so {view.whatever}" if empty else "How often the rule holds, condition by condition"
    said = f"Times in 100 that the model says {view.target}. The dashed line is at {view.asked}, what was asked for."
    said += f" {view.marked}." if view.marked else ""
    return (
        f'<div class="ft-part"><h4>{head}{unreached}</h4>'
        f'<div class="ft-bars" aria-hidden="true">{body}</div><p class="ft-small">{escape.prose(said)}{measured}</p></div>'
    )


def _rung(view: View, rung: Rung) -> str:
    parts = [
        '<i class="ft-zero" style="left:0.00%"></i>',
        f'<i class="ft-goal" style="left:{_at(view.payload.threshold):.2f}%"></i>',
        f'<i class="ft-bar {"ft-to" if rung.ruled else "ft-base"}" style="left:0.00%;width:{_at(rung.share):.2f}%"></i>',
    ]
    if rung.low is not None and rung.high is not None:
        low, high = _at(rung.low), _at(rung.high)
        parts.append(f'<i class="ft-range" style="left:{low:.2f}%;width:{high - low:.2f}%"></i>')
    parts.append(f'<span class="ft-amount" style="left:{_at(1.0):.2f}%">{numbers.in_hundred(rung.share)}</span>')
    return f'<div class="ft-row"><div class="ft-name">{name(rung)}</div><div class="ft-track">{"".join(parts)}</div></div>'


def _at(share: float) -> float:
    return 100 * _ROOM * min(1.0, max(0.0, share))


def name(rung: Rung) -> str:
    """A rung's label: "no condition", "1 age is at most 28", "2 and …"."""
    number, joined = rung.lead
    counted = f'<span class="ft-rule-no">{number}</span> {joined}' if number else ""
    return f"{counted}<bdi>{escape.prose(rung.label)}</bdi>"


def table(e: Explanation) -> str:
    """The numbers behind the ladder, and each condition exactly as the method put it."""
    view = View(e)
    if not view.rungs:
        return ""
    heads = ("condition added", "times in 100", "95 % range")
    head = "".join(f'<th scope="col">{escape.prose(h)}</th>' for h in heads)
    caption = escape.prose(
        f"How often the model says {view.target} under the rule's conditions, one after another{'; ' + view.marked if view.marked else ''}."
    )
    return (
        f'<div class="ft-scroll"><table class="ft-numbers"><caption>{caption}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(_numbers_row(view, r) for r in view.rungs)}</tbody></table></div>"
    )


def _numbers_row(view: View, rung: Rung) -> str:
    exact = view.payload.names[rung.number - 1] if rung.number else rung.label
    shown = escape.shorten(exact, TABLE_NAME_LENGTH).replace("<=", "≤").replace(">=", "≥") or "(blank)"
    sign = protected(view.e, view.payload.conditions[rung.number - 1].feature) if rung.number else ""
    ends = "not measured" if rung.low is None or rung.high is None else f"{100 * rung.low:.1f} to {100 * rung.high:.1f}"
    return f'<tr><th scope="row"><bdi>{escape.breakable(shown)}</bdi>{sign}</th><td>{100 * rung.share:.1f}</td><td>{ends}</td></tr>'


def lines(e: Explanation) -> Iterator[tuple[str, str]]:
    """Further facts for "how this was made"."""
    view = View(e)
    yield "Asked for", f"a rule that holds {view.asked} times in 100"
    if view.measured and view.payload.samples:
        yield "Measured on", numbers.count(view.payload.samples, "fresh input") + " under the rule"
    if view.measured:
        yield "Covers", view.coverage
