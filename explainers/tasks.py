"""Task: a model with its data and its names.

task = load_task("reviews")                     # bundled, or the path of a task folder
task = make_task("mine", "tabular", predict_proba=f, data=frame, labels=y, class_names=["no", "yes"])
"""

from __future__ import annotations

import dataclasses
import threading
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import pandas as pd

from .explanation import instance_sha256, plain_instance
from .models.base import FunctionModel, Model, fingerprint_of
from .models.tables import TableSchema
from .pictures import checked_picture

MODALITIES = ("text", "tabular", "image", "series")
MAX_TEXT_WORDS, MAX_TEXT_LENGTH = 5_000, 100_000  # words, characters


class Rows(Sequence[dict[str, Any]]):
    """A table as a list of instances: `rows[3]` is a dict, `rows.frame` the DataFrame itself."""

    def __init__(self, frame: pd.DataFrame):
        self.frame = frame

    def __len__(self) -> int:
        return len(self.frame)

    @overload
    def __getitem__(self, index: int) -> dict[str, Any]: ...
    @overload
    def __getitem__(self, index: slice) -> Rows: ...
    def __getitem__(self, index: int | slice) -> dict[str, Any] | Rows:
        if isinstance(index, slice):
            return Rows(self.frame.iloc[index].reset_index(drop=True))
        # Column by column: a row taken as one Series would turn whole numbers into decimals.
        return plain_instance({name: self.frame[name].iloc[index] for name in self.frame.columns})


@dataclass(frozen=True)
class Split:
    """Instances with their labels; `labels` is empty where nobody labelled them."""

    instances: Sequence[Any]
    labels: list[int] = field(default_factory=list)


@dataclass(frozen=True)
class ModelEntry:
    """One of a task's models. `accuracy`: held-out value with its 95 % interval, where measured."""

    name: str
    title: str
    load: Callable[[], Model]
    accuracy: tuple[float, float, float] | None = None
    predictions: Callable[[], tuple[str, np.ndarray] | None] = lambda: None  # (fingerprint, probabilities of the test split)
    class_names: list[str] | None = None  # where this model knows other classes than its task's labels
    accuracy_of: str = "held-out data"  # what `accuracy` was measured on, for a sentence
    embeddings: Callable[[], tuple[str, np.ndarray] | None] = lambda: None  # (fingerprint, embeddings of the train split)
    test_embeddings: Callable[[], tuple[str, np.ndarray] | None] = lambda: None  # likewise of the test split
    kind: str = ""  # as models/kinds.py names it; "" for a function
    encoder: str = ""  # of a prototype network: name of the model whose features it reads
    predicts: str = ""  # for a sentence, where that is something else than what the card says of the task
    looks_at: str = ""  # "background": the model is known to answer by that and not by the object, so that maps can be held against it


@dataclass(frozen=True)
class Card:
    """What a person should know before trusting a task: plain words, shown on the home page."""

    title: str
    predicts: str = ""
    data: str = ""
    known_errors: tuple[str, ...] = ()
    sensitive: tuple[str, ...] = ()
    licence: str = ""
    source: str = ""
    text: str = ""  # the whole card.md


