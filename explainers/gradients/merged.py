"""Numbers over what a network computes with, merged to what a person can point at."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..explanation import Attribution
from ..maps import form
from ..parts import POSITIONS, WORD, TextParts, numbered
from ..picture_parts import PictureParts
from ..tasks import Task

_MARKS = re.compile(r"[^\w\s]+")


@dataclass(frozen=True, eq=False)
class Merger:
    """From numbers over x to those over parts, for one instance.

    owner, spans  those of its `Differentiable`
    """

    task: Task
    instance: Any
    owner: Sequence[str] | None
    spans: Sequence[Sequence[int]] | None

    def sums(self, values: np.ndarray) -> np.ndarray:
        """values (n, ...): x's shape without its first axis, or (n, h, w) over what the model sees -> (n, parts)."""
        if self.task.modality == "image":
            return np.array([form.by_area(self._areas, form.in_picture(self._areas, one)) for one in _flat(values)])
        if self.task.modality == "tabular":
            of = np.array(self.owner)
            return np.stack([values[:, of == name].sum(axis=1) for name in self.instance], axis=1)
        parts, place = self._words
        pieces, read = values.reshape(*values.shape[:2], -1).sum(axis=-1), place >= 0
        return np.array([np.bincount(place[read], one[read], minlength=len(parts)) for one in pieces])

    def attribution(self, values: np.ndarray, unit: str, **more: Any) -> Attribution:
        """values like one row of those of `sums`. `more`: further fields."""
        if self.task.modality == "image":
            return form.over_pixels(self.task, self.instance, _flat(values[None])[0], unit, self._areas, **more)
        sums = self.sums(values[None])[0]
        if self.task.modality == "tabular":
            return form.over_columns(self.instance, sums, unit, **more)
        return form.over_words(self._words[0], sums, unit, **more)

    @cached_property
    def _areas(self) -> PictureParts:
        return form.areas(self.task, self.instance)

    @cached_property
    def _words(self) -> tuple[TextParts, np.ndarray]:
        assert self.spans is not None
        return words_and_marks(self.instance, self.spans)


def _flat(values: np.ndarray) -> np.ndarray:
    """Pixels (n, 3, h, w) summed over channels -> (n, h, w); that as it is."""
    return values.sum(axis=1) if values.ndim == 4 else values


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
