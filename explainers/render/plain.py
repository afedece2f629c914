"""For a kind that has no drawing yet: the model's answer in words, and nothing made up."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..explanation import Explanation
from .common import answer_sentence, stopped_sentence
from .slide import Box


def fits(e: Explanation) -> bool:
    return True


def sentence(e: Explanation) -> str:
    return " ".join(s for s in (answer_sentence(e), stopped_sentence(e, 0)) if s)


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> None:
    return None


def image(e: Explanation, **look: Any) -> None:
    return None


def highlight(e: Explanation, **look: Any) -> str:
    return ""


def figure(e: Explanation) -> str:
    return ""


def table(e: Explanation) -> str:
    return ""


def lines(e: Explanation) -> Iterable[tuple[str, str]]:
    return ()


def slide_input(e: Explanation, box: Box) -> str:
    return ""


def slide_picture(e: Explanation, box: Box) -> str:
    return ""
