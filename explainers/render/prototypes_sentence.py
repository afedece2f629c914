"""Prototypes and nearest examples in plain words."""

from __future__ import annotations

from dataclasses import replace

from ..explanation import Explanation
from . import attribution_rows, escape
from .common import answer_sentence, class_name, quoted, stop_reason
from .prototypes_rows import Near, Row, similarity

TEXT_LENGTH = 140  # characters of a training text
MOST_PARTS = 3


def sentence(e: Explanation) -> str:
    near = Near.of(e)
    said = [answer_sentence(e), *(_by_likeness(near) if near.payload.reasoning else _neighbours(near)), _stopped(near)]
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


def _closest(near: Near) -> str:
    """ "the text is most like this training text of “positive”: “…” (similarity 0.93 of 1)"."""
    row, one = near.leading[0], near.noun[0]
    start = f"the {one} is most like"
    if near.e.modality == "text":
        return (
            f"{start} this training text of {row.stands_for}: {near.said(row, TEXT_LENGTH)} (similarity {similarity(row.similarity)} of 1)"
        )
    return f"{start} training {near.said(row, TEXT_LENGTH)} of {row.stands_for} (similarity {similarity(row.similarity)} of 1{_equal(near, row)})"


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
    """The parts of the input that the likeness rests on most."""
    if near.payload.importance is None:
        return ""
    rows = attribution_rows.Rows.of(of_importance(near))
    named = [r for r in rows.rows if r.toward and r.sure][:MOST_PARTS]
    if not named:
        return ""
    quotes = near.e.modality == "text"
    phrases = [(quoted(r.phrase) if quotes else escape.isolated(r.phrase)) + r.suffix for r in named]
    listed = phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"
    return f"What makes it similar most: {listed}."


def of_importance(near: Near) -> Explanation:
    """The input importance as an attribution toward the class of the closest prototype, so that it is drawn as one."""
    target = near.leading[0].prototype.class_index if near.leading else near.e.target
    fits = 0 <= target < len(near.e.class_names)
    return replace(near.e, payload=near.payload.importance, target=target if fits else near.e.target)


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
