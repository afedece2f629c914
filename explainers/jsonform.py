"""Anything in an explanation as JSON values, and back. Nothing is imported that a file names, nothing is unpickled."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from . import pictures

Pictured = Callable[[Image.Image], Any]

MOST_NUMBERS = 1_000_000  # of an array in a file that is not over the pixels of a picture


def plain(value: Any, pictured: Pictured = pictures.identity) -> Any:
    """`value` as JSON values. Arrays of two or more dimensions become base64 of float32, row by row; `pictured` writes pictures."""
    if isinstance(value, Image.Image):
        return pictured(value)
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return plain(value.item())
        if value.ndim == 1:
            return [plain(v) for v in value.tolist()]
        data = np.ascontiguousarray(value, dtype="<f4")
        return {"shape": list(data.shape), "float32": base64.b64encode(data.tobytes()).decode()}
    if isinstance(value, np.generic):
        value = value.item()
    if value is pd.NA or value is pd.NaT:
        return None
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): plain(v, pictured) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v, pictured) for v in value]
    if hasattr(value, "record"):  # an explanation inside another
        return value.record(pictured)
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: plain(getattr(value, f.name), pictured) for f in fields(value)}
    return str(value)


def plain_instance(instance: Any) -> Any:
    """An instance as JSON values: str, or dict of str, int, float, bool, None. Of a picture, its size and the hash of its pixels."""
    if isinstance(instance, Mapping):
        return {str(k): plain(v) for k, v in instance.items()}
    return plain(instance)


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, ASCII. Floats keep every digit."""
    return json.dumps(plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def telling(value: Any) -> Any:
    """As `plain`, without the fields that hold their default, so that a field added later (with a default that never changes) leaves
    the digests of older files as they are. An explanation inside another counts by its digest."""
    if isinstance(value, list):
        return [telling(v) for v in value]
    if hasattr(type(value), "digest"):  # of the type: asked of the value, it would be worked out twice at every level
        return value.digest
    return told(value) if hasattr(value, "__dataclass_fields__") else plain(value)


def told(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that `telling` keeps."""
    kept = {f.name: (telling(getattr(value, f.name)), f) for f in fields(value)}
    defaults = {name: f.default if f.default_factory is MISSING else f.default_factory() for name, (_, f) in kept.items()}
    return {name: said for name, (said, _) in kept.items() if defaults[name] is MISSING or said != plain(defaults[name])}


def packed(value: Any) -> Any:
    """A record with its larger arrays deflated: a map over superpixels is constant over long stretches."""
    if isinstance(value, dict) and set(value) == {"shape", "float32"}:
        deflated = base64.b64encode(zlib.compress(base64.b64decode(value["float32"]), 9)).decode()
        return {"shape": value["shape"], "deflated_float32": deflated} if len(deflated) < len(value["float32"]) else value
    if isinstance(value, dict):
        return {k: packed(v) for k, v in value.items()}
    return [packed(v) for v in value] if isinstance(value, list) else value


def unplain(value: Any, picture: Image.Image | None = None) -> Any:
    """Arrays back from their packed form, and pictures; lists and objects through and through.

    picture: what a file about a picture explains; its arrays have the picture's height and width. None: pictures stay as they are.
    """
    if isinstance(value, dict):
        if len(value) == 2 and isinstance(value.get("shape"), list) and ("float32" in value or "deflated_float32" in value):
            return _array(value, picture)
        if picture is not None and set(value) == {"width", "height", "webp"}:
            return pictures.decode(value)
        return {k: unplain(v, picture) for k, v in value.items()}
    return [unplain(v, picture) for v in value] if isinstance(value, list) and value and isinstance(value[0], dict) else value


def _array(record: dict[str, Any], picture: Image.Image | None) -> np.ndarray:
    """An array of a file. Its shape is judged before anything is unpacked, so that a small file cannot ask for much memory."""
    try:
        shape = record["shape"]
        if picture is not None and shape != [picture.height, picture.width]:
            raise ValueError("This file is not a valid explanation: a map in it has not the height and width of its picture.")
        if picture is None and math.prod(shape) > MOST_NUMBERS:
            raise ValueError(f"This file is not a valid explanation: a map in it has more than {MOST_NUMBERS:,} numbers.")
    except TypeError:
        raise ValueError("This file is not a valid explanation: the shape of a map is not one.") from None
    try:
        data = _inflated(record) if "deflated_float32" in record else base64.b64decode(record["float32"], validate=True)
        return np.frombuffer(data, dtype="<f4").reshape(tuple(shape))
    except (KeyError, TypeError, ValueError, OverflowError, zlib.error):
        raise ValueError("This file is not a valid explanation: the numbers of a map do not fit its shape.") from None


def _inflated(record: dict[str, Any]) -> bytes:
    """The bytes of a packed array; never more than its shape asks for, whatever the file holds."""
    size = 4 * math.prod(record["shape"])
    stream = zlib.decompressobj()
    return stream.decompress(base64.b64decode(record["deflated_float32"], validate=True), size + 1)
