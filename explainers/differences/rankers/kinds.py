"""Whether a caption holds a word for a kind of the thing described, by WordNet."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from ..items import Items
from ..stages import Proposal, Session
from ..taxonomy import bare, taxonomy
from .words import words_of


@dataclass(frozen=True)
class Kind:
    """says: a wording of the taxonomy's `kinds`, "a bird"."""

    says: str


def kinds_of(caption: str) -> frozenset[str]:
    """Every kind that a word of the caption is, or names."""
    return frozenset(says for word in words_of(caption) for says in _kinds_of_word(word))


@lru_cache(maxsize=20_000)
def _kinds_of_word(word: str) -> tuple[str, ...]:
    named = [says for says in taxonomy().kinds if bare(says) in (word, word.removesuffix("s"))]
    return tuple(dict.fromkeys([*taxonomy().parents(word), *named]))


class KindRanker:
    name = "kinds of words"
    sees = "It sees whether a word of the caption is a kind of the thing, by WordNet, whatever the picture shows."

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "image" and isinstance(proposal.test, Kind)

    def cut(self, proposal: Proposal) -> float | None:
        return 0.5

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        return np.array([proposal.test.says in kinds_of(caption) for caption in items.captions or [""] * len(items)], dtype=float)
