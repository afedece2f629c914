"""What is said about each method, in plain words: what it is, and what its picture does not say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MethodText:
    """title      the method's name as people write it
    line       one line: what it does
    not_said   what the picture does not say
    removal    whether a value is the method's estimate of what leaving the part out would do
    """

    title: str
    line: str
    not_said: tuple[str, ...]
    removal: bool = False


_LIME_NOT_SAID = {
    "text": (
        "It is about this one text only. The same word can count for more, for less or the other way in another text.",
        "It is an estimate: each word gets one fixed amount, as if words did not work together. See how far to trust it.",
        "It says which words matter to the model, not which words ought to matter, and not whether the model is right.",
        "It asks the model about texts with words missing, which nobody would write; the model may be unsure of itself there.",
        "The intervals say how far another random draw could move a number. The words shown were picked for their large numbers, "
        "so weak ones can look a little surer than they are.",
    ),
    "tabular": (
        "It is about this one row only. The same value can count for more, for less or the other way in another row.",
        "It is an estimate: each variable gets one fixed amount, as if variables did not work together. See how far to trust it.",
        "It says what matters to the model, not what causes the outcome in the world, and not whether the model is right.",
        "It asks the model about rows with values mixed at random; some of these combinations may never occur.",
        "The intervals say how far another random draw could move a number. The variables shown were picked for their large numbers, "
        "so weak ones can look a little surer than they are.",
    ),
    "image": (
        "It is about this one picture only. The same thing can count for more, for less or the other way in another picture.",
        "It is an estimate: each part gets one fixed amount, as if parts did not work together. See how far to trust it.",
        "It says which areas matter to the model, not what the model sees in them, not what ought to matter, and not whether it is right.",
        "It asks the model about pictures with flat patches in them, which no camera takes; the model may be unsure of itself there.",
        "Where one part ends and the next begins, a program decided by colour; another cut gives other parts.",
    ),
    "": (
        "It is about this one input only. The same part can count for more, for less or the other way in another input.",
        "It is an estimate: each part gets one fixed amount, as if parts did not work together. See how far to trust it.",
        "It says what matters to the model, not what ought to matter, and not whether the model is right.",
        "It asks the model about inputs with parts switched off, which may look like nothing it was trained on.",
    ),
}

_LIME_LINE = {
    "text": "LIME asks the model about many copies of this text with words left out, and reads off how much each word counts.",
    "tabular": "LIME asks the model about many rows like this one with some values changed, and reads off how much each variable counts.",
    "image": "LIME asks the model about many copies of this picture with parts painted over, and reads off how much each part counts.",
    "": "LIME asks the model about many copies of this input with parts switched off, and reads off how much each part counts.",
}

_NOT_SAID = (
    "It is about this one input only. The same part can count differently in another input.",
    "It says what matters to the model, not what ought to matter, and not whether the model is right.",
    "Different methods ask different questions, so their numbers need not agree.",
)


def method_text(method: str, modality: str) -> MethodText:
    """The words for a method on a kind of input; honest general words for a method without its own."""
    key = modality if modality in _LIME_LINE else ""
    if method == "lime":
        return MethodText("LIME", _LIME_LINE[key], _LIME_NOT_SAID[key], removal=True)
    if method == "lime_reference":
        line = "The original LIME program, kept to check ours against. " + _LIME_LINE[key]
        return MethodText("LIME (reference)", line, _LIME_NOT_SAID[key], removal=True)
    title = method.replace("_", " ").strip() or "unnamed method"
    return MethodText(title, "It gives each part of the input a number: how far that part moved the model's answer.", _NOT_SAID)
