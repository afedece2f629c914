"""Choosing an instance: browse, search and sort the test data, or type one's own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

import explainers
from explainers import Task
from explainers.explanation import instance_sha256
from explainers.models.tables import Column
from explainers.pictures import read_picture

from . import background, keep, thumbnails
from .words import one_line, percent, plain, shorten

PAGE = 6
PICTURES = 12  # on a page of thumbnails
LARGEST_NUMBER = 2**53 - 1
MOST_PREDICTED = 2_000  # own tasks: the model is asked about at most this many instances for sorting

DATA, OWN = "From the data", "My own"
AS_IS, SUREST, LEAST_SURE, WRONG = "As in the data", "Surest first", "Least sure first", "Wrong first"


@dataclass(frozen=True)
class Choice:
    """The instance to explain. `row`: its place in the test data, None when the visitor typed it (then it is private)."""

    instance: Any
    row: int | None

    @property
    def private(self) -> bool:
        return self.row is None

    @property
    def sha256(self) -> str:
        return instance_sha256(self.instance)


def choose(task: Task, hide_answers: bool) -> Choice | None:
    """The pickers; None (with a sentence on the page) when there is no valid instance yet.

    hide_answers: the visitor is guessing, so nothing here may show or sort by the model's answer or the label.
    """
    chosen = keep.fill("source", DATA)
    source = st.segmented_control("Instance", [DATA, OWN], default=chosen, required=True, key="source", label_visibility="collapsed")
    keep.note("source", source)
    row = min(int(st.session_state.get("row", 0)), len(task.instances("test")) - 1)
    if source != OWN:
        return _browse(task, row, hide_answers)
    try:
        given = _OWN.get(task.modality, _type_text)(task, row)
        return None if given is None else Choice(task.check(given), None)
    except ValueError as problem:
        st.warning(plain(str(problem)), icon=":material/edit:")
        return None


def pick(row: int) -> None:
    """Make `row` of the test data the chosen instance (from a callback)."""
    st.session_state["row"] = row
    keep.put("source", DATA)


def turn_to(row: int) -> None:
    """As `pick`, and let the list show the page that holds it."""
    for key in [key for key in st.session_state if str(key).startswith("page-")]:
        del st.session_state[key]
    pick(row)


def _browse(task: Task, row: int, hide_answers: bool) -> Choice:
    instances, labels = task.instances("test"), task.labels("test")
    sorts = [AS_IS] if hide_answers else [AS_IS, SUREST, LEAST_SURE, *([WRONG] if labels else [])]
    # A model whose answers are not stored with its task is asked about the data only when a visitor sorts by them.
    asked = st.session_state.get(f"sort-{len(sorts)}", AS_IS) != AS_IS
    proba = None if hide_answers else _predictions(task, asked)
    pictured = task.modality == "image"
    with st.container(horizontal=True, vertical_alignment="bottom"):
        wanted = "" if pictured else st.text_input("Search", key="search", placeholder="a word or a value", width=260).strip().lower()
        order = st.selectbox(
            "Sort",
            sorts,
            key=f"sort-{len(sorts)}",
            width=190,
            help="Sorting by the model's answer is off while you guess." if hide_answers else None,
        )
    rows = np.arange(len(instances))
    if proba is not None:
        rows = _sorted(rows, proba, labels, order)
    if wanted:
        rows = np.array([i for i in rows if wanted in _searchable(instances[int(i)])], dtype=int)
    if len(rows) == 0:
        st.info("No instance matches the search: try fewer letters.", icon=":material/search_off:")
        return Choice(instances[row], row)
    page_size = PICTURES if pictured else PAGE
    pages = -(-len(rows) // page_size)
    list_key = f"{task.name}-{task.model_name}-{wanted}-{order}"
    place = np.flatnonzero(rows == row)
    # A page that the visitor has not turned shows the chosen instance, so that a link opens where it points.
    on_page = int(place[0]) // page_size + 1 if len(place) and not wanted and order == AS_IS else 1
    page = st.session_state.get(f"page-{list_key}") or on_page
    shown = [int(i) for i in rows[(page - 1) * page_size : page * page_size]]
    captions = [_caption(task, i, labels, proba, hide_answers) for i in shown]
    if pictured:
        thumbnails.choose([instances[i] for i in shown], shown, captions, row, pick)
    else:
        _list(instances, shown, captions, row, f"rows-{list_key}-{page}")
    if pages > 1:
        with st.container(horizontal=True, vertical_alignment="center"):
            st.pagination(pages, default=min(page, pages), key=f"page-{list_key}", max_visible_pages=5)
            st.caption(f"{len(rows):,} instances")
    return Choice(instances[row], row)


def _list(instances: Sequence[Any], shown: list[int], captions: list[str], row: int, key: str) -> None:
    st.session_state[key] = row if row in shown else None
    st.radio(
        "Choose an instance",
        shown,
        key=key,
        format_func=lambda i: plain(one_line(instances[i])),
        captions=captions,
        on_change=lambda: pick(st.session_state[key]),
        label_visibility="collapsed",
    )


def _searchable(instance: Any) -> str:
    if isinstance(instance, dict):
        return " ".join(f"{name} {value}" for name, value in instance.items()).lower()
    return str(instance).lower()


def _caption(task: Task, row: int, labels: list[int], proba: np.ndarray | None, hide_answers: bool) -> str:
    said = [f"\\#{row}"]
    if labels and not hide_answers:
        said.append(f"label {plain(task.class_names[labels[row]])}")
    if proba is not None and row < len(proba):
        answer = int(proba[row].argmax())
        said.append(f"model {plain(task.class_names[answer])}, {percent(float(proba[row].max()))} sure")
        if labels and answer != labels[row]:
            said.append("**:material/close: wrong**")
    return " · ".join(said)


def _sorted(rows: np.ndarray, proba: np.ndarray, labels: list[int], order: str | None) -> np.ndarray:
    sure = proba.max(axis=1)
    rows = rows[: len(proba)]
    if order == SUREST:
        return rows[np.argsort(-sure, kind="stable")]
    if order == LEAST_SURE:
        return rows[np.argsort(sure, kind="stable")]
    if order == WRONG:
        wrong = proba.argmax(axis=1) != np.array(labels[: len(proba)])
        return rows[np.lexsort((-sure, ~wrong))]  # the surest mistakes first
    return rows


def _predictions(task: Task, ask: bool) -> np.ndarray | None:
    """The model's answers on the test data: stored with the task, or, when `ask`, asked in the background; None while not there."""

    def work() -> np.ndarray | None:
        stored = task.predictions("test")
        if stored is not None or not ask:
            return stored
        return explainers.predict(task, [task.instances("test")[i] for i in range(most)])

    most = min(len(task.instances("test")), MOST_PREDICTED)
    try:
        return background.quick(
            "predictions", ("predictions", task.name, task.model_name, ask), work, "Asking the model about the test data, for sorting…"
        )
    except ValueError as problem:
        st.caption(f"Sorting by the model's answer is not possible: {plain(str(problem))}")
        return None


