"""Sets to hold against each other that a task and its models make: what is got right against what is got wrong, and the like."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ..methods import predict
from ..tasks import Task
from .items import LEAST

RIGHT_WRONG, LABELS, PREDICTED, ERRORS_HITS, MODELS = "right", "labels", "predicted", "errors", "models"
MOST = 1_000  # test instances that a model is asked about, the first ones


@dataclass(frozen=True)
class Groups:
    """Two sets of test instances by their rows, and what they are called."""

    a: list[int]
    b: list[int]
    names: tuple[str, str]

    def instances(self, task: Task) -> tuple[list[Any], list[Any]]:
        test = task.instances("test")
        return [test[i] for i in self.a], [test[i] for i in self.b]


def groups(task: Task, what: str, first: int = 0, second: int = 1, other: str | None = None) -> Groups:
    """what: RIGHT_WRONG (wrong is A), LABELS or PREDICTED (class `first` against `second`), ERRORS_HITS (of label `first`), MODELS (the
    chosen model right and `other` wrong, against the reverse).

    Raises ValueError where the data has no labels that fit, or a set comes out too small.
    """
    names = task.label_names if what == LABELS else task.class_names
    for index in (first, second):
        if not 0 <= index < len(names):
            raise ValueError(f"There is no class {index}: this model has {len(names)}.")
    if what not in (PREDICTED, LABELS) and task.class_names != task.label_names:
        raise ValueError("The labels of this data are not the classes of this model, so right and wrong are not known: compare answers.")
    labels = np.array(task.split("test").labels)[:MOST]
    if what != PREDICTED and not len(labels):
        raise ValueError("The test data has no labels: compare what the model answers instead.")
    if what == LABELS:
        return _made(labels == first, labels == second, f"labelled {names[first]}", f"labelled {names[second]}")
    said = answers(task)
    if what == PREDICTED:
        return _made(said == first, said == second, f"answered {names[first]}", f"answered {names[second]}")
    right = said == labels
    if what == ERRORS_HITS:
        of = labels == first
        return _made(of & ~right, of & right, f"{names[first]}, missed", f"{names[first]}, hit")
    if what == MODELS:
        if other is None or other not in task.models or other == task.model_name:
            raise ValueError("Choose a second model of the task to compare with.")
        right_too = answers(task.with_model(other)) == labels
        mine, theirs = task.model_name, other
        return _made(right & ~right_too, ~right & right_too, f"only {mine} is right", f"only {theirs} is right")
    return _made(~right, right, "the model is wrong", "the model is right")


def common(task: Task) -> list[int]:
    """Classes that the model answers often enough to make a set of, the most frequent first."""
    count = np.bincount(answers(task), minlength=len(task.class_names))
    return [int(i) for i in np.argsort(-count, kind="stable") if count[i] >= LEAST]


def answers(task: Task) -> np.ndarray:
    """The model's class for each of the first test instances, int (n,); stored ones where they are this very model's."""
    stored = task.predictions("test")
    if stored is not None:
        return stored.argmax(axis=1)[:MOST]
    test = task.instances("test")
    return predict(task, [test[i] for i in range(min(len(test), MOST))]).argmax(axis=1)


def _made(a: np.ndarray, b: np.ndarray, name_a: str, name_b: str) -> Groups:
    rows = np.flatnonzero(a).tolist(), np.flatnonzero(b).tolist()
    for name, some in zip((name_a, name_b), rows, strict=True):
        if len(some) < LEAST:
            count = "none" if not some else f"only {len(some)}"
            raise ValueError(f"Of “{name}” there are {count} in the test data, too few to compare: choose other groups.")
    return Groups(*rows, (name_a, name_b))
