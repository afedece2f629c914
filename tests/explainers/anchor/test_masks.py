"""Copies that many rules share."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.anchor.masks import MaskSampler, drawn_masks


def sampler(answer, stays=(0.5,) * 6, seed: int = 0, most: int | None = None):
    asked: list[np.ndarray] = []

    def answered(masks: np.ndarray) -> np.ndarray:
        asked.append(masks)
        return answer(masks)[:most]

    return MaskSampler(np.array(stays), answered, lambda rules: np.ones(len(rules)), 50_000, np.random.default_rng(seed)), asked


def test_a_copy_counts_for_every_rule_that_it_obeys():
    made, asked = sampler(lambda masks: masks[:, 0])
    made.draw([()], np.array([1000]))
    hits, n = made.tally([(), (0,), (0, 3)])
    assert n[0] == 1000
    assert n[1] == asked[0][:, 0].sum()
    assert n[2] == (asked[0][:, 0] & asked[0][:, 3]).sum()
    assert (hits[1], hits[2]) == (n[1], n[2])


def test_a_copy_drawn_under_more_than_a_rule_asks_does_not_count_for_it():
    made, _ = sampler(lambda masks: masks[:, 0])
    made.draw([(0, 1)], np.array([50]))
    _, n = made.tally([(), (0,), (1,), (0, 1), (0, 1, 2)])
    assert list(n[:4]) == [0, 0, 0, 50]
    assert 10 < n[4] < 40


def test_shared_copies_are_as_good_as_drawn_ones():
    """The share of hits under a rule is the same whether its copies were drawn for it or happened to obey it."""

    def answer(masks: np.ndarray) -> np.ndarray:
        return masks[:, 0] & (masks[:, 1] | masks[:, 2])

    shared, _ = sampler(answer, stays=(0.5, 0.3, 0.6, 0.5))
    shared.draw([()], np.array([40_000]))
    hits, n = shared.tally([(0,)])
    assert hits[0] / n[0] == pytest.approx(1 - 0.7 * 0.4, abs=0.01)


def test_many_rules_are_served_by_a_shorter_one():
    made, asked = sampler(lambda masks: masks[:, 0])
    made.draw([(p,) for p in range(6)], np.full(6, 20))
    assert len(asked[0]) == 40, "twice 20 copies without a condition serve all six"
    made, asked = sampler(lambda masks: masks[:, 0])
    made.draw([(2,)], np.array([20]))
    assert len(asked[0]) == 20
    assert asked[0][:, 2].all(), "one rule alone is drawn by itself"


def test_parts_stay_with_their_own_probability():
    masks = drawn_masks((1,), 20_000, np.array([0.1, 0.5, 0.5, 0.9]), np.random.default_rng(0))
    np.testing.assert_allclose(masks.mean(axis=0), [0.1, 1, 0.5, 0.9], atol=0.02)


def test_a_limit_keeps_what_was_answered():
    made, _ = sampler(lambda masks: masks[:, 0], most=7)
    assert not made.draw([()], np.array([20]))
    assert made.tally([()])[1][0] == 7
    assert made.draw([], np.array([]))
