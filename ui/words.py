"""Numbers and data as words on a page."""

from __future__ import annotations

from typing import Any

from PIL import Image

from explainers.render.escape import markdown as plain
from explainers.render.escape import shorten

__all__ = ["duration", "one_line", "percent", "plain", "shorten"]


def percent(share: float) -> str:
    """0.923 -> "92 %"; never "100 %" for what is not certain."""
    if 0.995 <= share < 1:
        return "over 99 %"
    if 0 < share < 0.005:
        return "under 1 %"
    return f"{100 * share:.0f} %"


def duration(seconds: float) -> str:
    """Seconds as a person says them: "under a second", "about 8 s", "about 3 min"."""
    if seconds < 1:
        return "under a second"
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min"


def one_line(instance: Any, length: int = 140) -> str:
    """An instance in one line, not escaped: the text, or "age 43 · Private · …" for a row."""
    if isinstance(instance, dict):
        parts = [
            f"{name} {value}" if isinstance(value, int | float) and not isinstance(value, bool) else str(value)
            for name, value in instance.items()
        ]
        return shorten(" · ".join(parts), length)
    if isinstance(instance, Image.Image):
        return f"a picture, {instance.width} by {instance.height} pixels"
    return shorten(" ".join(str(instance).split()), length)


def model_calls(n: int) -> str:
    """ "1 model call", "2,000 model calls"."""
    return f"{n:,} model call{'' if n == 1 else 's'}"
