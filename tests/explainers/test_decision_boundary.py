"""The decision boundary on models whose nearest counterfactual is known, and what every payload must keep to."""

from __future__ import annotations

import itertools
import threading

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

import explainers
from explainers import Explanation, explain, make_task
from explainers.engine import CACHE
from explainers.methods import forecast
from tests.fixtures.toys import PERSON, Recorder, people, sentence, table_task, text_task, two_classes

METHOD = "decision_boundary"


def logistic(z):
    return two_classes(1 / (1 + np.exp(-np.asarray(z, dtype=float))))


def numbers(rows=300, seed=0):
    return pd.DataFrame(np.random.default_rng(seed).integers(0, 10, (rows, 3)), columns=["a", "b", "c"])


ROW = {"a": 2, "b": 5, "c": 5}


def number_task(logit, **more):
    return table_task(lambda frame: logistic(logit(frame)), numbers(), **more)


TRAIN = [
    "the cast is great and the plot is dull",
    "a good film with a terrible story",
    "wonderful actors walked",
    "her boring script moved",
]


def words_task(weights, base=-1.0):
    """Log odds of class 1 = base + the weight of every occurrence."""
    return text_task(lambda texts: logistic([base + sum(weights.get(w.lower(), 0) for w in t.split()) for t in texts]), TRAIN)


def with_patch():
    picture = np.full((48, 48, 3), 120, dtype=np.uint8)
    picture[16:32, 16:32] = (250, 0, 0)
    return Image.fromarray(picture)


def redness(pictures):
    return logistic([(np.asarray(p)[:, :, 0] > 200).mean() * 40 - 2 for p in pictures])


def picture_task():
    grey = Image.new("RGB", (48, 48), (120, 120, 120))
    return make_task("red", "image", redness, [with_patch()], class_names=["grey", "red"], train=[grey, with_patch()])


def reasked(e, task):
    return task.model.predict_proba(task.batch([step.instance for step in e.payload.steps]))


class TestTable:
    def test_an_exact_tie_with_another_answer_is_a_flip(self):
        """0.5 / 0.5 is the answer of the first class, whatever the margin."""
        task = make_task(
            "tie",
            "tabular",
            data=pd.DataFrame({"c": list("ab") * 50}),
            predict_proba=lambda rows: np.c_[np.where(rows.c == "a", 0.4, 0.5), np.where(rows.c == "a", 0.6, 0.5)],
            class_names=["a", "b"],
        )
        e = explain(METHOD, task, {"c": "a"})
        assert (e.status, e.payload.flipped, e.payload.flips) == ("complete", True, 1)
        assert e.payload.steps[-1].instance == {"c": "b"}
        assert e.payload.steps[-1].margin == 0
        back = explain(METHOD, task, {"c": "b"}, target=1)
        assert (back.status, back.payload.steps[-1].instance) == ("complete", {"c": "a"})
        assert explain(METHOD, task, {"c": "a"}, target=0).status == "complete"

    def test_the_nearest_value_that_flips(self):
        """Class 1 from a + b / 10 > 6: with b = 5 the nearest is a = 6."""
        e = explain(METHOD, number_task(lambda f: f["a"] + f["b"] / 10 - 6), ROW)
        first, last = e.payload.steps
        assert (e.kind, e.status, e.reason, e.payload.flipped) == ("boundary_path", "complete", "", True)
        assert (first.instance, first.changed, first.features) == (ROW, [], [])
        assert (last.instance, last.changed, last.features) == ({**ROW, "a": 6}, ["a 2 → 6"], ["a"])
        assert [first.margin, last.margin] == pytest.approx([3.5, -0.5])
        assert first.prediction.argmax() == 0
        assert last.prediction.argmax() == 1

    def test_distance_is_one_edit_and_less_than_another(self):
        """No latents: d / (1 + d), d in standard deviations, so that the number of edits comes first."""
        e = explain(METHOD, number_task(lambda f: f["a"] - 5.5), ROW)
        d = (4 / numbers()["a"].std(ddof=0)) ** 2
        assert e.payload.distance == pytest.approx(1 + d / (1 + d))
        assert e.payload.space == "the values themselves, numbers in standard deviations"

    def test_two_edits_in_the_order_of_the_weaker_first(self):
        e = explain(METHOD, number_task(lambda f: 3 * (f["a"] > 5) + (f["b"] > 5) - 3.5), ROW)
        assert [step.changed for step in e.payload.steps] == [[], ["b 5 → 6"], ["a 2 → 6", "b 5 → 6"]]
        assert [step.margin for step in e.payload.steps] == pytest.approx([3.5, 2.5, -0.5])

    def test_only_a_locked_column_could_flip(self):
        task = number_task(lambda f: f["a"] + 0.1 * (f["b"] > 7) - 4)
        task.immutable = ("a",)
        e = explain(METHOD, task, ROW)
        assert (e.status, e.payload.flipped, e.payload.locked, e.payload.flips) == ("not_found", False, ["a"], 0)
        assert e.reason == "no change of up to 2 values gave another answer; the nearest approach came within 1.9 of it"
        assert e.payload.steps[-1].changed == ["b 5 → 8"] or e.payload.steps[-1].changed == ["b 5 → 9"]
        assert e.payload.steps[-1].margin == pytest.approx(1.9)
        assert e.payload.distance is None

    def test_no_change_comes_nearer(self):
        """Then the nearest approach is the instance itself."""
        e = explain(METHOD, number_task(lambda f: f["a"] - 4.5), ROW, locked=["a"])
        assert len(e.payload.steps) == 1
        assert e.reason.endswith("came within 2.5 of it")

    def test_locking(self):
        task = number_task(lambda f: f["a"] - 4.5)
        task.immutable = ("a",)
        assert explain(METHOD, task, ROW).status == "not_found", "None: what the task says nobody can change"
        assert explain(METHOD, task, ROW, locked=[]).payload.steps[-1].features == ["a"], "an empty list unlocks all"
        assert explain(METHOD, task, ROW, locked="b,c").payload.locked == ["b", "c"]

    def test_an_unknown_column(self):
        with pytest.raises(ValueError, match="there is no 'agee'") as caught:
            explain(METHOD, number_task(lambda f: f["a"] - 4.5), ROW, locked=["agee"])
        sentence(caught.value)

    def test_every_column_locked(self):
        with pytest.raises(ValueError, match="unlock at least one"):
            explain(METHOD, number_task(lambda f: f["a"] - 4.5), ROW, locked=["a", "b", "c"])

    def test_how_easily_it_flips(self):
        """Of the 27 single changes the 4 to a > 5 flip."""
        e = explain(METHOD, number_task(lambda f: f["a"] - 5.5), ROW)
        ease = e.quality[0]
        assert ease.value == pytest.approx(4 / 27)
        assert ease.low < ease.value < ease.high
        assert (e.payload.samples, e.payload.flips) == (27, 4)


