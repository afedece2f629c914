"""An atlas of a prototype network: all its prototypes on one map, and how often each of them decides.

    map = atlas(load_task("reviews", "minilm-prototypes"))
    map.prototypes[3].used, map.unused

Positions are the first two principal components of the network's latent space, learnt on the test instances and the prototypes together:
the same every time, and instances that lie close in the latent lie close on the map, though not the other way round (`explained` says how
much of the spread the map shows). Everything comes from what was stored with the network; where nothing was stored, the test instances are
asked once a process.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .engine import Asker
from .models.prototypes import PrototypeNetwork
from .prototypes import network_task
from .tasks import Task


@dataclass(frozen=True)
class AtlasPrototype:
    """One prototype.

    number        its place in the network; class_index: its class
    source_index  its place in `instances("train")`; instance: that training instance; label: class the data gives it, None without labels
    x, y          on the map
    used          number of test instances of which it is the closest prototype, so that its class is the answer
    right         of these, how many have the label of its class; None where the test instances have no labels
    """

    number: int
    class_index: int
    source_index: int
    instance: Any
    label: int | None
    x: float
    y: float
    used: int
    right: int | None


@dataclass(frozen=True)
class Atlas:
    """All prototypes of a network.

    network    its name; class_names: of its classes
    points     (n, 2), the test instances on the map, in order; closest: int (n,), number of the prototype that decides about each
    explained  share of the spread of the latents that the map shows, 0 to 1
    """

    network: str
    class_names: list[str]
    prototypes: list[AtlasPrototype]
    points: np.ndarray
    closest: np.ndarray
    explained: float

    @property
    def unused(self) -> list[int]:
        """Numbers of the prototypes that are the closest one of no test instance."""
        return [p.number for p in self.prototypes if p.used == 0]


def atlas(task: Task) -> Atlas:
    """The atlas of the task's prototype network, or of the one beside its model. Raises ValueError where there is none."""
    task = network_task(task)
    kept: dict[str, Atlas] = task.split("test").__dict__.setdefault("_atlases", {})
    if task.model.fingerprint not in kept:
        kept[task.model.fingerprint] = _drawn(task)
    return kept[task.model.fingerprint]


def _drawn(task: Task) -> Atlas:
    network = task.model
    assert isinstance(network, PrototypeNetwork)
    layer, train = network.layer, task.instances("train")
    latent = _test_latent(task)
    closest = layer.closest(latent)
    place, explained = principal_plane(np.vstack([layer.points, latent]))
    labels, train_labels = np.array(task.labels("test")), task.labels("train")
    used = np.bincount(closest, minlength=len(layer.points))
    right = np.bincount(closest[layer.classes[closest] == labels], minlength=len(layer.points)) if len(labels) else None
    prototypes = [
        AtlasPrototype(
            number=i,
            class_index=int(layer.classes[i]),
            source_index=int(source),
            instance=train[int(source)],
            label=train_labels[int(source)] if train_labels else None,
            x=float(place[i, 0]),
            y=float(place[i, 1]),
            used=int(used[i]),
            right=None if right is None else int(right[i]),
        )
        for i, source in enumerate(layer.sources)
    ]
    return Atlas(task.model_name, list(task.class_names), prototypes, place[len(layer.points) :], closest, explained)


def _test_latent(task: Task) -> np.ndarray:
    """Latents of the test instances, (n, d): as stored with the network, else worked out now."""
    stored = task.test_embeddings()
    if stored is not None:
        return stored
    instances = task.instances("test")
    return Asker(task.model).embed(task.batch(getattr(instances, "frame", instances)))


def principal_plane(rows: np.ndarray) -> tuple[np.ndarray, float]:
    """(n, 2) coordinates along the two directions of largest spread, and the share of the spread they show. Signs are fixed, so that the
    map is the same on every machine: of each direction, the component of largest size is positive."""
    centred = rows - rows.mean(axis=0)
    _, sizes, directions = np.linalg.svd(centred, full_matrices=False)
    plane = np.zeros((2, rows.shape[1]))
    plane[: len(directions[:2])] = directions[:2]
    plane *= np.where(np.take_along_axis(plane, np.abs(plane).argmax(axis=1)[:, None], axis=1) < 0, -1, 1)
    spread = float((sizes**2).sum())
    return centred @ plane.T, float((sizes[:2] ** 2).sum()) / spread if spread > 0 else 1.0
