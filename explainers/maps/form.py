"""Raw numbers over words, columns or pixels as an `Attribution`: names, places, the strongest parts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from PIL import Image

from ..explanation import Attribution
from ..neighbourhoods.images import picture_parts
from ..parts import TextParts
from ..picture_parts import MEAN_COLOUR, OUTSIDE, SLIC, PictureParts
from ..tasks import Task

AREAS = 50  # about how many areas a map of pixels is summed over, so that it can be told in words


def over_words(parts: TextParts, values: np.ndarray, unit: str, most: int | None = None, **more: Any) -> Attribution:
    """values (parts,). `most`: the strongest only, None = all. `more`: further fields of Attribution (low and high over all parts)."""
    kept = strongest(values, most)
    spans, positions = [parts.spans[i] for i in kept], [parts.positions[i] for i in kept]
    return _made(parts.features, parts.names, kept, values, unit, more, spans=spans, positions=positions)


def over_columns(row: Mapping[str, Any], values: np.ndarray, unit: str, most: int | None = None, **more: Any) -> Attribution:
    """values (columns,) in the order of `row`."""
    names = [f"{name} = {_shown(value)}" for name, value in row.items()]
    return _made(list(row), names, strongest(values, most), values, unit, more)


def over_areas(parts: PictureParts, values: np.ndarray, unit: str, **more: Any) -> Attribution:
    """values (parts,), one for all pixels of a part."""
    painted = np.append(values, 0.0)[parts.labels]  # the label outside the model's crop is -1, the last entry
    kept = strongest(values, None)
    return _made(parts.features, parts.names, kept, values, unit, more, map=painted, segments=parts.labels)


def over_pixels(
    task: Task, picture: Image.Image, values: np.ndarray, unit: str, parts: PictureParts | None = None, **more: Any
) -> Attribution:
    """values (h, w): a map of what the model sees, at any resolution; brought to the picture's own pixels, 0 outside, its sum kept.

    It is told by its sums over `parts`, areas that SLIC cuts: values (areas,).
    """
    parts = areas(task, picture) if parts is None else parts
    whole = in_picture(parts, values)
    sums = by_area(parts, whole)
    kept = strongest(sums, None)
    return _made(parts.features, parts.names, kept, sums, unit, more, map=whole, segments=parts.labels, per_pixel=True)


def areas(task: Task, picture: Image.Image) -> PictureParts:
    """The areas that a map of pixels is told by."""
    return picture_parts(task, picture, SLIC, AREAS, MEAN_COLOUR)


def in_picture(parts: PictureParts, values: np.ndarray) -> np.ndarray:
    """A map of what the model sees (h, w), at any resolution -> over the picture's own pixels, 0 outside what the model sees."""
    seen = parts.labels != OUTSIDE
    rows, columns = np.flatnonzero(seen.any(axis=1)), np.flatnonzero(seen.any(axis=0))
    whole = np.zeros(parts.labels.shape)
    whole[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = resized(values, len(rows), len(columns))
    return whole


def by_area(parts: PictureParts, whole: np.ndarray) -> np.ndarray:
    """Sums over the areas (areas,) of a map over the picture's own pixels."""
    seen = parts.labels != OUTSIDE
    return np.bincount(parts.labels[seen], whole[seen], minlength=len(parts))


def resized(values: np.ndarray, height: int, width: int) -> np.ndarray:
    """A map (h, w) at another resolution, its sum kept up to rounding."""
    if values.shape == (height, width):
        return np.asarray(values, dtype=np.float64)
    small = Image.fromarray(np.asarray(values, dtype=np.float32))
    large = np.asarray(small.resize((width, height), Image.Resampling.BILINEAR), dtype=np.float64)
    return large * (values.size / large.size)


def strongest(values: np.ndarray, most: int | None) -> list[int]:
    """Indices of the largest in size, largest first; ties in their order."""
    return np.argsort(-np.abs(values), kind="stable")[:most].tolist()


def _made(
    features: list[str], names: list[str], kept: list[int], values: np.ndarray, unit: str, more: dict[str, Any], **where: Any
) -> Attribution:
    ends = {end: np.asarray(more.pop(end))[kept] for end in ("low", "high") if more.get(end) is not None}
    return Attribution(
        [features[i] for i in kept], [names[i] for i in kept], np.asarray(values, dtype=np.float64)[kept], unit,
        total=len(features), **{**where, **ends, **more},
    )  # fmt: skip


def _shown(value: Any) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return "missing"
    return f"{value:g}" if isinstance(value, float) else str(value)
