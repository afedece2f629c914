"""People's own tasks: a folder with a task.toml, or a Python file with a function task().

    task = read_task_folder(Path("my_task"))        # data only: nothing in the folder is executed
    task = load_task_file(Path("my_task.py"))       # runs the file: only for a path that the person who starts Foretell names

The bundled tasks are read by the same reader. What is wrong is said in one sentence: `TaskFileError.problems` holds all of them.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np

from .models import weights
from .models.kinds import KINDS, LOOKS_AT, PROTOTYPES, ModelSpec, is_hub_id, load_model
from .picturefolder import read_pictures
from .taskdata import DataSpec, near, read_tables, read_texts
from .tasks import BUNDLED, Card, ModelEntry, Split, Task
from .tasktoml import DATA_KEYS, DATA_KEYS_OF, MODEL_KEYS, TASK_FILE, TOP_KEYS, WORDS, TaskFileError, is_of, read_text, read_toml

CARD_FILE = "card.md"
SPLITS = ("test", "train", "dev")
_WHAT = {"text": "text", "tabular": "tables", "image": "pictures"}


def open_task(path: str) -> Task:
    """The task at a path: a folder with a task.toml, or a Python file, which is executed. Else the name of a bundled task."""
    from .tasks import bundled_tasks, load_task

    place = Path(path)
    if place.is_dir():
        return read_task_folder(place)
    if place.is_file() and place.suffix == ".py":
        return load_task_file(place)
    if place.is_file() and place.name == TASK_FILE:
        return read_task_folder(place.parent)
    if not place.exists() and path in bundled_tasks():
        return load_task(path)
    what = "is neither a folder nor a Python file" if place.exists() else "does not exist"
    raise ValueError(f"{path} {what}: give a folder that holds a {TASK_FILE}, or a .py file with a function task().")


def load_task_file(path: Path) -> Task:
    """The task that a Python file makes. Runs the file: see `taskcode`."""
    from .taskcode import run_task_file

    return run_task_file(path)


def read_task_folder(folder: Path) -> Task:
    """The task that a folder's task.toml describes. Checked now; data and weights are read when they are first needed."""
    return _task(_Reader(Path(folder)).spec())


@dataclass(frozen=True)
class _Spec:
    """A task.toml that was found sound."""

    folder: Path
    toml: dict[str, Any]
    data: DataSpec
    models: list[ModelSpec]


# --- reading and checking task.toml -----------------------------------------------------------------------------------


