"""Exact p-values of rank tests, ties and all.

The normal approximation fails where few values decide: a word that 1 of 5 texts of A has and none of 100 of B gets p = 0.00001 by it, though
chance alone puts that one text into A in 5 % of cases. Here every way to deal the observed values out is counted (conditional on the
values, ties as mean ranks: Lehmann, "Nonparametrics", 1975, sections 1.4 and 3.2). Two-sided = twice the smaller tail, at most 1.
"""

from __future__ import annotations

import numpy as np
from scipy import special, stats

MOST_STEPS = 5_000_000  # additions: some thousandths of a second
DIGITS = 12  # of the largest difference, beyond which differences are equal
MOST_WAYS = 200_000  # ways to deal tied values out


def rank_sum_p(a: np.ndarray, b: np.ndarray) -> float | None:
    """Mann-Whitney's test, a (n,) against b (m,). None where there are too many ways to count; there the approximation is good, for it fails
    only where few values differ from the commonest."""
    if len(a) > len(b):
        a, b = b, a
    ranks = np.rint(2 * stats.rankdata(np.concatenate([a, b]))).astype(np.int64)
    values, sizes = np.unique(ranks, return_counts=True)
    common = values[sizes.argmax()]  # those that have it count 0, so that only the others need to be dealt out
    ranks = ranks - common
    unit = int(np.gcd.reduce(np.abs(ranks))) or 1
    ranks //= unit
    reached = int(ranks[: len(a)].sum())
    others = ranks[ranks != 0]
    k = min(len(a), len(others))
    below, above = np.sort(others[others < 0])[:k], np.sort(others[others > 0])[::-1][:k]
    if len(others) * k * int(above.sum() - below.sum() + 1) <= MOST_STEPS:
        sums, chance = _dealt(others, k, len(a), len(ranks), int(below.sum()), int(above.sum()))
    elif np.log(sizes[values != common] + 1).sum() <= np.log(MOST_WAYS):
        sums, chance = _dealt_by_group((values[values != common] - common) // unit, sizes[values != common], len(a), len(ranks))
    else:
        return None
    return _two_sided(sums, chance, reached)


def signed_rank_p(differences: np.ndarray) -> float | None:
    """Wilcoxon's test of pairs, zeros ranked and then left out (Pratt 1959). None where there are too many ways to count. Differences that are
    the same but for rounding (0.3 - 0.2 and 0.5 - 0.4) are ties."""
    differences = np.round(differences / (np.abs(differences).max(initial=0.0) or 1.0), DIGITS)
    ranks = np.rint(2 * stats.rankdata(np.abs(differences))).astype(np.int64)
    ranks, up = ranks[differences != 0], differences[differences != 0] > 0
    if not len(ranks):
        return 1.0
    ranks //= int(np.gcd.reduce(ranks))
    if len(ranks) * int(ranks.sum()) > MOST_STEPS:
        return None
    chance = np.zeros(int(ranks.sum()) + 1)
    chance[0] = 1.0
    for rank in ranks:
        chance[rank:] = (chance[rank:] + chance[:-rank]) / 2
        chance[:rank] /= 2
    return _two_sided(np.arange(len(chance)), chance, int(ranks[up].sum()))


def _dealt(others: np.ndarray, k: int, n: int, total: int, low: int, high: int) -> tuple[np.ndarray, np.ndarray]:
    """Sums that `n` of `total` may have, from low to high, and the chance of each. At most k of the `others` are among them."""
    ways = np.zeros((k + 1, high - low + 1))
    ways[0, -low] = 1.0
    for rank in others:  # a plus sum moves right, a minus sum left; what runs out at an end has more than k of them
        if rank > 0:
            ways[1:, rank:] += ways[:-1, :-rank]
        else:
            ways[1:, :rank] += ways[:-1, -rank:]
    log = _log_choices(total - len(others), n - np.arange(k + 1)) - _log_choices(total, n)
    with np.errstate(divide="ignore"):
        return np.arange(low, high + 1), np.exp(np.log(ways) + log[:, None]).sum(0)


def _dealt_by_group(ranks: np.ndarray, sizes: np.ndarray, n: int, total: int) -> tuple[np.ndarray, np.ndarray]:
    """The same for a few groups of ties: ranks (groups,), sizes (groups,)."""
    drawn, sums, log = np.zeros(1, dtype=np.int64), np.zeros(1, dtype=np.int64), np.zeros(1)
    for rank, size in zip(ranks, sizes, strict=True):
        of_it = np.arange(size + 1)
        drawn, sums = ((x[:, None] + y).ravel() for x, y in ((drawn, of_it), (sums, rank * of_it)))
        log = (log[:, None] + _log_choices(int(size), of_it)).ravel()
    return sums, np.exp(log + _log_choices(total - int(sizes.sum()), n - drawn) - _log_choices(total, n))


def _log_choices(n: int, k: np.ndarray | int) -> np.ndarray:
    """Log of the number of ways to take k of n; minus infinity where there are none."""
    k = np.asarray(k)
    able = (k >= 0) & (k <= n)
    k = np.where(able, k, 0)
    return np.where(able, special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1), -np.inf)


def _two_sided(sums: np.ndarray, chance: np.ndarray, reached: int) -> float:
    tails = (float(chance[sums <= reached].sum()), float(chance[sums >= reached].sum()))
    return min(1.0, 2 * min(tails))
