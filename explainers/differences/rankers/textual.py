"""The measured value itself, for descriptions of how a text is written."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..items import Items
from ..stages import Proposal, Session
from ..textual import MEASURES, measured

# What a person may type for an end.
_TYPED = dict.fromkeys(("has a negation", "has negations", "contains a negation", "negations"), "says what is not (negations)")
_TYPED |= dict.fromkeys(("has no negation", "has no negations", "contains no negation", "no negations"), "without negations")


@dataclass(frozen=True)
class TextEnd:
    """One end of a measure: its column in MEASURES, and 1 for the high, -1 for the low end."""

    column: int
    sign: int

    @property
    def says(self) -> str:
        return MEASURES[self.column].high if self.sign > 0 else MEASURES[self.column].low


class TextRanker:
    name = "text measures"
    sees = "It measures length, marks, persons and the tone of words, and does not know what a text is about."

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "text" and _end(proposal) is not None

    def cut(self, proposal: Proposal) -> float | None:
        end = _end(proposal)
        assert end is not None
        cut = MEASURES[end.column].cut
        return None if cut is None else end.sign * cut

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        end = _end(proposal)
        assert end is not None
        return end.sign * values(items, session)[:, end.column]


def values(items: Items, session: Session) -> np.ndarray:
    """float (n, measures), worked out once a run for each text."""
    known = session.kept.setdefault("text measures", {})
    new = [i for i, key in enumerate(items.keys) if key not in known]
    for i, row in zip(new, measured([items.items[i] for i in new]), strict=True):
        known[items.keys[i]] = row
    return np.array([known[key] for key in items.keys]).reshape(len(items), len(MEASURES))


def _end(proposal: Proposal) -> TextEnd | None:
    if isinstance(proposal.test, TextEnd):
        return proposal.test
    said = proposal.description.casefold()
    said = _TYPED.get(said.partition(" (")[0], said)
    ends = (TextEnd(column, sign) for column in range(len(MEASURES)) for sign in (1, -1))
    return next((end for end in ends if proposal.test is None and end.says.casefold() == said), None)
