"""Measured attributes of pictures one can check by eye: a change moves what is named after it."""

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from explainers.differences.attributes import NAMES, SIDE, Look, measured
from explainers.differences.items import Items
from explainers.differences.proposers import attributes as proposing
from explainers.differences.sight import sight
from explainers.differences.stages import Session
from explainers.differences.wording import WORDINGS, worded
from explainers.engine import Limits

EVIDENCE = np.pad(np.ones((3, 3), dtype=np.float32), 2)  # a classifier saw something in the middle


def photo(seed: int = 0) -> Image.Image:
    """Coloured shapes of all sizes before a gradient, with a little texture."""
    rng = np.random.default_rng(seed)
    ramp = np.linspace(60, 200, SIDE)[:, None, None] * np.array([0.8, 0.9, 1.0])
    picture = Image.fromarray(np.clip(np.broadcast_to(ramp, (SIDE, SIDE, 3)) + rng.normal(0, 2, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    for _ in range(60):
        x, y, size = rng.integers(0, SIDE), rng.integers(0, SIDE), rng.integers(3, 30)
        draw.ellipse((x, y, x + size, y + size), fill=tuple(int(v) for v in rng.integers(0, 255, 3)))
    return picture


def values(picture: Image.Image, evidence: np.ndarray = EVIDENCE) -> dict[str, float]:
    square = np.asarray(picture.resize((SIDE, SIDE)))
    return dict(zip(NAMES, measured(Look.at(picture, square, evidence, -1.0, 0.0)), strict=True))


def tinted(colour: tuple[int, int, int]) -> Image.Image:
    return Image.blend(photo(), Image.new("RGB", (SIDE, SIDE), colour), 0.35)


def framed(colour: tuple[int, int, int]) -> Image.Image:
    return ImageOps.expand(photo().crop((12, 12, SIDE - 12, SIDE - 12)), 12, colour)


def noisy() -> Image.Image:
    return Image.fromarray(
        np.clip(np.asarray(photo(), float) + np.random.default_rng(1).normal(0, 20, (SIDE, SIDE, 3)), 0, 255).astype(np.uint8)
    )


def sketched() -> Image.Image:
    return ImageOps.grayscale(photo().filter(ImageFilter.CONTOUR)).convert("RGB")


CHANGES = {
    "brightness down": (ImageEnhance.Brightness(photo()).enhance(0.4), "brightness", -0.2),
    "contrast up": (ImageEnhance.Contrast(photo()).enhance(1.8), "contrast", 0.05),
    "grey": (ImageOps.grayscale(photo()).convert("RGB"), "chroma", -0.05),
    "blurred": (photo().filter(ImageFilter.GaussianBlur(2)), "sharpness", -0.2),
    "noise": (noisy(), "noise", 0.03),
    "sketch": (sketched(), "sketch", 0.4),
    "frame": (framed((20, 20, 20)), "frame", 0.4),
    "coloured frame": (framed((200, 30, 30)), "frame", 0.4),
    "pixelated": (photo().resize((32, 32)).resize((SIDE, SIDE), Image.Resampling.NEAREST), "blocks", 1.0),
    "flat colours": (ImageOps.posterize(photo().filter(ImageFilter.MedianFilter(7)), 2), "painting", 0.2),
    "sepia": (ImageOps.colorize(ImageOps.grayscale(photo()), (30, 15, 0), (255, 235, 190)), "sepia", 0.5),
    "red": (tinted((220, 30, 30)), "tint red", 0.1),
    "green": (tinted((30, 180, 30)), "tint green", 0.1),
    "blue": (tinted((30, 60, 220)), "tint blue", 0.1),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_moves_what_is_named_after_it(name):
    picture, attribute, least = CHANGES[name]
    moved = values(picture)[attribute] - values(photo())[attribute]
    assert moved * np.sign(least) >= abs(least)


@pytest.mark.parametrize("block", [4, 8, 14, 24])
def test_blocks_of_any_size_are_seen_and_nothing_else_is_taken_for_them(block):
    cut = next(w.cut for w in WORDINGS if w.name == "blocks")
    side = SIDE // block
    assert values(photo().resize((side, side)).resize((SIDE, SIDE), Image.Resampling.NEAREST))["blocks"] > cut
    before_plain = Image.new("RGB", (SIDE, SIDE), (230, 210, 50))
    before_plain.paste(photo().crop((60, 60, 150, 150)), (60, 60))
    assert max(values(picture)["blocks"] for picture in (photo(), before_plain, sketched(), framed((20, 20, 20)))) < cut


@pytest.mark.parametrize(("row", "column"), [(1, 1), (1, 5), (5, 1), (5, 5)])
def test_the_object_is_where_the_evidence_is(row, column):
    evidence = np.zeros((7, 7), dtype=np.float32)
    evidence[row - 1 : row + 2, column - 1 : column + 2] = 1
    found = values(photo(), evidence)
    assert ((found["x"] > 0.5), (found["y"] > 0.5)) == (column > 3, row > 3)


@pytest.mark.parametrize("size", [(16, 16), (40, 300), (500, 90), (SIDE, SIDE)])
def test_every_size_can_be_measured(size):
    assert np.isfinite(list(values(photo().resize(size)).values())).all()


@pytest.mark.parametrize("colour", ["black", "white", "red"])
def test_a_plain_picture_can_be_measured(colour):
    picture = Image.new("RGB", (64, 64), colour)
    assert np.isfinite(list(values(picture, np.zeros((7, 7), dtype=np.float32)).values())).all()


def test_every_end_is_worded_once_and_found_again():
    assert len({w.says for w in WORDINGS}) == len(WORDINGS)
    assert all(worded(w.says) == w and worded(f"The picture is {w.says}.") == w for w in WORDINGS)


@pytest.mark.parametrize(
    ("typed", "attribute", "sign"), [("a blurry photo", "sharpness", -1), ("at night", "brightness", -1), ("Grayscale", "chroma", -1)]
)
def test_a_person_may_use_other_words(typed, attribute, sign):
    found = worded(typed)
    assert found is not None
    assert (found.name, found.sign) == (attribute, sign)
    assert worded("a picture of a dog") is None


class TestAnObjectsOwnColour:
    """A red thing colours its light, too: only a tint that separates as clearly as the thing's colour takes its place."""

    @staticmethod
    def proposed(monkeypatch, shifts: dict[str, float]) -> list[str]:
        rng = np.random.default_rng(0)
        width = sight().width
        rows = {}
        for side in "AB":
            rows[side] = np.zeros((40, width))
            rows[side][:, : width - len(NAMES)] = rng.random((40, width - len(NAMES)))
            rows[side][:, -len(NAMES) :] = rng.normal(0.3, 0.05, (40, len(NAMES)))
            for name, shift in shifts.items():
                rows[side][:, width - len(NAMES) + NAMES.index(name)] += 0.05 * shift * (side == "A")
        monkeypatch.setattr(proposing, "seen", lambda items, session: rows[items.side])
        a, b = (Items(side, "image", [None] * 40, [bytes([i]) for i in range(40)], np.arange(40)) for side in "AB")
        return [p.description for p in proposing.AttributeProposer()(a, b, Session(0, Limits(), None))]

    def test_it_is_proposed_beside_a_weaker_tint(self, monkeypatch):
        assert "the object is red" in self.proposed(monkeypatch, {"object red": 3.0, "around red": 2.0, "tint red": 1.6})

    def test_and_not_beside_a_tint_as_clear(self, monkeypatch):
        said = self.proposed(monkeypatch, {"object red": 3.0, "around red": 2.5, "tint red": 3.0})
        assert "tinted red" in said
        assert "the object is red" not in said
