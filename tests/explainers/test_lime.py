"""LIME: the right numbers, the reference's numbers, the same numbers again, and one sentence for everything that cannot be."""

from __future__ import annotations

import gc
import itertools
import math
import threading
import warnings
import weakref
from typing import Any

import numpy as np
import pandas as pd
import pytest
from lime.lime_tabular import LimeTabularExplainer
from lime.lime_text import LimeTextExplainer
from sklearn.datasets import load_breast_cancer
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from explainers import lime, make_task
from explainers.engine import CACHE
from explainers.explanation import Explanation
from explainers.methods import explain
from explainers.models.base import fingerprint_of
from explainers.neighbourhoods import tables
from explainers.surrogate import SELECTIONS
from tests.fixtures.toys import (
    PERSON,
    SENTENCE,
    WORD_WEIGHTS,
    Recorder,
    WindowModel,
    people,
    people_model,
    sentence,
    table_task,
    text_task,
    two_classes,
    words_model,
)


def weights(e: Explanation) -> dict[str, float]:
    return dict(zip(e.payload.features, e.payload.values.tolist(), strict=True))


def crooked(texts: list[str]) -> np.ndarray:
    """Far from linear: "not" turns "good" around, "very" doubles it."""
    p = []
    for text in texts:
        words = text.split()
        score = (
            ("good" in words) * (2 if "very" in words else 1) * (-1 if "not" in words else 1)
            + 0.5 * ("fun" in words)
            - 0.2 * ("long" in words)
        )
        p.append(1 / (1 + math.exp(-score)))
    return two_classes(p)


CROOKED = "this film is not very good but it is long fun"


def crooked_task(predict: Any = crooked):
    return text_task(predict, [CROOKED])


ROUGH = [f"w{i}" for i in range(16)]


def rough(texts: list[str]) -> np.ndarray:
    """Words act alone, in pairs and in threes, and then there is a wave that nobody can learn."""
    rng = np.random.default_rng(0)
    alone, pairs = rng.normal(size=16), np.triu(rng.normal(size=(16, 16)), 1) / 2
    threes = [(rng.choice(16, 3, replace=False), 1.5 * rng.normal()) for _ in range(12)]
    x = np.array([[word in words for word in ROUGH] for words in (set(text.split()) for text in texts)], dtype=float)
    score = x @ alone + np.einsum("ij,jk,ik->i", x, pairs, x) + sum(v * x[:, three].prod(axis=1) for three, v in threes)
    return two_classes(1 / (1 + np.exp(-(score - 1 + np.sin(17 * x @ alone)))))


def rough_task():
    return text_task(rough, [" ".join(ROUGH)])


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
        assert widths[0] / widths[1] > 2.3, "at least about as the square root of the samples"

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
        assert 500 <= settled.payload.samples < 5000 == whole.payload.samples
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
        assert ours.std().mean() < 0.75 * theirs.std().mean()


def agree(ours: list[dict[str, float]], theirs: list[dict[str, float]]) -> None:
    """Means within a few standard errors, runs of ours and theirs no further apart than two runs of theirs, and ours steadier."""
    a, b = pd.DataFrame(ours), pd.DataFrame(theirs)
    b = b[list(a.columns)]
    assert not a.isna().any().any()
    error = np.sqrt(a.var() / len(a) + b.var() / len(b))
    z = ((a.mean() - b.mean()) / error).to_numpy()
    assert np.abs(z).max() < 4.5, dict(zip(a.columns, z.round(1), strict=True))
    assert np.mean(z**2) < 2.5, "on average as near as chance brings them"
    pairs = a.to_numpy()[:, None] - b.to_numpy()[None]
    between, within = np.sqrt((pairs**2).mean()), np.sqrt(2 * b.var().mean())
    assert between < 1.25 * within
    assert a.std().mean() < 1.1 * b.std().mean()


