"""Training instances like this one: the prototypes of a network that decides by them, or the nearest examples of any other model."""

from __future__ import annotations

from ..explanation import Explanation
from .prototypes_chart import chart
from .prototypes_html import figure, highlight, lines, table
from .prototypes_picture import image, slide_input, slide_picture
from .prototypes_sentence import gist, sentence

__all__ = ["chart", "figure", "fits", "gist", "highlight", "image", "lines", "sentence", "slide_input", "slide_picture", "table"]


def fits(e: Explanation) -> bool:
    return True
