"""Numbers over what a network computes with, merged to what a person can point at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..explanation import Attribution
from ..maps import form
from ..parts import POSITIONS, WORD, TextParts, numbered
from ..tasks import Task

_MARKS = re.compile(r"[^\w\s]+")


def merged(task: Task, instance: Any, values: np.ndarray, unit: str, owner: Sequence[str] | None, spans: Any, **more: Any) -> Attribution:
    """values of x's shape without its first axis: (3, h, w) summed over channels; (t, d) or (t,) over pieces; (k,) over coded columns."""
    if task.modality == "image":
        return form.over_pixels(task, instance, values.sum(axis=0), unit, **more)
    if task.modality == "tabular":
        assert owner is not None
        of = np.array(owner)
        return form.over_columns(instance, np.array([values[of == name].sum() for name in instance]), unit, **more)
    parts, place = words_and_marks(instance, spans)
    pieces = values.sum(axis=-1) if values.ndim == 2 else values
    return form.over_words(parts, np.bincount(place[place >= 0], pieces[place >= 0], minlength=len(parts)), unit, **more)


def words_and_marks(text: str, spans: Sequence[Sequence[int]]) -> tuple[TextParts, np.ndarray]:
    """The words of a text, each occurrence alone, and its punctuation marks, as parts; and the part of each piece, int (t,), -1 for none.

    A piece belongs to the part that most of its characters lie in. Only parts that some piece belongs to are named: those the model reads.
    `positions` are the numbers of the words; marks have none.
    """
    words = [match.span() for match in WORD.finditer(text)]
    every = sorted([*words, *(match.span() for match in _MARKS.finditer(text))])
    number = {span: i for i, span in enumerate(words)}
    owner = np.full(len(text) + 1, -1)
    for part, (start, end) in enumerate(every):
        owner[start:end] = part
    place = np.full(len(spans), -1)
    for piece, (start, end) in enumerate(spans):
        inside = owner[start:end][owner[start:end] >= 0]
        if len(inside):
            place[piece] = np.bincount(inside).argmax()
    read = np.unique(place[place >= 0])
    place[place >= 0] = np.searchsorted(read, place[place >= 0])
    kept = [every[i] for i in read]
    features = [text[start:end] for start, end in kept]
    positions = [[number[span]] if span in number else [] for span in kept]
    return TextParts(text, POSITIONS, features, numbered(features), [[list(span)] for span in kept], positions), place
