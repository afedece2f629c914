"""How players are grouped, which the partition explainer splits from the top: as scipy's linkage matrix, float64 (count - 1, 4).

A row joins two groups: their numbers (players first, then rows in order), a distance, and how many players are in both together.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from ..neighbourhoods.tables import train_frame
from ..tasks import Task

MOST_ROWS = 2000  # of the training data that correlations are measured on


def halves(count: int) -> np.ndarray:
    """Neighbours in a row: the whole, its two halves, theirs, down to single players."""
    return boxes(np.arange(count)[:, None])


def boxes(middles: np.ndarray) -> np.ndarray:
    """Neighbours in space: each group is halved across its longer side. middles: (count, dimensions)."""
    joined: list[list[float]] = []

    def group(members: np.ndarray) -> tuple[int, int]:
        """Number of the group and of its members, after all groups within it were written down."""
        if len(members) == 1:
            return int(members[0]), 1
        across = int(np.argmax(np.ptp(middles[members], axis=0)))
        ordered = members[np.argsort(middles[members, across], kind="stable")]
        half = (len(ordered) + 1) // 2
        (left, in_left), (right, in_right) = group(ordered[:half]), group(ordered[half:])
        joined.append([left, right, len(members), in_left + in_right])
        return len(middles) + len(joined) - 1, in_left + in_right

    group(np.arange(len(middles)))
    return np.array(joined, dtype=np.float64).reshape(len(middles) - 1, 4)


def correlated(task: Task) -> np.ndarray:
    """Columns of the task's table, those that go together first: complete linkage of 1 - association.

    The association of two columns is the largest absolute correlation between a number's rank or a category's 0/1 column of either.
    """
    frame = train_frame(task)
    frame = frame.iloc[:: -(-len(frame) // MOST_ROWS)]
    coded = [_numbers(frame[column.name], column.categorical) for column in task.table.columns]
    owner = np.repeat(np.arange(len(coded)), [part.shape[1] for part in coded])
    every = np.concatenate(coded, axis=1)
    every = every - every.mean(axis=0)
    norm = np.sqrt((every**2).sum(axis=0))
    every = every / np.where(norm > 0, norm, 1)
    close = np.abs(every.T @ every)
    distance = np.zeros((len(coded), len(coded)))
    for i in range(len(coded)):
        for j in range(i):
            distance[i, j] = distance[j, i] = 1 - min(1.0, close[np.ix_(owner == i, owner == j)].max())
    return linkage(squareform(distance), method="complete")


def _numbers(column: pd.Series, categorical: bool) -> np.ndarray:
    """float64 (n, k): ranks of numbers, 0/1 of each category."""
    if not categorical:
        return column.astype(np.float64).rank().to_numpy()[:, None]
    codes: Any = pd.factorize(column)[0]
    return (codes[:, None] == np.unique(codes)).astype(np.float64)
