"""The method `nearest_examples` on planted clusters."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest

from explainers import Explanation, explain, forecast, load_task, make_task
from explainers.nearest_examples import NOT_REASONING
from tests.fixtures.prototype_toys import TRAIN, network_task
from tests.fixtures.toys import sentence, table_task, text_task, two_classes

CLUSTERS = pd.DataFrame({"x": [0.0, 0.1, 0.2, 5.0, 5.1, 5.2, 5.3], "y": [0.0, 0.1, 0.0, 5.0, 5.1, 5.0, 5.1]})


def clusters():
    return table_task(lambda f: two_classes((f["x"] > 2.5).astype(float)), CLUSTERS)


def test_neighbours_are_those_of_the_cluster_nearest_first():
    e = explain("nearest_examples", clusters(), {"x": 5.05, "y": 5.05}, k=4)
    found = [p.source_index for p in e.payload.prototypes]
    assert set(found) == {3, 4, 5, 6}
    assert found[0] in (3, 4)
    similarity = [p.similarity for p in e.payload.prototypes]
    assert similarity == sorted(similarity, reverse=True)
    assert all(0 <= s <= 1 for s in similarity)
    (score,) = e.quality
    assert (score.name, score.value) == ("same answer nearby", 1.0)
    assert score.low < 1


def test_half_of_the_data_is_more_similar_than_a_half():
    e = explain("nearest_examples", clusters(), {"x": 5.05, "y": 5.05}, k=7)
    similarity = np.array([p.similarity for p in e.payload.prototypes])
    assert np.median(similarity) == pytest.approx(0.5)


def test_in_the_models_own_space_where_it_has_one():
    """By its counts "great story" is "great fun", though it shares no further word with it; in words in common it would not be."""
    e = explain("nearest_examples", network_task(), "great story", k=1)
    (found,) = e.payload.prototypes
    assert found.instance == "great fun"
    assert found.similarity == pytest.approx(1)
    assert found.shared == ["great"]
    assert e.payload.space == "counts of three words"
    assert e.caveats == [NOT_REASONING]


def test_says_that_it_is_not_reasoning():
    e = explain("nearest_examples", clusters(), {"x": 0.0, "y": 0.1})
    assert e.payload.reasoning is False
    assert (e.payload.network, e.payload.importance) == ("", None)
    assert e.caveats[0] == NOT_REASONING
    assert "measured in the values themselves" in e.caveats[1]


def test_the_very_instance_is_left_out():
    for row in (0, 5):
        instance = clusters().instances("train")[row]
        assert row not in [p.source_index for p in explain("nearest_examples", clusters(), instance, k=6).payload.prototypes]
    assert TRAIN[2] not in [p.instance for p in explain("nearest_examples", network_task(), TRAIN[2]).payload.prototypes]


def test_labels_and_answers_of_the_neighbours():
    task = network_task()
    for p in explain("nearest_examples", task, "great story", k=5).payload.prototypes:
        assert p.label == task.labels("train")[p.source_index]
        np.testing.assert_allclose(p.prediction, task.model.predict_proba([p.instance])[0])
        assert p.class_index == p.prediction.argmax()
        assert p.number is None


def test_fewer_instances_than_asked_for():
    e = explain("nearest_examples", clusters(), CLUSTERS.iloc[0].to_dict(), k=20)
    assert len(e.payload.prototypes) == 6
    assert "Only 6 training instances" in e.caveats[-1]


def test_one_and_the_same_training_instance():
    task = text_task(data=["only this"])
    assert explain("nearest_examples", task, "only this").payload.prototypes == []
    (other,) = explain("nearest_examples", task, "nothing like it").payload.prototypes
    assert 0 <= other.similarity <= 1


def test_calls_limits_and_cancel():
    task, row = clusters(), {"x": 5.05, "y": 5.05}
    assert explain("nearest_examples", task, row, k=3).cost.calls_asked == forecast("nearest_examples", task, row, k=3).calls == 4
    e = explain("nearest_examples", task, row, k=4, max_calls=3)
    assert (e.status, e.reason, e.cost.calls_asked) == ("partial", "max_calls", 3)
    assert len(e.payload.prototypes) == 2, "of the other two neither a label nor an answer is known"
    cancel = threading.Event()
    cancel.set()
    e = explain("nearest_examples", task, row, cancel=cancel)
    assert (e.status, e.reason) == ("partial", "cancelled")
    assert e.payload.prototypes == []


def test_a_neighbour_that_was_not_asked_about_has_the_class_of_its_label():
    e = explain("nearest_examples", network_task(), "great story", k=4, max_calls=3)
    assert (e.status, e.reason) == ("partial", "max_calls")
    assert [p.prediction is None for p in e.payload.prototypes] == [False, False, True, True]
    assert all(p.class_index == p.label for p in e.payload.prototypes[2:])


def slow_task(seconds):
    """A table whose model embeds one row at a time, each in `seconds`."""
    task = clusters()
    model = task.model

    def embed(frame):
        time.sleep(seconds * len(frame))
        return frame[["x", "y"]].to_numpy()

    model.embed, model.max_batch_cost = embed, 1
    return task


def test_the_time_limit_counts_while_training_instances_are_embedded():
    task, row = slow_task(0.2), {"x": 5.05, "y": 5.05}
    e = explain("nearest_examples", task, row, max_seconds=0.5)
    assert (e.status, e.reason) == ("partial", "max_seconds")
    assert e.cost.seconds < 1.2, "all seven take 1.4"
    e = explain("decision_boundary", task, row, max_seconds=0.7)
    assert e.payload.plausibility is None
    task.model.embed = lambda frame: frame[["x", "y"]].to_numpy()
    e = explain("nearest_examples", task, row, k=7)
    assert (e.status, len(e.payload.prototypes)) == ("complete", 7), "what a limit cut short was not kept"
    assert explain("decision_boundary", task, row).payload.plausibility is not None


def test_pictures_and_series_too():
    series = make_task(
        "s",
        modality="series",
        predict_proba=lambda a: two_classes(a[:, 0, 0] > 0),
        data=np.arange(12.0).reshape(4, 3, 1),
        class_names=["a", "b"],
    )
    e = explain("nearest_examples", series, series.instances("test")[1], k=2)
    assert {p.source_index for p in e.payload.prototypes} == {0, 2}
    animals = load_task("animals")
    e = explain("nearest_examples", animals, animals.instances("train")[7], k=2)
    assert 7 not in [p.source_index for p in e.payload.prototypes]
    assert Explanation.from_json(e.to_json()) == e


def test_same_every_time_and_in_a_file():
    a, b = (explain("nearest_examples", network_task(), "great story", seed=0) for _ in range(2))
    assert a.digest == b.digest
    assert Explanation.from_json(a.to_json()) == a


def test_bad_input_is_one_sentence():
    for bad in ({"k": 0}, {"k": 1.5}, {"n": 3}):
        with pytest.raises(ValueError, match=" ") as caught:
            explain("nearest_examples", network_task(), "great", **bad)
        sentence(caught.value)


@pytest.mark.parametrize(("name", "model"), [("income", "mlp"), ("reviews", "bilstm"), ("animals", "imagenet")])
def test_stored_training_embeddings_are_the_models(name, model):
    task = load_task(name, model)
    stored = task.train_embeddings()
    few = task.batch([task.instances("train")[i] for i in range(6)])
    np.testing.assert_allclose(task.model.embed(few), stored[:6], atol=2e-3 * max(1.0, float(np.abs(stored[:6]).max())))
