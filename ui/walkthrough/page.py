"""The frame of the walk-through: where one is, the keys, the presenter's notes. The step is in the address, guesses are not."""

from __future__ import annotations

import streamlit as st

from ui import address

from . import screen, steps, words

STEP, GUESSES, NOTES = "walk-step", "walk-guesses", "walk-notes"
LAST = len(words.STEPS)


def show() -> None:
    """The whole page."""
    settings = address.read()
    if settings is not None:
        asked = settings.get("step", "1")
        st.session_state[STEP] = min(max(int(asked), 1), LAST) if asked.isascii() and asked.isdigit() and len(asked) < 4 else 1
        st.session_state[NOTES] = settings.get("notes") == "1"
    screen.look()
    try:
        m, task = steps.ready()
    except ValueError as problem:
        st.title(words.TITLE, anchor=False)
        st.error(str(problem), icon=":material/error:")
        return
    step, guesses = _step(), st.session_state.setdefault(GUESSES, {})
    address.write({"step": step, "notes": "1" if st.session_state.get(NOTES) else None})
    _frame(step)
    steps.show(step, m, task, guesses, lambda: _ask(step, steps.choices(step, task.class_names), guesses.get(step)))
    if st.session_state.get(NOTES):
        _notes(step)


def _frame(step: int) -> None:
    """Title and buttons, at the same place on every step."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(f"{step} of {LAST}: {words.STEPS[step - 1].title}", anchor=False, width="stretch")
        st.button(
            "Back", key="walk-back", icon=":material/arrow_back:", shortcut="Left", disabled=step == 1, on_click=_go, args=(step - 1,)
        )
        if step < LAST:
            st.button(
                "Next", key="walk-next", icon=":material/arrow_forward:", shortcut="Right", type="primary", on_click=_go, args=(step + 1,)
            )
        else:
            st.button("Start again", key="walk-again", icon=":material/restart_alt:", shortcut="Home", type="primary", on_click=_restart)
        st.button(
            "Notes", key="walk-note", icon=":material/speaker_notes:", shortcut="N", help="What a presenter says.", on_click=_turn_notes
        )
        screen.full_screen()


def _ask(step: int, offered: list[str], picked: int | None) -> None:
    """One button a choice; the digit keys press them. A guess leads to the next step."""
    with st.container(horizontal=True, horizontal_alignment="center"):
        for i, label in enumerate(offered):
            st.button(
                label, key=f"walk-choice-{step}-{i}", type="primary" if picked == i else "secondary", shortcut=str(i + 1),
                on_click=_guess, args=(step, i),
            )  # fmt: skip


def _notes(step: int) -> None:
    said = words.STEPS[step - 1]
    before = sum(one.seconds for one in words.STEPS[: step - 1])
    with st.container(border=True, key="walk-notes-box"):
        total = sum(one.seconds for one in words.STEPS)
        st.markdown(f":material/speaker_notes: {said.notes}")
        st.caption(f"About {said.seconds} seconds; {before} of {total} have passed. For notes on a second screen, open this address there.")


def _step() -> int:
    return st.session_state.get(STEP, 1)


def _go(step: int) -> None:
    st.session_state[STEP] = min(max(step, 1), LAST)


def _guess(step: int, choice: int) -> None:
    st.session_state.setdefault(GUESSES, {})[step] = choice
    _go(step + 1)


def _restart() -> None:
    st.session_state[GUESSES] = {}
    _go(1)


def _turn_notes() -> None:
    st.session_state[NOTES] = not st.session_state.get(NOTES)
