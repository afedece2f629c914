"""The descriptions of a set difference as rows ready to be drawn: names cleaned, verdicts in words. No markup here."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

from ..differences.amounts import amounts
from ..differences.degree import LIKENESS, compared, flat, is_degree
from ..explanation import Explanation
from ..payloads import Candidate, SetDifference, Shown
from . import escape, inputs, numbers
from .common import input_noun, quoted
from .words.set_difference import MEASURED, OWN, PROPOSED

CLOSEST = 3  # descriptions shown where nothing was found
MOST_ALSO = 3
NAME_LENGTH = 60  # characters of what a set is called
FOUND, REVERSE, CHANCE = "separates the sets", "truer of the other set", "may be chance"
LIKE = "compared by likeness only: not counted"  # by what gives any words a value, whether it understands them or not
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


@dataclass(frozen=True)
class Line:
    """One description.

    place    its rank, from 1
    given    the description, cleaned, on one line
    says     as a person reads it: a clause, or where that would be true of hardly any item or of nearly all, a comparison
    degree   whether `says` is a comparison
    verdict  FOUND, LIKE, REVERSE or CHANCE
    also     other descriptions of the same, as a person reads them, that were not tested for themselves
    head     rank of the best description that says the same, its own where none does
    under    rank of the one it is shown under: `head`, or the stronger one that brings it along; its own where it stands by itself
    without  rank of the one that brings it along and without which `candidate.left` was measured, its own where none does. Not always `under`,
             which may be one that says the same as that
    """

    place: int
    given: str
    says: str
    degree: bool
    verdict: str
    candidate: Candidate
    head: int
    under: int
    without: int
    also: tuple[str, ...] = ()

    @property
    def found(self) -> bool:
        return self.verdict == FOUND

    @property
    def own(self) -> bool:
        """Whether a person typed it."""
        return self.candidate.proposer == OWN

    @property
    def measured_by(self) -> str:
        return MEASURED.get(self.candidate.ranker, escape.shorten(self.candidate.ranker, 80))

    @property
    def proposed_by(self) -> str:
        return PROPOSED.get(self.candidate.proposer, escape.shorten(self.candidate.proposer, 80))

    @property
    def others(self) -> str:
        """ "by words 62 %", or "" where no other ranker scored it."""
        named = [f"by {MEASURED.get(name, escape.shorten(name, 80))} {cases(value)}" for name, value in self.candidate.others.items()]
        return ", ".join(named)


@dataclass(frozen=True)
class View:
    """A set difference as it is drawn: `a` and `b` are what the sets are called, in quotation marks."""

    e: Explanation
    payload: SetDifference
    a: str
    b: str
    lines: list[Line]

    @classmethod
    def of(cls, e: Explanation) -> View:
        p = e.payload
        a, b = (quoted(escape.shorten(name, NAME_LENGTH) or side) for name, side in zip(p.names, "AB", strict=True))
        rows = [one.instance for one in p.shown if isinstance(one.instance, dict)]
        alike = p.alike if len(p.alike) == len(p.candidates) else range(len(p.candidates))
        verdicts = [_verdict(c, p.alpha) for c in p.candidates]
        # Never under one that may be chance: what was found must be seen.
        heads = [j if 0 <= j <= i and (verdicts[i] == CHANCE or verdicts[j] == verdicts[i]) else i for i, j in enumerate(alike)]
        goes = p.goes_with if len(p.goes_with) == len(p.candidates) else range(len(p.candidates))
        goes = [j if 0 <= j < i and verdicts[i] == verdicts[j] == FOUND else i for i, j in enumerate(goes)]
        under: list[int] = []
        for i, head in enumerate(heads):
            above = head if head != i else goes[i]
            under.append(i if above == i else under[above])
        return cls(e, p, a, b, [_line(i, c, heads[i], under[i], goes[i], verdicts[i], rows) for i, c in enumerate(p.candidates)])

    @property
    def found(self) -> list[Line]:
        return [line for line in self.lines if line.found]

    @property
    def best(self) -> Line | None:
        """What was found that separates best: a description that is understood before one that is only like something."""
        return next((line for line in self.found if line.verdict == FOUND), next(iter(self.found), None))

    @property
    def heads(self) -> list[Line]:
        """Those that have a place of their own: what no other says or brings along, and what a person typed."""
        return [line for line in self.lines if line.own or line.under == line.place]

    @property
    def closest(self) -> list[Line]:
        """Of what may be chance the few that came nearest to a find, whoever proposed them; none of them is a result."""
        near = [line for line in self.heads if line.verdict == CHANCE and line.candidate.score > 0.5]
        return sorted(near, key=lambda line: (line.candidate.p, line.place))[:CLOSEST]

    @property
    def pictured(self) -> list[Line]:
        """What a picture has room for: all but what may be chance and nobody typed, and of that the few closest."""
        return [line for line in self.heads if line.own or line.verdict != CHANCE or line in self.closest]

    def same(self, head: Line) -> list[Line]:
        """The others that say the same as `head`, and nobody typed."""
        return [line for line in self.lines if line.head == head.place != line.place and not line.own]

    def brought(self, head: Line) -> list[Line]:
        """The others that go with `head`, and nobody typed."""
        return [line for line in self.lines if line.under == head.place not in (line.place, line.head) and line.found and not line.own]

    @property
    def differences(self) -> int:
        """How many different things the descriptions found say, without what goes with others."""
        return len({line.under for line in self.found})

    @property
    def noun(self) -> tuple[str, str]:
        return input_noun(self.e.modality)

    def named(self, side: str) -> str:
        return self.b if side == "B" else self.a

    def shown(self, places: list[int]) -> list[Shown]:
        """What a description points to; a file from elsewhere may point beyond what it holds."""
        return [self.payload.shown[i] for i in places if 0 <= i < len(self.payload.shown)]


def _line(i: int, c: Candidate, head: int, under: int, without: int, verdict: str, rows: list[dict[str, Any]]) -> Line:
    given = escape.shorten(c.description, 200) or "(blank)"
    degree = is_degree(c.ranker, c.score, c.low, c.high, c.share_a, c.share_b)
    says = given if c.proposer == OWN else compared(given, c.ranker) if degree else flat(given, c.ranker, rows)
    also = tuple(flat(escape.shorten(text, 200), c.ranker, rows) for text in c.also[:MOST_ALSO])
    return Line(i + 1, given, says, degree, verdict, c, head + 1, under + 1, without + 1, also)


def _verdict(c: Candidate, alpha: float) -> str:
    if not c.q < alpha or c.score == 0.5:
        return CHANCE
    if c.ranker in LIKENESS and c.share_a is None:
        return LIKE
    return FOUND if c.score > 0.5 else REVERSE


def cases(score: float) -> str:
    """An AUROC as "91 %" of cases."""
    return numbers.percent(score)


def in_pairs(view: View, c: Candidate) -> str:
    """ "fits better than its partner in 78 % of pairs", or "" where there are none."""
    return "" if c.pairs is None else f"fits the one of {view.a} better than its partner in {cases(c.pairs)} of pairs"


def interval(c: Candidate) -> str:
    """ "84 to 96 %"."""
    low, high = (min(max(x, 0.0), 1.0) if math.isfinite(x) else math.nan for x in (c.low, c.high))
    if not (math.isfinite(low) and math.isfinite(high)):
        return "unknown"
    return f"{numbers.in_hundred(low)} to {numbers.in_hundred(high)} %"


def chance(q: float) -> str:
    """A corrected p-value: "0.012", "under 0.001"."""
    if not math.isfinite(q):
        return "unknown"
    return "under 0.001" if q < 0.001 else f"{q:.3f}"


def shares(view: View, line: Line) -> list[str]:
    """What the description is true of, as yes or no, in sentences: "True of 60 % of “A” and 10 % of “B”."; of a difference of degree, where a
    yes or no would say nothing, how often and by how much it fits better."""
    c = line.candidate
    if not line.degree:
        return [] if c.share_a is None or c.share_b is None else [f"True of {_both(view, c.share_a, c.share_b)}."]
    if c.above_a is None or c.above_b is None:
        return ["A difference of degree: it has no yes or no."]
    said = [
        f"A difference of degree: it fits {_both(view, c.above_a, c.above_b)} better than it fits the middle {view.noun[0]} of {view.b}."
    ]
    how_much = "" if c.mean_a is None or c.mean_b is None else amounts(line.given, c.ranker, c.mean_a, c.mean_b)
    return [*said, f"On average, {view.a} against {view.b}: {how_much}."] if how_much else said


def _both(view: View, a: float, b: float) -> str:
    return f"{numbers.percent(a)} of {view.a} and {numbers.percent(b)} of {view.b}"


def true_of(view: View, line: Line, side: str) -> int | None:
    """Of how many of the tested items of a side it is true; None where it has no yes or no."""
    c, place = line.candidate, "AB".index(side)
    share = (c.share_a, c.share_b)[place]
    return None if share is None else round(share * view.payload.tested[place])


def row_in_short(row: dict[str, Any], description: str, most: int = 6) -> str:
    """A table's row in one line: the columns that the description names first."""
    said = description.casefold()
    order = sorted(row, key=lambda name: str(name).replace("_", " ").casefold() not in said and str(name).casefold() not in said)
    parts = [f"{escape.shorten(str(n).replace('_', ' '), 40)} {escape.shorten(numbers.value(row[n]), 60)}" for n in order[:most]]
    return " · ".join(parts)