class TestTarget:
    def task(self):
        """Three classes by the value of a: 0 below 4, 1 up to 6, 2 above."""

        def f(frame):
            z = np.stack([-abs(frame["a"] - 1.5), -abs(frame["a"] - 5), -abs(frame["a"] - 8.5)], axis=1)
            return np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)

        return make_task("three", "tabular", f, numbers(), class_names=["low", "mid", "high"])

    def test_any_other_answer(self):
        e = explain(METHOD, self.task(), ROW)
        assert e.target == 0
        assert e.payload.steps[-1].changed == ["a 2 → 4"]

    def test_exactly_the_target(self):
        e = explain(METHOD, self.task(), ROW, target=2)
        assert e.payload.steps[-1].changed == ["a 2 → 7"]
        assert e.payload.steps[-1].prediction.argmax() == 2
        assert e.payload.steps[0].margin > 0 > e.payload.steps[-1].margin

    def test_a_target_that_no_change_gets(self):
        e = explain(METHOD, self.task(), ROW, target=2, locked=["a"])
        assert e.status == "not_found"
        assert "gave the answer “high”" in e.reason


class TestText:
    def test_the_planted_word(self):
        e = explain(METHOD, words_task({"great": 2.0}), "The cast is Great .")
        last = e.payload.steps[-1]
        assert (e.status, last.features) == ("complete", ["Great"])
        word = last.instance.split()[3]
        assert last.changed == [f"“Great” → “{word}”"]
        assert word[0].isupper()
        assert [last.instance[a:b] for a, b in last.spans] == [word]
        assert [step.margin for step in e.payload.steps] == pytest.approx([1, -1])

    def test_both_occurrences(self):
        e = explain(METHOD, words_task({"great": 2.0}), "great cast and great plot")
        assert [step.features for step in e.payload.steps] in ([[], ["great"], ["great", "great"]],)
        assert [step.margin for step in e.payload.steps] == pytest.approx([3, 1, -1])

    def test_bolder_attempts_find_what_the_first_did_not(self):
        """50 samples of few words; all four changeable words must go."""
        task = words_task({"great": 1.0, "dull": 1.0, "good": 1.0, "boring": 1.0}, base=-0.5)
        e = explain(METHOD, task, "great dull good boring", num_samples=50)
        assert e.status == "not_found" or len(e.payload.steps[-1].features) == 4

    def test_no_word_may_change(self):
        e = explain(METHOD, words_task({}), "This is it .")
        assert e.status == "not_found"
        assert e.reason.startswith("no word of this text may change")
        assert len(e.payload.steps) == 1


