"""How clear a description had to be to count, and how large a difference two sets of this size could have shown."""

from __future__ import annotations

import math
from statistics import NormalDist

from scipy.stats import hypergeom

from ..differences.degree import COUNTED
from . import numbers
from .difference_rows import Line, View, true_of

POWER = 0.8  # share of cases in which a difference is found that counts as one that could have been found


def nothing(view: View) -> str:
    """What it means that nothing was found, in sentences."""
    return (
        f"That does not show that the sets are alike: they may differ in what nobody proposed, in what is not measured, or by too little for so "
        f"few {view.noun[1]}."
    )


def reach(view: View, line: Line) -> float | None:
    """The smallest AUROC with which a description could have counted by itself; None for pairs, where the score is not what is tested, and
    where it is true of all items or of none, so that nothing could show.

    Significant at alpha / k by a two-sided Mann-Whitney test (Bonferroni, which is what Benjamini and Hochberg ask of the clearest of k), in
    the normal approximation: 0.5 + z sqrt(T (N + 1) / (12 n m)), N = n + m. T = 1 - sum (t^3 - t) / (N^3 - N) over groups of t items alike
    (Lehmann 1975, Nonparametrics, section 1.4): those of which a yes or no holds and the others; 1 where items fit in degrees.
    """
    (n, m), k = view.payload.tested, len(view.lines)
    if view.payload.paired or min(n, m) < 1 or not 0 < view.payload.alpha < 1:
        return None
    whole, alike = n + m, 0.0
    if line.candidate.ranker in COUNTED:
        true = sum(true_of(view, line, side) or 0 for side in "AB")
        alike = sum(t**3 - t for t in (true, whole - true)) / (whole**3 - whole)
    if alike >= 1:
        return None
    return 0.5 + NormalDist().inv_cdf(1 - view.payload.alpha / (2 * k)) * math.sqrt((1 - alike) * (whole + 1) / (12 * n * m))


def could_find(view: View) -> list[str]:
    """How large a difference these sets would have shown, as sentences; [] where that is not known.

    Of what fits in degrees: the AUROC that the corrected test finds in POWER of such sets, by its normal approximation (Noether 1987, J. Am.
    Stat. Assoc. 82: with the variance under no difference in place of the unknown one). Of a yes or no: the smallest count in A that the exact
    test takes for a find where none of B has it, and where half of B has it; there a find begins, so that such a difference is found about
    every other time.
    """
    (n, m), k = view.payload.tested, len(view.lines)
    if view.payload.paired or min(n, m) < 1 or not k or not 0 < view.payload.alpha < 1:
        return []
    level = view.payload.alpha / k
    z = NormalDist().inv_cdf(1 - level / 2) + NormalDist().inv_cdf(POWER)
    score = 0.5 + z * math.sqrt((n + m + 1) / (12 * n * m))
    size = f"With {n:,} and {m:,} {view.noun[1]} tested and {numbers.count(k, 'description')}"
    if score >= 0.995:
        said = f"{size}, even a large difference is easily missed: give larger sets."
    else:
        said = (
            f"{size}, a difference is found in about {numbers.in_hundred(POWER)} of 100 such cases if it fits a random {view.noun[0]} of "
            f"{view.a} better in {numbers.in_hundred(score)} % of cases; a smaller one is more often missed."
        )
    ends = [
        f"{view.a} in at least {numbers.in_hundred(count / n)} % of its {view.noun[1]} ({count:,} of {n:,}) if {of_b}"
        for in_b, of_b in ((0, f"{view.b} never has it"), (m // 2, f"half of {view.b} has it"))
        if (count := _least_count(n, m, in_b, level)) is not None
    ]
    if not ends:
        return [said]
    return [said, f"What a {view.noun[0]} either has or has not begins to count where it is in {', and in '.join(ends)}."]


def _least_count(n: int, m: int, in_b: int, level: float) -> int | None:
    """The fewest of n that must have what in_b of m have, for a two-sided exact p below `level`; None where even all would not do."""
    low, high = math.ceil(n * in_b / m), n
    if not _exact(n, n, in_b, m) < level:
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if _exact(middle, n, in_b, m) < level else (middle + 1, high)
    return low


def _exact(in_a: int, n: int, in_b: int, m: int) -> float:
    """As the rank-sum test of yes and no has it: twice the smaller tail of the hypergeometric distribution (differences/exact.py)."""
    return min(1.0, 2 * float(hypergeom.sf(in_a - 1, n + m, in_a + in_b, n)))


def least(view: View) -> str:
    """How clear descriptions had to be to count, as a sentence; "" where that is not known."""
    known = [score for line in view.lines if (score := reach(view, line)) is not None]
    if not known:
        return ""
    n, m = view.payload.tested
    sizes = f"With {n:,} and {m:,} {view.noun[1]} tested and {numbers.count(len(view.lines), 'description')}"
    if min(known) >= 0.995:
        return f"{sizes}, hardly even one that fits perfectly could count as found by itself: give larger sets."
    low, high = (numbers.in_hundred(min(score, 1.0)) for score in (min(known), max(known)))
    ends = low if low == high else f"{low} to {high}"
    least_of = "" if low == high else ", least where it is true of few items or of nearly all"
    beside = "; beside others that were found, less is enough" if view.found else ""
    return f"{sizes}, one had to fit better in about {ends} % of cases to count as found by itself{least_of}{beside}."