@dataclass
class _Reader:
    """Checks a task.toml from top to bottom and gathers every problem before it gives up."""

    folder: Path
    problems: list[str] = field(default_factory=list)

    def spec(self) -> _Spec:
        toml = read_toml(self.folder)
        self._keys(toml, TOP_KEYS, "")
        modality = self._modality(toml)
        classes = self._classes(toml)
        data = self._data(toml, modality, classes)
        models = self._models(toml, modality, classes)
        if not all(isinstance(v, str) for v in toml.get("sha256", {}).values()):
            self.problems.append(f'{TASK_FILE}: [sha256] must hold lines like "model.skops" = "1f3a…".')
        if self.problems:
            raise TaskFileError(self.problems)
        return _Spec(self.folder, toml, data, models)

    def _keys(self, table: dict[str, Any], known: dict[str, str], section: str) -> None:
        """Unknown keys and wrong types. A key of the wrong type is dropped, so that it is complained about once."""
        at = f" in {section}" if section else ""
        for key in list(table):
            if key not in known:
                self.problems.append(
                    f"{TASK_FILE}: the key {key!r}{at} is unknown: remove it, or use one of {', '.join(known)}.{near(key, list(known))}"
                )
            elif not is_of(table[key], known[key]):
                self.problems.append(f"{TASK_FILE}: {key}{at} must be {known[key]}.")
                del table[key]

    def _modality(self, toml: dict[str, Any]) -> str:
        modality = toml.get("modality", "")
        if modality in _WHAT:
            return modality
        if modality == "series":
            say = "a folder can hold text, a table or pictures, not 'series': use a Python file that calls explainers.make_task"
        elif modality:
            say = f'modality must be "text", "tabular" or "image", not {modality!r}'
        else:
            say = 'say what the model reads: modality = "text", "tabular" or "image"'
        self.problems.append(f"{TASK_FILE}: {say}.")
        return ""

    def _classes(self, toml: dict[str, Any]) -> list[str]:
        return self._checked_classes(toml.get("class_names", []), f"{TASK_FILE}: class_names")

    def _checked_classes(self, classes: list[str], what: str) -> list[str]:
        if len(classes) < 2:
            self.problems.append(f'{what} must name at least two classes, like ["no", "yes"].')
        elif len(set(classes)) < len(classes) or not all(name.strip() for name in classes):
            self.problems.append(f"{what} must all differ and none may be empty.")
        return classes

    def _own_classes(self, table: dict[str, Any], section: str) -> list[str] | None:
        """The class names of one model, where they are not the task's: a list, or a JSON file in the folder that holds one."""
        given = table.get("class_names")
        if given is None or isinstance(given, list):
            return given and self._checked_classes(given, f"{TASK_FILE}: class_names in {section}")
        path = self._inside(given, f"class_names in {section}")
        if path is None:
            return None
        try:
            names = json.loads(path.read_bytes())
        except (OSError, ValueError, RecursionError):
            names = None
        if not is_of(names, WORDS):
            self.problems.append(
                f'{TASK_FILE}: class_names in {section} is {given!r}: give a JSON file that holds a list like ["no", "yes"].'
            )
            return None
        return self._checked_classes(names, f"{given}: the class names")

    def _data(self, toml: dict[str, Any], modality: str, classes: list[str]) -> DataSpec:
        data = toml.get("data", {})
        every = {key: kind for keys in DATA_KEYS_OF.values() for key, kind in keys.items()}
        self._keys(data, DATA_KEYS | (DATA_KEYS_OF[modality] if modality else every), "[data]")
        if "test" not in data:
            self.problems.append(f'{TASK_FILE}: [data] must name the file with the instances to explain: test = "test.csv".')
        if modality == "text" and "text" not in data:
            self.problems.append(f'{TASK_FILE}: [data] must name the column that holds the text: text = "text".')
        if modality == "image" and "image" not in data:
            self.problems.append(f'{TASK_FILE}: [data] must name the column that holds the path of each picture: image = "image".')
        columns = [(key, data[key]) for key in ("label", "text", "image", "mask", "measured") if key in data]
        columns += [(key, name) for key in ("categorical", "immutable", "sensitive", "ignore", "groups") for name in data.get(key, [])]
        files = {split: path for split in SPLITS if split in data and (path := self._data_file(split, data[split]))}
        return DataSpec(
            files,
            modality,
            classes,
            data.get("text", ""),
            data.get("label"),
            data.get("categorical"),
            tuple(data.get("ignore", [])),
            tuple(columns),
            self.folder,
            data.get("image", ""),
            data.get("mask"),
            data.get("measured"),
            tuple(data.get("groups", [])),
        )

    def _data_file(self, split: str, name: str) -> Path | None:
        path = self._inside(name, f"{split} in [data]")
        if path is None:
            return None
        if path.suffix.lower() not in (".csv", ".jsonl"):
            self.problems.append(f"{TASK_FILE}: {split} in [data] is {name!r}: give a .csv or a .jsonl file.")
        elif not path.is_file():
            self.problems.append(f"The data file {name}, which {TASK_FILE} names as {split}, is missing: add it, or correct its name.")
        else:
            return path
        return None

    def _inside(self, name: str, key: str) -> Path | None:
        """The place that a relative path names, in the task's folder; a bundled task also shares files with those beside it."""
        home = self.folder.resolve()
        try:
            place = (home / name).resolve()
            beside = place.relative_to(home.parent).parts
        except (ValueError, OSError, RuntimeError):
            beside = ()
        own = bool(beside) and beside[0] == home.name
        shared = home.parent == BUNDLED.resolve() and bool(beside) and not (home.parent / beside[0]).is_file()
        if name and not Path(name).is_absolute() and (own or shared):
            return self.folder / name
        self.problems.append(
            f"{TASK_FILE}: {key} is {name!r}, which lies outside the task's folder: move it into the folder and give its name there."
        )
        return None

    def _models(self, toml: dict[str, Any], modality: str, classes: list[str]) -> list[ModelSpec]:
        tables = toml.get("models", [])
        if not tables:
            self.problems.append(f'{TASK_FILE}: there is no model: add [[models]] with kind = "skops" (or another kind) and path = "...".')
        models: list[ModelSpec] = []
        for number, table in enumerate(tables, start=1):
            section = f"[[models]] number {number}" if len(tables) > 1 else "[[models]]"
            self._keys(table, MODEL_KEYS, section)
            model = self._model(toml, table, section, modality, classes)
            if any(other.name == model.name for other in models):
                self.problems.append(f"{TASK_FILE}: two models have the name {model.name!r}: give each its own name.")
            models.append(model)
        return [self._with_encoder(model, table.get("encoder"), models) for model, table in zip(models, tables, strict=True)]

    def _with_encoder(self, model: ModelSpec, encoder: str | None, models: list[ModelSpec]) -> ModelSpec:
        """A prototype network with the model of the same task whose features it reads."""
        if model.kind != PROTOTYPES:
            if encoder is not None:
                self.problems.append(
                    f"{TASK_FILE}: the model {model.name!r} has an encoder, which only the kind {PROTOTYPES!r} takes: remove it."
                )
            return model
        others = {other.name: other for other in models if other.kind != PROTOTYPES}
        if encoder in others:
            return replace(model, encoder=others[encoder])
        names = ", ".join(others) or "none is there yet"
        self.problems.append(
            f"{TASK_FILE}: the model {model.name!r} must name another model of this file whose features it reads: encoder = one of {names}."
        )
        return model

    def _model(self, toml: dict[str, Any], table: dict[str, Any], section: str, modality: str, classes: list[str]) -> ModelSpec:
        kind, path = table.get("kind", ""), table.get("path", "")
        if kind not in KINDS:
            say = f"the kind {kind!r} of {section} is unknown: use one of" if kind else f"{section} must say its kind: one of"
            self.problems.append(f"{TASK_FILE}: {say} {', '.join(KINDS)}.{near(kind, list(KINDS))}")
        elif modality and modality not in KINDS[kind].reads:
            fitting = ", ".join(k for k, known in KINDS.items() if modality in known.reads)
            self.problems.append(
                f"{TASK_FILE}: a model of kind {kind!r} does not read {_WHAT[modality]}: use one of {fitting}, or a Python file."
            )
        if not path:
            self.problems.append(f'{TASK_FILE}: {section} must say where the model is: path = "...".')
        elif not (kind == "huggingface" and is_hub_id(self.folder, path)) and (place := self._inside(path, f"path in {section}")):
            self._check_model_place(kind, path, place)
        accuracy = table.get("accuracy")
        if accuracy is not None and not (len(accuracy) == 3 and 0 <= accuracy[1] <= accuracy[0] <= accuracy[2] <= 1):
            self.problems.append(f"{TASK_FILE}: accuracy in {section} must be [value, low, high] with 0 <= low <= value <= high <= 1.")
            accuracy = None
        looks_at = table.get("looks_at") or ""
        if looks_at not in LOOKS_AT:
            known = " or ".join(f'"{name}"' for name in LOOKS_AT if name)
            self.problems.append(f"{TASK_FILE}: looks_at in {section} can only be {known}, what the model is known to answer by.")
        name = table.get("name") or kind or "model"
        own = self._own_classes(table, section)
        return ModelSpec(
            name=name,
            kind=kind,
            path=path,
            title=table.get("title") or name,
            folder=self.folder,
            class_names=own or classes,
            own_classes=own is not None and own != classes,
            text=modality == "text",
            accuracy=(float(accuracy[0]), float(accuracy[1]), float(accuracy[2])) if accuracy else None,
            accuracy_of=table.get("accuracy_of") or "held-out data",
            revision=table.get("revision"),
            predicts=table.get("predicts") or "",
            looks_at=looks_at,
            sha256=toml.get("sha256"),
        )

    def _check_model_place(self, kind: str, path: str, place: Path) -> None:
        if not place.exists():
            self.problems.append(f"The model {path}, which {TASK_FILE} names, is missing: add it, or correct its path.")
        elif kind in KINDS and KINDS[kind].file and not place.is_file():
            self.problems.append(f"The model {path} is a folder: for the kind {kind!r} give the file itself.")
        elif kind in KINDS and not KINDS[kind].file and not place.is_dir():
            self.problems.append(f"The model {path} is a file: for the kind {kind!r} give the folder that holds the model's files.")


