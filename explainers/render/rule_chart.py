"""A rule as an Altair chart: how often the model gives the answer, from no condition to all of them, beside what was asked for.

Names are data values only, as in `attribution_chart`.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from ..explanation import Explanation
from . import colours, escape, numbers
from .attribution_chart import BAR_HEIGHT, named_rows, row_height
from .common import class_name, quoted
from .rule_view import Rung, View

_END = 112  # of an axis of times in 100, so that the numbers have room


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> alt.LayerChart | None:
    """`ink`: colour of the numbers, for a picture with a known background; None follows the theme. `reach` has no use: all go to 100."""
    view = View(e)
    if not view.rungs:
        return None
    base = alt.Chart(alt.Data(values=[_record(rung) for rung in view.rungs])).encode(y=named_rows())
    goal: Any = alt.Chart(alt.Data(values=[{"goal": min(100.0, max(0.0, 100 * view.payload.threshold))}]))
    goal = goal.mark_rule(color="#808495", strokeWidth=2, strokeDash=[5, 4], tooltip=None).encode(x=alt.X("goal:Q"))
    layers = [_bars(base, view), goal, *_interval(base, view), _amounts(base, view, ink)]
    layered: Any = alt.layer(*layers)
    return layered.properties(
        width="container",
        height=alt.Step(row_height(map(label, view.rungs))),
        autosize=alt.AutoSizeParams(type="fit-x", contains="padding"),
    )


def label(rung: Rung, length: int = 44) -> str:
    """ "no condition", "1 age is at most 28", "2 and …": the number keeps equal conditions apart."""
    number, joined = rung.lead
    return f"{number} {joined}{escape.shorten(rung.label, length)}".lstrip()


def _record(rung: Rung) -> dict[str, Any]:
    low, high = (None, None) if rung.low is None or rung.high is None else (100 * rung.low, 100 * rung.high)
    ends = f" (95 % range {numbers.in_hundred_within(rung.share, rung.low, rung.high)[1]})" if low is not None else ""
    return {
        "label": label(rung),
        "what": escape.shorten(rung.label, 200),
        "share": 100 * rung.share,
        "zero": 0,
        "low": low,
        "high": high,
        "amount": numbers.in_hundred(rung.share),
        "whole": low is not None,
        "rule": rung.ruled,
        "end": 100,
        "said": f"{numbers.in_hundred(rung.share)} times in 100{ends}",
    }


def _x(field: str, view: View) -> alt.X:
    said = ["times in 100 that the model says", f"{quoted(class_name(view.e, view.e.target, 24))} (dashed: the {view.asked} asked for)"]
    said += [view.marked] if view.marked else []
    axis = alt.Axis(
        title=said,
        titleAnchor="end",
        titleFontSize=12,
        titleFontWeight="normal",
        titleLimit=0,
        values=[0, 25, 50, 75, 100],
        labelFlush=False,
    )
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=[0, _END], nice=False, zero=True), axis=axis)


def _bars(base: alt.Chart, view: View) -> alt.Chart:
    """Filled under conditions, hollow without any."""
    return base.mark_bar(height=BAR_HEIGHT, strokeWidth=1.5, stroke=colours.TOWARD, fill=colours.TOWARD).encode(
        x=_x("zero", view),
        x2="share:Q",
        fillOpacity=alt.when("datum.rule").then(alt.value(0.4)).otherwise(alt.value(0.0)),
        tooltip=[alt.Tooltip("what:N", title="condition"), alt.Tooltip("said:N", title="holds")],
    )


def _interval(base: alt.Chart, view: View) -> list[alt.Chart]:
    if not view.measured:
        return []
    whole = base.transform_filter("datum.whole")
    line = whole.mark_rule(strokeWidth=2, color=colours.TOWARD, tooltip=None).encode(x=_x("low", view), x2="high:Q")
    caps = [
        whole.mark_tick(thickness=2, size=9, color=colours.TOWARD, opacity=1, tooltip=None).encode(x=_x(end, view))
        for end in ("low", "high")
    ]
    return [line, *caps]


def _amounts(base: alt.Chart, view: View, ink: str | None) -> alt.Chart:
    look: dict[str, Any] = {"color": ink} if ink else {"color": "white", "blend": "difference"}
    return base.mark_text(dx=6, align="left", fontSize=12, tooltip=None, **look).encode(x=_x("end", view), text="amount:N")
