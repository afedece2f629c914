"""The scores of a map beside it: whether it beats a random order, what it agrees with, whether it holds.

Cheap ones come by themselves; those that explain again many times wait for a button with their price.
"""

from __future__ import annotations

import streamlit as st

from explainers import Attribution, Explanation, Score
from explainers.quality import evaluate, evaluation_forecast, fitting_scores, flagged
from explainers.render import scores as drawing
from explainers.scores.noise import NOISE
from explainers.scores.sanity import CHANGE

from . import background, explaining
from .explaining import Wish
from .words import duration, plain

AGAIN = (NOISE, CHANGE)  # these explain again many times
AT_ONCE = 12.0  # seconds: what is forecast to take longer waits for a button
USUAL = {"text": 0.01, "tabular": 0.0005, "image": 0.04}  # seconds a call, for a model that has not been timed


def beside(wish: Wish, e: Explanation) -> None:
    """Of an attribution; nothing for other kinds."""
    if not isinstance(e.payload, Attribution) or not len(e.payload.values):
        return
    fitting = [name for name, reason in fitting_scores(e, wish.task) if reason is None]
    first = [name for name in fitting if name not in AGAIN and name != "agreement over seeds"]
    st.markdown("**Scored on this very input**")
    found = _found(wish, e, "scores", first, at_once=True)
    if found is not None:
        show(found)
    again = [name for name in AGAIN if name in fitting]
    if again:
        more = _found(wish, e, "scores-again", again, at_once=False)
        if more is not None:
            show(more)


def _found(wish: Wish, e: Explanation, slot: str, names: list[str], at_once: bool) -> list[Score] | None:
    """The scores once they are there; while they are not, a button with their price or the progress."""
    key = (slot, *wish.key)
    price = background.quick(
        f"{slot}-cost",
        (f"{slot}-cost", *wish.key),
        lambda: evaluation_forecast(e, wish.task, names),
        "Working out the cost…",
        wish.choice.private,
    )
    if price is None:
        return None
    seconds = price.seconds if price.seconds is not None else price.calls * USUAL[e.modality]
    cheap = at_once and seconds <= AT_ONCE
    if not cheap and not explaining.wanted(slot, key):
        label = "Score it" if at_once else "Does it hold under noise, and without the model's weights?"
        with st.container(horizontal=True, vertical_alignment="center"):
            asked = st.button(label, key=f"start-{slot}", icon=":material/speed:")
            st.caption(f"At most {price.calls:,} model calls" + ("" if price.seconds is None else f", {duration(price.seconds)}"))
        if not asked:
            return None
        st.session_state[f"_wanted:{slot}"] = key
    ticket = background.hold(
        slot, key, lambda job: evaluate(e, wish.task, names, on_progress=job.on_progress, cancel=job.cancel), wish.choice.private
    )
    ticket.job.finished.wait(background.PATIENCE)
    if ticket.job.live:
        explaining.watch(slot, ticket, None, None)
    elif ticket.job.error:
        background.drop(slot)
        st.session_state.pop(f"_wanted:{slot}", None)
        st.info(plain(ticket.job.error), icon=":material/info:")
    else:
        return ticket.job.result
    return None


def show(found: list[Score]) -> None:
    """The verdict, then each score with its rivals, then the curves."""
    verdict = drawing.verdict(found)
    if verdict:
        st.markdown(f"**{plain(verdict)}**")
    for score in found:
        if flagged(score):
            st.warning(plain(drawing.FLAG), icon=":material/flag:")
        st.html(drawing.html(score))
    for score in found:
        chart = drawing.curves(score)
        if chart is not None:
            with st.expander(f"The curves of {score.name}"):
                st.altair_chart(chart, key=f"curves-{score.name}", alt=score.meaning)
