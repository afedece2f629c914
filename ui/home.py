"""The parts of the home page."""

from __future__ import annotations

import streamlit as st

import explainers
from explainers.methods import MAPS
from explainers.render.texts import method_text

from . import difference_sets, keep, startup
from .words import percent, plain

FIRST = {"reviews": 46}  # a short sentence that the model gets wrong, for a reason one sees
LIME_PAGE = "pages/lime.py"
MAPS_PAGE = "pages/attribution_maps.py"
METHODS = ("lime", "anchors", "prototypes", "nearest_examples", "decision_boundary", "composite")  # those with a page
FEW = 2  # known errors shown on a card before the fold


def first_step() -> None:
    """One click to a first explanation, and one to being in it oneself."""
    with st.container(horizontal=True):
        first = startup.task_names()[0]
        if st.button("Explain a first answer", type="primary", icon=":material/play_arrow:"):
            st.switch_page(LIME_PAGE, query_params={"task": first, "id": f"test-{FIRST.get(first, 0)}", "explained": "1"})
        if st.button(
            "Guess first", icon=":material/psychology_alt:", help="Foretell the model's answers yourself, before and after explanations."
        ):
            keep.put("guess-first", True)
            st.switch_page(LIME_PAGE, query_params={"task": first})


def task_cards() -> None:
    """What each task predicts, on what data, how accurately, what it gets wrong, under which licence."""
    st.header("Tasks", anchor=False)
    _, problem = startup.own_task()
    if problem:
        st.error(f"The task you named could not be opened: {plain(problem)}", icon=":material/error:")
    names = startup.task_names()
    for place, column in enumerate(st.columns(max(2, min(3, len(names))))):
        for name in names[place :: max(2, min(3, len(names)))]:
            with column, st.container(border=True):
                _task_card(name)


def _task_card(name: str) -> None:
    task = startup.task(name)
    card = task.card
    st.subheader(plain(card.title), anchor=False)
    if card.predicts:
        st.markdown(f"**Predicts** {plain(card.predicts)}.")
    if card.data:
        st.markdown(f"**Data:** {plain(card.data)}")
    for entry in task.entries.values():
        if entry.accuracy:
            value, low, high = entry.accuracy
            st.markdown(
                f"**{plain(entry.title)}:** right on {percent(value)} of {plain(entry.accuracy_of)} (95 % interval {percent(low)} to {percent(high)})"
            )
        elif entry.predicts:
            st.markdown(f"**{plain(entry.title)}:** predicts {plain(entry.predicts)}.")
    if card.known_errors:
        st.markdown("**Known to get wrong**\n" + "\n".join(f"- {plain(line)}" for line in card.known_errors[:FEW]))
    if len(card.known_errors) > FEW:
        with st.expander("More of what it gets wrong"):
            st.markdown("\n".join(f"- {plain(line)}" for line in card.known_errors[FEW:]))
    if card.sensitive:
        st.markdown(f":material/shield_person: **Sensitive attributes in the data:** {plain(', '.join(card.sensitive))}")
    st.page_link(LIME_PAGE, label="Explore", icon=":material/arrow_forward:", query_params={"task": name, "id": "test-0"})
    difference_sets.link(name)
    said = [f"{name}: {text}." for name, text in (("Licence", card.licence), ("Source", card.source)) if text]
    if said:
        st.caption(plain(" ".join(said)))


def method_cards() -> None:
    """The methods that are built, in one line each."""
    st.header("Methods", anchor=False)
    for place, column in enumerate(st.columns(3)):
        for name in METHODS[place::3]:
            with column, st.container(border=True):
                _method_card(name)
    with st.container(border=True):
        _maps_card()
    st.page_link(
        "pages/walkthrough.py",
        label="Find out from maps alone what a biased model looks at (for an audience)",
        icon=":material/travel_explore:",
    )
    st.page_link("pages/leaderboard.py", label="Which maps hold up: methods and scores over many instances", icon=":material/leaderboard:")
    st.page_link("pages/compare.py", label="Compare methods or models on one instance", icon=":material/compare:")
    st.page_link("pages/set_differences.py", label="Describe how two sets of items differ", icon=":material/difference:")


def _method_card(name: str) -> None:
    words = method_text(name, "")
    st.subheader(words.title, anchor=False)
    st.markdown(plain(words.line))
    tasks = [startup.task(n) for n in startup.task_names()]
    fitting = [task.card.title for task in tasks if any(m.name == name and m.fits for m in explainers.methods(task))]
    st.caption(f"For: {plain(', '.join(fitting))}")
    st.page_link(f"pages/{name}.py", label="Open", icon=":material/arrow_forward:")


def _maps_card() -> None:
    """The methods that share a page."""
    first = startup.task(startup.task_names()[0])
    titles = [m.title for m in explainers.methods(first) if m.family == MAPS and m.name != "random"]
    st.subheader("Attribution maps", anchor=False)
    st.markdown(plain(f"Every word, value or pixel gets a number, by one of {len(titles)} methods, scored beside random maps and edges."))
    st.caption(plain(", ".join(titles)))
    st.page_link(MAPS_PAGE, label="Open", icon=":material/arrow_forward:")


def own_model() -> None:
    st.header("Your own model", anchor=False)
    st.markdown("Start Foretell with a task folder or a Python file of yours; `docs/own_model.md` shows both, step by step.")
    st.code("python -m explainers check PATH\nstreamlit run app.py -- --task PATH", language="bash")
