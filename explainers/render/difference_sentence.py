"""A set difference in plain words."""

from __future__ import annotations

from ..differences.groups import ERRORS_HITS, RIGHT_WRONG
from ..explanation import Explanation
from . import escape, numbers
from .common import quoted, stop_reason
from .difference_rows import CHANCE, REVERSE, Line, View, cases, in_pairs, interval


def sentence(e: Explanation) -> str:
    view = View.of(e)
    said = [_count(view), _most(view), _background(view), _other_way(view)]
    return " ".join(s for s in said if s)


def gist(e: Explanation) -> str:
    view = View.of(e)
    return _most(view) or _count(view)


def _count(view: View) -> str:
    lines, found = view.lines, view.found
    stopped = f"Stopped early: {stop_reason(view.e)}. " if view.e.status == "partial" else ""
    if not lines and not stopped and list(view.payload.tested) != list(view.payload.sizes):
        return "Nothing found: no description stood out on the half of the items where descriptions are proposed, so none was tested."
    if not lines:
        return f"{stopped}Nothing found: no description could be tested."
    by = "by more than chance" + tested(view)
    if not found and len(lines) == 1 and lines[0].verdict == CHANCE:
        return f"{stopped}Nothing found: the one description tested does not separate {view.a} from {view.b} {by}."
    if not found and any(line.verdict != CHANCE for line in lines):  # the other way round, or by likeness only
        among = f", among {numbers.count(len(lines), 'description')}"
        return f"{stopped}Nothing found that is truer of {view.a} than of {view.b} {by}{among}."
    if not found:
        return f"{stopped}Nothing found: none of {len(lines):,} descriptions separates {view.a} from {view.b} {by}."
    verb = "separates" if len(found) == 1 else "separate"
    said = f"{stopped}{len(found):,} of {numbers.count(len(lines), 'description')} {verb} {view.a} from {view.b} {by}"
    if view.e.status == "partial" and not view.payload.goes_with:
        return f"{said}{'' if len(found) == 1 else '; how many different things they say was not measured'}."
    if view.differences == len(found):
        return f"{said}."
    said += f": {numbers.count(view.differences, 'difference')}"
    ways = [line for line in found if line.under in (line.place, line.head) and view.lines[line.head - 1].under == line.head]
    if len(ways) > view.differences:
        said += f", said in {len(ways):,} ways"
    with_ = len(found) - len(ways)
    if with_:
        said += f", and {numbers.count(with_, 'description')} that {'goes' if with_ == 1 else 'go'} with {'it' if view.differences == 1 else 'them'}"
    return f"{said}."


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


def _background(view: View) -> str:
    """Of a model's errors and hits, where that was measured: that what tells them apart lies in the background."""
    if view.e.params.get("compared") not in (RIGHT_WRONG, ERRORS_HITS):
        return ""
    clear = next((c for c in view.payload.contrasts if c.low > 0 and 0 <= c.candidate < len(view.lines)), None)
    if clear is None or not view.lines[clear.candidate].found:
        return ""
    line, rival = view.lines[clear.candidate], quoted(escape.shorten(clear.rival, 200))
    both = f"{cases(line.candidate.score)} against {cases(clear.rival_score)} of cases"
    return (
        f"What tells its errors from its hits lies in the background rather than in the object: {quoted(line.says)} separates them better than "
        f"the best of what was measured of the object, {rival} ({both}; {numbers.in_hundred(clear.low)} to {numbers.in_hundred(clear.high)} "
        "points more, 95 % interval)."
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
