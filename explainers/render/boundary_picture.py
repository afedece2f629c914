"""A path over pictures: one step's picture with the replaced parts outlined and numbered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from ..explanation import Explanation
from . import colours, overlay
from .boundary_rows import Path, Stop


def image(e: Explanation, **look: Any) -> Image.Image | None:
    """The picture of one step (`step`, else the last), replaced parts outlined unless `outline` is False. None for other inputs."""
    path = Path.of(e)
    if not path.stops:
        return None
    stop = path.stop(look.get("step", path.last.index))
    return outlined(path, stop, look.get("outline", True)) if isinstance(stop.step.instance, Image.Image) else None


def outlined(path: Path, stop: Stop, outline: bool = True) -> Image.Image:
    """A small picture is enlarged by a whole number, so that lines and numbers are fine."""
    pixels, scale = overlay.enlarged(stop.step.instance.convert("RGB"))
    masks = [(part, mask.repeat(scale, 0).repeat(scale, 1)) for part, mask in _replaced(path, stop)] if outline else []
    for _, mask in masks:
        overlay.draw_outline(pixels, mask, colours.AWAY)
    picture = Image.fromarray(pixels.round().astype(np.uint8))
    for part, mask in masks:
        overlay.label(picture, mask, str(part), colours.AWAY, size=max(12, round(max(picture.size) / 24)))
    return picture


def _replaced(path: Path, stop: Stop) -> Iterator[tuple[int, np.ndarray]]:
    """Number and pixels, bool (h, w), of each replaced part. A file from elsewhere may have parts that do not fit its picture."""
    segments = path.payload.segments
    if segments is None or np.shape(segments) != stop.step.instance.size[::-1]:
        return
    for feature in stop.step.features:
        part = overlay.part_of(feature)
        mask = np.asarray(segments) == part
        if part >= 0 and mask.any():
            yield part, mask
