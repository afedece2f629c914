"""Nearest examples: the data near an instance."""

from __future__ import annotations

from . import MethodText, Words


def _words(one: str, many: str) -> MethodText:
    return MethodText(
        "Nearest examples",
        f"It finds the training {many} that are nearest to this one, measured in what the model computes where it shows that, else in the "
        f"{many} themselves.",
        (
            f"It describes the data near this {one}. It is not the model's reasoning: the model did not look these {many} up to answer.",
            f"Near means near in the numbers compared; a person may find other {many} more alike.",
            "That the neighbours have the same label or the same answer does not make the answer right, and labels can be wrong.",
            "The data has gaps: the nearest there is may still be far away, so look at the similarity, not only at the order.",
        ),
    )


NEAREST_EXAMPLES: Words = {
    "text": _words("text", "texts"),
    "tabular": _words("row", "rows"),
    "image": _words("picture", "pictures"),
    "": _words("input", "inputs"),
}
