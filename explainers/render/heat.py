"""A map with a value for each pixel, as tints over its photograph.

Tint says how much: none at zero, full at the 99th percentile of the sizes, above which all look alike (one odd pixel would else leave
the rest pale). A line surrounds the strongest twentieth of the area, with the number and the sign of the areas that count most: colour is
never the only cue. The map is smoothed by 1.5 hundredths of the picture's side, which the eye would do anyway.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from . import colours
from .attribution_rows import Rows
from .overlay import TOP, draw_outline, enlarged, label, number, part_masks

CLIPPED = 99.0  # percentile of the sizes at which the tint is full
STRONGEST = 0.05  # share of the area within the line
_SMOOTHED = 0.015  # of the longer side
_GREY = 0.6  # share of grey in the photograph, so that tints do not pass for its own colours
OPACITY = 0.75


def heat(rows: Rows, top: int = TOP, opacity: float = OPACITY, outline: bool = True) -> Image.Image:
    """The photograph under the map's tints, up to `opacity` (0 to 1); the `top` areas that count most are numbered."""
    pixels, scale = enlarged(rows.e.instance)
    pixels = (1 - _GREY) * pixels + _GREY * pixels.mean(axis=2, keepdims=True)
    values = smoothed(np.asarray(rows.payload.map, dtype=np.float64)).repeat(scale, 0).repeat(scale, 1)
    size = np.abs(values)
    most = float(np.percentile(size[size > 0], CLIPPED)) if (size > 0).any() else 1.0
    strength = opacity * np.clip(size / most, 0, 1)[..., None]
    for here, colour in ((values > 0, colours.TOWARD), (values < 0, colours.AWAY)):
        tint = np.array(colours.channels(colour), dtype=np.float64)
        pixels = np.where(here[..., None], (1 - strength) * pixels + strength * tint, pixels)
    strongest = (size >= np.quantile(size, 1 - STRONGEST)) & (size > 0)
    if outline:
        for here, colour in ((strongest & (values > 0), colours.TOWARD), (strongest & (values < 0), colours.AWAY)):
            draw_outline(pixels, here, colour)
    painted = Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8))
    shown = [row for row in rows.rows if row.sure][: min(top, 3)]
    for row, mask in zip(shown, part_masks(rows, shown), strict=True):
        label(painted, mask.repeat(scale, 0).repeat(scale, 1), number(rows, row), colours.of(row.value))
    return painted


def smoothed(values: np.ndarray) -> np.ndarray:
    """The map (h, w) over 1.5 hundredths of its longer side."""
    return gaussian_filter(values, _SMOOTHED * max(values.shape))
