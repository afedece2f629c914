"""The lime package through our engine: its own numbers, our counting, limits and sentences."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest
from lime.lime_text import LimeTextExplainer

from explainers import explain, methods
from explainers.explanation import Explanation
from explainers.surrogate import SELECTIONS
from tests.fixtures.toys import PERSON, SENTENCE, WORD_WEIGHTS, Recorder, people, people_model, sentence, table_task, text_task, words_model

NAME = "lime_reference"


def weights(e: Explanation) -> dict[str, float]:
    return dict(zip(e.payload.features, e.payload.values.tolist(), strict=True))


@pytest.mark.parametrize("target", [0, 1])
@pytest.mark.parametrize("parts", ["words", "positions"])
def test_text_is_the_packages_own_result(target, parts):
    predict = words_model(WORD_WEIGHTS)
    e = explain(NAME, text_task(predict), SENTENCE, target=target, seed=5, num_samples=300, num_features=4, parts=parts)
    explainer = LimeTextExplainer(random_state=5, bow=parts == "words")
    result = explainer.explain_instance(SENTENCE, predict, labels=(target,), num_samples=300, num_features=4)
    theirs = result.as_list(label=target)
    assert e.payload.features == [word for word, _ in theirs]
    np.testing.assert_allclose(e.payload.values, [v for _, v in theirs], atol=1e-12)
    assert e.payload.intercept == pytest.approx(result.intercept[target])
    assert e.quality[0].value == pytest.approx(result.score)
    for feature, spans in zip(e.payload.features, e.payload.spans, strict=True):
        assert all(SENTENCE[start:end] == feature for start, end in spans)


def test_table_by_eye():
    e = explain(NAME, table_task(), PERSON, target=1, num_features=20)
    found = weights(e)
    assert found["job"] == pytest.approx(0.2, rel=0.03)
    assert found["member"] == pytest.approx(0.1, rel=0.03)
    assert "job = nurse" in e.payload.names


@pytest.mark.parametrize(("task", "instance"), [(text_task, SENTENCE), (table_task, PERSON)], ids=["text", "table"])
def test_is_comparable_with_ours(task, instance):
    """Side by side: same names, same unit, same parameters, and near each other."""
    task = task()
    ours, theirs = (explain(name, task, instance, target=1, num_features=20) for name in ("lime", NAME))
    assert ours.params == theirs.params
    assert ours.payload.unit == theirs.payload.unit
    assert ours.payload.total == theirs.payload.total
    assert set(ours.payload.names) == set(theirs.payload.names)
    for feature, value in weights(theirs).items():
        assert weights(ours)[feature] == pytest.approx(value, abs=0.02)
    assert theirs.payload.low is theirs.payload.high is None
    assert [m.Params for m in methods(task) if m.name == NAME] == [m.Params for m in methods(task) if m.name == "lime"]


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"discretizer": "decile"},
        {"discretizer": "entropy"},
        {"discretizer": "none"},
        {"discretizer": "none", "sample_around_instance": True},
    ],
    ids=str,
)
def test_every_option_of_a_table(options, selection):
    task = table_task(labels=(people()["age"] > 50).astype(int).tolist())
    e = explain(NAME, task, PERSON, num_samples=100, num_features=3, feature_selection=selection, **options)
    assert e.status == "complete"
    assert np.isfinite(e.payload.values).all()
    assert Explanation.from_json(e.to_json()) == e


@pytest.mark.parametrize("discretizer", ["quartile", "none"])
def test_side_by_side_in_the_same_unit(discretizer):
    ours, theirs = (explain(name, table_task(), PERSON, discretizer=discretizer, num_samples=100).payload for name in ("lime", NAME))
    assert ours.unit == theirs.unit
    assert ("standard deviation" in ours.unit) == (discretizer == "none")


def test_the_model_gets_the_columns_and_dtypes_of_the_data():
    recorder = Recorder(people_model)
    explain(NAME, table_task(recorder), PERSON, num_samples=100)
    assert all(batch.dtypes.equals(people().dtypes) for batch in recorder.batches)


def test_same_seed_same_answer_and_another_seed_another():
    a, b, c = (explain(NAME, text_task(), SENTENCE, seed=s, num_samples=100) for s in (1, 1, 2))
    assert a.payload == b.payload != c.payload


def test_counts_and_cache():
    task = text_task()
    cold, warm = (explain(NAME, task, SENTENCE, num_samples=100) for _ in range(2))
    assert cold.cost.calls_made == cold.cost.calls_asked == warm.cost.calls_asked
    assert warm.cost.calls_made == 0


def test_limits_give_nothing_and_say_so():
    e = explain(NAME, text_task(), SENTENCE, max_calls=20)
    assert (e.status, e.reason, e.cost.calls_asked) == ("partial", "max_calls", 20)
    assert e.payload.features == []
    assert "no partial result" in e.caveats[0]
    assert Explanation.from_json(e.to_json()) == e


@pytest.mark.parametrize(("task", "instance"), [(text_task, SENTENCE), (table_task, PERSON)], ids=["text", "table"])
def test_cancel(task, instance):
    cancel = threading.Event()
    cancel.set()
    e = explain(NAME, task(), instance, cancel=cancel)
    assert (e.status, e.reason, e.cost.calls_made) == ("partial", "cancelled", 1)


def test_cancel_in_the_middle_stops_within_a_batch():
    cancel = threading.Event()
    recorder = Recorder(people_model, before=lambda: cancel.set() if len(recorder.batches) == 3 else None)
    e = explain(NAME, table_task(recorder), PERSON, cancel=cancel)
    assert len(recorder.batches) == 3
    assert e.reason == "cancelled"


def test_progress_ends_at_one():
    seen: list[float] = []
    explain(NAME, table_task(), PERSON, num_samples=2000, on_progress=lambda f, _: seen.append(f))
    assert seen == sorted(seen)
    assert seen[-1] == 1


def test_a_seed_the_package_cannot_take():
    """Its generator knows 32 bits only; ours takes any whole number."""
    with pytest.raises(ValueError, match="between 0 and") as caught:
        explain(NAME, text_task(), SENTENCE, seed=2**40, num_samples=50)
    sentence(ValueError(f"{caught.value}.".replace("..", ".")))
    assert explain("lime", text_task(), SENTENCE, seed=2**40, num_samples=50).seed == 2**40


def test_frames_of_one_column():
    data = pd.DataFrame({"x": np.arange(20.0)})
    task = table_task(lambda f: np.column_stack([1 - f["x"] / 20, f["x"] / 20]), data)
    assert weights(explain(NAME, task, {"x": 3.0}, target=1))["x"] < 0
