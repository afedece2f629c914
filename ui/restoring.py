"""Settings from an address that was opened; what it asks for and is not here is said, not silently replaced."""

from __future__ import annotations

import streamlit as st

import explainers
from explainers import Task

from . import address, asked, forms, instances, keep, notices, startup
from .explaining import MAX_SEED


def restore(method: str, own_answer: int) -> None:
    """Choose what the address says, when it is news. `own_answer`: the target that stands for the model's own answer."""
    settings = address.read()
    if settings is None:
        return
    said = [*task_and_instance(settings), *_parameters(method, settings)]
    if settings.get("method", method) != method:  # a page of several methods has chosen `method` by the address, where it is one of them
        said.append("The link names a method that is not here: this is another one.")
    for name, most, default in (("seed", MAX_SEED, 0), ("target", 10_000, own_answer)):
        given = settings.get(name, "")
        fits = given.isascii() and given.isdigit() and len(given) < 9 and int(given) <= most
        keep.put(name, int(given) if fits else default)
        if given and not fits:
            said.append(f"The link names a {name} that is no number from 0 to {most:,}: the usual one is used.")
    if settings.get("guess") == "1":
        keep.put("guess-first", True)
    explained = settings.get("explained") == "1" and not said
    st.session_state["_wanted:main"] = explained
    asked.restore(settings.get(asked.NAME, ""), explained)
    st.session_state["_arrived"] = explained  # the way to the result is short: the list is folded
    notices.put(said)


def task_and_instance(settings: dict[str, str]) -> list[str]:
    """Choose task, model and instance; what there is to say about them."""
    return [*_task(settings), *_instance(settings)]


def _task(settings: dict[str, str]) -> list[str]:
    """Choose task and model; what there is to say about them."""
    name = settings.get("task")
    if name is None:
        return []
    if name not in startup.task_names():
        return ["The link is to a task that is not here: this is another one."]
    keep.put("task", name)
    task = startup.task(name)
    model = settings.get("model")
    keep.put("model", model if model in task.models else task.models[0])
    return [] if model is None or model in task.models else ["The link is to a model that is not here: this is another one of the task."]


def _parameters(method: str, settings: dict[str, str]) -> list[str]:
    """Choose the method's parameters; what there is to say about them."""
    if settings.get("task") not in startup.task_names():
        return []
    task = _current()
    Params = next(m for m in explainers.methods(task) if m.name == method).Params
    wrong = forms.restore(Params, f"{method}-{task.modality}", settings)
    return [f"The link sets {label} to what it cannot be: its usual value is used." for label in wrong]


def _instance(settings: dict[str, str]) -> list[str]:
    if settings.get("own") == "1":
        keep.put("source", instances.OWN)
        return ["The link is to an instance that somebody typed or uploaded. That stays with them: choose or write your own."]
    place = settings.get("id")
    if place is None:
        return []
    row = place.removeprefix("test-")
    rows = len(_current().instances("test")) if _current() is not None else 0
    if not (row.isascii() and row.isdigit() and len(row) < 9 and int(row) < rows):
        return ["The link is to an instance that is not in the data: this is another one."]
    instances.turn_to(int(row))
    return []


def _current() -> Task:
    return startup.task(str(keep.get("task") or startup.task_names()[0]))
