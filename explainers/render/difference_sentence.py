"""A set difference in plain words."""

from __future__ import annotations

import math
from statistics import NormalDist

from ..explanation import Explanation
from . import numbers
from .common import quoted, stop_reason
from .difference_rows import CHANCE, REVERSE, Line, View, cases, in_pairs, interval


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


def least(view: View) -> str:
    """How clear a description had to be to count, as a sentence; "" for pairs, where the score is not what is tested.

    The smallest AUROC that is significant at alpha by a two-sided Mann-Whitney test at the level alpha / k (Bonferroni, which is what
    Benjamini and Hochberg ask of the clearest of k), in the normal approximation without ties: 0.5 + z sqrt((n + m + 1) / (12 n m)).
    """
    (n, m), k = view.payload.tested, len(view.lines)
    if view.payload.paired or not k or min(n, m) < 1 or not 0 < view.payload.alpha < 1:
        return ""
    score = 0.5 + NormalDist().inv_cdf(1 - view.payload.alpha / (2 * k)) * math.sqrt((n + m + 1) / (12 * n * m))
    sizes = f"With {n:,} and {m:,} {view.noun[1]} tested and {numbers.count(k, 'description')}"
    if score >= 0.995:
        return f"{sizes}, hardly even one that fits perfectly could count as found: give larger sets."
    return (
        f"{sizes}, the clearest had to fit better in about {cases(score)} of cases or more to count as found, or somewhat fewer where many items "
        f"are alike (Mann-Whitney test at the level {view.payload.alpha:g} / {k}, normal approximation)."
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
