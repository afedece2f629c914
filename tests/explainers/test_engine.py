"""The one place that calls models: what is asked, how often, in what batches, and when it stops."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.engine import CANCELLED, MAX_CALLS, MAX_SECONDS, Asker, Limits, PredictionCache, SpeedBook, split_batches, take
from explainers.models.base import FunctionModel
from tests.fixtures.engine_cases import TEXTS, asker, length_p
from tests.fixtures.toys import Recorder, cost_model, sentence, two_classes


class TestAnswers:
    def test_order_and_values(self):
        ask, _ = asker()
        assert ask(["aaa", "a", "aa"])[:, 1].tolist() == [0.003, 0.001, 0.002]

    def test_empty_batch(self):
        ask, recorder = asker()
        assert ask([]).shape == (0, 2)
        assert recorder.rows == 0

    @given(TEXTS, st.integers(1, 100), st.randoms(use_true_random=False))
    def test_do_not_depend_on_order_duplicates_or_batches(self, texts, max_batch_cost, random):
        ask, _ = asker(max_batch_cost=max_batch_cost)
        expected = length_p(texts) if texts else np.empty((0, 2))
        np.testing.assert_array_equal(ask(texts), expected)
        shuffled = random.sample(texts, len(texts))
        other, _ = asker(max_batch_cost=1)
        np.testing.assert_array_equal(other(shuffled), length_p(shuffled) if shuffled else np.empty((0, 2)))

    def test_a_function_that_fills_the_same_array_again_is_not_mixed_up(self):
        """Many people's models reuse their output buffer."""
        buffer = np.empty((1, 2))

        def reusing(texts: list[str]) -> np.ndarray:
            buffer[:] = length_p(texts)
            return buffer

        ask, _ = asker(reusing, max_batch_cost=1)
        assert ask(["aaa", "a", "aa"])[:, 1].tolist() == [0.003, 0.001, 0.002]


class TestCounts:
    def test_duplicates_are_asked_once(self):
        ask, recorder = asker()
        ask(["a", "b", "a", "a", "b"])
        assert sorted(text for batch in recorder.batches for text in batch) == ["a", "b"]
        assert (ask.calls_asked, ask.calls_made) == (2, 2)

    def test_across_batches_of_one_run(self):
        ask, recorder = asker()
        ask(["a", "b"])
        ask(["b", "c"])
        assert recorder.rows == 3
        assert (ask.calls_asked, ask.calls_made) == (3, 3)

    def test_cached_calls_are_asked_but_not_made(self):
        cache = PredictionCache()
        first, _ = asker(cache=cache)
        first(["a", "b"])
        second, recorder = asker(cache=cache)
        np.testing.assert_array_equal(second(["b", "a", "c"]), length_p(["b", "a", "c"]))
        assert recorder.batches == [["c"]]
        assert (second.calls_asked, second.calls_made) == (3, 1)

    def test_two_models_never_share_an_entry(self):
        """A peer showed model A's explanation for model B."""
        cache = PredictionCache()
        a, _ = asker(lambda texts: two_classes([0.1] * len(texts)), cache, name="a")
        b, recorder = asker(lambda texts: two_classes([0.9] * len(texts)), cache, name="b")
        assert a(["same"])[0, 1] == pytest.approx(0.1)
        assert b(["same"])[0, 1] == pytest.approx(0.9)
        assert a(["same"])[0, 1] == pytest.approx(0.1)
        assert recorder.rows == 1


