"""Changes of a picture: superpixels, or the whole background, show something else in place of what they show.

Behind a part lies another training picture to which the model gives another answer (the picture is drawn at random, the model says
what it shows), a blur or the part's mean colour. With another picture a part that belongs to the background becomes background of the
other kind. Drawn are every part alone, all parts that touch the edge of what the model sees (mostly the background), and random
sets of every size. The paper has no pictures; its distance and its path are used as they are.

Or the background is replaced in one edit by what training pictures show there, one picture after the other. Which parts belong to it is
a guess: those that touch the edge of what the model sees.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from ..engine import Asker
from ..picture_parts import MEAN_COLOUR, OTHER_PICTURE, OUTSIDE, SLIC, PictureParts, SwitchedPictures, crop_box
from ..tasks import Task
from . import Edits, ordered_unique

OTHERS_ASKED = 12  # training pictures among which the one behind this one is chosen
REPLACED = "replaced"


class PictureChanges:
    """Changes of a picture by superpixel."""

    noun = "part"
    attempts = 1
    chunk = 16  # pictures in memory at once

    def __init__(self, task: Task, picture: Image.Image, segments: int, behind: str, other: Image.Image | None):
        self.parts = PictureParts.of(picture, crop_box(task.model, picture.size), SLIC, segments, behind, other)
        self.largest = len(self.parts)

    def draw(self, n: int, rng: np.random.Generator, attempt: int) -> list[Edits]:
        count = len(self.parts)
        sets: list[Any] = [[part] for part in range(count)]
        sets.append(_touching_the_edge(self.parts.labels))
        for size in rng.integers(2, count + 1, max(n - len(sets), 0)) if count > 1 else ():
            sets.append(rng.permutation(count)[:size].tolist())
        return ordered_unique([(int(part), REPLACED) for part in chosen] for chosen in sets)[:n]

    def batch(self, changes: Sequence[Edits]) -> SwitchedPictures:
        keep = np.ones((len(changes), len(self.parts)), dtype=bool)
        for row, edits in enumerate(changes):
            keep[row, [part for part, _ in edits]] = False
        return self.parts.switch_off(keep)

    def instance(self, edits: Edits) -> Image.Image:
        return self.batch([edits])[0]

    def told(self, edits: Edits) -> list[str]:
        return [f"{self.parts.names[part]} {REPLACED}" for part, _ in edits]

    def features(self, edits: Edits) -> list[str]:
        return [self.parts.features[part] for part, _ in edits]

    def spans(self, edits: Edits) -> list[list[int]]:
        return []


class BackgroundChanges:
    """The background becomes that of a training picture: one edit, (0, row of that picture).

    parts  0 = the background, 1 = what stands before it
    """

    noun = "background"
    largest = 1
    attempts = 1
    chunk = 16

    def __init__(self, task: Task, picture: Image.Image, segments: int):
        cut = PictureParts.of(picture, crop_box(task.model, picture.size), SLIC, segments)
        subject = ~np.isin(cut.labels, [OUTSIDE, *_touching_the_edge(cut.labels)])
        if not subject.any():
            raise ValueError("Every part of the picture touches its edge, so no background can be told apart: ask for more parts.")
        labels = np.where(cut.labels == OUTSIDE, OUTSIDE, subject.astype(np.int32))
        self.parts = PictureParts(cut.picture, labels, cut.off)
        self.train = task.instances("train")

    def draw(self, n: int, rng: np.random.Generator, attempt: int) -> list[Edits]:
        return [((0, int(row)),) for row in rng.permutation(len(self.train))[:n]]

    def batch(self, changes: Sequence[Edits]) -> list[Image.Image]:
        return [self.instance(edits) for edits in changes]

    def instance(self, edits: Edits) -> Image.Image:
        if not edits:
            return Image.fromarray(self.parts.picture)
        size = (self.parts.picture.shape[1], self.parts.picture.shape[0])
        other = self.train[edits[0][1]].convert("RGB").resize(size, Image.Resampling.LANCZOS)
        background = (self.parts.labels == 0)[:, :, None]
        return Image.fromarray(np.where(background, np.asarray(other), self.parts.picture))

    def told(self, edits: Edits) -> list[str]:
        return [f"background replaced by that of training picture {row}" for _, row in edits]

    def features(self, edits: Edits) -> list[str]:
        return ["background" for _ in edits]

    def spans(self, edits: Edits) -> list[list[int]]:
        return []


def picture_behind(
    task: Task, ask: Asker, prediction: np.ndarray, wanted: int | None, rng: np.random.Generator
) -> tuple[Image.Image | None, str]:
    """The training picture to lie behind this one, and what to say when it is not one with another answer; None: there is no other.

    Of `OTHERS_ASKED` drawn at random the one that the model is surest to be `wanted` (None: of any other class than this one's).
    """
    train = task.instances("train")
    rows = rng.permutation(len(train))[:OTHERS_ASKED]
    pictures = [train[int(row)] for row in rows]
    proba = ask(task.batch(pictures))
    if not len(proba):
        return None, ""
    sure = 1 - proba[:, prediction.argmax()] if wanted is None else proba[:, wanted]
    best = int(sure.argmax())
    said = int(proba[best].argmax())
    if said == prediction.argmax() if wanted is None else said != wanted:
        return pictures[
            best
        ], f"None of {len(proba)} training pictures drawn got another answer, so what lies behind the parts says little."
    return pictures[best], ""


def _touching_the_edge(labels: np.ndarray) -> list[int]:
    rows, columns = np.nonzero(labels != OUTSIDE)
    seen = labels[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    edge = np.concatenate([seen[0], seen[-1], seen[:, 0], seen[:, -1]])
    return np.unique(edge[edge != OUTSIDE]).tolist()


PARTS, BACKGROUND = "parts", "background"
BEHIND = (OTHER_PICTURE, "blur", MEAN_COLOUR)
