"""What a participant of a study is shown: an input on its own, a changed form of one with the changes marked, an explanation without costs.

Each is a self-contained HTML fragment. The words around an input come from the caller, because they are in the study's language; all of an
input is shown, however long, since what is cut off cannot be learnt from.
"""

from __future__ import annotations

import dataclasses
import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from PIL import Image

from ..explanation import Attribution, Explanation
from . import card, composite, escape, inputs, numbers, style
from .common import answer_sentence, bare_answer
from .inputs import BECAME, EQUAL
from .kinds import kind_of

SIDE = 448  # pixels of the longer side of a picture
_ALTS = ("The picture", "The changed picture")
_HELD: dict[str, tuple[type, str]] = {
    "text": (str, "a string"),
    "tabular": (dict, "a dict of column and value"),
    "image": (Image.Image, "a PIL image"),
}
_PIECES = re.compile(r"\w+|\W+")

_SHEET = """
.ft-stimulus .ft-compared th:first-child { width: 42%; }
.ft-stimulus .ft-compared { max-width: 36em; }
.ft-stimulus ins { text-decoration: none; }
.ft-stimulus .ft-turned th, .ft-stimulus .ft-turned td { border-bottom: 2px solid; }
.ft-inputs.ft-stimulus .ft-compared .ft-turned th { font-weight: 650; }
.ft-stimulus .ft-way { unicode-bidi: isolate; }
.ft-stimulus .ft-way del { padding: 0; }
"""


def instance(given: Any, modality: str, names: Mapping[str, str] | None = None, head: str = "") -> str:
    """An input as a person sees it. `names`: column -> label shown; `head`: the words above it, and the alt text of a picture."""
    _check(given, modality)
    return _wrapped(_heading(head) + _drawn(given, names or {}, head or _ALTS[0]))


def change(before: Any, after: Any, modality: str, names: Mapping[str, str] | None = None, heads: tuple[str, str] = ("", "")) -> str:
    """A changed form with what changed marked and what it was beside it.

    Texts and rows are shown once, under the second of `heads`: the old words struck through, the old values left of an arrow. Pictures are
    shown side by side, each under its own head, which is its alt text too.
    """
    _check(before, modality)
    _check(after, modality)
    if isinstance(after, str):
        return _wrapped(_heading(heads[1]) + _changed_text(before, after))
    if isinstance(after, dict):
        return _wrapped(_heading(heads[1]) + _changed_row(before, after, names or {}))
    both = ((before, heads[0], _ALTS[0], ' class="ft-own"'), (after, heads[1], _ALTS[1], ""))
    drawn = "".join(f"<div{own}>{_heading(head)}{_drawn(one, {}, head or alt)}</div>" for one, head, alt, own in both)
    return _wrapped(f'<div class="ft-beside">{drawn}</div>')


def explanation(e: Explanation) -> str:
    """An explanation for a participant: what it says, its picture and its numbers, of every kind.

    How sure the model is of the input is left out: it is no part of the explanation, and people without one are not told it either. A path over
    the boundary is made of such margins and keeps them.
    """
    shown = _bare(e)
    kind = kind_of(shown)
    drawn = composite.bare(shown) if kind is composite else kind.figure(shown) + card.folded(kind.table(shown))
    lead: Callable[[Explanation], str] = getattr(kind, "lead", kind.sentence)
    said = f'<p class="ft-sentence">{escape.prose(lead(shown))}</p>'
    inner = said + drawn
    for written in (escape.prose, escape.text):  # as text, and in what is read out in place of a picture
        inner = inner.replace(written(answer_sentence(shown)), written(bare_answer(shown)))
    return f'<section class="ft-card" lang="en" dir="ltr">{style.style(style.WORDS, style.CARD)}{inner}</section>'


