"""How two sets differ: descriptions that are truer of the one than of the other, ranked, with evidence."""

from __future__ import annotations

from ..explanation import Explanation
from ..payloads import SetDifference
from .difference_chart import chart
from .difference_html import figure, highlight, lines, table
from .difference_picture import image, slide_input, slide_picture
from .difference_rows import View, csv_text
from .difference_sentence import gist, sentence
from .difference_size import could_find as _could_find
from .difference_size import least as _least

__all__ = [
    "chart",
    "could_find",
    "csv_text",
    "figure",
    "fits",
    "found",
    "gist",
    "highlight",
    "image",
    "least",
    "lines",
    "sentence",
    "slide_input",
    "slide_picture",
    "table",
]


def least(e: Explanation) -> str:
    """How clear a description had to be to count as found, as a sentence."""
    return _least(View.of(e))


def could_find(e: Explanation) -> list[str]:
    """How large a difference these sets would have shown, as sentences."""
    return _could_find(View.of(e))


def found(e: Explanation) -> bool:
    """Whether anything was found that is truer of the first set; likeness to typed words alone does not count."""
    return bool(View.of(e).found)


def fits(e: Explanation) -> bool:
    return isinstance(e.payload, SetDifference) and len(e.payload.names) == len(e.payload.sizes) == len(e.payload.tested) == 2
