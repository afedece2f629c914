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
from PIL import Image

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
    if modality == "tabular":
        odd = next((i for i, row in enumerate(items) if row.keys() != items[0].keys()), None)
        if odd is not None:
            raise ValueError(f"Item {odd + 1} of set {side} has other columns than item 1: give every row the same, with None where empty.")
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
        given = given.rename(columns=str)
        twice = given.columns[given.columns.duplicated()]
        if len(twice):
            raise ValueError(f"Set {side} has two columns {twice[0]!r}: give each a name of its own.")
        given = given.to_dict("records")
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
    if any("\ud800" <= ch <= "\udfff" for ch in item):
        raise ValueError("the text holds half a character (a lone surrogate): read its file as UTF-8.")
    return item[:MOST_CHARACTERS]


def _row(item: Any) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise ValueError(f"this is {type(item).__name__}, not a row of columns and values.")
    for name, value in item.items():
        if isinstance(value, complex) or (
            np.ndim(value) if isinstance(value, np.ndarray) else isinstance(value, dict | list | tuple | set)
        ):
            raise ValueError(f"the column {str(name)[:60]!r} holds {type(value).__name__}: give one number, word or date a cell.")
    return {str(name): value for name, value in item.items()}


def _picture(item: Any) -> Image.Image:
    try:
        if isinstance(item, Image.Image):
            item.load()
        return checked_picture(item)
    except (OSError, SyntaxError, EOFError):  # what Pillow raises where a file ends too soon; it is read only now
        raise ValueError("the picture is damaged: leave it out, or save it anew.") from None
    except ValueError as problem:
        if "closed" in str(problem):
            raise ValueError("the picture's file was closed before it was read: call its load() first.") from None
        raise


_CHECKS = {"text": _text, "tabular": _row, "image": _picture}


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
    """(A, B) to propose on and (A, B) to test on. In paired mode a pair stays together, and with it all pairs that share an item."""
    if paired:
        first, second = _split_pairs(_shuffled(_pair_keys(a, b), seed))
        return (a.take(first), b.take(first)), (a.take(second), b.take(second))
    of_a, of_b = (_shuffled(_likeness(items), seed) for items in (a, b))
    shared = sorted(set(of_a) & set(of_b))
    shared = shared[: len(shared) // 2]  # an item of both sets: in the same half of either
    (a1, a2), (b1, b2) = _split(of_a, set(of_b), shared), _split(of_b, set(of_a), shared)
    return (a.take(a1), b.take(b1)), (a.take(a2), b.take(b2))


def _likeness(items: Items) -> list[bytes]:
    """Keys that are equal where two items are the same but for capitals and spaces."""
    if items.modality != "text":
        return items.keys
    return batch_keys([" ".join(text.casefold().split()) for text in items.items])


def _shuffled(keys: Sequence[bytes], seed: int) -> list[bytes]:
    return [hashlib.blake2b(key, digest_size=16, salt=str(seed).encode()[:16]).digest() for key in keys]


def _split(shuffled: list[bytes], other: set[bytes], shared: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of either half. Each half has half of the distinct items, in the order of their shuffled keys; `shared`: those of the other
    set's too that are in its first half."""
    distinct = set(shuffled)
    chosen = {*shared, *sorted(distinct - other)[: len(distinct) // 2 - len(shared)]}
    return _rows(shuffled, chosen)


def _split_pairs(shuffled: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """Rows of either half: whole groups of equal keys, at most half of the pairs in the first."""
    chosen: set[bytes] = set()
    left = len(shuffled) // 2
    for key, size in sorted(Counter(shuffled).items()):
        if size <= left:
            chosen.add(key)
            left -= size
    return _rows(shuffled, chosen)


def _rows(shuffled: list[bytes], chosen: set[bytes]) -> tuple[np.ndarray, np.ndarray]:
    order = np.array(sorted(range(len(shuffled)), key=lambda i: (shuffled[i], i)), dtype=int)
    first = np.array([shuffled[i] in chosen for i in order], dtype=bool)
    return order[first], order[~first]


def _pair_keys(a: Items, b: Items) -> list[bytes]:
    """Equal for pairs that share an item, through others too. Rows that read alike are not the same: each pair of rows stands alone."""
    if a.modality == "tabular":
        raw = zip(batch_keys(a.items), batch_keys(b.items), strict=True)
        return _told_apart([hashlib.blake2b(b"".join(sorted(pair)), digest_size=16).digest() for pair in raw])
    above: dict[bytes, bytes] = {}  # of each key a smaller one that it goes with

    def least(key: bytes) -> bytes:
        while key in above:
            key = above[key]
        return key

    of_a, of_b = _likeness(a), _likeness(b)
    for x, y in zip(of_a, of_b, strict=True):
        small, large = sorted((least(x), least(y)))
        if small != large:
            above[large] = small
    return [least(x) for x in of_a]