class TestPicture:
    def test_the_patch_is_replaced(self):
        e = explain(METHOD, picture_task(), with_patch(), segments=9)
        red = np.zeros((48, 48), dtype=bool)
        red[16:32, 16:32] = True
        changed = np.isin(e.payload.segments, [int(name.split()[1]) for name in e.payload.steps[-1].features])
        assert e.status == "complete"
        assert (changed & red).sum() > 0.5 * red.sum()
        assert all(step.changed[0].endswith("replaced") for step in e.payload.steps[1:])

    @pytest.mark.parametrize("behind", ["blur", "mean colour"])
    def test_other_ways_to_replace(self, behind):
        e = explain(METHOD, picture_task(), with_patch(), segments=9, behind=behind)
        assert e.status in ("complete", "not_found")
        np.testing.assert_allclose(reasked(e, picture_task()), [s.prediction for s in e.payload.steps], atol=1e-9)


class TestBackground:
    def task(self, train):
        """Class 1 by how blue the corner is: a model that answers by the background alone."""
        corner = lambda pictures: logistic([np.asarray(p)[0, 0, 2] / 25 - 6 for p in pictures])  # noqa: E731
        return make_task("blue", "image", corner, [with_patch()], class_names=["no", "yes"], train=train)

    def test_another_pictures_background_flips(self):
        blue, grey = Image.new("RGB", (48, 48), (0, 0, 250)), Image.new("RGB", (48, 48), (120, 120, 120))
        e = explain(METHOD, self.task([grey, blue, grey]), with_patch(), change="background", segments=9)
        last = e.payload.steps[-1]
        assert (e.status, last.changed) == ("complete", ["background replaced by that of training picture 1"])
        assert last.instance.getpixel((24, 24)) == (250, 0, 0)
        assert "guess" in e.caveats[0]
        assert Explanation.from_json(e.to_json()) == e

    def test_none_does(self):
        e = explain(METHOD, self.task([Image.new("RGB", (48, 48), (0, 0, 130))]), with_patch(), change="background", segments=9)
        assert e.reason == "no change of the background gave another answer; the nearest approach came within 0.8 of it"


def examples():
    yield "table", number_task(lambda f: 3 * (f["a"] > 5) + (f["b"] > 5) - 3.5), ROW, {}
    yield "text", words_task({"great": 2.0, "plot": 0.5}), "the great plot is great", {"num_samples": 200}
    yield "picture", picture_task(), with_patch(), {"segments": 9, "num_samples": 60}


@pytest.fixture(params=list(examples()), ids=lambda example: example[0])
def example(request):
    return request.param[1:]


class TestAll:
    def test_every_step_gets_the_stored_answer_when_asked_again(self, example):
        task, instance, params = example
        e = explain(METHOD, task, instance, **params)
        assert len(e.payload.steps) >= 2
        np.testing.assert_allclose(reasked(e, task), [step.prediction for step in e.payload.steps], atol=1e-9)

    def test_one_change_more_a_step(self, example):
        task, instance, params = example
        steps = explain(METHOD, task, instance, **params).payload.steps
        assert [len(step.changed) for step in steps] == list(range(len(steps)))
        assert all(set(a.changed) <= set(b.changed) for a, b in itertools.pairwise(steps))

    def test_the_file_form(self, example):
        task, instance, params = example
        e = explain(METHOD, task, instance, **params)
        again = Explanation.from_json(e.to_json())
        assert again == e
        assert again.digest == e.digest

    def test_the_same_seed_gives_the_same(self, example):
        task, instance, params = example
        CACHE.clear()
        cold, warm = (explain(METHOD, task, instance, seed=3, **params) for _ in range(2))
        assert cold.digest == warm.digest
        assert cold.cost.calls_asked == warm.cost.calls_asked == cold.cost.calls_made

    def test_progress_ends_at_one(self, example):
        task, instance, params = example
        seen = []
        explain(METHOD, task, instance, on_progress=lambda fraction, left: seen.append(fraction), **params)
        assert seen[-1] == 1.0
        assert seen == sorted(seen)

    def test_a_provisional_flip_is_shown(self, example):
        task, instance, params = example
        seen = []
        explain(METHOD, task, instance, on_update=seen.append, **params)
        assert len(seen) == 1
        assert (seen[0].status, seen[0].payload.flipped) == ("partial", True)
        assert seen[0].payload.steps[-1].margin < 0

    @pytest.mark.parametrize("most", [1, 2, 5, 30])
    def test_max_calls(self, example, most):
        task, instance, params = example
        e = explain(METHOD, task, instance, max_calls=most, **params)
        assert e.cost.calls_asked <= most
        if e.status == "partial":
            assert e.reason == "max_calls"
            assert any("limit of model calls" in said for said in e.caveats)
        assert e.payload.steps
        np.testing.assert_allclose(reasked(e, task), [step.prediction for step in e.payload.steps], atol=1e-9)

    def test_cancel_and_max_seconds(self, example):
        task, instance, params = example
        cancel = threading.Event()
        cancel.set()
        for limits, reason in (({"cancel": cancel}, "cancelled"), ({"max_seconds": 1e-9}, "max_seconds")):
            e = explain(METHOD, task, instance, **limits, **params)
            assert (e.status, e.reason, len(e.payload.steps)) == ("partial", reason, 1)

    def test_forecast(self, example):
        task, instance, params = example
        e = explain(METHOD, task, instance, **params)
        assert forecast(METHOD, task, instance, **params).calls >= e.cost.calls_asked


