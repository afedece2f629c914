"""Anchors: a rule that keeps the model at its answer."""

from __future__ import annotations

from . import MethodText, Words

_WORLD = "It is a rule about the model, not about the world: it does not say that the answer is right, nor what causes it."

_LINE = {
    "text": "Anchors looks for a few words that, as long as they stay, keep the model at its answer while other words are masked or replaced.",
    "tabular": "Anchors looks for a few conditions that, as long as they hold, keep the model at its answer whatever the other values are.",
    "image": "Anchors looks for a few parts that, as long as they stay, keep the model at its answer while others are painted over.",
    "": "Anchors looks for a few parts that, as long as they stay, keep the model at its answer whatever is done to the rest.",
}

_NOT_SAID = {
    "text": (
        "It was tried on copies of this text with other words changed. In a text about something else the same words may not hold the model.",
        "The rule is enough for the answer, not the only reason for it: words outside it may matter too, and another rule may do as well.",
        _WORLD,
        "The changed texts may read like nothing that anybody would write; the model may be unsure of itself there.",
        "The share that the rule covers is one of the texts it was counted over; among other texts it may be another.",
    ),
    "tabular": (
        "It was tried on rows that keep to the rule and take their other values elsewhere. With another way of changing rows it could fail.",
        "The rule is enough for the answer, not the only reason for it: other variables may matter too, and another rule may do as well.",
        _WORLD,
        "Some of the rows it was tried on combine values that may never occur together.",
        "The share that the rule covers is one of the rows it was counted over; among other people or things it may be another.",
    ),
    "image": (
        "It was tried on copies of this picture with other parts painted over. Before another background the same things may not hold the model.",
        "The rule is enough for the answer, not the only reason for it: parts outside it may matter too, and another rule may do as well.",
        "It says which areas hold the model at its answer, not what the model sees in them, nor whether the answer is right.",
        "The changed pictures are ones that no camera takes; the model may be unsure of itself there.",
        "The share that the rule covers is one of pictures changed in this way, not of all pictures.",
    ),
    "": (
        "It was tried on changed copies of this one input. In another input the same parts may not hold the model.",
        "The rule is enough for the answer, not the only reason for it: parts outside it may matter too, and another rule may do as well.",
        _WORLD,
        "The changed copies may look like nothing the model was trained on.",
    ),
}

ANCHORS: Words = {modality: MethodText("Anchors", _LINE[modality], _NOT_SAID[modality]) for modality in _LINE}
