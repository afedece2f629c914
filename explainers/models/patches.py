"""Pictures that differ from one picture in a rectangle each, as a method draws them.

A model that reads them as they are (`reads_patches`) may leave out what did not change; any other is handed pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, overload

import numpy as np
from PIL import Image

Box = tuple[int, int, int, int]  # left, top, right, bottom: pixels, right and bottom not included


@dataclass(frozen=True, eq=False)
class PatchedPictures(Sequence[Image.Image]):
    """Copies of a picture, each with one rectangle of another picture in it; made when they are looked at.

    picture, other  uint8 (h, w, 3)
    boxes           int (n, 4), a `Box` each
    memo            what a model keeps of the picture from one batch to the next, by its fingerprint; as long as there are copies
    """

    picture: np.ndarray
    other: np.ndarray
    boxes: np.ndarray
    memo: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.boxes)

    @overload
    def __getitem__(self, index: int) -> Image.Image: ...
    @overload
    def __getitem__(self, index: slice | np.ndarray) -> PatchedPictures: ...
    def __getitem__(self, index: int | slice | np.ndarray) -> Image.Image | PatchedPictures:
        """One picture, or some of them as they are drawn."""
        if not isinstance(index, int | np.integer):
            return PatchedPictures(self.picture, self.other, self.boxes[index], self.memo)
        left, top, right, bottom = self.boxes[index]
        pixels = self.picture.copy()
        pixels[top:bottom, left:right] = self.other[top:bottom, left:right]
        return Image.fromarray(pixels)
