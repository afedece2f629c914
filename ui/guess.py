"""Guess first: the visitor foretells the model's answer before seeing it, and again on other instances after explanations.

It teaches what simulatability is by letting people be in it. It is a game, not a study: no control group, few items.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from explainers import Task
from explainers.intervals import difference, wilson

from . import instances, keep, store
from .instances import Choice
from .words import percent, plain

NOTE = "guesses"
FEW_CLASSES = 12
FEWEST = 3  # guesses before and after, below which a comparison says nothing
MOST = 500  # guesses kept in the browser


@dataclass(frozen=True)
class Tally:
    """Right guesses of all guesses, before and after the visitor had seen an explanation of the model."""

    right_before: int
    before: int
    right_after: int
    after: int


def toggle() -> bool:
    """The switch; True while the visitor wants to guess."""
    store.note(NOTE, [])  # read what the browser kept
    help_text = "Foretell the model's answer before you see it. Your score stays in your browser."
    return keep.note("guess-first", st.toggle("Guess first", keep.fill("guess-first", False), key="guess-first", help=help_text))


def made(task: Task, choice: Choice) -> dict[str, Any] | None:
    """The visitor's guess on this instance, if there is one."""
    return next((g for g in _guesses(task) if g.get("item") == choice.sha256[:16]), None)


def ask(task: Task, choice: Choice, answer: int) -> None:
    """The question, instead of the model's answer."""
    with st.container(border=True):
        even = ": it is wrong as often as right on the instances that *Next* picks" if instances.can_balance(task) else ""
        st.markdown(f"**What will the model say?** You predict the model, not the truth{even}.")
        names = task.class_names
        key = f"guess-{choice.sha256[:16]}"
        if len(names) <= FEW_CLASSES:
            picked = st.radio("The model will say", range(len(names)), None, lambda i: plain(names[i]), key, horizontal=True)
        else:  # a thousand names are searched, not listed
            picked = st.selectbox("The model will say", range(len(names)), None, lambda i: names[i], key)
        with st.container(horizontal=True):
            st.button("This is my guess", type="primary", disabled=picked is None, on_click=_keep, args=(task, choice, answer, picked))
            next_button(task, "guess")


def showed(task: Task, choice: Choice) -> None:
    """The visitor sees the model's answer to this instance: from now on a guess on it would say nothing."""
    st.session_state.setdefault("_answers_seen", set()).add((_key(task), choice.sha256))


def seen(task: Task, choice: Choice) -> bool:
    return (_key(task), choice.sha256) in st.session_state.get("_answers_seen", set())


def ask_for_another(task: Task) -> None:
    """Instead of the question, where the visitor has seen the answer already."""
    with st.container(border=True):
        st.markdown("You have seen the model's answer to this one, so there is nothing to guess. Take the next.")
        next_button(task, "seen")


def verdict(task: Task, choice: Choice, answer: int) -> None:
    """What came of the guess, the running score, and the way on."""
    guess = made(task, choice)
    if guess is None:
        return
    right = guess["right"]
    names = task.class_names
    with st.container(border=True):
        said = plain(names[guess["said"]]) if guess["said"] < len(names) else "?"
        icon = ":material/check_circle:" if right else ":material/cancel:"
        st.markdown(f"{icon} You said **{said}**, the model says **{plain(names[answer])}**: {'foretold' if right else 'not foretold'}.")
        score(task)
        with st.container(horizontal=True):
            next_button(task, "verdict")
            st.button("Start the score again", type="tertiary", icon=":material/restart_alt:", on_click=forget)


def score(task: Task) -> None:
    """The running score in words, with intervals."""
    t = tally(_guesses(task))
    if t.before + t.after == 0:
        return
    lines = []
    for name, hits, n in (("Before explanations", t.right_before, t.before), ("After explanations", t.right_after, t.after)):
        if n:
            low, high = wilson(hits, n)
            lines.append(f"{name}: **{hits} of {n}** foretold ({percent(hits / n)}; 95 % interval {percent(low)} to {percent(high)})")
    st.markdown("  \n".join(lines))
    if min(t.before, t.after) >= FEWEST:
        gain, low, high = difference(t.right_before, t.before, t.right_after, t.after)
        verdict = (
            "so the explanations may have helped"
            if low > 0
            else "so they may have misled you"
            if high < 0
            else "which is no more than chance can do"
        )
        change = f"Change: {100 * gain:+.0f} points (95 % interval {100 * low:+.0f} to {100 * high:+.0f}), {verdict}."
        st.caption(f"{change} A study would also compare with people who saw no explanations.")
    else:
        st.caption(
            f"Guess on at least {FEWEST} instances, look at explanations, then guess on {FEWEST} others, and the two are compared: "
            "that is how a study of explanations with people works."
        )


def next_button(task: Task, place: str) -> None:
    """Another instance, not guessed yet. `place`: where on the page, for there may be several."""
    st.button("Next instance", key=f"next-{place}", icon=":material/skip_next:", on_click=_next, args=(task,))


def saw_explanation(task: Task) -> None:
    """From now on this visitor's guesses on this model count as made after explanations."""
    st.session_state.setdefault("_explained", set()).add(_key(task))


def tally(guesses: list[dict[str, Any]]) -> Tally:
    before = [g for g in guesses if not g["after"]]
    after = [g for g in guesses if g["after"]]
    return Tally(sum(g["right"] for g in before), len(before), sum(g["right"] for g in after), len(after))


def forget() -> None:
    """Clear the score of every model, in the browser too."""
    store.write(NOTE, [])
    st.session_state.pop("_explained", None)


def _key(task: Task) -> str:
    return f"{task.name}/{task.model_name}"


def _guesses(task: Task) -> list[dict[str, Any]]:
    """This model's guesses; anything in the browser's note that is not one of ours is ignored."""
    kept = st.session_state.get(f"_note:{NOTE}", [])
    fields = {"model": str, "item": str, "said": int, "right": bool, "after": bool}
    return [
        g
        for g in (kept if isinstance(kept, list) else [])
        if isinstance(g, dict) and all(isinstance(g.get(name), kind) for name, kind in fields.items()) and g["model"] == _key(task)
    ]


def _keep(task: Task, choice: Choice, answer: int, picked: int) -> None:
    seen = _key(task) in st.session_state.get("_explained", set()) or any(g["after"] for g in _guesses(task))
    guess = {"model": _key(task), "item": choice.sha256[:16], "said": int(picked), "right": picked == answer, "after": seen}
    kept = st.session_state.get(f"_note:{NOTE}", [])
    store.write(NOTE, [*(kept if isinstance(kept, list) else []), guess][-MOST:])


def _next(task: Task) -> None:
    seen = st.session_state.setdefault("_offered", {}).setdefault(task.name, set())
    stored = task.predictions("test")
    row = instances.balanced_row(task, stored, np.random.default_rng(), seen | {int(st.session_state.get("row", 0))})
    seen.add(row)
    instances.turn_to(row)
