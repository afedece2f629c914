"""Words and pairs of words that are more frequent in A: log odds with an informative Dirichlet prior.

Monroe, Colaresi and Quinn, "Fightin' Words" (Political Analysis 16, 2008, section 3.5.1): the difference of the log odds of a word in the
two sets, each smoothed by its frequency in both together, divided by its standard deviation. A word counts once an item.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ..items import Items
from ..rankers.words import texts_of, words_of
from ..stages import Proposal, Session

PRIOR = 10.0  # items' worth of the words of both sets together
LEAST_ITEMS = 2  # in which a word must occur
MOST = 15  # words proposed
LEAST_Z = 1.0
NEXT, LONGEST = 0.9, 6  # share of a phrase's items in A that must go on with the same word for it to be longer; words
LEAST_EMPTY_Z = 3.0  # of a phrase of empty words alone: some come up in every set
SAME = 0.8  # share of their items that two phrases with a common word must share to count as one
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
        return [_proposal(gram, self.name) for gram in phrases(first, second, LEAST_Z, MOST)]


def phrases(first: Sequence[str], second: Sequence[str], least_z: float, most: int) -> list[tuple[str, ...]]:
    """Words and phrases that more of the first texts have than of the second, the clearest first."""
    said = [[_grams(text) for text in texts] for texts in (first, second)]
    count_a, count_b = (Counter(gram for grams in some for gram in grams) for some in said)
    grams = [g for g in count_a if count_a[g] + count_b[g] >= LEAST_ITEMS]
    z = log_odds(np.array([count_a[g] for g in grams]), np.array([count_b[g] for g in grams]), len(first), len(second))
    order = sorted(range(len(grams)), key=lambda i: (-z[i], -len(grams[i]), grams[i]))
    kept: list[tuple[str, ...]] = []
    able = (grams[i] for i in order if z[i] > (max(LEAST_EMPTY_Z, least_z) if EMPTY.issuperset(grams[i]) else least_z))
    for gram in itertools.islice(able, 4 * MOST):
        if not any(_same(gram, other, said[0]) for other in kept):
            kept.append(gram)
    whole = [_whole(gram, [text for text, grams in zip(first, said[0], strict=True) if gram in grams]) for gram in kept[:most]]
    return list(dict.fromkeys(whole))


def _whole(gram: tuple[str, ...], texts: list[str]) -> tuple[str, ...]:
    """The phrase that a gram is part of: "way" is "by the way" where nearly all `texts`, those of A that say "way", say that."""
    places = [
        (words, i) for words in map(words_of, texts) for i in range(len(words) - len(gram) + 1) if tuple(words[i : i + len(gram)]) == gram
    ]
    before = after = 0
    while before + len(gram) + after < LONGEST and len(places) >= LEAST_ITEMS + 1:
        for step in (-1, 1):
            at = -before - 1 if step < 0 else len(gram) + after
            word, count = Counter(words[i + at] if 0 <= i + at < len(words) else "" for words, i in places).most_common(1)[0]
            if word and count >= NEXT * len(places):
                places = [(words, i) for words, i in places if 0 <= i + at < len(words) and words[i + at] == word]
                before, after = (before + 1, after) if step < 0 else (before, after + 1)
                break
        else:
            break
    words, i = places[0]
    return tuple(words[i - before : i + len(gram) + after])


def _same(one: tuple[str, ...], other: tuple[str, ...], said: list[set[tuple[str, ...]]]) -> bool:
    """Whether two share a word and occur in nearly the same items: the second says nothing that the first does not."""
    if not set(one) & set(other):
        return False
    first, second = ({i for i, grams in enumerate(said) if gram in grams} for gram in (one, other))
    return len(first & second) >= SAME * len(first | second)


def log_odds(in_a: np.ndarray, in_b: np.ndarray, n: int, m: int) -> np.ndarray:
    """z of each word: float (k,), positive = more frequent in A. in_a, in_b: items that hold it, of n and of m."""
    share = (in_a + in_b) / (n + m)
    a, b = in_a + PRIOR * share, in_b + PRIOR * share
    rest_a, rest_b = n + PRIOR - a, m + PRIOR - b
    delta = np.log(a / np.maximum(rest_a, 1e-9)) - np.log(b / np.maximum(rest_b, 1e-9))
    return delta / np.sqrt(1 / a + 1 / b)


def _grams(text: str) -> set[tuple[str, ...]]:
    """Words, pairs and threes of neighbours, without those that are empty or begin or end so; but threes of empty words alone ("not at all")."""
    words = words_of(text)
    grams = {(w,) for w in words} | set(itertools.pairwise(words)) | set(zip(words, words[1:], words[2:], strict=False))
    return {g for g in grams if (g[0] not in EMPTY and g[-1] not in EMPTY) or (len(g) == 3 and EMPTY.issuperset(g))}


def _proposal(gram: tuple[str, ...], proposer: str) -> Proposal:
    return Proposal(" ".join(gram), proposer, gram)
