"""Bins of a table's columns: the lime package's edges and statistics, and values that stay where they were drawn."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lime.discretize import DecileDiscretizer, EntropyDiscretizer, QuartileDiscretizer

from explainers.bins import DECILE, ENTROPY, QUARTILE, ColumnBins, learn_bins
from explainers.models.tables import TableSchema
from tests.fixtures.toys import people, sentence

THEIRS = {QUARTILE: QuartileDiscretizer, DECILE: DecileDiscretizer, ENTROPY: EntropyDiscretizer}


def bins_of(values, discretizer: str = QUARTILE, labels=(), **options) -> ColumnBins:
    frame = pd.DataFrame({"x": values})
    return learn_bins(TableSchema.learn([frame], **options), frame, discretizer, labels)[0]


WHOLE = st.lists(st.integers(-50, 50), min_size=2, max_size=60)
TIES = st.lists(st.sampled_from([0, 0, 0, 0, 0, 0, 0, 5_000, 99_999]), min_size=2, max_size=60)
DECIMAL = st.lists(st.floats(-1e6, 1e6, allow_subnormal=False), min_size=2, max_size=60)


class TestAgainstTheLimePackage:
    def compare(self, values, discretizer: str) -> None:
        values = np.asarray(values)
        labels = (np.asarray(values, dtype=float) > np.median(values)).astype(int)
        theirs = THEIRS[discretizer](values.astype(float)[:, None], [], ["x"], labels=labels, random_state=0)
        ours = bins_of(values, discretizer, labels)
        edges = np.array(theirs.maxs[0][:-1])
        np.testing.assert_array_equal(ours.edges, edges)
        index = theirs.discretize(values.astype(float)[:, None])[:, 0].astype(int)
        np.testing.assert_array_equal(ours.index(values), index)
        filled = np.bincount(index, minlength=len(edges) + 1) > 0
        np.testing.assert_allclose(ours.mean[filled], np.array(theirs.means[0])[filled], atol=1e-9, rtol=1e-12)
        np.testing.assert_allclose(ours.spread[filled], np.array(theirs.stds[0])[filled], atol=1e-9, rtol=1e-9)
        np.testing.assert_array_equal(ours.low, theirs.mins[0])
        np.testing.assert_array_equal(ours.high, theirs.maxs[0])
        np.testing.assert_allclose(ours.frequency, np.bincount(index, minlength=len(edges) + 1) / len(values))

    @pytest.mark.parametrize("discretizer", sorted(THEIRS))
    @given(values=WHOLE | TIES | DECIMAL)
    def test_same_bins(self, discretizer, values):
        self.compare(values, discretizer)

    @pytest.mark.parametrize("discretizer", sorted(THEIRS))
    @pytest.mark.parametrize("column", ["age", "gain", "height"])
    def test_same_bins_on_a_table(self, discretizer, column):
        self.compare(people()[column].to_numpy(), discretizer)

    def test_same_distribution_of_drawn_values(self):
        """The two truncated normals, by their moments (5 standard errors of 100,000 draws)."""
        values = people(2000)["height"].to_numpy()
        theirs = QuartileDiscretizer(values[:, None], [], ["x"], random_state=0)
        ours = bins_of(values)
        rng, n = np.random.default_rng(0), 100_000
        for i in range(4):
            a = np.asarray(ours.draw(np.full(n, i), rng))
            b = theirs.get_undiscretize_values(0, np.full(n, i))
            assert abs(a.mean() - b.mean()) < 5 * np.hypot(a.std(), b.std()) / np.sqrt(n)
            assert a.std() == pytest.approx(b.std(), rel=0.02)


class TestNumbers:
    def test_quartiles_by_eye(self):
        bins = bins_of([1.0, 2.0, 3.0, 4.0, 5.0])
        assert bins.edges.tolist() == [2, 3, 4]
        assert bins.index([1.0, 2.0, 2.1, 3.0, 4.0, 4.1, 99.0, -99.0]).tolist() == [0, 0, 1, 1, 2, 3, 3, 0], "right-closed"
        assert bins.frequency.tolist() == [0.4, 0.2, 0.2, 0.2]

    def test_names(self):
        bins = bins_of([1.0, 2.0, 3.5, 4.0, 5.0])
        assert [bins.name(i) for i in range(4)] == ["x <= 2", "2 < x <= 3.5", "3.5 < x <= 4", "x > 4"]

    def test_names_tell_small_numbers_apart(self):
        bins = bins_of([0.001, 0.002, 0.003, 0.004, 0.005])
        assert [bins.name(i) for i in range(4)] == ["x <= 0.002", "0.002 < x <= 0.003", "0.003 < x <= 0.004", "x > 0.004"]

    def test_names_of_large_and_negative_numbers(self):
        assert bins_of([-1234567.0, -10.0, 0.0, 10.25, 2345678.0]).name(1) == "-10 < x <= 0"
        assert bins_of([1e7, 2e7, 3e7, 4e7, 5e7]).name(0) == "x <= 2e+07"

    @given(values=WHOLE | TIES | DECIMAL, discretizer=st.sampled_from([QUARTILE, DECILE]), seed=st.integers(0, 1000))
    def test_drawn_values_stay_in_their_bin(self, values, discretizer, seed):
        bins = bins_of(values, discretizer)
        drawable = np.flatnonzero(bins.frequency)
        chosen = np.repeat(drawable, 20)
        drawn = np.asarray(bins.draw(chosen, np.random.default_rng(seed)))
        np.testing.assert_array_equal(bins.index(drawn), chosen)
        assert drawn.min() >= min(values)
        assert drawn.max() <= max(values)

    @pytest.mark.parametrize("dtype", ["int64", "int8", "uint8", "Int64", "float32", "float64"])
    def test_drawn_values_have_the_columns_dtype(self, dtype):
        bins = bins_of(pd.array([1, 2, 3, 4, 100], dtype=dtype))
        drawn = pd.Series(bins.draw(np.arange(4), np.random.default_rng(0)))
        assert drawn.dtype == dtype

    @pytest.mark.parametrize("value", [0, 7, -3.5, 0.1, 1e12])
    def test_a_constant_column(self, value):
        bins = bins_of([value] * 30)
        assert bins.edges.tolist() == [value]
        assert bins.frequency.tolist() == [1, 0]
        assert np.asarray(bins.draw(np.zeros(50, dtype=int), np.random.default_rng(0))).tolist() == [value] * 50

    def test_heavy_ties(self):
        """Like capital gain: nine in ten are 0, so all quartiles are 0."""
        gain = people(2000)["gain"]
        bins = bins_of(gain)
        assert bins.edges.tolist() == [0]
        assert bins.frequency[0] == pytest.approx((gain == 0).mean())
        assert bins.name(0) == "x <= 0"
        drawn = np.asarray(bins.draw(np.array([0] * 100 + [1] * 100), np.random.default_rng(0)))
        assert (drawn[:100] == 0).all()
        assert (drawn[100:] > 0).all()

    def test_draws_differ_with_the_generator_and_only_with_it(self):
        bins = bins_of(people()["height"])
        draws = [np.asarray(bins.draw(np.zeros(9, dtype=int), np.random.default_rng(seed))).tolist() for seed in (0, 0, 1)]
        assert draws[0] == draws[1] != draws[2]


class TestEntropy:
    def test_cuts_where_the_labels_change(self):
        bins = bins_of([1.0, 2.0, 3.0, 4.0], ENTROPY, [0, 0, 1, 1])
        assert bins.edges.tolist() == [2.5]

    def test_labels_that_say_nothing_cut_at_the_median(self):
        assert bins_of([1.0, 2.0, 4.0], ENTROPY, [1, 1, 1]).edges.tolist() == [2]

    def test_needs_labels(self):
        with pytest.raises(ValueError, match="needs labels") as caught:
            bins_of([1.0, 2.0], ENTROPY)
        assert "quartile" in sentence(caught.value)

    def test_unknown_discretizer(self):
        with pytest.raises(ValueError, match="no discretizer 'octile'"):
            bins_of([1.0, 2.0], "octile")


class TestCategories:
    def test_by_eye(self):
        bins = bins_of(["b", "a", "b", "c"])
        assert bins.column.values == ("a", "b", "c")
        assert bins.frequency.tolist() == [0.25, 0.5, 0.25]
        assert bins.index(["c", "a"]).tolist() == [2, 0]
        assert bins.name(1) == "x = b"
        assert list(bins.draw(np.array([1, 0]), np.random.default_rng(0))) == ["b", "a"]

    @pytest.mark.parametrize(
        "values",
        [
            pd.array([True, False, True]),
            pd.Categorical(["S", "L", "S"], categories=["S", "M", "L"]),
            pd.array(["a", "b", "a"], dtype="str"),
            pd.array(["a", "b", "a"], dtype="string"),
            np.array(["a", "b", "a"], dtype=object),
            pd.array([True, None, True], dtype="boolean"),
            pd.array(["a", None, "b"], dtype="str"),
            np.array(["a", None, "b"], dtype=object),
            np.array(["a", np.nan, "b"], dtype=object),
            pd.array(["a", None, "b"], dtype="string"),
            pd.to_datetime(["2020-01-01", "2020-01-02", "2020-01-01"]),
            np.array([1, "1", 2], dtype=object),
        ],
        ids=str,
    )
    def test_every_dtype_goes_out_as_it_came_in(self, values):
        """Also where the data has missing values: they are a category of their own."""
        before = pd.Series(values)
        bins = bins_of(values)
        assert bins.frequency.sum() == pytest.approx(1)
        after = pd.Series(bins.draw(bins.index(before), np.random.default_rng(0)))
        pd.testing.assert_series_equal(after, before)

    def test_numbers_listed_as_categories(self):
        bins = bins_of(np.array([3, 1, 2, 1]), categorical=["x"])
        assert bins.column.values == (1, 2, 3)
        assert bins.name(0) == "x = 1"
        assert pd.Series(bins.draw(np.array([0, 2]), np.random.default_rng(0))).dtype == "int64"

    def test_a_missing_value_is_named_so(self):
        assert "x is missing" in {bins_of(np.array(["a", None], dtype=object)).name(i) for i in range(2)}

    def test_a_value_only_the_test_rows_have_is_known_but_never_drawn(self):
        train, test = pd.DataFrame({"x": ["a", "b"]}), pd.DataFrame({"x": ["z"]})
        bins = learn_bins(TableSchema.learn([test, train]), train, QUARTILE)[0]
        assert bins.column.values == ("a", "b", "z")
        assert bins.frequency.tolist() == [0.5, 0.5, 0]

    @given(st.lists(st.sampled_from(["", "a", "A", "日", "x" * 30]), min_size=1, max_size=20))
    def test_frequencies(self, values):
        assume(values)
        bins = bins_of(np.array(values, dtype=object))
        assert [bins.frequency[i] for i in bins.index(values)] == [values.count(v) / len(values) for v in values]
