"""Measure the bundled models and print every figure that the task.toml files and cards state.

    python -m sample_data.scripts.evaluate                # print
    python -m sample_data.scripts.evaluate --write        # also rewrite predictions, embeddings, accuracy, known errors, cards, sha256

Intervals are 95 % Wilson intervals. All figures are on the test part, which neither training nor choosing has seen.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import time
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import torch
from PIL import Image

from explainers import load_task
from explainers.models import prototypes, weights
from explainers.models.base import Model
from explainers.models.kinds import PROTOTYPES
from explainers.models.minilm import BASE_FILES
from explainers.pictures import read_picture
from explainers.tasks import Rows
from sample_data.scripts import figures

SAMPLE_DATA = Path(__file__).resolve().parents[1]
FILES = {
    "minilm": ["model.safetensors"],
    "bilstm": ["model.safetensors", "vocabulary.txt"],
    "mlp": ["model.safetensors", "encoding.json"],
    "xgboost": ["model.ubj", "encoding.json"],
    "efficientnet": ["model.safetensors", "config.json"],
    PROTOTYPES: list(prototypes.FILES),
}
MOST_STORED = 10_000_000  # bytes of embeddings: what would take more is worked out when it is needed


@dataclass(frozen=True)
class Measured:
    """One model's answers on the test part."""

    name: str
    title: str
    proba: np.ndarray  # float64 (n, classes of the model)
    labels: np.ndarray  # int64 (n,), of the task
    encoder: str = ""  # of a prototype network: name of the model whose features it reads
    used: tuple[int, int] = (0, 0)  # of a prototype network: prototypes that are closest to some test row, and all it has

    @property
    def right(self) -> np.ndarray:
        """bool (n,): the likelier class is the label."""
        return self.proba.argmax(1) == self.labels


def task_files(task: dict) -> list[str]:
    """Paths, relative to the task's folder, of every file whose sha256 the task states."""
    out = [f"{m['path']}/{file}" for m in task["models"] for file in FILES[m["kind"]]]
    kinds = {m["kind"] for m in task["models"]}
    out += [f"../minilm/{file}" for file in BASE_FILES] if "minilm" in kinds else []
    return out + (["../efficientnet_lite0/model.safetensors"] if "efficientnet" in kinds else [])


def write_sha256(folder: Path, task: dict) -> None:
    """Replace the table [sha256], which is the last one of task.toml."""
    toml = folder / weights.TASK_FILE
    lines = [f'"{name}" = "{weights.sha256_of(folder / name)}"' for name in task_files(task)]
    head = toml.read_text(encoding="utf-8").split("[sha256]")[0].rstrip()
    toml.write_text(head + "\n\n[sha256]\n" + "\n".join(lines) + "\n", encoding="utf-8")


def write_figures(folder: Path, accuracy: dict[str, list[float]], known_errors: list[str], card: list[str]) -> None:
    """Put the measured figures into task.toml and under the card's heading "Measured on the test part"."""
    toml = folder / weights.TASK_FILE
    text = toml.read_text(encoding="utf-8")
    for name, value in accuracy.items():
        text = re.sub(
            rf'(\[\[models\]\]\nname = "{name}"\n(?:[a-z]+ = .*\n)*?accuracy = ).*', lambda m, v=value: m[1] + json.dumps(v), text
        )
    listed = "".join(f"  {json.dumps(sentence, ensure_ascii=False)},\n" for sentence in known_errors)
    text = re.sub(r"known_errors = \[\n(?:  .*\n)*\]", lambda _: f"known_errors = [\n{listed}]", text)
    toml.write_text(text, encoding="utf-8")
    path = folder / "card.md"
    block = "## Measured on the test part\n\n" + "\n".join(card).replace("$", "\\$") + "\n"  # two bare $ would be read as a formula
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"## Measured on the test part\n.*?(?=\n## )", lambda _: block, text, flags=re.DOTALL), encoding="utf-8")


def read_test(folder: Path, task: dict) -> tuple[list[str] | list[Image.Image] | pd.DataFrame, pd.DataFrame]:
    """(batch for the models, the whole table of the test part)."""
    table = pd.read_csv(folder / task["data"]["test"], keep_default_na=False)
    if task["modality"] == "image":
        return [read_picture((folder / name).read_bytes()) for name in table[task["data"]["image"]]], table
    return (table[task["data"]["text"]].tolist() if task["modality"] == "text" else table), table


def stated(task: dict, table: pd.DataFrame) -> np.ndarray:
    """bool (n,): the test rows that a stated accuracy is about. The others are there to show what is wrong with a model."""
    return table[task["data"]["measured"]].to_numpy() == 1 if "measured" in task["data"] else np.ones(len(table), dtype=bool)