def in_short(view: View, one: Shown, description: str, length: int = 160) -> str:
    """An item in one line."""
    if isinstance(one.instance, dict):
        return row_in_short(one.instance, description)
    return inputs.described(one.instance, view.e.modality, one.index if one.number is None else one.number, length)


def caption(view: View, one: Shown, named: bool) -> str:
    """ "#43, label mammal, answer bird", as other pages number the test data; "no. 7" of a set that somebody brought. named: with its set."""
    number = f"no. {one.index}" if one.number is None else f"#{one.number}"
    known = [f"{what} {escape.shorten(name, 40)}" for what, name in (("label", one.truth), ("answer", one.answer)) if name]
    return ", ".join([*([view.named(one.side)] if named else []), number, *known])


def csv_text(e: Explanation) -> str:
    """All descriptions as CSV, best first. A cell that a spreadsheet would take for a formula is made text by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    heads = [
        "rank",
        "description",
        "auroc",
        "low_95",
        "high_95",
        "p",
        "q",
        "share_a",
        "share_b",
        "above_middle_of_b_a",
        "above_middle_of_b_b",
        "ranker",
        "proposer",
        "verdict",
        "in_words",
        "says_the_same_as",
        "goes_with",
        "auroc_without_it",
    ]
    writer.writerow(heads)
    for line in View.of(e).lines:
        c = line.candidate
        counted = (None, None) if line.degree else (c.share_a, c.share_b)  # of what differs in degree, a yes or no would say nothing
        measured = [c.score, c.low, c.high, c.p, c.q, *counted, c.above_a, c.above_b]
        text = [_cell(s) for s in (line.given, c.ranker, c.proposer, line.verdict, line.says)]
        same = "" if line.head == line.place else line.head
        under = "" if line.without == line.place else line.without
        left = "" if c.left is None else f"{c.left:.6g}"
        writer.writerow([line.place, text[0], *("" if x is None else f"{x:.6g}" for x in measured), *text[1:], same, under, left])
    return out.getvalue()


def _cell(s: str) -> str:
    flat = escape.flat(s)
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
