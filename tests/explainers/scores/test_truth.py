"""Maps against a drawn mask of six by six pixels, and against what a model is known to look at."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explainers
from explainers.planted import planted_task
from explainers.quality import evaluation_forecast, fitting_scores, quick_scores
from explainers.random import noise
from explainers.scores.truth import mass, pointing, precision
from tests.fixtures import toys

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

    def test_a_mask_by_hand_counts_where_all_scores_are_asked_for(self, task):
        own = task.instances()[3].rotate(90)
        e = explainers.explain("random", task, own)
        mask = np.zeros(own.size[::-1], dtype=bool)
        mask[100:150, 100:150] = True
        reasons = [dict(fitting_scores(e, task, given))["mass on the object"] for given in (None, mask)]
        assert reasons[0] == "The data does not say where the object is in this picture."
        assert reasons[1] is None
        assert "mass on the object" in quick_scores(e, task, mask)

    def test_a_mask_outside_what_the_model_sees_has_a_sentence(self, task):
        e = explainers.explain("random", task, task.instances()[3])
        mask = np.zeros(e.instance.size[::-1], dtype=bool)
        mask[0, 0] = True
        with pytest.raises(ValueError, match="outside what the model sees"):
            explainers.evaluate(e, task, ["pointing game"], mask=mask)

    def test_quick_scores_keep_to_their_calls(self, task):
        e = explainers.explain("random", task, task.instances()[3])
        names = quick_scores(e, task)
        assert {"mass on the object", "deletion", "insertion", "infidelity"} <= set(names)
        assert evaluation_forecast(e, task, names).calls <= 150
        assert "deletion" not in quick_scores(e, task, most_calls=20)

    def test_a_map_that_counts_nothing_for_its_class_has_no_mass_to_share_out(self, task):
        """0 would flatter it where the background is the truth."""
        e = explainers.explain("random", task, task.instances()[3])
        silent = dataclasses.replace(e, payload=dataclasses.replace(e.payload, map=-np.abs(e.payload.map)))
        with pytest.raises(ValueError, match="nothing of which a share could lie on the object"):
            explainers.evaluate(silent, task, ["mass on the object"])
        names = {score.name for score in explainers.evaluate(silent, task, None)}
        assert "pointing game" in names
        assert "mass on the object" not in names

    def test_where_the_object_is_says_nothing_of_another_class(self, task):
        imagenet = task.with_model("imagenet")
        picture = imagenet.instances()[3]
        other = (int(np.argmax(imagenet.model.predict_proba([picture])[0])) + 1) % 1000
        e = explainers.explain("random", imagenet, picture, target=other)
        assert "explains another class" in dict(fitting_scores(e, imagenet))["pointing game"]
        answer = int(np.argmax(task.model.predict_proba([picture])[0]))
        either = [explainers.explain("random", task, picture, target=c) for c in (answer, 1 - answer)]
        assert [dict(fitting_scores(one, task))["pointing game"] for one in either] == [None, None]  # the background decides for both


class TestChance:
    def test_random_maps_are_at_chance_on_average(self):
        mask = np.zeros((40, 40), dtype=bool)
        mask[5:20, 10:30] = True  # 300 of 1,600 pixels
        rng = np.random.default_rng(0)
        drawn = [noise(40, 40, rng) for _ in range(200)]
        assert np.mean([mass(one, mask) for one in drawn]) == pytest.approx(300 / 1600, abs=0.03)
        assert np.mean([pointing(one, mask) for one in drawn]) == pytest.approx(300 / 1600, abs=0.07)
        assert np.mean([precision(one, mask) for one in drawn]) == pytest.approx(300 / 1600, abs=0.06)

    def test_the_interval_of_one_map_holds_chance_for_most_random_maps(self):
        task = toys.picture_task(data=[toys.red_square(56)])
        mask = np.zeros((56, 56), dtype=bool)
        mask[7:21, 7:21] = True
        maps = [explainers.explain("random", task, task.instances()[0], seed=s) for s in range(20)]
        for name in ("mass on the object", "pointing game", "pixel average precision"):
            found = [explainers.evaluate(e, task, [name], mask=mask)[0] for e in maps]
            assert sum(s.low <= s.beside["random map"] <= s.high for s in found) >= 16
            assert all(0 <= s.low <= s.value <= s.high <= 1 for s in found)


@pytest.fixture(scope="module")
def planted():
    """A map over the planted table's columns, in log odds; the task; the true effects."""
    task = planted_task()
    e = explainers.explain("random", task, task.instances()[0])
    return dataclasses.replace(e, payload=dataclasses.replace(e.payload, unit="log odds")), task, task.known_effects(e.instance, e.target)


class TestKnownEffects:
    def scored(self, planted, change):
        e, task, truth = planted
        values = np.array([change(truth[name]) for name in e.payload.features])
        e = dataclasses.replace(e, payload=dataclasses.replace(e.payload, values=values, low=None, high=None))
        return {s.name: s for s in explainers.evaluate(e, task, ["agreement with known effects", "distance from known effects"])}

    def test_the_truth_itself(self, planted):
        found = self.scored(planted, lambda effect: effect)
        assert found["agreement with known effects"].value == pytest.approx(1)
        assert found["distance from known effects"].value == pytest.approx(0)

    def test_twice_the_truth_has_its_order_and_not_its_size(self, planted):
        found = self.scored(planted, lambda effect: 2 * effect)
        assert found["agreement with known effects"].value == pytest.approx(1)
        assert found["distance from known effects"].value == pytest.approx(1)

    def test_the_reverse(self, planted):
        assert self.scored(planted, lambda effect: -effect)["agreement with known effects"].value == pytest.approx(-1)

    def test_zeros_are_no_better_than_zeros(self, planted):
        found = self.scored(planted, lambda effect: 0.0)
        assert found["agreement with known effects"].value == 0
        assert found["distance from known effects"].value == found["distance from known effects"].beside["a map of zeros"] == 1

    def test_a_map_in_other_units_is_compared_by_order_alone(self, planted):
        _, task, _ = planted
        e = explainers.explain("lime", task, task.instances()[0], num_samples=200)
        reasons = dict(fitting_scores(e, task))
        assert reasons["agreement with known effects"] is None
        assert "in log odds, and this map is not" in reasons["distance from known effects"]

    def test_of_other_tables_nothing_is_known(self):
        task = toys.table_task()
        e = explainers.explain("random", task, toys.PERSON)
        assert "planted" in dict(fitting_scores(e, task))["agreement with known effects"]
