"""What is seen of a picture, once and for every proposer and ranker: ImageNet's classes, the scene around the object, measured attributes.

One forward pass of EfficientNet-Lite0 gives all of it: the probabilities, where the evidence for them lies (class activation maps: Zhou et
al., CVPR 2016), and from the places without such evidence what is around. The whole picture is read, reduced to a square: a crop would lose
what is at the left and right, which may be the difference.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import load_file

from ..engine import CACHE
from ..models.base import fingerprint_of
from ..models.efficientnet import SIDE, SLICE, EfficientNetClassifier, as_picture
from ..tasks import BUNDLED
from .attributes import NAMES, Look, measured
from .items import Items
from .stages import Session
from .taxonomy import CLASSES, taxonomy

OBJECT = Path(__file__).parent / "object.safetensors"
AT_ONCE = 64  # pictures between two looks at whether to stop
PLACES = 16  # of 49, where evidence for single classes is read: a class's share changes by 0.006 at most, of 200 pictures
VERSION = 7  # of what is measured: another one's rows are not taken from the cache
TEMPERATURE = 2.0  # of the softmax over classes: at 1 one class takes it all and its relatives, which say the same, have nothing
TOP = 5  # classes whose evidence says where the object is
RESPONDING = 4.0  # weight of the responding places in the number of objects
RIVALS = 0.7  # of all scenes together that is taken from each
ANIMALS = 398  # ImageNet's first classes: they say nothing of what is around


# Scenes whose colour and surface are measured besides: the share of the surroundings that look like it is added.
GROUND = {
    "the background is the sea or other water": "water",
    "the background is the sky": "sky",
    "the background is grass": "grass",
    "the background is a forest": "leaves",
    "the background is leaves": "around green",
    "the background is sand": "sand",
    "the background is snow": "snow",
}


class Sight:
    """Adapter: `Model` over pictures, for a session's line. `embed` gives a row a picture: shares of the evidence for
    ImageNet's classes (1000, sum 1), how far each scene's classes stand out,
    attributes in the order of attributes.NAMES."""

    name = "EfficientNet-Lite0 and measured attributes"

    def __init__(self, classifier: EfficientNetClassifier):
        self.classifier = classifier
        self.class_names = classifier.class_names
        self.max_batch_cost = AT_ONCE
        scenes = taxonomy().scenery.copy()
        scenes[:ANIMALS] = 0
        self._scenes = scenes / scenes.sum(0)
        self._objects = load_file(OBJECT)
        self.fingerprint = fingerprint_of(
            config={"sight": VERSION, "model": classifier.fingerprint, "names": list(NAMES), "scenes": scenes.shape[1]}
        )
        weight = classifier.network.head.linear.weight.detach()
        self._evidence = weight - weight.mean(0)  # what speaks for a class rather than for any

    @property
    def width(self) -> int:
        return CLASSES + self._scenes.shape[1] + len(NAMES)

    def costs(self, batch: Sequence[Any]) -> np.ndarray:
        return np.ones(len(batch), dtype=np.int64)

    def predict_proba(self, batch: Sequence[Any]) -> np.ndarray:
        """float64 (n, 1000)"""
        proba = self.embed(batch)[:, :CLASSES]
        return proba / proba.sum(1, keepdims=True)

    def embed(self, batch: Sequence[Any]) -> np.ndarray:
        """float64 (n, width). While the network runs here, another thread prepares and measures the pictures after and before."""
        slices = [batch[start : start + SLICE] for start in range(0, len(batch), SLICE)]
        with ThreadPoolExecutor(max_workers=1) as beside:
            try:
                prepared = [beside.submit(_prepared, part) for part in slices]
                rows = []
                for one in prepared:
                    pictures, squares = one.result()
                    rows.append(beside.submit(self._rows, pictures, squares, *self._look(squares)))
                return np.array([row for part in rows for row in part.result()]).reshape(len(batch), self.width)
            finally:  # who hears of a problem does not wait for the pictures that were still to come
                beside.shutdown(wait=False, cancel_futures=True)

    def _rows(self, pictures: list[Image.Image], squares: list[np.ndarray], *found: np.ndarray) -> list[np.ndarray]:
        proba, scenes, evidence, objects = found
        looks = [Look.at(picture, squares[i], evidence[i], *objects[i]) for i, picture in enumerate(pictures)]
        return [np.concatenate([proba[i], scenes[i], measured(look)]) for i, look in enumerate(looks)]

    def _look(self, squares: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Shares of the evidence for classes (n, 1000), scenes (n, scenes), standard deviations above the mean class,, evidence for the object
        (n, 7, 7), 0 to 1, and logs of objects' size and number (n, 2)."""
        head = self.classifier.network.head
        with torch.inference_mode():
            maps = self.classifier.backbone(self.classifier.scaled(np.stack(squares).astype(np.float32)))
            objects = object_features(maps.numpy()) @ self._objects["weight"].T + self._objects["bias"]
            maps = maps if head.conv is None else head.after_conv(head.conv(maps))
            top, classes = head.linear(maps.mean((2, 3))).softmax(-1).topk(TOP)
            # The strongest evidence for each class anywhere: an object fills a few places only, and a second one fills others.
            # Read at the places that respond most: those decide it, and all of them would take as long as a tenth of the network.
            places = maps.permute(0, 2, 3, 1).flatten(1, 2)
            strength = places.norm(dim=2)
            loudest = strength.topk(PLACES, dim=1).indices[..., None].expand(-1, -1, places.shape[2])
            strongest = head.linear(places.gather(1, loudest)).amax(1)
            proba = (strongest / TEMPERATURE).softmax(-1)
            direction = ((top / top.sum(1, keepdim=True)).unsqueeze(1) @ self._evidence[classes]).squeeze(1)
            evidence = torch.einsum("nc,nchw->nhw", direction, maps).clamp(min=0)
            evidence = evidence / evidence.amax((1, 2), keepdim=True).clamp(min=1e-6)
            around = (1 - evidence) ** 2
            around = around / around.sum((1, 2), keepdim=True).clamp(min=1e-6)
            logits = head.linear(torch.einsum("nhw,nchw->nc", around, maps)).numpy().astype(np.float64)
            # The mean over a scene's classes, not the sum of probabilities: one class that is by chance the likeliest must not decide.
            # Several objects are also seen by the share of places that respond at all: participation ratio, in the log.
            objects[:, 1] += (
                RESPONDING * (strength.sum(1) ** 2 / (strength**2).sum(1).clamp(min=1e-6) / strength.shape[1]).clamp(min=1e-6).log().numpy()
            )
        logits = logits[:, ANIMALS:] - logits[:, ANIMALS:].mean(1, keepdims=True)
        scenes = logits / (logits.std(1, keepdims=True) + 1e-6) @ self._scenes[ANIMALS:]
        return proba.numpy(), scenes, evidence.numpy(), objects


