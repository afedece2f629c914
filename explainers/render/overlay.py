"""An attribution over pixels, painted on its photograph.

Tint says how much, outline and the sign beside the part's number say which way: colour is never the only cue.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import binary_dilation, distance_transform_edt

from . import colours, numbers
from .attribution_rows import Row, Rows

TOP = 5
OPACITY = 0.5
SIDE = 640  # pixels of the longer side of what is painted: smaller pictures are enlarged by a whole number


def overlay(rows: Rows, top: int = TOP, opacity: float = OPACITY, outline: bool = True) -> Image.Image:
    """The photograph with its `top` strongest parts tinted up to `opacity` (0 to 1), outlined and numbered."""
    pixels, scale = enlarged(rows.e.instance)
    shown = [row for row in rows.rows if row.sure][:top]
    masks = [mask.repeat(scale, 0).repeat(scale, 1) for mask in part_masks(rows, shown)]
    for row, mask in zip(shown, masks, strict=True):
        strength = opacity * (0.4 + 0.6 * abs(row.value) / rows.largest)
        pixels[mask] = (1 - strength) * pixels[mask] + strength * np.array(colours.channels(row.colour))
        if outline:
            draw_outline(pixels, mask, row.colour)
    painted = Image.fromarray(pixels.round().astype(np.uint8))
    for row, mask in zip(shown, masks, strict=True):
        label(painted, mask, number(rows, row), row.colour)
    return painted


def enlarged(photo: Image.Image) -> tuple[np.ndarray, int]:
    """The photograph as float64 (h, w, 3), a small one enlarged by a whole number, and that number."""
    scale = max(1, SIDE // max(photo.size))
    picture = photo.resize((photo.width * scale, photo.height * scale), Image.Resampling.BICUBIC)
    return np.asarray(picture).astype(np.float64), scale


def draw_outline(pixels: np.ndarray, mask: np.ndarray, colour: str) -> None:
    """A line just inside the part, in `colour` with white within, so that it stands out from any photograph."""
    edge = mask & binary_dilation(~mask, iterations=2)
    pixels[binary_dilation(edge) & ~edge & mask] = 255
    pixels[edge] = colours.channels(colour)


def part_masks(rows: Rows, shown: Sequence[Row]) -> list[np.ndarray]:
    """Pixels of each part, bool (h, w)."""
    p = rows.payload
    if p.segments is not None:
        return [np.asarray(p.segments) == part_of(p.features[row.index]) for row in shown]
    values = np.asarray(p.map)
    return [np.isclose(values, p.values[row.index], rtol=1e-5, atol=1e-9) & (values != 0) for row in shown]


def part_of(feature: str) -> int:
    """ "part 3" is 3; -2, which is no part, for any other name."""
    last = feature.rpartition(" ")[2]
    return int(last) if last.isascii() and last.isdigit() and len(last) < 8 else -2


def number(rows: Rows, row: Row) -> str:
    """What stands on a part: its number and its sign."""
    part = part_of(rows.payload.features[row.index])
    sign = "-" if row.sign == numbers.MINUS else row.sign  # Pillow's own font has no true minus
    return f"{part}{sign}" if part >= 0 else sign


def label(picture: Image.Image, mask: np.ndarray, text: str, colour: str, size: int | None = None) -> None:
    """`text` in the middle of the part, where it is widest. `size`: height of its letters in pixels."""
    if not mask.any():
        return
    padded = np.pad(mask, 1)
    y, x = np.unravel_index(int(distance_transform_edt(padded).argmax()), padded.shape)
    size = size or max(12, round(max(picture.size) / 34))
    draw = ImageDraw.Draw(picture)
    font = ImageFont.load_default(size)
    box = draw.textbbox((0, 0), text, font=font)
    width, height = box[2] - box[0], box[3] - box[1]
    pad = size / 4
    left = min(max(float(x) - 1 - width / 2, pad), picture.width - width - pad)
    top = min(max(float(y) - 1 - height / 2, pad), picture.height - height - pad)
    frame = (left - pad, top - pad, left + width + pad, top + height + pad)
    draw.rounded_rectangle(frame, radius=pad, fill="#ffffff", outline=colour, width=2)
    draw.text((left - box[0], top - box[1]), text, font=font, fill="#1c1e26")


def address(picture: Image.Image, form: str, **options: Any) -> str:
    """The picture as a data: address."""
    file = io.BytesIO()
    picture.save(file, form, **options)
    return f"data:image/{form.lower()};base64,{base64.b64encode(file.getvalue()).decode()}"
