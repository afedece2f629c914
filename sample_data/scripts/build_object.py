"""Fit how large the object of a picture is, and how many there are: a linear function of EfficientNet's last maps, from cut-outs pasted at
known sizes and in known numbers.

    python sample_data/scripts/build_object.py

The cut-outs and the grounds are those of the animals task's test pictures, which come with masks. Prints the rank correlations on pictures
made of cut-outs that the fit has not seen, and writes explainers/differences/object.safetensors.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.numpy import save_file
from scipy.stats import spearmanr
from sklearn.linear_model import Ridge

from explainers.differences.sight import object_features, sight

REPOSITORY = Path(__file__).resolve().parents[2]
ANIMALS = REPOSITORY / "sample_data" / "animals" / "test"
OUT = REPOSITORY / "explainers" / "differences" / "object.safetensors"
SIDE = 256  # pixels
PICTURES, HELD_OUT = 2000, 0.2
MOST = 5  # copies of a cut-out, in half of the pictures
SIZES = (0.12, 0.85)  # square root of the object's box, as a share of the picture's side
ALPHA = 30.0  # of the ridge


def main() -> None:
    rng = np.random.default_rng(0)
    cut_outs = [cut_out(path) for path in sorted(ANIMALS.glob("???.jpg"))]
    grounds = [ground(path) for path in sorted(ANIMALS.glob("???.jpg"))]
    grounds = [g for g in grounds if g is not None]
    owner = rng.integers(len(cut_outs), size=PICTURES)
    features, sizes = [], []
    for i in owner:
        picture, size, count = composed(cut_outs[i], grounds[rng.integers(len(grounds))], rng)
        features.append(object_features(backbone_maps(picture)[None])[0])
        sizes.append((np.log(size), np.log(count)))
    x, y, test = np.array(features), np.array(sizes), owner >= (1 - HELD_OUT) * len(cut_outs)
    mean, scale = x[~test].mean(0), x[~test].std(0) + 1e-3
    model = Ridge(alpha=ALPHA).fit((x[~test] - mean) / scale, y[~test])
    said = model.predict((x[test] - mean) / scale)
    for column, name in enumerate(("size", "count")):
        print(
            f"{name}: rank correlation on {test.sum()} pictures of other cut-outs {spearmanr(said[:, column], y[test][:, column])[0]:.2f}"
        )
    weight = model.coef_ / scale
    save_file(
        {"weight": np.ascontiguousarray(weight, dtype=np.float32), "bias": (model.intercept_ - weight @ mean).astype(np.float32)}, OUT
    )


def backbone_maps(picture: Image.Image) -> np.ndarray:
    eye = sight()
    square = np.asarray(picture.resize((224, 224), Image.Resampling.BICUBIC))
    with torch.inference_mode():
        x = torch.from_numpy((square[None].astype(np.float32) - 127) / 128).permute(0, 3, 1, 2)
        return eye.classifier.network.backbone(x).numpy()[0]


def cut_out(path: Path) -> Image.Image:
    mask = Image.open(path.with_name(f"{path.stem}_mask.png")).convert("L")
    picture = Image.open(path).convert("RGB").resize(mask.size)
    picture.putalpha(mask)
    return picture.crop(mask.point(lambda v: 255 * (v > 127)).getbbox())


def ground(path: Path) -> Image.Image | None:
    """The largest part of a picture beside its object, as a square; None where that is too small."""
    mask = Image.open(path.with_name(f"{path.stem}_mask.png")).convert("L")
    left, top, right, bottom = mask.point(lambda v: 255 * (v > 16)).getbbox()
    width, height = mask.size
    parts = [(0, 0, left, height), (right, 0, width, height), (0, 0, width, top), (0, bottom, width, height)]
    best = max(parts, key=lambda p: min(p[2] - p[0], p[3] - p[1]))
    if min(best[2] - best[0], best[3] - best[1]) < SIDE // 5:
        return None
    return Image.open(path).convert("RGB").resize(mask.size).crop(best)


def composed(thing: Image.Image, where: Image.Image, rng: np.random.Generator) -> tuple[Image.Image, float, int]:
    """A picture, the size of a thing in it, as a share of the side, and how many there are."""
    side = min(where.size)
    x, y = (int(rng.integers(0, length - side + 1)) for length in where.size)
    picture = where.crop((x, y, x + side, y + side)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
    count = int(rng.integers(2, MOST + 1)) if rng.random() < 0.5 else 1
    size = np.exp(rng.uniform(*np.log(SIZES))) / np.sqrt(count)
    factor = min(size * SIDE / np.sqrt(thing.width * thing.height), 0.96 * SIDE / max(thing.size))
    small = thing.resize((max(8, round(thing.width * factor)), max(8, round(thing.height * factor))), Image.Resampling.LANCZOS)
    taken: list[tuple[int, int]] = []
    for _ in range(40):
        place = tuple(int(rng.integers(0, SIDE - length + 1)) for length in small.size)
        if len(taken) < count and all(
            max(abs(p - q) / length for p, q, length in zip(place, other, small.size, strict=True)) > 0.8 for other in taken
        ):
            taken.append(place)
            picture.paste(small, place, small)
    return picture, np.sqrt(small.width * small.height) / SIDE, len(taken)


if __name__ == "__main__":
    main()
