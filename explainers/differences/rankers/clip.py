"""CLIP or SigLIP, where one is given: cosine similarity of picture and description, the paper's ranker (section 3.2)."""

from __future__ import annotations

import numpy as np

from ...models.image_text import image_text_model
from ..items import Items
from ..stages import Proposal, Session


class ClipRanker:
    name = "clip"
    sees = (
        "It compares the whole description with the whole picture, as a model trained on pictures and their captions does; "
        "it is weak at numbers and places."
    )

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "image" and bool(getattr(session.params, "image_text_model", ""))

    def cut(self, proposal: Proposal) -> float | None:
        return None  # cosines have no natural threshold

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        model = image_text_model(session.params.image_text_model)
        known: dict[bytes, np.ndarray] = session.kept.setdefault("clip", {})
        missing = list({key: i for i, key in enumerate(items.keys) if key not in known}.values())
        if missing:
            rows = session.line(model.pictures).embed([items.items[i] for i in missing])
            known |= {items.keys[i]: row for i, row in zip(missing, rows, strict=False)}
        texts: dict[str, np.ndarray] = session.kept.setdefault("clip texts", {})
        if proposal.description not in texts:
            rows = session.line(model.texts).embed([proposal.description])
            if not len(rows):
                return np.empty(0)
            texts[proposal.description] = rows[0]
        found = [known[key] for key in items.keys if key in known]
        return np.array(found) @ texts[proposal.description] if len(found) == len(items) else np.empty(0)
