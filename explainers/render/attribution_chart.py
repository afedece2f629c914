"""An attribution as an Altair chart: signed bars, largest first, each with its 95 % interval.

Names are data values only: no name becomes a field, a format, an expression or markup. Text takes the colour of whatever theme
the chart is shown in: axis labels by themselves, and the numbers at the bars by being drawn as the inverse of what is behind them.
"""

from __future__ import annotations

import textwrap
from collections import Counter
from collections.abc import Iterable
from typing import Any

import altair as alt

from ..explanation import Explanation
from . import colours, escape
from .attribution_rows import Rows
from .common import PROTECTED_WORDS

ROW_HEIGHT = 28
BAR_HEIGHT = 16
MOST_BARS = 20  # a long text has hundreds of words: the marked text and the table have them all
# A chart on a phone, or one of two side by side: names are broken into lines there, so that none is cut.
NARROW = "containerSize()[0] > 0 && containerSize()[0] < 480"
# Names get 42 % of the room there is, 46 % where that is little; where there is no browser, and so no container to measure, 340 px.
LABEL_LIMIT = f"{NARROW} ? max(containerSize()[0] * 0.46, 80) : containerSize()[0] > 0 ? min(containerSize()[0] * 0.42, 280) : 340"
LINE = 26  # letters of a name on one line of a narrow chart
LINE_HEIGHT = 13  # pixels, of its lines
_ROOM_FOR_NUMBERS = 0.24


def chart(e: Explanation, ink: str | None = None, reach: tuple[float, float] | None = None) -> alt.LayerChart | None:
    """`ink`: colour of the numbers, for a picture with a known background; None follows the theme.

    reach: what the axis must hold besides, so that two charts side by side have one scale (see `reach`).
    """
    return chart_of(Rows.of(e).strongest(MOST_BARS).reaching(reach), ink)


def chart_of(rows: Rows, ink: str | None) -> alt.LayerChart | None:
    if not rows.rows:
        return None
    records = _records(rows)
    base = alt.Chart(alt.Data(values=records)).encode(y=named_rows())
    layers = [_zero(), _bars(base, rows), *_intervals(base, rows), *_amounts(base, rows, ink)]
    autosize = alt.AutoSizeParams(type="fit-x", contains="padding")
    chart: Any = alt.layer(*layers)
    return chart.properties(width="container", height=alt.Step(row_height(one["label"] for one in records)), autosize=autosize)


def _records(rows: Rows) -> list[dict[str, Any]]:
    labels: Counter[str] = Counter()
    records = []
    for r in rows.rows:
        labels[r.label] += 1
        label = r.label if labels[r.label] == 1 else f"{r.label} ({labels[r.label]})"
        low, high = (r.value, r.value) if r.low is None or r.high is None else (r.low, r.high)
        records.append(
            {
                "label": label,
                "value": r.value,
                "low": low,
                "high": high,
                "left": min(r.value, low, 0.0),
                "right": max(r.value, high, 0.0),
                "amount": rows.number(r.value),
                "toward": r.toward,
                "sure": r.sure,
                "what": escape.shorten(r.name, 200) + r.suffix + (f" ({PROTECTED_WORDS})" if r.mark else ""),
                "effect": rows.described(r),
            }
        )
    return records


def _x(field: str, rows: Rows) -> alt.X:
    left, right = rows.reach
    room = _ROOM_FOR_NUMBERS * ((right - left) or 1.0)
    domain = [
        left - (room if any(not r.toward for r in rows.rows) else 0.04 * room),
        right + (room if any(r.toward for r in rows.rows) else 0.04 * room),
    ]
    axis = alt.Axis(
        title=[*rows.axis_title(24), *([f"({rows.shortened})"] if rows.shortened else []), *([rows.marked] if rows.marked else [])],
        titleAnchor="end",
        titleFontSize=12,
        titleFontWeight="normal",
        titleLimit=0,
        tickCount=4,
        labelFlush=False,
    )
    return alt.X(f"{field}:Q", scale=alt.Scale(domain=domain, nice=False, zero=False), axis=axis)


