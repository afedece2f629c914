"""How an instance may be changed on the way to another answer, one module for each modality, and the search that all share.

An edit is (part, what it becomes); a change of an instance is a tuple of edits, in the order of the parts, at most one a part. The
empty tuple is the instance itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

import numpy as np

Edit = tuple[int, Any]  # the second is hashable: a value, a word, a row
Edits = tuple[Edit, ...]


class Changes(Protocol):
    """The ways in which one instance may change.

    noun      what is counted when one speaks of edits: "word", "value", "part"
    largest   most edits that are put together where single ones do not suffice
    attempts  how often `draw` may be called, each time with bolder changes than before
    chunk     inputs that are made and asked about at once
    """

    noun: str
    largest: int
    attempts: int
    chunk: int

    def draw(self, n: int, rng: np.random.Generator, attempt: int) -> list[Edits]:
        """At most n changes, each once, none empty."""
        ...

    def batch(self, changes: Sequence[Edits]) -> Any:
        """The changed inputs as the model takes them."""
        ...

    def instance(self, edits: Edits) -> Any:
        """One changed input as a person opens it."""
        ...

    def told(self, edits: Edits) -> list[str]:
        """Each edit in a person's words: "age 28 → 45"."""
        ...

    def features(self, edits: Edits) -> list[str]:
        """Each changed part: column name, word of the original text, "part 3"."""
        ...

    def spans(self, edits: Edits) -> list[list[int]]:
        """Text: [start, end) character offsets of the changed words in the changed text; else none."""
        ...


def ordered(edits: Iterable[Any]) -> Edits:
    """Edits in the order of their parts."""
    return tuple(sorted(edits, key=lambda edit: edit[0]))


def ordered_unique(rows: Iterable[Iterable[Any]]) -> list[Edits]:
    """Drawn rows of edits as changes: each once, in the order drawn, without empty ones."""
    return [edits for edits in dict.fromkeys(ordered(row) for row in rows) if edits]
