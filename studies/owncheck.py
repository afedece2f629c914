"""That what an explanation of one's own says is of its input. A tool writes names and conditions as free text, and participants read them: one that
spells out a test input, or an answer to be foretold, would be read too. So:

    of a text      features are words or parts of it, at their spans or positions; a name is its feature, or "as (2nd)"
    of a row       features are columns; a name is the column, or the column with this row's value or with numbers: "sex = Male", "28 < age <= 37"
    conditions     likewise; "==" and "in" are met by the row itself
    rows shown     have the values that the task's data has
    prototypes     are the training inputs that they say they are
    a path         begins at the input

What a program cannot judge (a changed text, a unit, a name of a part of a picture) is left to `said.own_texts`, to be looked at.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from typing import Any

from PIL import Image

import explainers
from explainers import Attribution, BoundaryPath, Composite, Explanation, Prototypes, Rule

WORD = re.compile(r"\w+")
PICTURE_PART = re.compile(r"part \d{1,9}(?: \((?:top|bottom|left|right|middle| )+\))?")
_NTH = re.compile(r" \(\d+(st|nd|rd|th)\)")
_NUMBER = r"[-−+]?[\d.,]+(?:e[-+]?\d+)?"
_LOW = re.compile(rf"{_NUMBER}\s*(?:<=|<|≤)\s*")
_SIGN = re.compile(r"\s*(<=|>=|==|<|>|=|≤|≥|:| in | is )\s*(.+)")
_ROUNDED = 0.01  # of a number, as far as one that is shown may be from the row's own
_ANYWAY = {"", "missing", "na", "nan", "none", "null", "(blank)"}  # what stands for no value


def check_said(e: Explanation, task: explainers.Task, where: str) -> None:
    """Raises ValueError with one sentence; `where` names the file."""
    payload = e.payload
    if isinstance(payload, Attribution):
        _attribution(e, payload, where)
    elif isinstance(payload, Rule):
        _rule(e, payload, task, where)
    elif isinstance(payload, Prototypes):
        _prototypes(e, payload, task, where)
    elif isinstance(payload, BoundaryPath):
        _path(e, payload, task, where)
    elif isinstance(payload, Composite):
        for part in payload.parts:
            check_said(part, task, where)


def _attribution(e: Explanation, payload: Attribution, where: str) -> None:
    _parts(e, payload.features, payload.positions, payload.spans, where)
    for name, feature in zip(payload.names, payload.features, strict=True):
        if not _names(name, feature, e.instance):
            raise ValueError(f"{where} shows {feature[:60]!r} under the name {name[:60]!r}, {_instead(e)}, or leave names out.")


def _rule(e: Explanation, payload: Rule, task: explainers.Task, where: str) -> None:
    _parts(e, [c.feature for c in payload.conditions], payload.positions, payload.spans, where)
    for name, c in zip(payload.names, payload.conditions, strict=True):
        if isinstance(e.instance, dict):
            good = _asked(c.op, c.value, e.instance[c.feature])
            for value in c.value if good and c.op == "in" else ():
                _checked_row(task, {**e.instance, c.feature: value}, where)
        else:
            good = c.op == "present" and c.value is None
        if not good:
            met = "that this row meets" if isinstance(e.instance, dict) else "other than that it is present"
            raise ValueError(f"{where} has a condition on {c.feature[:60]!r} that is none {met}: correct it.")
        if not _names(name, c.feature, e.instance):
            raise ValueError(f"{where} shows a condition on {c.feature[:60]!r} under the name {name[:60]!r}, {_instead(e)}.")
    _answers(e, [*payload.holds, *payload.breaks], task, where)


def _prototypes(e: Explanation, payload: Prototypes, task: explainers.Task, where: str) -> None:
    train = task.instances("train")
    for p in payload.prototypes:
        if p.source_index >= len(train) or not _same(p.instance, task, train[p.source_index]):
            raise ValueError(
                f"{where} shows as a prototype what is not training input {p.source_index} of {task.name}: source_index is its place in the "
                "training data, from 0, and instance is that input as it is there."
            )
        if p.class_index >= len(e.class_names) or (p.label is not None and not 0 <= p.label < len(e.class_names)):
            raise ValueError(
                f"{where} has a prototype of a class that is none of {', '.join(e.class_names)}: correct class_index and label."
            )
        if any(name not in _pieces(e.instance) for name in p.shared):
            raise ValueError(f"{where} says in shared what is no column or word of the input: correct it, or leave it out.")
    _answers(e, payload.prototypes, task, where)
    if payload.importance is not None:
        _attribution(e, payload.importance, where)


def _path(e: Explanation, payload: BoundaryPath, task: explainers.Task, where: str) -> None:
    first = payload.steps[0].instance
    if explainers.instance_sha256(first) != e.instance_sha256:
        raise ValueError(f"{where} has a path that begins at another input than the one it explains: its first step is that input.")
    if not all(step.changed for step in payload.steps[1:]):
        raise ValueError(
            f"{where} has a step that does not say what was changed: write each change so far in changed, as in “age 28 → 45”."
        )
    _answers(e, payload.steps, task, where)
    if isinstance(e.instance, dict):
        known = list(e.instance)
        stranger = [name for name in [*payload.locked, *(name for s in payload.steps for name in s.features)] if name not in known]
        if stranger:
            raise ValueError(f"{where} names {stranger[0][:60]!r}, which is no column of {e.task}: use {', '.join(known)}.")


def _answers(e: Explanation, shown: Sequence[Any], task: explainers.Task, where: str) -> None:
    """Inputs that are shown besides the explained one: as many probabilities as classes, the same columns, values as in the data."""
    for one in shown:
        if one.prediction is not None and len(one.prediction) != len(e.class_names):
            raise ValueError(
                f"{where} has a prediction of {len(one.prediction)} numbers: it needs one for each of {', '.join(e.class_names)}."
            )
        if isinstance(e.instance, dict) and (not isinstance(one.instance, dict) or list(one.instance) != list(e.instance)):
            raise ValueError(f"{where} shows a row that has other columns than the input: use {', '.join(e.instance)}, in this order.")
        if isinstance(e.instance, dict):
            _checked_row(task, one.instance, where)
        if isinstance(e.instance, str) and not isinstance(one.instance, str):
            raise ValueError(f"{where} shows beside a text what is none: write a text.")


def _checked_row(task: explainers.Task, row: dict[str, Any], where: str) -> None:
    try:
        task.check(row)
    except ValueError as problem:
        raise ValueError(f"{where} shows a row that cannot be one of {task.name}: {problem}") from None


def _parts(
    e: Explanation, features: Sequence[str], positions: list[list[int]] | None, spans: list[list[list[int]]] | None, where: str
) -> None:
    """That what it names is there: columns of a row; words and parts of a text where it says that they stand."""
    if isinstance(e.instance, dict):
        stranger = [name for name in features if name not in e.instance]
        if stranger:
            raise ValueError(f"{where} names {stranger[0][:60]!r}, which is no column of {e.task}: use {', '.join(e.instance)}.")
    elif isinstance(e.instance, str):
        for i, feature in enumerate(features):
            if not _stands(e.instance, feature, None if positions is None else positions[i], None if spans is None else spans[i]):
                raise ValueError(
                    f"{where} names {feature[:60]!r}, which is no word of the text, or none where positions and spans say: write words as they "
                    "stand there, each once, or say by spans where a part stands."
                )


def _stands(text: str, feature: str, places: list[int] | None, spans: list[list[int]] | None) -> bool:
    """Whether a feature is what stands at its places; one of several words may have a span for each. Letter case and spaces do not count."""
    words = [found[0] for found in WORD.finditer(text)]
    if any(place >= len(words) for place in places or ()) or any(not 0 <= s[0] < s[1] <= len(text) for s in spans or ()):
        return False
    found = [text[start:end] for start, end in spans] if spans is not None else [words[place] for place in places or ()]
    pieces = [_squeezed(piece) for piece in found]
    mine = _squeezed(feature)
    return bool(mine) and bool(pieces) and (mine == "".join(pieces) or all(piece == mine for piece in pieces))


def _squeezed(text: str) -> str:
    return "".join(text.split()).casefold()


def _names(name: str, feature: str, instance: Any) -> bool:
    """Whether a name says no more than the part and its value. Of a picture's part everything: its features are numbers."""
    if isinstance(instance, Image.Image) or name == feature:
        return True
    if isinstance(instance, str):
        return name.startswith(feature) and bool(_NTH.fullmatch(name[len(feature) :]))
    low = _LOW.match(name)
    rest = name[low.end() :] if low and not name.startswith(feature) else name
    if not rest.startswith(feature):
        return False
    rest = rest[len(feature) :]
    if not rest:
        return low is not None
    sign = _SIGN.fullmatch(rest)
    if sign is None:
        return False
    if sign[1] in ("=", "==", ":", " is ", " in "):
        return low is None and _is_value(sign[2], instance[feature])
    return bool(re.fullmatch(_NUMBER, sign[2]))