# --- from a sound task.toml to a Task ---------------------------------------------------------------------------------


def _task(spec: _Spec) -> Task:
    toml, data = spec.toml, spec.data
    name = toml.get("name") or spec.folder.resolve().name
    section = toml["data"]
    card_path = spec.folder / CARD_FILE
    entries = {model.name: _entry(model) for model in spec.models}
    return Task(
        name=name,
        modality=data.modality,
        class_names=list(data.class_names),
        entries=entries,
        model_name=next(iter(entries)),
        splits=_splits(data),
        card=Card(
            title=toml.get("title") or name,
            predicts=toml.get("predicts", ""),
            data=toml.get("data_summary", ""),
            known_errors=tuple(toml.get("known_errors", ())),
            sensitive=tuple(section.get("sensitive", ())),
            licence=toml.get("licence", ""),
            source=toml.get("source", ""),
            text=read_text(card_path) if card_path.is_file() and not card_path.is_symlink() else "",
        ),
        categorical=data.categorical,
        immutable=tuple(section.get("immutable", ())),
    )


def _splits(data: DataSpec) -> dict[str, Callable[[], Split]]:
    """A reader for each split, one read whoever asks first. Without training rows, perturbations are drawn from the test rows."""
    tables = cache(partial(read_tables, data))

    def read(name: str) -> Split:
        if data.modality == "tabular":
            return tables()[name]
        return read_texts(data, name) if data.modality == "text" else read_pictures(data, name)

    splits: dict[str, Callable[[], Split]] = {name: partial(read, name) for name in data.files}
    splits.setdefault("train", splits["test"])
    return splits


