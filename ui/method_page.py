"""The page of a method: choose a task and an instance, guess if you like, explain, check, take away.

A new method gets this page from its parameters and the kind of its artifact; it needs no layout of its own.
"""

from __future__ import annotations

import numpy as np
import streamlit as st
from PIL import Image

import explainers
from explainers import Task
from explainers.render.texts import method_text

from . import address, background, checks, downloads, explaining, forms, guess, instances, keep, result, startup
from .explaining import MAX_SEED, Wish
from .instances import Choice
from .words import duration, percent, plain


def show(method: str) -> None:
    """The whole page."""
    _restore(method)
    heading = st.container()
    task = choose_task()
    if task is None:
        return
    words = method_text(method, task.modality)
    heading.title(words.title, anchor=False)
    heading.markdown(plain(words.line))
    offered = next(m for m in explainers.methods(task) if m.name == method)
    if not offered.fits:
        st.info(plain(offered.reason), icon=":material/block:")
        return
    guessing = guess.toggle()
    st.subheader("1. Choose an instance", anchor=False)
    with st.expander("Choose another", icon=":material/list:") if st.session_state.get("_arrived") else st.container():
        choice = instances.choose(task, hide_answers=guessing)
    if choice is None:
        return
    answer = _answer(task, choice)
    if answer is None:
        return
    st.subheader("2. The model's answer", anchor=False)
    _show_instance(choice)
    if guessing and guess.made(task, choice) is None:
        guess.ask(task, choice, int(answer.argmax()))
        return
    _show_answer(task, choice, answer)
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
        held_out = (
            f" Right on {percent(accuracy[0])} of held-out data ({percent(accuracy[1])} to {percent(accuracy[2])})." if accuracy else ""
        )
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
        st.markdown(f"> {plain(str(choice.instance)[:3000])}")


def _show_answer(task: Task, choice: Choice, answer: np.ndarray) -> None:
    said, names = int(answer.argmax()), task.class_names
    truth = ""
    labels = task.labels("test")
    if choice.row is not None and labels:
        label = labels[choice.row]
        truth = ", which is right" if label == said else f", but the label is **{plain(names[label])}**"
    st.markdown(f"The model says **{plain(names[said])}**, {percent(float(answer[said]))} sure{truth}.")


def _settings(method: str, params: type, task: Task, choice: Choice, answer: np.ndarray) -> Wish:
    """Target, seed, parameters and what they will cost."""
    with st.expander("Settings", icon=":material/tune:", key=f"settings-{method}"):
        names = task.class_names
        options: list[int | None] = [None, *range(len(names))]
        if keep.get("target") not in options:
            keep.put("target", None)
        current = options.index(keep.fill("target", None))
        target = st.selectbox(
            "Explain the answer", options, current, key="target",
            format_func=lambda i: f"the model's own ({names[int(answer.argmax())]})" if i is None else names[i],
            help="For which class the parts speak: a positive number is toward it.",
        )  # fmt: skip
        keep.note("target", target)
        seed = st.number_input(
            "Seed", 0, MAX_SEED, keep.fill("seed", 0), key="seed", help="Decides the random draw. The same seed gives the same picture."
        )
        keep.note("seed", seed)
        given = forms.parameters(params, f"{method}-{task.modality}")
    wish = Wish(method, task, choice, target, int(seed), given)
    place = None if choice.row is None else f"test-{choice.row}"
    settings = {"task": task.name, "model": task.model_name, "id": place, "target": target, "seed": seed or None, **given}
    address.write({**settings, "explained": 1 if explaining.wanted("main", wish.key) else None})
    return wish


def _restore(method: str) -> None:
    """Settings from an address that was opened."""
    settings = address.read()
    if settings is None:
        return
    if settings.get("task") in startup.task_names():
        keep.put("task", settings["task"])
        task = startup.task(settings["task"])
        keep.put("model", settings.get("model") if settings.get("model") in task.models else task.models[0])
        forms.restore(next(m for m in explainers.methods(task) if m.name == method).Params, f"{method}-{task.modality}", settings)
    row = settings.get("id", "").removeprefix("test-")
    if row.isdigit():
        instances.pick(int(row))
    for name, most, default in (("seed", MAX_SEED, 0), ("target", 10_000, None)):
        given = settings.get(name, "")
        keep.put(name, int(given) if given.isdigit() and int(given) <= most else default)
    st.session_state["_wanted:main"] = settings.get("explained") == "1"
    st.session_state["_arrived"] = settings.get("explained") == "1"  # the way to the result is short: the list is folded


def _explain(wish: Wish) -> None:
    """The button, the work, the result."""
    if explaining.wanted("main", wish.key):
        st.session_state["_wanted:main"] = wish.key
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Explain", type="primary", icon=":material/play_arrow:"):
            st.session_state["_wanted:main"] = wish.key
            st.session_state.pop("_left:main", None)
            address.add("explained", 1)
        _forecast_line(wish)
    if not explaining.wanted("main", wish.key):
        background.drop("main")
        return
    with st.empty().container():  # one place, so that the result replaces the provisional picture at once
        e = explaining.run_safely("main", wish, lambda update: result.picture(update, "provisional"))
        if e is not None:
            guess.saw_explanation(wish.task)
            result.show(e, "main")
    if e is None:
        return
    result.provenance(e)
    guess.next_button(wish.task)
    downloads.menu(e)
    checks.show(wish, e)


def _forecast_line(wish: Wish) -> None:
    key = ("forecast", *wish.key)
    work = lambda: explainers.forecast(wish.method, wish.task, wish.choice.instance, seed=wish.seed, **wish.params)  # noqa: E731
    try:
        cost = background.quick("forecast", key, work, "Working out the cost…", wish.choice.private)
    except ValueError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return
    if cost is not None:
        st.caption(f"{cost.calls:,} model calls" + ("" if cost.seconds is None else f", {duration(cost.seconds)}"))
