"""How fast set differences of pictures are: looking at them against the classifier's own forward passes, and ranking after that.

    python -m benchmarks.difference_speed [--pictures 500]

Prints the time a picture takes in the classifier's own forward pass as the app asks it, in the same network layer by layer as torch's own modules
run it, and in everything that is seen of a picture (network, scenes, object, attributes); the ratios; and what it takes to
rank 30 candidates on pictures already seen. By the clock, with two cores: what is measured of one picture runs beside the network's pass over the
next (sight.py), and in processor time, where both are added up. Passes alternate, so that other work on the machine meets all alike.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image

import explainers
from explainers.differences import items as checking
from explainers.differences.attributes import Look, measured
from explainers.differences.rankers import all_rankers
from explainers.differences.sight import seen, sight, whole
from explainers.differences.stages import Proposal, Session
from explainers.differences.wording import WORDINGS
from explainers.engine import Limits
from explainers.models.efficientnet import SLICE, EfficientNetClassifier

PART = 64  # pictures between two looks at the clock
CANDIDATES = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=500, help="of each set")
    count = parser.parse_args().pictures
    pictures = list(pictures_of(2 * count))
    eye = sight()
    ways: dict[str, Callable[[list[Image.Image]], object]] = {
        "the classifier's own passes": eye.classifier.predict_proba,
        "layer by layer": lambda part: layer_by_layer(eye.classifier, part),
        "everything seen": eye.embed,
        "attributes alone": lambda part: [look(p) for p in part],
    }
    for way in ways.values():
        way(pictures[:8])
    parts = [pictures[start : start + PART] for start in range(0, len(pictures), PART)]
    taken = [[timed(lambda way=way, part=part: way(part)) for way in ways.values()] for part in parts]
    spent = np.array(taken)  # parts, ways, (clock, processor)
    sizes = np.array([len(part) for part in parts])[:, None, None]
    each = 1000 * spent / sizes
    for i, name in enumerate(ways):
        clock, processor = np.median(each[:, i], axis=0)
        print(f"{name:28s} {clock:7.2f} ms by the clock, {processor:7.2f} ms of processor time a picture (medians of {len(parts)} parts)")
    own, seen_of = list(ways).index("the classifier's own passes"), list(ways).index("everything seen")
    for i, what in enumerate(("by the clock", "of processor time")):
        print(
            f"everything seen against the classifier's own forward passes, {what}: {np.median(spent[:, seen_of, i] / spent[:, own, i]):.2f}"
        )
    session = Session(0, Limits(), None)
    a, b = (checking.checked(side, pictures[i * count : (i + 1) * count], "image") for i, side in enumerate("AB"))
    seen(a, session), seen(b, session)
    candidates = [*(Proposal(w.says, "attributes", w) for w in WORDINGS[:15]), *(Proposal(f"a {w}", "you") for w in THINGS)][:CANDIDATES]
    rankers = [r for r in all_rankers() if r.name in ("attributes", "labels")]
    seconds, _ = timed(lambda: [r(c, s, session) for c in candidates for s in (a, b) for r in rankers if r.fits(c, "image", session)])
    print(f"ranking {len(candidates)} candidates on {count} + {count} pictures: {seconds:.2f} s")


THINGS = "bird dog cat fish insect snake car boat flower mushroom tool fruit building chair hat".split()  # noqa: SIM905


def layer_by_layer(classifier: EfficientNetClassifier, pictures: list[Image.Image]) -> None:
    with torch.inference_mode():
        for start in range(0, len(pictures), SLICE):
            classifier.network(classifier.preprocess(pictures[start : start + SLICE]))


def look(picture: Image.Image) -> np.ndarray:
    return measured(Look.at(picture, whole(picture), np.ones((7, 7), dtype=np.float32), -1.0, 0.0))


def pictures_of(count: int):
    """Crops of the animals task's pictures, no two alike."""
    task = explainers.load_task("animals")
    whole = task.instances("test")
    for i in range(count):
        picture = whole[i % len(whole)]
        x = i // len(whole)
        yield picture.crop((x, x, picture.width, picture.height))


def timed(function: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, seconds of processor time."""
    clock, processor = time.perf_counter(), time.process_time()
    function()
    return time.perf_counter() - clock, time.process_time() - processor


if __name__ == "__main__":
    main()