class TestMaxCalls:
    def test_reaches_the_limit_exactly_in_the_second_batch(self):
        """The limit must not throw away the calls that it still allows."""
        ask, recorder = asker(max_calls=5)
        assert len(ask(["a"])) == 1
        assert len(ask([c * 2 for c in "abcdefgh"])) == 4
        assert ask.stopped == MAX_CALLS
        assert (ask.calls_asked, recorder.rows) == (5, 5)

    def test_duplicates_and_known_ones_are_free(self):
        ask, _ = asker(max_calls=2)
        assert len(ask(["a", "b", "a", "b", "a"])) == 5
        assert ask.stopped is None
        assert len(ask(["b", "c"])) == 1
        assert ask.stopped == MAX_CALLS

    def test_cached_ones_count(self):
        """So that the same seed and limit give the same answer cache warm or cold."""
        cache = PredictionCache()
        asker(cache=cache)[0](["a", "b", "c", "d"])
        ask, recorder = asker(cache=cache, max_calls=3)
        assert len(ask(["a", "b", "c", "d"])) == 3
        assert ask.calls_asked == 3
        assert recorder.rows == 0

    def test_after_the_limit_nothing_more_is_answered(self):
        ask, recorder = asker(max_calls=1)
        ask(["a", "b"])
        assert ask(["a"]).shape == (0, 2)
        assert recorder.rows == 1

    @given(st.lists(TEXTS, max_size=5), st.integers(1, 20), st.integers(1, 80))
    def test_exact_for_any_mix(self, batches, max_calls, max_batch_cost):
        ask, recorder = asker(max_calls=max_calls, max_batch_cost=max_batch_cost)
        for batch in batches:
            answered = ask(batch)
            assert len(answered) == len(batch) or ask.stopped == MAX_CALLS
            np.testing.assert_array_equal(answered, length_p(batch)[: len(answered)] if len(answered) else np.empty((0, 2)))
        distinct = {text for batch in batches for text in batch}
        assert ask.calls_asked == recorder.rows == min(len(distinct), max_calls)
        assert (ask.stopped == MAX_CALLS) == (len(distinct) > max_calls)

    @pytest.mark.parametrize("bad", [0, -1, 2.5, "5", True, float("nan")])
    def test_bad_limit(self, bad):
        with pytest.raises(ValueError, match="max_calls must be") as caught:
            Limits(max_calls=bad)
        sentence(caught.value)

    def test_numpy_limit(self):
        assert len(asker(max_calls=np.int64(1))[0](["a", "b"])) == 1


class TestMaxSeconds:
    def test_stops_between_batches(self, monkeypatch):
        clock = [0.0]
        monkeypatch.setattr("explainers.engine.time.perf_counter", lambda: clock[0])

        def slow(texts: list[str]) -> np.ndarray:
            clock[0] += 1.0
            return length_p(texts)

        ask, recorder = asker(slow, max_seconds=2.5, max_batch_cost=1)
        assert len(ask(list("abcdefgh"))) == 3, "begun at 0, 1 and 2 seconds, not at 3"
        assert ask.stopped == MAX_SECONDS
        assert recorder.rows == 3
        assert ask(["z"]).shape == (0, 2)

    def test_the_instance_itself_is_always_asked(self, monkeypatch):
        clock = [0.0]
        monkeypatch.setattr("explainers.engine.time.perf_counter", lambda: clock[0])
        ask, _ = asker(max_seconds=1)
        clock[0] = 5.0
        assert len(ask(["a"])) == 1
        assert ask.stopped == MAX_SECONDS

    @pytest.mark.parametrize("bad", [0, -1.0, float("nan"), "5", True])
    def test_bad_limit(self, bad):
        with pytest.raises(ValueError, match="max_seconds must be") as caught:
            Limits(max_seconds=bad)
        sentence(caught.value)


class TestCancel:
    def test_stops_within_one_batch(self):
        cancel = threading.Event()
        recorder = Recorder(length_p, before=lambda: cancel.set() if len(recorder.batches) == 3 else None)
        ask = Asker(cost_model(recorder, max_batch_cost=1), Limits(cancel=cancel), cache=PredictionCache())
        answered = ask(list("abcdefgh"))
        assert len(recorder.batches) == 3, "the batch under way ends, no other begins"
        assert len(answered) == 3
        assert ask.stopped == CANCELLED
        assert ask(["z"]).shape == (0, 2)
        assert len(recorder.batches) == 3

    def test_before_start_still_asks_the_first_batch_only(self):
        cancel = threading.Event()
        cancel.set()
        ask, recorder = asker(cancel=cancel, max_batch_cost=1)
        assert len(ask(["a"])) == 1
        assert len(ask(["b", "c"])) == 0
        assert len(recorder.batches) == 1
        assert ask.stopped == CANCELLED

    def test_prefix_only(self):
        """Batches go dearest first, so what is answered at a cancel has gaps: only what lies before the first gap is given."""
        cancel = threading.Event()
        recorder = Recorder(length_p, before=lambda: cancel.set() if len(recorder.batches) == 3 else None)
        ask = Asker(cost_model(recorder, max_batch_cost=1), Limits(cancel=cancel), cache=PredictionCache())
        ask(["start"])
        cancel.clear()
        answered = ask(["aaaa", "bbb", "c", "dd", "eeeee"])  # asked: eeeee, aaaa, then cancelled
        assert answered[:, 1].tolist() == [0.004]
        assert ask.calls_asked == 3, "what was asked counts, though it is not given"

    def test_a_cancel_after_max_calls_is_called_a_cancel(self):
        cancel = threading.Event()
        ask, _ = asker(cancel=cancel, max_calls=1)
        ask(["a", "b"])
        cancel.set()
        ask(["c"])
        assert ask.stopped == CANCELLED


