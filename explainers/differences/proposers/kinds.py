"""What the words of captions are kinds of: "sparrow" and "robin" are birds, though neither may be frequent by itself."""

from __future__ import annotations

from collections import Counter

import numpy as np

from ..items import Items
from ..rankers.kinds import Kind, kinds_of
from ..stages import Proposal, Session
from .words import LEAST_ITEMS, LEAST_Z, log_odds

MOST = 8  # proposed


class KindProposer:
    name = "kinds of words"

    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality == "image" else "Only captions of pictures are looked up in the taxonomy."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        if a.captions is None or b.captions is None:
            return []
        count_a, count_b = (Counter(says for text in items.captions or [] for says in kinds_of(text)) for items in (a, b))
        kinds = [says for says in count_a if count_a[says] + count_b[says] >= LEAST_ITEMS]
        z = log_odds(np.array([count_a[k] for k in kinds]), np.array([count_b[k] for k in kinds]), len(a), len(b))
        order = sorted(range(len(kinds)), key=lambda i: (-z[i], kinds[i]))
        return [Proposal(kinds[i], self.name, Kind(kinds[i])) for i in order[:MOST] if z[i] > LEAST_Z]
