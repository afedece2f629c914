"""Changes of a picture that a person sees at once: another background behind the same object, or areas painted over or blurred.

The decision boundary changes pictures as a model needs it (images.py); here a participant of a study is to look at both forms. So the
object is cut out by the exact mask of the data, nothing of another object stands behind it, and a change that can hardly be seen
is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from ..picture_parts import BLUR, MEAN_COLOUR, SLIC, PictureParts, crop_box
from ..space import kept
from ..tasks import Task

SEGMENTS = 20  # about how many areas a picture has
VISIBLE = 8.0  # mean difference of the changed pixels, of 255, below which a change is hardly seen
MARGIN, REACH, TINY = 16, 10, 1e-12  # pixels around a hole; standard deviations; so that nothing is divided by 0
MOST_KEPT = 256  # filled backgrounds that stay in memory with a task: about 50 MB of 256 x 256 pixels
_THUMB = 32  # pixels a side, for telling two pictures apart
_SAID = {BLUR: "blurred", MEAN_COLOUR: "painted over"}


def differs(a: np.ndarray, b: np.ndarray, where: np.ndarray) -> bool:
    """Whether two pictures, uint8 (h, w, 3), differ visibly in the pixels `where`, bool (h, w)."""
    return bool(where.any()) and float(np.abs(a[where].astype(np.int16) - b[where]).mean()) >= VISIBLE


def alike(a: Image.Image, b: Image.Image) -> bool:
    """Whether a person would take two whole pictures for the same one."""
    small = [np.asarray(picture.resize((_THUMB, _THUMB), Image.Resampling.BOX), dtype=np.int16) for picture in (a, b)]
    return float(np.abs(small[0] - small[1]).mean()) < VISIBLE / 2


class Backgrounds:
    """The object of one picture before the backgrounds of the task's other pictures with a mask.

    mask  bool (h, w) of the picture: True where the object is
    """

    def __init__(self, task: Task, picture: Image.Image, mask: np.ndarray):
        self.pixels, self.mask = np.asarray(picture), mask
        self.others, self.rows = task.instances("test"), list(task.masks.values())
        self.known: dict[tuple[int, tuple[int, int]], np.ndarray] = kept(task).setdefault("filled backgrounds", {})

    def drawn(self, rng: np.random.Generator) -> Iterator[tuple[Image.Image, int]]:
        """The picture with each other background that is visibly another one, in random order, and the row that it is of."""
        for row in rng.permutation(self.rows):
            background = self._of(int(row))
            if differs(background, self.pixels, ~self.mask):
                yield Image.fromarray(np.where(self.mask[:, :, None], self.pixels, background)), int(row)

    def _of(self, row: int) -> np.ndarray:
        """The background of a test picture, uint8 (h, w, 3), in the size of this one; its own object is filled in."""
        size = self.mask.shape[::-1]
        if (row, size) not in self.known:
            picture = self.others[row].convert("RGB").resize(size, Image.Resampling.LANCZOS)
            hidden = Image.fromarray(self.others.masks[row]).resize(size, Image.Resampling.NEAREST)  # type: ignore[attr-defined]
            made = filled(np.asarray(picture), np.asarray(hidden))
            if len(self.known) >= MOST_KEPT:
                return made
            self.known[row, size] = made
        return self.known[row, size]


def filled(pixels: np.ndarray, hole: np.ndarray) -> np.ndarray:
    """A picture, uint8 (h, w, 3), whose pixels in `hole`, bool (h, w), are those of another place at the same height, brought to the
    brightness of what is around the hole; where there is no such place, the nearest pixels."""
    from scipy.ndimage import binary_dilation, distance_transform_edt, gaussian_filter

    grown = binary_dilation(hole, iterations=max(1, min(hole.shape) // 64))  # with the object's soft edge
    if not grown.any() or grown.all():
        return pixels
    rows, columns = (np.flatnonzero(grown.any(axis=axis)) for axis in (1, 0))
    wide = int(columns[-1] - columns[0]) + 1
    moves = (lambda a: a[:, ::-1], lambda a: np.roll(a, wide, 1), lambda a: np.roll(a, -wide, 1))
    rest, sigma = grown.copy(), max(2.0, min(hole.shape) / 48)
    around = tuple(slice(max(0, int(at[0]) - MARGIN), int(at[-1]) + 1 + MARGIN) for at in (rows, columns))  # farther pixels hardly count
    out = pixels.astype(np.float32)
    for move in moves:
        other, there = move(pixels).astype(np.float32)[around], ~move(grown)[around]
        known = there & ~grown[around]
        use = there & rest[around]
        weight = gaussian_filter(known.astype(np.float32), sigma, truncate=REACH)[:, :, None]
        gap = gaussian_filter((pixels[around] - other) * known[:, :, None], (sigma, sigma, 0), truncate=REACH)
        out[around][use] = (other + gap / np.maximum(weight, TINY))[use]
        rest[around] &= ~use
    out = np.clip(out, 0, 255).astype(np.uint8)
    if rest.any():
        out = out[tuple(distance_transform_edt(rest, return_distances=False, return_indices=True))]
    return out


class Areas:
    """Some areas (superpixels) of one picture painted over in their mean colour, or blurred."""

    def __init__(self, task: Task, picture: Image.Image, segments: int = SEGMENTS):
        box = crop_box(task.model, picture.size)
        self.cut = {how: PictureParts.of(picture, box, SLIC, segments, how) for how in _SAID}
        parts = self.cut[BLUR]
        self.seen = {
            how: [i for i in range(len(parts)) if differs(cut.picture, cut.off, parts.labels == i)] for how, cut in self.cut.items()
        }

    def draw(self, most: int, rng: np.random.Generator) -> tuple[str, tuple[int, ...]] | None:
        """How, and which areas: their number is uniform in 1 to `most`. None where no area would visibly change."""
        hows = [how for how in _SAID if self.seen[how]]
        if not hows:
            return None
        how = hows[int(rng.integers(len(hows)))]
        free = self.seen[how]
        size = int(rng.integers(1, min(most, len(free)) + 1))
        return how, tuple(sorted(rng.permutation(free)[:size].tolist()))

    def instance(self, how: str, areas: tuple[int, ...]) -> Image.Image:
        keep = np.ones((1, len(self.cut[how])), dtype=bool)
        keep[0, list(areas)] = False
        return self.cut[how].switch_off(keep)[0]

    def told(self, how: str, areas: tuple[int, ...]) -> list[str]:
        return [f"{self.cut[how].names[area]} {_SAID[how]}" for area in areas]


def mask_of(task: Task, picture_sha256: str) -> Any:
    """bool (h, w): the exact place of the object of a test picture; None where the data has it not, or it is all or nothing."""
    row = task.masks.get(picture_sha256)
    if row is None:
        return None
    mask = task.instances("test").masks[row]  # type: ignore[attr-defined]
    return mask if mask.any() and not mask.all() else None
