"""What a design names outside itself: its task, model, methods, their parameters, and folders of one's own. Looked at before any work.

`Design.forecast()`, `build` and `candidates` call `checked_task` first; `Design.from_dict` and `Design.load` do not, since a frozen design has to be
read where the task or a method is no longer there.
"""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import explainers

if TYPE_CHECKING:
    from .design import Design

LIMIT = "max_calls"  # that every method takes besides its own parameters


def task_of(design: Design) -> explainers.Task:
    """The task with the design's model. Raises ValueError with one sentence."""
    task = explainers.load_task(design.task, design.model) if isinstance(design.task, str | Path) else design.task
    if not isinstance(task, explainers.Task):
        raise ValueError("The design's task has to be a bundled name, the path of a task folder, or a Task.")
    return task if design.model in (None, task.model_name) else task.with_model(design.model)


def checked_task(design: Design, own: bool = True) -> explainers.Task:
    """Likewise, after everything else that the design names was found to be there. own: whether folders of one's own have to be, too."""
    task = task_of(design)
    labels_of(design, task)
    for arm, folder in design.own.items() if own else ():
        if not Path(folder).is_dir():
            raise ValueError(f"The folder {folder} of the arm {arm} does not exist: correct own in the design, or make it.")
    _check_inputs(design, task)
    _check_names(design)
    if design.methods:
        _check_methods(design, task)
    return task


def labels_of(design: Design, task: explainers.Task) -> list[str]:
    """The classes as participants know them."""
    labels = list(design.texts.labels) or list(task.class_names)
    if len(labels) != len(task.class_names) or len(set(labels)) < len(labels) or not all(label.strip() for label in labels):
        raise ValueError(
            f"texts.labels has to name each of the {len(task.class_names)} classes {', '.join(task.class_names)}, all different."
        )
    return labels


def folder_hash(folder: str | Path) -> str:
    """sha256 (hex) of the names and contents of the files in a folder: so that a changed one is not overlooked."""
    place, told = Path(folder), hashlib.sha256()
    for path in sorted(place.iterdir()) if place.is_dir() else ():
        if path.is_file():
            try:
                content = path.read_bytes()
            except OSError:
                raise ValueError(f"The file {path.name} in the folder {place} cannot be opened: allow it to be read.") from None
            told.update(f"{hashlib.sha256(content).hexdigest()}  {path.name}\n".encode())
    return told.hexdigest()


def published(design: Design, task: explainers.Task) -> Design:
    """The design as it may go public: no path of this computer. A task folder becomes the task's name, a folder of one's own its name and hash."""
    own = {arm: f"{Path(folder).resolve().name} sha256:{folder_hash(folder)}" for arm, folder in design.own.items()}
    return dataclasses.replace(design, task=task.name, own=own)


def _check_inputs(design: Design, task: explainers.Task) -> None:
    """texts.inputs renames columns that there are, each to a title of its own."""
    columns = list(task.instances("test")[0]) if task.modality == "tabular" else []
    stranger = [name for name in design.texts.inputs if name not in columns]
    if stranger:
        use = f"use {', '.join(columns)}" if columns else "leave it out, since only tables have columns"
        raise ValueError(f"texts.inputs names {stranger[0]!r}, which is no column of {task.name}: {use}.")
    shown = [design.texts.inputs.get(name, name).strip() for name in columns]
    twice = [title for title in shown if not title or shown.count(title) > 1]
    if twice:
        raise ValueError(f"Participants would see two columns of {task.name} as {twice[0]!r}, or one without a title: change texts.inputs.")


def _check_names(design: Design) -> None:
    known = explainers.method_names()
    shadowed = [arm for arm in design.own if arm in known]
    if shadowed:
        raise ValueError(f"The arm {shadowed[0]} is one of your own, but a method has this name: give your explanations another one.")
    for arm in design.methods:
        if arm not in known:
            raise ValueError(
                f"The arm {arm!r} is neither a method nor one of your own: use one of {', '.join(known)}, or name its folder in own."
            )


def _check_methods(design: Design, task: explainers.Task) -> None:
    known = {method.name: method for method in explainers.methods(task)}
    for arm in design.methods:
        method = known[arm]
        if not method.fits:
            raise ValueError(f"The arm {arm} does not fit this study. {method.reason}")
        names = [*(f.name for f in dataclasses.fields(method.Params)), LIMIT]
        given = design.explain.get(arm, {})
        if "max_seconds" in given:
            raise ValueError(
                f"explain.{arm} has max_seconds, by which explanations would depend on how fast this computer is: limit them by {LIMIT}."
            )
        if LIMIT in given and (isinstance(given[LIMIT], bool) or not isinstance(given[LIMIT], int) or given[LIMIT] < 1):
            raise ValueError(f"explain.{arm}.{LIMIT} has to be a whole number from 1 up, not {given[LIMIT]!r}.")
        stranger = [name for name in given if name not in names]
        if stranger:
            raise ValueError(f"explain.{arm} has {stranger[0]!r}, but there is no parameter of this name: use {', '.join(names)}.")
