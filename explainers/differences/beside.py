"""What a difference brings with it: of each description found, whether anything is left of it once a stronger one is taken away.

A phrase planted in the texts of A makes them longer too, brings its single words, moves what they are about. Each of these separates the sets,
and none is news beside the phrase. Two ways to take a description away:

by cutting    From texts: a phrase, a denial, surplus length is cut out of the texts themselves, and the other description is measured again.
              Surplus length is cut out of the middle, and again off both ends: only what both take away went with length, for what always
              stands in one place is lost with that place.
within equals Elsewhere: items are compared only with items of the other set that the stronger description fits about equally (its yes and no,
              or fifths of its values): van Elteren's stratified rank-sum test (1960). In pairs, the same scores with the spread that they have
              within pairs, for the two of a pair are alike in much else.

One goes with the other where what is left could be chance (p at least 0.05 whatever level is asked for, not corrected: a
stricter level must not call more of what is left chance) and at most
half of what it had above 0.5; within equals also only where what it had lies above the interval of what is left. Where too few items can be
compared nothing is known; then reasons known beforehand (order.py: a forest has its green, a high price is above a lower one) decide. This
changes no number and hides nothing: it says of a description with which other it goes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy import stats

from ..engine import batch_keys
from .items import Items
from .phrases import REACH, WORD, Denied, Lacks, denying, parts, plain, words_of
from .rankers.textual import TextEnd
from .stages import Session
from .statistics import Separation, paired_separation, separation
from .textual import MEASURES

HEADS = 3  # descriptions, the strongest, that others may go with
LEVEL = 0.05  # p of what is left, from which it could be chance
LEFT = 0.5  # share of what it had above 0.5 that may be left
STRATA = 5  # of values without a yes and no
MOST_TEXTS = 1_000  # of both sets that are cut and measured again
SUREST = 0.15  # standard error of what is left, above which too few items can be compared to tell
SAME_VALUES = 8  # up to so many different values each is a stratum
Cutter = Callable[[str], str]


@dataclass(frozen=True)
class Found:
    """A description that was found, truer of A: `measure` (items -> fits) asks its ranker again."""

    test: Any
    cut: float | None
    fit_a: np.ndarray
    fit_b: np.ndarray
    found: Separation
    measure: Callable[[Items], np.ndarray]


@dataclass(frozen=True)
class Without:
    """Both sets' texts without what a description says, cut in each way there is, [] where it cannot be cut out. every: whether all ways must
    leave nothing of another description, or one is enough."""

    ways: list[tuple[Items, Items]]
    every: bool = False


def goes_with(
    found: Sequence[Found], a: Items, b: Items, session: Session, paired: bool, reasons: Callable[[int, int], bool]
) -> tuple[list[int], list[float | None]] | None:
    """For each description found, best first: the place of the one it goes with, its own where it stands by itself; and the AUROC that is left
    without that one, None where it stands by itself or only by `reasons` (places of two: whether the first usually brings the second). None
    where a limit was met on the way: what was not measured must not count as standing by itself."""
    heads: list[int] = []
    first, left = list(range(len(found))), [None] * len(found)  # type: list[int], list[float | None]
    without: dict[int, Without] = {}
    begin, end = session.span
    for j, one in enumerate(found):
        session.span = (begin + (end - begin) * j / len(found), begin + (end - begin) * (j + 1) / len(found))
        session.tell(0.0)
        for h in heads[:HEADS]:
            if h not in without:
                without[h] = _without(found[h], a, b)
            rest = _cut_out(one, without[h], paired) if without[h].ways else _within(one, found[h], paired)
            if session.stopped:
                return None
            if rest is not None or (not without[h].ways and _unknown(one, found[h], paired) and reasons(h, j)):
                first[j], left[j] = h, rest
                break
        else:
            heads.append(j)
    return first, left


def _cut_out(one: Found, without: Without, paired: bool) -> float | None:
    """What is left of it in texts from which the stronger was cut, where that is as good as nothing: the most where every way counts."""
    lefts = []
    for cut_a, cut_b in without.ways:
        fit_a, fit_b = one.measure(cut_a), one.measure(cut_b)
        if len(fit_a) < len(cut_a) or len(fit_b) < len(cut_b):
            return None
        rest = (paired_separation if paired else separation)(fit_a, fit_b)
        gone = rest.p >= LEVEL and rest.auroc - 0.5 <= LEFT * (one.found.auroc - 0.5)
        if gone is not without.every:
            return rest.auroc if gone else None
        lefts.append(rest.auroc)
    return max(lefts) if without.every else None


def _within(one: Found, head: Found, paired: bool = False) -> float | None:
    """What is left of it among items that `head` fits alike, where that is as good as nothing."""
    score, error, p = stratified(one.fit_a, one.fit_b, *strata(head.fit_a, head.fit_b, head.cut), paired)
    had = one.found.auroc
    gone = error <= SUREST and p >= LEVEL and score - 0.5 <= LEFT * (had - 0.5) and score + 1.96 * error < had
    return score if gone else None


def _unknown(one: Found, head: Found, paired: bool = False) -> bool:
    """Whether too few items can be compared to tell what is left."""
    score, error, _ = stratified(one.fit_a, one.fit_b, *strata(head.fit_a, head.fit_b, head.cut), paired)
    return error > SUREST or (not score + 1.96 * error < one.found.auroc and not score - 1.96 * error > 0.5)


def strata(a: np.ndarray, b: np.ndarray, cut: float | None) -> tuple[np.ndarray, np.ndarray]:
    """The stratum of each item, int (n,), (m,): equal values where they are few, yes and no where there is such a cut and items on either side
    of it in either set, else fifths of both sets' values."""
    both = np.concatenate([a, b])
    values = np.unique(both)
    if len(values) <= SAME_VALUES:
        return np.searchsorted(values, a), np.searchsorted(values, b)
    edges = np.quantile(both, np.linspace(0, 1, STRATA + 1)[1:-1])
    if cut is not None:
        edges = np.unique(np.append(edges, cut))
    return np.searchsorted(edges, a), np.searchsorted(edges, b)


