"""A path over pictures: one step's picture with the replaced parts outlined; and any path on a slide."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import binary_dilation, distance_transform_edt

from ..explanation import Explanation
from . import colours
from .boundary_rows import Path, Stop
from .overlay import SIDE, part_of


def image(e: Explanation, **look: Any) -> Image.Image | None:
    """The picture of one step (`step`, else the last), replaced parts outlined unless `outline` is False. None for other inputs."""
    path = Path.of(e)
    if not path.stops:
        return None
    stop = path.stop(look.get("step", path.last.index))
    return outlined(path, stop, look.get("outline", True)) if isinstance(stop.step.instance, Image.Image) else None


def outlined(path: Path, stop: Stop, outline: bool = True) -> Image.Image:
    """A small picture enlarged by a whole number, each replaced part with a line around it and its number."""
    photo: Image.Image = stop.step.instance.convert("RGB")
    scale = max(1, SIDE // max(photo.size))
    picture = photo.resize((photo.width * scale, photo.height * scale), Image.Resampling.BICUBIC)
    if not outline:
        return picture
    masks = [(part, mask.repeat(scale, 0).repeat(scale, 1)) for part, mask in _replaced(path, stop)]
    pixels = np.array(picture)
    for _, mask in masks:
        edge = mask & binary_dilation(~np.pad(mask, 1), iterations=3)[1:-1, 1:-1]
        pixels[binary_dilation(edge, iterations=2) & ~edge] = 255
        pixels[edge] = colours.channels(colours.AWAY)
    picture = Image.fromarray(pixels)
    for part, mask in masks:
        _number(picture, str(part), mask)
    return picture


def _replaced(path: Path, stop: Stop) -> Iterator[tuple[int, np.ndarray]]:
    """Number and pixels, bool (h, w), of each replaced part. A file from elsewhere may have parts that do not fit its picture."""
    segments = path.payload.segments
    if segments is None or np.shape(segments) != stop.step.instance.size[::-1]:
        return
    for feature in stop.step.features:
        part = part_of(feature)
        mask = np.asarray(segments) == part
        if part >= 0 and mask.any():
            yield part, mask


def _number(picture: Image.Image, text: str, mask: np.ndarray) -> None:
    """The part's number in its middle, where it is widest."""
    padded = np.pad(mask, 1)
    y, x = np.unravel_index(int(distance_transform_edt(padded).argmax()), padded.shape)
    size = max(12, round(max(picture.size) / 34))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size)
    box = draw.textbbox((0, 0), text, font=font, anchor="mm")
    pad = size / 4
    half = ((box[2] - box[0]) / 2 + pad, (box[3] - box[1]) / 2 + pad)
    x = min(max(float(x) - 1, half[0]), picture.width - half[0])
    y = min(max(float(y) - 1, half[1]), picture.height - half[1])
    draw.rounded_rectangle((x - half[0], y - half[1], x + half[0], y + half[1]), pad, fill="#ffffff", outline=colours.AWAY, width=2)
    draw.text((x, y), text, font=font, fill="#1c1e26", anchor="mm")
