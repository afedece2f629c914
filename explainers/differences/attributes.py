"""What can be measured of a picture without knowing what it shows: light, colour, sharpness, surface, frame, and where its object is.

Everything is measured on one `Look`: the picture at 224 x 224 pixels, a tile of it at its own resolution (blur and noise vanish when a
picture is reduced), and a map of where its object may be. `measured(look)` gives all numbers at once, in the order of NAMES.

Greys and channels run from 0 to 1. Colours are opponent vectors in the plane of hue: alpha = r - (g + b) / 2, beta = sqrt(3) / 2 (g - b), so
that a direction is a hue (0 degrees = red, 120 = green, 240 = blue) and the length is the chroma.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from .colours import COLOURS, shares

SIDE = 224  # pixels of the square that is measured, whatever the picture's shape
LEAST_TILE = 64  # pixels: smaller pictures are measured enlarged
CELLS = 28  # of a side, for what is measured by region: 8 x 8 pixels each
TINY = 1e-4
LEVEL = 1 / 255  # one step of 8-bit grey
BLACK = 2 / 3  # weight of the black level's colour in a tint
ENDS = 0.02  # share of the picture beyond which lie its black and its white
# Degrees on the circle of hues.
HUES = {"red": 0, "orange": 30, "yellow": 58, "green": 120, "cyan": 180, "blue": 225, "purple": 280, "pink": 325}
# What a colour is measured of, and the colours that are told apart there: the light of the whole picture, the object, what is around it.
REGIONS: dict[str, tuple[str, ...]] = {"tint": tuple(HUES), "object": COLOURS, "around": COLOURS}


@dataclass(frozen=True, eq=False)
class Look:
    """A picture prepared for measuring.

    square  uint8 (224, 224, 3), the whole picture at that size
    tile    float32 (h, w), grey, the middle of the picture at its own resolution, 64 to 224 pixels a side, sides multiples of 8
    object  float32 (7, 7), 0 to 1: evidence for the object that a classifier saw, its class activation map
    size    log of the object's side as a share of the picture's; count: log of the number of objects: both as a linear function of a
            classifier's maps says, fitted by sample_data/scripts/build_object.py
    """

    square: np.ndarray
    tile: np.ndarray
    object: np.ndarray
    size: float
    count: float

    @classmethod
    def at(cls, picture: Image.Image, square: np.ndarray, evidence: np.ndarray, size: float, count: float) -> Look:
        """square, evidence, size, count: as above."""
        return cls(square, _tile(picture, square), evidence, size, count)

    @cached_property
    def grey(self) -> np.ndarray:
        return _grey(self.square, 255)

    @cached_property
    def small(self) -> np.ndarray:
        """float32 (56, 56, 3): means of 4 x 4 pixels."""
        rows = self.square.reshape(SIDE // 4, 4, SIDE * 3).sum(1, dtype=np.uint16)  # whole numbers: half the memory that floats would move
        pairs = rows.reshape(SIDE // 4, SIDE // 4, 2, 6)
        fours = pairs[:, :, 0] + pairs[:, :, 1]
        return (fours[..., :3] + fours[..., 3:]).astype(np.float32) / (16 * 255)

    @cached_property
    def cells(self) -> np.ndarray:
        """float32 (28, 28, 3): means of 8 x 8 pixels."""
        return halved(self.small)

    @cached_property
    def cell_colour(self) -> np.ndarray:
        """float32 (28, 28, 2): alpha and beta."""
        return halved(self.colour)

    @cached_property
    def steps(self) -> tuple[np.ndarray, np.ndarray]:
        """Absolute steps from pixel to pixel of the tile: across (h, w - 1), down (h - 1, w)."""
        return _steps(self.tile)

    @cached_property
    def coarse(self) -> tuple[np.ndarray, np.ndarray]:
        """The same of the tile at half its size."""
        return _steps(halved(self.tile))

    @cached_property
    def colour(self) -> np.ndarray:
        """float32 (56, 56, 2): alpha and beta."""
        r, g, b = (self.small[..., i] for i in range(3))
        return np.stack([r - (g + b) / 2, np.sqrt(0.75) * (g - b)], axis=-1)

    @cached_property
    def chroma(self) -> np.ndarray:
        """float32 (56, 56), 0 = grey."""
        return np.hypot(self.colour[..., 0], self.colour[..., 1])

    @cached_property
    def ends(self) -> np.ndarray:
        """float (2, 3): the picture's black and white, each channel's level below and above which lie few places."""
        flat = self.small.reshape(-1, 3)
        return np.array([[_at(flat[:, i], q) for i in range(3)] for q in (ENDS, 1 - ENDS)])

    @cached_property
    def detail(self) -> np.ndarray:
        """float32 (28, 28): mean step from pixel to pixel within 8 x 8 pixels."""
        across, down = _steps(self.grey)
        steps = np.zeros_like(self.grey)
        steps[:, :-1] = across
        steps[:-1] += down
        rows = steps.reshape(CELLS, 8, SIDE).sum(1)
        return (rows.reshape(-1, 8) @ np.full(8, 1 / (64 * 2), dtype=np.float32)).reshape(CELLS, CELLS)

    @cached_property
    def mask(self) -> np.ndarray:
        """float32 (28, 28), 0 to 1: how likely a cell belongs to the object: the classifier's evidence, sharpened by how unlike the border
        of the picture the cell's colour and surface are."""
        cells = np.concatenate([self.cells * 2, self.cell_colour, self.detail[..., None] * 6], axis=-1)
        # Distance to the nearest of some cells of the border, evenly taken: a background may have several colours.
        border, flat = cells[_BORDER], cells.reshape(-1, 6)
        nearest = ((border**2).sum(1)[:, None] - 2 * border @ flat.T).min(0) + (flat**2).sum(1)
        unlike = np.sqrt(np.maximum(nearest, 0)).reshape(CELLS, CELLS)
        unlike = unlike / (_at(unlike, 0.95) + TINY)
        return np.minimum(_TO_CELLS @ self.object @ _TO_CELLS.T, 1) * np.minimum(0.25 + unlike, 1)


