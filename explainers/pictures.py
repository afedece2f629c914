"""Pictures at the door: reading a file from a stranger, and the form a picture has in an explanation's file.

A picture inside Foretell is a PIL image in RGB. Its identity is the sha256 of its size and its pixels.
"""

from __future__ import annotations

import base64
import hashlib
import io
import warnings
from typing import Any

from PIL import Image, ImageOps, UnidentifiedImageError

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_BYTES = 20_000_000
MAX_PIXELS = 50_000_000  # of a file; checked before anything is decoded
MAX_SIDE = 512  # pixels; a larger upload is reduced to it, so that a page with the picture and its map stays under 1 MB
MIN_SIDE = 16  # of an upload
_BEST_EFFORT = 6  # of lossless WebP: slower ones save little


def read_picture(data: bytes) -> Image.Image:
    """A JPEG, PNG or WebP file as RGB, turned upright (EXIF), at most MAX_SIDE pixels on its longer side.

    Raises ValueError with one sentence for whatever is wrong with the file. Nothing is decoded before its size is known.
    """
    if len(data) > MAX_BYTES:
        raise ValueError(f"The file has {len(data) / 1e6:.0f} MB: choose a picture of at most {MAX_BYTES / 1e6:.0f} MB.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # our own limit, below, is stricter
            picture = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError:
        raise ValueError(f"The picture is too large: choose one of at most {MAX_PIXELS // 1_000_000} megapixels.") from None
    except UnidentifiedImageError:
        raise ValueError("This is not a picture that can be read: choose a JPEG, PNG or WebP file.") from None
    except Exception:  # a broken header can fail anywhere in a decoder
        raise ValueError("The picture is damaged: choose another file, or save it anew.") from None
    width, height = picture.size
    if width * height > MAX_PIXELS:
        found = f"{width * height / 1e6:.0f} megapixels"
        raise ValueError(f"The picture has {found}: choose one of at most {MAX_PIXELS // 1_000_000} megapixels.")
    if min(width, height) < MIN_SIDE:
        raise ValueError(f"The picture is only {width} by {height} pixels: choose one of at least {MIN_SIDE} by {MIN_SIDE}.")
    try:
        picture.draft("RGB", (2 * MAX_SIDE, 2 * MAX_SIDE))  # a JPEG is decoded at a fraction of its size
        picture.load()
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        return checked_picture(upright)
    except Exception:
        raise ValueError("The picture is damaged: choose another file, or save it anew.") from None


def checked_picture(picture: Any) -> Image.Image:
    """An instance of a picture task, as RGB. What is transparent becomes white."""
    if not isinstance(picture, Image.Image):
        raise ValueError(f"This task reads pictures, not {type(picture).__name__}: give a PIL image.")
    if picture.width * picture.height > MAX_PIXELS:
        raise ValueError(f"The picture is too large: choose one of at most {MAX_PIXELS // 1_000_000} megapixels.")
    if picture.mode == "RGB":
        return picture
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        with_alpha = picture.convert("RGBA")
        white = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(white, with_alpha).convert("RGB")
    return picture.convert("RGB")


def identity(picture: Image.Image) -> dict[str, Any]:
    """What two equal pictures have in common, small enough to be hashed with the rest of an explanation."""
    return {"width": picture.width, "height": picture.height, "rgb_sha256": hashlib.sha256(picture.convert("RGB").tobytes()).hexdigest()}


def encode(picture: Image.Image) -> dict[str, Any]:
    """The picture for a JSON file: its size and a lossless WebP in base64."""
    file = io.BytesIO()
    picture.convert("RGB").save(file, "WEBP", lossless=True, method=_BEST_EFFORT, quality=60)
    return {"width": picture.width, "height": picture.height, "webp": base64.b64encode(file.getvalue()).decode()}


def decode(record: dict[str, Any]) -> Image.Image:
    """The picture that `encode` wrote. Raises ValueError when it is not one."""
    try:
        picture = Image.open(io.BytesIO(base64.b64decode(record["webp"], validate=True)), formats=("WEBP",))
        if picture.size != (record["width"], record["height"]) or picture.width * picture.height > MAX_PIXELS:
            raise ValueError("size")
        return picture.convert("RGB")
    except Exception:
        raise ValueError("This file is not a valid explanation: the picture in it cannot be read.") from None
