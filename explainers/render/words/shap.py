"""Shapley values: by trees, on a tree of parts, by regression, by random orders."""

from __future__ import annotations

from . import MethodText, Words

_NOT_SAID = (
    "It is about this one input and one choice of what stands where parts are taken away. Another choice gives other numbers.",
    "The numbers add up to the change of the output, which does not make each of them right: parts that work together share what they do.",
    "It says what matters to the model, not what causes the outcome in the world, and not whether the model is right.",
    "It asks the model about inputs with parts taken away, some of which may never occur; the model may be unsure of itself there.",
)
_TREE_NOT_SAID = (
    "It is about this one row and the rows whose values stand where its own are taken away. Other rows give other numbers.",
    "The numbers add up to the log odds, which does not make each of them right: variables that work together share what they do.",
    "Where two variables say the same, how much each gets depends on which of them the trees happened to ask.",
    "It says what matters to the model, not what causes the outcome in the world, and not whether the model is right.",
)


def _words(title: str, line: str, not_said: tuple[str, ...] = _NOT_SAID) -> Words:
    return {"": MethodText(title, line, not_said)}


SHAP_TREE = _words(
    "Tree SHAP",
    "Tree SHAP reads off the trees exactly how much each variable adds to the answer, averaged over all orders in which they could be known.",
    _TREE_NOT_SAID,
)
SHAP_PARTITION = _words(
    "Partition SHAP",
    "Partition SHAP shares the answer out between halves of the input, then within each half, and so on, spending its questions where it changes.",
)
SHAP_KERNEL = _words(
    "Kernel SHAP", "Kernel SHAP asks the model about many sets of parts and shares the answer out among them by a weighted straight line."
)
SHAP_PERMUTATION = _words(
    "Permutation SHAP",
    "Permutation SHAP lets the parts join one after another in random orders, and counts what each changes when it joins.",
)