def stratified(a: np.ndarray, b: np.ndarray, in_a: np.ndarray, in_b: np.ndarray, paired: bool = False) -> tuple[float, float, float]:
    """AUROC within strata, its standard error where there is no difference and no ties (with ties it would be less: that a few items are all
    alike says little), and van Elteren's two-sided p. (0.5, inf, 1.0) where no stratum has items of both. Strata are weighted by the pairs
    they hold for the AUROC, by 1 / (N + 1) for p.

    paired: item i of `a` belongs to item i of `b`. The sum of A's scores (ranks less their stratum's mean) is then half the sum of the
    differences within pairs, and its variance that of their signs turned at random: a quarter of the sum of their squares.
    """
    score_a, score_b = np.zeros((2, len(a))), np.zeros((2, len(b)))  # each item's rank less its stratum's mean, without and with the weight
    wins = pairs = spread = 0.0
    variance = np.zeros(2)
    for stratum in np.intersect1d(in_a, in_b):
        of_a, of_b = in_a == stratum, in_b == stratum
        ranks = stats.rankdata(np.concatenate([a[of_a], b[of_b]]))
        n, m = int(of_a.sum()), int(of_b.sum())
        untied = n * m * (n + m + 1) / 12
        wins, pairs, spread = wins + float(ranks[:n].sum()) - n * (n + 1) / 2, pairs + n * m, spread + untied
        weights = np.array([1.0, 1 / (n + m + 1)])
        variance += weights**2 * untied * stats.tiecorrect(ranks)
        centred = weights[:, None] * (ranks - (n + m + 1) / 2)
        score_a[:, of_a], score_b[:, of_b] = centred[:, :n], centred[:, n:]
    if not pairs:
        return 0.5, float("inf"), 1.0
    error = np.sqrt(spread) / pairs
    if paired and variance[0] > 0:
        within = ((score_a - score_b) ** 2).sum(1) / 4
        error, variance = error * np.sqrt(within[0] / variance[0]), within
    p = 1.0 if variance[1] <= 0 else float(2 * stats.norm.sf(abs(score_a[1].sum()) / np.sqrt(variance[1])))
    return float(wins / pairs), float(error), p


