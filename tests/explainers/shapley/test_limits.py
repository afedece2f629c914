"""Shapley values at a limit: what was asked is kept, and is what a smaller budget would have given; numpy's generator is nobody's loss."""

import threading

import numpy as np
import pytest

import explainers
from explainers.engine import CACHE
from explainers.planted import planted_task
from explainers.shapley.seeded import lent, seeded
from tests.fixtures import toys

METHODS = ["shap_partition", "shap_kernel", "shap_permutation"]
LONG = " ".join(f"word{i}" for i in range(300)) + " great"


def cancelled_after(task, name, batches, **more):
    """An explanation cancelled when the model was asked for the batch of this number."""
    CACHE.clear()
    cancel, asked = threading.Event(), []
    whole = task.model.predict_proba

    def counting(batch):
        asked.append(len(batch))
        if len(asked) == batches:
            cancel.set()
        return whole(batch)

    task.model.predict_proba = counting
    try:
        return explainers.explain(name, task, task.instances()[0], target=1, cancel=cancel, **more)
    finally:
        task.model.predict_proba = whole


class TestCancel:
    def test_partition_gives_what_a_smaller_budget_gives(self):
        task = planted_task()
        part = cancelled_after(task, "shap_partition", 6, background=5, evaluations=60, seed=2)
        assert (part.status, part.reason) == ("partial", "cancelled")
        smaller = explainers.explain(
            "shap_partition", task, task.instances()[0], target=1, background=5, evaluations=part.payload.samples, seed=2
        )
        assert smaller.payload.values == pytest.approx(part.payload.values)
        assert part.payload.values.sum() == pytest.approx(part.payload.effect)
        assert 4 <= part.payload.samples < 60

    def test_kernel_keeps_the_coalitions_answered(self):
        """Of a sum, any coalitions that tell the words apart give the terms."""
        weights = {"great": 0.3, "dull": -0.2}
        text = " ".join(f"w{i}" for i in range(40)) + " great dull"
        task = toys.text_task(toys.words_model(weights), data=[text])
        part = cancelled_after(task, "shap_kernel", 4, evaluations=400)
        assert (part.status, part.reason) == ("partial", "cancelled")
        found = dict(zip(part.payload.features, part.payload.values, strict=True))
        assert {name: found[name] for name in weights} == pytest.approx(weights)
        assert found["w7"] == pytest.approx(0, abs=1e-9)
        assert part.payload.samples < 400

    @pytest.mark.parametrize("name", METHODS)
    def test_at_once_there_is_nothing_and_a_sentence(self, name):
        task = planted_task()
        cancel = threading.Event()
        cancel.set()
        e = explainers.explain(name, task, task.instances()[0], cancel=cancel)
        assert (e.status, e.reason, len(e.payload.values)) == ("partial", "cancelled", 0)
        assert "before there was a result" in e.caveats[-1]


class TestLongTexts:
    @pytest.mark.parametrize("name", ["shap_kernel", "shap_permutation"])
    def test_neighbours_count_as_one_where_coalitions_are_few(self, name):
        task = toys.text_task(toys.words_model({"great": 0.3}), data=[LONG])
        e = explainers.explain(name, task, LONG, target=1)
        best = e.payload.features[0]
        assert best.endswith("great")
        assert e.payload.values[0] == pytest.approx(0.3, abs=1e-6)
        assert LONG[e.payload.spans[0][-1][0] : e.payload.spans[0][-1][1]] == "great"
        assert any("neighbouring words count as one" in said for said in e.caveats)
        assert sorted(at for part in e.payload.positions for at in part) == list(range(301))


class TestForecast:
    @pytest.mark.parametrize("task", [toys.text_task(), toys.table_task(), toys.picture_task()], ids=["text", "table", "picture"])
    def test_it_is_not_less_than_what_is_asked(self, task):
        for name in METHODS:
            most = explainers.forecast(name, task, task.instances()[0], evaluations=90).calls
            assert explainers.explain(name, task, task.instances()[0], evaluations=90).cost.calls_asked <= most + 20


class TestGenerator:
    def test_a_seed_begins_it_and_the_end_gives_it_back(self):
        np.random.seed(1)
        expected = np.random.RandomState(1).random(2)
        with seeded(5):
            first = np.random.random()
            with lent():
                assert np.random.random() == expected[0]
            second = np.random.random()
        assert [first, second] == np.random.RandomState(5).random(2).tolist()
        assert np.random.random() == expected[1]

    def test_others_run_while_a_model_is_asked(self):
        """A model that answers only after another job has had the generator."""
        done = threading.Event()

        def other():
            with seeded(0):
                done.set()

        def predict(texts):
            threading.Thread(target=other).start()
            assert done.wait(20), "the generator was held while the model was asked"
            return toys.words_model({"great": 0.3})(texts)

        e = explainers.explain("shap_kernel", toys.text_task(predict), toys.SENTENCE, target=1)
        assert e.payload.values[0] == pytest.approx(0.3)
