"""A set difference as an Altair chart: for each description its AUROC and interval on an axis from 0 to 1, with 0.5, no difference, marked.

Descriptions are data values only. What was found is a filled circle (a square: only by likeness), what may be chance a hollow diamond, what is
truer of the other set a hollow triangle: shape says it as well as colour. What says the same as another, or goes with it, stands under that
one and has no line; of what may be chance only the few that came nearest to a find have one.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import altair as alt

from ..explanation import Explanation
from . import colours, escape
from .attribution_chart import ROW_HEIGHT, named_rows
from .difference_rows import CHANCE, FOUND, LIKE, REVERSE, Line, View, cases, chance, interval

MOST = 20
TEXT_LENGTH = 60
_LABEL_LIMIT = "containerSize()[0] > 0 ? clamp(containerSize()[0] * 0.45, 110, 380) : 300"
_GREY = "#808495"
_LOOKS = {
    FOUND: (colours.TOWARD, "circle"), LIKE: (_GREY, "square"), CHANCE: (_GREY, "diamond"), REVERSE: (colours.AWAY, "triangle-left")
}  # fmt: skip


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> alt.LayerChart | None:
    """`ink`, `reach`: unused, for the marks have colours of their own and the axis is 0 to 1."""
    view = View.of(e)
    if not view.lines:
        return None
    base = alt.Chart(alt.Data(values=_records(view))).encode(y=named_rows(_LABEL_LIMIT, lines=False))
    lines = _drawn(view)
    verdicts = [v for v in _LOOKS if any(line.verdict == v for line in lines)]
    shade = alt.Scale(domain=verdicts, range=[_LOOKS[v][0] for v in verdicts])
    shapes = alt.Scale(domain=verdicts, range=[_LOOKS[v][1] for v in verdicts])
    legend = alt.Legend(title=None, orient="top", columns=1, labelLimit=240)
    middle = (
        alt.Chart(alt.Data(values=[{"half": 0.5}])).mark_rule(color=_GREY, strokeDash=[4, 3], tooltip=None).encode(x=_x(view, "half:Q"))
    )
    ends = base.mark_rule(strokeWidth=2).encode(x=_x(view, "low:Q"), x2="high:Q", color=alt.Color("verdict:N", scale=shade, legend=legend))
    dots = base.mark_point(size=110, strokeWidth=2, opacity=1).encode(
        x=_x(view, "score:Q"),
        color=alt.Color("verdict:N", scale=shade, legend=legend),
        shape=alt.Shape("verdict:N", scale=shapes, legend=legend),
        fill=alt.Fill("verdict:N", scale=shade, legend=None),
        fillOpacity=alt.when("datum.found").then(alt.value(1)).otherwise(alt.value(0)),
        tooltip=[
            alt.Tooltip("says:N", title="description"),
            alt.Tooltip("cases:N", title="fits A better"),
            alt.Tooltip("interval:N", title="95 % interval"),
            alt.Tooltip("q:N", title="q"),
            alt.Tooltip("verdict:N", title="verdict"),
        ],
    )
    drawn: Any = alt.layer(middle, ends, dots)
    autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    return drawn.properties(width="container", height=alt.Step(ROW_HEIGHT), autosize=autosize)


def _drawn(view: View) -> list[Line]:
    return view.pictured[:MOST]


def _records(view: View) -> list[dict[str, Any]]:
    labels: Counter[str] = Counter()
    records = []
    for line in _drawn(view):
        label = escape.shorten(line.says, TEXT_LENGTH) + (" (typed)" if line.own else "")
        labels[label] += 1
        c = line.candidate
        records.append(
            {
                "label": label if labels[label] == 1 else f"{label} ({labels[label]})",
                "says": line.says, "score": c.score, "low": max(0.0, c.low), "high": min(1.0, c.high), "found": line.verdict == FOUND,
                "verdict": line.verdict, "cases": cases(c.score), "interval": interval(c), "q": chance(c.q),
            }
        )  # fmt: skip
    return records


def _x(view: View, field: str) -> alt.X:
    first = escape.shorten(view.payload.names[0], 36) or "A"
    axis = alt.Axis(
        title=["0.5 = no difference, 1 = truer of", f"“{first}”; lines: 95 % intervals of each alone"], titleAnchor="end",
        titleFontSize=12, titleFontWeight="normal", values=[0, 0.25, 0.5, 0.75, 1], format=".2~f",
    )  # fmt: skip
    return alt.X(field, scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
