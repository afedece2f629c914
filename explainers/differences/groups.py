"""Sets to hold against each other that a task and its models make: what is got right against what is got wrong, and the like; and two random
halves, which differ by chance only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from ..explanation import Explanation
from ..methods import predict
from ..payloads import Shown
from ..tasks import Task
from .items import LEAST

RIGHT_WRONG, LABELS, PREDICTED, ERRORS_HITS, MODELS, RANDOM = "right", "labels", "predicted", "errors", "models", "random"
HALVES = ("one random half", "the other half")
MOST = 1_000  # test instances that a model is asked about, the first ones


@dataclass(frozen=True)
class Groups:
    """Two sets of test instances by their rows, and what they are called.

    what  which comparison; said: the model's class for each of the first test instances, None where no model was asked
    """

    a: list[int]
    b: list[int]
    names: tuple[str, str]
    what: str = ""
    said: np.ndarray | None = field(default=None, compare=False)

    def instances(self, task: Task) -> tuple[list[Any], list[Any]]:
        test = task.instances("test")
        return [test[i] for i in self.a], [test[i] for i in self.b]

    def named(self, e: Explanation, task: Task, swapped: bool = False) -> Explanation:
        """A difference between the two sets with what it is of: the task, the comparison, and of each item shown its number among the test
        instances, its label and the model's answer. swapped: the second set was held against the first."""
        labels = task.split("test").labels
        rows = dict(zip("AB", (self.b, self.a) if swapped else (self.a, self.b), strict=True))

        def known(one: Shown) -> Shown:
            row = rows[one.side][one.index]
            truth = task.label_names[labels[row]] if len(labels) else ""
            return replace(one, number=row, truth=truth, answer="" if self.said is None else task.class_names[int(self.said[row])])

        of = {"compared": self.what} | ({} if self.said is None else {"of_model": f"{task.model_name} {task.model.fingerprint[:12]}"})
        return replace(
            e, payload=replace(e.payload, shown=[known(one) for one in e.payload.shown]), task=task.name, params={**e.params, **of}
        )


def groups(task: Task, what: str, first: int = 0, second: int = 1, other: str | None = None, draw: int = 0) -> Groups:
    """what: RIGHT_WRONG (wrong is A), LABELS or PREDICTED (class `first` against `second`), ERRORS_HITS (of label `first`), MODELS (the
    chosen model right and `other` wrong, against the reverse), RANDOM (two halves, dealt out anew for each `draw`, a seed; no model is asked).

    Raises ValueError where the data has no labels that fit, or a set comes out too small.
    """
    if what == RANDOM:
        chosen = np.random.default_rng(draw).permutation(min(len(task.instances("test")), MOST)) % 2 == 0
        return _made(what, None, chosen, ~chosen, *HALVES)
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
        return _made(what, None, labels == first, labels == second, f"labelled {names[first]}", f"labelled {names[second]}")
    said = answers(task)
    if what == PREDICTED:
        return _made(what, said, said == first, said == second, f"answered {names[first]}", f"answered {names[second]}")
    right = said == labels
    if what == ERRORS_HITS:
        of = labels == first
        return _made(what, said, of & ~right, of & right, f"{names[first]}, missed", f"{names[first]}, hit")
    if what == MODELS:
        if other is None or other not in task.models or other == task.model_name:
            raise ValueError("Choose a second model of the task to compare with.")
        if other not in rivals(task):
            raise ValueError(f"{task.entries[other].title} answers in other classes than the labels of this data: choose another model.")
        right_too = answers(task.with_model(other)) == labels
        alone = (f"right by {task.entries[name].title} alone" for name in (task.model_name, other))
        return _made(what, said, right & ~right_too, ~right & right_too, *alone)
    return _made(what, said, ~right, right, "the model is wrong", "the model is right")


def rivals(task: Task) -> list[str]:
    """Names of the other models that answer in the classes of the data's labels, so that it is known where they are right."""
    return [name for name, entry in task.entries.items() if name != task.model_name and entry.class_names in (None, task.label_names)]


def by_part(task: Task) -> list[tuple[str, int, int]]:
    """Of the test instances, and where the data says which of them its published accuracy is of, of those and of the others: what they are
    called, how many the model gets right, how many there are. [] where right and wrong are not known."""
    labels = np.array(task.split("test").labels)[:MOST]
    if not len(labels) or task.class_names != task.label_names:
        return []
    right = answers(task) == labels
    parts: list[tuple[str, np.ndarray]] = [("all", np.ones(len(labels), dtype=bool))]
    measured: Sequence[bool] | None = getattr(task.instances("test"), "measured", None)
    if measured is not None:
        usual = np.asarray(measured, dtype=bool)[: len(labels)]
        parts += [(task.entry.accuracy_of, usual), ("others", ~usual)]
    return [(name, int(right[mask].sum()), int(mask.sum())) for name, mask in parts if mask.any()]


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


def _made(what: str, said: np.ndarray | None, a: np.ndarray, b: np.ndarray, name_a: str, name_b: str) -> Groups:
    rows = np.flatnonzero(a).tolist(), np.flatnonzero(b).tolist()
    for name, some in zip((name_a, name_b), rows, strict=True):
        if len(some) < LEAST:
            count = "none" if not some else f"only {len(some)}"
            raise ValueError(
                f"“{name}” holds of {count} of the {len(a):,} test instances, too few to compare: a set needs at least {LEAST}, better 30 or "
                "more. Choose another comparison."
            )
    return Groups(*rows, (name_a, name_b), what, said)