class TestBatches:
    @given(st.lists(st.integers(1, 50), max_size=60), st.integers(1, 200))
    def test_split_respects_the_bound_and_groups_by_cost(self, costs, bound):
        costs = np.array(costs, dtype=np.int64)
        batches = split_batches(costs, bound)
        assert sorted(np.concatenate([*batches, np.empty(0)]).tolist()) == list(range(len(costs)))
        for batch in batches:
            assert len(batch) == 1 or len(batch) * costs[batch].max() <= bound
        ordered = [costs[i] for batch in batches for i in batch]
        assert ordered == sorted(ordered, reverse=True), "like beside like, dearest first"

    @given(TEXTS, st.integers(1, 100))
    def test_what_the_model_sees_is_within_the_bound(self, texts, bound):
        ask, recorder = asker(max_batch_cost=bound)
        ask(texts)
        for batch in recorder.batches:
            assert len(batch) == 1 or len(batch) * max(map(len, batch)) <= bound

    def test_no_more_batches_than_needed(self):
        ask, recorder = asker(max_batch_cost=8)
        ask([c * n for c in "ab" for n in (1, 2, 4)])
        assert [sorted(map(len, batch)) for batch in recorder.batches] == [[4, 4], [1, 1, 2, 2]]


class TestProgress:
    def run(self, batches: list[list[str]], planned: float, max_batch_cost: int = 4, **limits: Any) -> list[tuple[float, float | None]]:
        seen: list[tuple[float, float | None]] = []
        ask = Asker(
            cost_model(Recorder(length_p), max_batch_cost=max_batch_cost),
            Limits(**limits),
            lambda f, s: seen.append((f, s)),
            cache=PredictionCache(),
        )
        ask.plan(planned)
        for batch in batches:
            ask(batch)
        return seen

    @given(st.lists(TEXTS, min_size=1, max_size=4), st.none() | st.integers(1, 10))
    def test_rises_from_0_to_1(self, batches, max_calls):
        total = sum(map(len, batches))
        seen = self.run(batches, total, max_calls=max_calls)
        fractions = [f for f, _ in seen]
        assert fractions == sorted(fractions)
        assert all(0 <= f <= 1 for f in fractions)
        if total and max_calls is None:
            assert fractions[-1] == pytest.approx(1.0)
        assert all(left is None or left >= 0 for _, left in seen)

    def test_never_falls_after_a_cancel(self):
        cancel = threading.Event()
        seen: list[float] = []
        recorder = Recorder(length_p, before=lambda: cancel.set() if len(recorder.batches) == 4 else None)
        ask = Asker(cost_model(recorder, max_batch_cost=1), Limits(cancel=cancel), lambda f, _: seen.append(f), cache=PredictionCache())
        ask.plan(8)
        ask(["a", *["x" * n for n in range(2, 9)]])  # "a" is the cheapest, so it comes last and nothing is answered
        assert seen == sorted(seen)
        assert seen[-1] < 1

    def test_speaks_in_every_batch(self):
        assert len(self.run([["a", "b", "c", "d"]], 4, max_batch_cost=1)) >= 4

    def test_nothing_before_a_plan(self):
        seen: list[float] = []
        ask = Asker(cost_model(length_p), on_progress=lambda f, _: seen.append(f), cache=PredictionCache())
        ask(["a"])
        assert seen == []


