"""How two sets differ: descriptions that are truer of the one than of the other, ranked, with evidence."""

from __future__ import annotations

from ..explanation import Explanation
from ..payloads import SetDifference
from .difference_chart import chart
from .difference_html import figure, highlight, lines, table
from .difference_picture import image, slide_input, slide_picture
from .difference_rows import View, csv_text
from .difference_sentence import gist, sentence
from .difference_sentence import least as _least

__all__ = [
    "chart",
    "csv_text",
    "figure",
    "fits",
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


def fits(e: Explanation) -> bool:
    return isinstance(e.payload, SetDifference) and len(e.payload.names) == len(e.payload.sizes) == len(e.payload.tested) == 2
