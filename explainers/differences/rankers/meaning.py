"""How near a text lies to a description in meaning: cosine of their MiniLM sentence embeddings.

A text that holds the very words fits better than any that does not: in a long text a phrase hardly moves the embedding.
"""

from __future__ import annotations

import numpy as np

from ...engine import CACHE, batch_keys
from ...models.sentences import sentence_encoder
from ..items import Items
from ..stages import Proposal, Session
from ..vectors import Vectors
from .words import holds, texts_of, words_of

CHUNK = 256  # texts between two looks at the clock
LITERAL = 2.0  # more than two cosines can differ by


class MeaningRanker:
    name = "meaning"
    sees = (
        "It sees what a text is about by MiniLM's sentence embeddings, texts that hold the very words first; "
        "it is weak on style, on tone and on what is denied."
    )

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "text" and proposal.test is None

    def cut(self, proposal: Proposal) -> float | None:
        return None  # cosines have no natural one

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        text = session.line(sentence_encoder()).embed([proposal.description])
        found = embedded(items, session)
        if not len(text) or not len(found):
            return np.empty(0)
        phrase = words_of(proposal.description)
        literal = np.array([holds(items.items[i], phrase) for i in range(len(found))])
        return found @ text[0] + LITERAL * literal


def embedded(items: Items, session: Session) -> np.ndarray:
    """Unit vectors of the texts or captions, (n, 384), each worked out once a run; shorter where a limit was met. The process remembers those
    of the last some ten thousand texts, in memory only, so that a run that was stopped, or another description, costs only what is new."""
    texts = texts_of(items)
    if texts is None:
        return np.empty((0, 0))
    keys = items.keys if items.modality == "text" else batch_keys(list(texts))
    known = session.kept.setdefault("sentence embeddings", {})
    line = session.line(sentence_encoder())
    remembered = f"embeddings {line.model.fingerprint}"
    new = [i for i, key in enumerate(keys) if key not in known]
    for i, row in zip(new, CACHE.get_many(remembered, [keys[i] for i in new]), strict=True):
        if row is not None:
            known[keys[i]] = np.frombuffer(row, dtype=np.float64).astype(np.float32)
    new = [i for i in new if keys[i] not in known]
    with Vectors.open(getattr(session.params, "cache", ""), line.model.fingerprint) as kept:
        known.update(kept.read([keys[i] for i in new]))
        new = [i for i in new if keys[i] not in known]
        for start in range(0, len(new), CHUNK):
            session.tell(start / len(new))
            some = new[start : start + CHUNK]
            rows = line.embed([texts[i] for i in some]).astype(np.float32)
            fresh = {keys[i]: row for i, row in zip(some, rows, strict=False)}
            known.update(fresh)
            kept.write(fresh)
            if fresh:
                CACHE.put_many(remembered, list(fresh), np.array(list(fresh.values())))
            if len(rows) < len(some):
                break
    out = []
    for key in keys:
        if key not in known:
            break
        out.append(known[key])
    return np.array(out) if out else np.empty((0, 0))
