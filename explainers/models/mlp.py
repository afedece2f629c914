"""A small neural network over the rows of a table."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from torch import nn

from explainers.models import weights
from explainers.models.base import Differentiable, checked_probabilities, fingerprint_of, own_copy, use_few_threads
from explainers.models.encoding import Encoding

HIDDEN = 50  # units of each of the two hidden layers
MAX_BATCH_COST = 8192  # rows in one forward pass


def network(width: int, classes: int) -> nn.Sequential:
    """Two hidden layers of 50 units with ReLU: float32 (n, width) -> logits (n, classes)."""
    return nn.Sequential(nn.Linear(width, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, classes))


class MLPClassifier:
    """Adapter: `Model` over a table. A batch is a DataFrame or a list of rows as dictionaries."""

    reads_coded = True  # a `CodedTable` too

    def __init__(self, name: str, class_names: list[str], net: nn.Sequential, encoding: Encoding, fingerprint: str):
        self.name = name
        self.class_names = class_names
        self.fingerprint = fingerprint
        self.max_batch_cost = MAX_BATCH_COST
        self.network = net.eval()
        self.encoding = encoding

    @classmethod
    def load(cls, folder: Path, class_names: list[str], task_folder: Path | None = None, name: str = "mlp") -> MLPClassifier:
        """Read `model.safetensors` and `encoding.json` from `folder`."""
        files = [folder / "model.safetensors", folder / "encoding.json"]
        use_few_threads()
        weights.verify(task_folder or folder.parent, files)
        encoding = Encoding.read(files[1])
        net = network(encoding.width, len(class_names))
        net.load_state_dict(weights.read_tensors(files[0]), strict=True)
        return cls(name, class_names, net, encoding, fingerprint_of(files, {"kind": "mlp", "class_names": class_names}))

    def costs(self, batch: pd.DataFrame | Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Every row costs 1: int64 (n,)."""
        return np.ones(len(batch), dtype=np.int64)

    def predict_proba(self, batch: pd.DataFrame | Sequence[Mapping[str, Any]]) -> np.ndarray:
        """Probabilities, float64 (n, classes)."""
        with torch.inference_mode():
            logits = self.network(torch.from_numpy(self.encoding.encode(batch)))
        return checked_probabilities(logits.double().softmax(-1).numpy(), len(batch), len(self.class_names))

    def embed(self, batch: pd.DataFrame | Sequence[Mapping[str, Any]]) -> np.ndarray:
        """The second hidden layer: float32 (n, 50)."""
        with torch.inference_mode():
            return self.network[:-1](torch.from_numpy(self.encoding.encode(batch))).numpy()

    def differentiable(self, instance: Mapping[str, Any]) -> Differentiable:
        """Over the coded columns: x (1, width)."""
        net = own_copy(self.network)
        owner = [name for name, span in self.encoding.spans().items() for _ in range(span.stop - span.start)]

        def reads(rows: list[Any]) -> torch.Tensor:
            return torch.from_numpy(self.encoding.encode(rows))

        return Differentiable(reads([dict(instance)]), net, net, rectified=net, owner=owner, reads=reads)
