"""What a published study with people found of a method: did seeing its explanations help them foretell the model?

Hase and Bansal, "Evaluating Explainable AI: Which Algorithmic Explanations Help Users Predict Model Behavior?", ACL 2020: 2,166
answers of 32 trained students. Here are only the figures that the paper's abstract or text confirms; what it tested without a clear
result is said without a figure. A result of one's own study joins by the same class.
"""

from __future__ import annotations

from dataclasses import dataclass

SOURCE = "Hase and Bansal, ACL 2020: 32 trained students, 2,166 answers"
RATINGS = "How good people found an explanation did not tell whether it helped them."


@dataclass(frozen=True)
class Effect:
    """Change in people's accuracy at foretelling the model, in percentage points, with the half width of its 95 % interval and p.

    where  in words, after "the model's answer": on what inputs, or in what test
    """

    where: str
    points: float
    half_width: float
    p: float

    @property
    def low(self) -> float:
        return self.points - self.half_width

    @property
    def high(self) -> float:
        return self.points + self.half_width


@dataclass(frozen=True)
class Evidence:
    """What is known of one method on one kind of input.

    effects  clear results; none: nobody has measured it, or no clear effect was found (`tested` tells which)
    tested   whether the study tested the method on this kind of input
    limits   what to keep in mind, in a sentence
    """

    effects: tuple[Effect, ...]
    tested: bool
    limits: str = ""


_LIME_TABLES = Effect("on tables, to new and to changed inputs", 11.25, 8.83, 0.014)
_PROTOTYPES_COUNTERFACTUAL = Effect("to a changed input, over texts and tables", 9.53, 8.55, 0.032)
_TESTED = ("lime", "anchors", "prototypes", "decision_boundary", "composite")
_WIDE = "The study was small, so its intervals are wide: no clear effect does not mean no effect."


def evidence(method: str, modality: str) -> Evidence:
    """What Hase and Bansal found of `method` on inputs of `modality` ("text", "tabular", "image", "series")."""
    if method not in _TESTED or modality not in ("text", "tabular"):
        return Evidence((), False)
    if method == "lime" and modality == "tabular":
        return Evidence((_LIME_TABLES,), True, "Of the ten averages over domains it was the only clear one.")
    if method == "prototypes":
        return Evidence((_PROTOTYPES_COUNTERFACTUAL,), True, "When people foretold new inputs, no clear effect was found.")
    return Evidence((), True, _WIDE)
