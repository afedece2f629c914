"""The scores of a map beside it: whether it beats a random order, what it agrees with, whether it holds.

Cheap ones come by themselves; those that explain again many times wait for a button with their price. Each is shown as soon as it is
there, and one that cannot be taken here leaves the others standing.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from explainers import Attribution, Explanation, Score
from explainers.jobs import Job, Ticket
from explainers.quality import STABILITY, evaluate, evaluation_forecast, fitting_scores, flagged, share_of
from explainers.render import scores as drawing
from explainers.scores.agreement import AGREEMENT
from explainers.scores.noise import NOISE
from explainers.scores.sanity import CHANGE

from . import background, explaining
from .explaining import Wish
from .words import duration, plain

AGAIN = (AGREEMENT, NOISE, CHANGE)  # these explain again many times
AT_ONCE = 10.0  # seconds: what is forecast to take longer waits for a button
USUAL = {"text": 0.01, "tabular": 0.0005, "image": 0.04}  # seconds a call, for a model that has not been timed
SLOTS = ("scores", "scores-again")


@dataclass(frozen=True)
class Taken:
    """The scores so far, and why others could not be taken, each by its name."""

    scores: list[Score] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


def beside(wish: Wish, e: Explanation) -> None:
    """Of an attribution; nothing for other kinds."""
    if not isinstance(e.payload, Attribution) or not len(e.payload.values):
        return
    fitting = [name for name, reason in fitting_scores(e, wish.task) if reason is None]
    first = [name for name in fitting if name not in (*AGAIN, STABILITY)]  # agreement over seeds has its place under "Check it"
    st.markdown("**Scored on this very input**")
    taken = _taken(wish, e, SLOTS[0], first, at_once=True)
    if taken is not None:
        show(taken)
    again = [name for name in AGAIN if name in fitting]
    if again:
        more = _taken(wish, e, SLOTS[1], again, at_once=False)
        if more is not None:
            show(more)


def let_go(wish: Wish) -> None:
    """Stop scores of another choice that are still under way."""
    for slot in SLOTS:
        background.keep_only(slot, (slot, *wish.key))


def _taken(wish: Wish, e: Explanation, slot: str, names: list[str], at_once: bool) -> Taken | None:
    """The scores once they are there; while they are not, a button with their price or the progress."""
    key = (slot, *wish.key)
    work = lambda: evaluation_forecast(e, wish.task, names)  # noqa: E731
    price = background.quick(f"{slot}-cost", (f"{slot}-cost", *wish.key), work, "Working out the cost…", wish.choice.private)
    if price is None:
        return None
    seconds = price.seconds if price.seconds is not None else price.calls * USUAL[e.modality]
    cheap = at_once and seconds <= AT_ONCE
    if not explaining.wanted(slot, key) and (not cheap or explaining.wanted(f"{slot}-not", key)):
        label = "Score it" if at_once else "Check against other methods, noise and random weights"
        with st.container(horizontal=True, vertical_alignment="center"):
            asked = st.button(label, key=f"start-{slot}", icon=":material/speed:")
            st.caption(
                f"About {price.calls:,} model call{'' if price.calls == 1 else 's'}"
                + ("" if price.seconds is None else f", {duration(price.seconds)}")
            )
        if not asked:
            return None
        st.session_state[f"_wanted:{slot}"] = key
    ticket = background.hold(slot, key, lambda job: _take(job, wish, e, names), wish.choice.private)
    ticket.job.finished.wait(background.PATIENCE)
    if ticket.job.live:
        _watch(slot, ticket, key)
    elif ticket.job.error:
        _forget(slot, key)
        st.info(plain(ticket.job.error), icon=":material/info:")
    else:
        return ticket.job.result
    return None


def _take(job: Job, wish: Wish, e: Explanation, names: list[str]) -> Taken:
    """One after the other, so that those that are done can be shown."""
    taken = Taken()
    for number, name in enumerate(names):
        report = share_of(job.on_progress, number, len(names))
        try:
            found = evaluate(e, wish.task, [name], on_progress=report, cancel=job.cancel)
            taken = Taken([*taken.scores, *found], taken.refused)
        except ValueError as reason:
            if job.cancel.is_set():
                raise
            taken = Taken(taken.scores, {**taken.refused, name: str(reason)})
        job.on_update(taken)
    return taken


def _forget(slot: str, key: Any) -> None:
    """No scores until they are asked for."""
    background.drop(slot)
    st.session_state.pop(f"_wanted:{slot}", None)
    st.session_state[f"_wanted:{slot}-not"] = key


def _watch(slot: str, ticket: Ticket, key: Any) -> None:
    """Progress, a way to stop, and what is there so far, looked at again and again until the job ends."""

    @st.fragment(run_every=background.POLL)
    def watching() -> None:
        job = ticket.job
        if not job.live:
            st.rerun()
        if explaining.stopped(job, "Scoring", "Stop", f"stop-{slot}"):
            _forget(slot, key)
            st.rerun()
        if job.update is not None and job.update.scores:
            st.html(drawing.html(*job.update.scores))

    watching()


def show(taken: Taken) -> None:
    """The verdict, then each score with its rivals and its curves."""
    verdict = drawing.verdict(taken.scores)
    if verdict:
        st.markdown(f"**{plain(verdict)}**")
    if any(flagged(score) for score in taken.scores):
        st.warning(plain(drawing.FLAG), icon=":material/flag:")
    ink = "#e6e9ef" if st.context.theme.type == "dark" else "#31333f"
    for score in taken.scores:
        st.html(drawing.html(score))
        chart = drawing.curves(score)
        if chart is not None:
            drawn = chart.configure_axis(labelColor=ink, titleColor=ink).configure_legend(labelColor=ink)
            st.altair_chart(drawn, key=f"curves-{score.name}", alt=drawing.curves_in_words(score))
    for name, reason in taken.refused.items():
        st.caption(f"No {plain(name)}: {plain(reason)}")
