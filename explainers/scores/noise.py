"""Sensitivity to noise: how far can a small change of the input, one that hardly changes the answer, change the map?

Yeh et al., "On the (in)fidelity and sensitivity of explanations" (NeurIPS 2019), max-sensitivity: the largest
|map of the changed input - map| / |map| over small changes. Four are drawn, so it is a lower bound of the true maximum; the interval comes
from drawing among the four.

pictures  normal noise on every pixel, standard deviation 5 of 255
tables    normal noise on every number, a twentieth of its standard deviation in the training data, whole numbers rounded
texts     one word replaced by one of similar meaning (similar_words.py)
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from ..explanation import Attribution, Explanation, Score, instance_sha256
from ..models.base import WindowedModel
from ..neighbourhoods.tables import train_frame
from ..parts import POSITIONS, TextParts
from ..similar_words import changeable, in_case_of, similar_words
from ..tasks import Task
from .importance import importance
from .spec import Case, ScoreSpec, calls_again

NOISE = "sensitivity to noise"
COPIES = 4
PIXEL_NOISE, NUMBER_NOISE = 5.0, 0.05
_MEANING = (
    "Largest change of the map, relative to its size, under four small changes of the input: 0 is steady, 1 means as large as the map itself. "
    "Further changes could only find a larger one, so the interval does not go above it."
)


def _run(case: Case) -> Score:
    own = importance(case.e, case.task).values
    size = float(np.linalg.norm(own))
    if size == 0:
        raise ValueError("Every number of this map is zero, so there is nothing that noise could change.")
    copies = _copies(case)
    if all(instance_sha256(copy) == case.e.instance_sha256 for copy in copies):
        raise ValueError("A small change of this input changes nothing in it, so its noise says nothing.")
    maps = [importance(case.again(i, COPIES, instance=copy), case.task).values for i, copy in enumerate(copies)]
    if any(len(one) != len(own) for one in maps):
        raise ValueError("A changed word moves what the model reads of this long text, so the two maps are not of the same words.")
    changes = np.array([float(np.linalg.norm(one - own)) / size for one in maps])
    drawn = case.rng("noise interval").choice(changes, (500, len(changes))).max(axis=1)
    low, high = np.quantile(drawn, [0.025, 0.975])
    return Score(NOISE, float(changes.max()), float(low), float(high), False, _MEANING, 0.0, None)


def _copies(case: Case) -> list[Any]:
    rng, instance = case.rng("noise"), case.e.instance
    make: Any = {"image": _noisy_picture, "tabular": _noisy_row, "text": _swapped_word}[case.task.modality]
    return [make(case.task, instance, rng) for _ in range(COPIES)]


def _noisy_picture(task: Task, picture: Image.Image, rng: np.random.Generator) -> Image.Image:
    pixels = np.asarray(picture, dtype=np.float64)
    return Image.fromarray(np.clip(pixels + rng.normal(0, PIXEL_NOISE, pixels.shape), 0, 255).round().astype(np.uint8))


def _noisy_row(task: Task, row: dict[str, Any], rng: np.random.Generator) -> dict[str, Any]:
    frame, out = train_frame(task), dict(row)
    for name in task.table.names:
        column = task.table[name]
        if column.categorical or row[name] is None:
            continue
        spread = float(frame[name].std())
        value = float(row[name]) + float(rng.normal(0, NUMBER_NOISE * (spread if spread > 0 else 1.0)))
        out[name] = round(value) if column.integer else value
    return task.check(out)


def _swapped_word(task: Task, text: str, rng: np.random.Generator) -> str:
    read = task.model.fitting_prefix(text) if isinstance(task.model, WindowedModel) else len(text)
    parts, known = TextParts.of(text[:read], POSITIONS), similar_words(task)
    for i in rng.permutation(len(parts)):
        word = parts.features[int(i)]
        found, _ = known.similar(word, 3) if changeable(word) else ([], None)
        single = [w for w in found if w.isalpha()]
        if single:
            start, end = parts.spans[int(i)][0]
            return text[:start] + in_case_of(word, str(rng.choice(single))) + text[end:]
    raise ValueError("No word of this text has one of similar meaning, so no small change of it is known.")


def _fits(e: Explanation, task: Task) -> str | None:
    return None if isinstance(e.payload, Attribution) else "It compares numbers of parts, and this explanation gives none."


def _calls(e: Explanation, task: Task) -> int:
    return COPIES * calls_again(e, task)


SPECS = [ScoreSpec(NOISE, _fits, _calls, _run)]
