"""What a map says comes first, whatever method made it: one number a part toward the target, over words, columns or cells of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import sobel

from ..explanation import Attribution, Explanation
from ..parts import POSITIONS, TextParts
from ..picture_parts import crop_box
from ..tasks import Task

CELLS = 28  # of a side: a picture's map is ranked by cells, since single pixels removed here and there leave the picture standing


@dataclass(frozen=True, eq=False)
class Importance:
    """values: (parts,), larger = comes first. what: "words", "columns" or "cells".

    texts     `parts`, each occurrence of a word alone
    tables    in the order of the row's columns
    pictures  cells of a grid over what the model sees, row by row; `fine`: the map there, (h, w)
    """

    what: str
    values: np.ndarray
    parts: TextParts | None = None
    box: tuple[int, int, int, int] | None = None
    fine: np.ndarray | None = None

    def with_values(self, values: np.ndarray) -> Importance:
        return Importance(self.what, values, self.parts, self.box)


def importance(e: Explanation, task: Task) -> Importance:
    """Raises ValueError where there are no parts to rank."""
    payload = e.payload
    if not isinstance(payload, Attribution) or not len(payload.values):
        raise ValueError("This explanation gives no part a number, so there is nothing to score: explain with more samples.")
    if e.modality == "text":
        return _words(e.instance, payload)
    if e.modality == "tabular":
        by = dict(zip(payload.features, payload.values, strict=True))
        return Importance("columns", np.array([by.get(name, 0.0) for name in e.instance]))
    assert payload.map is not None
    box = crop_box(task.model, e.instance.size)
    left, top, right, bottom = box
    fine = np.asarray(payload.map, dtype=np.float64)[top:bottom, left:right]
    return Importance("cells", cells(fine), None, box, fine)


def edges(e: Explanation, task: Task) -> Importance:
    """What an edge detector marks: the size of the brightness gradient (Sobel). It knows nothing of the model."""
    left, top, right, bottom = box = crop_box(task.model, e.instance.size)
    grey = np.asarray(e.instance.convert("L"), dtype=np.float64)[top:bottom, left:right]
    fine = np.hypot(sobel(grey, axis=0), sobel(grey, axis=1))
    return Importance("cells", cells(fine), None, box, fine)


def cells(fine: np.ndarray) -> np.ndarray:
    """Mean of a map (h, w) over each cell: (CELLS * CELLS,), or fewer for a small picture."""
    rows, columns = (np.unique(np.linspace(0, size, CELLS + 1).astype(int)) for size in fine.shape)
    sums = np.add.reduceat(np.add.reduceat(fine, rows[:-1], axis=0), columns[:-1], axis=1)
    return (sums / np.outer(np.diff(rows), np.diff(columns))).ravel()


def _words(text: str, payload: Attribution) -> Importance:
    """Numbers of parts that stand for several words (all occurrences of one, a sentence) are shared out evenly among those."""
    parts = TextParts.of(text, POSITIONS)
    starts = np.array([spans[0][0] for spans in parts.spans])
    values = np.zeros(len(parts))
    for value, spans in zip(payload.values, payload.spans or [], strict=True):
        inside = [i for start, end in spans for i in np.flatnonzero((starts >= start) & (starts < end))]
        values[inside] += value / max(len(inside), 1)
    return Importance("words", values, parts)


def order(values: np.ndarray, rng: Any) -> np.ndarray:
    """Indices, largest value first; ties in random order."""
    shuffled = rng.permutation(len(values))
    return shuffled[np.argsort(-values[shuffled], kind="stable")]
