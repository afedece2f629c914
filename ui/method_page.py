"""The page of a method: choose a task and an instance, guess if you like, explain, check, take away.

A new method gets this page from its parameters and the kind of its artifact; it needs no layout of its own.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

import explainers
from explainers import Task
from explainers.models.base import WindowedModel
from explainers.render.texts import method_text

from . import address, background, checks, downloads, explaining, forms, guess, instances, keep, notices, restoring, result, startup
from .explaining import MAX_SEED, Wish
from .instances import Choice
from .words import percent, plain, shorten

OWN_ANSWER = -1  # as a target: whatever the model says
MOST_SHOWN = 3000  # characters of a text above its answer


def show(method: str) -> None:
    """The whole page."""
    restoring.restore(method, OWN_ANSWER)
    heading = st.container()
    notices.show()
    task = choose_task()
    words = method_text(method, "" if task is None else task.modality)
    heading.title(words.title, anchor=False)
    heading.markdown(plain(words.line))
    if task is None:
        return
    offered = next(m for m in explainers.methods(task) if m.name == method)
    if not offered.fits:
        st.info(plain(offered.reason), icon=":material/block:")
        return
    guessing = guess.toggle()
    st.subheader("1. Choose an instance", anchor=False)
    folded = guessing or st.session_state.get("_arrived")
    with st.expander("Choose another", icon=":material/list:") if folded else st.container():
        choice = instances.choose(task, hide_answers=guessing)
    if choice is None:
        return
    answer = _answer(task, choice)
    if answer is None:
        return
    st.subheader("2. The model's answer", anchor=False)
    _show_instance(choice)
    _warn_of_window(task, choice)
    if guessing and guess.made(task, choice) is None:
        address.write(_where(task, choice))
        if guess.seen(task, choice):
            guess.ask_for_another(task)
        else:
            guess.ask(task, choice, int(answer.argmax()))
        return
    _show_answer(task, choice, answer)
    guess.showed(task, choice)
    if guessing:
        guess.verdict(task, choice, int(answer.argmax()))
    st.subheader("3. Why?", anchor=False)
    wish = _settings(method, offered.Params, task, choice, answer)
    _explain(wish)


def choose_task() -> Task | None:
    """Task and model pickers; None when the task cannot be opened (the page says why)."""
    _, problem = startup.own_task()
    if problem:
        st.error(f"The task you named could not be opened: {plain(problem)}", icon=":material/error:")
    names = startup.task_names()
    if keep.get("task") not in names:
        keep.put("task", names[0])
    current = names.index(keep.fill("task", names[0]))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.selectbox("Task", names, current, key="task", format_func=lambda n: startup.task(n).card.title, width=260)
        first = startup.task(keep.note("task", name))
        if keep.get("model") not in first.models:
            keep.put("model", first.models[0])
        current = first.models.index(keep.fill("model", first.models[0]))
        model = st.selectbox("Model", first.models, current, key="model", format_func=lambda m: first.entries[m].title, width=300)
    task = startup.task(name, keep.note("model", model))
    try:
        task.instances("test")
    except ValueError as bad:
        st.error(plain(str(bad)), icon=":material/error:")
        return None
    accuracy = task.entry.accuracy
    if task.card.predicts:
        held_out = ""
        if accuracy:
            share, low, high = (percent(a) for a in accuracy)
            held_out = f" Right on {share} of {plain(task.entry.accuracy_of)} ({low} to {high})."
        st.caption(f"It predicts {plain(task.card.predicts)}.{held_out}")
    return task


def _answer(task: Task, choice: Choice) -> np.ndarray | None:
    """The model's probabilities for the instance; None while the model is being read or asked."""
    key = ("answer", task.name, task.model_name, choice.sha256)
    try:
        return background.quick("answer", key, lambda: explainers.predict(task, [choice.instance])[0], "Reading the model…", choice.private)
    except ValueError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return None


def _show_instance(choice: Choice) -> None:
    if isinstance(choice.instance, dict):
        st.markdown(" · ".join(f"{plain(name)} **{plain(str(value))}**" for name, value in choice.instance.items()))
    elif isinstance(choice.instance, Image.Image):
        st.image(choice.instance, width=min(360, choice.instance.width))
    else:
        with st.container(border=True):
            st.markdown(plain(shorten(str(choice.instance), MOST_SHOWN)))


