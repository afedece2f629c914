"""The pictures of a task folder: a table that names files, read one by one when somebody looks at them."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, overload

import numpy as np
from PIL import Image

from .pictures import MAX_PIXELS, read_picture
from .taskdata import DataSpec, check_columns, excerpt, is_missing, labels_of, read_table, refuse_missing
from .tasks import Split

KEPT = 64  # decoded pictures that stay in memory: about 13 MB of 256 x 256 pixels
INSIDE = 0.5  # share of the full value above which a pixel of a mask belongs to the object


@dataclass(frozen=True)
class PictureFile:
    """A picture that a row of a table names. `where`: the cell, for sentences about it; `mask`: None where the row names none."""

    path: Path
    where: str
    mask: Path | None = None

    def read(self) -> Image.Image:
        """RGB, upright, at most 512 pixels on the longer side. Raises ValueError with one sentence."""
        try:
            return read_picture(self.path.read_bytes())
        except OSError as problem:
            raise ValueError(f"{self.where} names {self.path.name}, which cannot be read: {problem.strerror or problem}.") from None
        except ValueError as problem:
            raise ValueError(f"{self.where} names {self.path.name}. {problem}") from None

    def read_mask(self, size: tuple[int, int]) -> np.ndarray | None:
        """bool (height, width) for a picture of `size` = (width, height): True where the object is."""
        if self.mask is None:
            return None
        try:
            image: Image.Image = Image.open(io.BytesIO(self.mask.read_bytes()), formats=("PNG",))
            if image.width * image.height > MAX_PIXELS:
                raise ValueError("size")
            image = image.convert("L")
        except Exception:  # whatever a decoder raises on a damaged file
            raise ValueError(f"{self.where}: the mask {self.mask.name} cannot be read: save it as a PNG in shades of grey.") from None
        if abs(image.width / image.height - size[0] / size[1]) > 0.01:
            found, needed = f"{image.width} by {image.height}", f"{size[0]} by {size[1]}"
            raise ValueError(
                f"{self.where}: the mask {self.mask.name} has {found} pixels but its picture {needed}: give both the same size."
            )
        if image.size != size:  # the picture was reduced
            image = image.resize(size, Image.Resampling.BOX)
        return np.asarray(image) > 255 * INSIDE


@dataclass
class Pictures(Sequence[Image.Image]):
    """A list of RGB images of which only the last ones looked at are in memory. Safe to read from several threads."""

    files: Sequence[PictureFile]
    measured: Sequence[bool] | None = None  # the rows that stated accuracies are about, where task.toml names a column that says so
    groups: Sequence[frozenset[str]] = ()  # of each row, what it has in common with others: "animal: heron"; () where no column says so
    _kept: OrderedDict[int, Image.Image] = field(default_factory=OrderedDict, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def __len__(self) -> int:
        return len(self.files)

    @overload
    def __getitem__(self, index: int) -> Image.Image: ...
    @overload
    def __getitem__(self, index: slice) -> Pictures: ...
    def __getitem__(self, index: int | slice) -> Image.Image | Pictures:
        if isinstance(index, slice):
            return Pictures(self.files[index], self.measured and self.measured[index], self.groups[index])
        row = range(len(self.files))[index]  # negative ones from the end, IndexError beyond
        with self._lock:
            if row in self._kept:
                self._kept.move_to_end(row)
                return self._kept[row]
        picture = self.files[row].read()  # outside the lock: two threads may decode the same picture, neither waits
        with self._lock:
            self._kept[row] = picture
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return picture

    @property
    def masks(self) -> Masks:
        """The exact place of the object in each picture, where the data has it."""
        return Masks(self)


@dataclass(frozen=True)
class Masks(Sequence[Any]):
    """`masks[row]`: bool (height, width) of the picture of that row, or None."""

    pictures: Pictures

    def __len__(self) -> int:
        return len(self.pictures)

    @overload
    def __getitem__(self, index: int) -> np.ndarray | None: ...
    @overload
    def __getitem__(self, index: slice) -> Masks: ...
    def __getitem__(self, index: int | slice) -> np.ndarray | Masks | None:
        if isinstance(index, slice):
            return Masks(self.pictures[index])
        file = self.pictures.files[index]
        return None if file.mask is None else file.read_mask(self.pictures[index].size)

    def __iter__(self) -> Iterator[np.ndarray | None]:
        return (self[row] for row in range(len(self)))


def read_pictures(spec: DataSpec, name: str) -> Split:
    """One split of a picture task. Files are looked for now and decoded when somebody looks at them."""
    table = read_table(spec.files[name])
    check_columns(table, spec)
    images = table.column(spec.image)
    refuse_missing(table, spec.image, images)
    masks = table.column(spec.mask) if spec.mask else [None] * len(images)
    files = []
    for row, (image, mask) in enumerate(zip(images, masks, strict=True)):
        path = _file_inside(spec.folder, image, table.where(row, spec.image))
        hidden = None if is_missing(mask) else _file_inside(spec.folder, mask, table.where(row, spec.mask or ""))
        files.append(PictureFile(path, table.where(row, spec.image), hidden))
    measured = None if spec.measured is None else [str(cell).strip() in ("1", "True", "true") for cell in table.column(spec.measured)]
    named = [[f"{name}: {str(cell).strip()}" for cell in table.column(name)] for name in spec.groups]
    groups = [frozenset(names) for names in zip(*named, strict=True)]
    return Split(Pictures(files, measured, groups), labels_of(table, spec))


def _file_inside(folder: Path, name: Any, where: str) -> Path:
    """The file that a cell names, which must lie in the task's folder, links followed."""
    try:
        home = folder.resolve()
        place = (home / name).resolve()
        inside = not Path(name).is_absolute() and place.is_relative_to(home)
    except (TypeError, ValueError, OSError, RuntimeError):
        raise ValueError(f"{where} holds {excerpt(name)}, which is not the path of a file.") from None
    if not inside:
        raise ValueError(f"{where} names {excerpt(name)}, which lies outside the task's folder: move the picture into the folder.")
    if not place.is_file():
        raise ValueError(f"{where} names {excerpt(name)}, which is missing: add the picture, or correct its path.")
    return place