def _prepared(batch: Sequence[Any]) -> tuple[list[Image.Image], list[np.ndarray]]:
    pictures = [as_picture(picture) for picture in batch]
    return pictures, [whole(picture) for picture in pictures]


def whole(picture: Image.Image) -> np.ndarray:
    """The whole picture at 224 x 224, uint8 (224, 224, 3). By torch, which takes half as long as Pillow; they differ by a level or two."""
    pixels = torch.from_numpy(np.array(picture)).permute(2, 0, 1)[None]
    if picture.size != (SIDE, SIDE):
        pixels = torch.nn.functional.interpolate(pixels, (SIDE, SIDE), mode="bicubic", antialias=True)
    return np.ascontiguousarray(pixels[0].permute(1, 2, 0).numpy())


def object_features(maps: np.ndarray) -> np.ndarray:
    """What the size and the number of objects are read from: means and standard deviations of the backbone's maps over
    places, (n, 320, 7, 7) -> (n, 640)."""
    flat = maps.reshape(*maps.shape[:2], -1)
    return np.concatenate([flat.mean(2), flat.std(2)], axis=1)


@lru_cache(maxsize=1)
def sight() -> Sight:
    """With the bundled weights; read once."""
    animals = BUNDLED / "animals"
    names = json.loads((animals / "imagenet" / "classes.json").read_text(encoding="utf-8"))
    return Sight(EfficientNetClassifier.load(animals / "imagenet", names, animals))


def seen(items: Items, session: Session) -> np.ndarray:
    """Rows of what is seen of pictures, float64 (m, width); m < len(items) only where a limit was met. Each picture is looked at once in
    a run; the process remembers the rows of the last some thousand pictures, in memory only."""
    whole_set: dict[Items, np.ndarray] = session.kept.setdefault("sight of sets", {})  # by identity: each candidate asks for the same
    if items in whole_set:
        return whole_set[items]
    known: dict[bytes, np.ndarray] = session.kept.setdefault("sight", {})
    eye = sight()
    missing = [i for i, key in enumerate(items.keys) if key not in known]
    if missing:
        first = list({items.keys[i]: i for i in reversed(missing)}.values())[::-1]
        for i, row in zip(first, CACHE.get_many(eye.fingerprint, [items.keys[i] for i in first]), strict=True):
            if row is not None:
                known[items.keys[i]] = np.frombuffer(row, dtype=np.float64)
        first = [i for i in first if items.keys[i] not in known]
        rows = session.line(eye).embed([items.items[i] for i in first]) if first else np.empty((0, 0))
        keys = [items.keys[i] for i in first[: len(rows)]]
        known |= dict(zip(keys, rows, strict=True))
        if keys:
            CACHE.put_many(eye.fingerprint, keys, rows)
    found = [known[key] for key in items.keys if key in known]
    if len(found) < len(items):
        found = found[: next(i for i, key in enumerate(items.keys) if key not in known)]
    rows = np.array(found).reshape(len(found), eye.width)
    if len(rows) == len(items):
        whole_set[items] = rows
    return rows


def things(rows: np.ndarray) -> np.ndarray:
    """Summed share of the evidence for each of the taxonomy's things: float64 (n, things), 0 to 1."""
    return rows[:, :CLASSES] @ taxonomy().members


def sharper(rows: np.ndarray) -> np.ndarray:
    """The same at temperature 1, nearer to what the classifier would answer."""
    shares = rows[:, :CLASSES] ** TEMPERATURE
    return shares / shares.sum(1, keepdims=True) @ taxonomy().members


def scenes(rows: np.ndarray) -> np.ndarray:
    """How far the classes of each of the taxonomy's scenes stand out around the object, in standard deviations, less RIVALS of what all scenes
    together reach (log of the mean exponential): a coast has rock, but more of the sea. float64 (n, scenes), about -1 to 3."""
    said = rows[:, CLASSES : CLASSES + len(taxonomy().scenes)].copy()
    for column, node in enumerate(taxonomy().scenes):
        if node.says in GROUND:
            said[:, column] += attributes(rows)[:, NAMES.index(GROUND[node.says])]
    return said - RIVALS * np.log(np.exp(said).mean(1, keepdims=True))


def attributes(rows: np.ndarray) -> np.ndarray:
    """In the order of NAMES: (n, len(NAMES))."""
    return rows[:, -len(NAMES) :]
