"""Bounds of a share: right by hand, and right as often as they say."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.anchor import bounds

shares = st.floats(0, 1)


def test_divergence_by_hand():
    assert bounds.divergence(0.5, 0.25) == pytest.approx(0.5 * np.log(2) + 0.5 * np.log(0.5 / 0.75))
    assert bounds.divergence(1.0, 0.5) == pytest.approx(np.log(2))
    assert bounds.divergence(0.3, 0.3) == 0
    assert bounds.divergence(0.3, 0.0) == np.inf
    assert bounds.divergence(0.0, 0.0) == bounds.divergence(1.0, 1.0) == 0


def test_of_a_rule_that_never_failed_the_bound_has_a_closed_form():
    """mean 1: n log(1/q) = level."""
    assert bounds.lower(1.0, 66, 3.0) == pytest.approx(np.exp(-3.0 / 66), abs=1e-6)
    assert bounds.upper(0.0, 66, 3.0) == pytest.approx(1 - np.exp(-3.0 / 66), abs=1e-6)


@given(shares, st.integers(1, 5000), st.floats(0.1, 20))
def test_the_bound_is_where_the_divergence_reaches_the_level(mean: float, n: int, level: float):
    """Not a single step of the bisection: n KL(mean, q) = level, or the end of the unit interval."""
    for q in (float(bounds.upper(mean, n, level)), float(bounds.lower(mean, n, level))):
        inside, outside = q + 1e-6 * np.sign(mean - q), q - 1e-6 * np.sign(mean - q)
        assert n * bounds.divergence(mean, inside) <= level + 1e-9
        assert q in (0.0, 1.0) or not 0 <= outside <= 1 or n * bounds.divergence(mean, outside) >= level - 1e-3 * n


@given(st.lists(st.tuples(shares, st.integers(0, 1000)), min_size=1, max_size=6))
def test_many_at_once_are_as_one_by_one(pairs: list[tuple[float, int]]):
    means, n = np.array(pairs).T
    together = bounds.upper(means, n, 3.0)
    np.testing.assert_array_equal(together, [bounds.upper(m, k, 3.0) for m, k in pairs])
    assert (together >= means).all()
    assert (bounds.lower(means, n, 3.0) <= means).all()


def test_nothing_measured_says_nothing():
    assert bounds.upper(0.0, 0, 3.0) == 1
    assert bounds.lower(0.0, 0, 3.0) == 0


@pytest.mark.parametrize("truth", [0.05, 0.5, 0.87, 0.95, 0.995])
@pytest.mark.parametrize("n", [20, 100, 500])
def test_they_hold_the_true_share_at_their_nominal_rate(truth: float, n: int):
    """At level log(20) each side fails in at most 5 % of samples, and neither is so wide that it never does."""
    means = np.random.default_rng(0).binomial(n, truth, size=20_000) / n
    level = np.log(20)
    above, below = (bounds.lower(means, n, level) > truth).mean(), (bounds.upper(means, n, level) < truth).mean()
    assert max(above, below) <= 0.05
    if n * min(truth, 1 - truth) > 20:
        assert min(above, below) > 0.002


def test_levels_by_hand():
    assert bounds.acceptance_level(1, 12, 0.05) == pytest.approx(np.log(20))
    assert bounds.acceptance_level(4, 12, 0.05) == pytest.approx(np.log(37 / 0.05))
    assert bounds.selection_level(10, 1, 0.05) == pytest.approx(np.log(10 * 2 / 0.05))


def test_the_risks_of_all_rounds_and_rules_add_up_to_delta():
    arms, delta = 40, 0.05
    risk = sum(arms * np.exp(-bounds.selection_level(arms, t, delta)) for t in range(1, 100_000))
    assert risk <= delta
    assert risk > 0.99 * delta


@given(st.floats(0.91, 1), st.floats(0.5, 15))
def test_samples_to_accept_are_just_enough(mean: float, level: float):
    n = float(bounds.samples_to_accept(mean, 0.9, level))
    assert bounds.lower(mean, n, level) >= 0.9 - 1e-6
    assert n <= 1 or bounds.lower(mean, n - 1, level) <= 0.9 + 1e-6


def test_no_number_of_samples_accepts_what_lies_below():
    assert bounds.samples_to_accept(0.9, 0.9, 3.0) == np.inf
