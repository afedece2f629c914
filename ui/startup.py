"""What happens once when the app starts: the task named on the command line, and models read ahead of the first visitor."""

from __future__ import annotations

import argparse
import sys
import threading
from pathlib import Path

import streamlit as st

import explainers
from explainers import Task
from explainers.jobs import Jobs


@st.cache_resource(show_spinner=False)
def jobs() -> Jobs:
    """The background jobs of this server, shared by all visitors."""
    return Jobs()


@st.cache_resource(show_spinner=False)
def own_task() -> tuple[Task | None, str]:
    """The task of `streamlit run app.py -- --task PATH`, and the sentence that says what is wrong with it."""
    parser = argparse.ArgumentParser(add_help=False, exit_on_error=False)
    parser.add_argument("--task")
    try:
        path = parser.parse_known_args(sys.argv[1:])[0].task
    except argparse.ArgumentError:
        return None, "--task needs a path: streamlit run app.py -- --task PATH"
    if path is None:
        return None, ""
    from explainers.taskfile import open_task

    try:
        return open_task(path), ""
    except ValueError as problem:
        print(f"Foretell: {problem}\nRun: python -m explainers check {Path(path)}", file=sys.stderr)
        return None, str(problem)


@st.cache_resource(max_entries=32, show_spinner=False)
def task(name: str, model: str | None = None) -> Task:
    """A task by name, one object for all visitors, so that data and weights are read once."""
    own, _ = own_task()
    if own is not None and name == own.name:
        return own if model in (None, own.model_name) else own.with_model(model)
    if model is None:
        return explainers.load_task(name)
    first = task(name)
    return first if model == first.model_name else first.with_model(model)


def task_names() -> list[str]:
    """Names of the tasks on offer: the visitor's own first."""
    own, _ = own_task()
    bundled = explainers.bundled_tasks()
    return bundled if own is None else [own.name, *(name for name in bundled if name != own.name)]


def begin() -> None:
    """First thing in the router: remember that it ran, and read ahead."""
    st.session_state["_routed"] = True
    warm_up()


def through_router(page: str) -> None:
    """First thing in a page: when Streamlit ran the file by itself, go through app.py.

    It does so once in a server's life, when the very first visitor opens a page's own address: until `st.navigation` has been
    called, it takes the folder pages/ for the navigation.
    """
    if not st.session_state.get("_routed"):
        st.session_state["_routed"] = True
        first = st.Page("app.py", default=True, url_path="start")  # the default has no address of its own, so the page is second
        st.navigation([first, st.Page(page)])
        st.rerun()


@st.cache_resource(show_spinner=False)
def warm_up() -> None:
    """Read the first task's model in the background, so that the first visitor does not wait for it."""

    def read() -> None:
        try:
            first = task(task_names()[0])
            first.instances("test")
            explainers.predict(first, [first.instances("test")[0]])
        except Exception:  # whatever is wrong is said on the page that needs the task
            return

    threading.Thread(target=read, daemon=True, name="foretell-warm-up").start()
