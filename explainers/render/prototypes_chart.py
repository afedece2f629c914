"""Prototypes and nearest examples as an Altair chart: how similar each is, 0 to 1, class by class.

Names are data values only. A bar is filled where the class is the model's answer, hollow and dashed elsewhere: the labels say it, too.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import altair as alt

from ..explanation import Explanation
from . import colours, escape
from .attribution_chart import BAR_HEIGHT, named_rows, row_height
from .common import class_name
from .prototypes_rows import Near, similarity

CLASS_LENGTH, TEXT_LENGTH = 24, 40
MOST_BARS = 20
_LABEL_LIMIT = "containerSize()[0] > 0 ? clamp(containerSize()[0] * 0.5, 110, 380) : 300"


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> alt.LayerChart | None:
    """`ink`: colour of the numbers, for a picture with a known background; None follows the theme. `reach`: unused, 0 to 1 is the scale."""
    near = Near.of(e)
    if not near.rows:
        return None
    records = _records(near)
    base = alt.Chart(alt.Data(values=records)).encode(y=named_rows(_LABEL_LIMIT))
    look: dict[str, Any] = {"color": ink} if ink else {"color": "white", "blend": "difference"}
    bars = base.mark_bar(height=BAR_HEIGHT, strokeWidth=1.5).encode(
        x=_x(),
        fill=_colour(),
        stroke=_colour(),
        fillOpacity=alt.when("datum.answer").then(alt.value(0.4)).otherwise(alt.value(0.06)),
        strokeDash=alt.when("datum.answer").then(alt.value([1, 0])).otherwise(alt.value([3, 3])),
        tooltip=[
            alt.Tooltip("what:N", title=f"training {near.noun[0]}"),
            alt.Tooltip("class:N", title="class"),
            alt.Tooltip("says:N", title="the model says"),
            alt.Tooltip("amount:N", title="similarity"),
        ],
    )
    amounts = base.mark_text(dx=5, align="left", fontSize=12, tooltip=None, **look).encode(x=_x(), text="amount:N")
    drawn: Any = alt.layer(bars, amounts)
    autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    return drawn.properties(width="container", height=alt.Step(row_height(one["label"] for one in records)), autosize=autosize)


def _records(near: Near) -> list[dict[str, Any]]:
    """Class by class, in the order of their closest; most similar first."""
    order = {row.prototype.class_index: i for i, row in enumerate(near.leading)}
    shown = sorted(near.rows[:MOST_BARS], key=lambda r: (order[r.prototype.class_index], -r.similarity))
    labels: Counter[str] = Counter()
    records = []
    for row in shown:
        label = f"{class_name(near.e, row.prototype.class_index, CLASS_LENGTH)}: {near.said(row, TEXT_LENGTH)}"
        labels[label] += 1
        records.append(
            {
                "label": label if labels[label] == 1 else f"{label} ({labels[label]})",
                "similarity": row.similarity,
                "amount": similarity(row.similarity),
                "answer": row.prototype.class_index == near.e.predicted,
                "what": escape.shorten(near.said(row, 200), 220),
                "class": row.stands_for,
                "says": row.answer or "not asked",
            }
        )
    return records


def _x() -> alt.X:
    axis = alt.Axis(
        title="similarity, 1 = the same",
        titleAnchor="end",
        titleFontSize=12,
        titleFontWeight="normal",
        values=[0, 0.2, 0.4, 0.6, 0.8, 1],
    )
    return alt.X("similarity:Q", scale=alt.Scale(domain=[0, 1.18], nice=False), axis=axis)


def _colour() -> Any:
    return alt.when("datum.answer").then(alt.value(colours.TOWARD)).otherwise(alt.value(colours.AWAY))
