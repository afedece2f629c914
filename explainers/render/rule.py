"""Rules over the words of a text, the columns of a table, or named parts of anything. Over a photograph: `rule_picture`."""

from __future__ import annotations

from typing import Any

from ..explanation import Explanation
from .rule_chart import chart
from .rule_html import figure, highlight, lines, table
from .rule_sentence import gist, sentence
from .rule_slide import slide_input, slide_picture

__all__ = ["chart", "figure", "fits", "gist", "highlight", "image", "lines", "sentence", "slide_input", "slide_picture", "table"]


def fits(e: Explanation) -> bool:
    return True


def image(e: Explanation, **look: Any) -> None:
    """Words and columns have no picture of their own; the chart is it."""