class TestBadModels:
    @pytest.mark.parametrize(
        ("answer", "said"),
        [
            (lambda n: np.full((n, 2), np.nan), "NaN"),
            (lambda n: np.full((n, 2), np.inf), "infinity"),
            (lambda n: np.full((n, 3), 1 / 3), "shape"),
            (lambda n: np.full(n, 0.5), "shape"),
            (lambda n: np.full((n + 1, 2), 0.5), "shape"),
            (lambda n: np.full((n, 2), 0.6), "sum to 1"),
            (lambda n: np.tile([-0.5, 1.5], (n, 1)), "sum to 1"),
            (lambda n: np.tile([-3.0, 4.2], (n, 1)), "sum to 1"),
            (lambda n: None, "array of numbers|shape"),
            (lambda n: "text", "array of numbers"),
            (lambda n: [[0.5, 0.5], [1.0]], "array of numbers"),
            (lambda n: [["a", "b"]] * n, "array of numbers"),
            (lambda n: 0.5, "shape"),
        ],
    )
    def test_one_sentence(self, answer, said):
        ask, _ = asker(lambda texts: answer(len(texts)))
        with pytest.raises(ValueError, match=said) as caught:
            ask(["a", "b"])
        sentence(caught.value)

    def test_nothing_wrong_is_cached(self):
        cache = PredictionCache()
        ask, _ = asker(lambda texts: np.full((len(texts), 2), np.nan), cache)
        with pytest.raises(ValueError, match="NaN"):
            ask(["a"])
        assert len(cache) == 0

    def test_small_rounding_is_forgiven(self):
        ask, _ = asker(lambda texts: np.tile([0.50005, 0.49996], (len(texts), 1)))
        assert ask(["a"]).shape == (1, 2)

    def test_an_exception_of_the_model_passes_through(self):
        def broken(texts: list[str]) -> np.ndarray:
            raise KeyError("x")

        with pytest.raises(KeyError):
            asker(broken)[0](["a"])


class TestTake:
    def test_each_kind(self):
        assert take(["a", "b", "c"], [2, 0]) == ["c", "a"]
        assert take(np.arange(6).reshape(3, 2), [2, 0]).tolist() == [[4, 5], [0, 1]]
        frame = take(pd.DataFrame({"x": [1, 2, 3], "c": pd.Categorical(["u", "v", "u"])}), [2, 0])
        assert frame["x"].tolist() == [3, 1]
        assert frame.index.tolist() == [0, 1]
        assert frame["c"].dtype == "category"


class TestFrames:
    def test_tables_stay_frames_and_keep_their_dtypes(self):
        recorder = Recorder(lambda f: two_classes(f["x"] / 10))
        ask = Asker(FunctionModel("m", recorder, ["a", "b"], "f" * 64), cache=PredictionCache())
        frame = pd.DataFrame({"x": [1, 2, 1], "c": pd.Categorical(["u", "v", "u"]), "b": [True, False, True]})
        assert ask(frame)[:, 1].tolist() == [0.1, 0.2, 0.1]
        assert recorder.rows == 2
        assert recorder.batches[0].dtypes.equals(frame.dtypes)

    def test_an_array_batch(self):
        ask = Asker(FunctionModel("m", lambda a: two_classes(a.mean(axis=(1, 2))), ["a", "b"], "e" * 64), cache=PredictionCache())
        assert ask(np.stack([np.full((3, 1), 0.25), np.full((3, 1), 0.5)]))[:, 1].tolist() == [0.25, 0.5]


class TestSpeed:
    def test_seconds_per_unit_of_cost(self):
        book = SpeedBook()
        assert book.seconds("m", 10) is None
        book.record("m", 8, 100, 1.0)
        assert book.seconds("m", 10) == pytest.approx(0.1)
        assert book.seconds("other", 10) is None
        book.record("m", 8, 100, 2.0)
        assert 0.1 < book.seconds("m", 10) < 0.2

    def test_tiny_batches_teach_nothing(self):
        book = SpeedBook()
        book.record("m", 1, 1, 5.0)
        assert book.seconds("m", 1) is None
