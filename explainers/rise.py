"""RISE: how the answer varies with what is seen through random soft masks.

Petsiuk, Das and Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models", BMVC 2018: the picture is asked about under
thousands of random masks; a pixel's value tells what the output is where it is seen. Here the value is the mean output where the pixel is on
minus that where it is off, so that it has a sign (positive = seeing it speaks for the target) and 0 a meaning; it is spread over the
pixels of a cell, so that the sum over an area of a cell's size is that difference.

The paper draws 4,000 to 8,000 masks; here 256 do (maps/soft_masks.py says how): complement pairs of orthogonal masks, and a linear model of
the answers as a control variate. What each part buys (`python benchmarks/maps.py ablation --quick`: one photograph, 256 masks, correlation
with 1,000 of the paper's, their noise included): the paper's map 0.52, the mean answer taken out 0.84, with the linear model 0.87;
orthogonal pairs without it 0.89, with it 0.92. Pairs that are not orthogonal bought nothing (0.78 and 0.86).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from .explanation import Attribution
from .maps import baselines, form
from .maps.output import PROBABILITY, of_probabilities, output_option
from .maps.soft_masks import Estimate, SoftMasks, estimate
from .methods import MAPS, MethodSpec, Outcome, Request, option
from .picture_parts import OUTSIDE, crop_box
from .tasks import Task

CHUNK = 16  # copies written out at once
CHUNKS_SHOWN = 4  # between two provisional maps
_CAVEAT = "The masks are coarse: places nearer to each other than a cell of the grid cannot be told apart."
_FEW = "Too few masks were drawn to say anything about the places: the map shows 0 everywhere."


@dataclass(frozen=True)
class Params:
    masks: int = option(256, "Masks", "How many masked copies of the picture are drawn. More: steadier, slower.", low=16, high=10_000)
    cells: int = option(7, "Cells along a side", "More cells show finer places, and need more masks.", low=2, high=32)
    share: float = option(
        0.5, "Share seen", "Which part of the picture a mask leaves visible on average.", low=0.1, high=0.9, advanced=True
    )
    baseline: str = option(
        baselines.MEAN_COLOUR, "A masked place shows", "What the picture fades to where it is masked: it changes the answer.",
        choices=baselines.PICTURES, upfront=True, meanings=baselines.MEANINGS,
    )  # fmt: skip
    output: str = output_option(PROBABILITY)


class MaskedPictures:
    """Copies of a picture that fade to another where a mask is off; made when they are asked for."""

    def __init__(self, picture: Image.Image, other: Image.Image, box: tuple[int, int, int, int], masks: SoftMasks):
        left, top, right, bottom = box
        self.masks, self._box = masks, (slice(top, bottom), slice(left, right))
        self._pixels = np.asarray(picture)
        self._other = np.asarray(other)[self._box].astype(np.float32)
        self._change = self._pixels[self._box].astype(np.float32) - self._other

    def __getitem__(self, rows: slice) -> list[Image.Image]:
        return [self._made(row) for row in range(*rows.indices(len(self.masks)))]

    def _made(self, row: int) -> Image.Image:
        seen = self.masks.at(row, *self._change.shape[:2]).astype(np.float32)[:, :, None]
        pixels = self._pixels.copy()
        pixels[self._box] = self._other + self._change * seen + 0.5
        return Image.fromarray(pixels)


def run(request: Request, params: Params) -> Outcome:
    task, picture, ask = request.task, request.instance, request.ask
    copies = _copies(task, picture, params, request.seed)
    n = len(copies.masks)
    ask.plan(n + 1)
    _ = request.prediction
    answers = np.empty(0)

    def outcome(status: str, reason: str) -> Outcome:
        found = estimate(copies.masks, answers)
        return Outcome(_payload(task, picture, params, copies.masks, found, len(answers)), [], _caveats(found), status, reason)

    while len(answers) < n and not ask.stopped:
        if request.watched and len(answers) and len(answers) % (CHUNKS_SHOWN * CHUNK) == 0:
            request.emit(outcome("partial", f"still sampling: {len(answers):,} of {n:,} masks"))
        proba = ask(copies[len(answers) : len(answers) + CHUNK])
        answers = np.append(answers, of_probabilities(proba, request.target, params.output))
    return outcome("partial" if ask.stopped else "complete", ask.stopped or "")


def _copies(task: Task, picture: Image.Image, params: Params, seed: int) -> MaskedPictures:
    rng = np.random.default_rng(seed)
    other = baselines.picture_baseline(task, picture, params.baseline, rng)
    masks = SoftMasks.draw(params.masks, params.cells, params.share, rng)
    return MaskedPictures(picture, other, crop_box(task.model, picture.size), masks)


def _payload(task: Task, picture: Image.Image, params: Params, masks: SoftMasks, found: Estimate | None, samples: int) -> Attribution:
    values = np.zeros((masks.fine, masks.fine)) if found is None else found.values
    payload = form.over_pixels(task, picture, values, params.output, baseline=baselines.IN_WORDS[params.baseline], samples=samples)
    if found is None:
        return payload
    reach = found.reach(_areas(payload, masks.fine))
    return replace(payload, low=payload.values - reach, high=payload.values + reach)


def _areas(payload: Attribution, fine: int) -> np.ndarray:
    """How much of each place lies in each area of the payload, in its order: float32 (areas, fine * fine)."""
    assert payload.segments is not None
    labels = payload.segments
    rows, columns = np.nonzero(labels != OUTSIDE)
    height, width = np.ptp(rows) + 1, np.ptp(columns) + 1
    place = (rows - rows.min()) * fine // height * fine + (columns - columns.min()) * fine // width
    order = np.empty(len(payload.features), dtype=np.intp)  # label -> place in the payload
    order[[int(feature.split()[1]) for feature in payload.features]] = np.arange(len(order))
    flat = np.bincount(order[labels[rows, columns]] * fine**2 + place, minlength=len(order) * fine**2)
    return (flat.reshape(len(order), -1) / max(1.0, height * width / fine**2)).astype(np.float32)


def _caveats(found: Estimate | None) -> list[str]:
    return [_CAVEAT] if found is not None else [_CAVEAT, _FEW]


def fits(task: Task) -> str | None:
    return None if task.modality == "image" else "RISE masks places of a picture, and this task has none: choose a task of pictures."


def params_for(task: Task) -> type:
    return Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    copies = _copies(task, instance, params, seed)
    return 1 + len(copies.masks), copies[:4]


METHOD = MethodSpec("rise", "attribution", "RISE", params_for, fits, run, plan, family=MAPS)
