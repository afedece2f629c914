"""Prototypes and nearest examples in plain words."""

from __future__ import annotations

from dataclasses import replace

from ..explanation import Explanation
from . import attribution_rows, escape, numbers
from .common import answer_sentence, class_name, quoted, stop_reason
from .prototypes_rows import Near, Row, similarity

TEXT_LENGTH = 140  # characters of a training text
GIST_LENGTH = 80  # likewise, in a gist
MOST_PARTS = 3
# Importances below it are called small, and nothing is said to make the input similar.
SLIGHT = 0.01
_NOUNS = {"text": "word", "tabular": "value"}  # what is changed to measure an importance; else a part
_CHANGING = {"text": ("leaving out", "leaving any one out"), "tabular": ("replacing", "replacing any one"),
             "image": ("painting over", "painting over any one")}  # fmt: skip
_ANY_CHANGE = ("switching off", "switching off any one")
_UNITS = {
    "text": "similarity lost by leaving it out",
    "tabular": "similarity lost by replacing it",
    "image": "similarity lost by painting it over",
}
_ANY_UNIT = "similarity lost by switching it off"


def sentence(e: Explanation) -> str:
    near = Near.of(e)
    said = [answer_sentence(e), *(_by_likeness(near) if near.payload.reasoning else _neighbours(near)), _stopped(near)]
    return " ".join(s for s in said if s)


def gist(e: Explanation) -> str:
    """One or two sentences for a place among other explanations: the closest prototype, and whose reason it is."""
    near = Near.of(e)
    if not near.rows:
        return _stopped(near)
    if not near.payload.reasoning:
        first, _, whose = _neighbours(near)
        return f"{first} {whose}"
    said = [f"{_who(near)}: {_closest(near, GIST_LENGTH)}.", _not_the_models(near)]
    return " ".join(s for s in said if s)


def _by_likeness(near: Near) -> list[str]:
    """A prototype network's reasons: whose they are, the closest prototype, the closest of the next class, and what makes it similar."""
    if not near.leading or near.network_answer is None:
        return []
    return [f"{_who(near)}: {_closest(near)}{_next_class(near)}.", _similar_parts(near), _not_the_models(near), _agreement(near)]


def _who(near: Near) -> str:
    if near.is_the_model:
        return "It decides by likeness"
    answer = quoted(class_name(near.e, near.network_answer or 0))
    return f"The prototype network, another model, says {answer}{' instead' if near.disagrees else ' as well'}"


def _closest(near: Near, length: int = TEXT_LENGTH) -> str:
    """ "the text is most like this training text of “positive”: “…” (similarity 0.93 of 1)"."""
    row, one = near.leading[0], near.noun[0]
    start = f"the {one} is most like"
    if near.e.modality == "text":
        return f"{start} this training text of {row.stands_for}: {near.said(row, length)} (similarity {similarity(row.similarity)} of 1)"
    return (
        f"{start} training {near.said(row, length)} of {row.stands_for} (similarity {similarity(row.similarity)} of 1{_equal(near, row)})"
    )


def _equal(near: Near, row: Row) -> str:
    if near.e.modality != "tabular" or not isinstance(near.e.instance, dict):
        return ""
    return f"; equal in {len(near.equal(row))} of {len(near.e.instance)} variables"


def _next_class(near: Near) -> str:
    if len(near.leading) < 2:
        return ""
    other = near.leading[1]
    return f"; the most similar one of {other.stands_for} has {similarity(other.similarity)}"


