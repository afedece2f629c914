"""A set difference in plain words."""

from __future__ import annotations

import math
from statistics import NormalDist

from ..differences.degree import COUNTED
from ..explanation import Explanation
from . import numbers
from .common import quoted, stop_reason
from .difference_rows import CHANCE, REVERSE, Line, View, cases, in_pairs, interval, true_of


def sentence(e: Explanation) -> str:
    view = View.of(e)
    said = [_count(view), _most(view), _other_way(view)]
    return " ".join(s for s in said if s)


def gist(e: Explanation) -> str:
    view = View.of(e)
    return _most(view) or _count(view)


def _count(view: View) -> str:
    lines, found = view.lines, view.found
    stopped = f"Stopped early: {stop_reason(view.e)}. " if view.e.status == "partial" else ""
    if not lines:
        return f"{stopped}Nothing found: no description could be tested."
    by = "by more than chance" + tested(view)
    if not found and len(lines) == 1:
        return f"{stopped}Nothing found: the one description tested does not separate {view.a} from {view.b} {by}."
    if not found:
        return f"{stopped}Nothing found: none of {len(lines):,} descriptions separates {view.a} from {view.b} {by}."
    verb = "separates" if len(found) == 1 else "separate"
    said = f"{stopped}{len(found):,} of {numbers.count(len(lines), 'description')} {verb} {view.a} from {view.b} {by}"
    if view.differences == len(found):
        return f"{said}."
    return f"{said}: {numbers.count(view.differences, 'difference')}, said in {len(found):,} ways."


def tested(view: View) -> str:
    """On what the numbers rest."""
    n_a, n_b = view.payload.tested
    unseen = " that no proposer saw" if list(view.payload.tested) != list(view.payload.sizes) else ""
    what = "pairs" if view.payload.paired else view.noun[1]
    return f", tested on {n_a:,} {what}{unseen}" if view.payload.paired else f", tested on {n_a:,} and {n_b:,} {what}{unseen}"


def _most(view: View) -> str:
    return f"Most: {fits(view, view.best)}." if view.best else ""


def fits(view: View, line: Line) -> str:
    """ "“a bird” fits a random picture of A better than one of B in 91 % of cases (95 % interval 84 to 96 %)"."""
    c = line.candidate
    pairs = f"{in_pairs(view, c)}, and it " if c.pairs is not None else ""
    return (
        f"{quoted(line.says)} {pairs}fits a random {view.noun[0]} of {view.a} better than one of {view.b} in {cases(c.score)} of cases "
        f"(95 % interval {interval(c)})"
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
    return (
        f"{sizes}, one had to fit better in about {ends} % of cases to count as found by itself{least_of}{beside} (Mann-Whitney test at the "
        f"level {view.payload.alpha:g} / {len(view.lines)}, normal approximation)."
    )


def uncorrected(view: View) -> str:
    """That intervals and verdicts are not corrected alike, as a sentence; "" for one description."""
    k = len(view.lines)
    if k < 2:
        return ""
    odd = [line for line in view.lines if line.verdict == CHANCE and (line.candidate.low > 0.5 or line.candidate.high < 0.5)]
    end = f" So {quoted(odd[0].says)} may be chance though its interval leaves out 50 %." if odd else ""
    return f"Each interval is that of its description alone; the verdicts are corrected for the {k:,} that were tested.{end}"


def _other_way(view: View) -> str:
    """What a person typed, or what was proposed, may hold the other way round."""
    other = [line for line in view.lines if line.verdict == REVERSE]
    if not other:
        return ""
    last = min(other, key=lambda line: line.candidate.score)
    return f"{quoted(last.says)} is truer of {view.b}."
