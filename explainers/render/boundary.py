"""The nearest change found that gets another answer, and the way there; or the nearest approach to one."""

from __future__ import annotations

from ..explanation import Explanation
from .boundary_chart import chart
from .boundary_html import figure, highlight, lines, step, table
from .boundary_picture import image
from .boundary_sentence import sentence
from .boundary_slide import slide_input, slide_picture

__all__ = ["chart", "figure", "fits", "highlight", "image", "lines", "sentence", "slide_input", "slide_picture", "step", "table"]


def fits(e: Explanation) -> bool:
    return len(e.payload.steps) > 0
