"""What every kind of explanation shows alike: class names, the model's answer, how it stopped."""

from __future__ import annotations

import math
from dataclasses import dataclass

from ..explanation import Explanation
from . import escape, numbers

CLASS_LENGTH = 60
NAME_LENGTH = 40

# A column that the task's card asks to watch for unfair treatment: a sign, since colour must not be the only cue, and what it says.
PROTECTED = "†"
PROTECTED_WORDS = f"{PROTECTED} protected attribute"
PROTECTED_SENTENCE = f"{PROTECTED} marks a protected attribute."

_INPUT_NOUNS = {"text": ("text", "texts"), "tabular": ("row", "rows"), "image": ("picture", "pictures")}
_REASONS = {
    "cancelled": "it was cancelled",
    "max_calls": "the limit on model calls was reached",
    "max_seconds": "the time limit was reached",
}


def quoted(s: str) -> str:
    """A cleaned name in quotation marks, safe inside a sentence of ours."""
    return f"“{escape.isolated(s)}”"


def protected(e: Explanation, feature: str) -> str:
    """The sign behind a column's name, with the space before it; "" for other parts."""
    return f"\u00a0{PROTECTED}" if feature in e.sensitive else ""


def input_noun(modality: str) -> tuple[str, str]:
    """What an instance is called: one, many."""
    return _INPUT_NOUNS.get(modality, ("input", "inputs"))


def class_name(e: Explanation, index: int, length: int = CLASS_LENGTH) -> str:
    """A class as a person reads it; a file from elsewhere may name fewer classes than it has numbers for."""
    name = escape.shorten(e.class_names[index], length) if 0 <= index < len(e.class_names) else ""
    return name or f"class {index}"


def probability(e: Explanation, index: int) -> float:
    return float(e.prediction[index]) if 0 <= index < len(e.prediction) else math.nan


def answered(e: Explanation) -> bool:
    """Whether the model's answer is known: it may not be when a run was cancelled at once."""
    return len(e.prediction) > 0 and all(math.isfinite(p) for p in e.prediction)


def ranked(e: Explanation) -> list[int]:
    """Class indices, most probable first."""
    return sorted(range(len(e.prediction)), key=lambda i: -e.prediction[i])


def title(e: Explanation) -> str:
    """The question that the picture answers."""
    if e.kind == "set_difference":
        first, second = (quoted(class_name(e, i)) for i in (0, 1))
        return f"How does {first} differ from {second}?"
    if e.kind == "prototypes":
        return f"Which training {input_noun(e.modality)[1]} is this one most like?"
    if e.kind == "boundary_path":
        return f"What would change the answer {quoted(class_name(e, e.predicted if answered(e) else e.target))}?"
    if answered(e) and e.target == e.predicted:
        return f"Why does the model say {quoted(class_name(e, e.target))}?"
    return f"What counts toward {quoted(class_name(e, e.target))}?"


def answer_sentence(e: Explanation) -> str:
    """What the model says, how sure it is, and which class is explained when that is another one."""
    if not answered(e):
        return "The model's answer is not known."
    first, *rest = ranked(e)
    sure = f"{numbers.percent(probability(e, first))} sure"
    if len(rest) > 1 and e.target == first and probability(e, rest[0]) >= 0.05:
        sure += f"; next comes {quoted(class_name(e, rest[0]))} with {numbers.percent(probability(e, rest[0]))}"
    said = f"The model says {quoted(class_name(e, first))} ({sure})."
    if e.target == first:
        return said
    return f"{said} Explained here is {quoted(class_name(e, e.target))}, to which it gives {numbers.percent(probability(e, e.target))}."


def bare_answer(e: Explanation) -> str:
    """The same without how sure the model is."""
    if not answered(e):
        return answer_sentence(e)
    said = f"The model says {quoted(class_name(e, e.predicted))}."
    return said if e.target == e.predicted else f"{said} Explained here is {quoted(class_name(e, e.target))}."


def stop_reason(e: Explanation) -> str:
    """Why an explanation is not whole, as a clause."""
    return _REASONS.get(e.reason) or escape.shorten(e.reason, 300).rstrip(". ") or "no reason was given"


def stopped_sentence(e: Explanation, samples: int) -> str:
    """Why an explanation is not whole, or "" when it is."""
    if e.status == "complete":
        return ""
    reason = stop_reason(e)
    if e.status == "not_found":
        return f"Nothing was found: {reason}."
    return unfinished_sentence(e, f"Unfinished, after {numbers.count(samples, 'sample')}" if samples else "There is nothing to show yet")


def unfinished_sentence(e: Explanation, words: str) -> str:
    """`words` and why; of a run that goes on, what it is still at."""
    reason = stop_reason(e)
    return f"{reason[:1].upper()}{reason[1:]}." if reason.startswith("still ") else f"{words}: {reason}."


@dataclass(frozen=True)
class Fact:
    """One line of "how this was made"."""

    name: str
    value: str


def facts(e: Explanation) -> list[Fact]:
    """Provenance: what a second person needs to make the same explanation."""
    params = ", ".join(f"{escape.flat(k)} = {escape.shorten(_param(v), 80)}" for k, v in e.params.items())
    cost = f"{numbers.count(e.cost.calls_asked, 'model call')}, {e.cost.calls_made:,} of them new, {_seconds(e.cost.seconds)}"
    return [
        *([Fact("Task", escape.shorten(e.task, 200))] if e.task else []),
        Fact("Model", f"{escape.shorten(e.model_name, 200)} (fingerprint {escape.shorten(e.model_fingerprint, 13)})"),
        Fact("Method", escape.shorten(e.method, 200)),
        Fact("Settings", params or "none"),
        Fact("Seed", str(e.seed)),
        Fact("Cost", cost),
        Fact("Digest", e.digest),
    ]


def _param(v: object) -> str:
    return "automatic" if v is None else str(v)


def _seconds(s: float) -> str:
    return f"{s:.0f} seconds" if s >= 9.5 else f"{s:.1f} seconds"
