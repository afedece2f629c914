"""Maps against a drawn mask of six by six pixels, and against what a model is known to look at."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explainers
from explainers.scores.truth import mass, pointing, precision

MASK = np.zeros((6, 6), dtype=bool)
MASK[1:3, 1:4] = True  # six of 36 pixels


def drawn(inside: float, outside: float) -> np.ndarray:
    return np.where(MASK, inside, outside)


class TestByHand:
    def test_all_on_the_object(self):
        assert (mass(drawn(2, 0), MASK), pointing(drawn(2, 0), MASK), precision(drawn(2, 0), MASK)) == (1, 1, 1)

    def test_all_beside_it(self):
        assert (mass(drawn(0, 2), MASK), pointing(drawn(0, 2), MASK)) == (0, 0)
        assert precision(drawn(0, 2), MASK) == pytest.approx(6 / 36)

    def test_half_and_half(self):
        assert mass(drawn(5, 1), MASK) == pytest.approx(30 / 60)

    def test_a_flat_map_knows_nothing(self):
        flat = drawn(1, 1)
        assert mass(flat, MASK) == pointing(flat, MASK) == precision(flat, MASK) == pytest.approx(6 / 36)

    def test_what_speaks_against_the_answer_does_not_count(self):
        assert mass(drawn(1, -5), MASK) == 1

    def test_nothing_speaks_for_it(self):
        assert mass(drawn(-1, -1), MASK) == 0


@given(st.integers(0, 1000), st.floats(0.01, 100))
@settings(max_examples=30, deadline=None)
def test_scale_does_not_matter(seed, scale):
    fine = np.random.default_rng(seed).normal(size=(6, 6))
    for measure in (mass, pointing, precision):
        assert measure(fine, MASK) == pytest.approx(measure(scale * fine, MASK))


@pytest.fixture(scope="module")
def task():
    return explainers.load_task("animals", model="biased")


class TestAnimals:
    def test_the_biased_model_is_known_to_look_at_the_background(self, task):
        e = explainers.explain("gradcam", task, task.instances()[3])
        scores = explainers.evaluate(e, task, ["mass on the object", "pointing game", "pixel average precision"])
        assert all(not s.higher_is_better and "look at the background" in s.meaning for s in scores)
        mask = task.instances().masks[3]
        left, top, right, bottom = task.model.crop_box(task.instances()[3].size)
        assert scores[0].value == pytest.approx(mass(e.payload.map[top:bottom, left:right], mask[top:bottom, left:right]), abs=1e-6)
        assert scores[0].beside["share of the area"] == pytest.approx(mask[top:bottom, left:right].mean())

    def test_the_other_model_is_not(self, task):
        imagenet = task.with_model("imagenet")
        e = explainers.explain("gradcam", imagenet, imagenet.instances()[3])
        assert explainers.evaluate(e, imagenet, ["mass on the object"])[0].higher_is_better

    def test_a_picture_of_ones_own_needs_a_mask(self, task):
        own = task.instances()[3].rotate(90)
        e = explainers.explain("random", task, own)
        with pytest.raises(ValueError, match="does not say where the object is"):
            explainers.evaluate(e, task, ["pointing game"])
        mask = np.zeros(own.size[::-1], dtype=bool)
        mask[100:150, 100:150] = True
        (score,) = explainers.evaluate(e, task, ["pointing game"], mask=mask)
        assert score.value in (0.0, 1.0)
        with pytest.raises(ValueError, match="give one of the picture's size"):
            explainers.evaluate(e, task, ["pointing game"], mask=mask[:50])

    def test_random_maps_are_at_chance_on_average(self, task):
        e = [explainers.explain("random", task, task.instances()[3], seed=s) for s in range(12)]
        found = [explainers.evaluate(one, task, ["mass on the object"])[0] for one in e]
        assert np.mean([s.value for s in found]) == pytest.approx(found[0].beside["share of the area"], abs=0.06)
