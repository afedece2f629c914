"""Occlusion: what is lost when a part is covered."""

from __future__ import annotations

from . import MethodText, Words

_TITLE = "Occlusion"
_ALONE = "Each part is taken away alone: where two parts say the same thing, taking either changes nothing, and both get 0."
_ODD = "With a part gone it looks like nothing the model has seen, and it may answer to that: what stands there instead changes the map."
_SUM = "The numbers need not add up to the model's answer."

OCCLUSION: Words = {
    "": MethodText(
        _TITLE,
        "Each part is taken away in turn; its number is how far the model's answer for the class drops without it.",
        (_ALONE, _ODD, _SUM),
    ),
    "image": MethodText(
        _TITLE,
        "A square slides over the picture; a place counts as much as the model's answer for the class drops when what is under it is taken away.",
        (
            _ALONE,
            "It sees no finer than its window: a thing much smaller than the square looks as large as the square.",
            _ODD,
            _SUM,
        ),
    ),
    "text": MethodText(
        _TITLE,
        "Each word is taken away in turn; its number is how far the model's answer for the class drops without it.",
        (
            _ALONE,
            "Left out or replaced, the rest may read oddly or mean something else (“not bad” without “not”).",
            _ODD,
            _SUM,
        ),
    ),
    "tabular": MethodText(
        _TITLE,
        "Each value is taken away in turn; its number is how far the model's answer for the class drops without it.",
        (
            _ALONE,
            "A row with one value changed may not exist: somebody of ten years with a pension. The model was never taught such rows.",
            "It is always told against other rows: choose another row to compare with, and the numbers change.",
            _SUM,
        ),
    ),
}
