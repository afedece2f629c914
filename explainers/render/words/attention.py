"""Attention: where a network looks or mixes. Not what decided."""

from __future__ import annotations

from . import MethodText, Words

_NOT_DECIDED = "It does not say what decided: a word can be looked at much and change nothing, or little and change everything."
_NO_CLASS = "It knows no class: the numbers are the same whichever answer they are asked to explain, and they have no sign."

ROLLOUT: Words = {
    "": MethodText(
        "Attention rollout",
        "Where the transformer mixes from: what share of each word flows into what the network sums up at the end, by its attention alone.",
        (
            _NOT_DECIDED,
            _NO_CLASS,
            "It follows the attention and leaves out everything else that the network computes, which is most of it.",
            "Heads are averaged, though they do different things; after several layers the shares are often nearly even.",
        ),
    )
}

WEIGHTS: Words = {
    "": MethodText(
        "Attention weights",
        "Where the network looks: the weight with which it pools each word before it answers.",
        (
            _NOT_DECIDED,
            _NO_CLASS,
            "What is pooled at a word also holds its neighbours, since the network has read the text in both directions by then.",
            "Other weights can lead to the same answer. Compare them with even weights: the network may hardly choose at all.",
        ),
    )
}