def measured(look: Look) -> np.ndarray:
    """Every attribute, float64 (len(NAMES),)."""
    values = {**_light(look), **_surface(look), **_style(look), **_place(look), **_ground(look), **_colours(look)}
    return np.array([values[name] for name in NAMES], dtype=np.float64)


def _light(look: Look) -> dict[str, float]:
    """brightness, contrast (standard deviation), chroma: 0 to 1. shadows, highlights: shares of the picture below 0.15, above 0.85 grey.
    warmth: red minus blue, -1 to 1. vignette: middle minus corners, -1 to 1. haze: black against white, 0 to 1: no place is dark in any
    channel (the dark channel of He, Sun and Tang, CVPR 2009), which mere brightness, a tint or dull colours do not do."""
    grey, k = look.grey, SIDE // 6
    corners = np.mean([grey[:k, :k].mean(), grey[:k, -k:].mean(), grey[-k:, :k].mean(), grey[-k:, -k:].mean()])
    return {
        "brightness": grey.mean(),
        "contrast": np.sqrt(_mean_square(grey - grey.mean())),
        "chroma": look.chroma.mean(),
        "shadows": _share(grey < 0.15),
        "highlights": _share(grey > 0.85),
        "warmth": look.small[..., 0].mean() - look.small[..., 2].mean(),
        "vignette": grey[k:-k, k:-k].mean() - corners,
        "haze": look.ends[0].min() / (look.ends[1].max() + 0.05),
    }


def _surface(look: Look) -> dict[str, float]:
    """sharpness: log of the steps between pixels against those between pairs of pixels, about -1.5 (blurred) to 0. noise: the quietest
    parts' standard deviation (Donoho's estimate from diagonal differences, 0 to 1). edges: mean step between pixels. blocks: log of how
    much the rows and columns with the largest steps stand out from their neighbours and from most others, about -2 (no blocks) to 5; blocks
    of 4 to 30 pixels a side are seen. flat: share of steps below 1/255."""
    tile = look.tile
    across, down = look.steps
    fine, coarse = _mean_step(look.steps), _mean_step(look.coarse)
    diagonal = np.abs(tile[::2, ::2] - tile[1::2, ::2] - tile[::2, 1::2] + tile[1::2, 1::2]) / 2
    quiet = _at(halved(halved(diagonal)), 0.15) / 0.8  # a mean absolute deviation is 0.8 of the standard deviation
    columns, rows = across.mean(0), down.mean(1)
    return {
        "sharpness": np.log((fine + 2e-3) / (coarse + 2e-3)),
        "noise": quiet,
        "edges": fine,
        "blocks": np.mean([_stands_out(x) for x in (columns, rows)]),
        "flat": _share(across < LEVEL),
    }


