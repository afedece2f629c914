"""What a map says comes first, whatever method made it: one number a part toward the target, over words, columns or cells of a picture."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import sobel

from ..explanation import Attribution, Explanation
from ..models.base import WindowedModel
from ..parts import POSITIONS, TextParts
from ..picture_parts import crop_box
from ..tasks import Task

CELLS = 28  # of a side: a picture's map is ranked by cells, since single pixels removed here and there leave the picture standing


@dataclass(frozen=True, eq=False)
class Importance:
    """values: (parts,), larger = comes first. what: "words", "columns" or "cells".

    texts     `parts`, each occurrence of a word that the model reads, alone
    tables    in the order of the row's columns
    pictures  cells of a `grid` (rows, columns) over what the model sees, `box`, row by row; `fine`: the map there, (h, w)
    """

    what: str
    values: np.ndarray
    parts: TextParts | None = None
    box: tuple[int, int, int, int] | None = None
    fine: np.ndarray | None = None
    grid: tuple[int, int] | None = None


def importance(e: Explanation, task: Task) -> Importance:
    """Raises ValueError where there are no parts to rank."""
    payload = e.payload
    if not isinstance(payload, Attribution) or not len(payload.values):
        raise ValueError("This explanation gives no part a number, so there is nothing to score: explain with more samples.")
    if e.modality == "text":
        return _words(_read(e.instance, task), payload)
    if e.modality == "tabular":
        by = dict(zip(payload.features, payload.values, strict=True))
        return Importance("columns", np.array([by.get(name, 0.0) for name in e.instance]))
    if payload.map is None:
        raise ValueError("This explanation has no map over the picture, so there is nothing to score.")
    box = crop_box(task.model, e.instance.size)
    left, top, right, bottom = box
    fine = np.asarray(payload.map, dtype=np.float64)[top:bottom, left:right]
    return _over_cells(fine, box)


def count_in_words(own: Importance) -> str:
    """ "3 words (marks like commas aside)"."""
    return f"{len(own.values)} {own.what}" + (" (marks like commas aside)" if own.what == "words" else "")


def edges(e: Explanation, task: Task) -> Importance:
    """What an edge detector marks: the size of the brightness gradient (Sobel). It knows nothing of the model."""
    left, top, right, bottom = box = crop_box(task.model, e.instance.size)
    grey = np.asarray(e.instance.convert("L"), dtype=np.float64)[top:bottom, left:right]
    fine = np.hypot(sobel(grey, axis=0), sobel(grey, axis=1))
    return _over_cells(fine, box)


def _over_cells(fine: np.ndarray, box: tuple[int, int, int, int]) -> Importance:
    """Mean of a map (h, w) over each cell."""
    rows, columns = cuts(fine.shape[0]), cuts(fine.shape[1])
    sums = np.add.reduceat(np.add.reduceat(fine, rows[:-1], axis=0), columns[:-1], axis=1)
    means = sums / np.outer(np.diff(rows), np.diff(columns))
    return Importance("cells", means.ravel(), None, box, fine, means.shape)


def cuts(size: int) -> np.ndarray:
    """Where a side of so many pixels is cut into cells: CELLS + 1 numbers from 0 to `size`, fewer where it is short."""
    return np.unique(np.linspace(0, size, CELLS + 1).astype(int))


def cell_labels(height: int, width: int) -> np.ndarray:
    """Which cell each pixel lies in, int (height, width), numbered row by row."""
    rows, columns = cuts(height), cuts(width)
    across = np.repeat(np.arange(len(columns) - 1), np.diff(columns))
    return np.repeat(np.arange(len(rows) - 1), np.diff(rows))[:, None] * (len(columns) - 1) + across


def _read(text: str, task: Task) -> str:
    """As much of a text as the model reads."""
    return text[: task.model.fitting_prefix(text)] if isinstance(task.model, WindowedModel) else text


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
