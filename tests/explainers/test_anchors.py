"""Rules that keep a model at its answer, on models whose rules are known."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import explainers
from explainers import Explanation, explain, forecast, make_task, rule_samples
from explainers.engine import CACHE
from tests.fixtures.masked_lm import save_tiny_lm
from tests.fixtures.toys import PERSON, SENTENCE, Recorder, people, sentence, table_task, text_task, two_classes


def decision_list(frame: pd.DataFrame) -> np.ndarray:
    """If a nurse over 60: yes. Else if size L and not a member: yes. Else no."""
    first = (frame["job"] == "nurse") & (frame["age"] > 54)
    second = (frame["size"] == "L") & ~frame["member"].astype(bool)
    return two_classes(np.where(first | second, 0.9, 0.1))


def quartiles(column: str) -> np.ndarray:
    return np.percentile(people()[column], [25, 50, 75])


def great_and_not_dull(texts: list[str]) -> np.ndarray:
    return two_classes([0.9 if "great" in t.split() and "plot" in t.split() else 0.2 for t in texts])


GREY = (120, 120, 120)


def patched() -> Image.Image:
    picture = np.full((60, 60, 3), GREY, dtype=np.uint8)
    picture[20:40, 20:40] = np.random.default_rng(0).integers(0, 255, (20, 20, 3))
    return Image.fromarray(picture)


def busy(pictures: list[Image.Image]) -> np.ndarray:
    """Class 1 where most of the patch in the middle is as noisy as it was."""
    return two_classes([1.0 if np.asarray(p)[20:40, 20:40].std() > 40 else 0.0 for p in pictures])


def picture_task(predict: Any = busy):
    return make_task("busy", "image", predict, [patched()], class_names=["calm", "busy"])


def conditions(e: Explanation) -> set[tuple[str, str, Any]]:
    return {(c.feature, c.op, c.value) for c in e.payload.conditions}


class TestRight:
    @pytest.mark.parametrize("seed", range(3))
    def test_a_decision_list_gives_the_clause_that_fires(self, seed: int):
        median = float(quartiles("age")[1])

        def listed(frame: pd.DataFrame) -> np.ndarray:
            first = (frame["job"] == "nurse") & (frame["age"] > median)
            return two_classes(np.where(first | ((frame["size"] == "L") & ~frame["member"].astype(bool)), 0.9, 0.1))

        task = table_task(listed)
        e = explain("anchors", task, {**PERSON, "age": 60, "size": "S"}, seed=seed)
        assert conditions(e) == {("job", "==", "nurse"), ("age", ">", median)}
        assert (e.status, e.reason) == ("complete", "")
        assert e.payload.precision == 1
        other = explain("anchors", task, {**PERSON, "job": "clerk", "size": "L", "member": False}, seed=seed)
        assert conditions(other) == {("size", "==", "L"), ("member", "==", False)}

    def test_two_conditions_on_one_column_make_an_interval(self):
        low, _, high = (float(q) for q in quartiles("age"))
        task = table_task(lambda f: two_classes(((f["age"] > low) & (f["age"] <= high)).astype(float)))
        e = explain("anchors", task, {**PERSON, "age": 45})
        assert conditions(e) == {("age", ">", low), ("age", "<=", high)}

    @pytest.mark.parametrize("seed", range(3))
    def test_words_that_decide_together(self, seed: int):
        e = explain("anchors", text_task(great_and_not_dull), SENTENCE, seed=seed)
        assert {c.feature for c in e.payload.conditions} == {"great", "plot"}
        assert all((c.op, c.value) == ("present", None) for c in e.payload.conditions)
        order = [c.feature for c in e.payload.conditions]
        assert [SENTENCE[s[0][0] : s[0][1]] for s in e.payload.spans] == order
        assert [SENTENCE.split()[p[0]] for p in e.payload.positions] == order

    def test_the_parts_of_a_picture_that_decide(self):
        e = explain("anchors", picture_task(), patched(), segments=9)
        assert e.status == "complete"
        shown = {int(c.feature.removeprefix("part ")) for c in e.payload.conditions}
        middle = set(np.unique(e.payload.segments[20:40, 20:40]))
        assert shown
        assert shown <= middle
        assert e.payload.coverage == 0.5 ** len(shown)
        assert e.payload.covers == "copies of this picture"

    def test_no_condition_where_the_model_always_says_the_same(self):
        e = explain("anchors", table_task(lambda f: two_classes(np.full(len(f), 0.8))), PERSON)
        assert e.payload.conditions == []
        assert (e.payload.base, e.payload.precision, e.payload.coverage, e.status) == (1.0, 1.0, 1.0, "complete")
        assert "no condition is needed" in " ".join(e.caveats)

    def test_similar_words_and_a_language_model(self, tmp_path):
        data = [SENTENCE, "a fine film", "a terrific story", "the movie is awful", "an actor", "good music"]
        task = text_task(lambda texts: two_classes([0.9 if t.split()[3] == "great" else 0.2 for t in texts]), data)
        e = explain("anchors", task, SENTENCE, perturb="similar words")
        assert [c.feature for c in e.payload.conditions] == ["great"]
        assert e.payload.precision == 1
        e = explain("anchors", task, SENTENCE, perturb="masked language model", language_model=str(save_tiny_lm(tmp_path)))
        assert e.status == "complete", "what surrounds a gap may be enough for the language model to say great in it"
        assert e.payload.precision > 0.85
        assert Explanation.from_json(e.to_json()) == e

    def test_of_several_classes_the_one_asked_for(self):
        def three(texts: list[str]) -> np.ndarray:
            return np.array([[0.1, 0.1, 0.8] if "great" in t else [0.1, 0.8, 0.1] if "dull" in t else [0.8, 0.1, 0.1] for t in texts])

        task = make_task("three", "text", three, [SENTENCE], class_names=["a", "b", "c"])
        e = explain("anchors", task, SENTENCE)
        assert (e.target, [c.feature for c in e.payload.conditions]) == (2, ["great"])
        other = explain("anchors", task, SENTENCE, target=1)
        assert other.status == "not_found"
        assert "does not give this class to the instance itself" in " ".join(other.caveats)


class TestNotFound:
    def test_it_is_said_with_the_best_that_was_found(self):
        """A model that answers by an irregular pattern of a number that no rule can pin down."""
        task = table_task(lambda f: two_classes((f["age"] * 7 % 5 < 3).astype(float)))
        e = explain("anchors", task, {**PERSON, "age": 60})
        assert e.status == "not_found"
        assert e.reason == f"no rule reached 0.95; the best one reached {e.payload.precision:.2f}"
        assert e.payload.precision < 0.95
        assert len(e.payload.conditions) <= 6, "never a silent long rule"
        assert e.payload.samples == 500

    def test_the_longest_rule_tried_is_what_was_asked(self):
        task = text_task(lambda texts: two_classes([0.9 if t == SENTENCE else 0.2 for t in texts]))
        e = explain("anchors", task, SENTENCE, max_conditions=2)
        assert e.status == "not_found"
        assert len(e.payload.conditions) <= 2

    def test_the_threshold_decides(self):
        """Without `great` 3 of 4 copies keep the answer."""
        task = text_task(lambda texts: two_classes([0.9 if "great" in t or "plot" in t else 0.2 for t in texts]))
        assert len(explain("anchors", task, SENTENCE, tau=0.95).payload.conditions) == 1
        assert explain("anchors", task, SENTENCE, tau=0.6).payload.conditions == []


@pytest.fixture(scope="module")
def e() -> Explanation:
    return explain("anchors", table_task(decision_list), {**PERSON, "age": 60})


class TestPayload:
    def test_precision_is_measured_afresh_with_an_interval(self, e: Explanation):
        p = e.payload
        assert p.samples == 500
        assert 0 <= p.precision_low <= p.precision <= p.precision_high <= 1
        assert p.threshold == 0.95

    def test_coverage_is_the_share_of_training_rows(self, e: Explanation):
        met = explainers.rule_holds(e, table_task(decision_list), people().to_dict("records"))
        assert e.payload.coverage == pytest.approx(met.mean())
        assert e.payload.coverage_low < e.payload.coverage < e.payload.coverage_high
        assert e.payload.covers == "rows of the training data"

    def test_the_trail_ends_at_the_precision(self, e: Explanation):
        assert len(e.payload.trail) == len(e.payload.conditions) == len(e.payload.names)
        assert e.payload.trail[-1] == e.payload.precision
        assert e.payload.base < e.payload.precision

    def test_examples_hold_and_break_and_differ(self):
        task = table_task(lambda f: two_classes(np.where(f["job"] == "nurse", np.where(f["height"] < 1.8, 0.9, 0.4), 0.1)))
        e = explain("anchors", task, PERSON, tau=0.8)
        assert conditions(e) == {("job", "==", "nurse")}
        for some, hold in ((e.payload.holds, True), (e.payload.breaks, False)):
            assert 2 <= len(some) <= 4
            assert all((int(x.prediction.argmax()) == e.target) == hold for x in some)
            assert all(task.check(x.instance) == x.instance for x in some)
            assert len({str(x.instance) for x in some}) == len(some)

    def test_scores(self, e: Explanation):
        assert [s.name for s in e.quality] == ["precision", "coverage"]
        assert all(s.low <= s.value <= s.high for s in e.quality)

    def test_files_of_all_modalities_come_back_equal(self, e: Explanation):
        text = explain("anchors", text_task(great_and_not_dull), SENTENCE)
        picture = explain("anchors", picture_task(), patched(), segments=9)
        for one in (e, text, picture):
            assert one.kind == "rule"
            again = Explanation.from_json(one.to_json())
            assert again == one
            assert again.digest == one.digest

    def test_parameters_of_an_artifact_make_it_again(self, e: Explanation):
        CACHE.clear()
        task = table_task(decision_list, version="1")
        one = explain("anchors", task, e.instance, seed=4)
        again = explain("anchors", task, one.instance, target=one.target, seed=one.seed, **one.params)
        assert again.digest == one.digest, "cache warm or cold"
        other = explain("anchors", task, one.instance, seed=5)
        assert [str(x.instance) for x in other.payload.holds] != [str(x.instance) for x in one.payload.holds]


CASES = {
    "table": lambda predict: (table_task(predict or decision_list), {**PERSON, "age": 60}),
    "text": lambda predict: (text_task(predict or great_and_not_dull), SENTENCE),
    "image": lambda predict: (picture_task(predict or busy), patched()),
}


@pytest.mark.parametrize("case", CASES)
class TestLimits:
    @pytest.mark.parametrize("most", [1, 20, 40])
    def test_max_calls(self, case: str, most: int):
        e = explain("anchors", *CASES[case](None), max_calls=most)
        assert (e.status, e.reason) == ("partial", "max_calls")
        assert e.cost.calls_asked == most
        assert Explanation.from_json(e.to_json()) == e
        assert e.payload.precision_low <= e.payload.precision <= e.payload.precision_high

    def test_cancelled_before_it_began(self, case: str):
        cancel = threading.Event()
        cancel.set()
        e = explain("anchors", *CASES[case](None), cancel=cancel)
        assert (e.status, e.reason) == ("partial", "cancelled")
        assert e.payload.conditions == []
        assert e.payload.samples == 0

    def test_cancelled_on_the_way_it_shows_the_best_so_far(self, case: str):
        cancel = threading.Event()
        seen = []

        def update(e: Explanation) -> None:
            seen.append(e)
            cancel.set()

        e = explain("anchors", *CASES[case](None), cancel=cancel, on_update=update)
        assert (e.status, e.reason) == ("partial", "cancelled")
        assert (seen[0].status, len(seen[0].payload.conditions)) == ("partial", 1)
        assert seen[0].reason.startswith("still searching")
        assert e.payload.conditions
        assert "flatter" in " ".join(e.caveats)

    def test_max_seconds(self, case: str):
        e = explain("anchors", *CASES[case](None), max_seconds=1e-9)
        assert (e.status, e.reason) == ("partial", "max_seconds")

    def test_progress_rises_and_ends_at_one(self, case: str):
        seen: list[float] = []
        explain("anchors", *CASES[case](None), on_progress=lambda fraction, left: seen.append(fraction))
        assert seen == sorted(seen)
        assert seen[-1] == 1.0

    def test_the_forecast_is_an_upper_bound(self, case: str):
        task, instance = CASES[case](None)
        assert forecast("anchors", task, instance).calls >= explain("anchors", task, instance).cost.calls_asked

    def test_questions_come_in_few_large_batches(self, case: str):
        predict = {"table": decision_list, "text": great_and_not_dull, "image": busy}[case]
        model = Recorder(predict)
        explain("anchors", *CASES[case](model))
        assert len(model.batches) < 60
        assert model.rows / len(model.batches) > 8


@pytest.mark.parametrize(
    ("params", "said"),
    [
        ({"tau": 1.5}, "tau must be between"),
        ({"delta": 0}, "delta must be between"),
        ({"epsilon": -1}, "epsilon must be between"),
        ({"beam_size": 0}, "beam size must be between"),
        ({"max_conditions": 2.5}, "whole number"),
        ({"perturb": "magic"}, "perturb must be one of"),
        ({"perturb": "masked language model"}, "Which language model"),
        ({"mask_word": "great"}, "is a word of the text itself"),
    ],
)
def test_bad_input_is_one_sentence(params: dict[str, Any], said: str):
    with pytest.raises(ValueError, match=said) as caught:
        explain("anchors", text_task(), SENTENCE, **params)
    sentence(caught.value)


def test_series_are_told_why_not():
    task = make_task("s", modality="series", predict_proba=lambda a: a, data=np.zeros((1, 3, 1)), class_names=["a", "b"])
    with pytest.raises(ValueError, match="not series tasks") as caught:
        explain("anchors", task, np.zeros((3, 1)))
    sentence(caught.value)


@pytest.mark.slow
def test_on_200_instances_the_promised_precision_is_kept():
    """A noisy forest-like model: on fresh samples the rule's precision is at least tau - epsilon in at least 1 - delta of the cases."""
    frame = people(2_000, seed=1)

    def bumpy(f: pd.DataFrame) -> np.ndarray:
        score = (f["age"] > 50) * 1.0 + (f["job"] == "nurse") * 1.5 + f["member"] * 0.7 + (f["height"] > 1.7) * 0.6 - (f["gain"] > 0) * 1.2
        noise = np.sin(f["age"] * 12.9898 + f["height"] * 78.233) * 0.8
        return two_classes(1 / (1 + np.exp(-(score + noise - 1.6).to_numpy(dtype=np.float64))))

    task = table_task(bumpy, data=frame)
    rows = task.instances("test")
    found = bad = 0
    for i in range(200):
        e = explain("anchors", task, rows[i], seed=i)
        if e.status == "complete":
            found += 1
            fresh = rule_samples(e, task, 1_000, seed=i + 1_000)
            bad += (task.model.predict_proba(task.batch(fresh)).argmax(axis=1) == e.target).mean() < 0.95 - 0.1
    assert found > 100
    assert bad <= 0.05 * found
