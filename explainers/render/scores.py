"""Scores to be looked at: a line with the value, its interval and its rivals on the range it can have; curves; a verdict in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from ..explanation import Score
from ..scores.faithful import COMPREHENSIVENESS, DELETION, EDGES, INSERTION, RANDOM_ORDER, SUFFICIENCY, THIS_MAP
from . import colours, escape

FLAG = "This map hardly changes when the model's weights are drawn at random. So it does not show what this model has learnt: do not rely on it."
_FAITHFUL = (DELETION, INSERTION, COMPREHENSIVENESS, SUFFICIENCY)
_LINE = "color-mix(in srgb, currentColor 25%, transparent)"
_STYLE = f"""<style>
.ft-score {{ margin: .2em 0 .9em; line-height: 1.4; overflow-wrap: anywhere; }}
.ft-score .ft-on {{ position: relative; height: 1.5em; margin: .3em .5em; border-bottom: 1px solid {_LINE}; }}
.ft-score .ft-on i {{ position: absolute; }}
.ft-score .ft-reach {{ bottom: -.12em; height: .24em; background: {colours.TOWARD}; opacity: .55; }}
.ft-score .ft-dot {{ bottom: -.38em; width: .75em; height: .75em; margin-left: -.375em; border-radius: 50%; background: {colours.TOWARD}; }}
.ft-score .ft-rival {{ bottom: -.5em; height: 1em; border-left: 2px dashed {colours.AWAY}; }}
.ft-score .ft-rival.ft-second {{ border-left-style: dotted; }}
.ft-score small {{ display: block; }}
</style>"""


def verdict(found: Sequence[Score]) -> str:
    """Whether the map beats a random order, in one honest sentence; "" where nothing was held against one."""
    tested = [s for s in found if s.name in _FAITHFUL and RANDOM_ORDER in s.beside]
    if not tested:
        return ""
    better, worse = ([s.name for s in tested if beats(s, RANDOM_ORDER) == sign] for sign in (1, -1))
    level = [s.name for s in tested if s.name not in (*better, *worse)]
    said = []
    if better:
        said.append(f"clearly beats a random order on {_listed(better)}")
    if level:
        said.append(f"does not clearly beat {'one' if better else 'a random order'} on {_listed(level)}")
    if worse:
        said.append(f"is clearly worse than {'one' if better or level else 'a random order'} on {_listed(worse)}")
    return f"This map {', '.join(said)}."


def beats(score: Score, rival: str) -> int:
    """1: clearly better than a rival, -1: clearly worse, 0: the interval holds the rival's value, or there is none."""
    other = score.beside.get(rival)
    if other is None or score.low is None or score.high is None or score.low <= other <= score.high:
        return 0
    return 1 if (score.value > other) == score.higher_is_better else -1


def html(score: Score) -> str:
    """Name, value, interval, direction; a line with the rivals on it; the meaning."""
    if math.isnan(score.value):
        return f'{_STYLE}<div class="ft-score"><b>{_name(score)}: not defined</b><small>{escape.prose(score.meaning)}</small></div>'
    better = "higher is better" if score.higher_is_better else "lower is better"
    ends = "" if score.low is None or score.high is None or score.high - score.low < 0.0005 else f" ({score.low:.2f} to {score.high:.2f})"
    rivals = "".join(f", {escape.prose(name)} {value:.2f}" for name, value in score.beside.items())
    return (
        f'{_STYLE}<div class="ft-score"><b>{_name(score)}: {score.value:.2f}</b>{ends}, {better}{rivals}{_on_its_range(score)}'
        f"<small>{escape.prose(score.meaning)}</small></div>"
    )


def _name(score: Score) -> str:
    return escape.prose(score.name[:1].upper() + score.name[1:])


def _on_its_range(score: Score) -> str:
    least, most = score.least, score.most
    if least is None or most is None or most <= least:
        return ""

    def at(x: float) -> str:
        return f"{100 * (min(max(x, least), most) - least) / (most - least):.1f}%"

    reach = ""
    if score.low is not None and score.high is not None:
        width = 100 * (min(score.high, most) - max(score.low, least)) / (most - least)
        reach = f'<i class="ft-reach" style="left:{at(score.low)};width:{width:.1f}%"></i>'
    marks = "".join(
        f'<i class="ft-rival{" ft-second" if i else ""}" style="left:{at(value)}" title="{escape.text(name)}"></i>'
        for i, (name, value) in enumerate(list(score.beside.items())[:2])
    )
    return f'<div class="ft-on" aria-hidden="true">{reach}{marks}<i class="ft-dot" style="left:{at(score.value)}"></i></div>'


def curves(score: Score) -> Any:
    """The curves that a score is the area under, as an Altair chart; None where there are none."""
    if len(score.curves) < 2:
        return None
    records = [
        {"share": 100 * i / (len(heights) - 1), "probability": 100 * height, "who": name}
        for name, heights in score.curves.items()
        for i, height in enumerate(heights)
    ]
    names = [name for name in (THIS_MAP, RANDOM_ORDER, EDGES) if name in score.curves]
    colour = alt.Scale(domain=names, range=[colours.TOWARD, colours.AWAY, "#808495"][: len(names)])
    dash = alt.Scale(domain=names, range=[[1, 0], [6, 4], [2, 3]][: len(names)])
    title = "parts brought in, %" if score.name == INSERTION else "parts taken away, %"
    return (
        alt.Chart(alt.Data(values=records))
        .mark_line(point=True)
        .encode(
            x=alt.X("share:Q", title=title),
            y=alt.Y("probability:Q", title="probability of the class, %"),
            color=alt.Color("who:N", scale=colour, legend=alt.Legend(title=None, orient="top")),
            strokeDash=alt.StrokeDash("who:N", scale=dash, legend=None),
            tooltip=["who:N", "share:Q", "probability:Q"],
        )
        .properties(width="container", height=220)
    )


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
