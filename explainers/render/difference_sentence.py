"""A set difference in plain words."""

from __future__ import annotations

from ..explanation import Explanation
from . import numbers
from .common import quoted, stop_reason
from .difference_rows import REVERSE, Line, View, cases, in_pairs, interval


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
    return f"{stopped}{len(found):,} of {numbers.count(len(lines), 'description')} {verb} {view.a} from {view.b} {by}."


def tested(view: View) -> str:
    """On what the numbers rest."""
    n_a, n_b = view.payload.tested
    unseen = " that no proposer saw" if list(view.payload.tested) != list(view.payload.sizes) else ""
    what = "pairs" if view.payload.paired else view.noun[1]
    return f", tested on {n_a:,} {what}{unseen}" if view.payload.paired else f", tested on {n_a:,} and {n_b:,} {what}{unseen}"


def _most(view: View) -> str:
    return f"Most: {fits(view, view.found[0])}." if view.found else ""


def fits(view: View, line: Line) -> str:
    """ "“a bird” fits a random picture of A better than one of B in 91 % of cases (95 % interval 84 to 96 %)"."""
    c = line.candidate
    pairs = f"{in_pairs(view, c)}, and it " if c.pairs is not None else ""
    return (
        f"{quoted(line.says)} {pairs}fits a random {view.noun[0]} of {view.a} better than one of {view.b} in {cases(c.score)} of cases "
        f"(95 % interval {interval(c)})"
    )


def _other_way(view: View) -> str:
    """What a person typed, or what was proposed, may hold the other way round."""
    other = [line for line in view.lines if line.verdict == REVERSE]
    if not other:
        return ""
    last = min(other, key=lambda line: line.candidate.score)
    return f"{quoted(last.says)} is truer of {view.b}."
