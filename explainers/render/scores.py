"""Scores to be looked at: a line with the value, its interval and its rivals on the range it can have; curves; a verdict in words."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import Any

import altair as alt

from ..explanation import Score
from ..maps.complete import GAP
from ..scores.agreement import AGREEMENT
from ..scores.faithful import COMPREHENSIVENESS, DELETION, EDGES, INSERTION, RANDOM_ORDER, SUFFICIENCY, THIS_MAP
from ..scores.infidelity import INFIDELITY
from ..scores.noise import NOISE
from ..scores.ranking import RANKING
from ..scores.sanity import CHANGE
from ..scores.seeds import STABILITY
from ..scores.truth import AREA, DISTANCE, KNOWN, MASS, POINTING, PRECISION, RANDOM_MAP
from . import colours, escape, numbers

FLAG = "This map hardly changes when the model's weights are drawn at random. So it does not show what this model has learnt: do not rely on it."
_GREY = "#808495"
SEVERAL = 1.3
_TESTS = (RANKING, INFIDELITY)
FAITHFUL = (RANKING, DELETION, INSERTION, COMPREHENSIVENESS, SUFFICIENCY, INFIDELITY)
_LINE = "color-mix(in srgb, currentColor 25%, transparent)"
_SOFT = "color-mix(in srgb, currentColor 10%, transparent)"
_RIVALS = ("ft-dashed", "ft-dotted", "ft-double")  # how the marks of rivals look: chance, other methods or the area, edges
_LOOKS = {RANDOM_ORDER: "ft-dashed", RANDOM_MAP: "ft-dashed", AREA: "ft-dotted", EDGES: "ft-double"}  # the same wherever they stand
_STYLE = f"""<style>
.ft-score {{ margin: .2em 0 1em; line-height: 1.4; overflow-wrap: anywhere; }}
.ft-score .ft-on {{ position: relative; height: 1.3em; margin: .35em .4em .1em; }}
.ft-score .ft-on i {{ position: absolute; }}
.ft-score .ft-whole {{ left: 0; right: 0; top: .5em; height: .3em; border-radius: .15em; background: {_SOFT}; border: 1px solid {_LINE}; }}
.ft-score .ft-reach {{ top: .45em; height: .4em; border-radius: .2em; background: {colours.TOWARD}; opacity: .5; min-width: 2px; }}
.ft-score .ft-dot {{ background: {colours.TOWARD}; border-radius: 50%; width: .8em; height: .8em; }}
.ft-score .ft-on .ft-dot {{ top: .25em; margin-left: -.4em; }}
.ft-score .ft-rival {{ border: 0 solid; border-left-width: 2px; height: 1.3em; }}
.ft-score .ft-on .ft-rival {{ top: 0; margin-left: -1px; }}
.ft-score .ft-dashed {{ border-left-style: dashed; }}
.ft-score .ft-dotted {{ border-left-style: dotted; border-left-width: 3px; }}
.ft-score .ft-double {{ border-left-style: double; border-left-width: 5px; }}
.ft-score .ft-ends {{ display: flex; justify-content: space-between; font-size: .75em; margin: 0 .4em; opacity: .8; }}
.ft-score ul {{ display: flex; flex-wrap: wrap; gap: .1em 1.1em; list-style: none; margin: .1em 0 .2em; padding: 0; font-size: .85em; }}
.ft-score li {{ margin: 0; padding: 0; font-size: inherit; }}
.ft-score li i {{ display: inline-block; vertical-align: -.1em; height: .9em !important; width: .8em; margin-right: .2em; }}
.ft-score small, .ft-score em {{ display: block; }}
.ft-scores-grid {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 24em), 1fr)); gap: .4em 2.6em; }}
</style>"""


# What a score asks, for a reader who has not met its name.
PLAIN = {
    DELETION: "does the answer fall when what the map puts first is taken away?",
    INSERTION: "is what the map puts first enough to bring the answer back?",
    COMPREHENSIVENESS: "does the answer rest on the words that the map puts first?",
    SUFFICIENCY: "are the words that the map puts first enough by themselves?",
    RANKING: "do the parts that it puts first matter more than those it puts last?",
    INFIDELITY: "how much of what the model does is not what the numbers say?",
    GAP: "how much is missing when all numbers are added up?",
    AGREEMENT: "do other methods put the same first?",
    NOISE: "does a small change of the input leave the map as it is?",
    CHANGE: "does the map depend on what the model has learnt?",
    STABILITY: "does another random draw say the same?",
    MASS: "how much of the map lies on the object?",
    POINTING: "does the map's highest point lie on the object?",
    PRECISION: "does the map tell the object from the rest?",
    KNOWN: "are the effects in their true order?",
    DISTANCE: "are the effects as large as they truly are?",
}


def against_random(found: Sequence[Score]) -> list[Score]:
    """The scores of faithfulness that decide whether the map beats a random order: ranking and infidelity, each one test with the power that one
    input can give. What they are made of (deletion, insertion and their like over few fills) decides only where there is no ranking."""
    held = [s for s in found if s.name in FAITHFUL and math.isfinite(s.value) and math.isfinite(s.beside.get(RANDOM_ORDER, math.nan))]
    return [s for s in held if s.name in _TESTS] if any(s.name == RANKING for s in held) else held


def split(tested: Sequence[Score]) -> tuple[list[str], list[str], list[str]]:
    """Names of those on which the map is clearly better than a random order, cannot be told from one, is clearly worse."""
    alone = any(s.name == RANKING for s in tested)  # two tests, at 2.5 % each way: a random map beats one in twenty at most
    signs = {s.name: beats(s if alone else _wider(s), RANDOM_ORDER) for s in tested}
    better, level, worse = ([name for name, sign in signs.items() if sign == side] for side in (1, 0, -1))
    return better, level, worse


def verdict(found: Sequence[Score]) -> str:
    """Whether the map beats a random order, in one honest sentence; "" where nothing was held against one."""
    tested = against_random(found)
    if not tested:
        return ""
    better, level, worse = split(tested)
    said = []
    if better:
        said.append(f"clearly beats a random order on {listed(better)}")
    if level:
        said.append(f"does not clearly beat {'one' if better else 'a random order'} on {listed(level)}")
    if worse:
        said.append(f"is clearly worse than {'one' if better or level else 'a random order'} on {listed(worse)}")
    return f"This map {', '.join(said)}.{_only_just(tested, level)}{_edges(tested)}{'' if better else _left(found)}"


def _only_just(tested: Sequence[Score], level: Sequence[str]) -> str:
    """Where an interval by itself leaves the random order out and is not counted, so that the two do not seem to contradict each other."""
    names = [s.name for s in tested if s.name in level and beats(s, RANDOM_ORDER)]
    if not names:
        return ""
    return (
        f" On {listed(names)} the interval leaves the random order out, but only just, which does not count: where several scores are looked "
        "at together, one does so by luck."
    )


def _wider(score: Score) -> Score:
    """With an interval that allows for several scores being held against a random order at once (Bonferroni, up to five over few fills)."""
    if score.low is None or score.high is None:
        return score
    low, high = (score.value + SEVERAL * (end - score.value) for end in (score.low, score.high))
    return dataclasses.replace(score, low=low, high=high)


def _edges(tested: Sequence[Score]) -> str:
    """Where an edge detector does as well, it is said: such a map may show no more than where the picture has edges."""
    behind = edges_do_as_well(tested)
    return f" An edge detector, which knows nothing of the model, does as well or better on {listed(behind)}." if behind else ""


def edges_do_as_well(found: Sequence[Score]) -> list[str]:
    """Names of the scores on which an edge detector is no worse than the map."""
    held = [(s, s.beside[EDGES]) for s in found if math.isfinite(s.value) and math.isfinite(s.beside.get(EDGES, math.nan))]
    return [s.name for s, edges in held if s.value == edges or (s.value > edges) != s.higher_is_better]


def _left(found: Sequence[Score]) -> str:
    """Where the class is as likely as not with everything gone, the order in which parts go can hardly matter."""
    ends = [s.curves[THIS_MAP][-1] for s in found if s.name == DELETION and s.curves.get(THIS_MAP)]
    if not ends or ends[0] < 0.5:
        return ""
    share = f"{100 * ends[0]:.0f} %"
    return f" With everything gone the model still gives this class {share}, so taking parts away can hardly tell maps apart here."


def beats(score: Score, rival: str) -> int:
    """1: clearly better than a rival, -1: clearly worse, 0: the interval holds the rival's value, or one of them is none or not defined."""
    other = score.beside.get(rival)
    if other is None or score.low is None or score.high is None or score.low <= other <= score.high:
        return 0
    if not all(map(math.isfinite, (other, score.value, score.low, score.high))):  # every comparison with NaN is false, which is no victory
        return 0
    return 1 if (score.value > other) == score.higher_is_better else -1