def test_another_seed_draws_other_samples():
    recorders = [Recorder(lambda frame: logistic(frame["a"] - 20)) for _ in range(2)]
    for seed, recorder in enumerate(recorders):
        explain(METHOD, table_task(recorder, people().rename(columns={"age": "a"})[["a", "gain", "height"]].assign(a=0)),
                {"a": 0, "gain": 0, "height": 1.7}, seed=seed, num_samples=200)  # fmt: skip
    first, second = ({tuple(row) for batch in r.batches for row in batch.to_numpy().tolist()} for r in recorders)
    assert len(first & second) < 0.5 * len(first)


def test_agreement_over_seeds():
    task = number_task(lambda f: f["a"] - 5.5)
    (score,) = explainers.evaluate(explain(METHOD, task, ROW), task)
    assert (score.name, score.value) == ("agreement over seeds", 1.0)
    assert "changed parts" in score.meaning


def test_series_do_not_fit():
    task = make_task("s", "series", lambda batch: np.tile([0.5, 0.5], (len(batch), 1)), [np.zeros((4, 1))], class_names=["a", "b"])
    (offered,) = [m for m in explainers.methods(task) if m.name == METHOD]
    assert not offered.fits
    sentence(ValueError(offered.reason))


PEOPLE = people()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    locked=st.sets(st.sampled_from(list(PERSON)), max_size=5),
    weights=st.tuples(*[st.floats(-3, 3)] * 4),
    seed=st.integers(0, 1000),
)
def test_locks_hold_in_every_step(locked, weights, seed):
    """And every step keeps to the rules of a path, whatever the model."""

    def f(frame):
        parts = [frame["age"] > 50, frame["job"] == "nurse", frame["member"], frame["size"] == "M"]
        return logistic(sum(w * part.astype(float) for w, part in zip(weights, parts, strict=True)) - 0.3)

    task = table_task(f, PEOPLE)
    e = explain(METHOD, task, PERSON, locked=sorted(locked), seed=seed, num_samples=400)
    for step in e.payload.steps:
        assert all(step.instance[name] == PERSON[name] for name in locked)
        assert step.features == [name for name in PERSON if step.instance[name] != PERSON[name]]
    original = int(e.prediction.argmax())
    assert [int(s.prediction.argmax()) == original for s in e.payload.steps[:-1]] == [True] * (len(e.payload.steps) - 1)
    assert e.payload.flipped == (e.payload.steps[-1].margin < 0) == (e.status == "complete")


class TestBundled:
    def test_income(self):
        task = explainers.load_task("income")
        e = explain(METHOD, task, task.instances("test")[0])
        assert e.payload.flipped
        assert e.payload.locked == ["age", "race", "sex", "country"]
        assert 0 <= e.payload.plausibility <= 1
        np.testing.assert_allclose(reasked(e, task), [step.prediction for step in e.payload.steps], atol=1e-5)

    def test_reviews(self):
        task = explainers.load_task("reviews", model="bilstm")
        e = explain(METHOD, task, task.instances("test")[1])
        assert e.payload.flipped
        vectors = task.model.embed([e.instance, e.payload.steps[-1].instance])
        d = float(((vectors[0] - vectors[1]) ** 2).sum())
        assert e.payload.distance == pytest.approx(len(e.payload.steps[-1].changed) + d, abs=1e-4), "the paper's distance"

    @pytest.mark.slow
    def test_animals(self):
        task = explainers.load_task("animals")
        e = explain(METHOD, task, task.instances("test")[1])
        assert e.payload.flipped
        assert Explanation.from_json(e.to_json()) == e
