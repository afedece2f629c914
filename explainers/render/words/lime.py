"""LIME, and the original program that it is held to."""

from __future__ import annotations

from . import MethodText, Words

_NOT_SAID = {
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

_LINE = {
    "text": "LIME asks the model about many copies of this text with words left out, and reads off how much each word counts.",
    "tabular": "LIME asks the model about many rows like this one with some values changed, and reads off how much each variable counts.",
    "image": "LIME asks the model about many copies of this picture with parts painted over, and reads off how much each part counts.",
    "": "LIME asks the model about many copies of this input with parts switched off, and reads off how much each part counts.",
}

LIME: Words = {modality: MethodText("LIME", _LINE[modality], _NOT_SAID[modality], removal=True) for modality in _LINE}

_KEPT_TO_CHECK = "The original LIME program, kept to check ours against. "
REFERENCE: Words = {
    modality: MethodText("LIME (reference)", _KEPT_TO_CHECK + _LINE[modality], _NOT_SAID[modality], removal=True) for modality in _LINE
}
