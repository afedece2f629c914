"""Choosing the two sets to hold against each other: groups that a task and its models make, or two uploads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Any

import streamlit as st

from explainers import Explanation, Task
from explainers.differences import groups as grouping
from explainers.differences import uploads
from explainers.differences.items import LEAST, MODALITIES
from explainers.differences.uploads import Upload

from . import background, keep, startup
from .words import percent, plain, shorten

BEHAVIOUR, OWN = "Data and models here", "My own sets"
WHAT = {
    grouping.RIGHT_WRONG: "what the model gets wrong, against what it gets right",
    grouping.ERRORS_HITS: "the errors of one class, against its hits",
    grouping.PREDICTED: "what the model calls one class, against what it calls another",
    grouping.MODELS: "what this model alone gets right, against what another alone gets right",
    grouping.LABELS: "one class of the data, against another",
    grouping.RANDOM: "two random halves, to see what chance looks like",
}
UPLOADED = {uploads.PICTURES: "Pictures", uploads.LINES: "Texts", uploads.ROWS: "Rows of a table"}
_TYPES = {uploads.PICTURES: ["jpg", "jpeg", "png", "webp", "zip"], uploads.LINES: ["txt", "csv"], uploads.ROWS: ["csv"]}
_WANTED = f"For each set at least {LEAST}, better 30 or more: with fewer only large differences can show. "
_FORMATS = {
    uploads.PICTURES: f"At most {uploads.MOST_PICTURES} pictures, as JPEG, PNG or WebP files, a zip of them, or a folder.",
    uploads.LINES: f"At most {uploads.MOST_LINES:,} texts: a .txt file in UTF-8 with one text a line, or a .csv file with a line of column names.",
    uploads.ROWS: f"At most {uploads.MOST_LINES:,} rows: a .csv file in UTF-8 with a line of column names, then a line a row. Both sets need the "
    "same columns.",
}
_ITEMS = {uploads.PICTURES: "pictures", uploads.LINES: "texts", uploads.ROWS: "rows"}
_FOLDER = "diff-folder"
_FIRST, _SECOND, _OTHER, _WHAT, _PAIRED, _DRAW = "diff-first", "diff-second", "diff-other", "diff-what", "diff-paired", "diff-draw"
MOST_DRAWS = 999
_BY_CHANCE = (
    "The halves were drawn at random, so that only chance tells them apart: “nothing found” is what to expect. Draw others to see how seldom "
    "something is reported all the same: at most as often as “Chance of a false find” in the settings says."
)
_PAIRS = (
    "Pairs are for the same things twice: pictures before and after an edit, two picture-making programs given the same requests, two models' "
    "texts for the same inputs."
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
    notes    what there is to say about them, a sentence each
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
    notes: tuple[str, ...] = ()

    def named(self, e: Explanation, swapped: bool) -> Explanation:
        """A difference between the sets, with what it is of where the sets are of a task."""
        return e if self.task is None or self.groups is None else self.groups.named(e, self.task, swapped)

    @property
    def too_small(self) -> str:
        """Why nothing can be looked for, as a sentence; "" where it can."""
        for side, n in zip("AB", self.sizes or (), strict=False):
            if n < LEAST:
                return f"Set {side} has {n} {'item' if n == 1 else 'items'}: give at least {LEAST}, better 30 or more."
        return ""

    def read(self) -> tuple[list[Any], list[Any]]:
        """The items of A and of B."""
        return self.items if self.task is None or self.groups is None else self.groups.instances(self.task)


def restore(settings: dict[str, str]) -> list[str]:
    """Choose what an address says (its task is chosen already); what there is to say about it."""
    said = []
    if settings.get("own") == "1":
        keep.put("diff-source", OWN)
        return ["This link is to uploaded sets. Files stay with whoever uploaded them and are gone after a reload: choose them again."]
    keep.put("diff-source", BEHAVIOUR)
    what = settings.get("what", grouping.RIGHT_WRONG)
    if what not in WHAT:
        said.append("The link asks for a comparison that is not here: this is another one.")
    keep.put(_WHAT, what if what in WHAT else grouping.RIGHT_WRONG)
    for key, name in ((_FIRST, "first"), (_SECOND, "second")):
        given = settings.get(name, "")
        keep.put(key, int(given) if given.isascii() and given.isdigit() and len(given) < 6 else 0 if name == "first" else 1)
    keep.put(_OTHER, settings.get("other", ""))
    draw = settings.get("draw", "")
    keep.put(_DRAW, min(max(int(draw), 1), MOST_DRAWS) if draw.isascii() and draw.isdigit() and len(draw) < 6 else 1)
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
    known = task.class_names == task.label_names  # else right and wrong are not
    offered = [w for w in WHAT if w != grouping.MODELS or (known and grouping.rivals(task))]
    if keep.get(_WHAT) not in offered:
        keep.put(_WHAT, offered[0])
    what = st.selectbox("Compare", offered, offered.index(keep.fill(_WHAT, offered[0])), key=_WHAT, format_func=WHAT.__getitem__)
    keep.note(_WHAT, what)
    first, second, other, draw = 0, 1, None, 0
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
        if what == grouping.RANDOM:
            draw = int(
                st.number_input(
                    "Draw", 1, MOST_DRAWS, keep.fill(_DRAW, 1), key=_DRAW, help="Each number deals the items out anew.", width=160
                )
            )
            keep.note(_DRAW, draw)
    key = ("groups", task.name, task.model.fingerprint, what, first, second, other, draw)
    asks = what not in (grouping.LABELS, grouping.RANDOM)
    try:
        found = background.quick(
            "groups",
            key,
            lambda: (grouping.groups(task, what, first, second, other, draw), grouping.by_part(task) if asks else []),
            _ASKING,
        )
    except ValueError as problem:
        st.info(plain(str(problem)), icon=":material/block:")
        return None
    if found is None:
        return None
    made, parts = found
    notes = (_BY_CHANCE,) if what == grouping.RANDOM else _accuracies(parts)
    where = {
        "task": task.name, "model": task.model_name, "what": what, "other": other,
        "first": first if what in (grouping.ERRORS_HITS, grouping.PREDICTED, grouping.LABELS) else None,
        "second": second if what in (grouping.PREDICTED, grouping.LABELS) else None,
        "draw": draw if what == grouping.RANDOM else None,
    }  # fmt: skip
    return Sets(key, task.modality, made.names, (len(made.a), len(made.b)), False, where, task, made, notes=notes)


def _accuracies(parts: list[tuple[str, int, int]]) -> tuple[str, ...]:
    """How often the model is right in all, where the share above is of a part of the test data only."""
    if len(parts) < 2:
        return ()
    (_, right, n), *rest = parts
    each = ", ".join(f"{some:,} of the {of:,} {name}" for name, some, of in rest)
    return (f"The sets are of all {n:,} test instances, of which the model gets {right:,} right ({percent(right / n)}): {each}.",)


def _class(names: Sequence[str], offered: list[int], label: str, key: str, default: int) -> int:
    """default: place among those offered."""
    if keep.get(key) not in offered:
        keep.put(key, offered[min(default, len(offered) - 1)])
    current = offered.index(keep.fill(key, offered[0]))
    index = st.selectbox(label, offered, current, key=key, format_func=lambda i: names[i], width=260)
    return int(keep.note(key, index))


def _other(task: Task) -> str:
    others = grouping.rivals(task)
    if keep.get(_OTHER) not in others:
        keep.put(_OTHER, others[0])
    current = others.index(keep.fill(_OTHER, others[0]))
    chosen = st.selectbox("Another model", others, current, key=_OTHER, format_func=lambda m: task.entries[m].title, width=480)
    return str(keep.note(_OTHER, chosen))


def uploaded() -> Sets | None:
    """Two uploads; None until both are there and read (the page says what is amiss)."""
    kind = _kind()
    paired = st.toggle("The items come in pairs", keep.fill(_PAIRED, False), key=_PAIRED, help=_PAIRS_HELP)
    keep.note(_PAIRED, paired)
    st.caption(f"{_PAIRS} {_PAIRED_BY[kind]}" if paired else _PAIRS)
    st.caption(_WANTED + _FORMATS[kind])
    files = _files(kind)
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
            "uploads", key, lambda: (*uploads.read_pairs(kind, a, b, columns), []) if paired else _read(kind, a, b, columns),
            "Reading the files…", private=True,
        )  # fmt: skip
    except ValueError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return None
    if items is None:
        return None
    first, second, left_out = items
    notes = _left_out(left_out)
    return Sets(key, kind, _names(a, b), (len(first), len(second)), True, {"own": 1}, items=(first, second), paired=paired, notes=notes)


def _files(kind: str) -> list[list[Any]]:
    """The files of A and of B."""
    pictures = kind == uploads.PICTURES
    folder = pictures and st.toggle(
        "Choose whole folders",
        keep.fill(_FOLDER, False),
        key=_FOLDER,
        help="All pictures in a folder of this computer, and in the folders in it.",
    )
    keep.note(_FOLDER, folder)
    out: list[list[Any]] = []
    for column, side in zip(st.columns(2), "AB", strict=True):
        with column:
            given = (
                st.file_uploader(f"Folder of set {side}", _TYPES[kind][:-1], accept_multiple_files="directory", key=f"diff-folder-{side}")
                if folder
                else st.file_uploader(f"Set {side}", _TYPES[kind], accept_multiple_files=pictures, key=f"diff-{kind}-{side}")
            )
            out.append(given if isinstance(given, list) else [] if given is None else [given])
    return out


def _left_out(problems: list[str]) -> tuple[str, ...]:
    if not problems:
        return ()
    more = f" So were {len(problems) - 1} others." if len(problems) > 2 else " So was 1 other." if len(problems) == 2 else ""
    return (f"Left out: {problems[0]}{more}",)


def _kind() -> str:
    kinds = list(UPLOADED)
    chosen = keep.fill("diff-kind", kinds[0])
    kind = st.segmented_control("Of what", kinds, default=chosen, required=True, key="diff-kind", format_func=UPLOADED.__getitem__)
    return str(keep.note("diff-kind", kind or kinds[0]))


def _read(kind: str, a: Files, b: Files, columns: tuple[str | None, str | None]) -> tuple[list[Any], list[Any], list[str]]:
    left_out: list[str] = []  # what is wrong with files that are no pictures
    return uploads.read(kind, a, "A", columns[0], left_out), uploads.read(kind, b, "B", columns[1], left_out), left_out


def _names(a: Files, b: Files) -> tuple[str, str]:
    """What the sets are called: after their file or folder where each is one, so that a result says what it is about."""
    names = tuple(shorten(_name(some) or side, 40) for some, side in ((a, "A"), (b, "B")))
    return ("A", "B") if names[0] == names[1] or not all(names) else (names[0], names[1])


def _name(files: Files) -> str:
    """Of the one file, or of the folder that all are in."""
    if len(files) == 1:
        return PurePosixPath(files[0].name).stem
    tops = {path.parts[0] if len((path := PurePosixPath(f.name)).parts) > 1 else "" for f in files}
    return tops.pop() if len(tops) == 1 else ""


def _text_columns(a: Upload, b: Upload) -> tuple[str | None, str | None]:
    """Which column of each file holds the texts, where there is a choice: both may be columns of the same file."""
    chosen: list[str | None] = []
    for side, file in (("A", a), ("B", b)):
        names = uploads.columns(file)
        many = len(names) > 1
        chosen.append(
            st.selectbox(
                f"Column of set {side} with the texts",
                names,
                names.index(uploads.text_column(file)),
                key=f"diff-column-{side}",
                format_func=plain,
            )
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
