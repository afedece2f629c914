"""Choosing the two sets to hold against each other: groups that a task and its models make, or two uploads."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import streamlit as st

from explainers import Task
from explainers.differences import groups as grouping
from explainers.differences import uploads
from explainers.differences.uploads import Upload

from . import background, keep, startup
from .words import plain

BEHAVIOUR, OWN = "Data and models here", "My own sets"
WHAT = {
    grouping.RIGHT_WRONG: "what the model gets wrong, against what it gets right",
    grouping.ERRORS_HITS: "the errors of one class, against its hits",
    grouping.PREDICTED: "what the model calls one class, against what it calls another",
    grouping.MODELS: "what this model alone gets right, against what another alone gets right",
    grouping.LABELS: "one class of the data, against another",
}
UPLOADED = {uploads.PICTURES: "Pictures", uploads.LINES: "Texts", uploads.ROWS: "Rows of a table"}
_TYPES = {uploads.PICTURES: ["jpg", "jpeg", "png", "webp", "zip"], uploads.LINES: ["txt", "csv"], uploads.ROWS: ["csv"]}
_HELP = {
    uploads.PICTURES: f"Several JPEG, PNG or WebP files, or a zip of them; at most {uploads.MOST_PICTURES}.",
    uploads.LINES: "A text file with one text a line, or a CSV file.",
    uploads.ROWS: "A CSV file: a line of column names, then a line a row. Both sets need the same columns.",
}
_FIRST, _SECOND, _OTHER, _WHAT = "diff-first", "diff-second", "diff-other", "diff-what"


@dataclass(frozen=True)
class Sets:
    """Two sets as they were chosen; `read` makes them, which may take a while.

    key      what decides them
    private  they are a visitor's own: not in an address, not kept
    address  what an address says of them
    """

    key: tuple[Any, ...]
    modality: str
    names: tuple[str, str]
    sizes: tuple[int, int] | None
    private: bool
    address: dict[str, Any] = field(default_factory=dict)
    task: Task | None = None
    groups: grouping.Groups | None = None
    files: tuple[tuple[Upload, ...], tuple[Upload, ...]] = ((), ())
    column: str | None = None

    def read(self) -> tuple[list[Any], list[Any]]:
        """The items of A and of B. Raises ValueError with the sentence to show."""
        if self.task is not None and self.groups is not None:
            return self.groups.instances(self.task)
        a, b = (uploads.read(self.modality, files, side, self.column) for side, files in zip("AB", self.files, strict=True))
        return a, b


def restore(settings: dict[str, str]) -> list[str]:
    """Choose what an address says (its task is chosen already); what there is to say about it."""
    said = []
    if settings.get("own") == "1":
        keep.put("diff-source", OWN)
        return ["The link is to sets that somebody uploaded. They stay with them: choose your own."]
    keep.put("diff-source", BEHAVIOUR)
    what = settings.get("what", grouping.RIGHT_WRONG)
    if what not in WHAT:
        said.append("The link asks for a comparison that is not here: this is another one.")
    keep.put(_WHAT, what if what in WHAT else grouping.RIGHT_WRONG)
    for key, name in ((_FIRST, "first"), (_SECOND, "second")):
        given = settings.get(name, "")
        keep.put(key, int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0 if name == "first" else 1)
    keep.put(_OTHER, settings.get("other", ""))
    return said


def source() -> str:
    """Whether the sets come from here or from the visitor."""
    chosen = keep.fill("diff-source", BEHAVIOUR)
    st.segmented_control("Sets", [BEHAVIOUR, OWN], default=chosen, required=True, key="diff-source", label_visibility="collapsed")
    return str(keep.note("diff-source", st.session_state["diff-source"]) or BEHAVIOUR)


def of_task(task: Task) -> Sets | None:
    """Sets that a task makes; None while the model is asked, or where there is nothing to compare (the page says why)."""
    offered = [w for w in WHAT if w != grouping.MODELS or len(task.models) > 1]
    if keep.get(_WHAT) not in offered:
        keep.put(_WHAT, offered[0])
    what = st.selectbox("Compare", offered, offered.index(keep.fill(_WHAT, offered[0])), key=_WHAT, format_func=WHAT.__getitem__)
    keep.note(_WHAT, what)
    first, second, other = 0, 1, None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if what in (grouping.ERRORS_HITS, grouping.PREDICTED, grouping.LABELS):
            first = _class(task, "Class" if what == grouping.ERRORS_HITS else "Set A", _FIRST, 0)
        if what in (grouping.PREDICTED, grouping.LABELS):
            second = _class(task, "Set B", _SECOND, 1)
        if what == grouping.MODELS:
            other = _other(task)
    key = ("groups", task.name, task.model.fingerprint, what, first, second, other)
    try:
        made = background.quick(
            "groups", key, lambda: grouping.groups(task, what, first, second, other), "Asking the model about the data…"
        )
    except ValueError as problem:
        st.info(plain(str(problem)), icon=":material/block:")
        return None
    if made is None:
        return None
    where = {
        "task": task.name, "model": task.model_name, "what": what, "other": other,
        "first": first if what in (grouping.ERRORS_HITS, grouping.PREDICTED, grouping.LABELS) else None,
        "second": second if what in (grouping.PREDICTED, grouping.LABELS) else None,
    }  # fmt: skip
    return Sets(key, task.modality, made.names, (len(made.a), len(made.b)), False, where, task, made)


def _class(task: Task, label: str, key: str, default: int) -> int:
    names = task.class_names
    if keep.get(key) not in range(len(names)):
        keep.put(key, min(default, len(names) - 1))
    options = list(range(len(names)))
    index = st.selectbox(label, options, keep.fill(key, default), key=key, format_func=lambda i: names[i], width=260)
    return int(keep.note(key, index))


def _other(task: Task) -> str:
    others = [m for m in task.models if m != task.model_name]
    if keep.get(_OTHER) not in others:
        keep.put(_OTHER, others[0])
    current = others.index(keep.fill(_OTHER, others[0]))
    chosen = st.selectbox("Another model", others, current, key=_OTHER, format_func=lambda m: task.entries[m].title, width=300)
    return str(keep.note(_OTHER, chosen))


def uploaded() -> Sets | None:
    """Two uploads; None until both are there."""
    kinds = list(UPLOADED)
    chosen = keep.fill("diff-kind", kinds[0])
    kind = (
        st.segmented_control("Of what", kinds, default=chosen, required=True, key="diff-kind", format_func=UPLOADED.__getitem__) or kinds[0]
    )
    keep.note("diff-kind", kind)
    several = kind == uploads.PICTURES
    files: list[list[Any]] = []
    for column, side in zip(st.columns(2), "AB", strict=True):
        with column:
            given = st.file_uploader(
                f"Set {side}", _TYPES[kind], accept_multiple_files=several, key=f"diff-{kind}-{side}", help=_HELP[kind]
            )
            files.append(given if isinstance(given, list) else [] if given is None else [given])
    st.caption("The files stay in this server's memory while you are here: they are not in the address and not in a log.")
    missing = [side for side, some in zip("AB", files, strict=True) if not some]
    if missing:
        st.info(f"Choose files for set {' and set '.join(missing)}.", icon=":material/upload_file:")
        return None
    a, b = (tuple(Upload(f.name, f.getvalue()) for f in some) for some in files)
    text_column = None
    if kind == uploads.LINES:
        try:
            text_column = _text_column(a[0], b[0])
        except ValueError as problem:
            st.error(plain(str(problem)), icon=":material/error:")
            return None
    identity = tuple(tuple(f.file_id for f in some) for some in files)
    return Sets(("uploads", kind, identity, text_column), kind, ("A", "B"), None, True, {"own": 1}, files=(a, b), column=text_column)


def _text_column(a: Upload, b: Upload) -> str | None:
    """Which column holds the texts, where there is a choice."""
    there = [names for names in (uploads.columns(a), uploads.columns(b)) if names]
    both = [name for name in there[0] if all(name in names for names in there)] if there else []
    if there and not both:
        raise ValueError("The two CSV files have no column in common: give both the same name for the column of the texts.")
    if len(both) < 2:
        return both[0] if both else None
    return st.selectbox("Column with the texts", both, key="diff-column", format_func=plain)


def link(task_name: str, model: str | None = None) -> None:
    """One click from a task to what tells its errors from its hits; nothing where the data has no labels that fit."""
    task = startup.task(task_name, model)
    if not task.labels("test") or task.class_names != task.label_names:
        return
    st.page_link(
        "pages/set_differences.py", label="How do its errors differ from its hits?", icon=":material/difference:",
        query_params={"task": task.name, "model": task.model_name, "what": grouping.RIGHT_WRONG, "explained": "1"},
    )  # fmt: skip