def _is_value(text: str, value: Any) -> bool:
    """Whether a text is how a value is written, rounded at most."""
    if text.casefold() == str(value).casefold():
        return True
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return text.casefold() in _ANYWAY
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    try:
        return math.isclose(float(text.replace("−", "-").replace(",", "")), value, rel_tol=_ROUNDED)
    except ValueError:
        return False


def _asked(op: str, asked: Any, value: Any) -> bool:
    """Whether a condition on a column is one that its row's own value can meet."""
    if op in ("<=", ">"):
        return isinstance(asked, int | float) and not isinstance(asked, bool)
    if op == "==":
        return _is_value(str(asked), value)
    return op == "in" and isinstance(asked, list) and any(_is_value(str(one), value) for one in asked)


def _instead(e: Explanation) -> str:
    if isinstance(e.instance, dict):
        return "which says more than the column and this row's value, as in “sex = Male”, or numbers, as in “28 < age <= 37”: write no more"
    return "which is another word than that part: write the same"


def _pieces(instance: Any) -> set[str]:
    """What an input can have in common with another: columns, words; nothing that has a name in a picture."""
    if isinstance(instance, str):
        words = {found[0] for found in WORD.finditer(instance)}
        return words | {word.casefold() for word in words}
    return set(instance) if isinstance(instance, dict) else set()


def _same(shown: Any, task: explainers.Task, there: Any) -> bool:
    """Whether an input is one of the data, as it is there or as methods take it."""
    if isinstance(shown, Image.Image):
        return explainers.instance_sha256(shown) == explainers.instance_sha256(task.check(there))
    return bool(explainers.instance_sha256(shown) == explainers.instance_sha256(there)) or shown in (there, task.check(there))
