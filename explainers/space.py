"""Where likeness is measured: in what the model computes on its way to an answer, or, where it shows nothing of that, in the inputs.

    space = space_of(task)
    points = space.embed(task.batch(instances), ask)     # float64 (n, k)

Distances are squared Euclidean ones, as in the prototype network and the decision boundary of Hase and Bansal (ACL 2020, app. A).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np
import pandas as pd
from PIL import Image

from .engine import Asker, Limits, take
from .models.base import Model
from .tasks import Rows, Task

MOST_TRAIN = 2_000  # training instances that are embedded where a task does not bring their embeddings along
LEAST_SECONDS = 1e-6  # a limit must be more than 0
THUMBNAIL = 16  # pixels of the side to which pictures are reduced where a model has no embedding


@runtime_checkable
class EmbeddingModel(Model, Protocol):
    """A model that shows what its last layer reads."""

    def embed(self, batch: Any) -> np.ndarray:
        """float (n, k)."""
        ...


@dataclass(frozen=True)
class Space:
    """words: in words for a person; own: whether it is the model's. `embed(batch, ask)`: float64 (m, k), m < n when a limit was met."""

    words: str
    own: bool
    embed: Callable[[Any, Asker], np.ndarray]


@dataclass(frozen=True)
class TrainPoints:
    """Training instances in a space: rows (m,) into `instances("train")`, points float64 (m, k). `whole`: False when a limit was met."""

    rows: np.ndarray
    points: np.ndarray
    whole: bool = True

    def nearest(self, point: np.ndarray, leave_out: int | None = None) -> tuple[int, float]:
        """Row of the training instance nearest to a point (k,), and its squared distance. `leave_out`: a row that does not count."""
        distance = squared_distances(point[None], self.points)[0]
        if leave_out is not None:
            distance = np.where(self.rows == leave_out, np.inf, distance)
        best = int(distance.argmin())
        return int(self.rows[best]), float(distance[best])


def squared_distances(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """(n, m), never below 0."""
    return np.maximum((a**2).sum(axis=1)[:, None] + (b**2).sum(axis=1)[None] - 2 * a @ b.T, 0.0)


def space_of(task: Task) -> Space:
    """The model's own space where it has one, else one of the inputs."""
    if isinstance(task.model, EmbeddingModel):
        words = getattr(task.model, "embeds", "what the model's last layer reads")
        return Space(words, True, lambda batch, ask: ask.embed(batch))
    return input_space(task)


def input_space(task: Task) -> Space:
    """The space of the inputs, which needs no model."""
    if task.modality == "tabular":
        return Space("the values themselves, numbers in standard deviations", False, lambda batch, ask: _standardised(task, batch))
    if task.modality == "text":
        return Space("the words in common, rare ones counting more", False, lambda batch, ask: _weighted_words(task, batch))
    if task.modality == "image":
        return Space("the colours in small", False, lambda batch, ask: np.stack([_thumbnail(picture) for picture in batch]))
    return Space("the values themselves", False, lambda batch, ask: np.asarray(batch, dtype=np.float64).reshape(len(batch), -1))


def left(ask: Asker) -> Limits:
    """What an explanation's limits leave to work that is no part of its calls: a cancel, and the seconds that remain."""
    seconds = ask.limits.max_seconds
    return Limits(max_seconds=None if seconds is None else max(seconds - ask.seconds, LEAST_SECONDS), cancel=ask.limits.cancel)


def train_points(task: Task, space: Space, limits: Limits | None = None) -> TrainPoints:
    """The training instances in `space`: as stored with the model, else (at most `MOST_TRAIN`, evenly spread) computed once a process.

    They describe the data, not this instance, so they are no part of an explanation's calls; but they take of its time.
    """
    known = kept(task)
    key = task.model.fingerprint if space.own else ""
    if key not in known:
        stored = task.train_embeddings() if space.own else None
        if stored is not None:
            known[key] = TrainPoints(np.arange(len(stored)), stored)
        else:
            rows = np.unique(np.linspace(0, len(task.instances("train")) - 1, MOST_TRAIN).astype(int))
            ask = Asker(task.model, limits or Limits())
            points = space.embed(take_instances(task, rows), ask)
            if len(points) < len(rows):  # cancelled, or out of time: not kept
                return TrainPoints(rows[: len(points)], points, whole=False)
            known[key] = TrainPoints(rows, points)
    return known[key]


def take_instances(task: Task, rows: np.ndarray) -> Any:
    """Training instances as the model takes them."""
    train = task.instances("train")
    if isinstance(train, Rows):
        return take(train.frame, rows)
    return task.batch([train[int(i)] for i in rows])


def kept(task: Task) -> dict[Any, Any]:
    """What was worked out about the training split; kept beside it, so that both are forgotten together."""
    found: dict[Any, Any] = task.split("train").__dict__.setdefault("_kept", {})
    return found


def _standardised(task: Task, batch: Any) -> np.ndarray:
    """Numbers in standard deviations of the training rows; a category is 1/sqrt(2) in its own column, so that two differ by 1."""
    frame = batch if isinstance(batch, pd.DataFrame) else task.batch(batch)
    train = task.instances("train")
    assert isinstance(train, Rows)
    blocks = []
    for column in task.table.columns:
        if column.values is None:
            seen = train.frame[column.name].to_numpy(dtype=np.float64)
            blocks.append((frame[column.name].to_numpy(dtype=np.float64)[:, None] - seen.mean()) / (seen.std() or 1.0))
        else:
            codes = pd.Index(list(column.values), dtype=object).get_indexer(pd.Index(frame[column.name], dtype=object))
            blocks.append((codes[:, None] == np.arange(len(column.values))) / np.sqrt(2))
    return np.hstack(blocks)


def _weighted_words(task: Task, batch: Any) -> np.ndarray:
    from sklearn.feature_extraction.text import TfidfVectorizer

    known = kept(task)
    if "words" not in known:
        known["words"] = TfidfVectorizer(max_features=2_000, token_pattern=r"\w+").fit([str(text) for text in task.instances("train")])
    return np.asarray(known["words"].transform(list(batch)).todense(), dtype=np.float64)


def _thumbnail(picture: Image.Image) -> np.ndarray:
    small = picture.convert("RGB").resize((THUMBNAIL, THUMBNAIL), Image.Resampling.BILINEAR)
    return np.asarray(small, dtype=np.float64).ravel() / 255
