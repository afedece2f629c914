"""Soft masks: what they are, and the estimate against full enumeration."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.maps.soft_masks import SoftMasks, covariance, estimate, weights


@given(st.integers(2, 9), st.integers(1, 40), st.floats(0, 1))
def test_cells_share_each_pixel(side, length, shift):
    w = weights(length, side, shift)
    assert w.shape == (length, side)
    assert w.sum(axis=1) == pytest.approx(1)
    assert ((w > 0).sum(axis=1) <= 2).all()


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 6), st.sampled_from([0.2, 0.5, 0.7]), st.integers(0, 99))
def test_cells_are_on_in_their_share(side, share, seed):
    masks = SoftMasks.draw(40, side, share, np.random.default_rng(seed))
    assert masks.cells.mean(axis=0) == pytest.approx(share)
    if masks.paired:
        assert (masks.cells[0::2] ^ masks.cells[1::2]).all()
        assert masks.at(0, 9, 9) + masks.at(1, 9, 9) == pytest.approx(1)


def test_the_covariance_is_that_of_drawn_masks():
    rng = np.random.default_rng(0)
    masks = SoftMasks(rng.random((8_000, 2, 2)) < 0.5, rng.random((8_000, 2)), 0.5, False)
    drawn = masks.all()
    along = covariance(2, masks.fine)
    expected = np.einsum("ac,bd->abcd", along, along).reshape(drawn.shape[1], -1) / 4
    assert np.abs(np.cov(drawn.T.astype(np.float64), ddof=0) - expected).max() < 0.015


def every_mask(side, paired, shifts=4):
    """All grids of cells, each under the same even shifts."""
    grids = np.array(list(itertools.product([False, True], repeat=side * side))).reshape(-1, side, side)
    half = grids[: len(grids) // 2]  # the other half are their complements, in reverse
    cells = np.stack([half, ~half], axis=1).reshape(-1, side, side) if paired else grids
    moves = [((a + 0.5) / shifts, (b + 0.5) / shifts) for a in range(shifts) for b in range(shifts)]
    return SoftMasks(np.concatenate([cells] * len(moves)), np.repeat(moves, len(cells), axis=0), 0.5, paired)


@pytest.mark.parametrize("paired", [True, False])
def test_the_estimate_is_that_of_full_enumeration(paired):
    """An answer with an interaction, under every mask of 2 x 2 cells: on minus off, worked out from its definition."""
    masks = every_mask(2, paired)
    m = masks.all().astype(np.float64)
    fine = masks.fine
    answers = 0.2 + 0.5 * m[:, 0] - 0.3 * m[:, -1] + 0.4 * m[:, 0] * m[:, fine - 1]
    on = (answers @ m) / m.sum(axis=0)
    off = (answers @ (1 - m)) / (1 - m).sum(axis=0)
    scale = covariance(2, fine).sum(axis=1).mean() ** 2
    found = estimate(masks, answers)
    assert found is not None
    assert np.corrcoef(found.values.ravel(), (on - off).ravel())[0, 1] > 0.9999
    assert found.values.ravel() * scale == pytest.approx(on - off, abs=0.01)


def test_a_few_masks_say_nothing():
    masks = SoftMasks.draw(16, 3, 0.5, np.random.default_rng(0))
    assert estimate(masks, np.array([0.1, 0.4])) is None


def test_orthogonal_pairs_come_nearer_than_the_papers_masks():
    """A linear answer and 64 masks: the mean error of ours is less than half that of E[f M] / p."""
    rng = np.random.default_rng(0)
    ours, papers = [], []
    for seed in range(5):
        masks = SoftMasks.draw(64, 4, 0.5, np.random.default_rng(seed))
        slope = np.zeros(masks.fine**2)
        slope[: masks.fine * 5] = 1 / (masks.fine * 5)
        along = covariance(4, masks.fine)
        truth = (along @ slope.reshape(masks.fine, -1) @ along).ravel()

        found = estimate(masks, masks.all() @ slope)
        ours.append(1 - np.corrcoef(found.values.ravel(), truth)[0, 1])
        drawn = SoftMasks(rng.random((64, 4, 4)) < 0.5, rng.random((64, 2)), 0.5, False).all()
        papers.append(1 - np.corrcoef((drawn @ slope) @ drawn, truth)[0, 1])
    assert np.mean(ours) < np.mean(papers) / 2
