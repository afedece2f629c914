"""Whether an input looks like the data the model learnt from: how near it lies to a training instance, beside how near those lie
to each other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .engine import Asker
from .intervals import wilson
from .space import MOST_TRAIN, Space, TrainPoints, input_space, kept, space_of, squared_distances, train_points
from .tasks import Task


@dataclass(frozen=True)
class Plausibility:
    """share: of the training instances, those that lie farther from their nearest neighbour than the input does from its own.

    0 = stranger than any, 1 = nearer to the data than all. low, high: 95 % interval. space: in words, where that is measured.
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
    own = float(squared_distances(point, points).min())
    hits, n = int((nearest > own).sum()), len(nearest)
    return Plausibility(hits / n, *wilson(hits, n), space.words)


def _among_themselves(task: Task, space: Space, ask: Asker) -> tuple[np.ndarray, np.ndarray]:
    """At most `MOST_TRAIN` training instances, evenly spread: where they lie (m, k), and the squared distance of each to the nearest
    other one (m,). Worked out once a process."""
    known, key = kept(task), ("nearest", task.model.fingerprint if space.own else "")
    if key not in known:
        train: TrainPoints = train_points(task, space, ask.limits.cancel)
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
