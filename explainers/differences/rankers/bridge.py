"""A bridge from any text to ImageNet's classes, for want of CLIP: convex combination of semantic embeddings.

Norouzi et al., "Zero-Shot Learning by Convex Combination of Semantic Embeddings" (ConSE, ICLR 2014), with MiniLM as the text space: a picture
is the mean of the embeddings of its ten likeliest class names, weighted by their probabilities; the mean of all class names is taken away
from both, without which every text is close to "dog".
"""

from __future__ import annotations

import numpy as np

from ...models.sentences import SentenceEncoder, sentence_encoder
from ..items import Items
from ..sight import TEMPERATURE, seen, sight
from ..stages import Proposal, Session
from ..taxonomy import CLASSES

TOP = 10  # class names of a picture
_NAMES: dict[str, tuple[np.ndarray, np.ndarray]] = {}  # by the encoder: the class names' embeddings, read once a process


class BridgeRanker:
    name = "bridge"
    sees = (
        "A bridge, not CLIP: it compares the description with the names of the ten likeliest of 1,000 ImageNet classes, "
        "so it sees no colours, numbers, relations, faces or styles."
    )

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "image" and proposal.test is None

    def cut(self, proposal: Proposal) -> float | None:
        return None  # cosines are low where the classifier is unsure

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        encoder = sentence_encoder()
        names, mean = _names(encoder, session)
        text = session.line(encoder).embed([proposal.description])
        rows = seen(items, session)
        if not len(text) or not len(names) or not len(rows):
            return np.empty(0)
        if "bridge" not in session.kept:
            session.kept["bridge"] = {}
        known: dict[bytes, np.ndarray] = session.kept["bridge"]
        for key, row in zip(items.keys, rows, strict=False):
            if key not in known:
                shares = row[:CLASSES] ** TEMPERATURE
                top = np.argpartition(-shares, TOP)[:TOP]
                known[key] = _unit(shares[top] @ names[top] / shares[top].sum())
        return np.array([known[key] for key in items.keys[: len(rows)]]) @ _unit(text[0] - mean)


def _names(encoder: SentenceEncoder, session: Session) -> tuple[np.ndarray, np.ndarray]:
    """Embeddings of the class names without their mean, unit length, (1000, 384); and that mean. Empty where a limit was met."""
    if encoder.fingerprint not in _NAMES:
        rows = session.line(encoder).embed(sight().class_names)
        if len(rows) < CLASSES:
            return np.empty((0, 0)), np.empty(0)
        mean = rows.mean(0)
        _NAMES[encoder.fingerprint] = _unit(rows - mean), mean
    return _NAMES[encoder.fingerprint]


def _unit(x: np.ndarray) -> np.ndarray:
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)
