"""Whether a text, or the caption of an item, holds the words of a description."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..items import Items
from ..phrases import holds, words_of
from ..stages import Proposal, Session

__all__ = ["WordRanker", "holds", "texts_of", "words_of"]


def texts_of(items: Items) -> Sequence[str] | None:
    """What can be read of each item: the texts themselves, or captions; None where there are none."""
    return items.items if items.modality == "text" else items.captions


@dataclass(frozen=True)
class WordRanker:
    """1 where the words of a description occur one after another, else 0.

    proposed  True: for descriptions whose proposer names the words (`test`, a tuple); False: for those typed by a person
    """

    proposed: bool
    name = "words"
    sees = "It sees whether these very words occur, and not what else might say the same."

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        if modality == "tabular":
            return False
        if not self.proposed:
            return proposal.test is None and bool(words_of(proposal.description))
        return isinstance(proposal.test, tuple) and all(isinstance(w, str) for w in proposal.test)

    def cut(self, proposal: Proposal) -> float | None:
        return 0.5

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        phrase = proposal.test or tuple(words_of(proposal.description))
        texts = texts_of(items)
        return np.empty(0) if texts is None else np.array([holds(text, phrase) for text in texts], dtype=float)
