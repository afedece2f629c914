"""Whether an input looks like the data the model learnt from: how near it lies to a training instance, beside how near those lie
to each other; and which of a row's values never come together there.

    unseen_pairs(task, [{"marital status": "Separated", "relationship": "Husband", ...}])   # [[("marital status", "relationship")]]
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .engine import Asker
from .intervals import wilson
from .space import MOST_TRAIN, Space, TrainPoints, input_space, kept, left, space_of, squared_distances, train_points
from .tasks import Rows, Task

# Stored points are in half precision, so an input that is one of them lies up to this share of its own length from it.
HALF = 2.0**-11
ROUNDING = 1e-9  # relative; what two equal distances may differ by
BINS = 10  # parts of equally many training rows into which a column of numbers is cut for `unseen_pairs`


@dataclass(frozen=True)
class Plausibility:
    """share: of the training instances, those that lie at least as far from their nearest neighbour as the input does from its own.

    0 = stranger than any, 1 = as near to the data as any. low, high: 95 % interval. space: in words, where that is measured.
    """

    share: float
    low: float
    high: float
    space: str


def plausibility(task: Task, instance: Any, ask: Asker) -> Plausibility | None:
    """Of one input; None where it cannot be measured: one training instance only, or a limit was met.

    Measured in the model's own space where the training instances' place in it is known without asking the model about thousands
    of texts or pictures (stored with the model, or a table), else in the inputs.
    """
    space = space_of(task)
    if space.own and task.modality != "tabular" and task.train_embeddings() is None:
        space = input_space(task)
    point = space.embed(task.batch([instance]), ask)
    if not len(point):
        return None
    points, nearest = _among_themselves(task, space, ask)
    if len(points) < 2:
        return None
    own = float(((points - point[0]) ** 2).sum(axis=1).min())  # exactly 0 where the input is one of them
    least = own * (1 - ROUNDING) - HALF**2 * float((point[0] ** 2).sum())
    hits, n = int((nearest >= least).sum()), len(nearest)
    return Plausibility(hits / n, *wilson(hits, n), space.words)


def _among_themselves(task: Task, space: Space, ask: Asker) -> tuple[np.ndarray, np.ndarray]:
    """At most `MOST_TRAIN` training instances, evenly spread: where they lie (m, k), and the squared distance of each to the nearest
    other one (m,). Worked out once a process."""
    known, key = kept(task), ("nearest", task.model.fingerprint if space.own else "")
    if key not in known:
        train: TrainPoints = train_points(task, space, left(ask))
        if not train.whole:
            return train.points[:0], np.empty(0)
        # A text of words that are all too rare to count lies at the origin, which is nearer to every text than most texts are.
        points = train.points[(train.points != 0).any(axis=1)] if task.modality == "text" else train.points
        if len(points) > MOST_TRAIN:
            points = points[np.linspace(0, len(points) - 1, MOST_TRAIN).astype(int)]
        apart = squared_distances(points, points)
        np.fill_diagonal(apart, np.inf)
        if ask.limits.cancel is not None and ask.limits.cancel.is_set():  # perhaps not all of them
            return points[:0], np.empty(0)
        known[key] = points, apart.min(axis=1)
    return known[key]


def unseen_pairs(task: Task, instances: Sequence[dict[str, Any]], original: dict[str, Any] | None = None) -> list[list[tuple[str, str]]]:
    """Of each row of a table, the pairs of columns whose values no training row has together; numbers count by tenths of the training rows.

    original  only pairs with a value that differs from this row's
    Rows that are real have such pairs too, the more the fewer training rows there are: compare with those. Asks no model.
    Raises ValueError for a task that is no table.
    """
    if task.modality != "tabular":
        raise ValueError(f"Pairs of values are those of a table, and {task.name} has {task.modality}.")
    if not instances:
        return []
    codes = _codes(task, task.batch(list(instances)))
    names = list(codes)
    turned = {name: np.array([original is None or row[name] != original[name] for row in instances]) for name in names}
    out: list[list[tuple[str, str]]] = [[] for _ in instances]
    for (a, b), (seen, width) in _seen_pairs(task).items():
        for i in np.flatnonzero(~np.isin(codes[a] * width + codes[b], seen) & (turned[a] | turned[b])).tolist():
            out[i].append((a, b))
    return out


def _seen_pairs(task: Task) -> dict[tuple[str, str], tuple[np.ndarray, int]]:
    """Of each two columns, the pairs of codes that training rows have, each pair as one number: first * width + second."""
    known = kept(task)
    if "pairs" not in known:
        train = task.instances("train")
        assert isinstance(train, Rows)
        codes = _codes(task, train.frame)
        width = {name: int(values.max(initial=0)) + 2 for name, values in codes.items()}
        known["pairs"] = {(a, b): (np.unique(codes[a] * width[b] + codes[b]), width[b]) for a, b in itertools.combinations(codes, 2)}
    found: dict[tuple[str, str], tuple[np.ndarray, int]] = known["pairs"]
    return found


def _codes(task: Task, frame: pd.DataFrame) -> dict[str, np.ndarray]:
    """Column -> the code of each row's value, 0 up; of numbers the part it lies in."""
    known = kept(task)
    if "cuts" not in known:
        train = task.instances("train")
        assert isinstance(train, Rows)
        numbers = {
            column.name: train.frame[column.name].to_numpy(dtype=np.float64) for column in task.table.columns if column.values is None
        }
        known["cuts"] = {name: np.unique(np.quantile(values, np.arange(1, BINS) / BINS)) for name, values in numbers.items()}
    out = {}
    for column in task.table.columns:
        if column.values is None:
            out[column.name] = np.searchsorted(known["cuts"][column.name], frame[column.name].to_numpy(dtype=np.float64), side="left")
        else:
            out[column.name] = 1 + pd.Index(list(column.values), dtype=object).get_indexer(pd.Index(frame[column.name], dtype=object))
    return out
