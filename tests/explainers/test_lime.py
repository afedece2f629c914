"""LIME: the right numbers, with fewer samples than the reference, and the same numbers again."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from lime.lime_tabular import LimeTabularExplainer
from lime.lime_text import LimeTextExplainer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier

from explainers import lime, make_task
from explainers.engine import CACHE
from explainers.methods import explain
from explainers.neighbourhoods.texts import LEAST_SETTLED
from tests.fixtures.lime_cases import CROOKED, ROUGH, crooked_task, rough, rough_task, weights
from tests.fixtures.toys import (
    PERSON,
    SENTENCE,
    WORD_WEIGHTS,
    Recorder,
    table_task,
    text_task,
    two_classes,
    words_model,
)


class TestRightNumbers:
    def test_a_model_that_is_linear_in_the_words(self):
        e = explain("lime", text_task(), SENTENCE, target=1, num_features=20)
        found = weights(e)
        assert set(found) == set(SENTENCE.split())
        for word, value in found.items():
            assert value == pytest.approx(WORD_WEIGHTS.get(word, 0), rel=0.02, abs=0.002), word
        assert e.payload.features[:3] == ["great", "dull", "plot"], "largest first"
        assert e.payload.intercept == pytest.approx(0.5, abs=0.01)
        assert e.payload.local_prediction == pytest.approx(0.65, abs=0.01)
        (fit,) = e.quality
        assert fit.value > 0.999
        assert fit.higher_is_better

    def test_what_is_left_is_ridge_shrinkage(self):
        """Toward zero, and less with more samples."""
        few, many = (weights(explain("lime", text_task(), SENTENCE, target=1, num_samples=n))["great"] for n in (300, 5000))
        assert few < many < 0.3

    def test_a_model_that_is_linear_in_the_bins(self):
        e = explain("lime", table_task(), PERSON, target=1)
        found = weights(e)
        assert found["job"] == pytest.approx(0.2, rel=0.03)
        assert found["member"] == pytest.approx(0.1, rel=0.03)
        assert 0 < found["age"] < 0.3, "age > 50 is not where a quartile ends"
        for other in ("gain", "height", "size"):
            assert abs(found[other]) < 0.01
        names = dict(zip(e.payload.features, e.payload.names, strict=True))
        assert names["job"] == "job = nurse"
        assert names["member"] == "member = True"
        assert "age" in names["age"]
        assert "<=" in names["age"]
        assert "height" in names["height"]

    def test_repeated_words_count_as_one_part_or_as_several(self):
        """P rises with each "good"."""
        text = "good good plain words follow here"
        task = text_task(lambda texts: two_classes([0.2 + 0.1 * text.split().count("good") for text in texts]), [text])
        together = explain("lime", task, text, target=1)
        assert weights(together)["good"] == pytest.approx(0.2, rel=0.03)
        assert together.payload.spans[0] == [[0, 4], [5, 9]]
        assert together.payload.positions[0] == [0, 1]
        apart = explain("lime", task, text, target=1, parts="positions")
        assert sorted(apart.payload.names[:2]) == ["good (1st)", "good (2nd)"]
        assert apart.payload.values.round(2).tolist() == [0.1, 0.1, 0, 0, 0, 0]

    def test_the_mask_word_stands_where_a_position_was(self):
        recorder = Recorder(words_model(WORD_WEIGHTS))
        explain("lime", text_task(recorder), SENTENCE, parts="positions", mask_word="[gone]", num_samples=50)
        asked = {text for batch in recorder.batches for text in batch}
        assert all(len(text.split()) == len(SENTENCE.split()) for text in asked)
        assert any("[gone]" in text for text in asked)

    def test_words_are_removed_without_a_trace(self):
        recorder = Recorder(words_model(WORD_WEIGHTS))
        explain("lime", text_task(recorder), SENTENCE, num_samples=50)
        assert not any("UNKWORDZ" in text for batch in recorder.batches for text in batch)

    @pytest.mark.parametrize("task", [rough_task, table_task], ids=["text", "table"])
    def test_intervals_surround_the_values_and_shrink_with_more_samples(self, task):
        task = task()
        widths = []
        for n in (512, 4096):
            p = explain("lime", task, task.instances()[0], num_samples=n, settle=False).payload
            assert (p.low <= p.values).all()
            assert (p.values <= p.high).all()
            widths.append(np.mean(p.high - p.low))
        assert widths[0] / widths[1] > 2, "about as the square root of the samples, eight times as many here"

    @pytest.mark.parametrize(
        ("task", "widest"), [(rough_task, 1.3), (table_task, 3.0)], ids=["text", "table"]
    )  # a net's rows are spread against each other more than its blocks show, so a table's intervals are too wide, never too narrow
    def test_intervals_are_what_other_seeds_give(self, task, widest):
        task = task()
        runs = [
            explain("lime", task, task.instances()[0], target=1, seed=s, num_samples=400, feature_selection="none", settle=False)
            for s in range(50)
        ]
        values = pd.DataFrame([weights(e) for e in runs])
        low, high = (
            pd.DataFrame([dict(zip(e.payload.features, end(e.payload), strict=True)) for e in runs])[values.columns]
            for end in (lambda p: p.low, lambda p: p.high)
        )
        held = (low <= values.mean()) & (values.mean() <= high)
        assert held.to_numpy().mean() >= 0.92
        spread = values.std()
        assert 0.85 * spread.mean() < ((high - low) / 2 / 1.96).mean().mean() < widest * spread.mean()
        r2 = np.array([[e.quality[0].value, e.quality[0].low, e.quality[0].high] for e in runs])
        assert np.mean((r2[:, 1] <= r2[:, 0].mean()) & (r2[:, 0].mean() <= r2[:, 2])) >= 0.86

    def test_early_stops_do_not_make_intervals_too_narrow(self):
        """Stopping looks at the errors, which could favour runs whose errors look small by chance."""
        task = rough_task()
        long = weights(explain("lime", task, task.instances()[0], target=1, seed=999, num_samples=40_000, num_features=20, settle=False))
        runs = [explain("lime", task, task.instances()[0], target=1, seed=s, num_features=20) for s in range(25)]
        assert np.mean([e.payload.samples for e in runs]) < 3000
        held = [
            low <= long[feature] <= high
            for e in runs
            for feature, low, high in zip(e.payload.features, e.payload.low, e.payload.high, strict=True)
        ]
        assert np.mean(held) >= 0.9


class TestFewerSamples:
    """What makes ours steadier and faster than the package must not change what is estimated."""

    def test_few_words_are_asked_about_in_full(self):
        runs = [explain("lime", text_task(), SENTENCE, target=1, seed=s, num_features=20) for s in (0, 1)]
        for e in runs:
            assert e.payload.samples == e.cost.calls_asked == 2**7
            np.testing.assert_allclose(e.payload.low, e.payload.values, atol=1e-12)
            np.testing.assert_allclose(e.payload.high, e.payload.values, atol=1e-12)
            assert (e.quality[0].low, e.quality[0].high) == (e.quality[0].value, e.quality[0].value)
        np.testing.assert_allclose(runs[0].payload.values, runs[1].payload.values, atol=1e-9)

    @pytest.mark.parametrize("settle", [True, False])
    def test_the_ridge_shrinks_as_with_all_samples(self, settle):
        """P = 0.5 x "great": 5,000 of the reference's draws, in expectation, worked out by hand over the 4 copies of 2 words."""
        task = text_task(words_model({"great": 0.5}, 0.2), ["great dull"])
        kernel = lambda on: math.exp(-((100 * (1 - math.sqrt(on))) ** 2) / 625 / 2)  # noqa: E731
        w = np.array([1 + 0.0, 4999 / 2 * kernel(0.5) / 2, 4999 / 2 * kernel(0.5) / 2, 4999 / 2 * kernel(0)])
        x = np.array([[1, 1], [1, 0], [0, 1], [0, 0]], dtype=float)
        centred = x - w @ x / w.sum()
        by_hand = np.linalg.solve((centred * w[:, None]).T @ centred + np.eye(2), (centred * w[:, None]).T @ (0.2 + 0.5 * x[:, 0]))
        found = weights(explain("lime", task, "great dull", target=1, settle=settle, seed=3))
        assert found["great"] == pytest.approx(by_hand[0], abs=1e-9 if settle else 3e-3)

    def test_stops_when_settled_and_not_before_it_may(self):
        settled = explain("lime", rough_task(), " ".join(ROUGH))
        whole = explain("lime", rough_task(), " ".join(ROUGH), settle=False)
        assert LEAST_SETTLED <= settled.payload.samples < 5000 == whole.payload.samples
        assert settled.status == whole.status == "complete"
        assert settled.payload.total == 16

    def test_agrees_with_the_package_as_well_as_all_samples_of_the_package(self):
        text = " ".join(ROUGH)
        explainer = LimeTextExplainer(random_state=77)
        long = dict(explainer.explain_instance(text, rough, labels=(1,), num_samples=40_000).as_list(label=1))

        def error(found: dict[str, float]) -> float:
            return float(np.sqrt(np.mean([(found.get(word, 0) - value) ** 2 for word, value in list(long.items())[:5]])))

        ours = [error(weights(explain("lime", rough_task(), text, target=1, seed=s))) for s in range(10)]
        theirs = [
            error(dict(LimeTextExplainer(random_state=s).explain_instance(text, rough, labels=(1,)).as_list(label=1))) for s in range(10)
        ]
        assert np.mean(ours) < 1.5 * np.mean(theirs)

    def test_tables_are_steadier_than_the_package(self):
        data = load_breast_cancer(as_frame=True)
        forest = RandomForestClassifier(20, random_state=0).fit(data.data.to_numpy(), data.target)
        task = make_task(
            "cancer", modality="tabular", predict_proba=lambda f: forest.predict_proba(f.to_numpy()), data=data.data, class_names=["m", "b"]
        )
        ours = pd.DataFrame([weights(explain("lime", task, task.instances()[33], seed=s, num_features=30, settle=False)) for s in range(6)])
        explainers = [LimeTabularExplainer(data.data.to_numpy(), random_state=s) for s in range(6)]
        theirs = pd.DataFrame(
            [
                dict(e.explain_instance(data.data.to_numpy()[33], forest.predict_proba, labels=(0,), num_features=30).local_exp[0])
                for e in explainers
            ]
        )
        assert ours.std().mean() < 0.9 * theirs.std().mean(), "4,096 rows against 5,000"