def _similar_parts(near: Near) -> str:
    """The parts of the input that the likeness rests on most, and by how much."""
    if near.payload.importance is None:
        return ""
    if slight(near):
        return slight_sentence(near)
    e = of_importance(near)
    rows = attribution_rows.Rows.of(e)
    named = [r for r in rows.rows if r.toward and r.sure and abs(r.value) >= SLIGHT][:MOST_PARTS]
    if not named:
        return ""
    doing = _CHANGING.get(e.modality, _ANY_CHANGE)[0]
    first, *others = [(_part(e, r), numbers.plain(r.value, 2)) for r in named]
    start = f"{doing[:1].upper()}{doing[1:]} {first[0]} lowers the similarity to the closest one of {quoted(class_name(e, e.target))}"
    return f"{start} by {first[1]} of 1{''.join(f', {doing} {what} by {size}' for what, size in others)}."


def _part(e: Explanation, row: attribution_rows.Row) -> str:
    """A word in quotation marks, a variable or a part by its name."""
    if e.modality == "text":
        return quoted(row.phrase) + row.suffix
    name = attribution_rows.column(e.payload.features[row.index]) if e.modality == "tabular" else row.phrase
    return escape.isolated(name) + row.suffix


def slight(near: Near) -> bool:
    """Whether parts were tried and none of them counts for much."""
    return (
        bool(near.payload.importance and near.payload.importance.features)
        and attribution_rows.Rows.of(of_importance(near)).largest < SLIGHT
    )


def slight_sentence(near: Near) -> str:
    """Said in place of what makes it similar."""
    noun = _NOUNS.get(near.e.modality, "part")
    doing = _CHANGING.get(near.e.modality, _ANY_CHANGE)[1]
    tried = " that was tried" if near.e.status == "partial" else ""
    return f"No single {noun}{tried} matters much: {doing} changes the similarity by less than {SLIGHT}."


def of_importance(near: Near) -> Explanation:
    """The input importance as an attribution, so that it is drawn as one, in a unit short enough for an axis.

    It is toward the class that is explained: the method measures the similarity to that class's closest prototype.
    """
    importance = near.payload.importance
    assert importance is not None
    return replace(near.e, payload=replace(importance, unit=_UNITS.get(near.e.modality, _ANY_UNIT)))


def _not_the_models(near: Near) -> str:
    return "The two disagree here, so these are not the model's reasons." if near.disagrees else ""


def _agreement(near: Near) -> str:
    return f"The two give the same answer to {near.agreement}." if near.agreement else ""


def _neighbours(near: Near) -> list[str]:
    rows, (one, many) = near.rows, near.noun
    if not rows:
        return []
    what = f"training {one if len(rows) == 1 else many}"
    space = f" in {escape.shorten(near.payload.space, 100)}" if near.payload.space else ""
    answers = [r.same for r in rows if r.same is not None]
    start = f"The {what} nearest to this one{space}" if len(rows) == 1 else f"The {len(rows)} {what} nearest to this one{space}"
    return [f"{start}{_same(answers, len(rows))}.", _nearest(near), "They describe the data near it, not the model's reasoning."]


def _same(answers: list[bool], shown: int) -> str:
    """How many of them get the answer that the instance gets."""
    if not answers:
        return " are shown" if shown > 1 else " is shown"
    if shown == 1:
        return f": the model gives it {'the same' if answers[0] else 'another'} answer"
    asked = "" if len(answers) == shown else f" of the {len(answers)} it was asked about"
    same = sum(answers)
    count = "all" if same == len(answers) and not asked else "none" if same == 0 else str(same)
    return f": the model gives {count}{asked or ' of them'} the same answer"


def _nearest(near: Near) -> str:
    row = max(near.rows, key=lambda r: r.similarity)
    label = f", labelled {row.label}" if row.label else ""
    article = "" if isinstance(row.prototype.instance, str) else "training "
    return f"Nearest is {article}{near.said(row, TEXT_LENGTH)} (similarity {similarity(row.similarity)} of 1{_equal(near, row)}){label}."


def _stopped(near: Near) -> str:
    if near.e.status == "complete":
        return ""
    reason = stop_reason(near.e)
    if near.rows:
        return f"Stopped early: {reason}."
    return f"No training {near.noun[0]} was found: {reason}."
