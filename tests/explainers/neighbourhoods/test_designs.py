"""Designs: what is drawn is weighted back to what the reference draws, and lies evenly."""

from __future__ import annotations

import math

import numpy as np
import pytest

from explainers.neighbourhoods import designs


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class TestMasks:
    def test_the_kernel_by_eye(self):
        """Half of the words off: cosine distance 29.3, weight exp(-0.69) = 0.50; all off: exp(-8)."""
        kernel = designs.size_kernel(4, 25)
        assert kernel[1] == pytest.approx(math.exp(-((100 * (1 - math.sqrt(0.5))) ** 2) / 1250))
        assert kernel[3] == pytest.approx(math.exp(-8))

    @pytest.mark.parametrize("d", [1, 2, 13, 300])
    @pytest.mark.parametrize("width", [1e-3, 5.0, 25.0, 1e6])
    def test_shares_are_probabilities_and_none_is_forgotten(self, d, width):
        shares = designs.size_shares(d, width)
        assert shares.sum() == pytest.approx(1)
        assert (shares >= 0.99 * designs.DEFENSIVE / d).all()

    @pytest.mark.parametrize("d", [1, 5, 20])
    def test_factors_give_back_the_references_sizes(self, d):
        """Uniform in 1..d, each part off as often as any other."""
        masks = designs.drawn_masks(64_000, d, designs.size_shares(d, 25), rng())
        size = (~masks.keep).sum(axis=1)
        assert size.min() >= 1
        found = np.bincount(size, masks.factor, minlength=d + 1)[1:] / len(size)
        np.testing.assert_allclose(found, 1 / d, rtol=0.03)
        off = masks.factor @ ~masks.keep / masks.factor.sum()
        np.testing.assert_allclose(off, (d + 1) / 2 / d, rtol=0.05)

    def test_every_round_has_its_share_of_every_size(self):
        shares = designs.size_shares(10, 25)
        keep = designs.drawn_masks(640, 10, shares, rng()).keep
        for start in range(0, 640, designs.ROUND):
            counts = np.bincount((~keep[start : start + designs.ROUND]).sum(axis=1), minlength=11)[1:]
            assert (np.abs(counts - designs.ROUND * shares) <= 1).all(), "systematic sampling: never off by more than one"

    def test_all_masks_are_the_references_distribution_itself(self):
        masks = designs.all_masks(6, rng())
        assert len(np.unique(masks.keep, axis=0)) == len(masks.keep) == 2**6 - 1
        size = (~masks.keep).sum(axis=1)
        assert size.min() == 1
        np.testing.assert_allclose(np.bincount(size, masks.factor)[1:] / len(size), 1 / 6)

    def test_seeds(self):
        shares = designs.size_shares(12, 25)
        a, b, c = (designs.drawn_masks(100, 12, shares, rng(seed)).keep for seed in (0, 0, 1))
        np.testing.assert_array_equal(a, b)
        assert not np.array_equal(a, c)


class TestSteered:
    """Masks drawn more often where a stand-in may be far off."""

    D = 8

    def miss(self, keep: np.ndarray) -> np.ndarray:
        return 0.01 + keep[:, 0] * (~keep[:, 3]) * 0.2

    def drawn(self, n: int = 40_000, seed: int = 0, miss=None) -> designs.Masks:
        return designs.steered_masks(n, self.D, 25, miss or self.miss, rng(seed))

    def test_factors_give_back_the_references_draws(self):
        masks = self.drawn(200_000)
        assert len(masks.keep) == len(masks.factor) == 200_000
        size = (~masks.keep).sum(axis=1)
        found = np.bincount(size, masks.factor, minlength=self.D + 1)[1:] / len(size)
        np.testing.assert_allclose(found[:-1], 1 / self.D, rtol=0.04)
        assert found[-1] == pytest.approx(1 / self.D, rel=0.25), "the empty text is hardly ever drawn, so it is weighted by few draws"
        off = masks.factor @ ~masks.keep / masks.factor.sum()
        np.testing.assert_allclose(off, (self.D + 1) / 2 / self.D, rtol=0.05)

    def test_looks_where_it_is_told_to(self):
        plain = designs.drawn_masks(40_000, self.D, designs.size_shares(self.D, 25), rng())
        assert np.mean(self.miss(self.drawn().keep) > 0.1) > 2 * np.mean(self.miss(plain.keep) > 0.1)

    def test_no_copy_becomes_all_important(self):
        most = 1 / designs.DEFENSIVE * designs.MOST_STEERED / designs.LEAST_STEERED
        assert self.drawn(miss=lambda keep: np.where(keep.all(axis=1), 1e9, 1e-9) + keep[:, 0] * 1e3).factor.max() <= most

    def test_where_nothing_can_be_missed_all_are_alike(self):
        masks = self.drawn(1000, miss=lambda keep: np.zeros(len(keep)))
        assert len(masks.keep) == 1000
        assert np.isfinite(masks.factor).all()

    def test_rounding_changes_no_draw(self):
        """float32 models answer a little differently in another batch."""
        wobble = rng(5)
        a, b = self.drawn(2000), self.drawn(2000, miss=lambda keep: self.miss(keep) * (1 + 1e-7 * wobble.normal(size=len(keep))))
        np.testing.assert_array_equal(a.keep, b.keep)
        np.testing.assert_allclose(a.factor, b.factor, rtol=1e-5)

    def test_renewed(self):
        masks = designs.drawn_masks(50, self.D, designs.size_shares(self.D, 25), rng())
        fresh = self.drawn(10)
        new = masks.renewed(20, fresh)
        for before, put, after in ((masks.keep, fresh.keep, new.keep), (masks.factor, fresh.factor, new.factor)):
            np.testing.assert_array_equal(after, np.concatenate([before[:20], put, before[30:]]))


class TestNet:
    @pytest.mark.parametrize("d", [1, 3, 30])
    def test_each_column_has_one_point_in_each_cell(self, d):
        points = designs.net(256, d, rng())
        assert ((points > 0) & (points < 1)).all()
        for column in points.T:
            assert sorted((column * 256).astype(int)) == list(range(256))

    def test_blocks_are_nets_too(self):
        points = designs.net(512, 8, rng(3))
        for start in range(0, 512, 64):
            for column in points[start : start + 64].T:
                assert sorted((column * 64).astype(int)) == list(range(64))

    def test_each_point_is_uniform_over_seeds(self):
        drawn = np.array([designs.net(16, 2, rng(seed))[5] for seed in range(2000)])
        np.testing.assert_allclose(drawn.mean(axis=0), 0.5, atol=0.03)
        np.testing.assert_allclose(drawn.var(axis=0), 1 / 12, atol=0.01)

    def test_sums_of_functions_of_one_column_are_averaged_with_next_to_no_error(self):
        def spread(draw) -> float:
            return float(np.std([np.sin(3 * draw(seed)).sum(axis=1).mean() for seed in range(30)]))

        assert spread(lambda s: designs.net(1024, 10, rng(s))) < 0.02 * spread(lambda s: rng(s).random((1024, 10)))

    @pytest.mark.parametrize(("n", "power"), [(1, 1), (50, 64), (64, 64), (65, 64), (5000, 4096), (6000, 8192), (100_000, 131_072)])
    def test_the_nearest_power_of_two(self, n, power):
        assert designs.near_power_of_two(n) == power
