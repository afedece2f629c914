"""Composite: several explanations of one input, in the order and the short form of Hase and Bansal (ACL 2020, appendix A)."""

from __future__ import annotations

from . import MethodText, Words

COMPOSITE: Words = {
    "": MethodText(
        "Composite",
        "It puts several explanations of the same answer under one another, each in a short form with the whole of it folded below.",
        (
            "Each explanation asks another question, so they need not agree; where they do not, that alone makes none of them wrong.",
            "Each has limits of its own, which stand in its fold.",
            "All of them are about this one input and about the model, not about the world, and none says that the answer is right.",
            "More explanations are not better ones: the study that this form comes from saw no clear gain from showing all of them together.",
        ),
    )
}
