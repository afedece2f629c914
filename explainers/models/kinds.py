"""The kinds of model that a task.toml can name: what each reads, and the adapter behind it.

A new kind is one loader and one line in `KINDS`. Libraries are imported when a model of the kind is loaded, not before.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

from . import weights
from .base import Model

PROTOTYPES = "prototypes"
LOOKS_AT = ("", "background")  # what a model can be known to answer by; "": nothing is known

# Models in use, so that a prototype network reads the very encoder that is explained beside it, not a second copy of its weights.
_IN_USE: WeakValueDictionary[Any, Model] = WeakValueDictionary()


@dataclass(frozen=True)
class ModelSpec:
    """One [[models]] of a task.toml. `sha256`: the task's stated hashes, by path relative to `folder`, the task's folder."""

    name: str
    kind: str
    path: str
    title: str
    folder: Path
    class_names: list[str]  # of this model, index = column of predict_proba
    text: bool  # the task's modality is text
    accuracy: tuple[float, float, float] | None = None
    accuracy_of: str = "held-out data"
    revision: str | None = None
    sha256: Mapping[str, str] | None = None
    own_classes: bool = False  # class_names are not those of the task's labels
    encoder: ModelSpec | None = None  # of a prototype network: the model whose features it reads
    predicts: str = ""  # where it predicts something else than the task's other models
    looks_at: str = ""  # what the model is known to answer by, one of LOOKS_AT

    @property
    def place(self) -> Path:
        return self.folder / self.path


@dataclass(frozen=True)
class Kind:
    """`reads`: modalities. `file`: whether the model is one file; else a folder."""

    reads: tuple[str, ...]
    load: Callable[[ModelSpec], Model]
    file: bool = False


def load_model(spec: ModelSpec) -> Model:
    """The model, its weights checked against [sha256]. Whatever a library finds wrong becomes one sentence."""
    try:
        _IN_USE[_identity(spec)] = model = KINDS[spec.kind].load(spec)
        return model
    except Exception as problem:
        if type(problem) is ValueError:  # our own sentence; what libraries derive from it (JSON, xgboost) is none
            raise
        said = " ".join(str(problem).split())[:200]
        raise ValueError(f"The model {spec.name} cannot be read from {spec.path}: {type(problem).__name__}: {said}") from problem


def shared_model(spec: ModelSpec) -> Model:
    """The model as it is in use somewhere already, else loaded now."""
    return _IN_USE.get(_identity(spec)) or load_model(spec)


def _identity(spec: ModelSpec) -> Any:
    """Equal for models of the same files, as far as [sha256] states them."""
    return str(spec.place.resolve()), spec.kind, tuple(spec.class_names), tuple(sorted((spec.sha256 or {}).items()))


def is_hub_id(folder: Path, path: str) -> bool:
    """Whether a path is owner/name on a model hub. What exists in the folder is always taken from there."""
    owner, _, name = path.partition("/")
    plain = all(part and part[0] != "." and all(c.isalnum() or c in "-_." for c in part) for part in (owner, name))
    return plain and not (folder / path).exists()


def _verify_listed(spec: ModelSpec) -> None:
    """Check the files of people's own models that [sha256] lists; listing them is up to them."""
    home = spec.place.resolve()
    listed = [spec.folder / name for name in spec.sha256 or {}]
    weights.verify(spec.folder, [path for path in listed if home == path.resolve() or home in path.resolve().parents])


def _huggingface(spec: ModelSpec) -> Model:
    from .huggingface import HuggingFaceClassifier

    if is_hub_id(spec.folder, spec.path):
        return HuggingFaceClassifier.from_hub(spec.path, spec.class_names, revision=spec.revision, name=spec.name)
    _verify_listed(spec)
    return HuggingFaceClassifier.load(spec.place, spec.class_names, name=spec.name)


def _skops(spec: ModelSpec) -> Model:
    from .sklearn_skops import SkopsClassifier

    _verify_listed(spec)
    return SkopsClassifier.load(spec.place, spec.class_names, text=spec.text, name=spec.name)


def _bundled(module: str, adapter: str, spec: ModelSpec) -> Model:
    """The bundled adapters check every file they read themselves."""
    cls = getattr(importlib.import_module(f".{module}", __package__), adapter)
    return cls.load(spec.place, list(spec.class_names), task_folder=spec.folder, name=spec.name)


def _prototypes(spec: ModelSpec) -> Model:
    from .prototypes import PrototypeNetwork

    assert spec.encoder is not None
    return PrototypeNetwork.load(spec.place, list(spec.class_names), shared_model(spec.encoder), spec.folder, spec.name)


KINDS: dict[str, Kind] = {
    "huggingface": Kind(("text",), _huggingface),
    "skops": Kind(("text", "tabular"), _skops, file=True),
    "minilm": Kind(("text",), partial(_bundled, "minilm", "MiniLMClassifier")),
    "bilstm": Kind(("text",), partial(_bundled, "bilstm", "BiLSTMClassifier")),
    "efficientnet": Kind(("image",), partial(_bundled, "efficientnet", "EfficientNetClassifier")),
    "mlp": Kind(("tabular",), partial(_bundled, "mlp", "MLPClassifier")),
    "xgboost": Kind(("tabular",), partial(_bundled, "trees", "TreesClassifier")),
    PROTOTYPES: Kind(("text", "tabular", "image"), _prototypes),
}
