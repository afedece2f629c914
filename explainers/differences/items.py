"""Two sets of items, checked at the door, and their halves: what is proposed on one half is tested on the other.

The halves depend on the seed and on what the items are, not on their order or on which set is called A: equal items always fall into the
same half, so that no proposer sees an item that its description is then tested on.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..engine import batch_keys
from ..pictures import checked_picture

LEAST = 4  # items of a set: with fewer nothing could be found on half of them
MODALITIES = ("text", "tabular", "image")
MOST_CHARACTERS = 20_000  # of a text


@dataclass(frozen=True, eq=False)
class Items:
    """Some items of one set.

    side      "A" or "B"
    items     texts, rows (dict of column to value), or PIL images in RGB
    keys      what each item is, 16 bytes; equal items have equal keys
    places    int (n,), the place of each in the set as given
    captions  a text for each item, where there are any
    """

    side: str
    modality: str
    items: Sequence[Any]
    keys: list[bytes]
    places: np.ndarray
    captions: list[str] | None = None

    def __len__(self) -> int:
        return len(self.items)

    def take(self, rows: np.ndarray) -> Items:
        """Some of them, in the order of `rows`."""
        captions = None if self.captions is None else [self.captions[i] for i in rows]
        return Items(self.side, self.modality, [self.items[i] for i in rows], [self.keys[i] for i in rows], self.places[rows], captions)

    def drawn(self, n: int, rng: np.random.Generator) -> Items:
        """At most `n` of them, at random without repetition."""
        return self if n >= len(self) else self.take(np.sort(rng.choice(len(self), n, replace=False)))


def checked(side: str, given: Any, modality: str, captions: Sequence[str] | None = None) -> Items:
    """A set as it was given. Raises ValueError with the sentence a person is shown."""
    if modality not in MODALITIES:
        raise ValueError(f"modality must be one of {', '.join(MODALITIES)}, not {modality!r}.")
    items = _listed(side, given, modality)
    if len(items) < LEAST:
        raise ValueError(f"Set {side} has {len(items)} {'item' if len(items) == 1 else 'items'}: give at least {LEAST}, better 30 or more.")
    if captions is not None and (isinstance(captions, str) or len(captions) != len(items) or not all(isinstance(c, str) for c in captions)):
        raise ValueError(f"Set {side} has {len(items)} items: give one caption, a text, for each of them.")
    keys = batch_keys(items)
    if modality == "tabular":  # rows that read alike are still different people or things
        keys = _told_apart(keys)
    return Items(side, modality, items, keys, np.arange(len(items)), None if captions is None else list(captions))


def _told_apart(keys: list[bytes]) -> list[bytes]:
    """Equal keys made different by how many came before."""
    seen: Counter[bytes] = Counter()
    out = []
    for key in keys:
        out.append(hashlib.blake2b(key, digest_size=16, salt=str(seen[key]).encode()).digest())
        seen[key] += 1
    return out


def _listed(side: str, given: Any, modality: str) -> list[Any]:
    if modality == "tabular" and hasattr(given, "to_dict") and hasattr(given, "columns"):
        given = given.rename(columns=str).to_dict("records")
    if isinstance(given, str | bytes | dict) or not hasattr(given, "__iter__"):
        raise ValueError(f"Set {side} must be a list of items, not {type(given).__name__}.")
    out = []
    for number, item in enumerate(given, start=1):
        try:
            out.append(_CHECKS[modality](item))
        except ValueError as problem:
            raise ValueError(f"Item {number} of set {side}: {problem}") from None
    return out


def _text(item: Any) -> str:
    if not isinstance(item, str):
        raise ValueError(f"this is {type(item).__name__}, not a text.")
    if not item.strip():
        raise ValueError("the text is empty: leave it out, or type at least one word.")
    return item[:MOST_CHARACTERS]


def _row(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ValueError(f"this is {type(item).__name__}, not a row of columns and values.")
    return {str(name): value for name, value in item.items()}


_CHECKS = {"text": _text, "tabular": _row, "image": checked_picture}


def check_pair(a: Items, b: Items, paired: bool) -> None:
    """Whether two sets can be held against each other at all."""
    if paired and len(a) != len(b):
        raise ValueError(
            f"Pairs need equally many items, but A has {len(a):,} and B {len(b):,}: give both the same number in the same order, "
            "or turn pairs off."
        )
    if sorted(a.keys) == sorted(b.keys):
        raise ValueError("The two sets are identical: there is no difference to describe.")
    if a.modality == "tabular":
        odd = set(a.items[0]) ^ set(b.items[0])
        if odd:
            raise ValueError(f"The column {sorted(odd)[0]!r} is in one of the sets only: give both the same columns.")


def halves(a: Items, b: Items, seed: int, paired: bool) -> tuple[tuple[Items, Items], tuple[Items, Items]]:
    """(A, B) to propose on and (A, B) to test on. In paired mode a pair stays together."""
    if paired:
        together = [bytes(x ^ y for x, y in zip(p, q, strict=True)) for p, q in zip(a.keys, b.keys, strict=True)]
        first, second = _split(together, seed)
        return (a.take(first), b.take(first)), (a.take(second), b.take(second))
    (a1, a2), (b1, b2) = _split(a.keys, seed), _split(b.keys, seed)
    return (a.take(a1), b.take(b1)), (a.take(a2), b.take(b2))


def _split(keys: list[bytes], seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Rows of either half. Each half has half of the distinct items, in the order of their shuffled keys."""
    shuffled = [hashlib.blake2b(key, digest_size=16, salt=str(seed).encode()[:16]).digest() for key in keys]
    middle = sorted(set(shuffled))[len(set(shuffled)) // 2]
    order = np.array(sorted(range(len(keys)), key=lambda i: (shuffled[i], i)), dtype=int)
    first = np.array([shuffled[i] < middle for i in order], dtype=bool)
    return order[first], order[~first]