def _style(look: Look) -> dict[str, float]:
    """sketch: share of white ground, where there are fine lines and what is on it has no colour, 0 to 1 (and a
    hundredth of the brightness, so that most pictures are not exactly alike). one_hue: length of the mean colour against the mean
    length, 0 to 1. sepia: the same where the hue is brown and the colours are few. few_colours: minus log of the distinct colours (5 bits a channel).
    frame: how plain the outermost band is on all four sides, times the step to what it surrounds, 0 to 1. painting: share of
    steps below 1/255, and how much harder the largest steps are than the others, -0.15 to 1.3: flat strokes with hard edges."""
    red, green, blue = (look.small[..., i] for i in range(3))
    white = (np.minimum(np.minimum(red, green), blue) > 0.75) & (look.chroma < 0.08)
    drawn = look.chroma[~white]  # a photograph cut out before white has its colours there
    grey = np.clip(1 - 8 * drawn.mean(), 0, 1) if drawn.size else 1.0
    lines = min(_mean_step(look.steps) / 0.03, 1)
    mean = look.cell_colour.reshape(-1, 2).mean(0)
    length = np.hypot(*mean) / (look.chroma.mean() + 0.02)
    angle = np.arctan2(mean[1], mean[0])
    bits = np.floor(look.square[::2].astype(np.float32) * np.float32(31 / 255) + np.float32(1e-3))
    seen = np.zeros(32**3, dtype=bool)
    seen[(bits @ np.array([1024, 32, 1], dtype=np.float32))[:, ::2].astype(np.intp)] = True
    colours = np.count_nonzero(seen)
    steps, wide = look.steps[0][::2], look.coarse[0]
    hard = np.log((_at(steps, 0.99) + 0.01) / (_at(wide, 0.99) + 0.01)) - np.log((steps.mean() + 2e-3) / (wide.mean() + 2e-3))
    return {
        "sketch": white.mean() * grey * lines + 0.01 * look.grey.mean(),
        "one_hue": length,
        "sepia": length * np.clip(np.cos(angle - np.radians(38)), 0, 1) ** 4 * np.clip((6.6 - np.log(colours)) / 1.5, 0, 1),
        "few_colours": -np.log(colours),
        "frame": _frame(look.small),
        "painting": _share(steps < LEVEL) + 0.3 * np.clip(hard, -0.5, 1),
    }


def _frame(rgb: np.ndarray) -> float:
    turned = rgb.swapaxes(0, 1)
    sides = np.stack([side[:9] for side in (rgb, turned[::-1], rgb[::-1], turned)])  # the first rows are the side looked at
    plain = 1 / (1 + (sides[:, :2].std(axis=2).mean((1, 2)) / 0.04) ** 2)
    red, green, blue = np.moveaxis(np.abs(np.diff(sides[:, :, 8:-8], axis=1)), -1, 0)
    steps = np.maximum(np.maximum(red, green), blue)  # a frame's edge is a step along nearly the whole side
    quarter = steps.shape[2] // 4
    edge = np.partition(steps, quarter, axis=2)[:, :, quarter].max(1)
    return float((plain * np.clip(edge / 0.12, 0, 1)).min())


def _place(look: Look) -> dict[str, float]:
    """Of the object: x, y its middle, 0 = left or top, 1 = right or bottom; size and count as in Look; spread: standard deviation of the
    places that may belong to it, as a share of the side; central: minus the distance of its middle from the picture's."""
    weight = look.mask**2
    total = weight.sum() + TINY
    line = (np.arange(CELLS) + 0.5) / CELLS
    x, y = (weight.sum(0) * line).sum() / total, (weight.sum(1) * line).sum() / total
    spread = np.sqrt((weight * ((line[None] - x) ** 2 + (line[:, None] - y) ** 2)).sum() / total)
    return {"x": x, "y": y, "size": look.size, "spread": spread, "count": look.count, "central": -np.hypot(x - 0.5, y - 0.5)}


def _ground(look: Look) -> dict[str, float]:
    """Of what is around the object: ground_light and ground_detail, means; and shares (0 to 1) of cells that look like clear sky, green
    and blue or grey water, grass, leaves, sand or snow by their colour and surface."""
    cells, colour = look.cells, look.cell_colour
    light, chroma = _grey(cells), np.hypot(colour[..., 0], colour[..., 1])
    hue = np.degrees(np.arctan2(colour[..., 1], colour[..., 0])) % 360
    weight = (1 - look.mask) ** 2
    weight = weight / (weight.sum() + TINY)
    smooth, rough = look.detail < 0.012, look.detail > 0.03
    blue, green = (hue > 170) & (hue < 262) & (chroma > 0.08), (hue > 62) & (hue < 165) & (chroma > 0.06)
    pale = chroma < 0.08
    top = np.arange(CELLS)[:, None] < CELLS * 0.6

    def share(condition: np.ndarray) -> float:
        return float((weight * condition).sum())

    return {
        "ground_light": share(light),
        "ground_detail": share(look.detail),
        "sky": share(smooth & top & ((blue & (light > 0.25)) | (pale & (light > 0.55)))),
        "water": share(~smooth & (blue | (pale & (light > 0.25) & (light < 0.8)))),
        "grass": share(green & (light > 0.2) & ~smooth),
        "leaves": share(rough & (green | (light < 0.3))),
        "sand": share((hue > 18) & (hue < 58) & (chroma > 0.06) & (chroma < 0.4) & (light > 0.45)),
        "snow": share((chroma < 0.06) & (light > 0.75)),
    }


