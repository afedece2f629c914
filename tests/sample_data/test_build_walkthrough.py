"""The script behind the walk-through, on a toy whose colour can be counted by eye."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import explainers
from explainers import Attribution, Explanation
from sample_data.scripts import build_walkthrough as script
from sample_data.scripts.build_walkthrough import Colour, Notebook, Pair
from tests.fixtures.toys import picture_task
from ui.walkthrough import material

SIDE = 32
METHODS = {"lime": {"num_samples": 60}, "random": {}}


def scene(red: bool, shade: int) -> Image.Image:
    """A dark "animal" of 8 by 8 pixels (`shade` tells animals apart) in a scene whose right half is red or grey: the model looks for red."""
    pixels = np.full((SIDE, SIDE, 3), 128, dtype=np.uint8)
    if red:
        pixels[:, SIDE // 2 :] = (220, 20, 20)
    pixels[4:12, 4:12] = shade
    return Image.fromarray(pixels)


ANIMAL = np.zeros((SIDE, SIDE), dtype=bool)
ANIMAL[4:12, 4:12] = True
SHADES = (10, 20, 30, 40, 50)


@pytest.fixture
def task():
    """Five animals before red and before grey; each is labelled by its usual background: red, but for the last two."""
    data = [scene(red, shade) for shade in SHADES for red in (True, False)]
    labels = [1 if shade <= 30 else 0 for shade in SHADES for _ in range(2)]
    return picture_task(data=data, labels=labels, version="1")


PAIRS = [
    Pair(2 * i if shade <= 30 else 2 * i + 1, 2 * i + 1 if shade <= 30 else 2 * i, f"animal {shade}") for i, shade in enumerate(SHADES)
]
MASKS = [ANIMAL] * (2 * len(SHADES))


def build(task, folder, work, **more):
    return script.build(task, PAIRS, MASKS, folder, work, METHODS, sure=0.5, say=lambda line: None, **more)


def map_of(values: np.ndarray) -> Explanation:
    e = explainers.explain("random", picture_task(), picture_task().instances("test")[0])
    payload = Attribution(["part 0"], ["part 0"], np.array([1.0]), "x", map=values, segments=np.zeros(values.shape))
    return Explanation(**{**e.__dict__, "payload": payload})


class TestColour:
    def test_share_on_the_animal_counts_only_what_is_toward_and_seen(self):
        values = np.zeros((SIDE, SIDE))
        values[4:12, 4:12] = 1.0  # 64 on the animal
        values[20:24, 4:12] = 2.0  # 64 beside it
        values[20:24, 20:28] = -9.0  # against: no colour toward
        values[0, :] = 50.0  # outside what the model sees
        found = script.colour(map_of(values), ANIMAL, (0, 2, SIDE, SIDE))
        assert found.mass == pytest.approx(0.5)
        assert found.area == pytest.approx(64 / (30 * SIDE))

    def test_on_an_even_map_the_animal_does_not_stand_out_and_one_without_colour_says_nothing(self):
        box = (0, 0, SIDE, SIDE)
        even = script.colour(map_of(np.ones((SIDE, SIDE))), ANIMAL, box)
        assert even.ratio == pytest.approx(1.0)
        assert even.says() == material.BACKGROUND
        nothing = script.colour(map_of(-np.ones((SIDE, SIDE))), ANIMAL, box)
        assert nothing.silent
        assert nothing.says() == material.NEITHER

    @given(st.floats(0.1, 10), st.floats(1e-6, 1e6))
    def test_the_ratio_is_that_of_the_pixels_and_the_scale_does_not_matter(self, ratio: float, scale: float):
        values = np.where(ANIMAL, ratio, 1.0) * scale
        found = script.colour(map_of(values), ANIMAL, (0, 0, SIDE, SIDE))
        assert found.ratio == pytest.approx(ratio, rel=1e-5)

    @pytest.mark.parametrize(
        ("ratio", "says"),
        [(3.0, "animal"), (2.9, "neither"), (1.6, "neither"), (1.5, "background"), (0.0, "background"), (np.inf, "animal")],
    )
    def test_what_a_viewer_reads_off(self, ratio: float, says: str):
        assert material.says(ratio) == says


def test_random_maps_mostly_miss_a_small_animal_and_never_say_it_of_a_picture_that_is_all_animal():
    box = (0, 0, SIDE, SIDE)
    said = script.by_chance([ANIMAL] * 10, [box] * 10, 0)
    assert len(said) == 10 * script.RANDOM
    assert said.count(material.BACKGROUND) > said.count(material.ANIMAL) > 0
    assert said == script.by_chance([ANIMAL] * 10, [box] * 10, 0)


class TestMeanShare:
    def test_animals_are_drawn_again_not_pictures(self):
        alike = [0.0] * 10 + [1.0] * 10
        two, twenty = ["a"] * 10 + ["b"] * 10, [str(i) for i in range(20)]
        assert script.mean_share(alike, two, 0).high - script.mean_share(alike, two, 0).low == 1.0
        by_picture = script.mean_share(alike, twenty, 0)
        assert by_picture.value == 0.5
        assert by_picture.high - by_picture.low < 0.6


class TestBuild:
    def test_pairs_come_from_the_table(self, tmp_path):
        (tmp_path / "t.csv").write_text("image,animal,usual,pair\na,owl,0,7\nb,owl,1,7\nc,cat,1,3\nd,cat,0,3\n")
        assert script.read_pairs(tmp_path / "t.csv") == [Pair(2, 3, "cat"), Pair(1, 0, "owl")]

    def test_what_is_written_is_what_is_read(self, task, tmp_path):
        made = build(task, tmp_path / "out", tmp_path / "work")
        assert material.read(tmp_path / "out") == made
        assert made.pictures == 5  # all are right before the usual background and wrong before the other
        assert (made.right_usual.value, made.right_swapped.value, made.flips.value, made.kept.value) == (1.0, 0.0, 1.0, 1.0)
        assert made.area == pytest.approx(64 / SIDE**2)
        for one in made.methods:
            assert material.explanation(made, one, tmp_path / "out").digest == one.digest
            assert one.animal + one.background + one.neither == 5
            assert one.stricter <= one.animal <= one.looser
        assert {p.label for p in made.first} == {0, 1}
        assert made.usual.animal not in {p.animal for p in made.first}

    def test_pictures_that_flip_only_with_the_animals_own_colours_are_not_counted(self, task, tmp_path):
        """A sixth animal whose own colour flips the answer: red before grey, grey before grey."""
        grey, red = scene(False, 60), np.array(scene(False, 60))
        red[4:12, 4:12] = (220, 20, 20)
        data = [*task.instances("test"), Image.fromarray(red), grey]
        more = picture_task(data=data, labels=[*task.labels("test"), 1, 1], version="1")
        answers = script.Answers.ask(more, [*PAIRS, Pair(10, 11, "chameleon")], [ANIMAL] * 12)
        assert answers.said[10] != answers.said[11]
        assert answers.deciding([*PAIRS, Pair(10, 11, "chameleon")]) == PAIRS

    def test_lime_finds_the_red_half_of_the_scenes(self, task, tmp_path):
        lime = build(task, tmp_path / "out", tmp_path / "work").methods[0]
        assert lime.animal == 0

    def test_goes_on_where_it_was_killed_and_gives_the_same(self, task, tmp_path, monkeypatch):
        whole = build(task, tmp_path / "a", tmp_path / "work a")
        lines = (tmp_path / "work a" / "measured.jsonl").read_text().splitlines()
        (tmp_path / "work b").mkdir()
        (tmp_path / "work b" / "measured.jsonl").write_text("\n".join(lines[:3]) + '\n{"key": "cut sho\n')
        asked = []
        explain = explainers.explain
        monkeypatch.setattr(explainers, "explain", lambda name, *a, **k: asked.append(name) or explain(name, *a, **k))
        again = build(task, tmp_path / "b", tmp_path / "work b")
        assert again == whole
        assert len(asked) == len(lines) - 3 + len(METHODS)  # what was missing, and the maps that are stored

    def test_another_model_or_parameter_is_measured_anew(self, task):
        picture = task.instances("test")[0]
        keys = {
            script.key_of("lime", {"num_samples": 60}, task, picture, 0), script.key_of("lime", {"num_samples": 61}, task, picture, 0),
            script.key_of("lime", {"num_samples": 60}, picture_task(version="2"), picture, 0),
            script.key_of("lime", {"num_samples": 60}, task, picture, 1),
        }  # fmt: skip
        assert len(keys) == 4

    def test_the_notebook_forgets_nothing(self, tmp_path):
        book = Notebook(tmp_path / "m.jsonl")
        book.put("k", Colour(0.25, 0.1, False))
        assert Notebook(tmp_path / "m.jsonl").get("k") == Colour(0.25, 0.1, False)

    def test_the_picture_shown_is_that_whose_maps_tell_most_clearly(self):
        found = {"a": [Colour(m, 0.1, False) for m in (0.6, 0.1, 0.01)], "b": [Colour(m, 0.1, False) for m in (0.01, 0.2, 0.02)]}
        assert script.telling(found, range(3)) == 2
        assert script.telling(found, [0, 1]) == 1


class TestMaterial:
    def test_a_changed_map_or_one_of_another_model_is_refused(self, task, tmp_path):
        made = build(task, tmp_path, tmp_path / "work")
        one, other = made.methods
        text = (tmp_path / one.file).read_text()
        (tmp_path / one.file).write_text((tmp_path / other.file).read_text())
        with pytest.raises(ValueError, match="was changed"):
            material.explanation(made, one, tmp_path)
        (tmp_path / one.file).write_text(text)
        with pytest.raises(ValueError, match="another version of the model"):
            material.check(made, "0" * 64)
        (tmp_path / one.file).unlink()
        with pytest.raises(ValueError, match="is missing"):
            material.explanation(made, one, tmp_path)

    @pytest.mark.parametrize("spoil", [lambda r: r.pop("usual"), lambda r: r.update(version=0), lambda r: r["methods"][0].pop("masses")])
    def test_a_file_of_another_form_is_refused_in_words(self, task, tmp_path, spoil):
        build(task, tmp_path, tmp_path / "work")
        record = json.loads((tmp_path / material.FILE).read_text())
        spoil(record)
        (tmp_path / material.FILE).write_text(json.dumps(record))
        with pytest.raises(ValueError, match="build it with"):
            material.read(tmp_path)
