"""Task folders of pictures: what is read when, and the one sentence for everything that is wrong."""

from __future__ import annotations

import json
import re
import shutil
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from explainers import load_task
from explainers.picturefolder import KEPT, PictureFile, Pictures
from explainers.taskcheck import check
from explainers.taskfile import read_task_folder
from explainers.tasks import BUNDLED

TOML = """
modality = "image"
class_names = ["bird", "mammal"]
[data]
test = "test.csv"
image = "file"
mask = "mask"
label = "label"
[[models]]
kind = "efficientnet"
path = "biased"
"""
CSV = "file,mask,label\na.jpg,a.png,bird\nsub/b.png,,mammal\n"


@pytest.fixture
def home(tmp_path) -> Path:
    """A folder with two pictures, one mask, and the biased model of `animals`."""
    folder = tmp_path / "mine"
    (folder / "sub").mkdir(parents=True)
    rng = np.random.default_rng(0)
    Image.fromarray(rng.integers(0, 256, (90, 120, 3), dtype=np.uint8)).save(folder / "a.jpg")
    Image.fromarray(rng.integers(0, 256, (40, 40, 4), dtype=np.uint8)).save(folder / "sub" / "b.png")
    mask = np.zeros((90, 120), dtype=np.uint8)
    mask[10:20, 30:60] = 255
    Image.fromarray(mask).save(folder / "a.png")
    shutil.copytree(BUNDLED / "animals" / "biased", folder / "biased")
    (tmp_path / "efficientnet_lite0").symlink_to(BUNDLED / "efficientnet_lite0")
    stated = [line for line in (BUNDLED / "animals" / "task.toml").read_text().splitlines() if "safetensors" in line or "biased/" in line]
    write(folder, TOML + "[sha256]\n" + "\n".join(line for line in stated if "imagenet" not in line), CSV)
    return folder


def write(folder: Path, toml: str | None = None, csv: str | None = None) -> None:
    if toml is not None:
        (folder / "task.toml").write_text(toml, encoding="utf-8")
    if csv is not None:
        (folder / "test.csv").write_text(csv, encoding="utf-8")


def problem(folder: Path) -> str:
    """The sentence that reading the test split is refused with."""
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the text is what the tests look at)
        load_task(folder).instances("test")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_folder_of_pictures_becomes_a_task(home):
    task = load_task(home)
    pictures = task.instances("test")
    assert (task.modality, len(pictures), task.labels("test")) == ("image", 2, [0, 1])
    assert [(p.mode, p.size) for p in pictures] == [("RGB", (120, 90)), ("RGB", (40, 40))]
    mask = pictures.masks[0]
    assert mask is not None
    assert (mask.shape, mask.dtype, int(mask.sum())) == ((90, 120), np.dtype(bool), 300)
    assert mask[10:20, 30:60].all()
    assert pictures.masks[1] is None
    assert task.model.predict_proba(list(pictures)).shape == (2, 2)
    assert task.split("train").instances is not None


def test_check_works_for_pictures(home):
    said: list[str] = []
    assert check(str(home), said.append) == 0
    assert "Task mine: pictures; 2 classes: bird, mammal." in said
    assert "Pictures: 40 by 40 to 120 by 90 pixels; 1 of 2 test pictures have a mask of where the object is." in said
    assert "Asked twice, and row by row, it gives the same answers." in said
    (home / "a.jpg").write_bytes(b"no picture")
    said.clear()
    assert check(str(home), said.append) == 1
    assert any(line.startswith("Problem: test.csv, row 2, column 'file' names a.jpg. This is not a picture") for line in said)


def test_columns_say_what_pictures_have_in_common(home):
    assert read_task_folder(home).groups() == []
    write(home, (home / "task.toml").read_text().replace('label = "label"', 'label = "label"\ngroups = ["kind", "place"]'))
    write(home, csv="file,mask,label,kind,place\na.jpg,a.png,bird,heron,pond\nsub/b.png,,mammal,hare,pond\n")
    groups = read_task_folder(home).groups()
    assert groups == [{"kind: heron", "place: pond"}, {"kind: hare", "place: pond"}]
    assert groups[0] & groups[1] == {"place: pond"}
    write(home, csv=CSV)
    assert "kind" in problem(home)


def test_rows_that_show_a_weakness_are_measured_apart(home):
    toml = (home / "task.toml").read_text().replace('label = "label"', 'label = "label"\nmeasured = "usual"')
    write(home, toml=toml, csv="file,mask,label,usual\na.jpg,a.png,bird,1\nsub/b.png,,mammal,0\n")
    pictures = load_task(home).instances("test")
    assert (pictures.measured, pictures[1:].measured) == ([True, False], [False])
    said: list[str] = []
    assert check(str(home), said.append) == 0
    assert any(line.startswith("Of 1 test rows that its accuracy is not measured on, ") for line in said)
    assert any(re.match(r"Accuracy: [\d.]+ % of 1 test rows", line) for line in said)


def test_only_what_is_looked_at_is_decoded(home):
    pictures = load_task(home).instances("test")
    (home / "a.jpg").write_bytes(b"no picture")
    assert pictures[1].size == (40, 40)
    assert pictures[-1] is pictures[1]
    with pytest.raises(ValueError, match=r"test.csv, row 2, column 'file' names a.jpg. This is not a picture that can be read"):
        pictures[0]
    with pytest.raises(IndexError):
        pictures[2]
    (home / "sub" / "b.png").unlink()
    assert pictures[1].size == (40, 40)
    with pytest.raises(ValueError, match=r"names b.png, which cannot be read: No such file"):
        pictures[1:][0]


