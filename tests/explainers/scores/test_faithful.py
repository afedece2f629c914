"""Deletion, insertion and their kin: the true order beats a random one, which beats the reverse; scale does not matter."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import explainers
from explainers.quality import evaluation_forecast, fitting_scores, flagged
from explainers.scores.faithful import area
from explainers.scores.infidelity import unforetold
from tests.fixtures import toys

TEXT = "great film with a dull start but a moving and clever end"
WEIGHTS = {"great": 0.2, "moving": 0.1, "clever": 0.08, "dull": -0.15}


def text_task():
    return toys.text_task(toys.words_model(WEIGHTS, base=0.5), data=[TEXT, "it was there one day on the way to some other place"])


def ranked(values: dict[str, float], task=None):
    """A map with these numbers for words, nothing for the others."""
    task = task or text_task()
    e = explainers.explain("occlusion", task, TEXT, target=1)
    by = [values.get(name.split(" (")[0], 0.0) for name in e.payload.names]
    return dataclasses.replace(e, payload=dataclasses.replace(e.payload, values=np.array(by), low=None, high=None)), task


def score(e, task, name):
    return explainers.evaluate(e, task, [name])[0]


@pytest.mark.parametrize(("name", "up"), [("deletion", False), ("insertion", True), ("comprehensiveness", True), ("sufficiency", False)])
def test_the_true_order_beats_its_reverse_and_says_whether_it_beats_chance(name, up):
    good, bad = (score(*ranked({w: sign * v for w, v in WEIGHTS.items()}), name) for sign in (1, -1))
    assert good.higher_is_better is up
    assert (good.value > bad.value) is up
    rival = good.beside["random order"]
    assert (good.value > rival) is up
    assert good.beside == bad.beside, "both are held against the same rivals"
    assert good.least <= good.low <= good.value <= good.high <= good.most


@given(st.floats(0.001, 1000))
@settings(max_examples=10, deadline=None)
def test_scale_does_not_matter(scale):
    one, other = (explainers.evaluate(*ranked({w: s * v for w, v in WEIGHTS.items()}), ["deletion", "insertion"]) for s in (1, scale))
    assert [s.value for s in one] == pytest.approx([s.value for s in other])


def test_curves_begin_and_end_where_everything_is_there_or_gone():
    deletion, insertion = explainers.evaluate(*ranked(WEIGHTS), ["deletion", "insertion"])
    assert deletion.curves["this map"][0] == pytest.approx(insertion.curves["this map"][-1])
    assert deletion.curves["this map"][-1] == pytest.approx(insertion.curves["this map"][0])
    assert deletion.value == pytest.approx(area(np.array(deletion.curves["this map"])))


def test_area_by_hand():
    assert area(np.array([1.0, 0.0, 0.0])) == pytest.approx(0.25)


class TestInfidelity:
    def test_an_exact_map_foretells_joint_changes(self):
        """The model adds its words up, so their weights foretell every joint change."""
        e, task = ranked(WEIGHTS)
        assert score(e, task, "infidelity").value < 0.05
        wrong, _ = ranked({"film": 1.0, "start": 1.0}, task)
        assert score(wrong, task, "infidelity").value > 0.5

    def test_by_hand(self):
        assert unforetold(np.array([0.0, 1.0, 2.0]), np.array([5.0, 7.0, 9.0])) == pytest.approx(0)
        assert unforetold(np.array([0.0, 1.0, 0.0, 1.0]), np.array([1.0, 1.0, 2.0, 2.0])) == pytest.approx(1)
        assert unforetold(np.zeros(3), np.arange(3.0)) == 1


class TestPictures:
    @pytest.fixture
    def case(self):
        task = toys.picture_task(data=[toys.red_square(56)], train=[toys.red_square(56).rotate(180), toys.red_square(56)])
        return explainers.explain("occlusion", task, task.instances()[0], target=1), task

    def test_a_map_on_the_square_beats_random_order_and_edges(self, case):
        deletion, insertion = explainers.evaluate(*case, ["deletion", "insertion"])
        assert deletion.value < deletion.beside["random order"]
        assert insertion.value > insertion.beside["random order"]
        assert set(deletion.curves) == {"this map", "random order", "edges"}

    def test_what_fits_is_said(self, case):
        reasons = dict(fitting_scores(*case))
        assert reasons["deletion"] is None
        assert reasons["comprehensiveness"] == "It is defined for texts."
        assert "layers" in reasons["change under random weights"]

    def test_the_forecast_holds(self, case):
        e, task = case
        calls = evaluation_forecast(e, task, ["deletion", "insertion"]).calls
        from explainers.scores.faithful import SPECS
        from explainers.scores.spec import Case

        asked = Case.of(e, task)
        for spec in SPECS[:2]:
            spec.run(asked)
        assert asked.ask.calls_asked <= calls + 2
        assert calls <= 150


class TestSanity:
    def test_a_map_of_noise_is_flagged_and_gradients_are_not(self):
        task = explainers.load_task("income", model="mlp")
        row = task.instances()[0]
        random = score(explainers.explain("random", task, row), task, "change under random weights")
        gradients = score(explainers.explain("input_x_gradient", task, row), task, "change under random weights")
        assert flagged(random)
        assert random.value == 0
        assert not flagged(gradients)
        assert len(gradients.curves["this map"]) == 4

    def test_the_model_itself_keeps_its_weights(self):
        from explainers.models.randomised import randomised

        task = explainers.load_task("income", model="mlp")
        before = explainers.predict(task, [task.instances()[0]])
        other = randomised(task.model, 1.0, 0)
        assert other.fingerprint != task.model.fingerprint
        assert not np.allclose(other.predict_proba([task.instances()[0]]), before)
        np.testing.assert_allclose(task.model.predict_proba([task.instances()[0]]), before)


@pytest.mark.parametrize("task", ["income", "reviews"])
def test_noise_moves_a_map_a_little_and_a_random_one_not_at_all(task):
    task = explainers.load_task(task, model={"income": "mlp", "reviews": "bilstm"}[task])
    instance = task.instances()[3]
    steady = score(explainers.explain("random", task, instance), task, "sensitivity to noise")
    real = score(explainers.explain("input_x_gradient", task, instance), task, "sensitivity to noise")
    assert steady.value == 0 < real.value


def test_a_map_of_nothing_has_a_sentence():
    e, task = ranked({})
    with pytest.raises(ValueError, match="Every number of this map is zero"):
        explainers.evaluate(e, task, ["sensitivity to noise"])
