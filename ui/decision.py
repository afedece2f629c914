"""A page to print and hand over: the decision, its reasons, the nearest change within reach, how steady that is."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

import explainers
from explainers import Explanation, Score, render
from explainers.jobs import Job
from explainers.quality import evaluate, share_of
from explainers.render.escape import file_name

from . import background, explaining
from .explaining import Wish
from .words import plain

REASONS = "lime"
REASONS_SHOWN = 5


@dataclass(frozen=True)
class Made:
    """What stands on the page beside the nearest change."""

    reasons: Explanation
    stability: Score | None


def offer(wish: Wish, e: Explanation, note: str) -> None:
    """A button that works out the reasons and the stability, and the page itself once they are there."""
    with st.expander("A page about this decision, to print", icon=":material/print:"):
        st.markdown(
            "For the person concerned, in plain words: what the model decided, what counted, the nearest change that it would answer "
            "differently, and whether another random draw finds the same."
        )
        key = ("decision-page", *wish.key)
        asked = st.button("Work it out", icon=":material/play_arrow:", key="decision-page")
        if not asked and not explaining.wanted("decision-page", key):
            return
        st.session_state["_wanted:decision-page"] = key
        ticket = background.hold("decision-page", key, lambda job: _work(wish, e, job), wish.choice.private)
        ticket.job.finished.wait(background.PATIENCE)
        if ticket.job.live:
            explaining.watch("decision-page", ticket, None, None)
        elif ticket.job.error:
            st.session_state.pop("_wanted:decision-page", None)
            background.drop("decision-page")
            st.error(plain(ticket.job.error), icon=":material/error:")
        else:
            made: Made = ticket.job.result
            page = render.decision_page(e, made.reasons, made.stability, note)
            st.iframe(page, height=900)
            st.download_button(
                "Page (HTML), ready to print", page.encode(), file_name(f"{e.task}-{e.model_name}-decision-{e.digest[:8]}") + ".html",
                "text/html", on_click="ignore", key="download-decision",
            )  # fmt: skip


def _work(wish: Wish, e: Explanation, job: Job) -> Made:
    fitting = next(m for m in explainers.methods(wish.task) if m.name == REASONS)
    if not fitting.fits:
        raise ValueError(fitting.reason)
    reasons = explainers.explain(
        REASONS, wish.task, wish.choice.instance, seed=wish.seed, num_features=REASONS_SHOWN,
        on_progress=share_of(job.on_progress, 0, 2), cancel=job.cancel,
    )  # fmt: skip
    scores = evaluate(e, wish.task, on_progress=share_of(job.on_progress, 1, 2), cancel=job.cancel) if e.status == "complete" else []
    return Made(reasons, next(iter(scores), None))
