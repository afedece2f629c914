"""The baseline that every map has to beat: numbers drawn at random, the model not looked at.

Standard normal numbers over words and columns; over pixels the same, smoothed to blobs of a tenth of the side, so that the map looks as
maps do. Scores of a method that are no better than these say that it found nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.ndimage import gaussian_filter

from .maps import form
from .methods import MAPS, MethodSpec, Outcome, Request
from .neighbourhoods.texts import text_parts
from .parts import POSITIONS
from .picture_parts import crop_box
from .tasks import Task

UNIT = "no unit"
_BLOB = 0.1  # of the shorter side
_CAVEAT = "These numbers were drawn at random: the model was not looked at. They are here to be beaten."


@dataclass(frozen=True)
class Params:
    """Nothing can be set but the seed."""


def run(request: Request, params: Params) -> Outcome:
    rng = np.random.default_rng(request.seed)
    task, instance = request.task, request.instance
    _ = request.prediction
    if task.modality == "text":
        parts, caveats = text_parts(task, instance, POSITIONS, "")
        payload = form.over_words(parts, rng.standard_normal(len(parts)), UNIT)
        return Outcome(payload, [], [*caveats, _CAVEAT])
    if task.modality == "image":
        left, top, right, bottom = crop_box(task.model, instance.size)
        payload = form.over_pixels(task, instance, noise(bottom - top, right - left, rng), UNIT)
    else:
        payload = form.over_columns(instance, rng.standard_normal(len(instance)), UNIT)
    return Outcome(payload, [], [_CAVEAT])


def noise(height: int, width: int, rng: np.random.Generator) -> np.ndarray:
    """float64 (height, width), smooth, mean 0 and standard deviation 1 over the map."""
    blobs = gaussian_filter(rng.standard_normal((height, width)), _BLOB * min(height, width), mode="wrap")
    return (blobs - blobs.mean()) / blobs.std()


def fits(task: Task) -> str | None:
    return (
        None if task.modality in ("text", "tabular", "image") else f"Maps are drawn over texts, tables and pictures, not {task.modality}."
    )


def params_for(task: Task) -> type:
    return Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    return 1, task.batch([instance])


METHOD = MethodSpec("random", "attribution", "Random map", params_for, fits, run, plan, family=MAPS)
