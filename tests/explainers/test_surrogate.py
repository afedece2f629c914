"""The weighted linear model: scikit-learn's and the lime package's numbers, and intervals that hold what they promise."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lime.lime_base import LimeBase
from sklearn.linear_model import LinearRegression, Ridge

from explainers import surrogate
from explainers.surrogate import ALL, AUTO, FORWARD, HIGHEST, LASSO, fit


def sample(seed: int, n: int = 300, d: int = 6, binary: bool = True) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Correlated columns, an answer that is not linear in them, unequal weights; row 0 is the instance."""
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d)) + 0.5 * rng.normal(size=(n, 1))
    if binary:
        x = (x > 0).astype(float)
        x[0] = 1
    y = x @ np.linspace(-0.3, 0.5, d) + 0.3 * x[:, 0] * x[:, -1] + rng.normal(0, 0.1, n)
    return x, y, np.sqrt(np.exp(-(rng.random(n) ** 2)))


SEEDS = st.integers(0, 10_000)


class TestFit:
    @given(SEEDS, st.booleans())
    def test_is_scikit_learns_ridge(self, seed, binary):
        x, y, w = sample(seed, binary=binary)
        ours = fit(x, y, w, 6, ALL)
        ridge = Ridge(alpha=1).fit(x[:, ours.chosen], y, sample_weight=w)
        np.testing.assert_allclose(ours.coef, ridge.coef_, atol=1e-10)
        assert ours.intercept == pytest.approx(ridge.intercept_, abs=1e-10)
        assert ours.r2 == pytest.approx(ridge.score(x[:, ours.chosen], y, sample_weight=w), abs=1e-10)

    def test_by_eye(self):
        """y = 0.2 + 0.5 a - 0.1 b without noise, on many samples: ridge shrinks next to nothing."""
        x = np.array([[1, 1], [1, 0], [0, 1], [0, 0]] * 5000, dtype=float)
        ours = fit(x, 0.2 + 0.5 * x[:, 0] - 0.1 * x[:, 1], np.ones(len(x)), 2)
        assert ours.chosen.tolist() == [0, 1]
        np.testing.assert_allclose(ours.coef, [0.5, -0.1], atol=2e-4)
        assert ours.intercept == pytest.approx(0.2, abs=2e-4)
        assert ours.r2 == pytest.approx(1, abs=1e-6)

    def test_equal_weights_are_ordinary_least_squares_in_the_limit(self):
        x, y, _ = sample(0, n=200_000)
        ours = fit(x, y, np.ones(len(y)), 6, ALL)
        np.testing.assert_allclose(ours.coef, LinearRegression().fit(x[:, ours.chosen], y).coef_, atol=1e-4)

    def test_largest_first_and_ties_in_the_order_of_the_columns(self):
        x = np.random.default_rng(0).integers(0, 2, (400, 4)).astype(float)
        x = np.vstack([x, x[:, ::-1]])  # columns 0 and 3, 1 and 2 now play the same part
        ours = fit(x, x @ [0.1, 0.3, 0.3, 0.1], np.ones(800), 4, ALL)
        assert ours.chosen.tolist() == [1, 2, 0, 3]

    def test_weights_count(self):
        x = np.array([[1.0], [0.0], [1.0], [0.0]] * 1000)
        y = np.array([1.0, 0.0, 0.0, 1.0] * 1000)
        assert fit(x, y, np.array([1, 1, 1e-6, 1e-6] * 1000), 1).coef[0] == pytest.approx(1, abs=0.01)
        assert fit(x, y, np.array([1e-6, 1e-6, 1, 1] * 1000), 1).coef[0] == pytest.approx(-1, abs=0.01)


class TestSelection:
    @given(SEEDS, st.integers(1, 8), st.booleans(), st.sampled_from([FORWARD, HIGHEST, LASSO, ALL, AUTO]))
    def test_the_lime_packages_choice(self, seed, k, binary, selection):
        x, y, w = sample(seed, binary=binary)
        theirs = LimeBase(lambda d: d).feature_selection(x, y, w, k, selection)
        assert sorted(fit(x, y, w, k, selection).chosen.tolist()) == sorted(np.asarray(theirs).tolist())

    def test_auto_turns_at_six(self):
        x, y, w = sample(4, d=9)
        x[:, 8] = x[:, 0] * (np.random.default_rng(0).random(len(x)) < 0.9)  # two columns that say nearly the same
        for k in (6, 7):
            assert fit(x, y, w, k, FORWARD).chosen.tolist() != fit(x, y, w, k, HIGHEST).chosen.tolist(), "else nothing is tested here"
        assert fit(x, y, w, 6, AUTO).chosen.tolist() == fit(x, y, w, 6, FORWARD).chosen.tolist()
        assert fit(x, y, w, 7, AUTO).chosen.tolist() == fit(x, y, w, 7, HIGHEST).chosen.tolist()

    @pytest.mark.parametrize("selection", [FORWARD, HIGHEST, LASSO, AUTO])
    @pytest.mark.parametrize("k", [1, 3, 50])
    def test_at_most_k(self, selection, k):
        x, y, w = sample(1)
        chosen = fit(x, y, w, k, selection).chosen.tolist()
        assert 1 <= len(chosen) <= min(k, 6)
        assert len(set(chosen)) == len(chosen)

    def test_highest_weights_counts_the_instances_own_value(self):
        """In numbers as they are, a weight on a value of 0 adds nothing."""
        x, _, w = sample(2, binary=False, d=2)
        x[0] = [0.0, 1.0]
        assert fit(x, 5 * x[:, 0] + x[:, 1], w, 1, HIGHEST).chosen.tolist() == [1]

    def test_forward_does_not_add_a_copy_of_a_column(self):
        x, y, w = sample(0, d=3)
        assert len(fit(np.hstack([x, x]), y, w, 6, FORWARD).chosen) == 3

    def test_unknown(self):
        with pytest.raises(ValueError, match="no feature selection 'best'"):
            fit(*sample(0), 3, "best")