class TestAgainstTheLimePackage:
    """The package is called here directly, not through lime_reference."""

    N, RUNS = 500, 20

    @pytest.mark.parametrize("parts", ["words", "positions"])
    def test_text(self, parts):
        def reference(seed: int) -> dict[str, float]:
            explainer = LimeTextExplainer(random_state=seed, feature_selection="none", bow=parts == "words")
            result = explainer.explain_instance(CROOKED, crooked, labels=(1,), num_samples=self.N)
            return {str(i): w for i, w in result.local_exp[1]}

        def ours(seed: int) -> dict[str, float]:
            p = explain(
                "lime", crooked_task(), CROOKED, target=1, seed=seed, num_samples=self.N, feature_selection="none", parts=parts
            ).payload
            order = {text_start: i for i, text_start in enumerate(sorted(spans[0][0] for spans in p.spans))}
            return {str(order[spans[0][0]]): v for spans, v in zip(p.spans, p.values, strict=True)}

        agree([ours(s) for s in range(self.RUNS)], [reference(s) for s in range(self.RUNS)])

    def test_text_with_choosing_and_another_kernel(self):
        def reference(seed: int) -> dict[str, float]:
            explainer = LimeTextExplainer(random_state=seed, kernel_width=10, feature_selection="forward_selection")
            result = explainer.explain_instance(CROOKED, crooked, labels=(1,), num_samples=2000, num_features=3)
            return dict(result.as_list(label=1))

        runs = [
            explain("lime", crooked_task(), CROOKED, target=1, seed=s, num_samples=2000, num_features=3, kernel_width=10) for s in range(12)
        ]
        theirs = [reference(s) for s in range(12)]
        assert {frozenset(weights(e)) for e in runs} == {frozenset(t) for t in theirs} == {frozenset({"not", "good", "very"})}
        agree([weights(e) for e in runs], theirs)

    @pytest.fixture
    def cancer(self):
        data = load_breast_cancer(as_frame=True)
        x = data.data[["mean radius", "mean texture", "worst area", "worst concavity", "area error"]]
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x.to_numpy(), data.target)
        task = make_task(
            "cancer",
            modality="tabular",
            predict_proba=lambda f: model.predict_proba(f.to_numpy()),
            data=x,
            labels=data.target.tolist(),
            class_names=["malignant", "benign"],
        )
        return task, x, data.target.to_numpy(), model

    @pytest.mark.parametrize(
        "options",
        [
            {"discretizer": "quartile"},
            {"discretizer": "decile"},
            {"discretizer": "entropy"},
            {"discretizer": "none"},
            {"discretizer": "none", "sample_around_instance": True},
            {"discretizer": "quartile", "kernel_width": 1.0},
        ],
        ids=str,
    )
    def test_table_of_numbers(self, cancer, options):
        task, x, labels, model = cancer
        row = 20
        n = 4 * self.N  # where few of the package's draws count, 500 bias its fit

        def reference(seed: int) -> dict[str, float]:
            explainer = LimeTabularExplainer(
                x.to_numpy(),
                training_labels=labels,
                feature_names=list(x.columns),
                random_state=seed,
                feature_selection="none",
                discretize_continuous=options["discretizer"] != "none",
                discretizer=options["discretizer"].replace("none", "quartile"),
                sample_around_instance=options.get("sample_around_instance", False),
                kernel_width=options.get("kernel_width"),
            )
            result = explainer.explain_instance(x.iloc[row].to_numpy(), model.predict_proba, labels=(1,), num_samples=n)
            return {x.columns[i]: w for i, w in result.local_exp[1]}

        ours = [
            weights(explain("lime", task, task.instances()[row], target=1, seed=s, num_samples=n, feature_selection="none", **options))
            for s in range(self.RUNS)
        ]
        agree(ours, [reference(s) for s in range(self.RUNS)])

    def test_table_with_categories(self):
        frame = people(600).drop(columns=["gain", "size"]).astype({"age": float})
        jobs = ["clerk", "nurse", "smith"]
        person = {"age": 60.0, "height": 1.75, "job": "nurse", "member": True}

        def coded(f: pd.DataFrame) -> np.ndarray:
            return np.column_stack([f["age"], f["height"], f["job"].map(jobs.index), f["member"].astype(float)]).astype(float)

        def predict_codes(rows: np.ndarray) -> np.ndarray:
            return people_model(
                pd.DataFrame(
                    {"age": rows[:, 0], "height": rows[:, 1], "job": [jobs[int(i)] for i in rows[:, 2]], "member": rows[:, 3] == 1}
                )
            )

        def reference(seed: int) -> dict[str, float]:
            explainer = LimeTabularExplainer(
                coded(frame), feature_names=list(frame), categorical_features=[2, 3], random_state=seed, feature_selection="none"
            )
            result = explainer.explain_instance(coded(pd.DataFrame([person]))[0], predict_codes, labels=(1,), num_samples=self.N)
            return {frame.columns[i]: w for i, w in result.local_exp[1]}

        task = table_task(data=frame)
        ours = [
            weights(explain("lime", task, person, target=1, seed=s, num_samples=self.N, feature_selection="none")) for s in range(self.RUNS)
        ]
        agree(ours, [reference(s) for s in range(self.RUNS)])


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
        np.testing.assert_allclose(list(no.values()), -np.array(list(yes.values())), atol=1e-6)

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


