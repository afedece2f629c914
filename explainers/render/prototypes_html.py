"""Prototypes and nearest examples as HTML: the instance and the nearest of each class side by side, and the numbers as a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from PIL import Image

from ..explanation import Attribution, Explanation
from . import escape, inputs, numbers, style
from .common import class_name, quoted
from .inputs import Mark
from .prototypes_rows import Near, Row, similarity
from .prototypes_sentence import of_importance, slight, slight_sentence

MOST_FURTHER = 12  # in full; the table has all of them
_WORD = re.compile(r"\w+")


def highlight(e: Explanation, **look: Any) -> str:
    """The instance and the nearest of each class, side by side. Has its own style, so it can stand alone on a page."""
    near = Near.of(e)
    return f'<div class="ft-inputs">{style.style(style.WORDS, style.INPUTS)}{_whose(near)}{_beside(near)}</div>' if near.rows else ""


def figure(e: Explanation) -> str:
    """Side by side, what makes them similar, and further ones folded away."""
    near = Near.of(e)
    if not near.rows:
        return ""
    inner = f"<h4>{_title(near)}</h4>{_whose(near)}{_beside(near)}{_further(near)}"
    return f'<div class="ft-part ft-inputs">{style.style(style.INPUTS)}{inner}</div>{_importance(near)}'


def _title(near: Near) -> str:
    one, many = near.noun
    return f"The {one}, and the closest prototypes" if near.payload.reasoning else f"The {one}, and the training {many} nearest to it"


def _whose(near: Near) -> str:
    """Whose reasons these are; said before anything is shown."""
    if not near.payload.reasoning:
        return '<p class="ft-note">These describe the data near it. They are not the model\'s reasoning.</p>'
    if near.is_the_model:
        return ""
    network = f"The prototype network{_network_name(near)} is a model of its own beside the one explained."
    if near.disagrees and near.network_answer is not None:
        says = quoted(class_name(near.e, near.network_answer))
        own = quoted(class_name(near.e, near.e.predicted))
        network += f" Here it says {says} while the model says {own}: its reasons are not the model's."
    return f'<p class="ft-note">{escape.prose(network)}</p>'


def _network_name(near: Near) -> str:
    return f" {quoted(escape.shorten(near.payload.network, 60))}" if near.payload.network else ""


def _beside(near: Near) -> str:
    own = f'<div class="ft-own"><h5>This {near.noun[0]}</h5>{_own(near)}</div>'
    return f'<div class="ft-beside">{own}{"".join(_one(near, row) for row in near.leading)}</div>'


def _own(near: Near) -> str:
    """The instance; the words that it shares with one of the others are marked."""
    instance = near.e.instance
    if isinstance(instance, str):
        shared = [word for row in near.leading for word in row.prototype.shared]
        return _alike(instance, shared)
    if isinstance(instance, dict):
        return inputs.values(instance)
    return inputs.photograph(instance, f"This {near.noun[0]}") if isinstance(instance, Image.Image) else ""


def _one(near: Near, row: Row) -> str:
    return f"<div><h5>{escape.prose(near.heading(row))}</h5>{_likeness(row)}{_facts(near, row)}{_shown(near, row)}</div>"


def _likeness(row: Row) -> str:
    """Similarity as a number and as a bar from 0 to 1."""
    bar = f'<span class="ft-scale" aria-hidden="true"><i style="width:{100 * row.similarity:.1f}%"></i></span>'
    return f'<p class="ft-level"><span>similarity</span>{bar}<span><b>{similarity(row.similarity)}</b> of 1</span></p>'


def _facts(near: Near, row: Row) -> str:
    said = []
    if row.label:
        said.append(f"label in the data: {row.label}")
    if row.answer:
        same = "" if row.same is None else f" {inputs.EQUAL} the answer here" if row.same else f" {inputs.UNEQUAL} the answer here"
        said.append(f"the model says {row.answer} ({numbers.percent(row.sure)}){same}")
    said.append(f"no. {row.number} of the training data")
    return f'<ul class="ft-facts2">{"".join(f"<li>{escape.prose(s)}</li>" for s in said)}</ul>'


def _shown(near: Near, row: Row) -> str:
    instance = row.prototype.instance
    if isinstance(instance, str):
        return _alike(instance, row.prototype.shared)
    if isinstance(instance, dict):
        own = near.e.instance
        return inputs.compared(own, instance, ("this row", "that row")) if isinstance(own, dict) else inputs.values(instance)
    if isinstance(instance, Image.Image):
        return inputs.photograph(instance, near.heading(row))
    return ""


def _alike(text: str, shared: list[str]) -> str:
    """A text with the words that both have underlined."""
    words = {word.lower() for word in shared}
    marks = [Mark(*m.span()) for m in _WORD.finditer(text) if m.group().lower() in words] if words else []
    drawn = inputs.text(text, marks, lambda mark, inner: f'<mark class="ft-alike">{inner}</mark>')
    return drawn + ('<p class="ft-small">underlined: words that both have</p>' if marks else "")


def _further(near: Near) -> str:
    if not near.further:
        return ""
    shown = "".join(_one(near, row) for row in near.further[:MOST_FURTHER])
    left = len(near.further) - MOST_FURTHER
    more = f'<p class="ft-small">and {left} more, in the table of numbers</p>' if left > 0 else ""
    summary = f"{numbers.count(len(near.further), 'further training ' + near.noun[0], 'further training ' + near.noun[1])} like this one"
    return f'<details class="ft-open"><summary>{summary}</summary><div class="ft-beside">{shown}</div>{more}</details>'


def _importance(near: Near) -> str:
    """The input importance, drawn as the attribution that it is."""
    from .kinds import kind_of  # here, because kinds imports the kinds

    importance: Attribution | None = near.payload.importance
    if importance is None or not importance.features or not near.leading:
        return ""
    drawn = of_importance(near)
    to = f"to the closest prototype of {quoted(class_name(drawn, drawn.target))}"
    little = slight(near)
    said = escape.prose(f"How much the similarity {to} changes" if little else f"What makes it similar {to}")
    note = f'<p class="ft-note">{escape.prose(slight_sentence(near))}</p>' if little else ""
    return f'<div class="ft-part ft-whole"><h4>{said}</h4>{note}{kind_of(drawn).figure(drawn)}</div>'


def table(e: Explanation) -> str:
    """The numbers behind the bars."""
    near = Near.of(e)
    if not near.rows:
        return ""
    heads = [f"training {near.noun[0]}", "number", "class", "label", "the model says", "similarity"]
    head = "".join(f'<th scope="col">{h}</th>' for h in heads)
    body = "".join(_numbers_row(near, row) for row in near.rows)
    caption = "Similarity, 0 to 1" + (f", measured in {escape.shorten(near.payload.space, 200)}." if near.payload.space else ".")
    return (
        f'<div class="ft-scroll"><table class="ft-numbers"><caption>{escape.prose(caption)}</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )


def _numbers_row(near: Near, row: Row) -> str:
    cells = [str(row.number), row.stands_for, row.label or "none", row.answer or "not asked", numbers.plain(row.similarity, 3)]
    cells_html = "".join(f"<td>{escape.prose(c)}</td>" for c in cells)
    return f'<tr><th scope="row">{escape.prose(near.said(row, 80))}</th>{cells_html}</tr>'


def lines(e: Explanation) -> Iterator[tuple[str, str]]:
    """Further facts for "how this was made"."""
    near, p = Near.of(e), e.payload
    if p.network and not near.is_the_model:
        yield "Prototype network", escape.shorten(p.network, 200)
    if p.space:
        yield "Similarity is measured in", escape.shorten(p.space, 300)
    if p.evidence is not None and len(p.evidence) == len(e.class_names):
        ranked = sorted(range(len(p.evidence)), key=lambda i: -p.evidence[i])[:6]
        yield "Evidence per class", ", ".join(f"{class_name(e, i)} {numbers.plain(p.evidence[i], 2)}" for i in ranked)
    if near.agreement:
        yield "Same answer as the model", near.agreement
