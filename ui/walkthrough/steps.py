"""What each step shows. The visitor's guesses: key of the step (its place from 1) -> index of the choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from explainers import Task, render
from ui import startup

from . import drawing, material, words
from .drawing import Shown
from .material import Material, Picture

Guesses = Mapping[int, int]
FORETELL, LOOK, AGAIN = 2, 4, 5  # the steps at which the visitor guesses


def choices(step: int, names: list[str]) -> list[str]:
    """What the visitor chooses among at a step; empty where there is nothing to choose."""
    if step == LOOK:
        return list(words.PLACES)
    return list(names) if step in (FORETELL, AGAIN) else []


def show(step: int, m: Material, task: Task, guesses: Guesses, ask: Callable[[], None]) -> None:
    """`ask` puts the buttons of a guess on the page."""
    (_meet, _guess, _answer, _maps, _change, _flip, _truth)[step - 1](m, task, guesses, ask)


def _meet(m: Material, task: Task, guesses: Guesses, ask: Callable[[], None]) -> None:
    st.markdown(words.meeting(m, task.class_names))
    _pictures([_shown(task, one, answer=True) for one in m.first])


def _guess(m: Material, task: Task, guesses: Guesses, ask: Callable[[], None]) -> None:
    st.markdown("Here is a new picture. **What will the model say?**")
    ask()
    _pictures([_shown(task, m.usual, answer=False)], besides=3.2)


def _answer(m: Material, task: Task, guesses: Guesses, ask: Callable[[], None]) -> None:
    st.markdown(words.answered(m, task.class_names, guesses.get(FORETELL)))
    _pictures([_shown(task, m.usual, answer=True)])


def _maps(m: Material, task: Task, guesses: Guesses, ask: Callable[[], None]) -> None:
    st.markdown(words.question(m, task.class_names))
    ask()
    _pictures(_maps_of(m.fingerprint, m.usual.sha256), 1 if len(m.methods) < 4 else 2, besides=6.3)
    st.caption(words.MAPS_DRAWN)


def _change(m: Material, task: Task, guesses: Guesses, ask: Callable[[], None]) -> None:
    st.markdown(words.changing(task.class_names, guesses.get(LOOK)))
    ask()
    _pictures([_shown(task, m.usual, answer=True), _shown(task, m.swapped, answer=False)], besides=3.2)


def _flip(m: Material, task: Task, guesses: Guesses, ask: Callable[[], None]) -> None:
    st.markdown(words.flipped(m, task.class_names, guesses.get(AGAIN)))
    _pictures([_shown(task, m.usual, answer=True), _shown(task, m.swapped, answer=True)], besides=5.5)
    st.markdown(words.how_often(m))


def _truth(m: Material, task: Task, guesses: Guesses, ask: Callable[[], None]) -> None:
    st.markdown(f"{words.truth(m, guesses.get(LOOK))} {words.pointed(m)}")
    st.markdown(words.misled(m))
    st.altair_chart(drawing.chart(m), alt=words.bars(m))
    st.caption(words.marks(m))
    st.markdown(words.worst(m))
    with st.expander("How this is counted, and all numbers"):
        st.caption(words.rule(m))
        st.dataframe(drawing.table(m), hide_index=True, width="stretch")


def _pictures(shown: list[Shown], rows: int = 1, besides: float = 0.0) -> None:
    """besides: height of what else is on the step, in rem, where it is more than one line of words."""
    st.html(drawing.gallery(shown, rows, besides))


def _shown(task: Task, one: Picture, answer: bool) -> Shown:
    name = task.class_names[one.answer]
    caption = f"The model says: {name}, {words.sure(one.proba)} sure" if answer else "The model says: ?"
    kind = one.animal.replace("-", " ")
    return drawing.photograph(task.instances("test")[one.row], caption, f"A photograph of an animal in a landscape ({kind}). {caption}.")


@st.cache_data(max_entries=2, show_spinner=False)
def _maps_of(fingerprint: str, picture: str) -> list[Shown]:
    """All maps, drawn once for all visitors. The arguments say which material is meant."""
    m = material.read()
    read = [(one, material.explanation(m, one)) for one in m.methods]
    return [drawing.heat(e, one.title, render.sentence(e)) for one, e in read]


@st.cache_resource(show_spinner=False)
def ready() -> tuple[Material, Task]:
    """The stored material, held against the model that it was stored for.

    The fingerprint is that of the answers stored with the model, so that the first visitor does not wait for its weights to be read.
    """
    m = material.read()
    task = startup.task(m.task, m.model)
    answers = task.entry.predictions()
    material.check(m, task.model.fingerprint if answers is None else answers[0])
    return m, task