def _entry(model: ModelSpec) -> ModelEntry:
    return ModelEntry(
        name=model.name,
        title=model.title,
        load=partial(load_model, model),
        accuracy=model.accuracy,
        predictions=partial(_stored, model, weights.read_predictions, weights.PREDICTIONS_FILE, len(model.class_names)),
        class_names=model.class_names if model.own_classes else None,
        accuracy_of=model.accuracy_of,
        embeddings=partial(_stored, model, weights.read_embeddings, weights.EMBEDDINGS_FILE, None),
        test_embeddings=partial(_stored, model, weights.read_test_embeddings, weights.TEST_EMBEDDINGS_FILE, None),
        kind=model.kind,
        encoder=model.encoder.name if model.encoder else "",
        predicts=model.predicts,
        looks_at=model.looks_at,
    )


def _stored(
    model: ModelSpec, read: Callable[[Path], tuple[str, np.ndarray] | None], file: str, columns: int | None
) -> tuple[str, np.ndarray] | None:
    """What was stored in a model's folder, as float64, with the fingerprint of the model it belongs to. `columns`: how many it must have."""
    if not model.place.is_dir():
        return None
    try:
        stored = read(model.place)
    except Exception:  # a damaged file, or one of another program
        stored = ("", np.empty(0))
    if stored is not None and (stored[1].ndim != 2 or columns not in (None, stored[1].shape[1])):
        raise ValueError(f"{model.path}/{file} cannot be read: delete it, or run the script that built the task again.")
    return None if stored is None else (stored[0], stored[1].astype(np.float64))