@dataclass
class Task:
    """A model with its data and names. Data and weights are read when they are first needed.

    `class_names` are the chosen model's, `label_names` those of the data's labels: mostly the same list.
    """

    name: str
    modality: str
    class_names: list[str]
    entries: dict[str, ModelEntry]
    model_name: str
    splits: Mapping[str, Callable[[], Split]]
    card: Card
    categorical: list[str] | None = None
    immutable: tuple[str, ...] = ()
    known_effects: Callable[[Any, int], dict[str, float]] | None = None  # (row, target) -> exact effect by column, of a planted function
    _loaded: dict[str, Split] = field(default_factory=dict, repr=False)
    _lock: threading.RLock = field(default_factory=threading.RLock, repr=False)

    def __post_init__(self) -> None:
        self.label_names = self.class_names
        self.class_names = self.entry.class_names or self.label_names

    @property
    def models(self) -> list[str]:
        """Names of the models the task offers; the first is the default."""
        return list(self.entries)

    @property
    def entry(self) -> ModelEntry:
        return self.entries[self.model_name]

    @cached_property
    def model(self) -> Model:
        """The chosen model; its weights are read now."""
        with self._lock:
            return self.entry.load()

    def with_model(self, name: str) -> Task:
        """The same task with another of its models, sharing the data."""
        if name not in self.entries:
            raise ValueError(f"The task {self.name} has no model {name!r}: choose one of {', '.join(self.entries)}.")
        return Task(
            self.name, self.modality, self.label_names, self.entries, name, self.splits, self.card, self.categorical, self.immutable,
            self.known_effects, self._loaded, self._lock,
        )  # fmt: skip

    def with_loaded(self, model: Model) -> Task:
        """The same task with a model that is none of its own, in place of the chosen one."""
        entry = dataclasses.replace(
            self.entry, load=lambda: model, predictions=lambda: None, embeddings=lambda: None, test_embeddings=lambda: None
        )
        return Task(
            self.name, self.modality, self.label_names, {**self.entries, self.model_name: entry}, self.model_name, self.splits, self.card,
            self.categorical, self.immutable, self.known_effects, self._loaded, self._lock,
        )  # fmt: skip

    @property
    def looks_at(self) -> str:
        """What the chosen model is known to answer by, where its task says so."""
        return self.entry.looks_at

    @cached_property
    def masks(self) -> dict[str, int]:
        """Hash of each test picture whose object has an exact mask -> its row in `instances("test").masks`."""
        masks = getattr(self.instances("test"), "masks", None) if self.modality == "image" else None
        if masks is None:
            return {}
        return {instance_sha256(picture): row for row, picture in enumerate(self.instances("test")) if masks[row] is not None}

    def groups(self, split: str = "test") -> list[frozenset[str]]:
        """Of each instance, names of what it has in common with others (an animal, a background); [] where the data does not say."""
        return list(getattr(self.instances(split), "groups", ()))

    def split(self, name: str) -> Split:
        if name not in self.splits:
            raise ValueError(f"The task {self.name} has no split {name!r}: choose one of {', '.join(self.splits)}.")
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = self.splits[name]()
            return self._loaded[name]

    def instances(self, split: str = "test") -> Sequence[Any]:
        return self.split(split).instances

    def labels(self, split: str = "test") -> list[int]:
        """Index of the right class of each instance; empty where the data has no labels, or none in the model's classes."""
        return self.split(split).labels if self.class_names == self.label_names else []

    @cached_property
    def table(self) -> TableSchema:
        """Columns, dtypes and known values of a table, learnt from its train and test rows."""
        frames = [rows.frame for name in self.splits if isinstance(rows := self.instances(name), Rows)]
        return TableSchema.learn(frames, self.categorical)

    def check(self, instance: Any) -> Any:
        """The instance in the form methods rely on. Raises ValueError with one sentence when it is not one of this task."""
        if self.modality == "text":
            return _checked_text(instance)
        if self.modality == "tabular":
            return self.table.checked(instance)
        return checked_picture(instance) if self.modality == "image" else instance

    def batch(self, instances: Sequence[Any]) -> Any:
        """Instances in the form the model takes: a DataFrame for tables, else the list itself."""
        if self.modality == "tabular":
            return instances if isinstance(instances, pd.DataFrame) else self.table.frame(instances)
        if self.modality == "series":
            return _stacked(instances)
        return [checked_picture(picture) for picture in instances] if self.modality == "image" else list(instances)

    def predictions(self, split: str = "test") -> np.ndarray | None:
        """Probabilities of a split that were stored with this very model, float (n, classes); None when there are none."""
        return self._stored(self.entry.predictions(), "test") if split == "test" else None

    def train_embeddings(self) -> np.ndarray | None:
        """What the model's `embed` says of the train split, stored with this very model, float64 (n, k); None when there are none."""
        return self._stored(self.entry.embeddings(), "train")

    def test_embeddings(self) -> np.ndarray | None:
        """Likewise of the test split: of prototype networks, whose map shows them."""
        return self._stored(self.entry.test_embeddings(), "test")

    def _stored(self, stored: tuple[str, np.ndarray] | None, split: str) -> np.ndarray | None:
        """What was stored with a model, unless with another one or for other data."""
        if stored is None or stored[0] != self.model.fingerprint or len(stored[1]) != len(self.instances(split)):
            return None
        return stored[1]


def _stacked(series: Sequence[Any]) -> np.ndarray:
    """Series as one array, float (n, length, channels)."""
    arrays = [np.asarray(one, dtype=np.float64) for one in series]
    if len({a.shape for a in arrays}) > 1:
        raise ValueError("The series differ in length or channels: a model here takes series of one shape.")
    return np.stack(arrays)


def _checked_text(text: Any) -> str:
    if not isinstance(text, str):
        raise ValueError(f"This task reads text, not {type(text).__name__}: give one text as a string.")
    if not text.strip():
        raise ValueError("The text is empty: type at least one word.")
    if not any(ch.isalnum() for ch in text):
        raise ValueError("The text has no words, only punctuation or spaces: type at least one word.")
    words = len(text.split())
    if words > MAX_TEXT_WORDS:
        raise ValueError(f"The text is too long ({words:,} words): shorten it to at most {MAX_TEXT_WORDS:,} words.")
    if len(text) > MAX_TEXT_LENGTH:
        raise ValueError(f"The text is too long ({len(text):,} characters): shorten it to at most {MAX_TEXT_LENGTH:,}.")
    return text


