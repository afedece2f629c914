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


def test_settings_take_turns(capsys):
    task, asked = text_task(), []

    def explain_one(task, instance, target, seed, name):
        asked.append((instance, seed, name))
        return run({"a": 1.0})

    prepared = [("x", 1, run({"a": 1.0})), ("y", 1, run({"b": 1.0}))]
    points = _measure.interleaved(task, prepared, 2, {name: (explain_one, {"name": name}) for name in ("mine", "theirs")})
    assert [a[:2] for a in asked[::2]] == [a[:2] for a in asked[1::2]], "both on the same instance and seed, one after the other"
    assert [a[2] for a in asked[:4]] == ["mine", "theirs", "theirs", "mine"]
    assert points["mine"].agreement == 0.5
    assert len(points["mine"].each) == 4
    assert capsys.readouterr().out.count("Jaccard") == 2


def test_median_of_the_runs_and_the_share_outside():
    a, b = (
        Point.of(name, [(run({"a": 1.0}, s), run({"a": 1.0})) for s in seconds])
        for name, seconds in (("lime", (4, 6, 40)), ("ours", (2, 2, 10)))
    )
    assert "3.6 times faster" in _measure.defaults_against_defaults(a, b)
    assert "median 3.0, least 2.0" in _measure.defaults_against_defaults(a, b)
    assert "ours: 50 %; wanted: under 10 %" in _measure.outside_line(b)
    assert "at equal weight error: 3.6 times faster" in at_equal_agreement(a, [b])


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
