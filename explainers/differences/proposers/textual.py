"""For texts: measured ends that differ, and topics from a list, by how the texts' embeddings differ."""

from __future__ import annotations

import numpy as np

from ...models.sentences import sentence_encoder
from ..items import Items
from ..rankers.meaning import embedded
from ..rankers.textual import TextEnd, values
from ..stages import Proposal, Session
from .attributes import aurocs

MOST, LEAST = 6, 0.57
MOST_TOPICS, LEAST_TOPIC, LOOKED_AT = 4, 0.6, 200
TOPICS = (
    "sports", "politics", "war", "money and business", "computers and software", "science", "health and medicine", "food and cooking",
    "music", "films", "books", "religion", "family", "children", "love and romance", "comedy and humour", "horror", "crime", "violence",
    "history", "travel", "nature and animals", "school and education", "work and jobs", "advertising and offers", "mailing lists",
    "technical problems", "news", "law", "cars", "fashion", "art", "television", "games", "celebrities and actors", "animation",
    "documentary", "thriller and suspense", "drama", "science fiction", "sex", "death", "weather", "friendship", "security and passwords",
    "space", "cities", "internet and web sites", "holidays", "actors' performances", "the plot of a story", "special effects",
)  # fmt: skip


class TextProposer:
    """Ends of measures that are further out in A."""

    name = "text measures"

    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality == "text" else "Only texts have measures of how they are written."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        area = aurocs(values(a, session), values(b, session))
        ends = [TextEnd(i, 1 if x > 0.5 else -1) for i, x in enumerate(area)]
        score = np.maximum(area, 1 - area)
        order = [i for i in np.argsort(-score, kind="stable") if score[i] >= LEAST]
        return [Proposal(ends[i].says, self.name, ends[i]) for i in order[:MOST]]


class TopicProposer:
    """Topics whose names lie nearer to the texts of A, from a list."""

    name = "topics"

    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality == "text" else "Only texts have topics."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        some_a, some_b = a.drawn(LOOKED_AT, session.rng("topics A")), b.drawn(LOOKED_AT, session.rng("topics B"))
        names = session.line(sentence_encoder()).embed(list(TOPICS))
        rows_a, rows_b = embedded(some_a, session), embedded(some_b, session)
        if not len(names) or len(rows_a) < len(some_a) or len(rows_b) < len(some_b):
            return []
        area = aurocs(rows_a @ names.T, rows_b @ names.T)
        order = [i for i in np.argsort(-area, kind="stable") if area[i] >= LEAST_TOPIC]
        return [Proposal(f"about {TOPICS[i]}", self.name) for i in order[:MOST_TOPICS]]
