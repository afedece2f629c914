"""What the two methods that read a network's attention share: asking for it, and from word pieces to words."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..explanation import Attribution
from ..methods import Request
from ..models.base import Differentiable, GradientModel
from ..neighbourhoods.texts import text_parts
from ..parts import POSITIONS, TextParts
from ..tasks import Task
from . import form

SHARE = "share of attention"


def readable(task: Task, pooled: bool) -> str | None:
    """Why the model's attention cannot be read, or None. `pooled`: the weights (t,) of a pooling are wanted, else those of layers."""
    if task.modality != "text":
        return "This method reads how a network attends to words, and the inputs of this task have none: choose a task of texts."
    found = _probe(task)
    if found is None:
        return "This model shows no attention that could be read: choose a network that has one."
    if pooled != (found.ndim == 1):
        kind = ("pools words by attention", "a transformer") if pooled else ("is a transformer", "pooling")
        return f"This is for a network that {kind[0]}, and the attention of this one is that of {kind[1]}: choose another model."
    return None


def _probe(task: Task) -> np.ndarray | None:
    """The attention for the shortest of texts, where the model has any."""
    if not isinstance(task.model, GradientModel):
        return None
    attention = task.model.differentiable("word").attention
    return None if attention is None else np.asarray(attention())


def over_words(request: Request, pieces: np.ndarray, asked: Differentiable, unit: str, **more: Any) -> tuple[Attribution, list[str]]:
    """pieces (t,): a number for each word piece -> the sum over the pieces that touch each word, and what to say about the text.

    What pieces of no word have (marks, the pieces that stand for no character) is the payload's intercept, so that nothing is lost.
    """
    parts, caveats = text_parts(request.task, request.instance, POSITIONS, "")
    owners = owner(parts, asked.spans or [])
    values = np.bincount(owners[owners >= 0], pieces[owners >= 0], minlength=len(parts))
    rest = float(pieces[owners < 0].sum())
    return form.over_words(parts, values, unit, intercept=rest, **more), caveats


def owner(parts: TextParts, spans: list[list[int]]) -> np.ndarray:
    """Which part each piece belongs to, int (t,): the first that it overlaps, -1 where it overlaps none."""
    words = np.array([(*span, i) for i, several in enumerate(parts.spans) for span in several])
    found: Any = [
        words[(words[:, 0] < end) & (start < words[:, 1])][:1, 2] if end > start else []
        for start, end in spans
    ]  # fmt: skip
    return np.array([int(f[0]) if len(f) else -1 for f in found], dtype=np.intp)
