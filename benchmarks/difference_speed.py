"""How fast set differences of pictures are: looking at them against the classifier's own forward passes, and ranking after that.

    python -m benchmarks.difference_speed [--pictures 500]

Prints the time a picture takes in the classifier's own forward pass as the app asks it, in the same network as `sight` runs it
(`efficientnet_fused`), and in everything that is seen of a picture (network, scenes, object, attributes); the ratios; and what it takes to
rank 30 candidates on pictures already seen. Passes alternate, so that other work on the machine meets all alike.
"""

from __future__ import annotations

import argparse
import time

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
from explainers.models.efficientnet import SLICE

PART = 20  # pictures between two looks at the clock
CANDIDATES = 30


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=500, help="of each set")
    count = parser.parse_args().pictures
    pictures = list(pictures_of(2 * count))
    eye, spent = sight(), {"network": 0.0, "fused": 0.0, "all": 0.0, "attributes": 0.0}
    eye.embed(pictures[:PART])
    for start in range(0, len(pictures), PART):
        part = pictures[start : start + PART]
        spent["network"] += timed(lambda part=part: eye.classifier.predict_proba(part))
        spent["fused"] += timed(lambda part=part: fused_pass(part))
        spent["all"] += timed(lambda part=part: eye.embed(part))
        spent["attributes"] += timed(lambda part=part: [look(p) for p in part])
    for name, seconds in spent.items():
        print(f"{name:12s} {1000 * seconds / len(pictures):7.2f} ms of processor time a picture")
    print(f"everything seen against the classifier's own forward passes: {spent['all'] / spent['network']:.2f}")
    print(f"everything seen against the fused network: {spent['all'] / spent['fused']:.2f}")
    session = Session(0, Limits(), None)
    a, b = (checking.checked(side, pictures[i * count : (i + 1) * count], "image") for i, side in enumerate("AB"))
    seen(a, session), seen(b, session)
    candidates = [*(Proposal(w.says, "attributes", w) for w in WORDINGS[:15]), *(Proposal(f"a {w}", "you") for w in THINGS)][:CANDIDATES]
    rankers = [r for r in all_rankers() if r.name in ("attributes", "labels")]
    seconds = timed(lambda: [r(c, s, session) for c in candidates for s in (a, b) for r in rankers if r.fits(c, "image", session)])
    print(f"ranking {len(candidates)} candidates on {count} + {count} pictures: {seconds:.2f} s")


THINGS = "bird dog cat fish insect snake car boat flower mushroom tool fruit building chair hat".split()  # noqa: SIM905


def fused_pass(pictures: list[Image.Image]) -> None:
    """The fused network and its head, as `sight` calls it but for what is read from its maps."""
    eye = sight()
    with torch.inference_mode():
        for start in range(0, len(pictures), SLICE):
            pixels = np.stack([whole(p) for p in pictures[start : start + SLICE]]).astype(np.float32)
            eye.classifier.network.head(eye.classifier.backbone(eye.classifier.scaled(pixels)))


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


def timed(function) -> float:
    """Seconds of processor time."""
    started = time.process_time()
    function()
    return time.process_time() - started


if __name__ == "__main__":
    main()
