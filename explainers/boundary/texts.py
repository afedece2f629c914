"""Changes of a text: some of its words become similar ones (Hase and Bansal, ACL 2020, app. A).

Every noun, verb, adjective, adverb and preposition changes, independently, with probability 0.25 - min(0.005 * words, 0.15). What it
becomes is drawn among the 100 most similar words (similar_words.py) with weight similarity^(1 / 0.8). Each further attempt takes 10
more words into account, changes 0.05 more often and flattens the weights (+0.4 in place of 0.8).

One difference: the probability is at most `MOST_EXPECTED` / changeable words, so that a long text too has draws with few changes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..models.base import WindowedModel
from ..parts import POSITIONS, WORD, TextParts
from ..similar_words import NEAREST, changeable, draw_weights, in_case_of, similar_words
from ..tasks import Task
from . import Edits, ordered_unique

TEMPERATURE, WARMER = 0.8, 0.4
MORE_WORDS, MORE_OFTEN = 10, 0.05
MOST_EXPECTED = 3.0
MOST_COMBINED = 10


def change_probability(words: int, changeable_words: int, attempt: int = 0) -> float:
    """How likely each changeable word of a text changes."""
    paper = 0.25 - min(0.005 * words, 0.15)
    return min(1.0, min(paper, MOST_EXPECTED / max(changeable_words, 1)) + MORE_OFTEN * attempt)


class TextChanges:
    """Changes of a text by position: two occurrences of a word change independently.

    parts        each occurrence of a word, as far as the model reads the text
    open         index of the words that may change
    temperature  of the draw among similar words at the first attempt: the lower, the more similar
    """

    noun = "word"
    largest = MOST_COMBINED
    chunk = 256

    def __init__(self, task: Task, text: str, retries: int, temperature: float = TEMPERATURE):
        self.attempts = 1 + retries
        self.temperature = temperature
        self.text = text
        self.words = similar_words(task)
        model = task.model
        fits = model.fitting_prefix(text) if isinstance(model, WindowedModel) else len(text)
        self.unread = len(WORD.findall(text[fits:]))
        self.parts = TextParts.of(text[:fits], POSITIONS)
        self.at = [spans[0] for spans in self.parts.spans]
        self._times = Counter(self.parts.features)
        self._similar: dict[tuple[str, int], tuple[list[str], np.ndarray]] = {}
        self.open = [i for i, word in enumerate(self.parts.features) if changeable(word) and self._near(word, NEAREST)[0]]

    def _near(self, word: str, n: int) -> tuple[list[str], np.ndarray]:
        if (word, n) not in self._similar:
            self._similar[word, n] = self.words.similar(word, n)
        return self._similar[word, n]

    def draw(self, n: int, rng: np.random.Generator, attempt: int) -> list[Edits]:
        p = change_probability(len(self.parts), len(self.open), attempt)
        changed = rng.random((n, len(self.open))) < p
        level = rng.random((n, len(self.open)))
        rows: list[list[tuple[int, str]]] = [[] for _ in range(n)]
        for j, i in enumerate(self.open):
            word = self.parts.features[i]
            others, similarity = self._near(word, NEAREST + MORE_WORDS * attempt)
            edges = np.cumsum(draw_weights(similarity, self.temperature + WARMER * attempt))
            which = np.minimum(np.searchsorted(edges, level[:, j], side="right"), len(others) - 1)
            for row in np.flatnonzero(changed[:, j]):
                rows[row].append((i, in_case_of(word, others[which[row]])))
        return ordered_unique(rows)

    def batch(self, changes: Sequence[Edits]) -> list[str]:
        return [self.instance(edits) for edits in changes]

    def instance(self, edits: Edits) -> str:
        pieces, end = [], 0
        for i, word in edits:
            start, stop = self.at[i]
            pieces += [self.text[end:start], word]
            end = stop
        return "".join([*pieces, self.text[end:]])

    def told(self, edits: Edits) -> list[str]:
        return [f"{self._quoted(i)} → “{word}”" for i, word in edits]

    def _quoted(self, i: int) -> str:
        """ "great", or "great" (2nd) where it occurs more than once."""
        word = self.parts.features[i]
        return f"“{word}”{self.parts.names[i].removeprefix(word)}" if self._times[word] > 1 else f"“{word}”"

    def features(self, edits: Edits) -> list[str]:
        return [self.parts.features[i] for i, _ in edits]

    def spans(self, edits: Edits) -> list[list[int]]:
        spans, shift = [], 0
        for i, word in edits:
            start, stop = self.at[i]
            spans.append([start + shift, start + shift + len(word)])
            shift += len(word) - (stop - start)
        return spans
