"""Time against agreement on photographs: ours and the lime package, on the same superpixels."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image

from benchmarks._measure import Run, at_equal_agreement, defaults_against_defaults, interleaved, model_clock, ours, outside_line, stopwatch
from explainers import load_task
from explainers.picture_parts import QUICKSHIFT, crop_box, segment
from explainers.pictures import identity
from explainers.tasks import Task

if TYPE_CHECKING:
    from benchmarks.lime import Options

ROWS = [1, 10, 23, 40]  # rows of the test split
LONG = 5_000
CURVE = [257, 385, 513, 641, 769]  # calls: the picture and whole blocks
LIME_CURVE = [500, 1000]
SEEDS = 4  # runs of each setting for a picture: with 8 runs in all the Jaccard was uncertain by 0.05
BATCH = 10  # the package's default


def plain(task: Task, picture: Image.Image, target: int, seed: int, samples: int = 1000) -> Run:
    """The package at its defaults on what the model sees; its quickshift is drawn from our fixed seed, so that the parts are the same."""
    from lime import lime_image

    lime_image.tqdm = lambda rows: rows
    left, top, right, bottom = crop_box(task.model, picture.size)
    pixels = np.asarray(picture)

    def predict(crops: np.ndarray) -> np.ndarray:
        whole = np.repeat(pixels[None], len(crops), axis=0)
        whole[:, top:bottom, left:right] = crops
        return task.model.predict_proba([Image.fromarray(one) for one in whole])

    with model_clock(task) as spent, stopwatch() as took:
        explainer = lime_image.LimeImageExplainer(random_state=seed)
        result = explainer.explain_instance(
            pixels[top:bottom, left:right].copy(),
            predict,
            labels=(target,),
            top_labels=None,
            num_samples=samples,
            batch_size=BATCH,
            segmentation_fn=lambda seen: segment(seen, QUICKSHIFT, 0),
        )
    return Run({f"part {i}": float(v) for i, v in result.local_exp[target]}, took[0], spent[0], samples, cpu=took[1])


def reference(folder: Path, task: Task, picture: Image.Image, target: int) -> Run:
    """A long run of the package, kept in `folder`."""
    path = folder / f"picture-{task.model.fingerprint[:12]}-{identity(picture)['rgb_sha256'][:12]}-{target}-{LONG}.json"
    if path.exists():
        return Run(**json.loads(path.read_text("utf8")))
    run = plain(task, picture, target, 987_654, LONG)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run.__dict__), "utf8")
    return run


def images(options: Options) -> None:
    task = load_task("animals", model="biased")
    pictures = [task.instances("test")[row] for row in options.some(ROWS)]
    seeds = 1 if options.quick else SEEDS
    print(
        f"Pictures: EfficientNet-Lite0, biased head, {len(pictures)} instances; agreement with {LONG:,} samples of lime; wanted: 1.5, better 3"
    )
    prepared: list[tuple[Any, int, Run]] = []
    for picture in pictures:
        target = int(task.model.predict_proba([picture])[0].argmax())
        prepared.append((picture, target, reference(options.keep, task, picture, target)))

    settings: dict[str, tuple[Any, dict[str, Any]]] = {"ours, defaults": (ours, {})}
    settings |= {f"lime, {n:,} samples": (plain, {"samples": n}) for n in LIME_CURVE}
    settings |= {f"ours, {n:,} calls": (ours, {"max_calls": n, "settle": False}) for n in CURVE}
    points = interleaved(task, prepared, seeds, settings)
    default, theirs = points["ours, defaults"], points[f"lime, {LIME_CURVE[-1]:,} samples"]
    print(defaults_against_defaults(theirs, default))
    print(at_equal_agreement(theirs, [point for label, point in points.items() if label.startswith("ours")]))
    print(outside_line(default), flush=True)
