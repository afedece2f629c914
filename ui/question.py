"""What is explained: the pickers of task and model, the instance as it is shown, the model's answer to it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

import explainers
from explainers import Task
from explainers.models.base import WindowedModel

from . import background, keep, pictures, startup
from .instances import Choice
from .words import percent, plain, shorten

MOST_SHOWN = 3000  # characters of a text above its answer


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
    predicts = task.entry.predicts or task.card.predicts
    if predicts:
        held_out = ""
        if accuracy:
            share, low, high = (percent(a) for a in accuracy)
            held_out = f" Right on {share} of {plain(task.entry.accuracy_of)} ({low} to {high})."
        st.caption(f"It predicts {plain(predicts)}.{held_out}")
    return task


def answer_of(task: Task, choice: Choice, slot: str = "answer") -> np.ndarray | None:
    """The model's probabilities for the instance; None while the model is being read or asked."""
    key = ("answer", task.name, task.model_name, choice.sha256)
    try:
        return background.quick(slot, key, lambda: explainers.predict(task, [choice.instance])[0], "Reading the model…", choice.private)
    except ValueError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return None


def show_instance(choice: Choice) -> None:
    if isinstance(choice.instance, dict):
        st.markdown(" · ".join(f"{plain(name)} **{plain(str(value))}**" for name, value in choice.instance.items()))
    elif isinstance(choice.instance, Image.Image):
        pictures.show(choice.instance, min(360, choice.instance.width))
    else:
        with st.container(border=True):
            st.markdown(plain(shorten(str(choice.instance), MOST_SHOWN)))


def warn_of_window(task: Task, choice: Choice) -> None:
    """Say before anything is computed that the model does not read all of a text."""
    if not isinstance(choice.instance, str) or not isinstance(task.model, WindowedModel):
        return
    fits = task.model.fitting_prefix(choice.instance)
    if fits < len(choice.instance):
        read = len(choice.instance[:fits].split())
        st.warning(f"The model reads only the first {read:,} words of this text. The parts of the explanation will be its sentences.")


def show_answer(task: Task, choice: Choice, answer: np.ndarray) -> None:
    said, names = int(answer.argmax()), task.class_names
    truth = ""
    labels = task.labels("test")
    if choice.row is not None and labels:
        label = labels[choice.row]
        truth = ", which is right" if label == said else f", but the label is **{plain(names[label])}**"
    st.markdown(f"The model says **{plain(names[said])}**, {percent(float(answer[said]))} sure{truth}.")
