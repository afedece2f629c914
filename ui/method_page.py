"""The page of a method: choose a task and an instance, guess if you like, explain, check, take away.

A new method gets this page from its parameters and the kind of its artifact; it needs no layout of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

import explainers
from explainers import BoundaryPath, Task
from explainers.render.texts import method_text

from . import (
    address,
    asked,
    background,
    believing,
    checks,
    decision,
    difference_sets,
    downloads,
    explaining,
    forms,
    guess,
    helps,
    instances,
    keep,
    notices,
    question,
    restoring,
    result,
    scores,
)
from .explaining import MAX_SEED, Wish
from .instances import Choice
from .words import plain

OWN_ANSWER = -1  # as a target: whatever the model says


def show(method: str, choose: Callable[[Task], str] | None = None, title: str = "", line: str = "") -> None:
    """The whole page. `choose`: draws a choice among methods that share a page, titled `title`, and gives the one chosen."""
    restoring.restore(method, OWN_ANSWER)
    heading = st.container()
    notices.show()
    task = question.choose_task()
    words = method_text(method, "" if task is None else task.modality)
    heading.title(title or words.title, anchor=False)
    heading.markdown(plain(line or words.line))
    if task is None:
        return
    if choose is not None:
        method = choose(task)
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
    answer = question.answer_of(task, choice)
    if answer is None:
        return
    st.subheader("2. The model's answer", anchor=False)
    question.show_instance(choice)
    question.warn_of_window(task, choice)
    if guessing and guess.made(task, choice) is None:
        address.write({**_where(task, choice), **_named(method, choose)})
        if guess.seen(task, choice):
            guess.ask_for_another(task)
        else:
            guess.ask(task, choice, int(answer.argmax()))
        return
    question.show_answer(task, choice, answer)
    guess.showed(task, choice)
    if guessing:
        guess.verdict(task, choice, int(answer.argmax()))
    st.subheader("3. Why?", anchor=False)
    wish = _settings(method, offered.Params, task, choice, answer, _named(method, choose))
    _explain(wish)
    difference_sets.link(task.name, task.model_name)


def _named(method: str, choose: Any) -> dict[str, Any]:
    """What the address says of the method, where it does not follow from the page."""
    return {} if choose is None else {"method": method}


def _label_note(wish: Wish) -> str:
    """For what is taken away: that the model is wrong here, where the data says so."""
    labels, row = wish.task.labels("test"), wish.choice.row
    if row is None or not labels:
        return ""
    said = int(explainers.predict(wish.task, [wish.choice.instance])[0].argmax())
    return "" if said == labels[row] else f"The model is wrong here: the data says “{wish.task.class_names[labels[row]]}”."


def _settings(method: str, params: type, task: Task, choice: Choice, answer: np.ndarray, named: dict[str, Any]) -> Wish:
    """Target, seed, parameters and what they will cost. `named`: what the address says of the method."""
    upfront = forms.upfront(params, f"{method}-{task.modality}", _redraw)
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
        given = {**forms.parameters(params, f"{method}-{task.modality}"), **upfront}
    wish = Wish(method, task, choice, target, int(seed), given)
    settings = {**_where(task, choice), **named, "target": target, "seed": seed or None, **forms.addressable(params, given)}
    if explaining.wanted("main", wish.key) and not choice.private:
        settings |= {"explained": 1, asked.NAME: asked.said(wish)}
    address.write(settings)
    return wish


def _where(task: Task, choice: Choice) -> dict[str, Any]:
    """What the address says of the instance, of one's own only that it was one's own, and of guessing first."""
    place = {"own": 1} if choice.row is None else {"id": f"test-{choice.row}"}
    return {"task": task.name, "model": task.model_name, **place, "guess": 1 if keep.get("guess-first") else None}


def _redraw() -> None:
    """A picture that is there is drawn again for the new choice, whatever else the address says."""
    if st.session_state.get("_shown:main"):
        st.session_state["_wanted:main"] = True


def _explain(wish: Wish) -> None:
    """The button, the work, the result."""
    scores.let_go(wish)
    if explaining.wanted("main", wish.key):
        st.session_state["_wanted:main"] = wish.key
        asked.bind(wish)
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Explain", type="primary", icon=":material/play_arrow:"):
            st.session_state["_wanted:main"] = wish.key
            explaining.anew("main", wish)
            if not wish.choice.private:
                address.add("explained", 1)
        explaining.forecast_line(wish, "main")
    st.session_state["_shown:main"] = explaining.wanted("main", wish.key)
    if not st.session_state["_shown:main"]:
        background.drop("main")
        if isinstance(st.session_state.get("_wanted:main"), tuple):
            st.caption("The picture that was here was of other choices. Press *Explain* for one of these.")
        return
    with st.empty().container():  # one place, so that the result replaces the provisional picture at once
        e = explaining.run_safely("main", wish, lambda update: result.picture(update, "provisional"))
        if e is not None:
            guess.saw_explanation(wish.task)
            places = result.show(e, "main", explaining.stopped_at("main", wish))
            believing.changed(e, places)
            known = scores.below(wish, e, checks.seeds(wish))
            if known is not None:
                believing.show(places, e, known)
    if e is None:
        return
    result.provenance(e)
    helps.box(wish.method, wish.task.modality)
    guess.next_button(wish.task, "result")
    note = _label_note(wish)
    downloads.menu(e, note, scores=known.to_take if known else ())
    if e.kind == BoundaryPath.kind:
        decision.offer(wish, e, note)
    before = checks.seeds(wish)
    checks.show(wish, e)
    if known is not None and (seeds := checks.seeds(wish)) != before:
        believing.show(places, e, known, seeds)
