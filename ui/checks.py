"""Ways to check an explanation oneself: over seeds, against another seed, against the package of the method's authors."""

from __future__ import annotations

import streamlit as st

from explainers import Explanation, Score
from explainers.quality import SAMPLED, STABILITY, evaluate, evaluation_forecast

from . import asked, background, explaining, result
from .explaining import MAX_SEED, Wish
from .words import duration, plain


def show(wish: Wish, e: Explanation) -> None:
    """Ways to check the picture oneself."""
    if e.kind not in SAMPLED:
        return
    st.subheader("4. Check it", anchor=False)
    names = [asked.SEEDS, "Compare two seeds"]
    if wish.method == "lime":
        names.append("Check against the lime package")
    picked = st.segmented_control("Check", names, key="check", label_visibility="collapsed")
    if picked == names[0]:
        _agreement(wish, e)
    elif picked == names[1]:
        _two_seeds(wish, e)
    elif picked is not None:
        _reference(wish, e)


def seeds(wish: Wish) -> list[Score]:
    """What was found over seeds, where it was asked for and is done."""
    return background.done("agreement", ("agreement", *wish.key)) or []


def _two_seeds(wish: Wish, e: Explanation) -> None:
    other = int(st.number_input("Second seed", 0, MAX_SEED, min(wish.seed + 1, MAX_SEED), key="second-seed", width=200))
    if other == wish.seed:
        st.info("That is the seed of the picture above: choose another.", icon=":material/casino:")
    elif (second := _when_asked("second", wish.with_seed(other), "Draw it")) is not None:
        result.side_by_side(e, second, f"Seed {e.seed}", f"Seed {second.seed}", "seeds")


def _reference(wish: Wish, e: Explanation) -> None:
    if (reference := _when_asked("reference", wish.with_method("lime_reference"), "Run the package")) is not None:
        result.side_by_side(e, reference, "Foretell's LIME", "The lime package", "reference")
        st.caption("Same model, instance, settings and seed number; each draws its own random samples, so small differences are expected.")


def _when_asked(slot: str, wish: Wish, label: str) -> Explanation | None:
    """An explanation with its price beside the button that starts it."""
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button(label, key=f"start-{slot}", icon=":material/play_arrow:"):
            st.session_state[f"_wanted:{slot}"] = wish.key
        explaining.forecast_line(wish, slot)
    return explaining.run_safely(slot, wish) if explaining.wanted(slot, wish.key) else None


def _agreement(wish: Wish, e: Explanation) -> None:
    work = lambda: evaluation_forecast(e, wish.task, [STABILITY])  # noqa: E731
    cost = background.quick("agreement-cost", ("agreement-cost", *wish.key), work, "Working out the cost…", wish.choice.private)
    if cost is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button("Draw four more seeds", icon=":material/casino:")
        st.caption(f"{cost.calls:,} model calls, {duration(cost.seconds)}")
    if not pressed and not asked.is_wanted("agreement", wish):
        return
    if pressed:
        asked.want("agreement", wish)
    ticket = background.hold(
        "agreement",
        ("agreement", *wish.key),
        lambda job: evaluate(e, wish.task, [STABILITY], on_progress=job.on_progress, cancel=job.cancel),
        wish.choice.private,
    )
    ticket.job.finished.wait(background.PATIENCE)
    if ticket.job.live:
        explaining.watch("agreement", ticket, None, None)
    elif ticket.job.error:
        st.session_state.pop("_wanted:agreement", None)
        background.drop("agreement")
        st.error(plain(ticket.job.error), icon=":material/error:")
    else:
        for score in ticket.job.result:
            result.score_line(score)
