"""A picture's attribution: what is painted, what is said, how large the page is."""

from __future__ import annotations

import json
import re

import numpy as np
import pytest
from PIL import Image

from explainers import render
from explainers.explanation import Attribution, Explanation
from explainers.render import colours
from tests.explainers.render.render_examples import explanation

SIDE = 40
VALUES = [0.30, -0.20, 0.05, 0.001]


def photograph(width: int = 2 * SIDE, height: int = 2 * SIDE) -> Image.Image:
    return Image.new("RGB", (width, height), (128, 128, 128))


def pictured(picture: Image.Image | None = None, **changes) -> Explanation:
    """Four squares: part 0 (top left) toward, part 1 (top right) away, part 2 a little toward, part 3 chance."""
    picture = photograph() if picture is None else picture
    labels = np.kron(np.array([[0, 1], [2, 3]]), np.ones((picture.height // 2, picture.width // 2)))
    values = np.array(VALUES)
    payload = Attribution(
        features=[f"part {i}" for i in range(4)],
        names=["part 0 (top left)", "part 1 (top right)", "part 2 (bottom left)", "part 3 (bottom right)"],
        values=values,
        unit="probability",
        low=values - 0.02,
        high=values + 0.02,
        total=4,
        samples=1000,
        map=values[labels.astype(int)],
        segments=labels,
    )
    return explanation(payload, picture, "image", task="animals", class_names=["bird", "mammal"], **changes)


def middle(picture: Image.Image, part: int) -> np.ndarray:
    """A pixel of a part that is neither its outline nor its label."""
    scale = picture.width // (2 * SIDE)
    return np.asarray(picture)[scale * (SIDE * (part // 2) + 6), scale * (SIDE * (part % 2) + 6)].astype(int)


class TestOverlay:
    def test_toward_is_blue_away_is_orange_and_chance_is_left_alone(self):
        painted = render.image(pictured())
        blue, orange, _, chance = (middle(painted, i) - 128 for i in range(4))
        assert blue[2] > 20 > -20 > blue[0]
        assert orange[0] > 20 > -20 > orange[2]
        assert np.abs(chance).max() == 0

    def test_stronger_parts_are_tinted_more(self):
        painted = render.image(pictured())
        assert np.abs(middle(painted, 0) - 128).sum() > np.abs(middle(painted, 2) - 128).sum()

    def test_top_opacity_and_outline(self):
        assert np.abs(middle(render.image(pictured(), top=1), 1) - 128).max() == 0
        assert np.abs(middle(render.image(pictured(), opacity=0.0), 0) - 128).max() == 0
        with_line, without = render.image(pictured()), render.image(pictured(), outline=False)
        assert (np.asarray(with_line)[100, 319] != np.asarray(without)[100, 319]).any()  # the edge between parts 0 and 1

    def test_outline_has_the_full_colour(self):
        painted = np.asarray(render.image(pictured(), top=1))
        inner_edge = painted[100, painted.shape[1] // 2 - 1]
        assert tuple(inner_edge) == colours.channels(colours.TOWARD)

    def test_small_pictures_are_enlarged_and_large_ones_are_not(self):
        assert render.image(pictured()).size == (640, 640)
        assert render.image(pictured(photograph(1000, 800))).size == (1000, 800)


class TestWords:
    def test_sentence(self):
        said = re.sub("[\u2068\u2069]", "", render.sentence(pictured()))
        assert "Part 0 (top left) and part 2 (bottom left) push it" in said
        assert "part 1 (top right) pulls the other way" in said
        assert "switching off part 0 (top left) would lower the probability of “bird” by about 30 percentage points" in said
        assert "1 could be chance" in said

    def test_the_picture_has_the_sentence_as_its_alternative_text(self):
        alt = re.search('<img [^>]*alt="([^"]*)"', render.highlight(pictured()))
        assert alt is not None
        assert "push it" in alt[1]

    def test_chart_shows_at_most_ten_parts(self):
        shown = json.dumps(render.chart(pictured()).to_dict())
        assert "part 0" in shown


class TestFiles:
    def test_a_page_of_a_noisy_picture_of_the_largest_upload_stays_under_one_megabyte(self):
        noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8))
        page = render.page(pictured(noise))
        assert len(page.encode()) < 1_000_000

    def test_a_usual_page_holds_its_data(self):
        e = pictured()
        page = render.page(e)
        assert "<script" not in page
        assert e.digest in page
        assert "&quot;webp&quot;" in page or '"webp"' in page

    def test_class_names_are_text(self):
        e = pictured(target=0)
        object.__setattr__(e, "class_names", ["<img src=x onerror=alert(1)>", "b"])
        assert "<img src=x" not in render.page(e)

    @pytest.mark.parametrize("size", [(80, 80), (400, 100), (100, 400)])
    def test_slide_for_any_shape(self, size: tuple[int, int]):
        assert render.slide(pictured(photograph(*size))).size == (1920, 1080)

    def test_a_file_whose_map_does_not_fit_its_picture_is_said_in_words_only(self):
        e = pictured()
        object.__setattr__(e, "instance", photograph(20, 20))
        assert render.image(e) is None
        assert "bird" in render.sentence(e)