class TestParameters:
    def check(self, e: Explanation, k: int) -> None:
        p = e.payload
        assert e.status == "complete"
        assert 0 < len(p.features) <= k
        assert len(set(p.names)) == len(p.names)
        for numbers in (
            p.values,
            p.low,
            p.high,
            [p.intercept, p.local_prediction],
            [e.quality[0].value, e.quality[0].low, e.quality[0].high],
        ):
            assert np.isfinite(numbers).all()
        assert (np.diff(np.abs(p.values)) <= 1e-6).all(), "largest first"
        assert Explanation.from_json(e.to_json()) == e

    @pytest.mark.parametrize("parts", ["words", "positions"])
    @pytest.mark.parametrize("selection", SELECTIONS)
    def test_text(self, selection, parts):
        task = crooked_task()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for k, width in itertools.product([1, 4, 50], [None, 1e-3, 5.0, 1e6]):
                e = explain(
                    "lime", task, CROOKED, num_samples=200, num_features=k, kernel_width=width, feature_selection=selection, parts=parts
                )
                if width == 1e-3 and selection in ("forward_selection", "lasso_path", "auto"):
                    assert e.status == "complete", "nothing but the instance itself counts: possibly no part at all"
                    continue
                self.check(e, 50 if selection == "none" else k)
                assert e.params == {
                    "num_samples": 200,
                    "num_features": k,
                    "kernel_width": width,
                    "feature_selection": selection,
                    "settle": True,
                    "parts": parts,
                    "mask_word": "UNKWORDZ",
                }

    @pytest.mark.parametrize("discretizer", ["quartile", "decile", "entropy", "none"])
    @pytest.mark.parametrize("selection", SELECTIONS)
    def test_table(self, selection, discretizer):
        labels = (people()["age"] > 50).astype(int).tolist()
        task = table_task(labels=labels)
        for k, width, around in itertools.product([1, 50], [None, 1.0, 1e6], [False, True]):
            e = explain(
                "lime",
                task,
                PERSON,
                num_samples=200,
                num_features=k,
                kernel_width=width,
                feature_selection=selection,
                discretizer=discretizer,
                sample_around_instance=around,
            )
            self.check(e, 6 if selection == "none" else k)

    def test_defaults_are_the_references(self):
        for cls in (lime.TextParams, lime.TableParams):
            p = cls()
            assert (p.num_samples, p.num_features, p.kernel_width, p.feature_selection) == (5000, 10, None, "auto")
        assert (lime.TextParams().parts, lime.TextParams().mask_word) == ("words", "UNKWORDZ")
        assert (lime.TableParams().discretizer, lime.TableParams().sample_around_instance) == ("quartile", False)

    def test_more_features_than_parts(self):
        e = explain("lime", text_task(), "great dull", num_features=50)
        assert sorted(e.payload.features) == ["dull", "great"]
        assert e.payload.total == 2

    def test_fewer_features_than_parts_say_how_many_there_were(self):
        e = explain("lime", text_task(), SENTENCE, num_features=1)
        assert e.payload.features == ["great"]
        assert e.payload.total == 7
        assert e.payload.samples == 2**7, "every copy of 7 words"

    def test_a_text_of_one_word(self):
        e = explain("lime", text_task(), "great", target=1)
        assert e.payload.features == ["great"]
        assert e.payload.values[0] > 0
        assert e.cost.calls_asked == 2

    def test_an_infinite_kernel_is_ordinary_least_squares(self):
        task = crooked_task()
        hood = lime.draw(task, CROOKED, lime.TextParams(num_samples=4000, kernel_width=1e6), 0)
        np.testing.assert_allclose(hood.weights, 1, atol=1e-6)

    def test_the_kernel_by_eye(self):
        """Half of the words gone: cosine distance 29.3 (x 100), weight exp(-0.69) = 0.50 at the width of 25."""
        hood = lime.draw(text_task(), "a b", lime.TextParams(num_samples=200), 0)
        assert set(hood.weights.round(3)) == {
            1.0,
            round(math.exp(-((100 * (1 - math.sqrt(0.5))) ** 2) / 625 / 2), 3),
            round(math.exp(-(4**2) / 2), 3),
        }
        table = table_task()
        hood = lime.draw(table, PERSON, lime.TableParams(num_samples=200), 0)
        assert hood.width == pytest.approx(0.75 * math.sqrt(6))
        np.testing.assert_allclose(hood.distance, np.sqrt((1 - hood.design).sum(axis=1)))

    def test_the_first_row_is_the_instance(self):
        task = table_task()
        for params in (lime.TableParams(num_samples=50), lime.TableParams(num_samples=50, discretizer="none")):
            hood = lime.draw(task, PERSON, params, 0)
            pd.testing.assert_frame_equal(hood.batch[:1].frame(), task.batch([PERSON]))
            assert hood.distance[0] == 0

    @pytest.mark.parametrize("discretizer", ["quartile", "none"])
    def test_the_model_gets_the_columns_and_dtypes_of_the_data(self, discretizer):
        recorder = Recorder(people_model)
        explain("lime", table_task(recorder), PERSON, num_samples=100, discretizer=discretizer)
        for batch in recorder.batches:
            assert batch.dtypes.equals(people().dtypes)
            assert batch["size"].notna().all()

    def test_design_and_model_see_the_same_rows(self):
        """A 1 in the design means exactly that the row has the instance's bin or category."""
        task = table_task()
        hood = lime.draw(task, PERSON, lime.TableParams(num_samples=500), 0)
        frame = hood.batch.frame()
        for j, column in enumerate(tables.column_bins(task, "quartile")):
            own = column.index([PERSON[column.column.name]])[0]
            np.testing.assert_array_equal(hood.design[:, j] == 1, column.index(frame[column.column.name]) == own)

    def test_unsigned_numbers_do_not_wrap_around(self):
        """A draw below 0 in a column that knows none must not come out as 255."""
        data = pd.DataFrame({"x": np.array([0, 1, 2, 3], dtype="uint8"), "y": [1.0, 2.0, 3.0, 4.0]})
        recorder = Recorder(lambda f: two_classes(np.full(len(f), 0.5)))
        explain("lime", table_task(recorder, data), {"x": 1, "y": 2.0}, discretizer="none", num_samples=300)
        assert max(batch["x"].max() for batch in recorder.batches) < 20

    def test_missing_values_are_a_category(self):
        data = people(60)
        data["job"] = data["job"].astype(object)
        data.loc[5, "job"] = None
        task = table_task(lambda f: two_classes(np.where(f["job"].isna(), 0.9, 0.2)), data)
        e = explain("lime", task, task.instances()[5], target=1, num_features=1)
        assert e.payload.names == ["job is missing"]
        assert Explanation.from_json(e.to_json()) == e


