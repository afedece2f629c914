"""Work of a build, kept in `folder/work/`: a build that was killed goes on where it was, and one of a changed design takes over what still holds.

Every record is written beside its place and then moved there, so a record is whole or is not there. It carries the key of what it was made
from; with another key it counts as not there.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

WORK = "work"


@dataclass
class Spent:
    """What the materials cost, in whichever run it was paid: by kind of work, of each input once.

    calls    distinct inputs asked of the model, cached or not: the same at every build
    seconds  of the explanations
    """

    calls: dict[str, dict[str, int]] = field(default_factory=dict)
    seconds: dict[str, dict[str, float]] = field(default_factory=dict)

    def add(self, kind: str, name: str, calls: int, seconds: float = 0.0) -> None:
        self.calls.setdefault(kind, {})[name] = calls
        self.seconds.setdefault(kind, {})[name] = seconds

    def calls_of_all(self) -> dict[str, int]:
        """By kind of work."""
        return {kind: sum(by_name.values()) for kind, by_name in sorted(self.calls.items())}

    def seconds_of_all(self) -> dict[str, float]:
        return {kind: sum(by_name.values()) for kind, by_name in sorted(self.seconds.items())}


@dataclass(frozen=True)
class Work:
    """Records by kind and name: `work/{kind}/{name}.json`."""

    folder: Path
    spent: Spent = field(default_factory=Spent)

    def get(self, kind: str, name: str, key: str) -> Any:
        """The record, or None."""
        try:
            record = json.loads((self.folder / WORK / kind / f"{name}.json").read_text(encoding="utf8"))
            return record["value"] if record["key"] == key else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def drop(self, kind: str, name: str) -> None:
        """As if it had never been made."""
        (self.folder / WORK / kind / f"{name}.json").unlink(missing_ok=True)

    def put(self, kind: str, name: str, key: str, value: Any) -> None:
        """value: JSON values."""
        place = self.folder / WORK / kind / f"{name}.json"
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(f".{name}.{os.getpid()}.part")
        part.write_text(json.dumps({"key": key, "value": value}, ensure_ascii=True), encoding="utf8")
        os.replace(part, place)


def key_of(*what: Any) -> str:
    """sha256 (hex) of JSON values."""
    return hashlib.sha256(json.dumps(what, sort_keys=True, ensure_ascii=True, default=str).encode()).hexdigest()
