"""A map with a value for each pixel, as tints over its photograph.

Tint says how much: none at zero, full at the 99th percentile of the sizes, above which all look alike (one odd pixel would else leave
the rest pale). A line surrounds the strongest twentieth of the area, whole where it counts toward the answer, broken where away from it,
and the areas that count most have their number and sign: colour is never the only cue. Numbers without a direction have a hue of their
own. The map is smoothed by 1.5 hundredths of the picture's side, which the eye would do anyway; for the line, by 3.
"""

from __future__ import annotations

import numpy as np
from PIL import Image
from scipy.ndimage import gaussian_filter

from . import colours
from .attribution_rows import Rows
from .overlay import draw_outline, enlarged, label, number, part_masks

CLIPPED = 99.0  # percentile of the sizes at which the tint is full
STRONGEST = 0.05  # share of the area within the line
_SMOOTHED = 0.015  # of the longer side
_SMOOTHED_AREA = 0.03  # likewise, for the line: it goes round areas, not round specks
_GREY = 0.6  # share of grey in the photograph, so that tints do not pass for its own colours
_DASH = 6  # pixels of a dash of the broken line
OPACITY = 0.75
NUMBERED = 3


def heat(rows: Rows, top: int = NUMBERED, opacity: float = OPACITY, outline: bool = True) -> Image.Image:
    """The photograph under the map's tints, up to `opacity` (0 to 1); the `top` areas that count most are numbered."""
    pixels, scale = enlarged(rows.e.instance)
    grey = _GREY * min(1.0, opacity / OPACITY)  # without tints the photograph keeps its colours
    pixels = (1 - grey) * pixels + grey * pixels.mean(axis=2, keepdims=True)
    values = smoothed(np.asarray(rows.payload.map, dtype=np.float64)).repeat(scale, 0).repeat(scale, 1)
    size = np.abs(values)
    most = float(np.percentile(size[size > 0], CLIPPED)) if (size > 0).any() else 1.0
    strength = opacity * np.clip(size / most, 0, 1)[..., None]
    toward = colours.TOWARD if rows.signed else colours.STRONG
    for here, colour in ((values > 0, toward), (values < 0, colours.AWAY)):
        tint = np.array(colours.channels(colour), dtype=np.float64)
        pixels = np.where(here[..., None], (1 - strength) * pixels + strength * tint, pixels)
    if outline:
        areas = smoothed(np.asarray(rows.payload.map, dtype=np.float64), _SMOOTHED_AREA).repeat(scale, 0).repeat(scale, 1)
        strongest = (np.abs(areas) >= np.quantile(np.abs(areas), 1 - STRONGEST)) & (areas != 0)
        draw_outline(pixels, strongest & (areas > 0), toward)
        unbroken = pixels.copy()
        draw_outline(pixels, strongest & (areas < 0), colours.AWAY)
        gaps = np.add.outer(*(np.arange(n) // _DASH for n in size.shape)) % 2 == 1
        pixels[gaps] = unbroken[gaps]
    painted = Image.fromarray(pixels.clip(0, 255).round().astype(np.uint8))
    shown = [row for row in rows.rows if row.sure][:top]
    for row, mask in zip(shown, part_masks(rows, shown), strict=True):
        label(painted, mask.repeat(scale, 0).repeat(scale, 1), number(rows, row), row.colour)
    return painted


def smoothed(values: np.ndarray, share: float = _SMOOTHED) -> np.ndarray:
    """The map (h, w), by a Gaussian whose standard deviation is a share of its longer side."""
    return gaussian_filter(values, share * max(values.shape))
