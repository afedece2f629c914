"""Which inputs are nearly the same, so that one of them must not be learnt from where the other is asked about.

    near = Nearness(task)
    near.pairs(inputs)             # places of those that are near each other, within one list
    near.hits(some, others)        # which of some are near one of others

* texts: the cosine of their TF-IDF vectors is above `NEAR`.
* rows: every column agrees, of `LEAST_COLUMNS` or more every column but one. Words agree where they are equal, numbers where they are
  less than `TOLERANCE` of the column's spread apart. (Of a few columns of words, everything would be near everything.)
* pictures: reduced to `SIDE` x `SIDE` pixels in colour, they correlate above `NEAR`, or are nowhere more than `LEVELS` of 255 levels apart.
  That finds copies saved again, reduced or made brighter, and different pictures that share nearly all of their background; copies cut by a
  few percent or mirrored are not found.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from PIL import Image

import explainers

NEAR = 0.95  # cosine or correlation (studies.md 3.5.7 e)
LEAST_COLUMNS = 6
TOLERANCE = 0.01  # of a column's spread: from its 5th to its 95th percentile
SIDE = 16
LEVELS = 2
MOST_PAIRS = 200_000  # above which groups are chains of near inputs instead of pairs: there is no room to name each
CHUNK = 256

_KINDS = {"text": str, "tabular": dict, "image": Image.Image}
Places = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True)
class Nearness:
    """Inputs as the task's methods take them; pictures also as `small` reduced them."""

    task: explainers.Task

    def pairs(self, inputs: Sequence[Any]) -> Places:
        """Places (i, j), i < j, of inputs of one list."""
        left, right = self._compared(inputs, inputs)
        return left[left < right], right[left < right]

    def hits(self, some: Sequence[Any], others: Sequence[Any]) -> list[int]:
        """Which of some inputs are, or nearly are, one of the others. What is no input of such a task is near none."""
        kind = _KINDS[self.task.modality]
        places = [i for i, one in enumerate(some) if isinstance(one, kind)]
        if not places or not others:
            return []
        shas = {explainers.instance_sha256(one) for one in others}
        same = {i for i in places if explainers.instance_sha256(some[i]) in shas}
        return sorted(same | {places[i] for i in self._compared([some[i] for i in places], others)[0].tolist()})

    def groups(self, inputs: Sequence[Any], names: Sequence[int]) -> list[frozenset[str]]:
        """Of each input what it shares with those near it, and with no other. names: of the inputs."""
        left, right = self.pairs(inputs)
        out: list[set[str]] = [set() for _ in inputs]
        if len(left) > MOST_PAIRS:
            chains = _chained(len(inputs), left, right)
            return [frozenset({f"like row {names[first]}"}) for first in chains]
        for i, j in zip(left.tolist(), right.tolist(), strict=True):
            for k in (i, j):
                out[k].add(f"like row {names[i]} and {names[j]}")
        return [frozenset(some) for some in out]

    def _compared(self, some: Sequence[Any], others: Sequence[Any]) -> Places:
        if not some or not others:
            return np.empty(0, dtype=int), np.empty(0, dtype=int)
        if self.task.modality == "text":
            return near_texts(some, others)
        if self.task.modality == "image":
            return near_pictures(
                *(np.stack([one if isinstance(one, np.ndarray) else small(one) for one in part]) for part in (some, others))
            )
        return self._near_rows(some, others)

    # --- rows ---------------------------------------------------------------------------------------------------------

    @cached_property
    def _spread(self) -> dict[str, float]:
        """Of each column of numbers. Of one that has the same value nearly always, the standard deviation."""
        frames = [self.task.table.frame(self.task.instances(name)) for name in self.task.splits]
        out = {}
        for column in self.task.table.columns:
            if column.values is None:
                seen = np.concatenate([frame[column.name].to_numpy(dtype=np.float64) for frame in frames])
                low, high = np.quantile(seen, [0.05, 0.95])
                out[column.name] = float(high - low) or float(seen.std())
        return out

    def _near_rows(self, some: Sequence[Any], others: Sequence[Any]) -> Places:
        names = self.task.table.names
        allowed = int(len(names) >= LEAST_COLUMNS)
        both = [*some, *others]
        columns = [
            (np.array([_number(row.get(name)) for row in both]), TOLERANCE * self._spread[name])
            if name in self._spread
            else (np.unique([str(row.get(name)) for row in both], return_inverse=True)[1].reshape(-1), None)
            for name in names
        ]
        found: list[Places] = []
        for start in range(0, len(some), CHUNK):
            end = min(start + CHUNK, len(some))
            differ = np.zeros((end - start, len(others)), dtype=np.uint16)
            for values, tolerance in columns:
                left, right = values[start:end, None], values[None, len(some) :]
                differ += left != right if tolerance is None else ~(np.abs(left - right) <= tolerance)
            rows, places = np.nonzero(differ <= allowed)
            found.append((rows + start, places))
        return np.concatenate([rows for rows, _ in found]), np.concatenate([places for _, places in found])


def _number(value: Any) -> float:
    """Of what is no number, NaN: it is near nothing."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return float("nan")


def _chained(count: int, left: np.ndarray, right: np.ndarray) -> list[int]:
    """For each place the first of its chain."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    joined = coo_matrix((np.ones(len(left), dtype=bool), (left, right)), shape=(count, count))
    labels = connected_components(joined, directed=False)[1]
    return np.unique(labels, return_index=True)[1][labels].tolist()


def small(picture: Image.Image) -> np.ndarray:
    """Float32 (SIDE * SIDE * 3,), levels from 0 to 255."""
    reduced = picture.convert("RGB").resize((SIDE, SIDE), Image.Resampling.BOX)
    return np.asarray(reduced, dtype=np.float32).ravel()


def near_pictures(some: np.ndarray, others: np.ndarray) -> Places:
    """some, others: (n, SIDE * SIDE * 3) as by `small`. Evenly coloured grey pictures correlate with none."""
    one, two = _standard(some), _standard(others)
    found: list[Places] = []
    for start in range(0, len(some), CHUNK):
        close = one[start : start + CHUNK] @ two.T > NEAR
        # Where two pictures are nowhere far apart, their means are not either: only those few are compared pixel by pixel.
        maybe = np.abs(some[start : start + CHUNK].mean(axis=1)[:, None] - others.mean(axis=1)[None, :]) <= LEVELS
        rows, places = np.nonzero(maybe & ~close)
        for part in range(0, len(rows), CHUNK):
            i, j = rows[part : part + CHUNK], places[part : part + CHUNK]
            close[i, j] = np.abs(some[start + i] - others[j]).max(axis=1) <= LEVELS
        rows, places = np.nonzero(close)
        found.append((rows + start, places))
    return np.concatenate([rows for rows, _ in found]), np.concatenate([places for _, places in found])


def _standard(vectors: np.ndarray) -> np.ndarray:
    centred = vectors - vectors.mean(axis=1, keepdims=True)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    return centred / np.where(length > 1e-3, length, np.inf)


def near_texts(some: Sequence[str], others: Sequence[str]) -> Places:
    """Places (i, j) in some and in others."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectors = TfidfVectorizer(token_pattern=r"(?u)\w+").fit_transform([*some, *others])
    left, right = vectors[: len(some)], vectors[len(some) :]
    found: list[Places] = []
    for start in range(0, len(some), CHUNK):
        close = (left[start : start + CHUNK] @ right.T).tocoo()
        hits = close.data > NEAR
        found.append((close.row[hits] + start, close.col[hits]))
    return np.concatenate([rows for rows, _ in found]), np.concatenate([places for _, places in found])