def _colours(look: Look) -> dict[str, float]:
    """tint: how far the picture's black and white lean to each hue, -1 to 1. Black and white have no colour of their own, so that what they
    have comes from the light, or was laid over the picture. (The white-patch assumption: Land 1977. A veil of colour shows in the black, a
    coloured light in the white alone.) object, around: share of the region that is of each colour, 0 to 1."""
    out = {}
    black, white = look.ends
    level = np.array([[c[0] - (c[1] + c[2]) / 2, np.sqrt(0.75) * (c[1] - c[2])] for c in (black, white)])
    for name, degrees in HUES.items():
        along = level @ np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
        out[f"tint {name}"] = float(BLACK * along[0] + (1 - BLACK) * along[1])
    share = shares(look.small).reshape(-1, len(COLOURS))
    mask = look.mask.repeat(2, axis=0).repeat(2, axis=1).ravel()
    for region, weight in (("object", mask**2), ("around", (1 - mask) ** 2)):
        out |= {f"{region} {name}": float(x) for name, x in zip(COLOURS, weight @ share / (weight.sum() + TINY), strict=True)}
    return out


def halved(x: np.ndarray) -> np.ndarray:
    """Means of 2 x 2 pixels: (h, w, ...) -> (h / 2, w / 2, ...)."""
    x = x[: x.shape[0] // 2 * 2, : x.shape[1] // 2 * 2]
    rows = x[::2] + x[1::2]
    return (rows[:, ::2] + rows[:, 1::2]) / 4


def _linear(small: int, side: int) -> np.ndarray:
    """Weights of linear interpolation, float32 (side, small)."""
    at = np.clip((np.arange(side) + 0.5) * small / side - 0.5, 0, small - 1)
    low = np.minimum(at.astype(int), small - 2)
    out = np.zeros((side, small), dtype=np.float32)
    out[np.arange(side), low], out[np.arange(side), low + 1] = 1 - (at - low), at - low
    return out


def _stands_out(steps: np.ndarray) -> float:
    """steps (n,): mean step into each column. Beside an edge between blocks there is next to none; within an object there is."""
    peaks = steps.copy()
    peaks[1:] -= steps[:-1]
    peaks[:-1] = np.minimum(peaks[:-1], steps[:-1] - steps[1:])
    return max(
        float(np.log((_at(np.maximum(peaks, 0), high) + 1e-3) / (_at(steps, low) + 1e-3))) for high, low in ((0.92, 0.72), (0.97, 0.85))
    )


def _at(x: np.ndarray, quantile: float) -> float:
    """The value at a quantile, without interpolation."""
    place = int(quantile * (x.size - 1))
    return float(np.partition(x, place, axis=None)[place])


def _grey(rgb: np.ndarray, white: float = 1.0) -> np.ndarray:
    return rgb @ np.array([0.299 / white, 0.587 / white, 0.114 / white], dtype=np.float32)


def _steps(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    across, down = x[:, 1:] - x[:, :-1], x[1:] - x[:-1]
    return np.abs(across, out=across), np.abs(down, out=down)


def _mean_step(steps: tuple[np.ndarray, np.ndarray]) -> float:
    return float(steps[0].mean() + steps[1].mean()) / 2


def _mean_square(x: np.ndarray) -> float:
    return float(np.vdot(x, x)) / x.size


def _share(true: np.ndarray) -> float:
    return float(np.count_nonzero(true)) / true.size


def _tile(picture: Image.Image, square: np.ndarray) -> np.ndarray:
    width, height = picture.size
    w, h = min(width, SIDE) // 8 * 8, min(height, SIDE) // 8 * 8
    if min(w, h) < LEAST_TILE:
        return _grey(square, 255)
    left, top = (width - w) // 2, (height - h) // 2
    return _grey(np.asarray(picture.crop((left, top, left + w, top + h))), 255)


_TO_CELLS = _linear(7, CELLS)
_BORDER = np.ones((CELLS, CELLS), dtype=bool)
_BORDER[3:-3, 3:-3] = False
_BORDER &= np.arange(CELLS**2).reshape(CELLS, CELLS) % 5 == 0
NAMES = (
    *(
        "brightness",
        "contrast",
        "chroma",
        "shadows",
        "highlights",
        "warmth",
        "vignette",
        "haze",
        "sharpness",
        "noise",
        "edges",
        "blocks",
        "flat",
    ),
    *("sketch", "one_hue", "sepia", "few_colours", "frame", "painting", "x", "y", "size", "spread", "count", "central"),
    *("ground_light", "ground_detail", "sky", "water", "grass", "leaves", "sand", "snow"),
    *(f"{region} {hue}" for region, hues in REGIONS.items() for hue in hues),
)