def named_rows(limit: str = LABEL_LIMIT, lines: bool = True) -> alt.Y:
    """One row a bar, its name to the left, in the order of the data; other kinds' bars use it too.

    limit: width of a name, in Vega. lines: names are broken where the chart is narrow, which takes rows of `row_height`.
    """
    broken: dict[str, Any] = {"labelExpr": _broken(), "labelOffset": {"condition": [_raised(2), _raised(1)], "value": 0}} if lines else {}
    axis = alt.Axis(
        title=None,
        labelFontSize=alt.ExprRef(f"{NARROW} ? 12 : 13"),
        labelLineHeight=LINE_HEIGHT,
        labelLimit=alt.ExprRef(limit),
        labelOverlap=False,
        labelFlush=False,
        labelPadding=8,
        ticks=False,
        domain=False,
        grid=False,
        **broken,
    )
    return alt.Y("label:N", sort=None, axis=axis)


def _broken() -> str:
    """In Vega: a name in lines of at most LINE letters, broken at spaces where there are any; whole where there is room."""
    lines = f"split(trim(replace(datum.label, regexp('(.{{1,{LINE}}})( |$)|(.{{{LINE}}})', 'g'), '$1$3\\n')), '\\n')"
    return f"{NARROW} ? {lines} : datum.label"


def _raised(lines: int) -> dict[str, Any]:
    """Up by half of its further lines, so that a name of more than `lines` lines stands in the middle of its row."""
    return {"test": f"({NARROW}) && length(datum.label) > {lines * LINE}", "value": -lines * LINE_HEIGHT / 2}


def row_height(labels: Iterable[str], least: int = ROW_HEIGHT) -> int:
    """Pixels of a row of `named_rows` in which the longest name has room for all of its lines."""
    most = max((len(textwrap.wrap(label, LINE, break_on_hyphens=False)) for label in labels), default=1)
    return max(least, most * LINE_HEIGHT + 2)


def _zero() -> alt.Chart:
    return alt.Chart(alt.Data(values=[{"zero": 0}])).mark_rule(color="#808495", strokeWidth=1, tooltip=None).encode(x=alt.X("zero:Q"))


def _colour(rows: Rows) -> Any:
    if not rows.signed:
        return alt.value(colours.STRONG)
    return alt.when("datum.toward").then(alt.value(colours.TOWARD)).otherwise(alt.value(colours.AWAY))


def _bars(base: alt.Chart, rows: Rows) -> alt.Chart:
    """Outlined, lightly filled; hollow and dashed where it could be chance. The outline has the full contrast."""
    return base.mark_bar(height=BAR_HEIGHT, strokeWidth=1.5).encode(
        x=_x("value", rows),
        fill=_colour(rows),
        stroke=_colour(rows),
        fillOpacity=alt.when("datum.sure").then(alt.value(0.4)).otherwise(alt.value(0.06)),
        strokeDash=alt.when("datum.sure").then(alt.value([1, 0])).otherwise(alt.value([3, 3])),
        tooltip=[alt.Tooltip("what:N", title=rows.noun[0]), alt.Tooltip("effect:N", title="effect")],
    )


def _intervals(base: alt.Chart, rows: Rows) -> list[alt.Chart]:
    if rows.payload.low is None:
        return []
    line = base.mark_rule(strokeWidth=2, tooltip=None).encode(x=_x("low", rows), x2="high:Q", color=_colour(rows))
    caps = [
        base.mark_tick(thickness=2, size=9, opacity=1, tooltip=None).encode(x=_x(end, rows), color=_colour(rows)) for end in ("low", "high")
    ]
    return [line, *caps]


def _amounts(base: alt.Chart, rows: Rows, ink: str | None) -> list[alt.Chart]:
    """The number with its sign beyond the bar and its interval: colour is never the only cue."""
    look: dict[str, Any] = {"color": ink} if ink else {"color": "white", "blend": "difference"}
    texts = []
    for toward, field, dx in ((True, "right", 5), (False, "left", -5)):
        if any(r.toward is toward for r in rows.rows):
            look["align"] = "left" if toward else "right"
            mark = base.transform_filter(alt.datum.toward == toward).mark_text(dx=dx, fontSize=12, tooltip=None, **look)
            texts.append(mark.encode(x=_x(field, rows), text="amount:N"))
    return texts
