"""The artifact: what a method returns, what a person is shown, what a study pins by hash.

Data only: no model and no drawing code. One class, `Explanation`, with a typed payload for each kind. The file form is JSON,
described by `explanation.schema.json` beside this file; reading it imports nothing that the file names and unpickles nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import numpy as np
from PIL import Image

from . import pictures

SCHEMA_VERSION = 1
SCHEMA_PATH = Path(__file__).with_name("explanation.schema.json")

_SURROGATE = re.compile("[\ud800-\udfff]")
STATUSES = ("complete", "partial", "not_found")


@dataclass(frozen=True)
class Score:
    """A number that says how far to believe an explanation.

    `low`, `high`: 95 % interval, or None where the number is not sampled. `meaning`: one sentence for a person.
    """

    name: str
    value: float
    low: float | None
    high: float | None
    higher_is_better: bool
    meaning: str = ""


@dataclass(frozen=True)
class Cost:
    """What an explanation cost. A call is one distinct instance asked of the model; `calls_made` were not in the cache."""

    calls_asked: int = 0
    calls_made: int = 0
    seconds: float = 0.0


@dataclass(frozen=True, eq=False)
class Attribution:
    """How much each part moved the model toward the target class. Kind "attribution".

    features   the chosen parts: exact column name, the word, or "part 3"; length k
    names      the same as shown to a person ("28 < age <= 37"); length k
    values     (k,), positive = toward the target; `unit` says of what
    low, high  (k,) ends of the 95 % interval, or None where nothing is sampled
    intercept  the surrogate's value with every part switched off
    positions  text: indices of the words that make up each part
    spans      text: [start, end) character offsets of the same words in the instance
    total      number of parts the instance has; the k shown were chosen among them
    samples    number of perturbed instances behind the numbers
    local_prediction  the surrogate's own value for the instance
    map        over pixels: (height, width) of the instance, 0 outside the model's crop
    segments   over pixels: (height, width), which part a pixel belongs to ("part 3" is 3), -1 outside the model's crop
    """

    kind: ClassVar[str] = "attribution"
    features: list[str]
    names: list[str]
    values: np.ndarray
    unit: str
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    intercept: float = 0.0
    positions: list[list[int]] | None = None
    spans: list[list[list[int]]] | None = None
    total: int = 0
    samples: int = 0
    local_prediction: float | None = None
    map: np.ndarray | None = None
    segments: np.ndarray | None = None

    def __post_init__(self) -> None:
        k = len(self.features)
        for name in ("values", "low", "high"):
            if getattr(self, name) is not None:
                numbers = np.asarray(getattr(self, name), dtype=np.float64)
                if numbers.ndim != 1 or not np.isfinite(numbers).all():
                    raise ValueError(f"An attribution's {name} must be a list of finite numbers.")
                object.__setattr__(self, name, numbers)
        for name in ("names", "values", "low", "high", "positions", "spans"):
            part = getattr(self, name)
            if part is not None and len(part) != k:
                raise ValueError(f"An attribution has {k} features but {len(part)} {name}.")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Attribution) and _plain(self) == _plain(other)


# kind -> payload class. A new kind adds its dataclass here and its definition to the schema.
PAYLOADS: dict[str, type] = {cls.kind: cls for cls in (Attribution,)}


@dataclass(frozen=True, eq=False)
class Explanation:
    """Why a model gave an answer, by one method, on one instance. See the module docstring and design.md, "The contract"."""

    method: str
    params: dict[str, Any]
    seed: int
    task: str
    modality: str  # "text" | "tabular" | "image" | "series"
    class_names: list[str]
    instance: Any  # displayable form: str for text, dict for a table's row, PIL image in RGB
    instance_sha256: str
    target: int
    prediction: np.ndarray  # (classes,)
    model_name: str
    model_fingerprint: str
    payload: Any
    quality: list[Score] = field(default_factory=list)
    caveats: list[str] = field(default_factory=list)
    status: str = "complete"
    reason: str = ""
    cost: Cost = field(default_factory=Cost)
    schema_version: int = SCHEMA_VERSION

    def __post_init__(self) -> None:
        if self.status not in STATUSES:
            raise ValueError(f"status must be one of {', '.join(STATUSES)}, not {self.status!r}.")
        object.__setattr__(self, "prediction", np.asarray(self.prediction, dtype=np.float64))
        if self.prediction.shape != (len(self.class_names),):
            raise ValueError(f"An explanation has {len(self.class_names)} class names but {self.prediction.size} probabilities.")
        if not 0 <= self.target < len(self.class_names):
            raise ValueError(f"The target {self.target} is not one of the explanation's {len(self.class_names)} classes.")
        pictured = isinstance(self.instance, Image.Image)
        object.__setattr__(self, "instance", self.instance.convert("RGB") if pictured else plain_instance(self.instance))
        object.__setattr__(self, "params", {k: _plain(v) for k, v in self.params.items()})

    @property
    def kind(self) -> str:
        return type(self.payload).kind

    @property
    def predicted(self) -> int:
        """Index of the model's answer."""
        return int(self.prediction.argmax())

    @property
    def digest(self) -> str:
        """sha256 (hex) of everything but cost: what a study pins."""
        record = {"kind": self.kind, "schema_version": self.schema_version, **_telling(self)}
        record.pop("cost", None)
        return hashlib.sha256(canonical_json(record).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Explanation) and self._record() == other._record()

    def __hash__(self) -> int:
        return hash(self.digest)

    def _record(self) -> dict[str, Any]:
        record = {f.name: _plain(getattr(self, f.name)) for f in fields(self)}
        return {"kind": self.kind, **record}

    def to_json(self, indent: int | None = None) -> str:
        """The file form, valid against `schema()`. Not-a-number becomes null."""
        record = {**_packed(self._record()), "digest": self.digest}
        if isinstance(self.instance, Image.Image):
            record["instance"] = pictures.encode(self.instance)
        text = json.dumps(record, ensure_ascii=False, indent=indent, allow_nan=False)
        # Half a surrogate pair, which JavaScript can make, has no UTF-8 form: then everything is escaped.
        return text if text.isascii() or not _SURROGATE.search(text) else json.dumps(record, indent=indent, allow_nan=False)

    @classmethod
    def from_json(cls, text: str | bytes) -> Explanation:
        """Read the file form. Raises ValueError with one sentence when it is not a valid explanation."""
        try:
            record = json.loads(text, parse_constant=_finite, parse_float=_finite)
        except (ValueError, RecursionError):
            raise ValueError("This file is not JSON: choose a file that was downloaded from Foretell.") from None
        try:
            return cls._from_record(record)
        except (RecursionError, TypeError, OverflowError):
            raise ValueError("This file is not a valid explanation: something in it has the wrong form.") from None

    @classmethod
    def _from_record(cls, record: Any) -> Explanation:
        version = record.get("schema_version") if isinstance(record, dict) else None
        if isinstance(version, int) and version > SCHEMA_VERSION:
            newer = f"(schema {str(version)[:20]}; this one reads up to {SCHEMA_VERSION})"
            raise ValueError(f"This explanation was written by a newer Foretell {newer}: update Foretell.")
        problem = jsonschema.exceptions.best_match(_validator().iter_errors(record))
        if problem is not None:
            where = "/".join(str(p) for p in problem.absolute_path) or "the top level"
            raise ValueError(f"This file is not a valid explanation: at {where}, {problem.message[:200]}.")
        payload_class = PAYLOADS[record.pop("kind")]
        digest = record.pop("digest", None)
        if record["modality"] == "image":
            record["instance"] = pictures.decode(record["instance"])
        payload = payload_class(**{k: _unplain(v) for k, v in record.pop("payload").items()})
        explanation = cls(
            payload=payload,
            prediction=np.array(record.pop("prediction"), dtype=np.float64),
            quality=[Score(**{**s, "value": math.nan if s["value"] is None else s["value"]}) for s in record.pop("quality")],
            cost=Cost(**record.pop("cost")),
            **record,
        )
        if digest is not None and digest != explanation.digest:
            raise ValueError("This explanation was changed after it was written (its digest does not match): download it again.")
        return explanation


