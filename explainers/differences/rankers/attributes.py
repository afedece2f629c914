"""The measured value itself, for descriptions of measured attributes."""

from __future__ import annotations

import numpy as np

from ..items import Items
from ..sight import attributes, seen
from ..stages import Proposal, Session
from ..wording import Wording, worded


class AttributeRanker:
    name = "attributes"
    sees = "It measures light, colour, sharpness, frames and where the object is, and does not know what a picture shows."

    def means(self, proposal: Proposal) -> Wording | None:
        """What the words stand for, which order.py reads; None where it does not know them."""
        if proposal.test is None:
            return worded(proposal.description)
        return proposal.test if isinstance(proposal.test, Wording) else None

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "image" and self.means(proposal) is not None

    def cut(self, proposal: Proposal) -> float | None:
        w = self.means(proposal)
        return None if w is None or w.cut is None else w.sign * w.cut

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        w = self.means(proposal)
        assert w is not None  # it fits
        return w.sign * attributes(seen(items, session))[:, w.column]
