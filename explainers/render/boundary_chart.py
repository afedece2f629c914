"""A path over the decision boundary as an Altair chart: the margin at each step, and the line where the answer changes.

Names are data values only. The answer is told by shape, colour and the side of the line.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from ..explanation import Explanation
from . import colours, escape
from .boundary_rows import Path, margin
from .common import class_name

HEIGHT = 260
CLASS_LENGTH = 40
OTHER = "another answer"


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> alt.LayerChart | None:
    """`ink`: colour of the words, for a picture with a known background; None follows the theme. `reach`: unused."""
    path = Path.of(e)
    if not path.stops:
        return None
    base = alt.Chart(alt.Data(values=_records(path))).encode(x=_x(path))
    look: dict[str, Any] = {"color": ink} if ink else {"color": "white", "blend": "difference"}
    way = base.mark_line(color="#808495", strokeWidth=2, tooltip=None).encode(y=_y(path))
    numbers = base.mark_text(dy=-16, fontSize=12, tooltip=None, **look).encode(y=_y(path), text="amount:N")
    drawn: Any = alt.layer(*_zero(look), way, _points(base, path), numbers)
    autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    return drawn.properties(width="container", height=HEIGHT, autosize=autosize)


def _records(path: Path) -> list[dict[str, Any]]:
    own, other = _legend(path)
    return [
        {
            "step": stop.index,
            "margin": stop.margin,
            "amount": margin(stop.margin),
            "answer": other if stop.over else own,
            "says": path.said(stop.answer),
            "what": escape.shorten(", ".join(stop.new) or f"the {path.noun[0]} itself", 200),
        }
        for stop in path.stops
    ]


def _legend(path: Path) -> tuple[str, str]:
    """The two sides in words; the other one by name where all that crossed got the same answer."""
    answers = {stop.answer for stop in path.stops if stop.over}
    own = path.stops[0].answer
    own_name = class_name(path.e, own if own is not None else path.e.target, CLASS_LENGTH)
    only = answers.pop() if len(answers) == 1 else None
    other = OTHER if only is None else class_name(path.e, only, CLASS_LENGTH)
    return own_name, other if other != own_name else OTHER


def _x(path: Path) -> alt.X:
    axis = alt.Axis(
        title=f"step (0: the {path.noun[0]} itself)",
        titleAnchor="end",
        titleFontSize=12,
        titleFontWeight="normal",
        values=[stop.index for stop in path.stops][:: max(1, len(path.stops) // 10)],
        format="d",
        grid=False,
    )
    return alt.X("step:Q", scale=alt.Scale(domain=[-0.3, len(path.stops) - 0.7], nice=False, zero=False), axis=axis)


def _y(path: Path) -> alt.Y:
    low, high = path.reach
    room = 0.2 * ((high - low) or 1.0)
    axis = alt.Axis(
        title=["evidence for the answer to the", f"{path.noun[0]} itself (log odds, 0: undecided)"],
        titleFontSize=12,
        titleFontWeight="normal",
        tickCount=5,
    )
    return alt.Y("margin:Q", scale=alt.Scale(domain=[low - room, high + 1.4 * room], nice=False, zero=False), axis=axis)


def _zero(look: dict[str, Any]) -> list[alt.Chart]:
    data = alt.Data(values=[{"zero": 0, "words": "the answer changes here"}])
    line = alt.Chart(data).mark_rule(color="#808495", strokeWidth=2, strokeDash=[6, 4], tooltip=None).encode(y=alt.Y("zero:Q"))
    words = (
        alt.Chart(data)
        .mark_text(align="left", baseline="bottom", dx=4, dy=-3, fontSize=12, fontStyle="italic", tooltip=None, **look)
        .encode(x=alt.value(0), y=alt.Y("zero:Q"), text="words:N")
    )
    return [line, words]


def _points(base: alt.Chart, path: Path) -> alt.Chart:
    sides = list(_legend(path))
    shown = sides if any(stop.over for stop in path.stops) else sides[:1]
    legend = alt.Legend(title="the model says", orient="top", labelLimit=260, symbolSize=110)
    return base.mark_point(size=130, strokeWidth=2, filled=True, opacity=1).encode(
        y=_y(path),
        color=alt.Color("answer:N", scale=alt.Scale(domain=shown, range=[colours.TOWARD, colours.AWAY][: len(shown)]), legend=legend),
        shape=alt.Shape("answer:N", scale=alt.Scale(domain=shown, range=["circle", "triangle-down"][: len(shown)]), legend=legend),
        tooltip=[
            alt.Tooltip("what:N", title="changed"),
            alt.Tooltip("amount:N", title="margin"),
            alt.Tooltip("says:N", title="the model says"),
        ],
    )