class TestUncertainty:
    def test_intervals_hold_the_truth_as_often_as_they_say(self):
        """95 % intervals over 200 fresh samples against the large-sample fit: noise there is none, the model is only not linear."""

        def draw(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            rng = np.random.default_rng(seed)
            x = (rng.random((n, 5)) < rng.random((n, 1))).astype(float)
            y = 0.4 * x[:, 0] - 0.2 * x[:, 1] * x[:, 2] + 0.3 * (x[:, 3] + x[:, 4] > 0) * x[:, 0] + 0.1 * np.sin(3 * x.sum(axis=1))
            off = 5 - x.sum(axis=1)
            return x, y, np.exp(-(off**2) / 8)

        truth = np.zeros(5)
        large = fit(*draw(10_000, 400_000), 5, ALL)
        truth[large.chosen] = large.coef
        held, errors, coefs = [], [], []
        for seed in range(200):
            ours = fit(*draw(seed, 1500), 5, ALL)
            order = np.argsort(ours.chosen)
            held.append(((ours.low <= truth[ours.chosen]) & (truth[ours.chosen] <= ours.high))[order])
            errors.append(ours.error[order])
            coefs.append(ours.coef[order])
        per_column = np.mean(held, axis=0)
        assert 0.93 <= per_column.mean() <= 0.97, per_column
        assert (per_column >= 0.90).all(), per_column
        assert (per_column <= 0.985).all(), per_column
        np.testing.assert_allclose(np.mean(errors, axis=0), np.std(coefs, axis=0), rtol=0.15)

    def test_r2_interval_holds_the_large_sample_value(self):
        def draw(seed: int, n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
            rng = np.random.default_rng(seed)
            x = rng.integers(0, 2, (n, 4)).astype(float)
            return x, x[:, 0] + 0.8 * x[:, 1] * x[:, 2], 0.5 + 0.5 * rng.random(n)

        truth = fit(*draw(9999, 400_000), 4, ALL).r2
        fits = [fit(*draw(seed, 600), 4, ALL) for seed in range(200)]
        assert all(0 <= f.r2_low <= f.r2 <= f.r2_high <= 1 for f in fits)
        assert 0.90 <= np.mean([f.r2_low <= truth <= f.r2_high for f in fits]) <= 0.985

    def test_separated(self):
        def with_intervals(coef: list[float], error: float) -> surrogate.Fit:
            return surrogate.Fit(np.arange(len(coef)), np.array(coef), np.full(len(coef), error), 0, 1, 1, 1)

        assert with_intervals([0.5, -0.4, 0.3, 0.0], 0.1).separated()
        assert not with_intervals([0.5, -0.1, 0.3], 0.1).separated()
        assert with_intervals([0.5], 0.1).separated()
        assert not with_intervals([], 0.1).separated()

    def test_the_largest_of_many_must_stand_out_further(self):
        ours = surrogate.Fit(np.arange(3), np.array([0.25, 0.25, 0.25]), np.full(3, 0.1), 0, 1, 1, 1)
        assert ours.separated(among=3)
        assert not ours.separated(among=40), "2.5 standard errors are nothing special for the largest of 40"

    def test_noise_seldom_passes_for_a_finding(self):
        passed = 0
        for seed in range(100):
            rng = np.random.default_rng(seed)
            x = rng.integers(0, 2, (300, 40)).astype(float)
            passed += fit(x, rng.random(300), np.ones(300), 10).separated(top=1, among=40)
        assert passed <= 10


class TestEdges:
    def quiet(self, *args) -> surrogate.Fit:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            ours = fit(*args)
        for numbers in (ours.coef, ours.error, [ours.intercept, ours.r2, ours.r2_low, ours.r2_high]):
            assert np.isfinite(numbers).all()
        assert ours.r2_low <= ours.r2 <= ours.r2_high
        return ours

    @pytest.mark.parametrize("selection", [FORWARD, HIGHEST, LASSO, ALL])
    def test_a_constant_answer(self, selection):
        x, y, w = sample(0)
        ours = self.quiet(x, np.full(len(y), 0.3), w, 3, selection)
        np.testing.assert_allclose(ours.coef, 0, atol=1e-12)
        assert ours.intercept == pytest.approx(0.3)

    @pytest.mark.parametrize("selection", [FORWARD, HIGHEST, LASSO, ALL])
    def test_a_kernel_so_narrow_that_only_the_instance_counts(self, selection):
        x, y, w = sample(0)
        w = np.zeros(len(w))
        w[0] = 1
        np.testing.assert_allclose(self.quiet(x, y, w, 3, selection).coef, 0, atol=1e-9)

    @pytest.mark.parametrize("selection", [FORWARD, HIGHEST, LASSO, ALL])
    def test_constant_columns(self, selection):
        x, y, w = sample(0)
        x[:, 2] = 1
        ours = self.quiet(x, y, w, 6, selection)
        np.testing.assert_allclose(ours.coef[ours.chosen == 2], 0, atol=1e-9)

    @pytest.mark.parametrize("n", [10, 11, 19, 20, 25])
    def test_few_samples(self, n):
        self.quiet(*(part[:n] for part in sample(0)), 6, AUTO)

    def test_one_column(self):
        x, y, w = sample(0, d=1)
        assert self.quiet(x, y, w, 5, AUTO).chosen.tolist() == [0]
