"""Superpixels of a picture of four coloured squares, small enough to check by eye."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from explainers.picture_parts import BLUR, MEAN_COLOUR, OTHER_PICTURE, OUTSIDE, QUICKSHIFT, SLIC, PictureParts, crop_box, segment

RED, GREEN, BLUE, GREY = (220, 30, 30), (30, 180, 30), (30, 30, 220), (128, 128, 128)


def squares(side: int = 32) -> Image.Image:
    """Red top left, green top right, blue bottom left, grey bottom right."""
    picture = Image.new("RGB", (2 * side, 2 * side), RED)
    for colour, place in ((GREEN, (side, 0)), (BLUE, (0, side)), (GREY, (side, side))):
        picture.paste(colour, (*place, place[0] + side, place[1] + side))
    return picture


def four(**changes) -> PictureParts:
    """The four squares as four parts, whatever the segmentation makes of them."""
    picture = squares()
    whole = PictureParts.of(picture, (0, 0, 64, 64), SLIC, 4, **changes)
    labels = np.kron(np.array([[0, 1], [2, 3]]), np.ones((32, 32))).astype(np.int32)
    return PictureParts(whole.picture, labels, whole.off)


class TestSegments:
    @pytest.mark.parametrize("how", [QUICKSHIFT, SLIC])
    def test_no_part_crosses_a_sharp_edge(self, how: str):
        labels = segment(np.asarray(squares()), how, 4)
        colours = np.asarray(squares())
        for part in range(labels.max() + 1):
            assert len(np.unique(colours[labels == part], axis=0)) == 1

    def test_are_numbered_from_zero_without_gaps(self):
        labels = segment(np.asarray(squares()), QUICKSHIFT, 4)
        assert set(np.unique(labels)) == set(range(labels.max() + 1))

    def test_are_the_same_every_time(self):
        noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3), dtype=np.uint8)
        assert (segment(noise, QUICKSHIFT, 4) == segment(noise, QUICKSHIFT, 4)).all()

    def test_only_what_the_model_sees_has_parts(self):
        parts = PictureParts.of(squares(), (8, 4, 56, 60))
        seen = parts.labels != OUTSIDE
        assert seen[4:60, 8:56].all()
        assert seen.sum() == 56 * 48


class TestSwitchingOff:
    def test_all_on_is_the_picture(self):
        assert four().switch_off(np.ones((1, 4)))[0].tobytes() == squares().tobytes()

    def test_mean_colour_of_each_part(self):
        picture = squares()
        picture.putpixel((0, 0), (0, 0, 0))
        off = np.asarray(PictureParts.of(picture, (0, 0, 64, 64), SLIC, 4, MEAN_COLOUR).switch_off(np.zeros((1, 4)))[0])
        assert np.abs(off[40, 10].astype(int) - BLUE).max() == 0

    def test_one_off_leaves_the_others_alone(self):
        shown = np.asarray(four(off=BLUR).switch_off(np.array([[0, 1, 1, 1]]))[0])
        before = np.asarray(squares())
        assert (shown[:, 32:] == before[:, 32:]).all()
        assert (shown[32:] == before[32:]).all()
        assert (shown[:32, :32] != before[:32, :32]).any()

    def test_another_picture_shines_through(self):
        other = Image.new("RGB", (10, 10), "white")
        shown = np.asarray(four(off=OTHER_PICTURE, other=other).switch_off(np.array([[0, 1, 1, 1]]))[0])
        assert (shown[:32, :32] == 255).all()

    def test_without_another_picture_there_is_a_sentence(self):
        with pytest.raises(ValueError, match="no other picture"):
            four(off=OTHER_PICTURE)

    def test_what_the_model_does_not_see_stays(self):
        parts = PictureParts.of(squares(), (8, 8, 56, 56), off=OTHER_PICTURE, other=Image.new("RGB", (64, 64), "white"))
        shown = np.asarray(parts.switch_off(np.zeros((1, len(parts))))[0])
        assert (shown[:8] == np.asarray(squares())[:8]).all()
        assert (shown[8:56, 8:56] == 255).all()

    def test_pictures_are_made_when_looked_at(self):
        batch = four().switch_off(np.zeros((1_000_000, 4)))
        assert len(batch) == 1_000_000
        assert len(batch[10:13]) == 3


def test_names_say_where():
    assert four().names == ["part 0 (top left)", "part 1 (top right)", "part 2 (bottom left)", "part 3 (bottom right)"]
    assert four().features == ["part 0", "part 1", "part 2", "part 3"]


def test_a_model_without_a_crop_sees_everything():
    class Cropped:
        def crop_box(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
            return (1, 2, size[0] - 1, size[1] - 2)

    assert crop_box(object(), (30, 20)) == (0, 0, 30, 20)
    assert crop_box(Cropped(), (30, 20)) == (1, 2, 29, 18)


def test_each_copy_is_the_picture_but_for_the_parts_that_are_off():
    rng = np.random.default_rng(0)
    picture, off = rng.integers(0, 256, (2, 7, 5, 3), dtype=np.uint8)
    labels = rng.integers(-1, 3, (7, 5)).astype(np.int32)
    labels[0, :4] = OUTSIDE, 0, 1, 2
    for keep in np.array([[1, 1, 1], [0, 1, 0], [0, 0, 0]], dtype=bool):
        copy = PictureParts(picture, labels, off).switch_off(keep[None])[0]
        shown = (labels == OUTSIDE) | keep[labels]
        assert copy.mode == "RGB"
        np.testing.assert_array_equal(np.asarray(copy), np.where(shown[:, :, None], picture, off))
