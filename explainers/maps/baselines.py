"""What stands for a part that is absent. It changes the answer, so it is a choice that a person sees and can change.

Pictures: a whole picture to fade or switch to. Tables: a row to take values from. Texts: a word in place of the word, or nothing; methods
by gradients have their own stand-ins, since theirs are vectors (`Differentiable.stand_ins`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image, ImageFilter

from ..models.base import MASK_TOKEN, PADDING, UNKNOWN_WORD, ZERO_VECTOR
from ..models.tables import TableSchema
from ..neighbourhoods.tables import train_frame
from ..tasks import Task

BLACK, MEAN_COLOUR, BLUR, OTHER_PICTURE = "black", "mean colour", "blur", "another picture"
PICTURES = (BLACK, MEAN_COLOUR, BLUR, OTHER_PICTURE)
AVERAGE_ROW, OTHER_ROW = "average row", "another row"
ROWS = (AVERAGE_ROW, OTHER_ROW)
# For a person who chooses. Of texts: what stands in for words in methods by gradients (models/base.py).
MEANINGS: Mapping[str, str] = {
    MEAN_COLOUR: "What is absent has the colour that this picture has on average.",
    BLUR: "What is absent is blurred: the outlines go, the colours stay.",
    OTHER_PICTURE: "Where something is absent, another picture of the training data shows through.",
    AVERAGE_ROW: "What is absent has the usual value: the mean of a number, the most frequent category.",
    OTHER_ROW: "What is absent has the value of one other row, drawn from the training data.",
    MASK_TOKEN: "In place of an absent word stands the sign that, while the model learnt, stood for a hidden word.",
    PADDING: "In place of an absent word stands padding, the filler that the model is given behind the end of short texts.",
    UNKNOWN_WORD: "In place of an absent word stands the one sign that the model has for all words it does not know.",
    ZERO_VECTOR: "In place of an absent word stands nothing: zeros where the model's own numbers for a word would be.",
}
_BLUR_SHARE = 1 / 16  # of the shorter side

# What a payload says of each, as `baseline`.
IN_WORDS: Mapping[str, str] = {
    BLACK: "a black picture",
    MEAN_COLOUR: "a picture of this one's mean colour",
    BLUR: "this picture, blurred",
    OTHER_PICTURE: "another picture, drawn from the training data",
    AVERAGE_ROW: "the average row: mean numbers and the most frequent categories",
    OTHER_ROW: "another row, drawn from the training data",
}


def picture_baseline(task: Task, picture: Image.Image, kind: str, rng: np.random.Generator) -> Image.Image:
    """A picture of the size of `picture`, RGB. `rng` draws the other picture, never one equal to this."""
    if kind == BLACK:
        return Image.new("RGB", picture.size)
    if kind == MEAN_COLOUR:
        mean = np.asarray(picture, dtype=np.float64).mean(axis=(0, 1))
        return Image.new("RGB", picture.size, tuple(round(float(c)) for c in mean))
    if kind == BLUR:
        return picture.filter(ImageFilter.GaussianBlur(min(picture.size) * _BLUR_SHARE))
    train = task.instances("train")
    for i in rng.permutation(len(train)):
        other = train[int(i)].convert("RGB").resize(picture.size, Image.Resampling.LANCZOS)
        if other.tobytes() != picture.tobytes():
            return other
    raise ValueError("There is no other picture in the training data: choose black, mean colour or blur.")


def row_baseline(task: Task, row: Mapping[str, Any], kind: str, rng: np.random.Generator) -> dict[str, Any]:
    """A row of the task's table, as `task.check` gives one. `rng` draws the other row, not equal to this one where there is any."""
    frame = train_frame(task)
    if kind == AVERAGE_ROW:
        return average_row(task.table, frame)
    rows = task.instances("train")
    drawn = rng.permutation(len(rows))[:100]
    return task.check(next((rows[int(i)] for i in drawn if dict(rows[int(i)]) != dict(row)), rows[int(drawn[0])]))


def average_row(table: TableSchema, frame: pd.DataFrame) -> dict[str, Any]:
    """Mean of every column of numbers, whole where the column is; most frequent value of every other."""
    out: dict[str, Any] = {}
    for name in table.names:
        column, seen = table[name], frame[name].dropna()
        if column.categorical or seen.empty:
            out[name] = seen.mode().iloc[0] if len(seen) else None
        else:
            mean = float(seen.astype(np.float64).mean())
            out[name] = round(mean) if column.integer else mean
    return out
