"""Changed forms of one instance, for the counterfactual test of a study: what would the model say if this were otherwise?

    some = perturbations(task, task.instances("test")[0], 200, seed=1)
    some[0].instance, some[0].edits, some[0].changed       # the changed form, 2, ["“dull” → “slow”", "“cast” → “crew”"]

As Hase and Bansal made their test items (ACL 2020, app. A): words become similar ones of the same kind, drawn with a temperature of 0.4
(the method that explains draws with 0.8); 1 to 3 values of a row become other values of their columns, all equally likely. Of the texts drawn,
those with at most `most_edits` changes are taken; where these are few, some of the changes are taken back, at random. Pictures, which the
paper has not, get another background where the data says where the object is, and beyond that areas painted over or blurred.
Nothing here asks the model: which form gets which answer, and which of them become items, is the study's to find out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from .boundary import Changes, Edits, ordered_unique
from .boundary.areas import Areas, Backgrounds, alike, mask_of
from .boundary.tables import TableChanges, said
from .boundary.texts import TextChanges
from .explanation import instance_sha256
from .tasks import Task

TEMPERATURE = 0.4  # Hase and Bansal's generator of items
ROW_EDITS = 3  # values of a row that change at the first attempt
FEW = 0.1  # share of drawn texts below which those with few enough changes do not suffice
DRAWN = 500  # forms a round
PATIENCE = 3  # rounds that bring nothing new, after which there is no more


@dataclass(frozen=True, eq=False)
class Perturbation:
    """A changed form of an instance.

    instance  as the task's own are, differing from the original
    edits     how many words, values or areas changed; a whole background is one
    changed   each change in words, in order: "“good” → “fine”", "age: 34 → 51", "part 3 (top left) blurred"
    rows      places in the test split of other pictures that a part of was put in
    """

    instance: Any
    edits: int
    changed: list[str]
    rows: tuple[int, ...] = ()


def perturbations(task: Task, instance: Any, n: int, seed: int = 0, most_edits: int = 5, attempt: int = 0) -> list[Perturbation]:
    """n changed forms of an instance, each different from it and from each other; fewer where there are no more.

    most_edits  at most this many words, values or areas change
    attempt     0, 1, ...: each draws bolder than the one before: more changes, of texts less similar words too; a bolder draw differs by more
                than its seed

    Columns that the task says nobody can change stay, and every new value is one of the training rows. A form of a text differs in
    words only that the model reads. Pictures are all held in memory. Raises ValueError with one sentence for bad input.
    """
    if task.modality not in ("text", "tabular", "image"):
        raise ValueError(f"Changed forms are made of text, tables and pictures, not of {task.modality} tasks yet: choose another task.")
    for name, value, least in (("n", n, 1), ("seed", seed, 0), ("most_edits", most_edits, 1), ("attempt", attempt, 0)):
        if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < least:
            raise ValueError(f"{name} must be a whole number from {least} up, not {str(value)[:40]!r}.")
    checked = task.check(instance)
    # With the input's own hash: else one seed would lay the same backgrounds behind every picture of a study.
    rng = np.random.default_rng([seed, attempt, int(instance_sha256(checked)[:16], 16)])
    if task.modality == "image":
        forms = _pictures(task, checked, most_edits, attempt, rng)
    elif task.modality == "text":
        forms = _sampled(TextChanges(task, checked, attempt, TEMPERATURE), most_edits, attempt, rng)
    else:
        forms = _rows(task, checked, most_edits, attempt, rng)
    return list(itertools.islice(_distinct(forms, checked), n))


def _distinct(forms: Iterator[Perturbation], original: Any) -> Iterator[Perturbation]:
    seen = {instance_sha256(original)}
    for form in forms:
        digest = instance_sha256(form.instance)
        if digest not in seen:
            seen.add(digest)
            yield form


def _rows(task: Task, row: dict[str, Any], most: int, attempt: int, rng: np.random.Generator) -> Iterator[Perturbation]:
    try:
        changes = TableChanges(task, row, task.immutable, min(most, ROW_EDITS + attempt))
    except ValueError:  # every column is locked or has one value: there is no other form
        return
    yield from _sampled(changes, most, attempt, rng)


def _sampled(changes: TextChanges | TableChanges, most: int, attempt: int, rng: np.random.Generator) -> Iterator[Perturbation]:
    """Changes as drawn, round after round, until nothing new comes."""
    seen: set[Edits] = set()
    idle = 0
    while idle < PATIENCE:
        fresh = [edits for edits in _within(changes.draw(DRAWN, rng, attempt), most, rng) if edits not in seen]
        idle = 0 if fresh else idle + 1
        seen.update(fresh)
        for edits in fresh:
            yield Perturbation(changes.instance(edits), len(edits), _told(changes, edits))


def _within(drawn: list[Edits], most: int, rng: np.random.Generator) -> list[Edits]:
    fits = [edits for edits in drawn if len(edits) <= most]
    if len(fits) >= FEW * len(drawn):
        return fits
    return ordered_unique([edits[i] for i in rng.permutation(len(edits))[:most]] for edits in drawn)


def _told(changes: Changes, edits: Edits) -> list[str]:
    if not isinstance(changes, TableChanges):
        return changes.told(edits)
    return [f"{name}: {said(changes.row[name], value)}" for name, (_, value) in zip(changes.features(edits), edits, strict=True)]


def _pictures(task: Task, picture: Image.Image, most: int, attempt: int, rng: np.random.Generator) -> Iterator[Perturbation]:
    """Other backgrounds where the object's place is known, each unlike the others; then areas."""
    mask = mask_of(task, instance_sha256(picture))
    if mask is not None:
        shown: list[Image.Image] = []
        for form, row in Backgrounds(task, picture, mask).drawn(rng):
            if not any(alike(form, other) for other in shown):
                shown.append(form)
                yield Perturbation(form, 1, [f"background replaced by that of test picture {row}"], (row,))
    yield from _areas(Areas(task, picture), min(most, ROW_EDITS + attempt), rng)


def _areas(areas: Areas, most: int, rng: np.random.Generator) -> Iterator[Perturbation]:
    seen: set[tuple[str, tuple[int, ...]]] = set()
    idle = 0
    while idle < PATIENCE * DRAWN:
        drawn = areas.draw(most, rng)
        if drawn is None:
            return
        idle = idle + 1 if drawn in seen else 0
        if drawn not in seen:
            seen.add(drawn)
            yield Perturbation(areas.instance(*drawn), len(drawn[1]), areas.told(*drawn))
