"""Noise and random weights: a real map moves under both, one that ignores the model under neither."""

import dataclasses

import numpy as np
import pytest

import explainers
from explainers.models.randomised import layers, randomised
from explainers.quality import flagged
from tests.fixtures import toys


def score(e, task, name):
    return explainers.evaluate(e, task, [name])[0]


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

    def test_shuffled_leaves_change_a_map_of_trees_and_not_one_of_noise(self):
        task = explainers.load_task("income", model="trees")
        row = task.instances()[0]
        assert layers(task.model) > 1
        trees, noise = (score(explainers.explain(m, task, row), task, "change under random weights") for m in ("shap_tree", "random"))
        assert not flagged(trees)
        assert flagged(noise)

    def test_of_shuffled_trees_the_shares_go_from_the_last_tree(self):
        task = explainers.load_task("income", model="trees")
        rows = task.batch([task.instances()[i] for i in range(40)])
        whole = task.model.embed(rows)
        third = randomised(task.model, 1 / 3, 0).embed(rows)
        kept = np.isclose(whole, third).all(axis=0)
        assert kept[: len(kept) // 2].all()
        assert not kept[-len(kept) // 4 :].all()
        assert np.allclose(task.model.embed(rows), whole)

    def test_gradients_go_through_the_same_random_network_that_answers(self):
        task = explainers.load_task("reviews", model="bilstm")
        other = randomised(task.model, 1.0, 3)
        text = task.instances()[0]
        asked = other.differentiable(text)
        through = asked.forward(asked.x).detach().double().softmax(-1).numpy()
        np.testing.assert_allclose(through, other.predict_proba([text]), atol=1e-6)
        np.testing.assert_allclose(other.predict_proba([text]), randomised(task.model, 1.0, 3).predict_proba([text]))
        assert not np.allclose(other.predict_proba([text]), randomised(task.model, 1.0, 4).predict_proba([text]))

    def test_too_few_parts_say_nothing(self):
        task = explainers.load_task("reviews", model="bilstm")
        e = explainers.explain("saliency", task, "A dull film.")
        with pytest.raises(ValueError, match="Only 3 words"):
            score(e, task, "change under random weights")


class TestRuns:
    """A run of several scores: progress, cancel, and the same again."""

    def case(self):
        task = toys.text_task()
        return explainers.explain("occlusion", task, toys.SENTENCE), task

    def test_progress_goes_up_to_the_end(self):
        e, task = self.case()
        seen = []
        explainers.evaluate(e, task, on_progress=lambda share, left: seen.append(share))
        assert seen == sorted(seen)
        assert seen[-1] == pytest.approx(1)
        assert len(set(seen)) > 5

    def test_a_cancel_has_a_sentence(self):
        import threading

        stop = threading.Event()
        recorder = toys.Recorder(toys.words_model(toys.WORD_WEIGHTS))
        task = toys.text_task(recorder)
        e = explainers.explain("occlusion", task, toys.SENTENCE)
        recorder.before = stop.set
        with pytest.raises(ValueError, match="stopped before they were done"):
            explainers.evaluate(e, task, ["deletion", "infidelity"], cancel=stop)

    def test_the_same_seed_gives_the_same_and_another_another(self):
        e, task = self.case()
        names = ["deletion", "infidelity"]
        one, again, other = (explainers.evaluate(e, task, names, seed=seed) for seed in (1, 1, 2))
        assert one == again
        assert one != other

    def test_where_none_of_all_can_be_taken_it_says_why(self):
        e, task = self.case()
        empty = dataclasses.replace(e.payload, features=[], names=[], values=np.zeros(0), low=None, high=None, positions=[], spans=[])
        with pytest.raises(ValueError, match=r"no part a number|names no parts"):
            explainers.evaluate(dataclasses.replace(e, payload=empty), task)

    def test_a_limit_of_calls_holds_for_the_maps_that_are_made_again(self):
        task = toys.text_task()
        e = explainers.explain("lime", task, "one two three four five six seven eight nine ten great", max_calls=40)
        from explainers.quality import evaluation_forecast

        assert e.status == "partial"
        assert evaluation_forecast(e, task, ["agreement over seeds"]).calls <= 4 * 40
        (found,) = explainers.evaluate(e, task, ["agreement over seeds"])
        assert 0 <= found.value <= 1

        recorder = toys.Recorder(toys.people_model)
        table = toys.table_task(recorder)
        e = explainers.explain("lime", table, toys.PERSON, max_calls=40)
        before = recorder.rows
        explainers.evaluate(e, table, ["sensitivity to noise"])
        assert recorder.rows - before <= 4 * 40

    def test_a_map_without_chance_is_made_only_once_more(self, monkeypatch):
        e, task = self.case()
        made = []
        real = explainers.explain
        monkeypatch.setattr("explainers.scores.seeds.explain", lambda *a, **k: (made.append(1), real(*a, **k))[1])
        (found,) = explainers.evaluate(e, task, ["agreement over seeds"])
        assert (found.value, len(made)) == (1.0, 1)
        assert "Nothing in this map is drawn at random" in found.meaning


@pytest.mark.parametrize("task", ["income", "reviews"])
def test_noise_moves_a_map_a_little_and_a_random_one_not_at_all(task):
    task = explainers.load_task(task, model={"income": "mlp", "reviews": "bilstm"}[task])
    instance = task.instances()[3]
    steady = score(explainers.explain("random", task, instance), task, "sensitivity to noise")
    real = score(explainers.explain("input_x_gradient", task, instance), task, "sensitivity to noise")
    assert steady.value == 0 < real.value


def test_a_map_of_nothing_has_a_sentence():
    task = toys.text_task()
    e = explainers.explain("occlusion", task, toys.SENTENCE)
    e = dataclasses.replace(e, payload=dataclasses.replace(e.payload, values=np.zeros(len(e.payload.values)), low=None, high=None))
    with pytest.raises(ValueError, match="Every number of this map is zero"):
        explainers.evaluate(e, task, ["sensitivity to noise"])
