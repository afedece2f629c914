"""AUROC, its interval and p against scikit-learn, by symmetry, and on sets that can be checked by eye."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from scipy.stats import norm
from sklearn.metrics import roc_auc_score

from explainers.differences import exact
from explainers.differences.statistics import corrected, paired_separation, separation

sets = st.lists(st.integers(0, 5), min_size=3, max_size=30).map(lambda v: np.array(v, dtype=float))


@given(sets, sets)
@settings(max_examples=60, deadline=None)
def test_auroc_is_scikit_learns_and_swapping_turns_it_round(a, b):
    found, swapped = separation(a, b), separation(b, a)
    assert found.auroc == pytest.approx(roc_auc_score(np.r_[np.ones(len(a)), np.zeros(len(b))], np.r_[a, b]))
    assert swapped.auroc == pytest.approx(1 - found.auroc)
    assert (swapped.low, swapped.high) == (pytest.approx(1 - found.high), pytest.approx(1 - found.low))
    assert swapped.p == pytest.approx(found.p)
    assert 0 <= found.low <= found.auroc <= found.high <= 1


def test_all_of_a_above_all_of_b_is_not_certainty():
    found = separation(np.ones(10), np.zeros(12))
    assert found.auroc == 1
    assert 0.6 < found.low < 0.8


def test_nothing_to_tell_apart():
    found = separation(np.ones(6), np.ones(9))
    assert (found.auroc, found.p) == (0.5, 1.0)
    assert found.low < 0.3 < 0.7 < found.high


@pytest.mark.parametrize("paired", [False, True])
def test_intervals_hold_what_they_promise(paired):
    """Normal scores half a standard deviation apart; in pairs, a common part of twice that spread."""
    rng, held, runs = np.random.default_rng(0), 0, 400
    spread = 2.0 if paired else 0.0
    truth = norm.cdf(0.5 / np.sqrt(2 * (1 + spread**2)))
    for _ in range(runs):
        common = rng.normal(0, spread, 50) if paired else 0.0
        a, b = common + rng.normal(0.5, 1, 50), common + rng.normal(0, 1, 50)
        found = (paired_separation if paired else separation)(a, b)
        held += found.low <= truth <= found.high
    assert 0.92 <= held / runs <= 0.98


def test_pairs_make_a_small_steady_difference_visible():
    rng = np.random.default_rng(0)
    b = rng.normal(0, 5, 60)
    a = b + 0.5 + rng.normal(0, 0.2, 60)
    assert paired_separation(a, b).p < 1e-6 < separation(a, b).p


def test_pairs_need_equal_sizes():
    with pytest.raises(ValueError, match="equally many items, not 2 and 3"):
        paired_separation(np.ones(2), np.ones(3))


def test_q_is_p_times_the_number_of_candidates_for_the_first():
    assert corrected([0.01, 0.9, 0.8]).tolist() == pytest.approx([0.03, 0.9, 0.9])
    assert len(corrected([])) == 0


def test_p_is_exact_where_few_items_or_few_values_decide():
    one_of_five = separation(np.array([1.0, 0, 0, 0, 0]), np.zeros(100))
    assert one_of_five.p == pytest.approx(2 * 5 / 105)  # chance puts the one item into the five in 5 of 105 cases
    assert separation(np.ones(3), np.zeros(3)).p == pytest.approx(2 / 20)
    assert separation(np.ones(4), np.zeros(4)).p == pytest.approx(2 / 70)
    rare = np.zeros(1000)
    rare[:2] = 1
    assert separation(rare[:50], np.zeros(500)).p == pytest.approx(2 * (50 * 49) / (550 * 549))
    assert paired_separation(np.array([1.0] * 6 + [0.0] * 40), np.zeros(46)).p == pytest.approx(2 / 2**6)


@pytest.mark.parametrize("steps", [exact.MOST_STEPS, 0])  # both ways of counting
def test_exact_p_is_what_all_ways_to_deal_the_values_out_give(steps, monkeypatch):
    monkeypatch.setattr(exact, "MOST_STEPS", steps)
    for a, b in (([0, 0, 1, 3], [0, 2, 3, 3, 3]), ([5, 5, 1], [1, 1, 1, 1, 0]), ([2.5, 2.5], [1, 2.5, 9])):
        ranks = stats.rankdata([*a, *b])
        sums = np.array([sum(chosen) for chosen in itertools.combinations(ranks, len(a))])
        reached = ranks[: len(a)].sum()
        assert exact.rank_sum_p(np.array(a), np.array(b)) == pytest.approx(
            min(1, 2 * min((sums <= reached).mean(), (sums >= reached).mean()))
        )
        assert exact.rank_sum_p(np.array(b), np.array(a)) == pytest.approx(exact.rank_sum_p(np.array(a), np.array(b)))


def test_large_sets_have_the_usual_p():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=300), rng.normal(0.2, size=300)
    assert separation(a, b).p == pytest.approx(stats.mannwhitneyu(a, b).pvalue)


def test_differences_that_are_the_same_but_for_rounding_are_ties():
    """0.3 - 0.2 and 0.5 - 0.4 differ in the last digit. Tied, four ups and two downs of one size: 2 x P(4 or more heads of 6) = 44/64."""
    up, down = (np.array([0.3, 0.5, 0.9, 0.2]), np.array([0.2, 0.4, 0.8, 0.1])), (np.array([0.4, 0.7]), np.array([0.5, 0.8]))
    differences = np.concatenate([up[0] - up[1], down[0] - down[1]])
    assert len(np.unique(np.abs(differences))) > 1
    assert exact.signed_rank_p(differences) == pytest.approx(44 / 64)
    assert exact.signed_rank_p(1e-9 * differences) == pytest.approx(44 / 64)


@pytest.mark.parametrize("seed", range(5))
def test_without_ties_it_is_scipys_exact_p(seed):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=7), rng.normal(0.5, size=9)
    assert exact.rank_sum_p(a, b) == pytest.approx(stats.mannwhitneyu(a, b, method="exact").pvalue)


def test_with_ties_it_is_what_permutations_converge_to():
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 4, 30).astype(float), rng.integers(0, 4, 40).astype(float)
    made = stats.permutation_test((a, b), lambda x, y: stats.rankdata(np.r_[x, y])[:30].sum(), n_resamples=4000, random_state=0)
    assert exact.rank_sum_p(a, b) == pytest.approx(made.pvalue, abs=0.015)