class TestSameAgain:
    @pytest.mark.parametrize(("task", "instance"), [(crooked_task, CROOKED), (table_task, PERSON)], ids=["text", "table"])
    def test_cache_warm_or_cold(self, task, instance):
        task = task()
        cold = explain("lime", task, instance, seed=3, num_samples=700)
        warm = explain("lime", task, instance, seed=3, num_samples=700)
        CACHE.clear()
        again = explain("lime", task, instance, seed=3, num_samples=700)
        assert cold.cost.calls_made == again.cost.calls_made > 0 == warm.cost.calls_made
        assert cold.cost.calls_asked == warm.cost.calls_asked == again.cost.calls_asked
        for other in (warm, again):
            assert other.payload.features == cold.payload.features
            np.testing.assert_allclose(other.payload.values, cold.payload.values, atol=1e-5)
            np.testing.assert_allclose(other.payload.low, cold.payload.low, atol=1e-5)

    def test_the_size_of_chunks_changes_nothing(self, monkeypatch):
        """Chunks follow the clock, the answer does not."""
        runs = []
        for first, fast in [(256, 1e9), (50, -1), (5000, 0)]:
            monkeypatch.setattr(lime, "FIRST_CHUNK", first)
            monkeypatch.setattr(lime, "FAST_CHUNK", fast)
            runs.append(explain("lime", crooked_task(), CROOKED, num_samples=600).payload)
        for other in runs[1:]:
            assert other.features == runs[0].features
            np.testing.assert_allclose(other.values, runs[0].values, atol=1e-10)

    @pytest.mark.parametrize(("task", "instance"), [(crooked_task, CROOKED), (table_task, PERSON)], ids=["text", "table"])
    def test_other_seeds_draw_other_samples(self, task, instance):
        task = task()
        a, b = (explain("lime", task, instance, seed=s, num_samples=300).payload for s in (0, 1))
        assert not np.allclose(np.sort(a.values), np.sort(b.values), atol=1e-6)
        hoods = [lime.draw(task, task.check(instance), lime.params_for(task)(num_samples=60), s) for s in (0, 0, 1)]
        np.testing.assert_array_equal(hoods[0].design, hoods[1].design)
        assert not np.array_equal(hoods[0].design, hoods[2].design)

    @pytest.mark.parametrize(("task", "instance"), [(crooked_task, CROOKED), (table_task, PERSON)], ids=["text", "table"])
    def test_two_classes_mirror_each_other(self, task, instance):
        task = task()
        no, yes = (weights(explain("lime", task, instance, target=t, num_samples=500)) for t in (0, 1))
        assert list(no) == list(yes)
        np.testing.assert_allclose(list(no.values()), -np.array(list(yes.values())), atol=1e-5)

    def test_any_class_of_three(self):
        def three(texts: list[str]) -> np.ndarray:
            return np.array([[0.5, 0.3, 0.2] if "a" in t.split() else [0.2, 0.2, 0.6] for t in texts])

        task = make_task("three", modality="text", predict_proba=three, data=["a"], class_names=["x", "y", "z"])
        text = "a b c d e f"
        for target, expected in enumerate([0.3, 0.1, -0.4]):
            e = explain("lime", task, text, target=target)
            assert e.target == target
            assert weights(e)["a"] == pytest.approx(expected, rel=0.03)
        assert explain("lime", task, text).target == 0
        assert explain("lime", task, "b c").target == 2
