"""Whether two explanations point at the same parts, on parts one can count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explainers.agreement import Pointed, agreement, correlation, overlap, pointed
from explainers.explanation import Explanation, instance_sha256
from explainers.payloads import Attribution, BoundaryPath, Composite, Condition, Prototypes, Rule, Step


def explained(payload: Any, instance: Any = "a b c", modality: str = "text") -> Explanation:
    return Explanation(
        method="m", params={}, seed=0, task="t", modality=modality, class_names=["no", "yes"], instance=instance,
        instance_sha256=instance_sha256(instance), target=1, prediction=np.array([0.2, 0.8]), model_name="m", model_fingerprint="f",
        payload=payload,
    )  # fmt: skip


def attribution(**values: float) -> Attribution:
    return Attribution(list(values), list(values), np.array(list(values.values())), "probability")


def rule(*features: str, **more: Any) -> Rule:
    return Rule([Condition(f, "present") for f in features], list(features), 0.9, 0.8, 1.0, 0.1, **more)


class TestPointed:
    def test_each_kind_by_what_it_points_at(self):
        path = BoundaryPath([Step("a", [], 1.0, np.array([0.2, 0.8])), Step("b", ["a → b"], -1.0, np.array([0.8, 0.2]), ["a"])])
        assert pointed(explained(attribution(a=0.3, b=-0.5))).top(5) == ["b", "a"]
        assert pointed(explained(rule("x", "y"))).top(1) == ["x"]
        assert pointed(explained(path)).strength == {"a": 1.0}
        assert pointed(explained(Prototypes([], importance=attribution(c=1.0)))).strength == {"c": 1.0}

    def test_nothing_to_point_at_is_none(self):
        for payload in (Prototypes([]), rule(), Composite([]), attribution(a=0.0)):
            assert pointed(explained(payload)) is None

    def test_pictures_are_compared_by_place_however_they_are_cut(self):
        picture = Image.new("RGB", (28, 28))
        left = np.repeat(np.arange(28)[None] < 14, 28, axis=0)
        painted = Attribution(["part 1"], ["part 1"], np.array([1.0]), "probability", map=left.astype(float))
        cut = rule("part 7", segments=np.where(left, 7, 2))
        first, second = (pointed(explained(p, picture, "image")) for p in (painted, cut))
        assert overlap(first, second, 19) == (1.0, 19)
        assert overlap(first, pointed(explained(rule("part 2", segments=np.where(left, 7, 2)), picture, "image")), 19) == (0.0, 19)


class TestOverlap:
    def test_compares_as_many_parts_as_the_shorter_one_names(self):
        ranked = Pointed({"a": 3.0, "b": -2.0, "c": 1.0}, True)
        assert overlap(ranked, Pointed({"b": 1.0, "a": 1.0}, False)) == (1.0, 2)
        assert overlap(ranked, Pointed({"c": 1.0}, False)) == (0.0, 1)

    @given(st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-1, 1).filter(lambda x: x != 0), min_size=1))
    def test_with_itself_is_whole(self, strength: dict[str, float]):
        found, k = overlap(Pointed(strength, True), Pointed(strength, True))
        assert (found, k) == (1.0, min(5, len(strength)))


class TestCorrelation:
    def test_sign_counts(self):
        a = Pointed({"x": 3.0, "y": 1.0, "z": -2.0}, True)
        assert correlation(a, a) == pytest.approx(1.0)
        assert correlation(a, Pointed({k: -v for k, v in a.strength.items()}, True)) == pytest.approx(-1.0)

    def test_is_not_defined_without_ranks_or_with_too_few_parts(self):
        a = Pointed({"x": 3.0, "y": 1.0, "z": -2.0}, True)
        assert correlation(a, Pointed({"x": 1.0, "y": 1.0}, False)) is None
        assert correlation(Pointed({"x": 1.0}, True), Pointed({"x": 1.0}, True)) is None


class TestAgreement:
    def test_interval_over_seeds_holds_the_mean_and_is_none_for_one_seed(self):
        first = [explained(attribution(a=3.0, b=2.0, c=1.0)) for _ in range(4)]
        second = [explained(rule("a")), explained(rule("b")), explained(rule("a")), explained(rule("a"))]
        many, one = agreement(first, second), agreement(first[:1], second[:1])
        assert (many.overlap, many.seeds, many.k) == (0.75, 4, 1)
        assert 0 <= many.overlap_low < 0.75 < many.overlap_high == 1.0
        assert many.correlation is None
        assert (one.overlap, one.overlap_low) == (1.0, None)

    def test_none_where_one_points_at_nothing(self):
        assert agreement([explained(attribution(a=1.0))], [explained(Composite([]))]) is None


class TestTargets:
    def test_of_two_classes_what_is_toward_one_is_against_the_other(self):
        one, other = explained(attribution(a=3.0, b=1.0, c=-2.0)), explained(attribution(a=-3.0, b=-1.0, c=2.0))
        other = replace(other, target=0)
        assert agreement([one], [other]).correlation == pytest.approx(1.0)

    def test_of_more_classes_directions_are_not_compared(self):
        one = replace(explained(attribution(a=3.0, b=1.0, c=-2.0)), class_names=["x", "y", "z"], prediction=np.array([0.2, 0.5, 0.3]))
        assert agreement([one], [replace(one, target=0)]).correlation is None


def test_chance_is_the_share_that_was_chosen():
    assert agreement([explained(attribution(a=1.0, b=2.0))], [explained(rule("a"))]).chance == pytest.approx(1 / 3)


def test_a_word_that_stands_there_twice_counts_twice():
    twice = Attribution(["a", "b", "a"], ["a (1st)", "b", "a (2nd)"], np.array([0.3, 0.5, 0.4]), "probability")
    assert pointed(explained(twice)).top(1) == ["a"]