def sizes(folder: Path, task: dict) -> str:
    """Rows of each part, and of each class in it."""
    parts = {
        name: pd.read_csv(folder / task["data"][name])[task["data"]["label"]].to_numpy()
        for name in ("train", "dev", "test")
        if name in task["data"]
    }
    lines = [
        f"  {name}: {len(y):,} rows, {', '.join(f'{n:,} {c}' for n, c in zip(np.bincount(y), task['class_names'], strict=True))}"
        for name, y in parts.items()
    ]
    return "\n".join([*lines, f"  {sum(map(len, parts.values())):,} rows in all"])


def timed(model: Model, batch: list[str] | list[Image.Image] | pd.DataFrame) -> np.ndarray:
    """Probabilities of the whole batch in slices of 500; prints how many rows and how much cost a second one thread does."""
    start = time.perf_counter()
    slices = [batch[i : i + 500] for i in range(0, len(batch), 500)]
    proba = np.concatenate([model.predict_proba(part) for part in slices])
    seconds = time.perf_counter() - start
    cost = sum(int(model.costs(part).sum()) for part in slices)
    print(f"  {len(batch) / seconds:,.0f} rows/s, {cost / seconds:,.0f} cost/s on one thread")
    return proba


def train_features(model: Model, instances: Sequence[Any]) -> np.ndarray:
    """What a model's `embed` says of the training rows, float32 (n, k)."""
    batch = instances.frame if isinstance(instances, Rows) else list(instances)
    return np.concatenate([model.embed(batch[i : i + 500]) for i in range(0, len(batch), 500)]).astype(np.float32)  # type: ignore[attr-defined]


def write_embeddings(folder: Path, model: Model, train: np.ndarray, test: np.ndarray | None) -> None:
    """Store the embeddings of the training rows where they are not too large, and those of the test rows of a prototype network."""
    if train.size * 2 <= MOST_STORED:
        weights.write_embeddings(folder, train, model.fingerprint)
    if test is not None:
        weights.write_test_embeddings(folder, test, model.fingerprint)


def evaluate(folder: Path, write: bool) -> None:
    """Measure every model of one task."""
    toml = folder / weights.TASK_FILE
    if write:
        write_sha256(folder, tomllib.loads(toml.read_text(encoding="utf-8")))
    task = tomllib.loads(toml.read_text(encoding="utf-8"))
    loaded = load_task(folder)
    batch, table = read_test(folder, task)
    labels = table[task["data"]["label"]].to_numpy(copy=True)
    accuracy, measured, features = {}, [], {}
    print(f"{task['title']}\n{sizes(folder, task)}")
    for entry in task["models"]:
        start = time.perf_counter()
        model = loaded.with_model(entry["name"]).model
        print(f"- {entry['title']}: loaded in {time.perf_counter() - start:.2f} s")
        proba, encoder, used, latent = timed(model, batch), entry.get("encoder", ""), (0, 0), None
        if isinstance(model, prototypes.PrototypeNetwork):
            latent = model.embed(batch)
            used = len(np.unique(model.layer.closest(latent))), len(model.layer.points)
        result = Measured(entry["name"], entry["title"], proba, labels, encoder, used)
        measured.append(result)
        if "class_names" not in entry:  # else the labels are none of its classes
            value = figures.share(result.right[stated(task, table)])
            accuracy[entry["name"]] = [round(v, 4) for v in (value.value, value.low, value.high)]
        if write:
            weights.write_predictions(folder / entry["path"], result.proba, model.fingerprint)
            if isinstance(model, prototypes.PrototypeNetwork):
                train = model.layer.latent(features[encoder])
            else:
                train = features[entry["name"]] = train_features(model, loaded.instances("train"))
            write_embeddings(folder / entry["path"], model, train, latent)
    known_errors, card = figures.REPORTS[task["name"]](table, [m for m in measured if not m.encoder])
    card += figures.networks(measured, stated(task, table))
    print(*card, "", *known_errors, "", sep="\n")
    if write:
        write_figures(folder, accuracy, known_errors, card)
        print(f"{os.path.relpath(folder)}: task.toml, card.md, predictions and embeddings rewritten\n")


if __name__ == "__main__":
    torch.set_num_threads(1)
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--task", choices=sorted(figures.REPORTS), help="only this one")
    args = parser.parse_args()
    for chosen in [args.task] if args.task else sorted(figures.REPORTS):
        evaluate(SAMPLE_DATA / chosen, args.write)
