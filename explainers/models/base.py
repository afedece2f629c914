"""What every model adapter offers, whatever library is behind it.

An adapter is used by `explainers.engine` only. It turns a batch of instances into probabilities and says how much an
instance costs; batching, de-duplication, caching and budgets are the engine's.
"""

from __future__ import annotations

import copy
import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    import torch

# Rows of probabilities may be off by this much (half precision, rounding in other people's code); beyond it the model is wrong.
PROBABILITY_TOLERANCE = 1e-4


@runtime_checkable
class Model(Protocol):
    """A classifier. `predict_proba` is the only thing a method may rely on; the rest helps the engine batch well."""

    name: str
    class_names: list[str]
    fingerprint: str  # sha256 (hex) of weights and configuration; two models never share one
    max_batch_cost: int  # the engine keeps len(batch) * max(cost of an instance) at or below this

    def predict_proba(self, batch: Any) -> np.ndarray:
        """Probabilities, float64 (n, classes), rows sum to 1. `batch`: list of instances, or a DataFrame for tables."""
        ...

    def costs(self, batch: Any) -> np.ndarray:
        """Relative cost of each instance, int (n,), at least 1: word pieces for text, 1 for a row of a table."""
        ...


@runtime_checkable
class CodedModel(Protocol):
    """A model of tables that can read a `CodedTable` (models/tables.py) in place of a DataFrame, which saves making one."""

    reads_coded: bool


@runtime_checkable
class PatchModel(Protocol):
    """A model of pictures that can read `PatchedPictures` (models/patches.py) in place of a list, which spares what did not change."""

    reads_patches: bool


@runtime_checkable
class WindowedModel(Protocol):
    """A text model that reads only the beginning of a long text."""

    def fitting_prefix(self, text: str) -> int:
        """Number of leading characters of `text` that the model reads; len(text) when all of it fits."""
        ...


@dataclass(frozen=True, eq=False)
class Differentiable:
    """The part of a model that gradients go through, set up for one instance.

    x          float32 tensor (1, ...): what the network computes with: pixels (1, 3, h, w), word vectors (1, t, d), coded columns (1, k)
    forward    tensor (n, ...) like x -> logits (n, classes); differentiable, no dropout
    module     what `forward` goes through: its own copy of the layers (the weights are shared), so that hooks disturb nobody
    last_maps  pictures: the layer of `module` whose maps (n, channels, h, w) Grad-CAM reads; None where there is none
    rectified  the same function as a module made of layers that DeepLift has rules for; None where the network multiplies hidden values
    spans      texts: [start, end) character offsets of each of the t word pieces; [0, 0] for those that stand for no character
    owner      tables: for each of the k coded columns, the name of the table's column it belongs to
    stand_ins  texts: by name, what may stand for the absent text, tensors of x's shape, default first
    reads      pictures and tables: other instances, as a list -> tensor (n, ...) like x, without setting anything up for them
    attention  texts: () -> the network's own attention for this text, float (layers, heads, t, t), or (t,) where it pools words; else None
    reads_from texts: () -> which of the last layer's outputs the answer is made of, bool (t,); None = all of them
    """

    x: torch.Tensor
    forward: Callable[[torch.Tensor], torch.Tensor]
    module: torch.nn.Module
    last_maps: torch.nn.Module | None = None
    rectified: torch.nn.Module | None = None
    spans: list[list[int]] | None = None
    owner: list[str] | None = None
    stand_ins: Mapping[str, torch.Tensor] = field(default_factory=dict)
    reads: Callable[[list[Any]], torch.Tensor] | None = None
    attention: Callable[[], np.ndarray] | None = None
    reads_from: Callable[[], np.ndarray] | None = None


MASK_TOKEN, PADDING, UNKNOWN_WORD, ZERO_VECTOR = "mask token", "padding", "unknown word", "zero vector"  # names of stand-ins


@runtime_checkable
class GradientModel(Model, Protocol):
    """A model that gradients go through."""

    def differentiable(self, instance: Any) -> Differentiable:
        """Set up for one checked instance."""
        ...


def own_copy(module: Any) -> Any:
    """A copy of a network's layers that shares its weights: hooks put on it by one thread are not seen by another."""
    return copy.deepcopy(module, {id(tensor): tensor for tensor in (*module.parameters(), *module.buffers())})


def checked_probabilities(proba: Any, rows: int, classes: int) -> np.ndarray:
    """The one door through which a model's answer enters: float64 (rows, classes), finite, rows summing to 1.

    Raises ValueError with the sentence a person is shown.
    """
    try:
        out = np.asarray(proba, dtype=np.float64).copy()  # the function may fill the same array again for the next batch
    except (TypeError, ValueError, RuntimeError):
        raise ValueError(
            "The model returned something that is not an array of numbers: it must return one probability per class."
        ) from None
    if out.shape != (rows, classes):
        raise ValueError(
            f"The model returned an array of shape {out.shape} for {rows} instances and {classes} classes: it must return shape ({rows}, {classes})."
        )
    if not np.isfinite(out).all():
        raise ValueError("The model returned NaN or infinity as a probability: check the model on this input.")
    if (out < -PROBABILITY_TOLERANCE).any() or (np.abs(out.sum(axis=1) - 1) > PROBABILITY_TOLERANCE).any():
        raise ValueError("The model's probabilities do not sum to 1 for each instance: return predict_proba, not scores or logits.")
    return out


def fingerprint_of(files: Sequence[Path] = (), config: dict[str, Any] | None = None) -> str:
    """sha256 over the bytes of `files`, in order, and over `config` as canonical JSON."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(path.name.encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(json.dumps(config or {}, sort_keys=True, ensure_ascii=True).encode())
    return digest.hexdigest()


class FunctionModel:
    """Any Python function as a model: what `make_task` wraps."""

    def __init__(
        self,
        name: str,
        function: Callable[[Any], Any],
        class_names: list[str],
        fingerprint: str,
        max_batch_cost: int = 4096,
        prepare: Callable[[Any], Any] = lambda batch: batch,
    ):
        """`prepare` turns a list of instances (or what the engine hands on) into the form that `function` was promised."""
        self.name = name
        self.class_names = class_names
        self.fingerprint = fingerprint
        self.max_batch_cost = max_batch_cost
        self._function = function
        self._prepare = prepare
        self._lock = threading.Lock()  # other people's functions are not asked to be thread-safe

    @property
    def function(self) -> Callable[[Any], Any]:
        """As it was given."""
        return self._function

    def predict_proba(self, batch: Any) -> np.ndarray:
        prepared = self._prepare(batch)
        with self._lock:
            return checked_probabilities(self._function(prepared), len(prepared), len(self.class_names))

    def costs(self, batch: Any) -> np.ndarray:
        return np.ones(len(batch), dtype=np.int64)


def use_few_threads() -> None:
    """Give torch one thread (or FORETELL_THREADS of them): under load two are slower than one, and jobs run side by side."""
    import torch

    torch.set_num_threads(int(os.environ.get("FORETELL_THREADS", "1")))
