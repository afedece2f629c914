"""What a person can point at in a picture: superpixels of what the model sees, and how to switch them off.

Segmentation is scikit-image's, with the `lime` package's defaults (quickshift, kernel 4, distance 200, ratio 0.2) or SLIC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, overload

import numpy as np
from PIL import Image, ImageFilter

QUICKSHIFT, SLIC = "quickshift", "slic"
MEAN_COLOUR, BLUR, OTHER_PICTURE = "mean colour", "blur", "another picture"

OUTSIDE = -1
_KERNEL, _MAX_DISTANCE, _RATIO = 4, 200, 0.2  # the `lime` package's
_COMPACTNESS = 10  # of SLIC, scikit-image's default
_BLUR_SHARE = 1 / 16  # of the shorter side


def crop_box(model: Any, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """The part of a picture of `size` (width, height) that the model sees: left, top, right, bottom; all of it by default."""
    asked = getattr(model, "crop_box", None)
    return tuple(asked(size)) if asked is not None else (0, 0, *size)


def segment(seen: np.ndarray, how: str, segments: int) -> np.ndarray:
    """Part of each pixel, int (h, w), 0 up without gaps. `seen`: uint8 (h, w, 3). `segments`: about how many, for SLIC.

    The segmentation does not depend on the seed: two seeds of one explanation speak of the same parts.
    """
    from skimage.segmentation import quickshift, slic

    if how == SLIC:
        labels = slic(seen, n_segments=segments, compactness=_COMPACTNESS, start_label=0)
    else:
        labels = quickshift(seen, kernel_size=_KERNEL, max_dist=_MAX_DISTANCE, ratio=_RATIO, rng=0)
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


@dataclass(frozen=True, eq=False)
class PictureParts:
    """The parts of one picture.

    picture  uint8 (h, w, 3), all of it
    labels   int32 (h, w), the part of each pixel, OUTSIDE where the model does not look
    off      uint8 (h, w, 3), what stands for a part that is switched off
    """

    picture: np.ndarray
    labels: np.ndarray
    off: np.ndarray

    @classmethod
    def of(
        cls,
        picture: Image.Image,
        box: tuple[int, int, int, int],
        how: str = QUICKSHIFT,
        segments: int = 50,
        off: str = MEAN_COLOUR,
        other: Image.Image | None = None,
    ) -> PictureParts:
        """`box`: what the model sees. `other`: the picture behind this one, for OTHER_PICTURE."""
        pixels = np.asarray(picture)
        left, top, right, bottom = box
        labels = np.full(pixels.shape[:2], OUTSIDE, dtype=np.int32)
        labels[top:bottom, left:right] = segment(np.ascontiguousarray(pixels[top:bottom, left:right]), how, segments)
        return cls(pixels, labels, _switched_off(picture, labels, off, other))

    def __len__(self) -> int:
        return int(self.labels.max()) + 1

    @cached_property
    def features(self) -> list[str]:
        return [f"part {i}" for i in range(len(self))]

    @cached_property
    def names(self) -> list[str]:
        """ "part 3 (top left)": where the middle of the part lies in what the model sees."""
        rows, columns = np.nonzero(self.labels != OUTSIDE)
        top, left = rows.min(), columns.min()
        height, width = rows.max() - top + 1, columns.max() - left + 1
        part = self.labels[rows, columns]
        count = np.bincount(part, minlength=len(self))
        down = np.bincount(part, rows - top, minlength=len(self)) / count / height
        across = np.bincount(part, columns - left, minlength=len(self)) / count / width
        return [f"part {i} ({_place(x, y)})" for i, (x, y) in enumerate(zip(across, down, strict=True))]

    def switch_off(self, keep: np.ndarray) -> SwitchedPictures:
        """Pictures with only some parts left on. `keep`: bool (n, parts). Each is made when it is asked for, so that memory stays small."""
        return SwitchedPictures(self, np.asarray(keep, dtype=bool))


class SwitchedPictures(Sequence[Image.Image]):
    """Pictures that are made when they are looked at; a slice is a list of them."""

    def __init__(self, parts: PictureParts, keep: np.ndarray):
        self.parts = parts
        self.keep = keep
        # A pixel is one number here, and `_change` turns on into off where its bits are let through: five times faster than
        # choosing between three channels of either picture.
        self._on = _one_number(parts.picture)
        self._change = self._on ^ _one_number(parts.off)
        self._part = np.where(parts.labels == OUTSIDE, len(parts), parts.labels).astype(np.intp)

    def __len__(self) -> int:
        return len(self.keep)

    @overload
    def __getitem__(self, index: int) -> Image.Image: ...
    @overload
    def __getitem__(self, index: slice) -> list[Image.Image]: ...
    def __getitem__(self, index: int | slice) -> Image.Image | list[Image.Image]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        through = np.append(np.where(self.keep[index], 0, 0xFFFFFFFF), 0).astype(np.uint32)  # the last entry: OUTSIDE stays on
        pixels = self._on ^ (self._change & through.take(self._part))
        return Image.frombytes("RGB", pixels.shape[::-1], pixels.tobytes(), "raw", "RGBX")


def _one_number(pixels: np.ndarray) -> np.ndarray:
    """uint8 (h, w, 3) -> uint32 (h, w)."""
    padded = np.zeros((*pixels.shape[:2], 4), dtype=np.uint8)
    padded[:, :, :3] = pixels
    return padded.view(np.uint32)[:, :, 0]


def _switched_off(picture: Image.Image, labels: np.ndarray, off: str, other: Image.Image | None) -> np.ndarray:
    pixels = np.asarray(picture)
    if off == BLUR:
        return np.asarray(picture.filter(ImageFilter.GaussianBlur(min(picture.size) * _BLUR_SHARE)))
    if off == OTHER_PICTURE:
        if other is None:
            raise ValueError("There is no other picture to put behind this one: choose mean colour or blur.")
        return np.asarray(other.convert("RGB").resize(picture.size, Image.Resampling.LANCZOS))
    inside = labels != OUTSIDE
    count = np.bincount(labels[inside])
    means = np.stack([np.bincount(labels[inside], pixels[inside][:, c]) / count for c in range(3)], axis=1)
    out = pixels.copy()
    out[inside] = means.astype(np.uint8)[labels[inside]]  # cut to whole numbers, as the `lime` package does
    return out


def _place(across: float, down: float) -> str:
    """Where a point lies, shares of width and height, in words."""
    row = "top" if down < 1 / 3 else "bottom" if down > 2 / 3 else ""
    column = "left" if across < 1 / 3 else "right" if across > 2 / 3 else ""
    return " ".join(word for word in (row, column) if word) or "middle"