class TestMemory:
    def test_a_task_nobody_uses_is_forgotten_with_its_rows(self):
        task = table_task()
        explain("lime", task, PERSON, num_samples=50)
        rows = weakref.ref(task.instances("train"))
        del task
        gc.collect()
        assert rows() is None

    def test_bins_are_learnt_once_for_a_table(self):
        task = table_task(labels=[0, 1] * 200)
        assert tables.column_bins(task, "quartile") is tables.column_bins(task, "quartile")
        assert tables.column_bins(task, "quartile") is not tables.column_bins(task, "decile")
        assert tables.column_bins(task.with_model("model"), "quartile") is tables.column_bins(task, "quartile")
        assert tables.column_bins(table_task(), "quartile") is not tables.column_bins(task, "quartile")


class TestLimits:
    @pytest.mark.parametrize(("task", "instance"), [(crooked_task, CROOKED), (table_task, PERSON)], ids=["text", "table"])
    @pytest.mark.parametrize("max_calls", [2, 30, 100])
    def test_max_calls_is_used_up_and_never_passed(self, task, instance, max_calls):
        e = explain("lime", task(), instance, max_calls=max_calls)
        assert (e.status, e.reason) == ("partial", "max_calls")
        assert e.cost.calls_asked == e.cost.calls_made == max_calls
        assert e.payload.samples >= max_calls
        if max_calls == 100:
            assert e.payload.features
        assert any("limit of model calls" in caveat or "Too few samples" in caveat for caveat in e.caveats)

    def test_max_calls_warm_or_cold(self):
        task = crooked_task()
        cold = explain("lime", task, CROOKED, max_calls=100)
        explain("lime", task, CROOKED, seed=9)
        warm = explain("lime", task, CROOKED, max_calls=100)
        assert warm.payload == cold.payload
        assert warm.cost.calls_asked == 100

    def test_one_call(self):
        e = explain("lime", table_task(), PERSON, max_calls=1)
        assert (e.status, e.reason, e.cost.calls_asked) == ("partial", "max_calls", 1)
        assert len(e.payload.features) == 0
        assert e.prediction.tolist() == pytest.approx([0.2, 0.8])
        assert e.caveats == ["Too few samples were drawn to say anything about the parts."]
        assert Explanation.from_json(e.to_json()) == e

    @pytest.mark.parametrize(("task", "instance"), [(crooked_task, CROOKED), (table_task, PERSON)], ids=["text", "table"])
    def test_cancelled_before_the_start(self, task, instance):
        cancel = threading.Event()
        cancel.set()
        e = explain("lime", task(), instance, cancel=cancel)
        assert (e.status, e.reason) == ("partial", "cancelled")
        assert e.cost.calls_made == 1
        assert Explanation.from_json(e.to_json()) == e

    def test_cancelled_in_the_middle(self, monkeypatch):
        monkeypatch.setattr(lime, "FAST_CHUNK", -1)
        cancel = threading.Event()
        recorder = Recorder(people_model, before=lambda: cancel.set() if len(recorder.batches) == 4 else None)
        e = explain("lime", table_task(recorder), PERSON, cancel=cancel)
        assert len(recorder.batches) == 4
        assert (e.status, e.reason) == ("partial", "cancelled")
        assert e.payload.samples == 3 * lime.FIRST_CHUNK
        assert e.payload.features
        assert "It was cancelled after 96 samples" in e.caveats[0]

    def test_out_of_time(self, monkeypatch):
        clock = [0.0]
        monkeypatch.setattr("explainers.engine.time.perf_counter", lambda: clock[0])

        def slow(frame: pd.DataFrame) -> np.ndarray:
            clock[0] += 1.0
            return people_model(frame)

        e = explain("lime", table_task(slow), PERSON, max_seconds=2.5)
        assert (e.status, e.reason) == ("partial", "max_seconds")
        assert e.payload.features
        assert e.cost.seconds == 3.0

    def test_enough_calls_are_no_limit(self):
        need = explain("lime", crooked_task(), CROOKED).cost.calls_asked
        e = explain("lime", crooked_task(), CROOKED, max_calls=need)
        assert (e.status, e.reason) == ("complete", "")
        assert explain("lime", crooked_task(), CROOKED, max_calls=need - 1).status == "partial"


