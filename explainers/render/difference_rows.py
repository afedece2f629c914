"""The descriptions of a set difference as rows ready to be drawn: names cleaned, verdicts in words. No markup here."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass
from typing import Any

from ..explanation import Explanation
from ..payloads import Candidate, SetDifference, Shown
from . import escape, inputs, numbers
from .common import input_noun, quoted
from .words.set_difference import MEASURED, OWN, PROPOSED

NAME_LENGTH = 60  # characters of what a set is called
FOUND, REVERSE, CHANCE = "separates the sets", "truer of the other set", "may be chance"
_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run a cell that begins so


@dataclass(frozen=True)
class Line:
    """One description.

    place    its rank, from 1
    says     the description, cleaned, on one line
    verdict  FOUND, REVERSE or CHANCE
    """

    place: int
    says: str
    verdict: str
    candidate: Candidate

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
        return cls(e, p, a, b, [Line(i, _says(c), _verdict(c, p.alpha), c) for i, c in enumerate(p.candidates, start=1)])

    @property
    def found(self) -> list[Line]:
        return [line for line in self.lines if line.found]

    @property
    def noun(self) -> tuple[str, str]:
        return input_noun(self.e.modality)

    def named(self, side: str) -> str:
        return self.b if side == "B" else self.a

    def shown(self, places: list[int]) -> list[Shown]:
        """What a description points to; a file from elsewhere may point beyond what it holds."""
        return [self.payload.shown[i] for i in places if 0 <= i < len(self.payload.shown)]


def _says(c: Candidate) -> str:
    return escape.shorten(c.description, 200) or "(blank)"


def _verdict(c: Candidate, alpha: float) -> str:
    if not c.q < alpha:
        return CHANCE
    return FOUND if c.score > 0.5 else REVERSE if c.score < 0.5 else CHANCE


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


def shares(view: View, c: Candidate) -> str:
    """ "True of 60 % of “A” and 10 % of “B”", or "" where the ranker has no cut. Where the sets differ in degree alone, that is said."""
    if c.share_a is None or c.share_b is None:
        return ""
    if (c.share_a - c.share_b) * (c.score - 0.5) <= 0 and not c.low <= 0.5 <= c.high:
        most = numbers.percent(max(c.share_a, c.share_b))
        return f"A difference of degree: taken as yes or no, it is true of {most} of either set at most"
    return f"True of {numbers.percent(c.share_a)} of {view.a} and {numbers.percent(c.share_b)} of {view.b}"


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
    return inputs.described(one.instance, view.e.modality, one.index, length)


def csv_text(e: Explanation) -> str:
    """All descriptions as CSV, best first. A cell that a spreadsheet would take for a formula is made text by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    heads = ["rank", "description", "auroc", "low_95", "high_95", "p", "q", "share_a", "share_b", "ranker", "proposer", "verdict"]
    writer.writerow(heads)
    for line in View.of(e).lines:
        c = line.candidate
        measured = [c.score, c.low, c.high, c.p, c.q, c.share_a, c.share_b]
        text = [_cell(s) for s in (line.says, c.ranker, c.proposer, line.verdict)]
        writer.writerow([line.place, text[0], *("" if x is None else f"{x:.6g}" for x in measured), *text[1:]])
    return out.getvalue()


def _cell(s: str) -> str:
    flat = escape.flat(s)
    return f"'{flat}" if flat.startswith(_FORMULA) else flat
