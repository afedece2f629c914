"""The scores of a map below it: whether it beats a random order, what it agrees with, whether it holds.

Cheap ones come by themselves; those that explain again many times wait for a button with their price. Each is shown as soon as it is
there, and one that cannot be taken here leaves the others standing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from explainers import Attribution, Explanation, Score
from explainers.jobs import Job, Ticket
from explainers.quality import STABILITY, evaluate, evaluation_forecast, fitting_scores, flagged, share_of
from explainers.render import fills
from explainers.render import scores as drawing
from explainers.scores.agreement import AGREEMENT
from explainers.scores.noise import NOISE
from explainers.scores.sanity import CHANGE

from . import asked, background, explaining
from .explaining import Wish
from .words import duration, model_calls, plain

AGAIN = (AGREEMENT, NOISE, CHANGE)  # these explain again many times
AT_ONCE = 30.0  # seconds: what is forecast to take longer waits for a button
USUAL = {"text": 0.01, "tabular": 0.0005, "image": 0.02}  # seconds a call, for a model that has not been timed
SLOTS = ("scores", "scores-again")
SCORE, CHECK = "Score it", "Try noise, random weights, others"


@dataclass(frozen=True)
class Taken:
    """The scores so far, and why others could not be taken, each by its name."""

    scores: list[Score] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """All scores there are, and the names of those there are not, by what it takes to have them ("" = they cannot be had here).

    Files that are taken away know only scores: `to_take` has random weights also where they cannot be drawn, as not defined, and says why. Else
    the file would call open what the page calls impossible.
    """

    scores: list[Score]
    still: dict[str, list[str]]
    why_not: str = ""  # random weights cannot be drawn here

    @property
    def to_take(self) -> list[Score]:
        return [*self.scores, *([Score(CHANGE, math.nan, None, None, True, self.why_not)] if self.why_not else [])]


def below(wish: Wish, e: Explanation, seeds: list[Score]) -> Known | None:
    """Of an attribution, in the width that there is; None for other kinds. `seeds`: what was found under "Check it"."""
    if not isinstance(e.payload, Attribution) or not len(e.payload.values):
        return None
    fits = dict(fitting_scores(e, wish.task))
    fitting = [name for name, reason in fits.items() if reason is None]
    first = [name for name in fitting if name not in (*AGAIN, STABILITY)]  # agreement over seeds has its place under "Check it"
    again = [name for name in AGAIN if name in fitting]
    still: dict[str, list[str]] = {}
    found, why_not = list(seeds), fits.get(CHANGE) or ""
    st.markdown("#### Scored on this very input")
    st.caption(fills.of_scores(e.modality))
    for slot, names in zip(SLOTS, (first, again), strict=True):
        taken, how = _taken(wish, e, slot, names, at_once=slot == SLOTS[0]) if names else (Taken(), "")
        if taken is None:
            still.setdefault(how, []).extend(names)
            continue
        show(taken)
        found += taken.scores
        still.setdefault("", []).extend(taken.refused)
        why_not = taken.refused.get(CHANGE, why_not)
    if not seeds and e.payload.low is not None:  # something is drawn
        still.setdefault("under “Check it”", []).append(STABILITY)
    still.setdefault("", []).extend(name for name in AGAIN if name not in fitting)
    return Known(found, still, why_not)


def let_go(wish: Wish) -> None:
    """Stop scores of another choice that are still under way."""
    for slot in SLOTS:
        background.keep_only(slot, (slot, *wish.key))


def _taken(wish: Wish, e: Explanation, slot: str, names: list[str], at_once: bool) -> tuple[Taken | None, str]:
    """The scores once they are there; while they are not, a button with their price or the progress, and what it takes in words."""
    key = asked.key(slot, wish)
    work = lambda: evaluation_forecast(e, wish.task, names)  # noqa: E731
    price = background.quick(f"{slot}-cost", (f"{slot}-cost", *wish.key), work, "Working out the cost…", wish.choice.private)
    if price is None:
        return None, "its cost is being worked out"
    seconds = price.seconds if price.seconds is not None else price.calls * USUAL[e.modality]
    cheap = at_once and seconds <= AT_ONCE
    if not asked.is_wanted(slot, wish) and (not cheap or explaining.wanted(f"{slot}-not", key)):
        label = SCORE if at_once else CHECK
        cost = f"about {model_calls(price.calls)}" + ("" if price.seconds is None else f", {duration(price.seconds)}")
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = st.button(label, key=f"start-{slot}", icon=":material/speed:")
            st.caption(cost[:1].upper() + cost[1:])
        if not pressed:
            return None, f"{cost}: press “{label}” below"
        asked.want(slot, wish)
    ticket = background.hold(slot, key, lambda job: _take(job, wish, e, names), wish.choice.private)
    ticket.job.finished.wait(background.PATIENCE)
    if ticket.job.live:
        _watch(slot, ticket, key)
    elif ticket.job.error:
        _forget(slot, key)
        st.info(plain(ticket.job.error), icon=":material/info:")
    else:
        return ticket.job.result, ""
    return None, "under way" if ticket.job.live else "it could not be done just now"


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
    if taken.scores:
        st.html(drawing.html(*taken.scores))
    drawn = [(score, chart) for score in taken.scores if (chart := drawing.curves(score)) is not None]
    if drawn:
        _curves(drawn)
    for name, reason in taken.refused.items():
        st.caption(f"Not measured: {plain(name)}. {plain(reason)}")


def _curves(drawn: list[tuple[Score, Any]]) -> None:
    """The curves behind scores that are areas, folded away, two beside each other."""
    ink = "#e6e9ef" if st.context.theme.type == "dark" else "#31333f"
    names = " and ".join(score.name for score, _ in drawn)
    with st.expander(f"The curves behind {names}", icon=":material/show_chart:"):
        for column, (score, chart) in zip(st.columns(len(drawn), gap="large"), drawn, strict=True):
            with column:
                st.markdown(f"**{plain(score.name[:1].upper() + score.name[1:])}**")
                inked = chart.configure_axis(labelColor=ink, titleColor=ink).configure_legend(labelColor=ink)
                st.altair_chart(inked, key=f"curves-{score.name}", alt=drawing.curves_in_words(score))