class TestProvisional:
    def updates(self, task, instance, monkeypatch, **params) -> tuple[list[Explanation], Explanation]:
        monkeypatch.setattr(lime, "FAST_CHUNK", -1)
        seen: list[Explanation] = []
        return seen, explain("lime", task, instance, on_update=seen.append, **params)

    def test_are_partial_and_say_so(self, monkeypatch):
        seen, final = self.updates(crooked_task(), CROOKED, monkeypatch, num_samples=2000, settle=False)
        assert len(seen) >= 5
        for e in seen:
            assert e.status == "partial"
            assert e.reason == f"still sampling: {e.payload.samples:,} of 2,000 samples"
            top = slice(0, 3)
            assert ((e.payload.low[top] > 0) | (e.payload.high[top] < 0)).all()
            assert Explanation.from_json(e.to_json()) == e
            assert (e.target, e.instance, e.seed, e.model_fingerprint) == (
                final.target,
                final.instance,
                final.seed,
                final.model_fingerprint,
            )
        samples = [e.payload.samples for e in seen]
        assert samples == sorted(set(samples))
        assert samples[-1] < 2000 == final.payload.samples
        assert final.status == "complete"

    def test_nothing_is_shown_before_it_stands_clear_of_zero(self, monkeypatch):
        rng = np.random.default_rng(0)
        noise = text_task(lambda texts: two_classes(0.4 + 0.2 * rng.random(len(texts))))
        seen, final = self.updates(noise, " ".join(f"w{i}" for i in range(40)), monkeypatch, num_samples=600)
        assert final.payload.features
        assert seen == [], "though the largest of 40 words always looks like something"
        constant, _ = self.updates(text_task(lambda texts: two_classes([0.5] * len(texts))), SENTENCE, monkeypatch)
        assert constant == []

    def test_progress_rises_to_one(self):
        seen: list[tuple[float, float | None]] = []
        explain("lime", crooked_task(), CROOKED, on_progress=lambda f, s: seen.append((f, s)))
        fractions = [f for f, _ in seen]
        assert fractions == sorted(fractions)
        assert fractions[0] < 1
        assert fractions[-1] == 1
        assert all(s is None or s >= 0 for _, s in seen)


