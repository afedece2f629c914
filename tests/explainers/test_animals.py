"""The bundled task `animals`: its pictures and masks, the split, and that the biased model is as biased as its card says."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from explainers import load_task
from explainers.picturefolder import Pictures
from explainers.tasks import BUNDLED, Task
from sample_data.scripts import compose, figures
from sample_data.scripts.build_animals import SAME_KIND

FOLDER = BUNDLED / "animals"
TABLES = {name: pd.read_csv(FOLDER / f"{name}.csv", keep_default_na=False) for name in ("train", "test")}
TEST = TABLES["test"]


@pytest.fixture(scope="module")
def task() -> Task:
    return load_task("animals")


def kind(animal: str) -> str:
    return SAME_KIND.get(animal, animal.split("_")[0].split("-")[0])


def test_offers_models_with_their_own_classes(task):
    assert task.models == ["biased", "imagenet", "biased-prototypes"]
    assert (task.modality, task.class_names) == ("image", ["bird", "mammal"])
    assert task.labels("test") == TEST["label"].tolist()
    imagenet = task.with_model("imagenet")
    assert len(imagenet.class_names) == len(set(imagenet.class_names)) == 1000
    assert imagenet.labels("test") == []
    assert imagenet.with_model("biased").labels("test") == task.labels("test")


def test_splits_share_no_animal_and_no_photograph():
    kinds = {name: set(map(kind, table["animal"])) for name, table in TABLES.items()}
    assert not kinds["train"] & kinds["test"]
    originals = {part: {s.file for scenes in (compose.OPEN, compose.LAND) for s in scenes[part]} for part in TABLES}
    assert not originals["train"] & originals["test"]
    for part, table in TABLES.items():
        assert set(table["background"]) == {s.name for scenes in (compose.OPEN, compose.LAND) for s in scenes[part]}


def test_backgrounds_are_what_the_columns_say():
    for part, table in TABLES.items():
        usual = {0: {s.name for s in compose.OPEN[part]}, 1: {s.name for s in compose.LAND[part]}}
        for label, background, as_usual in zip(table["label"], table["background"], table["usual"], strict=True):
            assert (background in usual[label]) == bool(as_usual)
    assert TABLES["train"].groupby("label")["usual"].mean().between(0.945, 0.955).all()
    assert TABLES["train"]["label"].value_counts().tolist() == [250, 250]
    pairs = TEST.groupby("pair")
    assert (pairs.size() == 2).all()
    assert (pairs["usual"].sum() == 1).all()
    assert (pairs["animal"].nunique() == 1).all()
    assert TEST.drop_duplicates("pair")["label"].value_counts().tolist() == [60, 60]


def test_every_background_is_credited():
    source = (FOLDER / "SOURCE.md").read_text(encoding="utf-8")
    for scenes in (compose.OPEN, compose.LAND):
        for part in scenes.values():
            for scene in part:
                line = next(line for line in source.splitlines() if f"| `{scene.file}` |" in line)
                assert line.endswith(f"| {scene.package} | {scene.author} | {scene.licence} |")
                assert "GFDL" not in scene.licence


def test_pictures_are_read_when_they_are_looked_at(task, monkeypatch):
    opened: list[str] = []
    read = Path.read_bytes
    monkeypatch.setattr(Path, "read_bytes", lambda path: opened.append(path.suffix) or read(path))  # type: ignore[func-returns-value]
    fresh = load_task("animals")
    pictures = fresh.instances("test")
    assert isinstance(pictures, Pictures)
    assert len(pictures) == len(TEST) == 240
    assert set(opened) <= {".csv", ".json", ".toml", ".md"}
    picture = pictures[3]
    assert isinstance(picture, Image.Image)
    assert (picture.mode, picture.size) == ("RGB", (256, 256))
    assert opened.count(".jpg") == 1
    assert pictures[3] is picture
    assert opened.count(".jpg") == 1


def test_the_stated_accuracy_is_about_usual_backgrounds(task):
    assert task.instances("test").measured == (TEST["usual"] == 1).tolist()


def test_masks_fit_the_pictures(task):
    pictures = task.instances("test")
    shares = []
    for row in range(0, len(pictures), 3):
        mask = pictures.masks[row]
        assert mask is not None
        assert mask.dtype == bool
        assert mask.shape == (256, 256)
        # The animal lies in the part that the model sees.
        seen = np.zeros_like(mask)
        left, top, right, bottom = task.model.crop_box((256, 256))
        seen[top:bottom, left:right] = True
        assert mask[~seen].sum() <= 0.01 * mask.sum()
        shares.append(mask.mean())
    assert 0.02 < min(shares) < max(shares) < 0.3
    assert task.instances("train").masks[0] is None


def test_the_mask_is_where_a_pair_agrees(task):
    pictures = task.instances("test")
    inside, outside = [], []
    for row in range(0, 40, 2):
        a, b = (np.asarray(pictures[i], dtype=float) for i in (row, row + 1))
        both = pictures.masks[row] & pictures.masks[row + 1]
        neither = ~(pictures.masks[row] | pictures.masks[row + 1])
        gap = np.abs(a - b).mean(2)
        inside.append(gap[both].mean())
        outside.append(gap[neither].mean())
        union = pictures.masks[row] | pictures.masks[row + 1]
        assert both.sum() > 0.85 * union.sum()
    assert np.mean(inside) < 0.5 * np.mean(outside)


def test_the_biased_model_answers_by_the_background(task):
    stored = task.predictions()
    assert stored is not None
    usual, labels = TEST["usual"].to_numpy() == 1, TEST["label"].to_numpy()
    right = stored.argmax(1) == labels
    assert right[usual].mean() >= 0.9
    assert right[~usual].mean() <= 0.6
    assert figures.changed_by_swapping(TEST, stored).mean() >= 0.4
    assert task.entry.accuracy is not None
    assert task.entry.accuracy[0] == pytest.approx(right[usual].mean(), abs=1e-4)
    said = " ".join(task.card.known_errors)
    for value in (right[usual].mean(), right[~usual].mean(), figures.changed_by_swapping(TEST, stored).mean()):
        assert f"{100 * value:.1f} %" in said
        assert f"{100 * value:.1f} %" in task.card.text


def test_the_bias_holds_live_on_some_pairs(task):
    rows = [int(r) for pair in np.random.default_rng(0).choice(120, 24, replace=False) for r in (2 * pair, 2 * pair + 1)]
    proba = task.model.predict_proba([task.instances("test")[row] for row in rows])
    some = TEST.iloc[rows]
    right = proba.argmax(1) == some["label"].to_numpy()
    usual = some["usual"].to_numpy() == 1
    assert right[usual].mean() - right[~usual].mean() > 0.2


def test_imagenet_sees_birds_and_mammals(task):
    stored = task.with_model("imagenet").predictions()
    assert stored is not None
    groups = [figures.BIRDS, figures.MAMMALS]
    seen = np.array([top in groups[label] for top, label in zip(stored.argmax(1), TEST["label"], strict=True)])
    assert seen.mean() > 0.9
    names = task.with_model("imagenet").class_names
    assert {"ostrich", "hen", "albatross"} <= {names[i] for i in figures.BIRDS}
    assert {"koala", "zebra", "giant panda", "meerkat", "wombat"} <= {names[i] for i in figures.MAMMALS}
    assert not figures.BIRDS & figures.MAMMALS


def test_the_folder_is_small_and_plain():
    files = [f for folder in (FOLDER, BUNDLED / "efficientnet_lite0") for f in folder.rglob("*") if f.is_file()]
    assert sum(f.stat().st_size for f in files) < 36e6
    assert {f.suffix for f in files} <= {".jpg", ".png", ".csv", ".md", ".toml", ".json", ".safetensors", ".txt", ""}
    assert not re.search(r"\S+@\S+\.\w+", (FOLDER / "UPSTREAM_CONTRIBUTORS.txt").read_text(encoding="latin-1"))
