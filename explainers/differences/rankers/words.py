"""Whether a text, or the caption of an item, holds the words of a description."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..items import Items
from ..stages import Proposal, Session

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def words_of(text: str) -> list[str]:
    """Lower-case words, "it's" is one."""
    return [word.lower().replace("’", "'") for word in WORD.findall(text)]


def texts_of(items: Items) -> Sequence[str] | None:
    """What can be read of each item: the texts themselves, or captions; None where there are none."""
    return items.items if items.modality == "text" else items.captions


def holds(text: str, phrase: Sequence[str]) -> bool:
    """Whether the words of a phrase stand in a text one after another."""
    plain = text.lower().replace("’", "'")
    if not all(word in plain for word in phrase):  # most texts: cutting them into words takes far longer
        return False
    words, k = words_of(text), len(phrase)
    return any(words[i : i + k] == list(phrase) for i in range(len(words) - k + 1))


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