def _warn_of_window(task: Task, choice: Choice) -> None:
    """Say before anything is computed that the model does not read all of a text."""
    if not isinstance(choice.instance, str) or not isinstance(task.model, WindowedModel):
        return
    fits = task.model.fitting_prefix(choice.instance)
    if fits < len(choice.instance):
        read = len(choice.instance[:fits].split())
        st.warning(f"The model reads only the first {read:,} words of this text. The parts of the explanation will be its sentences.")


def _show_answer(task: Task, choice: Choice, answer: np.ndarray) -> None:
    said, names = int(answer.argmax()), task.class_names
    truth = ""
    labels = task.labels("test")
    if choice.row is not None and labels:
        label = labels[choice.row]
        truth = ", which is right" if label == said else f", but the label is **{plain(names[label])}**"
    st.markdown(f"The model says **{plain(names[said])}**, {percent(float(answer[said]))} sure{truth}.")


def _label_note(wish: Wish) -> str:
    """For what is taken away: that the model is wrong here, where the data says so."""
    labels, row = wish.task.labels("test"), wish.choice.row
    if row is None or not labels:
        return ""
    said = int(explainers.predict(wish.task, [wish.choice.instance])[0].argmax())
    return "" if said == labels[row] else f"The model is wrong here: the data says “{wish.task.class_names[labels[row]]}”."


def _settings(method: str, params: type, task: Task, choice: Choice, answer: np.ndarray) -> Wish:
    """Target, seed, parameters and what they will cost."""
    with st.expander("Settings", icon=":material/tune:", key=f"settings-{method}"):
        names = task.class_names
        options = [OWN_ANSWER, *range(len(names))]
        if keep.get("target") not in options:
            keep.put("target", OWN_ANSWER)
        current = options.index(keep.fill("target", OWN_ANSWER))
        target = st.selectbox(
            "Explain the answer", options, current, key="target",
            format_func=lambda i: f"the model's own ({names[int(answer.argmax())]})" if i == OWN_ANSWER else names[i],
            help="For which class the parts speak: a positive number is toward it.",
        )  # fmt: skip
        target = None if keep.note("target", target) == OWN_ANSWER else target
        seed = st.number_input(
            "Seed", 0, MAX_SEED, keep.fill("seed", 0), key="seed", help="Decides the random draw. The same seed gives the same picture."
        )
        keep.note("seed", seed)
        given = forms.parameters(params, f"{method}-{task.modality}")
    wish = Wish(method, task, choice, target, int(seed), given)
    settings = {**_where(task, choice), "target": target, "seed": seed or None, **forms.addressable(params, given)}
    address.write({**settings, "explained": 1 if explaining.wanted("main", wish.key) and not choice.private else None})
    return wish


def _where(task: Task, choice: Choice) -> dict[str, Any]:
    """What the address says of the instance, of one's own only that it was one's own, and of guessing first."""
    place = {"own": 1} if choice.row is None else {"id": f"test-{choice.row}"}
    return {"task": task.name, "model": task.model_name, **place, "guess": 1 if keep.get("guess-first") else None}


def _explain(wish: Wish) -> None:
    """The button, the work, the result."""
    if explaining.wanted("main", wish.key):
        st.session_state["_wanted:main"] = wish.key
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Explain", type="primary", icon=":material/play_arrow:"):
            st.session_state["_wanted:main"] = wish.key
            st.session_state.pop("_left:main", None)
            if not wish.choice.private:
                address.add("explained", 1)
        explaining.forecast_line(wish, "main")
    if not explaining.wanted("main", wish.key):
        background.drop("main")
        if isinstance(st.session_state.get("_wanted:main"), tuple):
            st.caption("The picture that was here was of other choices. Press *Explain* for one of these.")
        return
    with st.empty().container():  # one place, so that the result replaces the provisional picture at once
        e = explaining.run_safely("main", wish, lambda update: result.picture(update, "provisional"))
        if e is not None:
            guess.saw_explanation(wish.task)
            result.show(e, "main")
    if e is None:
        return
    result.provenance(e)
    guess.next_button(wish.task, "result")
    downloads.menu(e, _label_note(wish))
    checks.show(wish, e)
