"""Whether there is anything to explain: a map of next to nothing is said to be one, before a word on what counts.

The cut, `LITTLE`: 2 percentage points of the probability of the class explained, or 0.08 of its log odds. The two are one cut: a step of
0.08 in log odds moves no probability by more than 2 points, for the slope p (1 - p) is at most 1/4. It is a choice of ours, of what a person
would still call a change of the answer, and no test of chance.

It is held against
effect     the difference that the numbers promise to share out, for methods that promise one (Shapley values, integrated gradients, ...):
           what the model says of the instance less what it says with everything taken away. Where single numbers are larger than the
           cut all the same, they cancel out, and that is said.
largest    for methods that promise none, and only where numbers are changes of a probability: the largest number, or end of an interval.
Numbers without a sign or in another unit cannot tell.
"""

from __future__ import annotations

from . import numbers
from .attribution_rows import Rows
from .common import class_name, quoted

LITTLE = {"points": 2.0, "log odds": 0.08}


def little(rows: Rows) -> str:
    """The sentence that says so; "" where there is something to explain, or it is not known."""
    cut = LITTLE["points"] if rows.in_points else LITTLE["log odds"] if rows.in_log_odds else None
    p = rows.payload
    if cut is None or not rows.rows or not rows.signed or rows.e.method == "random":
        return ""
    if p.effect is None:
        largest = max(abs(x) for x in rows.reach)
        return _no_number(rows, largest) if rows.in_points and 0 < largest <= cut else ""  # of zeros it is said that none moves the answer
    effect = 100 * p.effect if rows.in_points else p.effect
    if abs(effect) > cut:
        return ""
    said = (
        "There is hardly anything to explain: with everything taken away the answer is nearly the same, it differs by "
        f"{numbers.amount(effect)} {rows.unit}."
    )
    return f"{said} Single numbers are larger than that: they cancel out." if rows.largest > cut else said


def _no_number(rows: Rows, largest: float) -> str:
    target = quoted(class_name(rows.e, rows.e.target))
    ends = "" if rows.payload.low is None else ", the ends of its range included"
    return (
        f"There is hardly anything to explain: no {rows.noun[0]} moves the probability of {target} by more than "
        f"{numbers.amount(largest)} percentage points{ends}."
    )
