"""A prototype network: a model of a task that decides by likeness to training instances.

After the prototype model of Hase and Bansal, "Evaluating explainable AI" (ACL 2020, section 3.3 and appendix), itself after Chen et al.,
"This looks like that" (NeurIPS 2019):

    features   of an encoder, another model of the same task
    latent     z = sigmoid(weight . features + bias), 16 numbers in (0, 1)
    similarity exp(-|z - p|^2) to each prototype p, which is the latent of a training instance of its own class; in (0, 1], 1 = the same
    evidence   for a class: similarity of its closest prototype
    answer     softmax(evidence / temperature)

Where this differs from the paper: the encoder is frozen, so that the network reads the very features that the explained model reads, and
is trained in seconds; and the temperature, fitted on held-out data, makes the probabilities calibrated. It changes no answer.
`sample_data/scripts/build_prototypes.py` trains the bundled ones.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from . import weights
from .base import Model, checked_probabilities, fingerprint_of

FILES = ("model.safetensors", "config.json")


@dataclass(frozen=True, eq=False)
class PrototypeLayer:
    """What a prototype network has of its own.

    weight, bias  (d, k), (d,): from k features of the encoder to d latent numbers; d is 16 in the paper
    points        (p, d) prototypes, in (0, 1)
    classes       int (p,), the class of each; every class has one at least
    sources       int (p,), the training instance that each is the latent of
    temperature   of the softmax, above 0
    """

    weight: np.ndarray
    bias: np.ndarray
    points: np.ndarray
    classes: np.ndarray
    sources: np.ndarray
    temperature: float

    def __post_init__(self) -> None:
        d, p = len(self.weight), len(self.points)
        fit = self.weight.ndim == 2 and self.bias.shape == (d,) and self.points.shape == (p, d)
        if not fit or self.classes.shape != (p,) or self.sources.shape != (p,) or p == 0:
            raise ValueError("The parts of the prototype network do not fit together: run the script that built it again.")
        if set(self.classes.tolist()) != set(range(int(self.classes.max()) + 1)) or not self.temperature > 0:
            raise ValueError("A prototype network needs a prototype for every class and a temperature above 0: build it again.")

    def latent(self, features: np.ndarray) -> np.ndarray:
        """float64 (n, d) in (0, 1), of features (n, k)."""
        z = np.asarray(features, dtype=np.float64) @ self.weight.T + self.bias
        return np.exp(-np.logaddexp(0, -z))

    def similarities(self, latent: np.ndarray) -> np.ndarray:
        """To each prototype: float64 (n, p) in (0, 1]."""
        squares = (latent**2).sum(axis=1)[:, None] + (self.points**2).sum(axis=1)[None]
        return np.exp(-np.maximum(squares - 2 * latent @ self.points.T, 0.0))

    def evidence(self, latent: np.ndarray) -> np.ndarray:
        """For each class, similarity of its closest prototype: float64 (n, classes) in (0, 1]."""
        similarity = self.similarities(latent)
        return np.stack([similarity[:, self.classes == c].max(axis=1) for c in range(int(self.classes.max()) + 1)], axis=1)

    def closest(self, latent: np.ndarray) -> np.ndarray:
        """The prototype that decides, the closest of all: int (n,)."""
        return self.similarities(latent).argmax(axis=1)

    def probabilities(self, latent: np.ndarray) -> np.ndarray:
        """float64 (n, classes), rows sum to 1."""
        logits = self.evidence(latent) / self.temperature
        exp = np.exp(logits - logits.max(axis=1, keepdims=True))
        return exp / exp.sum(axis=1, keepdims=True)

    def write(self, folder: Path) -> None:
        """As `model.safetensors` (float32, no pickle) and `config.json`."""
        from safetensors.numpy import save_file

        folder.mkdir(parents=True, exist_ok=True)
        floats = {name: np.ascontiguousarray(getattr(self, name), dtype=np.float32) for name in ("weight", "bias", "points")}
        whole = {name: np.ascontiguousarray(getattr(self, name), dtype=np.int64) for name in ("classes", "sources")}
        save_file({**floats, **whole}, folder / FILES[0])
        (folder / FILES[0]).chmod(0o644)
        (folder / FILES[1]).write_text(json.dumps({"temperature": self.temperature}, indent=1) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, folder: Path) -> PrototypeLayer:
        """What `write` stored."""
        from safetensors.numpy import load_file

        tensors = load_file(folder / FILES[0])
        config = json.loads((folder / FILES[1]).read_text(encoding="utf-8"))
        floats = {name: tensors[name].astype(np.float64) for name in ("weight", "bias", "points")}
        return cls(**floats, classes=tensors["classes"], sources=tensors["sources"], temperature=float(config["temperature"]))


class PrototypeNetwork:
    """Adapter: `Model` over whatever its encoder reads. `layer` holds the prototypes."""

    embeds = "the features that the prototype network computes"

    def __init__(self, name: str, class_names: list[str], encoder: Model, layer: PrototypeLayer, fingerprint: str):
        self.name = name
        self.class_names = class_names
        self.fingerprint = fingerprint
        self.max_batch_cost = encoder.max_batch_cost
        self.encoder = encoder
        self.layer = layer
        if not hasattr(encoder, "embed"):
            raise ValueError(
                f"The model {encoder.name} shows no features for a prototype network to read: name another one as its encoder."
            )
        if int(layer.classes.max()) + 1 != len(class_names):
            raise ValueError(
                f"The prototype network {name} has prototypes of {int(layer.classes.max()) + 1} classes but {len(class_names)} class names: "
                "correct class_names."
            )
        # What it reads of a text or a picture, and which word is unknown to it, is the encoder's to say.
        for what in ("fitting_prefix", "crop_box", "unknown_word"):
            if hasattr(encoder, what):
                setattr(self, what, getattr(encoder, what))

    @classmethod
    def load(cls, folder: Path, class_names: list[str], encoder: Model, task_folder: Path, name: str = "prototypes") -> PrototypeNetwork:
        """Read `model.safetensors` and `config.json` from `folder`. The fingerprint is of both and of the encoder's."""
        files = [folder / file for file in FILES]
        weights.verify(task_folder, files)
        layer = PrototypeLayer.read(folder)
        fingerprint = fingerprint_of(files, {"kind": "prototypes", "class_names": class_names, "encoder": encoder.fingerprint})
        return cls(name, class_names, encoder, layer, fingerprint)

    def costs(self, batch: Any) -> np.ndarray:
        """As the encoder's: int64 (n,)."""
        return self.encoder.costs(batch)

    def embed(self, batch: Any) -> np.ndarray:
        """The latent: float64 (n, 16) in (0, 1)."""
        features = self.encoder.embed(batch)  # type: ignore[attr-defined]  # checked when it was made
        return self.layer.latent(
            np.asarray(features, dtype=np.float64).reshape(len(batch), -1 if len(batch) else self.layer.weight.shape[1])
        )

    def evidence(self, batch: Any) -> np.ndarray:
        """For each class, similarity of its closest prototype: float64 (n, classes) in (0, 1]."""
        return self.layer.evidence(self.embed(batch))

    def predict_proba(self, batch: Any) -> np.ndarray:
        """Probabilities, float64 (n, classes)."""
        return checked_probabilities(self.layer.probabilities(self.embed(batch)), len(batch), len(self.class_names))
