"""Measure and store what the walk-through shows: maps of one test picture by several methods, and where the maps of many put their colour.

    python -m sample_data.scripts.build_walkthrough              # says what it will cost, then builds; goes on where it was killed
    python -m sample_data.scripts.build_walkthrough --forecast   # only says what it will cost

Counted over every test pair of which the biased model is right before the usual background and wrong before the other, also when every pixel of
the animal is kept as it is before the first (in the pairs its colours are drawn a little towards the scene's): there the background
decides, since nothing else differs. Of each such pair the picture before the usual background is explained, for the class that the
model says (the right one), and the share of the map's colour that lies on the animal is taken: values toward the class only. Intervals of
its mean draw animals, not pictures, again (bootstrap, 2,000 draws), since pictures of one animal are alike.

The picture that is shown is not chosen by hand: among those of which the model is at least 75 % sure before either background, it is the one on which
the maps tell the truth most clearly (maps that say "background" less those that say "animal"; the first of equals), so that it can be
found out from them. The page says so, and shows how often the same methods mislead on all the others.

What was measured is kept line by line in `--work`, by method, parameters, code of the method's file, model and picture.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import math
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

import explainers
from explainers import Explanation, Task
from explainers.explanation import canonical_json, instance_sha256
from explainers.intervals import wilson
from explainers.picture_parts import crop_box
from explainers.random import noise
from explainers.scores import truth
from ui.walkthrough import material as stored
from ui.walkthrough.material import Material, Measured, Picture, Share

SEED = 0
# In the order in which they are shown. About 300 model calls each, as on the leaderboard; gradients cost more than a call.
METHODS: Mapping[str, Mapping[str, Any]] = {
    "lime": {"num_samples": 300},
    "shap_partition": {},
    "occlusion": {},
    "rise": {"masks": 300},
    "gradcam": {},
    "integrated_gradients": {"steps": 64, "most_steps": 128},
    "deeplift": {},
    "input_x_gradient": {},
    "saliency": {},
}
SURE = 0.75
DRAWS = 2_000
RANDOM = 20  # maps drawn at random on each picture


@dataclass(frozen=True)
class Pair:
    """One animal in one place before two backgrounds: rows of the test part."""

    usual: int
    swapped: int
    animal: str


@dataclass(frozen=True)
class Colour:
    """Where a map's colour lies. mass: share on the animal, 0 where there is no colour at all; area: share of the seen picture it covers."""

    mass: float
    area: float
    silent: bool

    @property
    def ratio(self) -> float:
        return stored.ratio_of(self.mass, self.area)

    def says(self, factor: float = stored.FACTOR) -> str:
        return stored.NEITHER if self.silent else stored.says(self.ratio, factor)


def colour(e: Explanation, mask: np.ndarray, box: tuple[int, int, int, int]) -> Colour:
    """mask: bool (h, w), where the animal is; box: what the model sees: left, top, right, bottom."""
    left, top, right, bottom = box
    seen = np.s_[top:bottom, left:right]
    values, inside = np.asarray(e.payload.map, dtype=np.float64)[seen], mask[seen]
    return Colour(truth.mass(values, inside), float(inside.mean()), not (values > 0).any())


def by_chance(masks: Sequence[np.ndarray], boxes: Sequence[tuple[int, int, int, int]], seed: int) -> list[str]:
    """What RANDOM maps of nothing but smooth noise say on each picture, all in one list."""
    rng, said = np.random.default_rng(seed), []
    for mask, (left, top, right, bottom) in zip(masks, boxes, strict=True):
        inside = mask[top:bottom, left:right]
        for _ in range(RANDOM):
            said.append(Colour(truth.mass(noise(*inside.shape, rng), inside), float(inside.mean()), False).says())
    return said


def read_pairs(table: Path) -> list[Pair]:
    frame = pd.read_csv(table)
    rows = {(int(pair), int(usual)): row for row, (pair, usual) in enumerate(zip(frame["pair"], frame["usual"], strict=True))}
    return [Pair(rows[p, 1], rows[p, 0], str(frame["animal"][rows[p, 1]])) for p in sorted({p for p, _ in rows})]


@dataclass(frozen=True)
class Answers:
    """What the model says: proba (n, classes) of every test picture; kept (pairs,) the class it names when the background alone is swapped."""

    proba: np.ndarray
    labels: np.ndarray
    kept: np.ndarray

    @classmethod
    def ask(cls, task: Task, pairs: Sequence[Pair], masks: Sequence[np.ndarray | None]) -> Answers:
        pictures = task.instances("test")
        kept = [keeping(pictures[p.usual], pictures[p.swapped], masks[p.usual]) for p in pairs]
        return cls(
            explainers.predict(task, list(pictures)), np.array(task.labels("test")), explainers.predict(task, kept).argmax(axis=1)
        )  # fmt: skip

    @property
    def said(self) -> np.ndarray:
        return self.proba.argmax(axis=1)

    def deciding(self, pairs: Sequence[Pair]) -> list[Pair]:
        """The pairs whose background decides: right before the usual one, wrong before the other, with the animal's pixels kept too."""
        right = self.said == self.labels
        return [
            p for p, kept in zip(pairs, self.kept, strict=True) if right[p.usual] and not right[p.swapped] and kept != self.labels[p.usual]
        ]


