"""Attributions over the words of a text, the columns of a table, or named parts of anything. Not over pixels."""

from __future__ import annotations

from typing import Any

from ..explanation import Explanation
from .attribution_chart import chart
from .attribution_html import figure, highlight, lines, table
from .attribution_sentence import gist, in_parts, sentence
from .attribution_slide import slide_input, slide_picture

__all__ = [
    "chart",
    "figure",
    "fits",
    "gist",
    "highlight",
    "image",
    "in_parts",
    "lines",
    "sentence",
    "slide_input",
    "slide_picture",
    "table",
]


def fits(e: Explanation) -> bool:
    return e.payload.map is None


def image(e: Explanation, **look: Any) -> None:
    """Words and columns have no picture of their own; the chart is it."""