def test_few_pictures_stay_in_memory_whoever_reads(home):
    pictures = Pictures([PictureFile(home / "a.jpg", "here")] * (3 * KEPT))
    failures = []

    def read(seed: int) -> None:
        try:
            for row in np.random.default_rng(seed).integers(0, len(pictures), 200):
                assert pictures[int(row)].size == (120, 90)
        except Exception as failure:
            failures.append(failure)

    threads = [threading.Thread(target=read, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert len(pictures._kept) <= KEPT


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("a.jpg", "c.jpg", "test.csv, row 2, column 'file' names 'c.jpg', which is missing: add the picture, or correct its path."),
        ("a.jpg", "../efficientnet_lite0/model.safetensors", "which lies outside the task's folder: move the picture into the folder."),
        ("a.jpg", "/etc/passwd", "which lies outside the task's folder"),
        ("a.jpg", "sub/../../x.jpg", "which lies outside the task's folder"),
        ("a.jpg", "link.jpg", "which lies outside the task's folder"),
        ("a.jpg", "sub", "which is missing"),
        ("a.jpg", "", "test.csv, row 2, column 'file' has no value"),
        ("a.png", "c.png", "test.csv, row 2, column 'mask' names 'c.png', which is missing"),
        ("a.png", "../x.png", "which lies outside the task's folder"),
        ("file,", "picture,", "test.csv has no column 'file', which task.toml names as image"),
        ("bird", "brid", "holds the label 'brid', which is no class"),
    ],
)
def test_each_mistake_in_the_table_has_a_sentence(home, tmp_path, old, new, says):
    (tmp_path / "x.jpg").write_bytes((home / "a.jpg").read_bytes())
    (home / "link.jpg").symlink_to(tmp_path / "x.jpg")
    write(home, csv=CSV.replace(old, new, 1))
    assert says in problem(home)


def test_masks_must_fit(home):
    masks = load_task(home).instances("test").masks
    Image.new("L", (90, 120)).save(home / "a.png")
    with pytest.raises(ValueError, match=r"the mask a.png has 90 by 120 pixels but its picture 120 by 90: give both the same size"):
        masks[0]
    (home / "a.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"the mask a.png cannot be read: save it as a PNG"):
        masks[0]


def test_a_large_picture_and_its_mask_are_reduced_together(home):
    Image.new("RGB", (1200, 600)).save(home / "a.jpg")
    mask = np.zeros((600, 1200), dtype=np.uint8)
    mask[:, :600] = 255
    Image.fromarray(mask).save(home / "a.png")
    pictures = load_task(home).instances("test")
    assert pictures[0].size == (512, 256)
    found = pictures.masks[0]
    assert found is not None
    assert found.shape == (256, 512)
    assert found[:, :255].all()
    assert not found[:, 257:].any()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('image = "file"\n', "", "[data] must name the column that holds the path of each picture"),
        ('image = "file"', 'image = "file"\ntext = "t"', "the key 'text' in [data] is unknown"),
        ('kind = "efficientnet"', 'kind = "mlp"', "a model of kind 'mlp' does not read pictures: use one of efficientnet"),
        ('path = "biased"', 'path = "biased"\nclass_names = ["a"]', "class_names in [[models]] must name at least two classes"),
        ('path = "biased"', 'path = "biased"\nclass_names = ["a", "a"]', "class_names in [[models]] must all differ"),
        ('path = "biased"', 'path = "biased"\nclass_names = 3', "must be a list of texts, or the name of a JSON file"),
        ('path = "biased"', 'path = "biased"\nclass_names = "no.json"', "give a JSON file that holds a list"),
        ('path = "biased"', 'path = "biased"\nclass_names = "test.csv"', "give a JSON file that holds a list"),
        ('path = "biased"', 'path = "biased"\nclass_names = "/etc/x.json"', "which lies outside the task's folder"),
    ],
)
def test_each_mistake_in_the_toml_has_a_sentence(home, old, new, says):
    write(home, toml=TOML.replace(old, new, 1))
    assert says in problem(home)


def test_a_model_may_have_its_own_class_names(home):
    own = home / "classes.json"
    own.write_text(json.dumps(["x", "y"]), encoding="utf-8")
    toml = (home / "task.toml").read_text()
    second = '[[models]]\nname = "b"\nkind = "efficientnet"\npath = "biased"\nclass_names = "classes.json"\n'
    third = '[[models]]\nname = "c"\nkind = "efficientnet"\npath = "biased"\nclass_names = ["bird", "mammal"]\n'
    write(home, toml=toml.replace("[sha256]", second + third + "[sha256]"))
    task = load_task(home)
    other = task.with_model("b")
    assert (other.class_names, other.model.class_names, other.labels("test")) == (["x", "y"], ["x", "y"], [])
    assert task.with_model("c").labels("test") == [0, 1]
    said: list[str] = []
    assert check(str(home), said.append) == 0
    assert "Accuracy: not measured, this model knows other classes than the labels." in said