def make_task(
    name: str,
    modality: str,
    predict_proba: Callable[[Any], Any],
    data: Any,
    labels: Sequence[int] | None = None,
    *,
    class_names: Sequence[str],
    train: Any = None,
    categorical: Sequence[str] | None = None,
    version: str | None = None,
) -> Task:
    """A task from any Python function, in memory.

    predict_proba  tabular: DataFrame with the columns and dtypes of `data`; text: list[str]; image: list of RGB images;
                   series: array (n, length, channels). Returns (n, classes), rows summing to 1 within 1e-4.
    data, labels   the test split: DataFrame | list[str] | list of images | array, and class indices
    train          the split that perturbations are drawn from; None means `data`
    categorical    columns of a table that are categories; None means the non-numeric and boolean ones
    version        a name for this state of the model; without it the fingerprint is new at every call
    """
    if modality not in MODALITIES:
        raise ValueError(f"modality must be one of {', '.join(MODALITIES)}, not {modality!r}.")
    if not callable(predict_proba):
        raise ValueError("predict_proba must be a function that takes a batch of instances and returns probabilities.")
    names = [str(c) for c in class_names]
    if isinstance(class_names, str) or len(names) < 2 or len(set(names)) < len(names):
        raise ValueError("class_names must be a list of at least two names, all different.")
    if modality == "tabular":
        data, train = _as_frame(data), None if train is None else _as_frame(train)
        predict_proba = _with_own_labels(predict_proba, data.columns)
    instances = _as_instances(data, modality)
    test = Split(instances, _as_labels(labels, len(instances), len(names)))
    train_split = test if train is None else Split(_as_instances(train, modality))
    for what, split in (("data", test), ("train", train_split)):
        if len(split.instances) == 0:
            raise ValueError(f"{what} is empty: give at least one instance.")
    fingerprint = fingerprint_of(config={"name": name, "version": version or uuid.uuid4().hex, "class_names": names})
    batch = 4096 if modality == "tabular" else 64  # rows are cheap to hold; texts and pictures are not
    # The task is made below, and the model is asked later: by then its `batch` can turn instances into the form that was promised.
    model = FunctionModel("model", predict_proba, names, fingerprint, batch, lambda instances: task.batch(instances))
    task = Task(
        name=name,
        modality=modality,
        class_names=names,
        entries={"model": ModelEntry("model", "model", lambda: model)},
        model_name="model",
        splits={"test": lambda: test, "train": lambda: train_split},
        card=Card(title=name),
        categorical=None if categorical is None else [str(name) for name in categorical],
    )
    return task


def _as_frame(data: Any) -> pd.DataFrame:
    if not isinstance(data, pd.DataFrame):
        try:
            data = pd.DataFrame(data)
        except (TypeError, ValueError):
            raise ValueError("A tabular task needs a pandas DataFrame as data.") from None
    if data.columns.astype(str).duplicated().any():
        raise ValueError("Two columns of the table have the same name: rename one.")
    return data


def _with_own_labels(predict_proba: Callable[[Any], Any], labels: pd.Index) -> Callable[[Any], Any]:
    """The function as its author wrote it: columns named 0, 1, 2 are text to us, but numbers again when it is asked."""
    if all(isinstance(label, str) for label in labels):
        return predict_proba
    return lambda frame: predict_proba(frame.set_axis(labels, axis=1))


def _as_instances(data: Any, modality: str) -> Sequence[Any]:
    if modality == "tabular":
        return Rows(data.rename(columns=str).reset_index(drop=True))
    if modality == "text":
        texts = [] if isinstance(data, str) else list(data)
        if isinstance(data, str) or not all(isinstance(text, str) for text in texts):
            raise ValueError("A text task needs a list of strings as data.")
        return texts
    return [checked_picture(picture) for picture in data] if modality == "image" else list(data)


def _as_labels(labels: Sequence[int] | None, rows: int, classes: int) -> list[int]:
    if labels is None:
        return []
    try:
        out = [int(v) for v in labels]
    except (TypeError, ValueError, OverflowError):
        raise ValueError(f"Labels must be whole numbers, the class indices from 0 to {classes - 1}.") from None
    if any(given != kept for given, kept in zip(labels, out, strict=True)):
        raise ValueError(f"Labels must be whole numbers, the class indices from 0 to {classes - 1}.")
    if len(out) != rows:
        raise ValueError(f"There are {rows} instances but {len(out)} labels.")
    if out and not (min(out) >= 0 and max(out) < classes):
        raise ValueError(f"Labels must be class indices from 0 to {classes - 1}.")
    return out


BUNDLED = Path(__file__).resolve().parent.parent / "sample_data"


def bundled_tasks() -> list[str]:
    """Names of the tasks that ship with Foretell, in the order of the home page."""
    order = {"reviews": 0, "income": 1, "animals": 2}
    return sorted((p.parent.name for p in BUNDLED.glob("*/task.toml")), key=lambda n: (order.get(n, 99), n))


def load_task(name: str | Path, model: str | None = None) -> Task:
    """A bundled task by name, or the task folder at a path. `model`: one of `task.models`, the first by default."""
    from .taskfile import read_task_folder

    if not isinstance(name, str | Path):
        raise ValueError(f"A task is named by a string or a path, not {type(name).__name__}: one of {', '.join(bundled_tasks())}.")
    folder = BUNDLED / str(name)
    if str(name) not in bundled_tasks():
        folder = Path(name)
        if not folder.is_dir():
            raise ValueError(
                f"There is no task {str(name)!r}: choose one of {', '.join(bundled_tasks())}, or give the path of a task folder."
            )
    task = read_task_folder(folder)
    return task if model is None else task.with_model(model)
