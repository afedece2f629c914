"""A score's means with their intervals as dots on lines, best first; random numbers as the line to beat.

Names are data values only: none becomes a field, a format, an expression or markup. Shape as well as colour tells what a dot is.
"""

from __future__ import annotations

from typing import Any

import altair as alt

from ..render import colours, escape
from ..render.attribution_chart import named_rows, row_height
from .artifact import RANDOM, Board, Cell, Column, Row
from .telling import better_is, number, place

ROW_HEIGHT = 26
GREY = "#808495"
SURE, OPEN, WORSE, BEAT, PLAIN = (
    "surely better than random",
    "not sure",
    "surely worse than random",
    "knows nothing of the model",
    "a method",
)
# Colour, shape and what fills it.
LOOKS = {
    SURE: (colours.TOWARD, "circle", colours.TOWARD),
    OPEN: (colours.TOWARD, "circle", "transparent"),
    WORSE: (colours.AWAY, "triangle-down", colours.AWAY),
    BEAT: (GREY, "diamond", GREY),
    PLAIN: (colours.TOWARD, "circle", colours.TOWARD),
}


def chart(board: Board, score: str) -> alt.LayerChart:
    column = board.column(score)
    rows = [_record(row, row.cells[score], column) for row in board.sorted_rows(score)]
    used = [name for name in LOOKS if any(row["is"] == name for row in rows)]
    base = alt.Chart(alt.Data(values=rows)).encode(y=named_rows())
    colour = alt.Color("is:N", scale=alt.Scale(domain=used, range=[LOOKS[name][0] for name in used]), legend=None)
    shape = alt.Shape("is:N", scale=alt.Scale(domain=used, range=[LOOKS[name][1] for name in used]), legend=_legend())
    shades = alt.Scale(domain=used, range=[LOOKS[name][0] for name in used])
    tips = [alt.Tooltip(f"{field}:N", title=title) for field, title in (("label", "method"), ("number", score), ("apart", "less random"))]
    layers: list[Any] = []
    rival = next((row for row in rows if row["random"]), None)
    if rival is not None and any(row["is"] in (SURE, OPEN, WORSE) for row in rows):
        line = alt.Chart(alt.Data(values=[{"at": rival["mean"]}]))
        layers.append(line.mark_rule(color=GREY, strokeDash=[4, 3], strokeWidth=1.5, tooltip=None).encode(x=_x("at", column)))
    layers.append(base.mark_rule(strokeWidth=2).encode(x=_x("low", column), x2="high:Q", color=colour, tooltip=tips))
    layers += [base.mark_tick(thickness=2, size=9).encode(x=_x(end, column), color=colour, tooltip=tips) for end in ("low", "high")]
    dots = base.mark_point(size=90, strokeWidth=2, opacity=1)
    stroke = alt.Stroke("is:N", scale=shades, legend=_legend())
    fill = alt.Fill("is:N", scale=alt.Scale(domain=used, range=[LOOKS[name][2] for name in used]), legend=_legend())
    layers.append(dots.encode(x=_x("mean", column), stroke=stroke, fill=fill, shape=shape, tooltip=tips))
    autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    made: Any = alt.layer(*layers).resolve_scale(color="independent", shape="independent", stroke="independent", fill="independent")
    return made.properties(width="container", height=alt.Step(row_height((row["label"] for row in rows), ROW_HEIGHT)), autosize=autosize)


def _legend() -> alt.Legend:
    return alt.Legend(title=None, orient="top", direction="vertical", labelLimit=300, labelFontSize=12)


def _x(field: str, column: Column) -> alt.X:
    axis = alt.Axis(title=f"{column.name}: {better_is(column)}", titleFontSize=12, titleFontWeight="normal", titleLimit=0, tickCount=5)
    return alt.X(f"{field}:Q", scale=alt.Scale(zero=False), axis=axis)


def _record(row: Row, cell: Cell, column: Column) -> dict[str, Any]:
    apart = cell.against.get(RANDOM)
    if row.rival or row.name == RANDOM:
        what = BEAT
    elif apart is None or apart.low is None:
        what = PLAIN
    else:
        what = SURE if apart.better(column.higher_is_better) else WORSE if apart.worse(column.higher_is_better) else OPEN
    low, high = (cell.mean, cell.mean) if cell.low is None or cell.high is None else (cell.low, cell.high)
    told = f"{apart.mean:+.3f} ({apart.low:+.3f} to {apart.high:+.3f})" if apart and apart.low is not None else ""
    return {
        "label": escape.shorten(row.title, 60), "mean": cell.mean, "low": low, "high": high, "is": what,
        "number": f"{number(cell)}, n = {cell.n}", "apart": told, "place": place(cell), "random": row.name == RANDOM,
    }  # fmt: skip
