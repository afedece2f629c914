"""The inputs a study can draw from: a task's test split, without doubles, without what cannot be shown, with the model's answers.

    found = pool(task, seed)        # found.candidates, found.counts

Near-duplicates (nearness.py) are named as groups that both share, so that selection keeps them apart, and so are pictures that
`Task.groups` says to have an object or a background in common.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

import explainers

from .nearness import Nearness, small
from .selection import Candidate, cell_of

MOST_CHARACTERS = 1_000  # of a text, or of all values of a row: what fits on a phone in a few turns of the thumb
LEAST_SIDE = 16  # pixels
MOST_ROWS = 5_000  # of a larger test split so many are drawn by seed
CHUNK = 256
_SPACE = re.compile(r"\W+")


@dataclass(frozen=True)
class Pool:
    """counts: how many inputs were looked at and dropped, in words."""

    candidates: list[Candidate]
    counts: dict[str, int] = field(default_factory=dict)
    calls: int = 0  # inputs asked of the model; 0 where its answers are stored with it


def pool(task: explainers.Task, seed: int = 0, on_progress: Callable[[float], None] | None = None) -> Pool:
    """The candidates of a task. Raises ValueError with one sentence where it has no labels in the model's classes."""
    labels = task.labels("test")
    if task.modality not in ("text", "tabular", "image"):
        raise ValueError(f"A study needs texts, tables or pictures: {task.name} has {task.modality}.")
    if not labels:
        what = (
            "its right answers are other classes than the model's: choose another model"
            if task.class_names != task.label_names
            else "its test data has no right answers: add them"
        )
        raise ValueError(f"The study of {task.name} with the model {task.model_name} cannot be built, since {what}.")
    instances = task.instances("test")
    rows = np.arange(len(instances))
    if len(rows) > MOST_ROWS:
        rows = np.sort(np.random.Generator(np.random.PCG64([seed, 4])).permutation(rows)[:MOST_ROWS])
    counts = {"inputs in the test data": len(instances), "looked at": len(rows), "twice in the data": 0, "too long or not readable": 0}
    found: list[tuple[int, Any, str]] = []
    seen: set[str] = set()
    for row in rows.tolist():
        instance = _usable(task, instances[row])
        if instance is None:
            counts["too long or not readable"] += 1
            continue
        same = _normal(task.modality, instance)
        if same in seen:
            counts["twice in the data"] += 1
            continue
        seen.add(same)
        kept = small(instance) if task.modality == "image" else instance  # there is no room for all pictures
        found.append((row, kept, explainers.instance_sha256(instance)))
    proba = _probabilities(task, [row for row, _, _ in found], on_progress)
    groups = _groups(task, found)
    ordered = np.sort(proba, axis=1)
    candidates = []
    for i, (row, instance, sha256) in enumerate(found):
        output, gold = int(proba[i].argmax()), int(labels[row])
        length = len(_SPACE.sub(" ", instance).split()) if task.modality == "text" else 0
        cell = cell_of(gold, output, len(task.class_names))
        margin, sure = float(ordered[i, -1] - ordered[i, -2]), tuple(map(float, proba[i]))
        candidates.append(Candidate(row, sha256, gold, output, cell, margin, length, groups[i], sure))
    counts["candidates"] = len(candidates)
    return Pool(candidates, counts, 0 if task.predictions("test") is not None else len(found))


def _usable(task: explainers.Task, instance: Any) -> Any:
    """The instance as methods take it; None where it cannot be explained or shown."""
    try:
        instance = task.check(instance)
    except ValueError:
        return None
    if task.modality == "image":
        return instance if min(instance.size) >= LEAST_SIDE else None
    shown = instance if task.modality == "text" else "".join(map(str, instance.values()))
    return instance if len(shown) <= MOST_CHARACTERS else None


def _normal(modality: str, instance: Any) -> str:
    """Equal for inputs that are the same to a reader: letter case, spaces and marks of a text do not count."""
    if modality == "text":
        return _SPACE.sub(" ", instance.casefold()).strip()
    return explainers.instance_sha256(instance)


def _probabilities(task: explainers.Task, rows: Sequence[int], on_progress: Callable[[float], None] | None) -> np.ndarray:
    """(n, classes) of rows of the test split: stored with the model, or asked now."""
    stored = task.predictions("test")
    if stored is not None:
        return stored[list(rows)]
    instances, parts = task.instances("test"), []
    for start in range(0, len(rows), CHUNK):
        parts.append(explainers.predict(task, [instances[row] for row in rows[start : start + CHUNK]]))
        if on_progress is not None:
            on_progress(min(1.0, (start + CHUNK) / len(rows)))
    return np.concatenate(parts) if parts else np.empty((0, len(task.class_names)))


def _groups(task: explainers.Task, found: Sequence[tuple[int, Any, str]]) -> list[frozenset[str]]:
    rows = [row for row, _, _ in found]
    near = Nearness(task).groups([kept for _, kept, _ in found], rows)
    named = task.groups("test") if task.modality == "image" else []
    return [near[i] | named[row] for i, row in enumerate(rows)] if named else near
