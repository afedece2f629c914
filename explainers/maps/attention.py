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
_MUCH = 0.1  # of the attention, on what is no word


def readable(task: Task, pooled: bool) -> str | None:
    """Why the model's attention cannot be read, or None. `pooled`: the weights (t,) of a pooling are wanted, else those of layers."""
    if task.modality != "text":
        return "This method reads how a network attends to words, and the inputs of this task have none: choose a task of texts."
    axes = _axes(task)
    if axes == 0:
        return "This model shows no attention that could be read: choose a network that has one."
    if pooled and axes != 1:
        return "This is for a network that pools words by attention, and this model is a transformer: choose attention rollout."
    if not pooled and axes == 1:
        return "This is for a transformer, and this model only pools words by attention: choose attention weights."
    return None


_AXES: dict[str, int] = {}  # of models asked before, by fingerprint: pages ask whenever they are drawn


def _axes(task: Task) -> int:
    """Of the array in which the model's attention comes: 1 for weights of a pooling, 4 for layers and heads, 0 where it has none."""
    model = task.model
    if not isinstance(model, GradientModel):
        return 0
    if model.fingerprint not in _AXES:
        attention = model.differentiable("word").attention
        _AXES[model.fingerprint] = 0 if attention is None else np.ndim(attention())
    return _AXES[model.fingerprint]


def over_words(request: Request, pieces: np.ndarray, asked: Differentiable, unit: str, **more: Any) -> tuple[Attribution, list[str]]:
    """pieces (t,): a number for each word piece -> the sum over the pieces that touch each word, and what to say about the text.

    What pieces of no word have (marks, the pieces that stand for no character) is the payload's intercept, so that nothing is lost.
    """
    parts, caveats = text_parts(request.task, request.instance, POSITIONS, "")
    owners = owner(parts, asked.spans or [])
    values = np.bincount(owners[owners >= 0], pieces[owners >= 0], minlength=len(parts))
    rest = float(pieces[owners < 0].sum())
    if unit == SHARE and rest > _MUCH:
        caveats.append(f"{100 * rest:.0f} % of the attention is on marks and on pieces that stand for no word, which are not shown.")
    return form.over_words(parts, values, unit, intercept=rest, **more), caveats


def owner(parts: TextParts, spans: list[list[int]]) -> np.ndarray:
    """Which part each piece belongs to, int (t,): the first that it overlaps, -1 where it overlaps none."""
    words = np.array([(*span, i) for i, several in enumerate(parts.spans) for span in several])
    found = np.full(len(spans), -1, dtype=np.intp)
    for piece, (start, end) in enumerate(spans):
        touched = words[(words[:, 0] < end) & (start < words[:, 1]), 2] if end > start else words[:0, 2]
        found[piece] = touched[0] if len(touched) else -1
    return found
