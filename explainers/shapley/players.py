"""Who plays: the parts of an instance, and what the model is shown where some of them are absent.

Texts: words, removed or replaced by a stand-in. Pictures: areas that switch to a baseline picture. Tables: columns that take their values from
background rows, one row after the other, so that a coalition costs as many calls as there are rows: the interventional way (Janzing, Minorics and
Bloebaum, AISTATS 2020), in which an absent column does not depend on the columns that are present.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from ..explanation import Attribution
from ..maps import baselines, form
from ..models.tables import CodedTable
from ..neighbourhoods.images import picture_parts
from ..neighbourhoods.texts import text_parts
from ..parts import POSITIONS, TextParts
from ..picture_parts import MEAN_COLOUR, OUTSIDE, SLIC, PictureParts, crop_box
from ..tasks import Task
from . import grouping

REMOVED, REPLACED = "removed", "replaced"
_STAND_IN = "UNKWORDZ"  # for a model that names no unknown word of its own
TEXTS_AT_ONCE, PICTURES_AT_ONCE, ROWS_AT_ONCE = 64, 32, 4096


@dataclass(frozen=True)
class Players:
    """copies       masks, bool (n, count), True = present -> a batch of n x rows instances, a mask's beside each other
    attribution  (values (count,), unit, further fields of Attribution) -> Attribution
    tree         () -> how they are grouped, as scipy's linkage matrix, float64 (count - 1, 4)
    rows         stand-ins for an absent part that a coalition is averaged over
    baseline     what stands for an absent part, in words
    at_once      masks whose copies are made at once
    """

    count: int
    copies: Callable[[np.ndarray], Any]
    attribution: Callable[..., Attribution]
    tree: Callable[[], np.ndarray]
    baseline: str
    rows: int = 1
    at_once: int = TEXTS_AT_ONCE
    caveats: list[str] = field(default_factory=list)


def words(task: Task, text: str, covered: str, stand_in: str, most: int) -> Players:
    """The words of a text, each occurrence alone; neighbours together where there are more than `most`."""
    mask = (stand_in or getattr(task.model, "unknown_word", _STAND_IN)) if covered == REPLACED else ""
    parts, caveats = text_parts(task, text, POSITIONS, mask)
    run = -(-len(parts) // max(most, 1))
    if run > 1:
        parts = _neighbours(parts, run)
        caveats = [*caveats, f"The text is long for this many model calls, so {run} neighbouring words count as one part."]
    baseline = f"the word {parts.mask_word} in its place" if parts.mask_word else "the text without the word"
    return Players(
        len(parts), parts.switch_off, lambda values, unit, **more: form.over_words(parts, values, unit, **more),
        lambda: grouping.halves(len(parts)), baseline, caveats=caveats,
    )  # fmt: skip


def _neighbours(parts: TextParts, run: int) -> TextParts:
    """The same text with runs of neighbouring parts as one."""
    groups = [range(start, min(start + run, len(parts))) for start in range(0, len(parts), run)]
    features = [" ".join(parts.features[i] for i in group) for group in groups]
    joined = {name: [[one for i in group for one in getattr(parts, name)[i]] for group in groups] for name in ("spans", "positions")}
    return dataclasses.replace(parts, features=features, names=[" ".join(parts.names[i] for i in group) for group in groups], **joined)


def areas(task: Task, picture: Image.Image, segments: int, baseline: str, seed: int) -> Players:
    """Areas of a picture that SLIC cuts, about `segments` of them."""
    parts = picture_parts(task, picture, SLIC, segments, MEAN_COLOUR)
    parts = dataclasses.replace(parts, off=_off(task, picture, baseline, seed))
    middles = [np.argwhere(parts.labels == i).mean(axis=0) for i in range(len(parts))]
    return Players(
        len(parts), parts.switch_off, lambda values, unit, **more: form.over_areas(parts, values, unit, **more),
        lambda: grouping.boxes(np.array(middles)), baselines.IN_WORDS[baseline], at_once=PICTURES_AT_ONCE,
    )  # fmt: skip


def cells(task: Task, picture: Image.Image, side: int, baseline: str, seed: int) -> Players:
    """A grid of side x side cells over what the model sees; a cell's value is spread evenly over its pixels."""
    left, top, right, bottom = crop_box(task.model, picture.size)
    height, width = bottom - top, right - left
    rows, columns = min(side, height), min(side, width)
    inner = (np.arange(height) * rows // height)[:, None] * columns + np.arange(width) * columns // width
    labels = np.full((picture.height, picture.width), OUTSIDE, dtype=np.int32)
    labels[top:bottom, left:right] = inner
    parts = PictureParts(np.asarray(picture), labels, _off(task, picture, baseline, seed))
    pixels = np.bincount(inner.ravel())

    def attribution(values: np.ndarray, unit: str, **more: Any) -> Attribution:
        return form.over_pixels(task, picture, (values / pixels)[inner], unit, **more)

    middles = np.stack(np.divmod(np.arange(rows * columns), columns), axis=1)
    words = baselines.IN_WORDS[baseline]
    return Players(len(parts), parts.switch_off, attribution, lambda: grouping.boxes(middles), words, at_once=PICTURES_AT_ONCE)


def _off(task: Task, picture: Image.Image, baseline: str, seed: int) -> np.ndarray:
    return np.asarray(baselines.picture_baseline(task, picture, baseline, np.random.default_rng(seed)).convert("RGB"))


def columns(task: Task, row: Mapping[str, Any], rows: int, seed: int) -> Players:
    """The columns of a table against `rows` background rows."""
    drawn = background(task, rows, seed)
    table: CodedTable = task.table.coded([row, *drawn])
    own, back = np.zeros(1, dtype=np.intp), np.arange(1, len(drawn) + 1)

    def copies(masks: np.ndarray) -> CodedTable:
        held = [column[np.where(masks[:, [j]], own, back).ravel()] for j, column in enumerate(table.held)]
        return CodedTable(table.schema, tuple(held))

    several = f"{len(drawn)} rows drawn from the training data, each in turn" if len(drawn) > 1 else baselines.IN_WORDS[baselines.OTHER_ROW]
    return Players(
        len(row), copies, lambda values, unit, **more: form.over_columns(row, values, unit, **more),
        lambda: grouping.correlated(task), several, rows=len(drawn), at_once=max(1, ROWS_AT_ONCE // len(drawn)),
    )  # fmt: skip


def background(task: Task, rows: int, seed: int) -> list[dict[str, Any]]:
    """Rows of the training data, drawn by `seed` without repetition; all of them where there are no more."""
    train = task.instances("train")
    drawn = np.random.default_rng(seed).permutation(len(train))[:rows]
    return [task.check(train[int(i)]) for i in drawn]