def keeping(usual: Image.Image, swapped: Image.Image, mask: np.ndarray | None) -> Image.Image:
    """`swapped` with the pixels of the animal as they are in `usual`."""
    assert mask is not None
    return Image.fromarray(np.where(mask[..., None], np.asarray(usual.convert("RGB")), np.asarray(swapped.convert("RGB"))))


class Notebook:
    """What was measured so far: one line a map, appended as soon as it is known, so that a kill loses one map at most."""

    def __init__(self, path: Path):
        self._path = path
        self._known: dict[str, Colour] = {}
        for line in path.read_text(encoding="utf8").splitlines() if path.exists() else ():
            try:
                record = json.loads(line)
                self._known[record["key"]] = Colour(record["mass"], record["area"], record["silent"])
            except (ValueError, KeyError):  # the line that a kill cut short
                continue

    def get(self, key: str) -> Colour | None:
        return self._known.get(key)

    def put(self, key: str, found: Colour) -> None:
        self._known[key] = found
        with self._path.open("a", encoding="utf8") as file:
            file.write(json.dumps({"key": key, "mass": found.mass, "area": found.area, "silent": found.silent}) + "\n")


def key_of(method: str, params: Mapping[str, Any], task: Task, picture: Any, seed: int) -> str:
    code = importlib.import_module(f"explainers.{method}").__file__
    text = hashlib.sha256(Path(str(code)).read_bytes()).hexdigest()
    parts = [method, dict(params), text, task.model.fingerprint, instance_sha256(picture), seed]
    return hashlib.sha256(canonical_json(parts).encode()).hexdigest()


def measure(
    task: Task, pairs: Sequence[Pair], masks: Sequence[np.ndarray | None], methods: Mapping[str, Mapping[str, Any]], notebook: Notebook, seed: int,
    say: Callable[[str], None] = print,
) -> dict[str, list[Colour]]:  # fmt: skip
    """For each method, where the colour of its map lies, pair by pair."""
    found: dict[str, list[Colour]] = {}
    for name, params in methods.items():
        started, row = time.process_time(), []
        for pair in pairs:
            picture = task.instances("test")[pair.usual]
            key = key_of(name, params, task, picture, seed)
            known = notebook.get(key)
            if known is None:
                mask = masks[pair.usual]
                assert mask is not None
                e = explainers.explain(name, task, picture, seed=seed, **params)
                known = colour(e, mask, crop_box(task.model, picture.size))
                notebook.put(key, known)
            row.append(known)
        found[name] = row
        spent = time.process_time() - started
        mass, area = np.mean([c.mass for c in row]), np.mean([c.area for c in row])
        say(f"{name}: {mass:.3f} of the colour on the animal, which covers {area:.3f}; {spent:.0f} s of processor time")
    return found


def telling(found: Mapping[str, Sequence[Colour]], among: Sequence[int]) -> int:
    """On which of the pairs `among` the maps point most clearly at the background; the first of equals."""

    def clear(i: int) -> int:
        said = [row[i].says() for row in found.values()]
        return said.count(stored.BACKGROUND) - said.count(stored.ANIMAL)

    return max(among, key=lambda i: (clear(i), -i))


def mean_share(values: Sequence[float], groups: Sequence[str], seed: int) -> Share:
    """Mean with the 2.5th and 97.5th percentile of it when whole groups are drawn again, with replacement."""
    numbers, names = np.asarray(values, dtype=np.float64), sorted(set(groups))
    sums = np.array([numbers[[g == name for g in groups]].sum() for name in names])
    sizes = np.array([groups.count(name) if isinstance(groups, list) else list(groups).count(name) for name in names])
    drawn = np.random.default_rng(seed).integers(0, len(names), (DRAWS, len(names)))
    means = sums[drawn].sum(axis=1) / sizes[drawn].sum(axis=1)
    low, high = np.percentile(means, [2.5, 97.5])
    return Share(float(numbers.mean()), float(low), float(high), len(numbers))


def share(hits: int, n: int) -> Share:
    low, high = wilson(hits, n)
    return Share(hits / n, low, high, n)


def picture_of(task: Task, row: int, proba: np.ndarray, animal: str) -> Picture:
    sha256 = instance_sha256(task.check(task.instances("test")[row]))
    return Picture(row, sha256, task.labels("test")[row], [float(p) for p in proba[row]], animal)


