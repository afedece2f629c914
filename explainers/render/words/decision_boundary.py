"""Decision boundary: the nearest change found that gets another answer."""

from __future__ import annotations

from . import MethodText, Words

_TITLE = "Decision boundary"
_FOUND = "It is the nearest change that was found, not the nearest that exists: another search may find a smaller or a quite different one."
_MODEL = (
    "It says what would change the model's answer, not what would change anything in the world, and not that the answer would be right."
)

DECISION_BOUNDARY: Words = {
    "text": MethodText(
        _TITLE,
        "It swaps words for similar ones until the model answers differently, keeps the nearest such text, and shows the way there word by word.",
        (
            _FOUND,
            _MODEL,
            "Words are swapped by a program: the new text can be ungrammatical or mean something else than it seems.",
            "The order of the steps is chosen for a gentle way; the same changes in another order pass through other answers.",
            "That a word was changed does not say that it counts most: other words may do the same.",
        ),
    ),
    "tabular": MethodText(
        _TITLE,
        "It changes values until the model answers differently, keeps the nearest such row, and shows the way there variable by variable.",
        (
            _FOUND,
            _MODEL,
            "It is not advice: nobody can change their age, and a change that moves the model may be out of reach, costly or pointless in life.",
            "One change often brings others with it in life; here everything else stays as it is, so that the new row may never occur.",
            "The order of the steps is chosen for a gentle way; the same changes in another order pass through other answers.",
        ),
    ),
    "image": MethodText(
        _TITLE,
        "It replaces parts of the picture until the model answers differently, keeps the nearest such picture, and shows the way part by part.",
        (
            _FOUND,
            _MODEL,
            "The changed pictures are ones that no camera takes; the model may be unsure of itself there.",
            "What was put in place of a part can bring something new with it: it may be that, and not what went, that moves the model.",
            "Where one part ends and the next begins, a program decided by colour; another cut gives other changes.",
        ),
    ),
    "": MethodText(
        _TITLE,
        "It changes the input until the model answers differently, keeps the nearest such input, and shows the way there change by change.",
        (
            _FOUND,
            _MODEL,
            "The changed inputs may look like nothing that the model was trained on; it may be unsure of itself there.",
            "The order of the steps is chosen for a gentle way; the same changes in another order pass through other answers.",
        ),
    ),
}
