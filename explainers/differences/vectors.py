"""Embeddings on disk, where a caller names a folder: a run that was stopped, or killed, goes on where it was.

One SQLite file a folder; each write is a transaction, so that a kill loses at most one chunk. Keys are hashes: no text is stored.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

FILE = "embeddings.sqlite"
_AT_ONCE = 500  # keys in one question


@dataclass(frozen=True)
class Vectors:
    """`file`: None keeps nothing. `model`: fingerprint of what made the vectors."""

    file: sqlite3.Connection | None
    model: str

    @classmethod
    @contextmanager
    def open(cls, folder: str, model: str) -> Iterator[Vectors]:
        """Raises ValueError with the sentence a person is shown."""
        if not folder:
            yield cls(None, model)
            return
        try:
            Path(folder).mkdir(parents=True, exist_ok=True)
            file = sqlite3.connect(Path(folder) / FILE, timeout=30)
            file.execute("CREATE TABLE IF NOT EXISTS vectors (model TEXT, key BLOB, vector BLOB, PRIMARY KEY (model, key)) WITHOUT ROWID")
        except (OSError, sqlite3.Error) as problem:
            raise ValueError(f"Embeddings cannot be kept in {folder}: {problem}. Name another folder.") from None
        try:
            yield cls(file, model)
        finally:
            file.close()

    def read(self, keys: Sequence[bytes]) -> dict[bytes, np.ndarray]:
        """Those that are there, float32."""
        found: dict[bytes, np.ndarray] = {}
        if self.file is None:
            return found
        for start in range(0, len(keys), _AT_ONCE):
            some = list(keys[start : start + _AT_ONCE])
            marks = ",".join("?" * len(some))
            rows = self.file.execute(f"SELECT key, vector FROM vectors WHERE model = ? AND key IN ({marks})", [self.model, *some])
            found.update({bytes(key): np.frombuffer(vector, dtype="<f4") for key, vector in rows})
        return found

    def write(self, fresh: Mapping[bytes, np.ndarray]) -> None:
        """All or nothing."""
        if self.file is None or not fresh:
            return
        with self.file:
            rows = [(self.model, key, np.ascontiguousarray(v, dtype="<f4").tobytes()) for key, v in fresh.items()]
            self.file.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)