def schema() -> dict[str, Any]:
    """The published JSON Schema of an explanation file."""
    return json.loads(SCHEMA_PATH.read_text(encoding="utf8"))


@cache
def _validator() -> Any:
    base = jsonschema.Draft202012Validator  # whose "integer" also takes 1.0, which is no index
    whole = base.TYPE_CHECKER.redefine("integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool))
    return jsonschema.validators.extend(base, type_checker=whole)(schema())


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(number)
    return value


def canonical_json(value: Any) -> str:
    """One text for one value: sorted keys, no spaces, ASCII. Floats keep every digit."""
    return json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)


def plain_instance(instance: Any) -> Any:
    """An instance as JSON values: str, or dict of str, int, float, bool, None. Of a picture, its size and the hash of its pixels."""
    if isinstance(instance, Mapping):
        return {str(k): _plain(v) for k, v in instance.items()}
    return _plain(instance)


def instance_sha256(instance: Any) -> str:
    """sha256 (hex) of an instance's displayable form."""
    return hashlib.sha256(canonical_json(plain_instance(instance)).encode()).hexdigest()


def _plain(value: Any) -> Any:
    """Anything in an explanation as JSON values. Arrays of two or more dimensions become base64 of float32, row by row."""
    if isinstance(value, Image.Image):
        return pictures.identity(value)
    if isinstance(value, np.ndarray):
        if value.ndim == 0:
            return _plain(value.item())
        if value.ndim == 1:
            return [_plain(v) for v in value.tolist()]
        data = np.ascontiguousarray(value, dtype="<f4")
        return {"shape": list(data.shape), "float32": base64.b64encode(data.tobytes()).decode()}
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, bool) or value is None or isinstance(value, str | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(k): _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    if hasattr(value, "__dataclass_fields__"):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    return str(value)


def _telling(value: Any) -> Any:
    """As `_plain`, without the fields that hold their default, so that a field added later (with a default that never changes) leaves
    the digests of older files as they are."""
    if isinstance(value, list):
        return [_telling(v) for v in value]
    if not hasattr(value, "__dataclass_fields__"):
        return _plain(value)
    told = {f.name: (_telling(getattr(value, f.name)), f) for f in fields(value)}
    defaults = {name: f.default if f.default_factory is MISSING else f.default_factory() for name, (_, f) in told.items()}
    return {name: plain for name, (plain, _) in told.items() if defaults[name] is MISSING or plain != _plain(defaults[name])}


def _packed(value: Any) -> Any:
    """A record with its larger arrays deflated: a map over superpixels is constant over long stretches."""
    if isinstance(value, dict) and set(value) == {"shape", "float32"}:
        deflated = base64.b64encode(zlib.compress(base64.b64decode(value["float32"]), 9)).decode()
        return {"shape": value["shape"], "deflated_float32": deflated} if len(deflated) < len(value["float32"]) else value
    if isinstance(value, dict):
        return {k: _packed(v) for k, v in value.items()}
    return value


def _inflated(record: dict[str, Any]) -> bytes:
    """The bytes of a packed array; never more than its shape asks for, whatever the file holds."""
    size = 4 * math.prod(record["shape"])
    if size > 4 * pictures.MAX_PIXELS:
        raise ValueError("shape")
    stream = zlib.decompressobj()
    return stream.decompress(base64.b64decode(record["deflated_float32"], validate=True), size + 1)


def _unplain(value: Any) -> Any:
    if isinstance(value, dict) and "shape" in value and len(value) == 2:
        try:
            data = _inflated(value) if "deflated_float32" in value else base64.b64decode(value["float32"], validate=True)
            return np.frombuffer(data, dtype="<f4").reshape(tuple(value["shape"]))
        except (KeyError, ValueError, OverflowError, zlib.error):
            raise ValueError("This file is not a valid explanation: the numbers of a map do not fit its shape.") from None
    return value
