"""What stands in the place of what is taken away, in one wording: beside the choice, under the map, in its facts and beside its scores.

Nothing can simply be absent for a model, so a method puts something there (Sturmfels, Lundberg and Lee 2020, "Visualizing the impact of
feature attribution baselines"). Each method names it in its own words (`Attribution.baseline`), and so do the scores. Whoever reads both on
one page reads "What is taken away is ...". What is not known here, as from another's file, keeps its own words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from ..maps.baselines import AVERAGE_ROW, BLACK, BLUR, MEAN_COLOUR, OTHER_PICTURE, OTHER_ROW
from ..models.base import MASK_TOKEN, PADDING, UNKNOWN_WORD, ZERO_VECTOR
from ..scores.copies import IN_WORDS
from . import escape

LABEL = "What is taken away is"
HELP = "A model cannot be asked about nothing: something has to stand there, and it changes the map. Try another."
PARAMETERS = ("baseline", "covered", "game", "off")  # as methods call the choice of it

# By how it is chosen -> how the label goes on, and what that means where it needs a word more.
_CHOICES: Mapping[str, tuple[str, str]] = {
    BLACK: ("painted black", ""),
    MEAN_COLOUR: ("painted in its mean colour", "The place has the colour that it, or this picture, has on average."),
    BLUR: ("blurred", "The outlines go, the colours stay."),
    OTHER_PICTURE: (
        "covered by another picture",
        "Another picture of the training data shows through, or several in turn: what is said below has how many.",
    ),
    AVERAGE_ROW: ("replaced by the average row", "The usual value: the mean of a number, the most frequent category."),
    OTHER_ROW: (
        "replaced by another row",
        "The values of a row drawn from the training data, or of several: what is said below has how many.",
    ),
    "several rows": ("replaced by several rows", "The values of rows drawn from the training data, one row after the other."),
    "background rows": ("replaced by background rows", "The values of rows drawn from the training data, and the mean over them."),
    MASK_TOKEN: ("replaced by the mask token", "The sign that, while the model learnt, stood for a hidden word."),
    PADDING: ("replaced by padding", "The filler that the model is given behind the end of short texts."),
    UNKNOWN_WORD: ("replaced by the unknown word", "The one sign that the model has for all words it does not know."),
    ZERO_VECTOR: ("replaced by the zero vector", "Nothing: zeros where the model's own numbers for a word would be."),
    "removed": ("left out", ""),
    "left out": ("left out", ""),
    "replaced": ("replaced by a word", "A word that stands for no word: the model's own for unknown ones, or your own under Settings."),
    "a mask word": ("replaced by a mask word", "The model's own word for unknown or hidden ones."),
    "interventional": (
        "replaced by other rows",
        "The values of rows of the training data, whatever else this row has: what the model itself does with each value (interventional).",
    ),
    "path-dependent": (
        "averaged along the trees",
        "As the rows that the trees learnt from went, so that values that usually come together share what they do (path-dependent).",
    ),
}
# By what an artifact says: a pattern for all of it -> how "What is taken away is" goes on.
_SAID: tuple[tuple[str, str], ...] = (
    ("a black picture", "painted black"),
    ("a picture of this one's mean colour", "painted in this picture's mean colour"),
    ("this picture, blurred", "blurred"),
    ("((?:another|[0-9]+) (?:picture|pictures)),? drawn from the training data", r"covered by \1, drawn from the training data"),
    ("((?:another|[0-9]+) (?:row|rows)),? drawn from the training data", r"replaced by the values of \1, drawn from the training data"),
    ("([0-9]+) rows drawn from the training data, one after the other", r"replaced by the values of \1 rows, drawn from the training data"),
    ("the average row: (.+)", r"replaced by the values of the average row: \1"),
    ("what the rows that the trees were trained on had there", "averaged along the trees, over the rows that they were trained on"),
    ("the same text with every word replaced by the (.+)", r"replaced by the \1"),
    ("the text without the (?:word|part)", "left out"),
    ("the (word .+) in its place", r"replaced by the \1"),
)
_LONGEST = 160


def is_one(name: str, choices: Sequence[object]) -> bool:
    """Whether a parameter of a method chooses what stands there, by its name and choices."""
    return name in PARAMETERS and len(choices) > 0 and all(chosen(one) is not None for one in choices)


def chosen(value: object) -> tuple[str, str] | None:
    """How the label goes on for a choice, and what that means ("" where it is plain); None for one that is not known here."""
    return _CHOICES.get(value) if isinstance(value, str) else None


def gone(baseline: str) -> str:
    """Of an artifact's `baseline`, "painted black" for "What is taken away is ..."; "" where nothing stands for what is absent."""
    own = escape.shorten(baseline.strip(), _LONGEST).rstrip(".")
    for pattern, words in _SAID:
        found = re.fullmatch(pattern, own)
        if found:
            return escape.isolated(found.expand(words))
    return f"replaced by {escape.isolated(own)}" if own else ""


def sentence(baseline: str) -> str:
    """ "What is taken away is blurred."; "" where nothing stands for what is absent."""
    return f"{LABEL} {gone(baseline)}." if baseline.strip() else ""


def of_scores(modality: str) -> str:
    """The same of the scores, which put several things there so that no map wins by its own; "" for what has no such scores."""
    return f"For the scores, what is taken away is {IN_WORDS[modality]}, whatever stands there for the map." if modality in IN_WORDS else ""
