"""A scikit-learn classifier from a skops file: a format that, unlike a pickle, lists what it holds before anything is built.

Only the types that skops trusts by default are read. A model of other types (trees and forests among them, whose arrays scikit-learn
does not check) is loaded by its owner's own Python file instead.
"""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from explainers.models.base import checked_probabilities, fingerprint_of

TEXT_BATCH = 512  # texts in one call
TABLE_BATCH = 8192  # rows in one call
MOST_BYTES = 1_000_000_000  # of a file's contents when unpacked
MOST_SCHEMA_BYTES = 50_000_000  # of the list of its types, which is read whole
PYTHON_WAY = "load it in a Python file that calls explainers.make_task (docs/own_model.md)"


class SkopsClassifier:
    """Adapter: `Model` over a fitted scikit-learn classifier or pipeline. It is given a list of texts, or a DataFrame."""

    def __init__(self, name: str, class_names: Sequence[str], model: Any, fingerprint: str, text: bool):
        self.name = name
        self.class_names = list(class_names)
        self.fingerprint = fingerprint
        self.max_batch_cost = TEXT_BATCH if text else TABLE_BATCH
        self.model = model
        self.text = text
        self._order = class_order(model, self.class_names, name)
        features = getattr(model, "feature_names_in_", None)
        self._features: list[str] | None = None if features is None or text else [str(f) for f in features]

    @classmethod
    def load(cls, path: Path, class_names: Sequence[str], text: bool, name: str = "skops") -> SkopsClassifier:
        """Read the file that skops.io.dump wrote. `text`: whether the model takes texts rather than a table."""
        model = _read(path)
        _check_model(model, path.name)
        _refuse_readers(model, path.name)
        fingerprint = fingerprint_of([path], {"kind": "skops", "class_names": list(class_names), "text": text})
        return cls(name, class_names, model, fingerprint, text)

    def costs(self, batch: Any) -> np.ndarray:
        """Every instance costs 1: int64 (n,)."""
        return np.ones(len(batch), dtype=np.int64)

    def predict_proba(self, batch: Any) -> np.ndarray:
        """Probabilities, float64 (n, classes), columns in the order of `class_names`."""
        classes = len(self.class_names)
        if len(batch) == 0:
            return np.zeros((0, classes))
        given = list(batch) if self.text else self._table(batch)
        try:
            proba = np.asarray(self.model.predict_proba(given), dtype=np.float64)
        except Exception as problem:
            said = " ".join(str(problem).split())[:200]
            raise ValueError(f"The model {self.name} could not answer: {type(problem).__name__}: {said}") from problem
        if proba.ndim == 2 and proba.shape[1] == classes:
            proba = proba[:, self._order]
        return checked_probabilities(proba, len(batch), classes)

    def _table(self, batch: pd.DataFrame | Sequence[Mapping[str, Any]]) -> pd.DataFrame | np.ndarray:
        """The columns that the model was fitted on, in its order; plain numbers for a model that was fitted without names."""
        frame = batch if isinstance(batch, pd.DataFrame) else pd.DataFrame(list(batch))
        if self._features is None:
            numeric = all(pd.api.types.is_numeric_dtype(dtype) for dtype in frame.dtypes)
            return frame.to_numpy() if numeric else frame
        missing = [column for column in self._features if column not in frame.columns]
        if missing:
            raise ValueError(
                f"The model {self.name} reads the column {missing[0]!r}, which the data has not: its columns are {_list(frame.columns)}."
            )
        return frame[self._features]


def class_order(model: Any, class_names: Sequence[str], name: str) -> np.ndarray:
    """For each class of the task, its column in the model's probabilities. The model's classes are names, or 0, 1, 2, ..."""
    own = [c.item() if isinstance(c, np.generic) else c for c in model.classes_]
    words = [str(c) for c in own]
    if sorted(words) == sorted(class_names):
        return np.array([words.index(c) for c in class_names])
    if all(isinstance(c, bool | int | float) for c in own) and sorted(own) == list(range(len(class_names))):
        return np.array([own.index(i) for i in range(len(class_names))])
    raise ValueError(
        f"The model {name} was fitted on the classes {_list(words)}, but class_names says {_list(class_names)}: "
        "write the same words in class_names."
    )


def _list(names: Any) -> str:
    names = [str(n)[:40] for n in names]
    return ", ".join(names[:12]) + (", …" if len(names) > 12 else "")


def _read(path: Path) -> Any:
    import skops.io

    if not path.is_file():
        raise ValueError(f"The model file {path.name} is missing: save it with skops.io.dump(model, {path.name!r}).")
    if not zipfile.is_zipfile(path):
        raise ValueError(f'{path.name} is not a skops file: save the model with skops.io.dump(model, "model.skops"), not with pickle.')
    _refuse_bomb(path)
    try:
        untrusted = skops.io.get_untrusted_types(file=path)
        if not untrusted:
            return skops.io.load(path, trusted=[])
    except Exception as problem:
        said = " ".join(str(problem).split())[:200]
        raise ValueError(f"{path.name} cannot be read by skops: {type(problem).__name__}: {said}") from problem
    raise ValueError(
        f"{path.name} holds types that skops does not trust by itself ({_list(untrusted)}): if you trust the file, {PYTHON_WAY}."
    )


def _refuse_bomb(path: Path) -> None:
    """A small file can unpack to very much: look at the sizes it states before anything is unpacked."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    except (OSError, zipfile.BadZipFile, NotImplementedError) as problem:
        raise ValueError(f"{path.name} cannot be read: it is damaged. Save the model again with skops.io.dump.") from problem
    if sum(sizes.values()) > MOST_BYTES or sizes.get("schema.json", 0) > MOST_SCHEMA_BYTES:
        raise ValueError(f"{path.name} unpacks to {sum(sizes.values()) / 1e6:,.0f} MB, more than is read here: {PYTHON_WAY}.")


def _refuse_readers(model: Any, file: str) -> None:
    """A vectoriser with input="filename" would open whatever file a visitor names."""
    get_params = getattr(model, "get_params", None)
    for name, value in (get_params(deep=True) if get_params is not None else {}).items():
        if name.rpartition("__")[2] == "input" and value in ("filename", "file"):
            raise ValueError(f'{file} has a step that reads files (input="{value}"): fit it with input="content".')


def _check_model(model: Any, file: str) -> None:
    """A fitted classifier that answers one question with probabilities."""
    kind = type(getattr(model, "steps", [(None, model)])[-1][1]).__name__
    if getattr(model, "n_outputs_", 1) != 1 or isinstance(getattr(model, "classes_", None), list) or getattr(model, "multilabel_", False):
        raise ValueError(
            f"{file} holds a {kind} that answers several questions at once (multi-output), which is not supported: "
            "save one model for each question."
        )
    if not hasattr(model, "predict_proba"):
        raise ValueError(
            f"{file} holds a {kind}, which has no predict_proba: use a classifier that gives probabilities, "
            f"such as LogisticRegression, or wrap it in CalibratedClassifierCV and {PYTHON_WAY}."
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if getattr(model, "classes_", None) is None:
            raise ValueError(f"{file} holds a {kind} that was not fitted: call fit before saving it.")
