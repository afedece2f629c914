"""The words for a method on a kind of input: what it is, and what its picture does not say. The words themselves stand in `words/`."""

from __future__ import annotations

from .words import MethodText, Words
from .words.anchors import ANCHORS
from .words.attention import ROLLOUT, WEIGHTS
from .words.composite import COMPOSITE
from .words.decision_boundary import DECISION_BOUNDARY
from .words.gradients import GRADIENTS
from .words.lime import LIME, REFERENCE
from .words.nearest_examples import NEAREST_EXAMPLES
from .words.occlusion import OCCLUSION
from .words.prototypes import PROTOTYPES
from .words.random import RANDOM
from .words.rise import RISE
from .words.set_difference import SET_DIFFERENCE
from .words.shap import SHAP_KERNEL, SHAP_PARTITION, SHAP_PERMUTATION, SHAP_TREE

__all__ = ["MethodText", "method_text"]

_METHODS: dict[str, Words] = {
    "lime": LIME,
    "lime_reference": REFERENCE,
    "anchors": ANCHORS,
    "attention_rollout": ROLLOUT,
    "attention_weights": WEIGHTS,
    "composite": COMPOSITE,
    "decision_boundary": DECISION_BOUNDARY,
    "nearest_examples": NEAREST_EXAMPLES,
    "occlusion": OCCLUSION,
    "prototypes": PROTOTYPES,
    **GRADIENTS,
    "random": RANDOM,
    "rise": RISE,
    "set_difference": SET_DIFFERENCE,
    "shap_kernel": SHAP_KERNEL,
    "shap_partition": SHAP_PARTITION,
    "shap_permutation": SHAP_PERMUTATION,
    "shap_tree": SHAP_TREE,
}

_NOT_SAID = (
    "It is about this one input only. The same part can count differently in another input.",
    "It says what matters to the model, not what ought to matter, and not whether the model is right.",
    "Different methods ask different questions, so their numbers need not agree.",
)


def method_text(method: str, modality: str) -> MethodText:
    """The words for a method on a kind of input; honest general words for a method without its own."""
    words = _METHODS.get(method)
    if words is not None:
        return words.get(modality) or words[""]
    title = method.replace("_", " ").strip() or "unnamed method"
    return MethodText(title, "It gives each part of the input a number: how far that part moved the model's answer.", _NOT_SAID)