def html(*scores: Score) -> str:
    """Each: name, value, interval, direction; what it asks; a line with the rivals on it; the meaning. In columns where there is room for
    several. Has its own style."""
    return f'{_STYLE}<div class="ft-scores-grid">{"".join(_score(score) for score in scores)}</div>'


def _score(score: Score) -> str:
    if math.isnan(score.value):
        meaning = escape.text(escape.shorten(score.meaning, 400))
        return f'<div class="ft-score"><b>{_name(score)}: not defined</b>{_asks(score)}<small>{meaning}</small></div>'
    better = "higher is better" if score.higher_is_better else "lower is better"
    ends = ""
    if score.low is not None and score.high is not None and score.high - score.low >= 0.005:
        ends = f" (95{chr(0xA0)}% interval {_number(score.low)} to {_number(score.high)})"
    return (
        f'<div class="ft-score"><b>{_name(score)}: {_number(score.value)}</b>{ends}, {better}{_asks(score)}{_on_its_range(score)}{_rivals(score)}'
        f"<small>{escape.text(escape.shorten(score.meaning, 400))}</small></div>"
    )


def _name(score: Score) -> str:
    name = escape.shorten(score.name.replace("_", " "), 80)
    return escape.text(name[:1].upper() + name[1:])


def _asks(score: Score) -> str:
    asked = PLAIN.get(score.name, "")
    return f"<em>{asked[:1].upper()}{asked[1:]}</em>" if asked else ""


