"""A map with a number for each pixel: what is painted, what is said of it, how large its files are."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from explainers import render
from explainers.explanation import Attribution, Explanation
from explainers.render import colours
from tests.explainers.render.render_examples import explanation

SIDE = 80
GREY = 128


def halves() -> np.ndarray:
    """1 in the left half, -1 in the right."""
    return np.kron(np.array([[1.0, -1.0]]), np.ones((SIDE, SIDE // 2)))


def heated(values: np.ndarray | None = None, photo: Image.Image | None = None, **changes) -> Explanation:
    """Two areas, part 0 (left) and part 1 (right), that the map is summed over."""
    values = halves() if values is None else values
    photo = Image.new("RGB", values.shape[::-1], (GREY, GREY, GREY)) if photo is None else photo
    labels = (np.arange(values.shape[1]) >= values.shape[1] // 2).astype(float)[None].repeat(len(values), 0)
    sums = np.array([values[labels == i].sum() for i in (0, 1)])
    fields = {
        "features": ["part 0", "part 1"], "names": ["part 0 (left)", "part 1 (right)"], "values": sums, "unit": "log odds", "total": 2,
        "map": values, "segments": labels, "per_pixel": True,
    }  # fmt: skip
    payload = Attribution(**(fields | changes))
    return explanation(payload, photo, "image", task="animals", class_names=["bird", "mammal"], method="integrated_gradients")


def plain(e: Explanation, **look) -> np.ndarray:
    """The picture without lines and numbers."""
    return np.asarray(render.image(e, **({"outline": False, "top": 0} | look))).astype(int)


def at(picture: np.ndarray, x: float, y: float = 0.5) -> np.ndarray:
    return picture[int(y * len(picture)), int(x * picture.shape[1])]


class TestPainted:
    def test_toward_is_blue_and_away_is_orange(self):
        blue, orange = at(plain(heated()), 0.2) - GREY, at(plain(heated()), 0.8) - GREY
        assert blue[2] > 20 > -20 > blue[0]
        assert orange[0] > 20 > -20 > orange[2]

    def test_without_opacity_it_is_the_photograph_in_its_own_colours(self):
        photo = Image.new("RGB", (SIDE, SIDE), (30, 160, 90))
        assert (plain(heated(photo=photo), opacity=0.0) == [30, 160, 90]).all()

    def test_more_opacity_is_more_colour(self):
        weak, strong = (np.abs(at(plain(heated(), opacity=o), 0.2) - GREY).sum() for o in (0.3, 0.9))
        assert strong > 2 * weak

    def test_zero_is_left_alone(self):
        values = halves()
        values[SIDE // 2 :] = 0
        assert np.abs(at(plain(heated(values)), 0.2, 0.9) - GREY).max() == 0

    def test_one_odd_pixel_does_not_make_the_rest_pale(self):
        odd = halves()
        odd[3, 3] = 100.0
        assert np.abs(at(plain(heated(odd)), 0.2, 0.8) - at(plain(heated()), 0.2, 0.8)).max() <= 2

    def test_a_number_without_direction_has_a_hue_of_its_own(self):
        strong = at(plain(heated(np.abs(halves()), signed=False), opacity=1.0), 0.2)
        assert np.abs(strong - colours.channels(colours.STRONG)).max() <= 2

    def test_whole_line_toward_and_broken_line_away(self):
        values = np.zeros((SIDE, SIDE))
        values[10:26, 10:26], values[10:26, 50:66] = 1.0, -1.0
        lined = np.asarray(render.image(heated(values), top=0)).astype(int)
        drawn = (lined != plain(heated(values))).any(axis=2)
        left, right = drawn[:, : drawn.shape[1] // 2].sum(), drawn[:, drawn.shape[1] // 2 :].sum()
        assert left > 0
        assert 0.3 * left < right < 0.7 * left

    def test_the_strongest_areas_are_numbered_as_in_the_bars(self):
        numbered, bare = np.asarray(render.image(heated(), outline=False)), plain(heated())
        assert (numbered != bare).any()

    def test_a_map_of_zeros_is_the_photograph(self):
        e = heated(np.zeros((SIDE, SIDE)))
        assert (np.abs(np.asarray(render.image(e)).astype(int) - GREY) <= 1).all()
        assert "moves the answer" in render.sentence(e)


class TestSaid:
    def test_legend_of_a_signed_map_says_ends_lines_clipping_and_smoothing(self):
        said = re.sub("[\u2068\u2069]|<[^>]+>", "", render.highlight(heated()))
        for words in (
            "away from “bird”",
            "toward “bird”",
            "the strongest 5\xa0% of the area",
            "broken where",
            "the strongest 1\xa0% of",
            "smoothed",
        ):
            assert words in said

    def test_legend_of_an_unsigned_map_has_no_direction(self):
        said = render.highlight(heated(np.abs(halves()), signed=False, unit="change of log odds per unit of input"))
        assert "counts for much" in said
        assert not re.search("toward|away", said)

    def test_the_bars_say_where_an_area_lies(self):
        assert "part 0 (left)" in render.html(heated())

    def test_class_names_are_text(self):
        e = heated()
        object.__setattr__(e, "class_names", ["<img src=x onerror=alert(1)>", "b"])
        for shown in (render.highlight(e), render.html(e), render.page(e)):
            assert "<img src=x" not in shown


class TestFiles:
    def test_a_page_of_the_largest_upload_stays_under_one_megabyte(self):
        rng = np.random.default_rng(0)
        photo = Image.fromarray(rng.integers(0, 256, (512, 512, 3), dtype=np.uint8))
        e = heated(rng.standard_normal((512, 512)), photo)
        assert len(render.html(e).encode()) < 1_000_000
        assert len(render.page(e).encode()) < 1_000_000

    def test_a_file_gives_the_same_map_back(self):
        e = heated(np.random.default_rng(0).standard_normal((SIDE, SIDE)))
        again = Explanation.from_json(e.to_json())
        assert again == e
        assert again.payload.per_pixel
        assert np.allclose(again.payload.map, e.payload.map, atol=1e-6)

    @pytest.mark.parametrize("size", [(80, 80), (60, 240), (240, 60)])
    def test_slide_for_any_shape(self, size: tuple[int, int]):
        assert render.slide(heated(np.ones(size))).size == (1920, 1080)
