"""Words and pairs of words that are more frequent in A: log odds with an informative Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 16, 2008, section 3.5.1): the difference of the log odds of a word in the
two sets, each smoothed by its frequency in both together, divided by its standard deviation. A word counts once an item.
"""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np

from ..items import Items
from ..rankers.words import texts_of, words_of
from ..stages import Proposal, Session

PRIOR = 10.0  # items' worth of the words of both sets together
LEAST_ITEMS = 2  # in which a word must occur
MOST = 15  # words proposed
LEAST_Z = 1.0
# Words that say nothing by themselves; a phrase may hold them but not begin or end with one.
EMPTY = frozenset(
    """a an the of to in on at by for with from and or but as is are was were be been it its it's this that these those he she they we you i
    his her their our your my me him them us not no do does did has have had will would can could so than then there here what which who
    whom if into about out up down over more most some any all""".split()  # noqa: SIM905  a list of 90 strings would be a page
)


class WordProposer:
    name = "words"

    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality in ("text", "image") else "Tables have no words: conditions on their columns are proposed instead."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        first, second = texts_of(a), texts_of(b)
        if first is None or second is None:
            return []
        count_a, count_b = (Counter(gram for text in texts for gram in _grams(text)) for texts in (first, second))
        grams = [g for g in count_a if count_a[g] + count_b[g] >= LEAST_ITEMS]
        z = log_odds(np.array([count_a[g] for g in grams]), np.array([count_b[g] for g in grams]), len(a), len(b))
        order = sorted(range(len(grams)), key=lambda i: (-z[i], -len(grams[i]), grams[i]))
        return [_proposal(grams[i], self.name) for i in order[:MOST] if z[i] > LEAST_Z]


def log_odds(in_a: np.ndarray, in_b: np.ndarray, n: int, m: int) -> np.ndarray:
    """z of each word: float (k,), positive = more frequent in A. in_a, in_b: items that hold it, of n and of m."""
    share = (in_a + in_b) / (n + m)
    a, b = in_a + PRIOR * share, in_b + PRIOR * share
    rest_a, rest_b = n + PRIOR - a, m + PRIOR - b
    delta = np.log(a / np.maximum(rest_a, 1e-9)) - np.log(b / np.maximum(rest_b, 1e-9))
    return delta / np.sqrt(1 / a + 1 / b)


def _grams(text: str) -> set[tuple[str, ...]]:
    """Words and pairs of neighbours, without those that are empty or begin or end so."""
    words = words_of(text)
    grams = {(w,) for w in words if w not in EMPTY} | {(v, w) for v, w in itertools.pairwise(words)}
    return {g for g in grams if g[0] not in EMPTY and g[-1] not in EMPTY}


def _proposal(gram: tuple[str, ...], proposer: str) -> Proposal:
    return Proposal(" ".join(gram), proposer, gram)
