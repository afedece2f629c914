"""The method `prototypes` on a network of four prototypes that can be checked by eye, and on the bundled tasks."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from explainers import Explanation, explain, forecast, load_task, methods
from explainers.engine import CACHE
from explainers.intervals import wilson
from explainers.prototypes import NO_NETWORK, network_name, network_task, shared
from explainers.tasks import Split
from tests.fixtures.prototype_toys import SOURCES, TRAIN, TRAIN_LABELS, similarity
from tests.fixtures.prototype_toys import network_task as toy
from tests.fixtures.toys import sentence, table_task, text_task

TEXT = "a great film with a dull end"


class TestWhichNetwork:
    def test_a_network_explains_itself(self):
        task = toy("words-prototypes")
        assert network_task(task) is task

    def test_another_model_is_explained_by_the_network_beside_it(self):
        task = toy("words")
        assert network_task(task).model_name == "words-prototypes"
        assert network_task(task) is network_task(task.with_model("words")), "read once a process"

    def test_without_a_network_the_reason_says_what_to_do(self):
        for task in (text_task(), table_task()):
            (offered,) = [m for m in methods(task) if m.name == "prototypes"]
            assert (offered.fits, offered.reason) == (False, NO_NETWORK)
            with pytest.raises(ValueError, match="nearest examples") as caught:
                explain("prototypes", task, task.instances("test")[0])
            sentence(caught.value)

    def test_bundled(self):
        for name, model, network in [
            ("reviews", "minilm", "minilm-prototypes"),
            ("reviews", "bilstm", "bilstm-prototypes"),
            ("income", "mlp", "mlp-prototypes"),
            ("income", "trees-prototypes", "trees-prototypes"),
            ("animals", "biased", "biased-prototypes"),
            ("animals", "imagenet", None),  # other classes
        ]:
            assert network_name(load_task(name, model)) == network


class TestNetworkItself:
    def test_nearest_of_each_class_first_most_similar_first(self):
        e = explain("prototypes", toy("words-prototypes"), TEXT, shown=4)
        found = e.payload.prototypes
        expected = {int(i): similarity(TEXT, TRAIN[i]) for i in SOURCES}
        for p in found:
            assert p.similarity == pytest.approx(expected[p.source_index], rel=1e-9)
            assert (p.instance, p.label) == (TRAIN[p.source_index], TRAIN_LABELS[p.source_index])
            assert int(SOURCES[p.number]) == p.source_index
        assert {p.class_index for p in found[:2]} == {0, 1}
        assert found[0].similarity == max(expected.values())
        assert found[0].class_index == e.predicted
        for c in (0, 1):
            mine = [p.similarity for p in found if p.class_index == c]
            assert mine[0] == max(mine)
            assert e.payload.evidence[c] == pytest.approx(mine[0])
        assert found[2].similarity >= found[3].similarity

    def test_is_reasoning_and_needs_no_agreement(self):
        e = explain("prototypes", toy("words-prototypes"), TEXT)
        assert (e.status, e.kind, e.payload.reasoning, e.payload.network) == ("complete", "prototypes", True, "words-prototypes")
        assert e.payload.agreement is None
        assert e.caveats == []
        for p in e.payload.prototypes:
            assert p.prediction.argmax() == p.class_index

    def test_few_shown_still_means_one_of_each_class(self):
        found = explain("prototypes", toy("words-prototypes"), TEXT, shown=1).payload.prototypes
        assert sorted(p.class_index for p in found) == [0, 1]

    def test_importance_has_the_sign_of_the_planted_words(self):
        e = explain("prototypes", toy("words-prototypes"), "great fun with a great cast", target=1)
        found = dict(zip(e.payload.importance.names, e.payload.importance.values, strict=True))
        assert set(found) == {"great (1st)", "great (2nd)"}, "words that the network does not count are not listed"
        without = max(similarity("great fun", TRAIN[0]), similarity("great fun", TRAIN[2]))
        whole = max(similarity("great great fun", TRAIN[0]), similarity("great great fun", TRAIN[2]))
        assert found["great (1st)"] == pytest.approx(whole - without)

        spoilt = explain("prototypes", toy("words-prototypes"), "a great film but dull", target=1).payload.importance
        values = dict(zip(spoilt.features, spoilt.values, strict=True))
        assert values["great"] > 0 > values["dull"]
        assert "good" in spoilt.unit
        assert (spoilt.low, spoilt.high) == (None, None), "nothing is sampled"
        assert spoilt.spans[spoilt.features.index("dull")] == [[17, 21]]

    def test_a_call_for_each_word_and_the_text(self):
        e = explain("prototypes", toy("words-prototypes"), TEXT)
        assert e.cost.calls_asked == 1 + 7
        assert forecast("prototypes", toy("words-prototypes"), TEXT).calls == 8


class TestBeside:
    def test_agreement_is_the_share_of_equal_answers_on_test(self):
        e = explain("prototypes", toy("words"), TEXT)
        task = toy("words")
        ours, theirs = task.predictions(), task.with_model("words-prototypes").predictions()
        same = int((ours.argmax(1) == theirs.argmax(1)).sum())
        np.testing.assert_allclose(e.payload.agreement, [same / 4, *wilson(same, 4)])
        (score,) = [s for s in e.quality if s.name == "agreement with the model"]
        assert (score.value, score.low, score.high) == tuple(e.payload.agreement)

    def test_without_stored_answers_agreement_is_unknown(self):
        assert explain("prototypes", toy("words", stored=False), TEXT).payload.agreement is None

    def test_says_whose_reasoning_it_is(self):
        e = explain("prototypes", toy("words"), "great great fun")
        assert e.payload.reasoning
        assert e.payload.network == "words-prototypes"
        assert "reasoning of another model, Words-Prototypes" in e.caveats[0]
        assert not any("disagree" in c for c in e.caveats)

    def test_disagreement_here_is_a_caveat(self):
        e = explain("prototypes", toy("words", flipped=True), "great great fun")
        assert "Here the two disagree: Words-Prototypes says good, the model says bad." in e.caveats

    def test_the_explained_model_is_asked_about_each_prototype(self):
        task = toy("words")
        e = explain("prototypes", task, TEXT, shown=3)
        for p in e.payload.prototypes:
            np.testing.assert_allclose(p.prediction, task.model.predict_proba([p.instance])[0])
        assert e.cost.calls_asked == 1 + (1 + 7) + 3


@pytest.mark.parametrize("model", ["words", "words-prototypes"])
class TestAnyTime:
    @pytest.mark.parametrize("most", [2, 3, 5, 9, 10])
    def test_max_calls(self, model, most):
        e = explain("prototypes", toy(model), TEXT, max_calls=most)
        needed = 8 if model == "words-prototypes" else 13
        assert e.cost.calls_asked == min(most, needed)
        assert e.status == ("partial" if most < needed else "complete")
        assert e.reason == ("max_calls" if most < needed else "")
        assert len(e.payload.prototypes) == 4
        assert e.payload.importance.samples <= most

    def test_cancelled_before_it_began(self, model):
        cancel = threading.Event()
        cancel.set()
        e = explain("prototypes", toy(model), TEXT, cancel=cancel)
        assert (e.status, e.reason) == ("partial", "cancelled")
        assert len(e.payload.prototypes) == 4
        assert e.payload.importance.features == []

    def test_max_seconds(self, model):
        e = explain("prototypes", toy(model), TEXT, max_seconds=1e-9)
        assert (e.status, e.reason) == ("partial", "max_seconds")

    def test_cold_and_warm_alike(self, model):
        task = toy(model)
        warm = [explain("prototypes", task, TEXT).digest for _ in range(2)]
        CACHE.clear()
        assert {explain("prototypes", task, TEXT, seed=0).digest, *warm} == {warm[0]}

    def test_file(self, model):
        e = explain("prototypes", toy(model), TEXT)
        assert Explanation.from_json(e.to_json()) == e

    def test_progress_ends_at_one(self, model):
        seen = []
        explain("prototypes", toy(model), TEXT, on_progress=lambda fraction, left: seen.append(fraction))
        assert seen == sorted(seen)
        assert seen[-1] == 1.0

    def test_shows_the_prototypes_before_the_parts(self, model):
        seen = []
        done = explain("prototypes", toy(model), TEXT, on_update=seen.append)
        assert seen[0].status == "partial"
        assert seen[0].payload.importance is None
        assert [p.number for p in seen[0].payload.prototypes] == [p.number for p in done.payload.prototypes]


def test_bad_input_is_one_sentence():
    for bad in ({"shown": 0}, {"shown": "x"}, {"target": 2}, {"segments": 4}):
        with pytest.raises(ValueError, match=" ") as caught:
            explain("prototypes", toy(), TEXT, **bad)
        sentence(caught.value)


def test_other_training_data_is_refused():
    short = toy("words-prototypes")
    short.splits = {**short.splits, "train": lambda: Split(TRAIN[:2], TRAIN_LABELS[:2])}
    with pytest.raises(ValueError, match="other training data") as caught:
        explain("prototypes", short, TEXT)
    sentence(caught.value)


def test_shared_parts():
    assert shared({"age": 3, "job": "nurse"}, {"age": 4, "job": "nurse"}) == ["job"]
    assert shared("A great, great film", "a Film of note") == ["A", "film"]
    assert shared(object(), object()) == []


@pytest.mark.parametrize("model", ["trees", "mlp-prototypes"])
def test_income(model):
    task = load_task("income", model)
    row = task.instances("test")[3]
    e = explain("prototypes", task, row)
    assert e.status == "complete"
    assert {p.class_index for p in e.payload.prototypes[:2]} == {0, 1}
    assert e.payload.prototypes[0].class_index == int(e.payload.evidence.argmax())
    for p in e.payload.prototypes:
        assert p.instance == task.instances("train")[p.source_index]
        assert p.label == p.class_index == task.labels("train")[p.source_index]
        assert p.shared == [c for c in row if row[c] == p.instance[c]]
    assert set(e.payload.importance.features) <= set(row)
    assert 1 <= len(e.payload.importance.features) <= 6
    assert Explanation.from_json(e.to_json()) == e
    again = explain("prototypes", task, row, seed=7)
    np.testing.assert_allclose(again.payload.importance.values, e.payload.importance.values, atol=1e-5)


def test_animals():
    task = load_task("animals")
    e = explain("prototypes", task, task.instances("test")[0], segments=12, shown=2)
    importance = e.payload.importance
    assert e.status == "complete"
    assert importance.map.shape == importance.segments.shape == task.instances("test")[0].size[::-1]
    for feature, value in zip(importance.features, importance.values, strict=True):
        assert importance.map[importance.segments == int(feature.split()[1])] == pytest.approx(value)
    assert Explanation.from_json(e.to_json()) == e
