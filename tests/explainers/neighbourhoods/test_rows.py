"""Rows around a row: what is drawn more often than the reference draws it, and what is taken out of the answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from explainers import surrogate
from explainers.methods import explain
from explainers.models.tables import CodedTable
from explainers.neighbourhoods import tables
from tests.fixtures.lime_cases import weights
from tests.fixtures.toys import PERSON, people, table_task, two_classes


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def flags(columns: int, share: float, n: int = 2000) -> pd.DataFrame:
    """Columns of two values, "no" with a probability of `share`."""
    drawn = rng(5).random((n, columns)) < share
    return pd.DataFrame(np.where(drawn, "no", "yes"), columns=[f"f{j}" for j in range(columns)])


def around(frame: pd.DataFrame, n: int = 1024, seed: int = 0, width: float | None = None):
    task = table_task(lambda f: two_classes(np.full(len(f), 0.5)), frame)
    return tables.draw(task, task.instances()[0], n, rng(seed), "quartile", False, width)


class TestRareBins:
    def test_only_what_is_rare_is_drawn_more_often(self):
        shares = np.array([0.0, 0.01, 0.15, 0.2, 0.5, 0.8, 0.95, 1.0])
        drawn = tables._own_shares(shares)
        assert drawn[[3, 4, 5]].tolist() == shares[[3, 4, 5]].tolist()
        assert shares[1] < drawn[1] < tables.RARE
        assert shares[2] < drawn[2] < tables.RARE
        assert 1 - tables.RARE < drawn[6] < shares[6]
        assert drawn[[0, 7]] == pytest.approx([0, 1])

    def test_what_it_may_cost_is_bounded(self):
        """A hundred columns of rare flags would else leave a tenth of the samples."""
        hood = around(flags(100, 0.95), 4096)
        weights = hood.fit_weights(4096)[1:]
        assert weights.sum() ** 2 / (weights**2).sum() > 0.6 * 4096

    def test_weights_bring_the_reference_back(self):
        """Under the weights each bin is as frequent as the kernel leaves it in the reference, and bins of two columns are independent."""
        frame = flags(6, 0.93)
        hood = around(frame, 16_384, width=1.5)
        weights = hood.fit_weights(16_384)[1:]
        own = frame.iloc[0]
        kept = np.exp(-0.5 / 1.5**2)
        expected = [(p := (frame[c] == own[c]).mean()) / (p + (1 - p) * kept) for c in frame.columns]
        x = hood.design[1:]
        assert weights @ x / weights.sum() == pytest.approx(expected, abs=0.004)
        assert weights @ (x[:, 0] * x[:, 1]) / weights.sum() == pytest.approx(expected[0] * expected[1], abs=0.006)

    def test_a_rare_part_is_surer(self, monkeypatch):
        """The number of a column that is nearly always the same: what it would be without drawing the rest of it more often."""
        frame = flags(4, 0.97)
        frame["x"] = rng(8).random(len(frame))

        def model(rows: pd.DataFrame) -> np.ndarray:
            return two_classes(0.3 + 0.3 * (rows["f0"] == "yes") * rows["x"] + 0.2 * rows["x"] * (rows["f1"] == "no"))

        def spread() -> float:
            task = table_task(model, frame)
            runs = [weights(explain("lime", task, task.instances()[0], seed=s, target=1, num_samples=512)) for s in range(12)]
            return float(np.std([run["f0"] for run in runs]))

        ours = spread()
        monkeypatch.setattr(tables, "RARE", 0.0)
        assert ours < 0.75 * spread()

    def test_a_bin_that_no_row_has_and_one_that_all_have(self):
        frame = pd.DataFrame({"one": ["a"] * 50, "x": np.arange(50.0)})
        task = table_task(lambda f: two_classes(f["x"] / 50), frame)
        e = explain("lime", task, {"one": "a", "x": 10.0}, num_samples=300)
        assert np.isfinite(e.payload.values).all()
        assert np.isfinite(e.payload.low).all()


class TestAside:
    @pytest.mark.parametrize("seed", range(3))
    def test_is_uncorrelated_with_the_design(self, seed):
        task = table_task()
        hood = tables.draw(task, PERSON, 8192, rng(seed), "quartile", False, None)
        weights = hood.fit_weights(8192)
        x, z = hood.design - weights @ hood.design / weights.sum(), hood.aside(0, 8192)
        assert z.shape[1] >= 6
        moment = x.T @ (z * weights[:, None]) / weights.sum()
        assert np.abs(moment).max() < 0.01
        assert np.abs(weights @ z / weights.sum()).max() < 0.01

    def test_part_by_part_is_the_whole(self):
        hood = tables.draw(table_task(), PERSON, 64, rng(), "quartile", False, None)
        np.testing.assert_array_equal(np.vstack([hood.aside(0, 10), hood.aside(10, 64)]), hood.aside(0, 64))
        assert not hood.aside(0, 1).any(), "the instance has its own bins only"

    def test_makes_numbers_surer_and_intervals_stay_honest(self):
        """A model that tells the other bins apart: 95 % intervals hold the long run's number, and are narrower than without."""

        def model(frame: pd.DataFrame) -> np.ndarray:
            rank = frame["job"].astype(str).str.len() % 5 / 5
            age = np.clip(frame["age"] / 100, 0, 1)
            return two_classes(0.05 + 0.5 * rank * (1 + age) / 2 + 0.4 * (age - 0.5) ** 2 + 0.3 * np.sin(frame["height"] * 9) ** 2 * age)

        task = table_task(model, people(600))

        def fits(n: int, seed: int, aside: bool) -> surrogate.Fit:
            hood = tables.draw(task, PERSON, n, rng(seed), "decile", False, None)
            assert isinstance(hood.batch, CodedTable)
            y = model(hood.batch.frame())[:, 1]
            return surrogate.fit(hood.design, y, hood.fit_weights(n), 9, "none", aside=hood.aside if aside else None)

        def in_order(fit: surrogate.Fit) -> np.ndarray:
            return fit.coef[np.argsort(fit.chosen)]

        long = np.mean([in_order(fits(65_536, 1000 + s, False)) for s in range(2)], axis=0)
        with_it, without = ([fits(1024, s, aside) for s in range(20)] for aside in (True, False))
        errors = [np.sqrt(np.mean([(in_order(f) - long) ** 2 for f in found])) for found in (with_it, without)]
        assert errors[0] < errors[1]
        assert np.mean([f.error.mean() for f in with_it]) < 0.9 * np.mean([f.error.mean() for f in without])
        inside = [(f.low[np.argsort(f.chosen)] <= long) & (long <= f.high[np.argsort(f.chosen)]) for f in with_it]
        assert np.mean(inside) > 0.93

    def test_more_rows_than_are_looked_at_at_once(self, monkeypatch):
        hood = tables.draw(table_task(), PERSON, 1024, rng(), "quartile", False, None)
        y, w = rng(1).random(1024), hood.fit_weights(1024)
        whole, spent = surrogate._less(y, hood.design, w, hood.aside)
        monkeypatch.setattr(surrogate, "ROWS_AT_ONCE", 100)
        np.testing.assert_allclose(surrogate._less(y, hood.design, w, hood.aside)[0], whole, atol=1e-5)
        assert spent == hood.aside(0, 1).shape[1] > 0
        assert np.var(whole) < np.var(y)

    def test_what_was_learnt_from_the_answers_counts_against_them(self):
        """Answers that are noise, few rows: standard errors are what the seeds give, not what is left after taking much out."""
        coefs, errors = [], []
        for seed in range(300):
            hood = tables.draw(table_task(), PERSON, 128, rng(seed), "decile", False, None)
            y, w = rng(seed + 10_000).random(128), hood.fit_weights(128)
            fit = surrogate.fit(hood.design, y, w, 9, "none", aside=hood.aside)
            coefs.append(fit.coef[np.argsort(fit.chosen)])
            errors.append(fit.error[np.argsort(fit.chosen)])
        assert surrogate._less(y, hood.design, w, hood.aside)[1] >= 15
        assert 0.98 < np.sqrt(np.mean(np.square(errors)) / np.mean(np.var(coefs, axis=0))) < 1.1

    def test_too_few_rows_to_tell_are_left_as_they_are(self):
        hood = tables.draw(table_task(), PERSON, 64, rng(), "decile", False, None)
        y = rng(1).random(64)
        left, spent = surrogate._less(y, hood.design, hood.fit_weights(64), hood.aside)
        assert (left is y, spent) == (True, 0)


class TestChecks:
    @pytest.mark.parametrize(
        ("n", "checks"), [(64, ()), (2048, ()), (4096, (1024,)), (16_384, (1024, 4096)), (131_072, (2048, 8192, 32_768))]
    )
    def test_each_is_a_net(self, n, checks):
        assert tables.checks(n) == checks

    def test_an_easy_model_is_left_early_and_a_rough_one_is_not(self):
        columns = tables.column_bins(table_task(), "quartile")

        def easy(frame: pd.DataFrame) -> np.ndarray:
            own = [c.index(frame[c.column.name]) == c.index_of(PERSON[c.column.name]) for c in columns]
            return two_classes(0.1 + np.array([0.25, 0.18, 0.12, 0.08, 0.05, 0.0]) @ own)

        assert explain("lime", table_task(easy), PERSON).payload.samples == 1024
        task = table_task(lambda f: two_classes(np.sin(f["height"] * 1e4) ** 2))
        assert explain("lime", task, PERSON).payload.samples == 4096
        assert explain("lime", task, PERSON, num_samples=5000, settle=False).payload.samples == 4096