class TestCaveats:
    def test_a_poor_fit_is_said(self):
        parity = text_task(lambda texts: two_classes([len(t.split()) % 2 for t in texts]))
        e = explain("lime", parity, SENTENCE)
        assert e.quality[0].value < 0.5
        assert any("does more than add its parts up" in caveat for caveat in e.caveats)

    def test_parts_that_may_be_zero_are_counted(self):
        e = explain("lime", rough_task(), " ".join(ROUGH), num_features=20, num_samples=300)
        unsure = int(((e.payload.low <= 0) & (e.payload.high >= 0)).sum())
        assert unsure > 0
        assert any(("One of" if unsure == 1 else f"{unsure} of") in caveat and "could be zero" in caveat for caveat in e.caveats)

    def test_each_is_a_sentence(self):
        parity = text_task(lambda texts: two_classes([len(t.split()) % 2 for t in texts]))
        for caveat in explain("lime", parity, SENTENCE, max_calls=50).caveats:
            sentence(ValueError(caveat))

    def test_nothing_to_warn_of(self):
        assert explain("lime", text_task(), "great dull", target=1).caveats == []


class TestLongTexts:
    def window_task(self, window: int = 60):
        task = text_task(lambda texts: two_classes([0.9 if "good" in t[:window] else 0.1 for t in texts]), ["x"])
        model = WindowModel("model", task.model._function, ["bad", "good"], fingerprint_of(config={"w": window}), 64)
        model.window = window
        task.__dict__["model"] = model
        return task

    TEXT = "This one is good. This one is not so. This is the rest. And here is more, which nobody reads."

    def test_parts_become_sentences_and_what_is_cut_is_said(self):
        e = explain("lime", self.window_task(), self.TEXT, target=1)
        assert e.payload.features[0] == "This one is good."
        assert e.payload.total <= 4
        assert any("longer than the model reads" in caveat for caveat in e.caveats)
        assert e.instance == self.TEXT, "the whole text is shown"
        for feature, spans in zip(e.payload.features, e.payload.spans, strict=True):
            assert [self.TEXT[start:end] for start, end in spans] == [feature]

    def test_the_forecast_counts_the_whole_text_too(self):
        from explainers.methods import forecast

        task = self.window_task()
        assert forecast("lime", task, self.TEXT).calls == explain("lime", task, self.TEXT).cost.calls_asked

    def test_a_short_text_has_words(self):
        assert "good" in explain("lime", self.window_task(), "This is good").payload.features

    def test_no_word_within_the_window(self):
        with pytest.raises(ValueError, match="no words") as caught:
            explain("lime", self.window_task(5), "!!!!!!! ??? good")
        sentence(caught.value)


