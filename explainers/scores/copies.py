"""Copies of an instance with some of its parts gone, and what stands in their place: the fills.

What is absent has to look like something, and the score depends on it. So every score here is taken over several fills, and its interval
says how far they disagree:

texts     the word is left out; or another word stands there, drawn from the training texts (three times)
tables    the column takes the value it has in a training row, drawn
pictures  the cell shows the picture blurred; or another training picture at that place (three times)

Or one of `BASELINES`, where somebody chooses it, every time.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from PIL import Image

from ..maps.baselines import BLUR, OTHER_PICTURE, PICTURES, ROWS, picture_baseline, row_baseline
from ..parts import WORD, TextParts
from ..tasks import Task
from .importance import Importance, cell_labels

FILLS = {"text": 4, "tabular": 10, "image": 4}
LEFT_OUT, OTHER_WORDS = "nothing", "other words"
BASELINES = {"text": (LEFT_OUT, OTHER_WORDS), "tabular": ROWS, "image": PICTURES}
IN_WORDS = {  # what happens to a part that goes
    "text": "left out, or replaced by random words",
    "tabular": "replaced by the values of other rows",
    "image": "blurred, or covered by other pictures",
}
_TEXTS = 200  # training texts from which words are drawn

# kept: bool (n, parts), True = as it is -> n instances
Fill = Callable[[np.ndarray], list[Any]]


def fills(
    task: Task, instance: Any, of: Importance, rng: np.random.Generator, many: int | None = None, baseline: str | None = None
) -> list[Fill]:
    """`many`: how many, None = as stated above. `baseline`: one of `BASELINES`, None = the mixture stated above."""
    many = many or FILLS[task.modality]
    if baseline is not None:
        return [_chosen(task, instance, of, rng, baseline) for _ in range(many)]
    if task.modality == "text":
        assert of.parts is not None
        vocabulary = _vocabulary(task, rng)
        drawn = [rng.choice(vocabulary, len(of.parts)) for _ in range(many - 1)]
        return [of.parts.switch_off, *(partial(_with_words, of.parts, words) for words in drawn)]
    if task.modality == "tabular":
        train = task.instances("train")
        rows = [train[int(i)] for i in rng.integers(0, len(train), many)]
        return [partial(_with_row, instance, row) for row in rows]
    others = [picture_baseline(task, instance, BLUR, rng)]
    with contextlib.suppress(ValueError):  # there is only this one picture
        others += [picture_baseline(task, instance, OTHER_PICTURE, rng) for _ in range(many - 1)]
    return [_PictureFill(instance, other, of) for other in others]


def checked_baseline(task: Task, baseline: str | None) -> str | None:
    """Raises ValueError, whose text is the sentence a person is shown."""
    known = BASELINES.get(task.modality, ())
    if baseline is not None and baseline not in known:
        raise ValueError(f"What stands for a part that is gone must be one of {', '.join(known)}, not {str(baseline)[:60]!r}.")
    return baseline


def _chosen(task: Task, instance: Any, of: Importance, rng: np.random.Generator, baseline: str) -> Fill:
    if task.modality == "tabular":
        return partial(_with_row, instance, row_baseline(task, instance, baseline, rng))
    if task.modality == "image":
        return _PictureFill(instance, picture_baseline(task, instance, baseline, rng), of)
    assert of.parts is not None
    if baseline == LEFT_OUT:
        return of.parts.switch_off
    return partial(_with_words, of.parts, rng.choice(_vocabulary(task, rng), len(of.parts)))


def _vocabulary(task: Task, rng: np.random.Generator) -> list[str]:
    train = task.instances("train")
    rows = rng.permutation(len(train))[:_TEXTS]
    return sorted({word for i in rows for word in WORD.findall(train[int(i)])}) or ["it"]


def _with_words(parts: TextParts, words: Any, kept: np.ndarray) -> list[str]:
    out = []
    for row in kept:
        pieces: list[str] = []
        at = 0
        for i in np.flatnonzero(~row).tolist():
            start, end = parts.spans[i][0]
            pieces += [parts.text[at:start], str(words[i])]
            at = end
        out.append("".join([*pieces, parts.text[at:]]))
    return out


def _with_row(instance: dict[str, Any], other: dict[str, Any], kept: np.ndarray) -> list[dict[str, Any]]:
    return [{name: instance[name] if on else other[name] for name, on in zip(instance, row, strict=True)} for row in kept]


@dataclass
class _PictureFill:
    picture: Image.Image
    other: Image.Image
    of: Importance

    def __call__(self, kept: np.ndarray) -> list[Image.Image]:
        assert self.of.box is not None
        left, top, right, bottom = self.of.box
        whole, other = np.asarray(self.picture), np.asarray(self.other)
        labels = cell_labels(bottom - top, right - left)
        out = []
        for row in kept:
            pixels = whole.copy()
            gone = ~row[labels]
            pixels[top:bottom, left:right][gone] = other[top:bottom, left:right][gone]
            out.append(Image.fromarray(pixels))
        return out
