"""How well a description separates two sets, and how sure that is.

`a`, `b`: how well the description fits each item of A, of B: float (n,), (m,); higher = fits better. Nothing here knows what an item is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .exact import rank_sum_p, signed_rank_p

LEVEL = 0.95


@dataclass(frozen=True)
class Separation:
    """auroc: chance that a random item of A fits better than one of B, ties half: 0 to 1, 0.5 = no difference. low, high: its 95 %
    interval. p: two-sided, that there is no difference."""

    auroc: float
    low: float
    high: float
    p: float


def separation(a: np.ndarray, b: np.ndarray) -> Separation:
    """For two independent sets.

    Interval: DeLong, DeLong and Clarke-Pearson 1988 (Biometrics 44), on the logit of the AUROC so that it stays within 0 and 1; where that
    has no variance (everything of A above everything of B), the bound for a share that came out as 1 (Clopper-Pearson, the smaller set).
    p: Mann-Whitney, exact wherever few items or few values decide (exact.py), else normal with correction for ties.
    """
    auroc, of_a, of_b = _placements(a, b)
    variance = of_a.var(ddof=1) / len(a) + of_b.var(ddof=1) / len(b) if min(len(a), len(b)) > 1 else 0.25
    low, high = _logit_interval(auroc, variance) if variance > 0 and 0 < auroc < 1 else _without_variance(auroc, min(len(a), len(b)))
    return Separation(auroc, low, high, _mann_whitney(a, b))


def paired_separation(a: np.ndarray, b: np.ndarray) -> Separation:
    """For pairs: item i of A belongs to item i of B (two models on the same input).

    The AUROC is that over all items, as without pairs; its interval takes into account that the two placements of a pair go together
    (DeLong's covariance), and p is Wilcoxon's signed-rank test on the differences within pairs.
    """
    if len(a) != len(b):
        raise ValueError(f"Paired sets must have equally many items, not {len(a):,} and {len(b):,}.")
    auroc, of_a, of_b = _placements(a, b)
    variance = (of_a + of_b).var(ddof=1) / len(a) if len(a) > 1 else 0.25
    low, high = _logit_interval(auroc, variance) if variance > 0 and 0 < auroc < 1 else _without_variance(auroc, len(a))
    differences = a - b
    p = signed_rank_p(differences)
    return Separation(auroc, low, high, float(stats.wilcoxon(differences, zero_method="pratt").pvalue) if p is None else p)


def tied(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], paired: bool = False) -> bool:
    """Whether the AUROCs of two descriptions on the same items, (fit to A, fit to B) each, cannot be told apart: the 95 % interval of their
    difference (DeLong et al. 1988, for correlated curves) holds 0."""
    difference, variance = _difference(one, other, paired)
    return bool(abs(difference) <= stats.norm.ppf((1 + LEVEL) / 2) * np.sqrt(variance) + 1e-12)


def advantage(
    one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], paired: bool = False, tried: int = 1
) -> tuple[float, float]:
    """95 % interval of the AUROC of the first less that of the second, on the same items, as in `tied`; by Student's t with the smaller set's
    degrees of freedom, for few items. tried: of how many the first is taken (Bonferroni)."""
    difference, variance = _difference(one, other, paired)
    if not np.isfinite(variance):
        return -1.0, 1.0
    reach = stats.t.ppf(1 - (1 - LEVEL) / (2 * tried), min(map(len, one)) - 1) * np.sqrt(variance)
    return float(max(difference - reach, -1.0)), float(min(difference + reach, 1.0))


def _difference(one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], paired: bool) -> tuple[float, float]:
    """Of two AUROCs on the same items, and its variance; infinite where there are too few to know."""
    (first, a1, b1), (second, a2, b2) = _placements(*one), _placements(*other)
    a, b = a1 - a2, b1 - b2
    if min(len(a), len(b)) < 2:
        return first - second, float("inf")
    variance = (a + b).var(ddof=1) / len(a) if paired else a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b)
    return first - second, float(variance)


def corrected(p: Sequence[float]) -> np.ndarray:
    """q: the false discovery rate at which each would still count (Benjamini and Hochberg 1995). Where nothing differs at all, any q
    below 0.05 comes up in at most 5 % of runs."""
    return np.asarray(stats.false_discovery_control(np.asarray(p, dtype=float)), dtype=float) if len(p) else np.empty(0)


def _placements(a: np.ndarray, b: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """AUROC; for each item of A the share of B below it; for each of B the share of A above it. Ties count half."""
    n, m = len(a), len(b)
    ranks = stats.rankdata(np.concatenate([a, b]))
    of_a = (ranks[:n] - stats.rankdata(a)) / m
    of_b = 1 - (ranks[n:] - stats.rankdata(b)) / n
    return float(of_a.mean()), of_a, of_b


def _logit_interval(auroc: float, variance: float) -> tuple[float, float]:
    z = stats.norm.ppf((1 + LEVEL) / 2)
    middle, error = np.log(auroc / (1 - auroc)), z * np.sqrt(variance) / (auroc * (1 - auroc))
    low, high = (1 / (1 + np.exp(-(middle + sign * error))) for sign in (-1, 1))
    return float(low), float(high)


def _without_variance(auroc: float, n: int) -> tuple[float, float]:
    """Every item placed alike: the bound for a share of `n` that came out as 0 or 1 (or at a tie everywhere: nothing known)."""
    reach = 1 - ((1 - LEVEL) / 2) ** (1 / n)
    if auroc in (0.0, 1.0):
        return (0.0, reach) if auroc == 0 else (1 - reach, 1.0)
    return max(auroc - reach / 2, 0.0), min(auroc + reach / 2, 1.0)


def _mann_whitney(a: np.ndarray, b: np.ndarray) -> float:
    if np.ptp(np.concatenate([a, b])) == 0:
        return 1.0
    p = rank_sum_p(a, b)
    return float(stats.mannwhitneyu(a, b, alternative="two-sided", method="asymptotic").pvalue) if p is None else p
