"""An explanation on a page: the picture, the same in words, how far to trust it, what it does not say."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import explainers
from explainers import Attribution, BoundaryPath, Composite, Explanation, Rule, Score, render
from explainers.agreement import Agreement, agreement
from explainers.methods import spec
from explainers.quality import largest_difference
from explainers.render.attribution_rows import LOG_ODDS, LOG_ODDS_IN_WORDS, Rows
from explainers.render.heat import NUMBERED
from explainers.render.overlay import TOP
from explainers.render.scores import PLAIN
from explainers.render.texts import method_text

from . import keep, pictures
from .words import duration, model_calls, percent, plain


@dataclass(frozen=True)
class Places:
    """What is known only later has its place already: how far to believe it, as a clause and as a box; what changed."""

    clause: DeltaGenerator
    changed: DeltaGenerator
    box: DeltaGenerator


def show(e: Explanation, key: str, how_far: float | None = None) -> Places:
    """The whole result: picture and words on the left, trust on the right (below on a phone). `how_far`: see `partial_sentence`."""
    if e.status == "partial":
        st.info(partial_sentence(e, how_far), icon=":material/timelapse:")
    left, right = st.columns([3, 2], gap="large")
    with left:
        if e.kind != Composite.kind:  # whose parts bring their sentences
            _said(e)
        clause, changed = st.empty(), st.empty()
        _drawn(e, key)
    with right:
        st.markdown("#### How far to trust it")
        box = st.empty()
        if e.kind == Composite.kind:
            st.markdown("Each part brings its own checks: open it in full.")
        for score in e.quality:
            score_line(score)
        for caveat in e.caveats:
            st.markdown(f":material/warning: {plain(caveat)}")
        st.markdown("#### What it does not say")
        st.markdown("\n".join(f"- {plain(line)}" for line in method_text(e.method, e.modality).not_said))
    return Places(clause, changed, box)


def picture(e: Explanation, key: str) -> None:
    """The sentence and the picture: enough on its own."""
    if e.kind != Composite.kind:  # whose parts bring their sentences
        _said(e)
    _drawn(e, key)


def _said(e: Explanation) -> None:
    """In words, the small print smaller."""
    first, small = render.sentences(e)
    st.markdown(plain(first))
    if small:
        st.caption(plain(small))


def _drawn(e: Explanation, key: str) -> None:
    if e.kind == BoundaryPath.kind and key == "main":
        walk(e)
    elif e.kind == Attribution.kind:
        marked = render.highlight(e, **(_look(e.payload.per_pixel) if e.payload.map is not None and key == "main" else {}))
        if marked:  # a limit can come before there is anything to mark
            st.html(marked)
        draw_chart(e, f"chart-{key}")
        if e.payload.unit == LOG_ODDS and len(e.payload.values):
            st.caption(LOG_ODDS_IN_WORDS)
    else:
        st.html(render.figure(e))


def glance(e: Explanation, key: str) -> None:
    """What it says in a sentence and one small picture, the rest folded: for a place beside others."""
    st.markdown(plain(render.sentence(e)))
    painted = render.image(e) if e.modality == "image" and e.kind in (Attribution.kind, Rule.kind) else None
    if painted is not None:
        pictures.show(painted, 360)
    else:
        draw_chart(e, f"chart-{key}")
    whole = render.figure(e)
    if whole:
        with st.expander("The whole picture"):
            st.html(whole)


def walk(e: Explanation) -> None:
    """The way over the boundary, step by step: a slider, the input as it is there, and the evidence along the way."""
    steps = e.payload.steps
    if len(steps) > 1:
        names = ["the instance", *(f"step {i}" for i in range(1, len(steps)))]
        at = st.select_slider(
            "Walk the path", range(len(steps)), len(steps) - 1, format_func=lambda i: names[i], key=f"walk-{e.digest[:12]}"
        )
    else:
        at = 0
    st.html(render.step(e, at))
    draw_chart(e, "chart-walk")


def _look(heat: bool) -> dict[str, Any]:
    """How the parts are painted on a photograph; `heat`: as a map of pixels."""
    most, share = ("look-numbered", "look-heat") if heat else ("look-top", "look-opacity")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = "Areas numbered" if heat else "Parts marked"
        top = st.slider(label, 0 if heat else 1, 20, keep.fill(most, NUMBERED if heat else TOP), key=most, width=170)
        opacity = st.slider("Colour, %", 0, 100, keep.fill(share, 80 if heat else 50), 10, key=share, width=170)
        outline = st.toggle("Outline", keep.fill("look-outline", True), key="look-outline")
    for name, value in ((most, top), (share, opacity), ("look-outline", outline)):
        keep.note(name, value)
    return {"top": top, "opacity": opacity / 100, "outline": outline}


def draw_chart(e: Explanation, key: str, beside: Explanation | None = None) -> None:
    """The chart, its labels dark or light as the theme asks."""
    chart = render.chart(e, beside)
    if chart is None:
        return
    ink = "#e6e9ef" if st.context.theme.type == "dark" else "#31333f"
    st.altair_chart(chart.configure_axis(labelColor=ink, titleColor=ink), key=key, alt=render.sentence(e))


def score_line(score: Score) -> None:
    """A score with its interval, its direction and its meaning in words."""
    value = "not defined" if math.isnan(score.value) else f"{score.value:.2f}"
    interval = (
        ""
        if score.low is None or score.high is None or score.high - score.low < 0.005
        else f" (95 % interval {score.low:.2f} to {score.high:.2f})"
    )
    better = "higher is better" if score.higher_is_better else "lower is better"
    asked = PLAIN.get(score.name, "")
    asks = f"*{asked[:1].upper()}{asked[1:]}* " if asked else ""
    st.markdown(f"**{plain(score.name[:1].upper() + score.name[1:])}: {value}**{interval}, {better}.  \n{asks}{plain(score.meaning)}")


def side_by_side(a: Explanation, b: Explanation, title_a: str, title_b: str, key: str) -> None:
    """Two explanations of one instance by one method, and how much they agree."""
    found = agreement([a], [b])
    if found is not None:
        said = agreement_sentence(found, a.modality)
        if a.kind == Attribution.kind:
            said += f" A part that both show differs by at most {_difference(a, b)}."
        st.markdown(said)
    for column, e, other, title in zip(st.columns(2, gap="large"), (a, b), (b, a), (title_a, title_b), strict=True):
        with column:
            st.markdown(f"##### {plain(title)}")
            if e.kind == Attribution.kind:
                draw_chart(e, f"{key}-{title}", other)
            else:
                picture(e, f"{key}-{title}")
            st.caption(cost_sentence(e))


def _difference(a: Explanation, b: Explanation) -> str:
    """The largest, in the unit that the charts beside it have."""
    rows = Rows.of(a)
    return f"**{(100 if rows.in_points else 1) * largest_difference(a, b):.{max(rows.places, 1)}f}** {plain(rows.unit)}".strip()


def agreement_sentence(found: Agreement, modality: str) -> str:
    """Overlap and rank correlation in words, with intervals where there are several seeds."""
    chance = f" (chance alone: {percent(found.chance)})"
    if modality != "image" and found.k == 1:
        often = f"in {percent(found.overlap)} of {found.seeds} seeds " if found.seeds > 1 and found.overlap < 1 else ""
        said = f"The part that counts most is **{often}{'the same' if found.overlap > 0 else 'another'}**{chance}."
    else:
        parts = "cells of the picture" if modality == "image" else f"{found.k} parts"
        ends = _range(found.overlap_low, found.overlap_high)
        said = f"Of the {parts} that count most, **{percent(found.overlap)}** are the same{ends}{chance}."
    if found.correlation is not None:
        low, high = found.correlation_low, found.correlation_high
        ends = "" if low is None or high is None or high - low < 0.005 else f" ({low:.2f} to {high:.2f})"
        said += f" Rank correlation **{found.correlation:.2f}**{ends}: 1 is the same order, 0 none, -1 the reverse."
    return said


def _range(low: float | None, high: float | None) -> str:
    """The interval; nothing where every seed gave the same."""
    return "" if low is None or high is None or high - low < 0.005 else f" (95 % interval {percent(low)} to {percent(high)})"


def cost_sentence(e: Explanation) -> str:
    asked, made = e.cost.calls_asked, e.cost.calls_made
    new = "all of them new" if made >= asked else "all remembered from before" if not made else f"{made:,} of them new, the rest remembered"
    return f"{model_calls(asked)} asked ({new}), {duration(e.cost.seconds)}"


def provenance(e: Explanation) -> None:
    """Where the numbers come from, in one small line."""
    st.caption(
        f"{plain(e.task)} · {plain(e.model_name)} ({e.model_fingerprint[:8]}) · seed {e.seed} · {cost_sentence(e)} · digest {e.digest[:12]}",
        help="The digest is a fingerprint of this very explanation: if two have the same, nothing in them differs. The seed decides the "
        "random draws. A model call is one input put to the model.",
    )


def partial_sentence(e: Explanation, how_far: float | None = None, button: str = "Explain") -> str:
    """What a person who stopped it, or met a limit, has before them: how far it got, what that is worth, how to go on.

    how_far  share of the way, 0 to 1, None where it is not known
    button   what starts it
    """
    reasons = {
        "cancelled": "You stopped it",
        "max_calls": "It reached its limit of model calls",
        "max_seconds": "It reached its time limit",
    }
    stopped = reasons.get(e.reason, "It is not finished")
    samples = getattr(e.payload, "samples", 0)
    steps = "step" if e.method == "integrated_gradients" else "sample"
    after = [
        f"{percent(how_far)} of the way" if how_far else "",
        f"after {samples:,} {steps}{'' if samples == 1 else 's'}" if samples else "",
    ]
    where = ", ".join(one for one in after if one)
    said = f"**{stopped}**{' at ' if how_far else ' '}{where}" if where else f"**{stopped}**"
    if not isinstance(e.payload, Attribution):
        worth = "this is what was found by then"
    elif len(e.payload.values):
        worth = "the picture below is of what was known by then, and may still change"
    else:
        worth = "that was before there was anything to draw"
    kept = f"*{button}* goes on: what the model was asked is remembered, so it is soon back here."
    if e.method in explainers.method_names() and not spec(e.method).goes_on:
        kept = f"*{button}* begins again: what this method asks of the model is not remembered."
    return f"{said}: {worth}. {kept}"
