"""Denied words, words that only the other set has, and pairs of words that stand together, where they are more frequent in A.

All by log odds (words.py) on the proposing half. Of the thousands of pairs some differ by chance there: a few are proposed, and only those
that differ more than either of their words alone; what chance made goes on the other half, where each counts as one more test.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from ..items import Items
from ..phrases import LEADS, Affirmed, Both, Denied, Lacks, affirmed, denials, is_negator
from ..rankers.words import texts_of, words_of
from ..stages import Proposal, Session
from .words import EMPTY, LEAST_ITEMS, log_odds, phrases

MOST_DENIED, MOST_AFFIRMED, MOST_MISSING, MOST_PAIRS = 3, 2, 3, 3
LEAST_DENIED_Z, LEAST_MISSING_Z, LEAST_PAIR_Z = 2.0, 3.0, 3.0
BEYOND = 1.0  # z by which a pair, a word that is not denied, must exceed the word alone
MISSING = 0.25  # by which the share of B that has a word must exceed that of A for its absence to be proposed
USUAL = 0.9  # of a word's denials that must be written alike for the description to be written so
VOCABULARY, LEAST_SHARE, TOGETHER = 150, 0.05, 0.8  # words for pairs; share of A that must have both; of which side by side it is a phrase


class _OfTexts:
    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality in ("text", "image") else "Tables have no words: conditions on their columns are proposed instead."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        first, second = texts_of(a), texts_of(b)
        return [] if first is None or second is None else self.proposals(first, second)

    def proposals(self, a: Sequence[str], b: Sequence[str]) -> list[Proposal]:
        raise NotImplementedError


class DenialProposer(_OfTexts):
    """ "not good" where A denies what B does not; "good, not denied" where it is the other way round."""

    name = "denials"

    def proposals(self, a: Sequence[str], b: Sequence[str]) -> list[Proposal]:
        denied = _scored(a, b, denials)
        leads = Counter((word, lead) for text in a for word, lead in denials(text).items())
        found = [Denied(w, _lead(w, leads)) for w in _best(denied) if denied[w] > LEAST_DENIED_Z][:MOST_DENIED]
        plain, alone = _scored(a, b, lambda text: set(words_of(text))), _scored(a, b, affirmed)
        beyond = [w for w in _best(alone) if alone[w] > max(LEAST_DENIED_Z, plain.get(w, 0.0) + BEYOND)]
        tests: list[Denied | Affirmed] = [*found, *map(Affirmed, beyond[:MOST_AFFIRMED])]
        return [Proposal(test.says, self.name, test) for test in tests]


class MissingProposer(_OfTexts):
    """ "without the words ‘blue umbrella’" where many texts of B have them and few of A."""

    name = "missing words"

    def proposals(self, a: Sequence[str], b: Sequence[str]) -> list[Proposal]:
        return [
            Proposal(test.says, self.name, test)
            for test in map(Lacks, phrases(b, a, LEAST_MISSING_Z, MOST_MISSING))
            if np.mean([not test(text) for text in b]) - np.mean([not test(text) for text in a]) >= MISSING
        ]


class PairProposer(_OfTexts):
    """ "both dog and grass": words that stand in the same texts of A more often than either does alone."""

    name = "word pairs"

    def proposals(self, a: Sequence[str], b: Sequence[str]) -> list[Proposal]:
        said = [[set(words_of(text)) for text in texts] for texts in (a, b)]
        count = Counter(w for words in said[0] for w in words if _content(w))
        least = max(LEAST_ITEMS + 1, LEAST_SHARE * len(a))
        words = [w for w, n in sorted(count.items(), key=lambda item: (-item[1], item[0])) if n >= least][:VOCABULARY]
        if len(words) < 2:
            return []
        in_a, in_b = (np.array([[w in has for w in words] for has in some], dtype=float) for some in said)
        i, j = np.triu_indices(len(words), 1)
        often = (in_a.T @ in_a)[i, j] >= least
        i, j = i[often], j[often]
        both_a, both_b = ((m.T @ m)[i, j] for m in (in_a, in_b))
        z = log_odds(both_a, both_b, len(a), len(b))
        single = log_odds(in_a.sum(0), in_b.sum(0), len(a), len(b))
        able = np.flatnonzero((z >= LEAST_PAIR_Z) & (z >= np.maximum(single[i], single[j]) + BEYOND))
        out: list[Proposal] = []
        used: set[str] = set()
        for k in able[np.argsort(-z[able], kind="stable")]:
            one, other = sorted((words[i[k]], words[j[k]]))
            if len(out) < MOST_PAIRS and not used & {one, other} and not _side_by_side(one, other, a, both_a[k]):
                test = Both(one, other)
                out.append(Proposal(test.says, self.name, test))
                used |= {one, other}
        return out


def _scored(a: Sequence[str], b: Sequence[str], of: Callable[[str], Iterable[str]]) -> dict[str, float]:
    """z of each word with content that enough texts have."""
    in_a, in_b = (Counter(w for text in texts for w in of(text) if _content(w)) for texts in (a, b))
    words = [w for w in in_a if in_a[w] + in_b[w] >= LEAST_ITEMS]
    z = log_odds(np.array([in_a[w] for w in words]), np.array([in_b[w] for w in words]), len(a), len(b))
    return dict(zip(words, map(float, z), strict=True))


def _content(word: str) -> bool:
    return word not in EMPTY and not is_negator(word)


def _best(z: dict[str, float]) -> list[str]:
    return sorted(z, key=lambda w: (-z[w], w))


def _lead(word: str, leads: Counter[tuple[str, str]]) -> str:
    """How the word is denied nearly always, else "not", which stands for all."""
    total = sum(leads[word, lead] for lead in LEADS)
    return next((lead for lead in LEADS if leads[word, lead] >= USUAL * total), "not")


def _side_by_side(one: str, other: str, texts: Sequence[str], together: float) -> bool:
    """Whether nearly all texts that have both have them next to each other: a phrase, which is proposed as one."""
    near = 0
    for text in texts:
        words = words_of(text)
        near += any({x, y} == {one, other} for x, y in itertools.pairwise(words))
    return near >= TOGETHER * together