def _number(x: float) -> str:
    """Two decimals, three of what is small."""
    return numbers.plain(x, 3 if 0.0005 <= abs(x) < 0.1 else 2)


def _shown_rivals(score: Score) -> list[tuple[str, float, str]]:
    """Name, value, look of the mark."""
    finite = [(name, value) for name, value in score.beside.items() if math.isfinite(value)]
    free = iter([look for look in _RIVALS if look not in [_LOOKS.get(name) for name, _ in finite]])
    looked = [(name, value, _LOOKS.get(name) or next(free, "")) for name, value in finite]
    return [one for one in looked if one[2]]


def _rivals(score: Score) -> str:
    """What the marks are, in words and numbers."""
    rivals = _shown_rivals(score)
    if not rivals:
        return ""
    items = "".join(f'<li><i class="ft-rival {look}"></i>{escape.text(escape.shorten(n, 40))} {_number(v)}</li>' for n, v, look in rivals)
    return f'<ul><li><i class="ft-dot"></i>this map {_number(score.value)}</li>{items}</ul>'


def _range(score: Score) -> tuple[float, float, bool] | None:
    """Where the line begins and ends, and whether the score could lie beyond; None where neither end is known."""
    if score.least is None or (score.most is not None and score.most <= score.least):
        return None
    if score.most is not None:
        return score.least, score.most, False
    seen = [x for x in (score.value, score.high, *(v for _, v, _ in _shown_rivals(score))) if x is not None]
    reached = max(seen) - score.least
    end = next((step for step in (0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0) if step >= reached), 1.1 * reached)
    return score.least, score.least + end, True


def _on_its_range(score: Score) -> str:
    """For the eye; what it shows stands around it in words."""
    found = _range(score)
    if found is None:
        return ""
    least, most, opened = found

    def at(x: float) -> float:
        return 100 * (min(max(x, least), most) - least) / (most - least)

    reach = ""
    if score.low is not None and score.high is not None:
        reach = f'<i class="ft-reach" style="left:{at(score.low):.1f}%;width:{at(score.high) - at(score.low):.1f}%"></i>'
    marks = "".join(f'<i class="ft-rival {look}" style="left:{at(value):.1f}%"></i>' for _, value, look in _shown_rivals(score))
    dot = f'<i class="ft-dot" style="left:{at(score.value):.1f}%"></i>'
    ends = f"<span>{_end(least)}</span><span>{_end(most)}{' and beyond' if opened else ''}</span>"
    return f'<div aria-hidden="true"><div class="ft-on"><i class="ft-whole"></i>{reach}{marks}{dot}</div><div class="ft-ends">{ends}</div></div>'


def _end(x: float) -> str:
    return f"{x:g}".replace("-", numbers.MINUS)


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
    colour = alt.Scale(domain=names, range=[colours.TOWARD, colours.AWAY, _GREY][: len(names)])
    dash = alt.Scale(domain=names, range=[[1, 0], [6, 4], [2, 3]][: len(names)])
    legend = alt.Legend(title=None, orient="top", symbolType="stroke", symbolSize=500, labelLimit=120)
    title = "parts brought in, %" if score.name == INSERTION else "parts taken away, %"
    return (
        alt.Chart(alt.Data(values=records))
        .mark_line(strokeWidth=2.5)
        .encode(
            x=alt.X("share:Q", title=title, axis=alt.Axis(tickCount=4)),
            y=alt.Y("probability:Q", title="probability, %", scale=alt.Scale(domain=[0, 100]), axis=alt.Axis(tickCount=3)),
            color=alt.Color("who:N", scale=colour, legend=legend),
            strokeDash=alt.StrokeDash("who:N", scale=dash, legend=legend),
            tooltip=["who:N", "share:Q", "probability:Q"],
        )
        .properties(width="container", height=220)
    )


def curves_in_words(score: Score) -> str:
    """What the chart shows, for those who do not see it."""
    said = [f"{name} goes from {numbers.percent(line[0])} to {numbers.percent(line[-1])}" for name, line in score.curves.items()]
    return (
        f"{score.name[:1].upper()}{score.name[1:]}, probability of the class: {'; '.join(said)}. Areas under the curves: {_areas(score)}."
    )


def _areas(score: Score) -> str:
    return ", ".join(f"{name} {_number(area)}" for name, area in ((THIS_MAP, score.value), *score.beside.items()))


def listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