def balanced_row(task: Task, proba: np.ndarray | None, rng: np.random.Generator, avoid: set[int]) -> int:
    """A test row to guess on: the model right or wrong equally often, so that guessing the true label gains nothing."""
    n = len(task.instances("test"))
    left = np.array([i for i in range(n) if i not in avoid] or range(n))
    labels = task.labels("test")
    if proba is None or not labels:
        return int(rng.choice(left))
    left = left[left < len(proba)]
    answer = proba.argmax(axis=1)
    label = np.array(labels)[left]
    wrong = answer[left] != label
    if not wrong.any() or wrong.all():
        return int(rng.choice(left))
    pool = left[wrong == (rng.random() < 0.5)]
    # Then every answer of the model equally often, so that always naming the most frequent one gains nothing either.
    said = rng.choice(np.unique(answer[pool]))
    return int(rng.choice(pool[answer[pool] == said]))


def can_balance(task: Task) -> bool:
    """Whether `balanced_row` can pick instances on which the model is wrong as often as right."""
    stored, labels = task.predictions("test"), task.labels("test")
    if stored is None or not labels:
        return False
    wrong = stored.argmax(axis=1) != np.array(labels[: len(stored)])
    return bool(wrong.any() and not wrong.all())


def _upload(task: Task, row: int) -> Image.Image | None:
    """A picture from the visitor's own disk, kept in memory while they are here."""
    file = st.file_uploader("Your picture (JPEG, PNG or WebP)", ["jpg", "jpeg", "png", "webp"], key="own-picture")
    st.caption("It stays in this server's memory while you are here: it is not in the address and not in a log.")
    return None if file is None else read_picture(file.getvalue())


def _type_text(task: Task, row: int) -> str:
    start = keep.fill("own-text", str(task.instances("test")[row])[:2000])
    text = st.text_area("Your text", start, key="own-text", height=110, help="Ctrl + Enter, or a click outside, hands it to the model.")
    keep.note("own-text", text)
    st.caption("What you type stays in this server's memory while you are here: it is not in the address and not in a log.")
    return text or ""


def _cell(column: Column, value: Any, key: str) -> Any:
    """A field for one value of a row."""
    label = plain(shorten(column.name, 60))
    if column.values is not None:
        options = list(column.values)
        return st.selectbox(label, options, options.index(value) if value in options else None, key=key, placeholder="missing")
    known = f"In the data: {column.low:g} to {column.high:g}."
    if abs(value) > LARGEST_NUMBER:  # the browser's numbers end there
        return st.text_input(label, str(value), key=key, help=known)
    if column.integer:
        return st.number_input(label, value=int(value), step=1, key=key, help=known)
    return st.number_input(label, value=float(value), key=key, format="%g", help=known)


def _type_row(task: Task, row: int) -> dict[str, Any]:
    start = st.session_state.setdefault("_own_row", {}).get(task.name) or task.instances("test")[row]
    given: dict[str, Any] = {}
    columns = st.columns(3)
    for place, column in enumerate(task.table.columns):
        key = f"own-{task.name}-{column.name}"
        with columns[place % 3]:
            given[column.name] = _cell(column, start[column.name], key)
    st.session_state["_own_row"][task.name] = given
    if st.button("Start again from the chosen row", type="tertiary", icon=":material/restart_alt:"):
        st.session_state["_own_row"].pop(task.name, None)
        for column in task.table.columns:
            st.session_state.pop(f"own-{task.name}-{column.name}", None)
        st.rerun()
    return given


_OWN: dict[str, Callable[[Task, int], Any]] = {"tabular": _type_row, "text": _type_text, "image": _upload}
