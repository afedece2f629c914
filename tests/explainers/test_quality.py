"""Checks of an explanation: agreement over seeds, overlap, and intervals of shares."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.stats import binom

from explainers import evaluate, explain, make_task
from explainers.intervals import difference, wilson
from explainers.quality import STABILITY, evaluation_forecast, largest_difference, top_overlap

WORDS = "one two three four five six seven eight nine ten eleven twelve"


def counting(weights: dict[str, float]):
    """A model whose answer is a sum over the words that are there."""

    def f(texts: list[str]) -> np.ndarray:
        p = np.array([0.1 + sum(w for word, w in weights.items() if word in t.split()) for t in texts])
        return np.stack([1 - p, p], axis=1)

    return make_task("sum", "text", f, [WORDS], class_names=["a", "b"], version=str(weights))


def attributed(names: list[str], values: list[float]):
    e = explain("lime", counting({"one": 0.2}), WORDS, num_samples=60)
    blank = {"low": None, "high": None, "positions": None, "spans": None}
    return dataclasses.replace(e, payload=dataclasses.replace(e.payload, features=names, names=names, values=np.array(values), **blank))


class TestAgreement:
    def test_a_clear_ranking_agrees(self):
        task = counting({"one": 0.3, "two": 0.2, "three": 0.15, "four": 0.1, "five": 0.05})
        (score,) = evaluate(explain("lime", task, WORDS), task, [STABILITY])
        assert (score.name, score.value, score.higher_is_better) == (STABILITY, 1.0, True)

    def test_noise_does_not(self):
        def f(texts: list[str]) -> np.ndarray:
            p = np.array([np.random.default_rng(abs(hash(t)) % 2**32).random() for t in texts])
            return np.stack([1 - p, p], axis=1)

        task = make_task("noise", "text", f, [WORDS], class_names=["a", "b"], version="1")
        (score,) = evaluate(explain("lime", task, WORDS, num_samples=200), task, [STABILITY])
        assert score.value < 0.8
        assert score.low <= score.value <= score.high

    def test_nothing_asked_nothing_done(self):
        task = counting({"one": 0.3})
        assert evaluate(explain("lime", task, WORDS, num_samples=60), task, scores=[]) == []

    def test_a_picture_without_parts_says_so(self):
        task = counting({"one": 0.3})
        e = explain("lime", task, WORDS, max_calls=3)
        with pytest.raises(ValueError, match="names no parts"):
            evaluate(e, task)

    def test_another_model_is_refused(self):
        e = explain("lime", counting({"one": 0.3}), WORDS, num_samples=60)
        with pytest.raises(ValueError, match="another model"):
            evaluate(e, counting({"two": 0.3}))

    def test_an_unknown_score_is_refused(self):
        task = counting({"one": 0.3})
        with pytest.raises(ValueError, match="no score"):
            evaluate(explain("lime", task, WORDS, num_samples=60), task, scores=["beauty"])

    def test_other_seeds_of_the_check_draw_others(self, monkeypatch):
        drawn: list[int] = []
        real = explain
        monkeypatch.setattr("explainers.scores.seeds.explain", lambda *a, **k: (drawn.append(k["seed"]), real(*a, **k))[1])
        task = counting({"one": 0.3})
        e = explain("lime", task, WORDS, num_samples=60)
        for seed in (0, 1):
            evaluate(e, task, [STABILITY], seed=seed)
        assert len(set(drawn)) == len(drawn) == 8

    def test_forecast_is_of_all_seeds(self):
        task = counting({"one": 0.3})
        e = explain("lime", task, WORDS, num_samples=60)
        assert evaluation_forecast(e, task).calls > 60


class TestOverlap:
    def test_jaccard_of_the_strongest(self):
        a = attributed(["a", "b", "c"], [0.3, -0.2, 0.1])
        b = attributed(["a", "b", "d"], [0.1, 0.2, 0.3])
        assert top_overlap(a, b) == pytest.approx(2 / 4)
        assert top_overlap(a, b, k=1) == 0.0
        assert top_overlap(a, a) == 1.0

    def test_largest_difference_is_of_shared_parts(self):
        a = attributed(["a", "b", "c"], [0.3, -0.2, 0.1])
        b = attributed(["a", "b", "d"], [0.1, 0.2, 0.9])
        assert largest_difference(a, b) == pytest.approx(0.4)
        assert largest_difference(a, attributed(["x"], [1.0])) == 0.0


class TestIntervals:
    @pytest.mark.parametrize(("hits", "n"), [(0, 5), (5, 5), (3, 10), (50, 100)])
    def test_wilson_holds_the_share(self, hits: int, n: int):
        low, high = wilson(hits, n)
        assert 0 <= low <= hits / n <= high <= 1

    def test_wilson_by_the_book(self):
        # Newcombe 1998, table I: 81 of 263.
        assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)

    def test_wilson_covers_nineteen_times_in_twenty(self):
        n, p = 40, 0.3
        inside = [wilson(k, n)[0] <= p <= wilson(k, n)[1] for k in range(n + 1)]
        assert binom.pmf(range(n + 1), n, p)[inside].sum() == pytest.approx(0.95, abs=0.03)

    def test_difference_by_the_book(self):
        # Newcombe 1998 (two proportions), table II, method 10: 56/70 against 48/80 is 0.0524 to 0.3339.
        gain, low, high = difference(48, 80, 56, 70)
        assert gain == pytest.approx(0.2)
        assert (low, high) == pytest.approx((0.0524, 0.3339), abs=5e-4)
