"""An attribution as rows ready to be drawn: sorted, named for people, each with its number as text. No markup here."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from ..explanation import Attribution, Explanation
from . import colours, escape, numbers
from .common import CLASS_LENGTH, NAME_LENGTH, PROTECTED_WORDS, class_name, protected, quoted

# What a part is called: one, many.
NOUNS = {"text": ("word", "words"), "tabular": ("variable", "variables")}
SENTENCE_NOUN = ("sentence", "sentences")
OTHER_NOUN = ("part", "parts")
_NOT_IN_WORDS = re.compile(r"\s")
_PER_SPREAD = "per standard deviation"
_NO_UNIT = "no unit"
LOG_ODDS = "log odds"
# Said once wherever numbers in log odds are shown.
LOG_ODDS_IN_WORDS = f"Log odds: +0.7 doubles the odds of the answer, {numbers.MINUS}0.7 halves them."


@dataclass(frozen=True)
class Row:
    """One part. `value`, `low`, `high` are in the units that are shown (percentage points, or the payload's own).

    index   position in the payload
    name    as the method named it, cleaned, whole
    phrase  as a sentence says it, without quotation marks; shortened
    slope   the number is for one standard deviation more, not for this value against others
    suffix  tells equal names apart (" (word 7)"), else ""
    times   how often the part occurs in the instance
    signed  False: the value says how strongly the part counts, not which way
    mark    the sign of a protected attribute with the space before it, else ""
    """

    index: int
    name: str
    phrase: str
    suffix: str
    value: float
    low: float | None
    high: float | None
    times: int = 1
    slope: bool = False
    signed: bool = True
    mark: str = ""

    @property
    def sure(self) -> bool:
        """Whether it stands out from chance: its interval excludes zero, or it is exact and not zero."""
        if self.low is None or self.high is None:
            return self.value != 0
        return self.low > 0 or self.high < 0

    @property
    def toward(self) -> bool:
        return self.value >= 0

    @property
    def colour(self) -> str:
        return colours.of(self.value) if self.signed else colours.STRONG

    @property
    def sign(self) -> str:
        """Beside the part, so that colour is never the only cue; "" where there is no direction."""
        return "" if not self.signed else "+" if self.toward else numbers.MINUS

    @property
    def label(self) -> str:
        return escape.shorten(self.name, NAME_LENGTH) + self.suffix + self.mark


@dataclass(frozen=True)
class Rows:
    """The rows, largest first, and what their numbers mean."""

    e: Explanation
    rows: list[Row]
    least_reach: tuple[float, float] = (0.0, 0.0)
    left_out: int = 0  # rows that are not among these

    @classmethod
    def of(cls, e: Explanation) -> Rows:
        rows = sorted(_rows(e), key=lambda r: (-abs(r.value), r.index))
        return cls(e, rows)

    def strongest(self, k: int) -> Rows:
        """The first `k` rows only."""
        return Rows(self.e, self.rows[:k], self.least_reach, self.left_out + max(len(self.rows) - k, 0))

    def reaching(self, reach: tuple[float, float] | None) -> Rows:
        """The same rows on an axis that holds `reach`, too."""
        return Rows(self.e, self.rows, reach or self.least_reach, self.left_out)

    @property
    def shortened(self) -> str:
        """That there are more than are drawn, in words; "" where there are not."""
        return f"the {len(self.rows)} strongest of {len(self.rows) + self.left_out:,} {self.noun[1]}" if self.left_out else ""

    @property
    def marked(self) -> str:
        """What the sign of a protected attribute says, where one of these rows bears it; else ""."""
        return PROTECTED_WORDS if any(r.mark for r in self.rows) else ""

    @property
    def payload(self) -> Attribution:
        return self.e.payload

    @cached_property
    def in_points(self) -> bool:
        return is_probability(self.payload.unit)

    @cached_property
    def in_log_odds(self) -> bool:
        return self.payload.unit.strip().lower() == LOG_ODDS

    @property
    def signed(self) -> bool:
        """Whether numbers say which way a part counts."""
        return self.payload.signed

    @cached_property
    def unit(self) -> str:
        """As it stands behind a number; "" where the numbers have none."""
        if self.in_points:
            return "percentage points"
        return "" if self.payload.unit.strip() == _NO_UNIT else escape.shorten(self.payload.unit, 60)

    @cached_property
    def noun(self) -> tuple[str, str]:
        if self.e.modality == "text" and any(_NOT_IN_WORDS.search(f) for f in self.payload.features):
            return SENTENCE_NOUN
        return NOUNS.get(self.e.modality, OTHER_NOUN)

    @cached_property
    def largest(self) -> float:
        return max((abs(r.value) for r in self.rows), default=0.0)

    @cached_property
    def reach(self) -> tuple[float, float]:
        """The least and the greatest number that a picture must have room for; zero is always among them."""
        ends = [x for r in self.rows for x in (r.value, r.low, r.high) if x is not None]
        return min([self.least_reach[0], *ends]), max([self.least_reach[1], *ends])

    @cached_property
    def places(self) -> int:
        return min(1, numbers.decimals(self.largest)) if self.in_points and self.largest >= 1 else numbers.decimals(self.largest)

    def number(self, x: float) -> str:
        return numbers.signed(x, self.places) if self.signed else numbers.plain(x, self.places)

    def interval(self, row: Row) -> str:
        """ "+9.1 to +15.2", or "" when nothing was sampled."""
        return "" if row.low is None or row.high is None else f"{self.number(row.low)} to {self.number(row.high)}"

    def axis_title(self, length: int = CLASS_LENGTH) -> list[str]:
        """What the numbers are, in lines short enough for a phone."""
        target = quoted(class_name(self.e, self.e.target, length))
        if not self.signed:
            return ["how strongly it counts" + (", as" if self.unit else ""), *([self.unit] if self.unit else [])]
        if self.in_points:
            more = escape.shorten(self.payload.unit.strip()[len("probability") :], 60)
            return ["change in the probability of", f"{target}, percentage points", *([more] if more else [])]
        if self.in_log_odds:
            return ["change in the log odds of", target]
        return [self.unit or "effect, in no unit", f"(positive: toward {target})"]

    @property
    def looks(self) -> list[str]:
        """What colour, sign and line of the bars mean, in lines, for a chart with no page around it."""
        target = quoted(class_name(self.e, self.e.target, 40))
        ways = {
            True: f"Blue and +: toward {target}",
            False: f"Orange and {numbers.MINUS}: away from {target}",
        }
        lines = [words for way, words in ways.items() if any(r.toward == way for r in self.rows)] if self.signed else []
        lines = lines or ["How strongly it counts; which way, it does not say"]
        if any(not r.sure for r in self.rows):
            lines.append("Pale with a broken line: could be chance")
        return [*lines, "Line on a bar: 95 % range"] if self.payload.low is not None else lines

    def described(self, row: Row) -> str:
        """One row in words, for tooltips: "toward “negative”: +21.4 percentage points (95 % range +18.1 to +24.0)"."""
        side = f"{'toward' if row.toward else 'away from'} {quoted(class_name(self.e, self.e.target))}" if row.signed else "how strongly"
        words = f"{side}: {self.number(row.value)} {self.unit}".rstrip()
        if self.interval(row):
            words += f" (95 % range {self.interval(row)})"
        return words if row.sure else words + "; could be chance"


def is_probability(unit: str) -> bool:
    """Whether values are changes of a probability, and so are shown as percentage points."""
    return unit.strip().lower().startswith("probability")


def _rows(e: Explanation) -> list[Row]:
    p: Attribution = e.payload
    scale = 100.0 if is_probability(p.unit) else 1.0
    # Where a part lies, its number on the picture says; on a map of pixels not every part has one.
    shown = p.features if e.modality == "image" and not p.per_pixel else p.names
    names = [escape.flat(n).replace("<=", "≤").replace(">=", "≥") or "(blank)" for n in shown]
    repeated = Counter(names)
    seen: Counter[str] = Counter()
    rows = []
    for i, name in enumerate(names):
        seen[name] += 1
        suffix = _suffix(p, i, seen[name]) if repeated[name] > 1 else ""
        slope = _is_slope(e, p.features[i])
        rows.append(
            Row(
                index=i,
                name=name,
                phrase=escape.shorten(_phrase(e, i, name, slope), NAME_LENGTH),
                suffix=suffix,
                value=scale * _number(p.values[i]),
                low=None if p.low is None else scale * _number(p.low[i]),
                high=None if p.high is None else scale * _number(p.high[i]),
                times=max(1, len(p.positions[i])) if p.positions else 1,
                slope=slope,
                signed=p.signed,
                mark=protected(e, p.features[i]),
            )
        )
    return rows


def _number(x: float) -> float:
    return float(np.nan_to_num(x, nan=0.0, posinf=0.0, neginf=0.0))


def _suffix(p: Attribution, i: int, nth: int) -> str:
    if p.positions and p.positions[i]:
        return f" (word {p.positions[i][0] + 1})"
    return f" (no. {nth})"


def _is_slope(e: Explanation, feature: str) -> bool:
    """Whether a number is per standard deviation of its column, as LIME's are for columns that it does not put in bins."""
    own = e.instance.get(feature) if isinstance(e.instance, dict) else None
    return _PER_SPREAD in e.payload.unit and isinstance(own, int | float) and not isinstance(own, bool)


def _phrase(e: Explanation, i: int, name: str, slope: bool) -> str:
    """A table's part as "marital status is Never-married" or "higher age"; anything else by its whole name."""
    feature = e.payload.features[i]
    if slope:
        return f"higher {column(feature)}"
    if isinstance(e.instance, dict) and feature in e.instance:
        return f"{column(feature)} is {escape.shorten(numbers.value(e.instance[feature]), 30)}"
    return escape.flat(e.payload.names[i]) or name if e.modality == "image" else name


def column(feature: str) -> str:
    """A column's name for a sentence: its underscores are spaces."""
    return escape.shorten(feature.replace("_", " "), 30) or "(unnamed column)"
