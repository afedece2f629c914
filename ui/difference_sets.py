"""Choosing the two sets to hold against each other: groups that a task and its models make, or two uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import streamlit as st

from explainers import Task
from explainers.differences import groups as grouping
from explainers.differences import uploads
from explainers.differences.items import MODALITIES
from explainers.differences.uploads import Upload

from . import background, keep, startup
from .words import plain, shorten

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
_FIRST, _SECOND, _OTHER, _WHAT, _PAIRED = "diff-first", "diff-second", "diff-other", "diff-what", "diff-paired"
_PAIRS = (
    "Pairs are for the same things twice: two generators given the same prompts, pictures before and after an edit, two models' texts for the "
    "same inputs."
)
_PAIRS_HELP = "What changes within a pair then counts, so that smaller differences show. Both sets need equally many items."
_PAIRED_BY = {
    uploads.PICTURES: "Pictures of the same file name belong together; where the names differ, the first with the first, and so on.",
    uploads.LINES: "Line 1 of A belongs to line 1 of B, and so on; an empty line leaves out its pair.",
    uploads.ROWS: "Row 1 of A belongs to row 1 of B, and so on.",
}
_ASKING = "Asking the model about the data…"
Files = tuple[Upload, ...]


@dataclass(frozen=True)
class Sets:
    """Two sets as they were chosen; `read` makes them, which may take a while.

    key      what decides them
    private  they are a visitor's own: not in an address, not kept
    paired   item i of A belongs to item i of B
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
    items: tuple[list[Any], list[Any]] = field(default=([], []), compare=False)
    paired: bool = False

    def read(self) -> tuple[list[Any], list[Any]]:
        """The items of A and of B."""
        return self.items if self.task is None or self.groups is None else self.groups.instances(self.task)


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
    if task.modality not in MODALITIES:
        st.info(
            "Set differences read texts, pictures and rows of tables, but this task has time series: choose another task.",
            icon=":material/block:",
        )
        return None
    offered = [w for w in WHAT if w != grouping.MODELS or len(task.models) > 1]
    if keep.get(_WHAT) not in offered:
        keep.put(_WHAT, offered[0])
    what = st.selectbox("Compare", offered, offered.index(keep.fill(_WHAT, offered[0])), key=_WHAT, format_func=WHAT.__getitem__)
    keep.note(_WHAT, what)
    first, second, other = 0, 1, None
    classes = list(range(len(task.class_names)))
    if what == grouping.PREDICTED:
        often = background.quick("common", ("common", task.model.fingerprint), lambda: grouping.common(task), _ASKING)
        if often is None:
            return None
        classes = often if len(often) > 1 else classes
    elif what == grouping.LABELS:
        classes = list(range(len(task.label_names)))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if what in (grouping.ERRORS_HITS, grouping.PREDICTED, grouping.LABELS):
            names = task.label_names if what == grouping.LABELS else task.class_names
            first = _class(names, classes, "Class" if what == grouping.ERRORS_HITS else "Set A", _FIRST, 0)
        if what in (grouping.PREDICTED, grouping.LABELS):
            second = _class(names, classes, "Set B", _SECOND, 1)
        if what == grouping.MODELS:
            other = _other(task)
    key = ("groups", task.name, task.model.fingerprint, what, first, second, other)
    try:
        made = background.quick("groups", key, lambda: grouping.groups(task, what, first, second, other), _ASKING)
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


def _class(names: Sequence[str], offered: list[int], label: str, key: str, default: int) -> int:
    """default: place among those offered."""
    if keep.get(key) not in offered:
        keep.put(key, offered[min(default, len(offered) - 1)])
    current = offered.index(keep.fill(key, offered[0]))
    index = st.selectbox(label, offered, current, key=key, format_func=lambda i: names[i], width=260)
    return int(keep.note(key, index))


def _other(task: Task) -> str:
    others = [m for m in task.models if m != task.model_name]
    if keep.get(_OTHER) not in others:
        keep.put(_OTHER, others[0])
    current = others.index(keep.fill(_OTHER, others[0]))
    chosen = st.selectbox("Another model", others, current, key=_OTHER, format_func=lambda m: task.entries[m].title, width=300)
    return str(keep.note(_OTHER, chosen))


def uploaded() -> Sets | None:
    """Two uploads; None until both are there and read (the page says what is amiss)."""
    kind = _kind()
    paired = st.toggle("The items come in pairs", keep.fill(_PAIRED, False), key=_PAIRED, help=_PAIRS_HELP)
    keep.note(_PAIRED, paired)
    st.caption(f"{_PAIRS} {_PAIRED_BY[kind]}" if paired else _PAIRS)
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
    try:
        columns = _text_columns(a[0], b[0]) if kind == uploads.LINES else (None, None)
        key = ("uploads", kind, tuple(tuple(f.file_id for f in some) for some in files), columns, paired)
        items = background.quick(
            "uploads", key, lambda: uploads.read_pairs(kind, a, b, columns) if paired else _read(kind, a, b, columns),
            "Reading the files…", private=True,
        )  # fmt: skip
    except ValueError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return None
    if items is None:
        return None
    return Sets(key, kind, _names(a, b), (len(items[0]), len(items[1])), True, {"own": 1}, items=items, paired=paired)


def _kind() -> str:
    kinds = list(UPLOADED)
    chosen = keep.fill("diff-kind", kinds[0])
    kind = st.segmented_control("Of what", kinds, default=chosen, required=True, key="diff-kind", format_func=UPLOADED.__getitem__)
    return str(keep.note("diff-kind", kind or kinds[0]))


def _read(kind: str, a: Files, b: Files, columns: tuple[str | None, str | None]) -> tuple[list[Any], list[Any]]:
    return uploads.read(kind, a, "A", columns[0]), uploads.read(kind, b, "B", columns[1])


def _names(a: Files, b: Files) -> tuple[str, str]:
    """What the sets are called: after their file where each is one, so that a result says what it is about."""
    names = tuple(shorten(PurePosixPath(some[0].name).stem, 40) if len(some) == 1 else side for some, side in ((a, "A"), (b, "B")))
    return ("A", "B") if names[0] == names[1] or not all(names) else (names[0], names[1])


def _text_columns(a: Upload, b: Upload) -> tuple[str | None, str | None]:
    """Which column of each file holds the texts, where there is a choice: both may be columns of the same file."""
    chosen: list[str | None] = []
    for side, file in (("A", a), ("B", b)):
        names = uploads.columns(file)
        many = len(names) > 1
        chosen.append(
            st.selectbox(f"Column of set {side} with the texts", names, key=f"diff-column-{side}", format_func=plain)
            if many
            else (names[0] if names else None)
        )
    return chosen[0], chosen[1]


def link(task_name: str, model: str | None = None) -> None:
    """One click from a task to what tells its errors from its hits, or, where its labels are not the model's classes, two of its classes
    apart, or where it has no labels, two of its answers; nothing where there is nothing to tell apart."""
    task = startup.task(task_name, model)
    if not len(task.instances("test")) or task.modality not in MODALITIES:
        return
    if not task.split("test").labels:
        what, label = grouping.PREDICTED, "How do inputs with one answer differ from those with another?"
    elif task.class_names != task.label_names:
        what, label = grouping.LABELS, f"How does “{task.label_names[0]}” differ from “{task.label_names[1]}” in its data?"
    else:
        what, label = grouping.RIGHT_WRONG, "How do its errors differ from its hits?"
    st.page_link(
        "pages/set_differences.py", label=plain(label), icon=":material/difference:",
        query_params={"task": task.name, "model": task.model_name, "what": what, "explained": "1"},
    )  # fmt: skip
