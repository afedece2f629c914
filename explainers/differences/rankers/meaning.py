"""How near a text, or a caption, lies to a description in meaning: cosine of their MiniLM sentence embeddings."""

from __future__ import annotations

import numpy as np

from ...models.sentences import sentence_encoder
from ..items import Items
from ..stages import Proposal, Session
from ..vectors import Vectors
from .words import texts_of

CHUNK = 256  # texts between two looks at the clock


class MeaningRanker:
    name = "meaning"
    sees = "It sees what a text is about by MiniLM's sentence embeddings; it is weak on style, on tone and on what is denied."

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "text" and proposal.test is None

    def cut(self, proposal: Proposal) -> float | None:
        return None  # cosines have no natural one

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        text = session.line(sentence_encoder()).embed([proposal.description])
        found = embedded(items, session)
        return found @ text[0] if len(text) and len(found) else np.empty(0)


def embedded(items: Items, session: Session) -> np.ndarray:
    """Unit vectors of the texts or captions, (n, 384), each worked out once a run; shorter where a limit was met."""
    texts = texts_of(items)
    if texts is None:
        return np.empty((0, 0))
    known = session.kept.setdefault("sentence embeddings", {})
    line = session.line(sentence_encoder())
    new = [i for i, key in enumerate(items.keys) if key not in known]
    folder = getattr(session.params, "cache", "")
    with Vectors.open(folder, line.model.fingerprint) as kept:
        known.update(kept.read([items.keys[i] for i in new]))
        new = [i for i in new if items.keys[i] not in known]
        for start in range(0, len(new), CHUNK):
            session.tell(start / len(new))
            some = new[start : start + CHUNK]
            rows = line.embed([texts[i] for i in some]).astype(np.float32)
            fresh = {items.keys[i]: row for i, row in zip(some, rows, strict=False)}
            known.update(fresh)
            kept.write(fresh)
            if len(rows) < len(some):
                break
    out = []
    for key in items.keys:
        if key not in known:
            break
        out.append(known[key])
    return np.array(out) if out else np.empty((0, 0))