def _bare(e: Explanation) -> Explanation:
    """The explanation without what only its maker cares for: that a limit ended it, how many samples it took, and without the signs at
    protected attributes, which no method says and which people without an explanation are not shown."""
    changed: dict[str, Any] = {"status": "complete", "reason": ""} if e.status == "partial" else {}
    changed |= {"sensitive": []} if e.sensitive else {}
    if e.kind == "composite":
        changed["payload"] = dataclasses.replace(e.payload, parts=[_bare(part) for part in e.payload.parts])
    elif isinstance(e.payload, Attribution):
        changed["payload"] = dataclasses.replace(e.payload, samples=0)
    return dataclasses.replace(e, **changed) if changed else e


def _check(given: Any, modality: str) -> None:
    if modality not in _HELD:
        raise ValueError(f"Inputs are shown of text, tables and pictures, not of {str(modality)[:40]!r}: choose one of {', '.join(_HELD)}.")
    kind, words = _HELD[modality]
    if not isinstance(given, kind):
        raise ValueError(f"An input of modality {modality} is {words}, not {type(given).__name__}.")


def _wrapped(inner: str) -> str:
    return f'<div class="ft-inputs ft-stimulus">{style.style(style.WORDS, style.INPUTS, _SHEET)}{inner}</div>'


def _heading(head: str) -> str:
    return f'<h4 dir="auto">{escape.text(head)}</h4>' if head else ""


def _drawn(given: Any, names: Mapping[str, str], alt: str) -> str:
    if isinstance(given, str):
        return inputs.text(given, [], lambda mark, inner: inner, len(given))
    if isinstance(given, dict):
        return _table("".join(_row(names.get(name, name), _same(value)) for name, value in given.items()))
    return inputs.photograph(given, alt, SIDE)


def _table(rows: str) -> str:
    return f'<table class="ft-compared" dir="auto"><tbody>{rows}</tbody></table>'


def _row(name: str, cell: str, turned: str = "") -> str:
    return f'<tr{turned}><th scope="row"><bdi>{escape.breakable(escape.flat(name))}</bdi></th><td>{cell}</td></tr>'


def _value(value: Any) -> str:
    return f"<bdi>{escape.text(escape.flat(numbers.value(value)))}</bdi>"


def _same(value: Any) -> str:
    return f'<span class="ft-sign">{EQUAL}</span>{_value(value)}'


def _changed_row(before: dict[str, Any], after: dict[str, Any], names: Mapping[str, str]) -> str:
    rows = []
    for name, value in after.items():
        label = names.get(name, name)
        if name in before and inputs.equal(before[name], value):
            rows.append(_row(label, _same(value)))
            continue
        was, now = _apart(before[name], value) if name in before else ("", _value(value))
        old = f"<del>{was}</del> {BECAME} " if was else ""
        # From left to right whatever the letters, so that the arrow leads from the old to the new.
        rows.append(_row(label, f'<span class="ft-way" dir="ltr">{old}<ins class="ft-new">{now}</ins></span>', ' class="ft-turned"'))
    return _table("".join(rows))


def _apart(before: Any, after: Any) -> tuple[str, str]:
    """Two different values as shown; numbers that look alike when shortened are shown in full."""
    shown = _value(before), _value(after)
    return shown if shown[0] != shown[1] else (f"<bdi>{escape.text(before)}</bdi>", f"<bdi>{escape.text(after)}</bdi>")


def _changed_text(before: str, after: str) -> str:
    pieces = []
    for same, old, new in _stretches(_PIECES.findall(before), _PIECES.findall(after)):
        if same:
            pieces.append(escape.text(new))
            continue
        gone = f"<del>{escape.text(old)}</del>" if old else ""
        come = f'<ins class="ft-new">{escape.text(new)}</ins>' if new else ""
        pieces.append(gone + come)
    return f'<p class="ft-text" dir="auto">{"".join(pieces)}</p>'


def _stretches(before: list[str], after: list[str]) -> Iterator[tuple[bool, str, str]]:
    """(whether the same in both, what stood there, what stands there now). Words that stand one for one are held against each other."""
    if len(before) == len(after) and all(a == b or (a.isalnum() and b.isalnum()) for a, b in zip(before, after, strict=True)):
        for old, new in zip(before, after, strict=True):
            yield old == new, old, new
        return
    for how, a, b, c, d in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        yield how == "equal", "".join(before[a:b]), "".join(after[c:d])