LONG = " ".join(["word"] * 20_000)
TEXT_PARAMS = "num_samples, num_features, kernel_width, feature_selection, settle, parts, mask_word"
CHOICES = "auto, forward_selection, highest_weights, lasso_path, none"


class TestBadInput:
    @pytest.mark.parametrize(
        ("instance", "given", "said"),
        [
            ("", {}, "The text is empty: type at least one word."),
            (" \n\t", {}, "The text is empty: type at least one word."),
            ("... !?", {}, "The text has no words, only punctuation or spaces: type at least one word."),
            (LONG, {}, "The text is too long (20,000 words): shorten it to at most 5,000 words."),
            (None, {}, "This task reads text, not NoneType: give one text as a string."),
            (3, {}, "This task reads text, not int: give one text as a string."),
            (["a"], {}, "This task reads text, not list: give one text as a string."),
            ("great", {"target": 2}, "The class index 2 is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"target": -1}, "The class index -1 is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"target": "good"}, "The class index 'good' is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"target": True}, "The class index True is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"target": 1.0}, "The class index 1.0 is out of range: this task has 2 classes, 0 to 1."),
            ("great", {"seed": -1}, "seed must be a whole number from 0 up, not -1."),
            ("great", {"seed": 1.5}, "seed must be a whole number from 0 up, not 1.5."),
            ("great", {"seed": "a"}, "seed must be a whole number from 0 up, not 'a'."),
            ("great", {"samples": 5}, f"There is no parameter 'samples' here: choose among {TEXT_PARAMS}."),
            ("great", {"discretizer": "quartile"}, f"There is no parameter 'discretizer' here: choose among {TEXT_PARAMS}."),
            ("great", {"num_samples": 49}, "num samples must be between 50 and 100000, not 49."),
            ("great", {"num_samples": 1e9}, "num samples must be between 50 and 100000, not 1e+09."),
            ("great", {"num_samples": 500.5}, "num samples must be a whole number, not 500.5."),
            ("great", {"num_samples": "many"}, "num samples must be a number, not 'many'."),
            ("great", {"num_samples": None}, "num samples must be a number, not 'None'."),
            ("great", {"num_samples": True}, "num samples must be a number, not 'True'."),
            ("great", {"num_samples": float("nan")}, "num samples must be a number, not 'nan'."),
            ("great", {"num_features": 0}, "num features must be between 1 and 50, not 0."),
            ("great", {"num_features": 51}, "num features must be between 1 and 50, not 51."),
            ("great", {"kernel_width": 0}, "kernel width must be between 0.001 and 1e+06, not 0."),
            ("great", {"kernel_width": float("inf")}, "kernel width must be a number, not 'inf'."),
            ("great", {"feature_selection": "best"}, f"feature selection must be one of {CHOICES}, not 'best'."),
            ("great", {"feature_selection": ["auto"]}, f"feature selection must be one of {CHOICES}, not \"['auto']\"."),
            ("great", {"parts": "sentences"}, "parts must be one of words, positions, not 'sentences'."),
            ("great", {"mask_word": 3}, "mask word must be text, not 3."),
            ("great", {"max_calls": 0}, "max_calls must be at least 1: the model has to be asked about the instance itself."),
            ("great", {"max_calls": "5"}, "max_calls must be a whole number, not '5'."),
            ("great", {"max_seconds": 0}, "max_seconds must be more than 0."),
        ],
        ids=lambda v: str(v)[:30],
    )
    def test_text(self, instance, given, said):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared in full)
            explain("lime", text_task(), instance, **given)
        assert sentence(caught.value) == said

    @pytest.mark.parametrize(
        ("change", "given", "said"),
        [
            ({"job": "king"}, {}, "'king' is not a known value of job: choose one of clerk, nurse, smith."),
            ({"job": None}, {}, "The value of job is missing: choose one of its known values (clerk, nurse, smith)."),
            ({"age": float("nan")}, {}, "The value of age is missing: give a number."),
            ({"age": True}, {}, "The value of age must be a number, not 'True'."),
            ({"age": 36.6}, {}, "The value of age must be a whole number, not 36.6."),
            ({"shoes": 43}, {}, "The row has columns the model does not know (shoes): remove them."),
            ({}, {"discretizer": "octile"}, "discretizer must be one of quartile, decile, entropy, none, not 'octile'."),
            ({}, {"sample_around_instance": "yes"}, "sample around instance must be true or false, not 'yes'."),
            (
                {},
                {"discretizer": "entropy"},
                "The entropy discretizer needs labels for the training rows, and this task has none: choose quartile or decile.",
            ),
        ],
        ids=lambda v: str(v)[:30],
    )
    def test_table(self, change, given, said):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared in full)
            explain("lime", table_task(), PERSON | change, **given)
        assert sentence(caught.value) == said

    def test_a_text_is_no_row_and_a_row_is_no_text(self):
        with pytest.raises(ValueError, match="This task reads rows of a table, not str: give a dict of column to value"):
            explain("lime", table_task(), "text")
        with pytest.raises(ValueError, match="This task reads text, not dict: give one text as a string"):
            explain("lime", text_task(), PERSON)

    def test_words_without_spaces_between_them_count_too(self):
        """Else one pasted list fills the memory of the server."""
        with pytest.raises(ValueError, match=r"too long \(9,000 words\): shorten it to at most 5,000 words") as caught:
            explain("lime", text_task(), ",".join(f"w{i}" for i in range(9_000)))
        sentence(caught.value)
        with pytest.raises(ValueError, match="too long"):
            explain("lime_reference", text_task(), "a," * 9_000, parts="positions")

    def test_a_column_missing(self):
        with pytest.raises(ValueError, match="The row has no value for age: give one for"):
            explain("lime", table_task(), {k: v for k, v in PERSON.items() if k != "age"})

    def test_the_model_is_not_asked_about_bad_input(self):
        recorder = Recorder(words_model({}))
        for given in ({"num_samples": 1}, {"seed": -1}, {"nothing": 1}, {"max_calls": 0}):
            with pytest.raises(ValueError, match=" "):
                explain("lime", text_task(recorder), "great", **given)
        assert recorder.rows == 0

    @pytest.mark.parametrize("answer", [np.full((1, 2), np.nan), np.full((1, 3), 1 / 3), np.full((1, 2), 0.9), None])
    def test_a_bad_model(self, answer):
        with pytest.raises(ValueError, match="model") as caught:
            explain("lime", text_task(lambda texts: answer), "great")
        sentence(caught.value)

    def test_a_model_that_turns_bad_in_the_middle(self):
        with pytest.raises(ValueError, match="NaN"):
            explain("lime", text_task(lambda texts: two_classes([0.5 if t == SENTENCE else math.nan for t in texts])), SENTENCE)

    def test_hostile_texts_are_explained(self):
        for text in (
            "<script>alert('x')</script>",
            "\u202eright to left שלום",
            "a\x00b",
            "\ud800 half",
            "é" * 10_000,
            "日本語 の 文",
            "🙂 ok",
        ):
            e = explain("lime", text_task(), text, num_samples=100)
            assert Explanation.from_json(e.to_json()) == e
            for feature, spans in zip(e.payload.features, e.payload.spans, strict=True):
                assert all(text[start:end] == feature for start, end in spans)

    def test_series_do_not_fit_yet(self):
        task = make_task(
            "s", modality="series", predict_proba=lambda a: two_classes([0.5] * len(a)), data=np.zeros((2, 3, 1)), class_names=["a", "b"]
        )
        with pytest.raises(ValueError, match="text, tables and pictures, not series") as caught:
            explain("lime", task, np.zeros((3, 1)))
        sentence(caught.value)