def build(
    task: Task, pairs: Sequence[Pair], masks: Sequence[np.ndarray | None], folder: Path, work: Path,
    methods: Mapping[str, Mapping[str, Any]] = METHODS, seed: int = SEED, sure: float = SURE, say: Callable[[str], None] = print,
) -> Material:  # fmt: skip
    """Measure, choose, write into `folder` (its older maps are removed) and give back what was written."""
    folder.mkdir(parents=True, exist_ok=True)
    work.mkdir(parents=True, exist_ok=True)
    answers = Answers.ask(task, pairs, masks)
    proba, labels, said, deciding = answers.proba, answers.labels, answers.said, answers.deciding(pairs)
    found = measure(task, deciding, masks, methods, Notebook(work / "measured.jsonl"), seed, say)
    among = [i for i, p in enumerate(deciding) if min(proba[p.usual].max(), proba[p.swapped].max()) >= sure]
    chosen = telling(found, among)
    pair, animals = deciding[chosen], [p.animal for p in deciding]
    for old in folder.glob("*.json"):
        old.unlink()
    rows = [_method(task, name, dict(methods[name]), found[name], chosen, animals, pair, folder, seed) for name in methods]
    first = []
    for label in range(len(task.class_names)):  # the surest picture of each class, of another animal
        others = [p for p in deciding if labels[p.usual] == label and p.animal != pair.animal]
        first.append(max(others, key=lambda p: (proba[p.usual].max(), -p.usual)))
    boxes = [crop_box(task.model, task.instances("test")[p.usual].size) for p in deciding]
    chance = by_chance([m for p in deciding if (m := masks[p.usual]) is not None], boxes, seed)
    material = Material(
        version=stored.VERSION, task=task.name, model=task.model_name, fingerprint=task.model.fingerprint, seed=seed,
        first=[picture_of(task, p.usual, proba, p.animal) for p in first],
        usual=picture_of(task, pair.usual, proba, pair.animal), swapped=picture_of(task, pair.swapped, proba, pair.animal),
        area=found[next(iter(methods))][chosen].area, areas=float(np.mean([c.area for c in found[next(iter(methods))]])),
        right_usual=share(sum(int(said[p.usual] == labels[p.usual]) for p in pairs), len(pairs)),
        right_swapped=share(sum(int(said[p.swapped] == labels[p.swapped]) for p in pairs), len(pairs)),
        flips=share(sum(int(said[p.usual] != said[p.swapped]) for p in pairs), len(pairs)),
        kept=share(sum(int(said[p.usual] != k) for p, k in zip(pairs, answers.kept, strict=True)), len(pairs)),
        animals=len(set(animals)), among=len(among), chance=chance.count(stored.ANIMAL) / len(chance),
        chance_background=chance.count(stored.BACKGROUND) / len(chance), methods=rows,
    )  # fmt: skip
    material.write(folder)
    return material


def _method(
    task: Task,
    name: str,
    params: dict[str, Any],
    row: Sequence[Colour],
    chosen: int,
    animals: list[str],
    pair: Pair,
    folder: Path,
    seed: int,
) -> Measured:
    e = explainers.explain(name, task, task.instances("test")[pair.usual], seed=seed, **params)
    (folder / f"{name}.json").write_text(e.to_json(), encoding="utf8")
    title = next(m.title for m in explainers.methods(task) if m.name == name)
    here = row[chosen].ratio
    return Measured(
        name, title, params, f"{name}.json", e.digest, row[chosen].mass, here if math.isfinite(here) else None,
        mean_share([c.mass for c in row], animals, seed),
        animal=sum(c.says() == stored.ANIMAL for c in row), background=sum(c.says() == stored.BACKGROUND for c in row),
        looser=sum(c.says(stored.LOOSER) == stored.ANIMAL for c in row), stricter=sum(c.says(stored.STRICTER) == stored.ANIMAL for c in row),
        silent=sum(c.silent for c in row),
    )  # fmt: skip


def fitting(task: Task) -> dict[str, Mapping[str, Any]]:
    """Those of METHODS that fit the task."""
    fits = {m.name for m in explainers.methods(task) if m.fits}
    return {name: params for name, params in METHODS.items() if name in fits}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--forecast", action="store_true", help="only say what it will cost")
    parser.add_argument(
        "--work", type=Path, default=Path(tempfile.gettempdir()) / "foretell-walkthrough", help="where measured numbers are kept"
    )
    options = parser.parse_args()
    task = explainers.load_task("animals", model="biased")
    folder = stored.FOLDER
    pairs, methods = read_pairs(folder.parent / "test.csv"), fitting(task)
    if missing := [name for name in METHODS if name not in methods]:
        print(f"Not there, or not for this model: {', '.join(missing)}.")
    picture, total = task.instances("test")[pairs[0].usual], 0.0
    masks = task.instances("test").masks  # type: ignore[attr-defined]
    pictures = len(Answers.ask(task, pairs, masks).deciding(pairs))  # which also times the model, for the forecast
    for name, params in methods.items():
        cost = explainers.forecast(name, task, picture, **params)
        total += cost.seconds or 0.0
        print(f"{name}: {cost.calls} model calls, about {cost.seconds or 0:.1f} s a picture")
    print(f"{pictures} pictures: about {total * pictures / 60:.0f} min, less what was measured before.")
    if not options.forecast:
        made = build(task, pairs, masks, folder, options.work, methods)
        size = sum(f.stat().st_size for f in folder.glob("*.json"))
        print(f"{made.pictures} pictures of {made.animals} animals, {len(made.methods)} methods; {size:,} bytes in {folder}")


if __name__ == "__main__":
    main()
