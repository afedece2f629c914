"""Whether there is anything to explain: a map of next to nothing is said to be one, before a word on what counts.

The cut, `LITTLE`: 2 percentage points of the probability of the class explained, or 0.08 of its log odds. A step of 0.08 in log odds moves
no probability by more than 2 points, for the slope p (1 - p) is at most 1/4; but not the other way round: from 0.1 to 1.9 % is less than
2 points and 3.0 in log odds, so a map in points can be of next to nothing where one in log odds is not. It is a choice of ours, of what a
person would still call a change of the probability, and no test of chance.

What must be within the cut
numbers  all of them, the ends of their ranges included
effect   the difference that the numbers promise to share out, for methods that promise one (Shapley values, integrated gradients, ...):
         what the model says of the class on the instance less what it says with everything taken away
Where the effect is within the cut and the numbers are not, those on the two sides cancel: there is much to explain, and that is said
(`cancels`), if it can be seen of the numbers that are shown and stand out from chance.
Numbers without a sign or in another unit cannot tell, nor, of methods that promise no sum, numbers in log odds.
Either says something of the probability of the class explained only: among three or more classes the model's answer may be another one all
the same.
"""

from __future__ import annotations

from . import numbers
from .attribution_rows import Rows
from .common import class_name, quoted

LITTLE = {"points": 2.0, "log odds": 0.08}
_BALANCE = 0.5  # of what is on the larger side: with less on the other, the numbers shown do not cancel, whatever they should add up to


def little(rows: Rows) -> str:
    """The sentence that says so; "" where there is something to explain, or it is not known."""
    cut, p = _cut(rows), rows.payload
    if cut is None or max(abs(x) for x in rows.reach) > cut:
        return ""
    if p.effect is None:  # of numbers that are all zero it is said that none moves the answer
        return _no_number(rows) if rows.in_points and rows.largest > 0 else ""
    if abs(_effect(rows)) > cut:
        return ""
    return f"There is hardly anything to explain: {_differs(rows)}."


def cancels(rows: Rows) -> str:
    """That what counts toward and what counts away cancel, as a sentence; "" where they do not, or it is not known."""
    cut = _cut(rows)
    if cut is None or rows.payload.effect is None or abs(_effect(rows)) > cut:
        return ""
    toward, away = (sum(abs(r.value) for r in rows.rows if r.sure and r.toward == side) for side in (True, False))
    if min(toward, away) <= max(cut, _BALANCE * max(toward, away)):
        return ""
    return f"The two sides nearly cancel: {_differs(rows)}."


def _cut(rows: Rows) -> float | None:
    """In the unit that is shown; None where numbers cannot tell."""
    if not rows.rows or not rows.signed or rows.e.method == "random":
        return None
    return LITTLE["points"] if rows.in_points else LITTLE["log odds"] if rows.in_log_odds else None


def _effect(rows: Rows) -> float:
    return (100 if rows.in_points else 1) * (rows.payload.effect or 0.0)


def _differs(rows: Rows) -> str:
    what = "probability" if rows.in_points else "log odds"
    verb, unit = ("differs", " percentage points") if rows.in_points else ("differ", "")
    amount = numbers.amount(_effect(rows))
    only = "" if amount.startswith("less") else "only "
    return f"with everything taken away the {what} of {quoted(class_name(rows.e, rows.e.target))} {verb} by {only}{amount}{unit}"


def _no_number(rows: Rows) -> str:
    largest = max(abs(x) for x in rows.reach)
    target = quoted(class_name(rows.e, rows.e.target))
    ends = "" if rows.payload.low is None else ", the ends of its range included"
    return (
        f"There is hardly anything to explain: no {rows.noun[0]} moves the probability of {target} by more than "
        f"{numbers.amount(largest)} percentage points{ends}."
    )
