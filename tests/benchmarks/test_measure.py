"""The benchmark's own arithmetic, and its quick sections on toys. No wall time is asserted."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import _measure
from benchmarks._measure import Point, Run, at_equal_agreement, jaccard, weight_error
from tests.fixtures.toys import PERSON, SENTENCE, table_task, text_task


def run(values: dict[str, float], seconds: float = 1.0) -> Run:
    return Run(values, seconds, seconds / 2, 10)


def test_jaccard():
    assert jaccard(list("abcde"), list("abcdf")) == pytest.approx(4 / 6)
    assert jaccard(list("abc"), list("cba")) == 1


def test_weight_error_counts_a_missing_part_as_zero():
    reference = run({"a": 3.0, "b": -4.0})
    assert weight_error(reference, reference) == 0
    assert weight_error(run({"a": 3.0}), reference) == pytest.approx(4 / 5)


def test_ratio_at_equal_agreement():
    lime = Point("lime", 10.0, 9.0, 5000, 0.9, 0.05, 0.0)
    curve = [
        Point("few", 1.0, 0.5, 100, 0.8, 0.1, 0.0),
        Point("some", 2.0, 1.0, 200, 0.9, 0.1, 0.0),
        Point("many", 4.0, 2.0, 400, 1.0, 0.0, 0.0),
    ]
    assert "5.0 times faster (some" in at_equal_agreement(lime, curve)
    assert "not reached: ours ends at 0.800" in at_equal_agreement(lime, curve[:1])


@pytest.mark.parametrize(("make", "instance"), [(text_task, SENTENCE), (table_task, PERSON)], ids=["text", "table"])
def test_both_sides_explain_the_same(make, instance, tmp_path):
    task = make()
    ours = _measure.ours(task, instance, 1, 0)
    theirs = _measure.plain_lime(task, instance, 1, 0, samples=2000)
    long = _measure.long_reference(tmp_path, task, instance, 1, 3000)
    assert ours.top[0] == theirs.top[0] == long.top[0]
    for name in theirs.top:
        assert ours.values[name] == pytest.approx(theirs.values[name], abs=0.03)
    assert 0 < ours.model_seconds <= ours.seconds
    assert long == _measure.long_reference(tmp_path, task, instance, 1, 3000), "kept"
    assert len(list(tmp_path.iterdir())) == 1


def test_the_clock_leaves_the_model_as_it_was():
    task = text_task()
    before = task.model.predict_proba
    with _measure.model_clock(task) as spent:
        task.model.predict_proba([SENTENCE])
    assert spent[0] > 0
    assert task.model.predict_proba == before


def test_ablation_draws_are_the_references_distribution():
    from benchmarks import _ablation

    rng = np.random.default_rng(0)
    for draw in (
        _ablation.reference_draws,
        _ablation.complement_pairs,
        _ablation.sized(_ablation.shares(True, True), rounds=True, balanced=True),
    ):
        keep, factor = draw(32_000, 6, rng)
        found = np.bincount((~keep).sum(axis=1), factor, minlength=7)[1:] / len(keep)
        np.testing.assert_allclose(found, 1 / 6, rtol=0.06)