def _without(head: Found, a: Items, b: Items) -> Without:
    """The texts of both sets with what `head` says cut out."""
    if a.modality != "text" or len(a) + len(b) > MOST_TEXTS:
        return Without([])
    if isinstance(head.test, TextEnd) and MEASURES[head.test.column].name == "length":
        return Without([(_shortened(a, b, keep), _shortened(b, a, keep)) for keep in (_ends, _middle)], every=True)
    return Without([(_each(a, cut), _each(b, cut)) for cut in _cutters(head.test)])


def _cutters(test: Any) -> list[Cutter]:
    if isinstance(test, Lacks):
        return [_of_phrase(test.phrase)]
    if isinstance(test, tuple) and test and all(isinstance(w, str) for w in test):
        return [_of_phrase(test)]
    if isinstance(test, Denied):  # "not good" as a whole, and the "not" alone where the other set has "good"
        return [lambda text: _undenied(text, test.word, True), lambda text: _undenied(text, test.word, False)]
    return []


def _of_phrase(phrase: tuple[str, ...]) -> Cutter:
    pattern = re.compile(
        r"(?<![^\W_])" + r"[\W_]+".join(re.escape(w).replace("'", "['’]") for w in phrase) + r"(?![^\W_])(?!['’][^\W_])", re.IGNORECASE
    )
    return lambda text: pattern.sub("", text)


def _undenied(text: str, word: str, whole: bool) -> str:
    """Without what denies a word, and with `whole` without the word there as well."""
    gone: list[re.Match[str]] = []
    for part in parts(text):
        words = [plain(m[0]) for m in part]
        for i in denying(words):
            reached = [j for j in range(i + 1, min(i + 1 + REACH, len(words))) if words[j] == word]
            gone += [part[i], *([part[reached[0]]] if whole else [])] if reached else []
    for start, end in sorted({m.span() for m in gone}, reverse=True):
        text = text[:start] + text[end:]
    return text


def _each(items: Items, cut: Cutter) -> Items:
    return _of_texts(items, [cut(text) for text in items.items])


def _of_texts(items: Items, texts: list[str]) -> Items:
    texts = [text if text.strip() else "." for text in texts]  # an empty text has no embedding
    return replace(items, items=texts, keys=batch_keys(texts))


def _shortened(some: Items, others: Items, keep: Callable[[str, int], str]) -> Items:
    """Each text cut to the length of the text of the other set that has the same place by length, where that is shorter."""
    length, other = (np.array([len(words_of(t)) for t in items.items]) for items in (some, others))
    place = (stats.rankdata(length, method="ordinal") - 0.5) / len(length)
    most = np.minimum(length, np.quantile(other, place, method="nearest"))
    return _of_texts(some, [keep(t, int(k)) for t, k in zip(some.items, most, strict=True)])


def _ends(text: str, words: int) -> str:
    """As many of its words, half from its beginning and half from its end."""
    found = list(WORD.finditer(text))
    if words >= len(found):
        return text
    first, last = (words + 1) // 2, words // 2
    return " ".join([*([text[: found[first - 1].end()]] if first else []), *([text[found[-last].start() :]] if last else [])])


def _middle(text: str, words: int) -> str:
    """As many of its words, from its middle."""
    found = list(WORD.finditer(text))
    if words >= len(found):
        return text
    start = (len(found) - words) // 2
    return text[found[start].start() : found[start + words - 1].end()] if words else ""
