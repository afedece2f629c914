"""The artifact: what a method returns, what a person is shown, what a study pins by hash.

Data only: no model and no drawing code. One class, `Explanation`, with a typed payload for each kind. The file form is JSON,
described by `explanation.schema.json` beside this file; reading it imports nothing that the file names and unpickles nothing.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
from PIL import Image

from . import pictures
from .jsonform import Pictured, canonical_json, packed, plain, plain_instance, told, unplain
from .payloads import PAYLOADS, Attribution, BoundaryPath, Composite, Condition, Example, Prototype, Prototypes, Rule, SetDifference, Step

__all__ = [
    "PAYLOADS", "SCHEMA_VERSION", "Attribution", "BoundaryPath", "Composite", "Condition", "Cost", "Example", "Explanation", "Prototype",
    "Prototypes", "Rule", "Score", "SetDifference", "Step", "canonical_json", "instance_sha256", "plain_instance", "schema",
]  # fmt: skip

SCHEMA_VERSION = 1
PICTURE_KEYS = {"width", "height", "webp"}
MOST_PARTS = 20  # of a composite in a file
SCHEMA_PATH = Path(__file__).with_name("explanation.schema.json")

_SURROGATE = re.compile("[\ud800-\udfff]")
STATUSES = ("complete", "partial", "not_found")


@dataclass(frozen=True)
class Score:
    """A number that says how far to believe an explanation.

    low, high    95 % interval, or None where the number is not sampled
    meaning      one sentence for a person
    least, most  ends of what the number can be; None where it has no end
    beside       what others reach on the same instance, by name ("random order": 0.41), so that a reader sees whether it beats noise
    curves       what the number is the area under, by name ("this map", "random order"): heights at even steps from 0 to 1
    """

    name: str
    value: float
    low: float | None
    high: float | None
    higher_is_better: bool
    meaning: str = ""
    least: float | None = None
    most: float | None = None
    beside: dict[str, float] = field(default_factory=dict)
    curves: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True)
class Cost:
    """What an explanation cost. A call is one distinct instance asked of the model; `calls_made` were not in the cache."""

    calls_asked: int = 0
    calls_made: int = 0
    seconds: float = 0.0


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
    sensitive: list[str] = field(default_factory=list)  # the instance's columns that the task's card asks to watch for unfair treatment
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
        object.__setattr__(self, "params", {k: plain(v) for k, v in self.params.items()})

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
        record = {"kind": self.kind, "schema_version": self.schema_version, **told(self)}
        record.pop("cost", None)
        return hashlib.sha256(canonical_json(record).encode()).hexdigest()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Explanation) and self.record() == other.record()

    def __hash__(self) -> int:
        return hash(self.digest)

    def record(self, pictured: Pictured = pictures.identity) -> dict[str, Any]:
        """Everything as JSON values; `pictured` writes pictures."""
        return {"kind": self.kind, **{f.name: plain(getattr(self, f.name), pictured) for f in fields(self)}}

    def to_json(self, indent: int | None = None) -> str:
        """The file form, valid against `schema()`. Not-a-number becomes null."""
        record = {**packed(self.record(pictures.encode)), "digest": self.digest}
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
        _check_parts(record)
        problem = jsonschema.exceptions.best_match(_validator().iter_errors(record))
        if problem is not None:
            where = "/".join(str(p) for p in problem.absolute_path) or "the top level"
            raise ValueError(f"This file is not a valid explanation: at {where}, {problem.message[:200]}.")
        kind, digest = record.pop("kind"), record.pop("digest", None)
        picture = None
        if record["modality"] == "image" and kind != SetDifference.kind:
            picture = record["instance"] = pictures.decode(record["instance"])
        payload = cls._payload(kind, record.pop("payload"), picture)
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

    @classmethod
    def _payload(cls, kind: str, record: dict[str, Any], picture: Image.Image | None) -> Any:
        """A payload from its valid record; `picture`: what is explained, if that is one."""
        if kind == Composite.kind:
            return Composite([cls._from_record(part) for part in record["parts"]])
        if kind == SetDifference.kind:
            for one in record.get("shown", []):
                if isinstance(one["instance"], dict) and set(one["instance"]) == PICTURE_KEYS:
                    one["instance"] = pictures.decode(one["instance"])
        payload_class = PAYLOADS[kind]
        values = unplain(record, picture)
        items = {name: [item(**one) for one in values[name]] for name, item in payload_class.ITEMS.items() if name in values}
        if picture is not None and any(isinstance(getattr(one, "instance", None), dict) for some in items.values() for one in some):
            raise ValueError("This file is not a valid explanation: a picture in it has not the form of one.")
        return payload_class(**{**values, **items})


def schema() -> dict[str, Any]:
    """The published JSON Schema of an explanation file."""
    return json.loads(SCHEMA_PATH.read_text(encoding="utf8"))


@cache
def _validator() -> Any:
    base = jsonschema.Draft202012Validator  # whose "integer" also takes 1.0, which is no index
    whole = base.TYPE_CHECKER.redefine("integer", lambda _, value: isinstance(value, int) and not isinstance(value, bool))
    return jsonschema.validators.extend(base, type_checker=whole)(schema())


def _check_parts(record: Any) -> None:
    """Refuse a composite inside another, and one of too many parts, before each level is held against the schema with all below it."""
    parts = record["payload"].get("parts") if isinstance(record, dict) and isinstance(record.get("payload"), dict) else None
    if not isinstance(parts, list):
        return
    if len(parts) > MOST_PARTS:
        raise ValueError(f"This file is not a valid explanation: it puts more than {MOST_PARTS} explanations together.")
    if any(isinstance(part, dict) and part.get("kind") == Composite.kind for part in parts):
        raise ValueError("This file is not a valid explanation: in it a composite is part of another composite.")


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(number)
    return value


def instance_sha256(instance: Any) -> str:
    """sha256 (hex) of an instance's displayable form."""
    return hashlib.sha256(canonical_json(plain_instance(instance)).encode()).hexdigest()
