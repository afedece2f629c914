"""Whether words are denied, missing or stand together in a text, or in the caption of an item: exact, by the rules of ../phrases.py."""

from __future__ import annotations

import numpy as np

from ..items import Items
from ..phrases import Affirmed, Both, Denied, Lacks, Phrase, parsed
from ..stages import Proposal, Session
from .words import texts_of


class PhraseRanker:
    name = "phrases"
    sees = "It sees whether these very words occur, together or with a “not” before them; irony and other ways to deny it does not see."

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality != "tabular" and _test(proposal, modality) is not None

    def cut(self, proposal: Proposal) -> float | None:
        return 0.5

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        test, texts = _test(proposal, items.modality), texts_of(items)
        assert test is not None
        return np.empty(0) if texts is None else np.array([test(text) for text in texts], dtype=float)


def _test(proposal: Proposal, modality: str) -> Phrase | None:
    """Of a text a person may write them too, but "no questions" and "without hope" may mean more than the words."""
    if isinstance(proposal.test, Denied | Affirmed | Lacks | Both):
        return proposal.test
    if proposal.test is not None or modality != "text":
        return None
    typed = parsed(proposal.description)
    return None if isinstance(typed, Denied) and typed.lead in ("no", "without") else typed
