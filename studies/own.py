"""Explanations that a researcher made with a tool of her own: a folder with one file an input.

Either Explanations in the published JSON (any file name; each says by `instance_sha256` what it explains), or pictures named
`{sha256 of the input}.png`. `studies.candidates(design, folder)` writes the inputs with their sha256.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

import explainers
from explainers import Explanation

from .selection import Candidate

MOST_FILES, MOST_BYTES = 20_000, 20_000_000  # files of a folder, bytes of one
MOST_PIXELS, MOST_SIDE = 25_000_000, 1_200  # of a picture as given; of a side as shown
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Own:
    """files: sha256 of an input -> the file that explains it."""

    arm: str
    files: dict[str, Path]

    @classmethod
    def read(cls, arm: str, folder: str | Path) -> Own:
        """Looks at every file once. Raises ValueError with one sentence for one that cannot be read."""
        files: dict[str, Path] = {}
        for path in _files(arm, Path(folder)):
            if path.suffix.lower() == ".png":
                sha256 = path.stem.lower()
                if not _SHA.fullmatch(sha256):
                    raise ValueError(
                        f"The picture {path.name} of the arm {arm} is not named by the sha256 of an input: studies.candidates lists them."
                    )
            else:
                sha256 = _explanation(arm, path).instance_sha256
            if sha256 in files:
                raise ValueError(f"Two files of the arm {arm} explain the same input, {files[sha256].name} and {path.name}: remove one.")
            files[sha256] = path
        return cls(arm, files)

    def of(self, task: explainers.Task, one: Candidate) -> Explanation | bytes | None:
        """What explains an input, a picture as PNG bytes; None where nothing does. Raises ValueError with one sentence."""
        path = self.files.get(one.sha256)
        if path is None:
            return None
        if path.suffix.lower() == ".png":
            return _picture(self.arm, path)
        e = _explanation(self.arm, path)
        where = f"{path.name} of the arm {self.arm}"
        if e.model_fingerprint != task.model.fingerprint:
            raise ValueError(
                f"{where} explains another model than {task.model_name}, or another state of it: make it again with this model."
            )
        if e.target != one.output or e.predicted != one.output:
            raise ValueError(
                f"{where} explains class {e.target}, but the model answers class {one.output} there: explain the class that it answers."
            )
        if task.modality != "image" and explainers.instance_sha256(e.instance) != one.sha256:
            raise ValueError(f"{where} shows another input than its instance_sha256 says: make it again.")
        return e


def _files(arm: str, folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise ValueError(f"The folder {folder} of the arm {arm} does not exist: correct own in the design.")
    paths = sorted(p for p in folder.iterdir() if p.suffix.lower() in (".json", ".png") and not p.is_symlink())
    if not paths or len(paths) > MOST_FILES:
        say = "has no .json or .png file" if not paths else f"has more than {MOST_FILES:,} files"
        raise ValueError(f"The folder {folder} of the arm {arm} {say}: give one explanation for each input.")
    for path in paths:
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"{path.name} of the arm {arm} is larger than 20 MB: make it smaller.")
        yield path


def _explanation(arm: str, path: Path) -> Explanation:
    try:
        return Explanation.from_json(path.read_bytes())
    except ValueError as problem:
        raise ValueError(f"{path.name} of the arm {arm}: {problem}") from None


def _picture(arm: str, path: Path) -> bytes:
    """Written anew from its pixels alone, so that nothing else that was in the file reaches a participant."""
    try:
        image: Image.Image = Image.open(io.BytesIO(path.read_bytes()), formats=("PNG",))
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("size")
        image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
        image.thumbnail((MOST_SIDE, MOST_SIDE))
    except Exception:  # whatever a decoder raises on a damaged file
        raise ValueError(
            f"The picture {path.name} of the arm {arm} cannot be read: save it as a PNG of at most {MOST_PIXELS // 1_000_000} megapixels."
        ) from None
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    out = io.BytesIO()
    clean.save(out, "PNG")
    return out.getvalue()
