"""A set difference as an Altair chart: for each description its AUROC and interval on an axis from 0 to 1, with 0.5, no difference, marked.

Descriptions are data values only. What was found is a filled circle, what may be chance a hollow diamond, what is truer of the other set a
hollow triangle: shape says it as well as colour.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import altair as alt

from ..explanation import Explanation
from . import colours, escape
from .attribution_chart import ROW_HEIGHT, named_rows
from .difference_rows import CHANCE, FOUND, REVERSE, View, cases, chance, interval

MOST = 20
TEXT_LENGTH = 48
_LABEL_LIMIT = "containerSize()[0] > 0 ? clamp(containerSize()[0] * 0.45, 110, 380) : 300"
_GREY = "#808495"


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> alt.LayerChart | None:
    """`ink`, `reach`: unused, for the marks have colours of their own and the axis is 0 to 1."""
    view = View.of(e)
    if not view.lines:
        return None
    base = alt.Chart(alt.Data(values=_records(view))).encode(y=named_rows(_LABEL_LIMIT))
    verdicts = [FOUND, CHANCE, REVERSE]
    shade = alt.Scale(domain=verdicts, range=[colours.TOWARD, _GREY, colours.AWAY])
    legend = alt.Legend(title=None, orient="top", columns=1, labelLimit=240)
    middle = alt.Chart(alt.Data(values=[{"half": 0.5}])).mark_rule(color=_GREY, strokeDash=[4, 3], tooltip=None).encode(x=_x("half:Q"))
    ends = base.mark_rule(strokeWidth=2).encode(x=_x("low:Q"), x2="high:Q", color=alt.Color("verdict:N", scale=shade, legend=legend))
    dots = base.mark_point(size=110, strokeWidth=2, opacity=1).encode(
        x=_x("score:Q"),
        color=alt.Color("verdict:N", scale=shade, legend=legend),
        shape=alt.Shape("verdict:N", scale=alt.Scale(domain=verdicts, range=["circle", "diamond", "triangle-left"]), legend=legend),
        fill=alt.Fill("verdict:N", scale=shade, legend=None),
        fillOpacity=alt.when("datum.found").then(alt.value(1)).otherwise(alt.value(0)),
        tooltip=[
            alt.Tooltip("says:N", title="description"),
            alt.Tooltip("cases:N", title="fits the first set better"),
            alt.Tooltip("interval:N", title="95 % interval"),
            alt.Tooltip("q:N", title="q"),
            alt.Tooltip("verdict:N", title="verdict"),
        ],
    )
    drawn: Any = alt.layer(middle, ends, dots)
    autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    return drawn.properties(width="container", height=alt.Step(ROW_HEIGHT), autosize=autosize)


def _records(view: View) -> list[dict[str, Any]]:
    labels: Counter[str] = Counter()
    records = []
    for line in view.lines[:MOST]:
        label = escape.shorten(line.says, TEXT_LENGTH) + (" (typed)" if line.own else "")
        labels[label] += 1
        c = line.candidate
        records.append(
            {
                "label": label if labels[label] == 1 else f"{label} ({labels[label]})",
                "says": line.says, "score": c.score, "low": max(0.0, c.low), "high": min(1.0, c.high), "found": line.found,
                "verdict": line.verdict, "cases": cases(c.score), "interval": interval(c), "q": chance(c.q),
            }
        )  # fmt: skip
    return records


def _x(field: str) -> alt.X:
    axis = alt.Axis(
        title="0.5 = no difference, 1 = truer of the first set", titleAnchor="end", titleFontSize=12, titleFontWeight="normal",
        values=[0, 0.25, 0.5, 0.75, 1], format=".2~f",
    )  # fmt: skip
    return alt.X(field, scale=alt.Scale(domain=[0, 1], nice=False), axis=axis)
