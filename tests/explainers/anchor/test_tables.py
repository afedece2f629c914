"""Conditions on columns and rows drawn under them, on tables one can check by eye."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.anchor.tables import TableWorld
from explainers.anchor.worlds import instances_of
from explainers.engine import Asker
from explainers.payloads import Condition
from tests.fixtures.toys import PERSON, Recorder, people, table_task, two_classes

WORLD = TableWorld(table_task(), PERSON)


def drawn(conditions: list[Condition], n: int = 500, seed: int = 0, world: TableWorld = WORLD) -> pd.DataFrame:
    batch, _ = world.sample(conditions, n, np.random.default_rng(seed))
    return instances_of(batch).frame


def test_every_predicate_is_true_of_the_row():
    for condition in WORLD.conditions:
        value = PERSON[condition.feature]
        assert {"==": value == condition.value, "<=": value <= (condition.value or 0), ">": value > (condition.value or 0)}[condition.op]


def test_one_predicate_a_category_and_one_a_quartile():
    asked = [(c.feature, c.op) for c in WORLD.conditions]
    assert asked.count(("job", "==")) == asked.count(("member", "==")) == asked.count(("size", "==")) == 1
    assert sum(name == "age" for name, _ in asked) == sum(name == "height" for name, _ in asked) == 3


def test_names_are_as_a_person_reads_them():
    assert "job = nurse" in WORLD.names
    assert any(name.startswith("age > ") for name in WORLD.names)


def test_rows_keep_the_columns_and_dtypes_of_the_data():
    frame = drawn([])
    pd.testing.assert_series_equal(frame.dtypes, people().dtypes)
    known = people().astype(str).agg("|".join, axis=1)
    assert frame.astype(str).agg("|".join, axis=1).isin(known).all(), "whole rows of the data"


def test_anchored_columns_are_overwritten_and_the_others_are_not():
    frame = drawn([Condition("job", "==", "nurse"), Condition("age", ">", 50.0), Condition("age", "<=", 70.0)])
    assert (frame["job"] == "nurse").all()
    assert frame["age"].between(51, 70).all()
    assert frame["age"].isin(people()["age"]).all(), "redrawn from the training values that meet the condition"
    assert frame["member"].nunique() == 2
    assert frame["size"].nunique() == 3


def test_a_redrawn_number_is_distributed_as_the_data_that_meet_the_condition():
    frame = drawn([Condition("height", ">", 1.75)], n=20_000)
    wanted = people()["height"][people()["height"] > 1.75]
    assert frame["height"].mean() == pytest.approx(wanted.mean(), abs=0.003)


def test_a_number_that_no_training_row_can_give_is_the_rows_own():
    data = pd.DataFrame({"x": [1.0, 1.0, 2.0, 2.0], "y": ["a", "b", "a", "b"]})
    task = table_task(lambda f: two_classes((f["x"] > 1.5).astype(float)), data=data)
    frame = drawn([Condition("x", ">", 1.2), Condition("x", "<=", 1.8)], world=TableWorld(task, {"x": 1.5, "y": "a"}))
    assert (frame["x"] == 1.5).all()


def test_missing_values_are_a_category():
    data = pd.DataFrame({"x": range(40), "y": ["a", None] * 20})
    task = table_task(lambda f: two_classes(f["y"].isna().astype(float)), data=data)
    world = TableWorld(task, {"x": 3, "y": None})
    (missing,) = [c for c in world.conditions if c.feature == "y"]
    assert drawn([missing], world=world)["y"].isna().all()
    assert "y is missing" in world.names


@given(st.lists(st.integers(0, len(WORLD.conditions) - 1), min_size=1, max_size=6, unique=True))
def test_a_further_predicate_never_raises_coverage(predicates: list[int]):
    share = [float(WORLD.coverage([tuple(sorted(predicates[:k]))])[0]) for k in range(len(predicates) + 1)]
    assert share[0] == 1.0
    assert all(longer <= shorter for shorter, longer in itertools.pairwise(share))


@given(st.lists(st.integers(0, len(WORLD.conditions) - 1), max_size=5, unique=True), st.integers(0, 5))
def test_rows_drawn_under_a_rule_meet_it(predicates: list[int], seed: int):
    frame = drawn([WORLD.conditions[p] for p in predicates], 50, seed)
    for p in predicates:
        c = WORLD.conditions[p]
        column = frame[c.feature]
        assert {"==": column == c.value, "<=": column <= (c.value or 0), ">": column > (c.value or 0)}[c.op].all()


@pytest.mark.parametrize(("dtype", "start"), [("int64", 2**60), ("uint64", 2**63 + 2**60), ("Int64", 2**60)])
def test_whole_numbers_above_2_to_the_53_stay_what_they_are(dtype: str, start: int):
    data = pd.DataFrame({"x": pd.array([start + i for i in range(8)], dtype=dtype), "y": list("abababab")})
    task = table_task(lambda f: two_classes(np.full(len(f), 0.9)), data=data)
    world = TableWorld(task, task.check({"x": start + 3, "y": "a"}))
    rows = world.sample([], 200, np.random.default_rng(0))[0].frame()
    assert {int(x) for x in rows["x"]} == {int(x) for x in task.instances("train").frame["x"]}
    assert int(world._numbers[0][-1]) == start + 3


class TestSampler:
    def sampler(self, model: Recorder, seed: int = 0, **limits: int):
        from explainers.engine import Limits

        task = table_task(model)
        world = TableWorld(task, PERSON)
        return world, world.sampler(Asker(task.model, Limits(**limits)), 1, 5_000, np.random.default_rng(seed))

    def test_counts_are_those_of_the_model(self):
        model = Recorder(lambda frame: two_classes((frame["job"] == "nurse").astype(float)))
        world, sampler = self.sampler(model)
        rule = (world.names.index("job = nurse"),)
        assert sampler.draw([(), rule], np.array([400, 100]))
        hits, n = sampler.tally([(), rule])
        assert list(n) == [400, 100]
        assert hits[1] == 100
        assert hits[0] / 400 == pytest.approx((people()["job"] == "nurse").mean(), abs=0.08)

    def test_a_row_that_a_condition_leaves_as_it_was_is_not_asked_again(self):
        model = Recorder(lambda frame: two_classes(np.full(len(frame), 0.9)))
        world, sampler = self.sampler(model)
        sampler.draw([()], np.array([100]))
        before = model.rows
        rule = (world.names.index("job = nurse"),)
        sampler.draw([rule], np.array([100]))
        assert model.rows - before < 85, "30 % are nurses anyway"

    def test_all_rules_of_a_round_are_one_batch(self):
        model = Recorder(lambda frame: two_classes(np.full(len(frame), 0.9)))
        world, sampler = self.sampler(model)
        sampler.draw([(p,) for p in range(len(world.conditions))], np.full(len(world.conditions), 20))
        assert len(model.batches) == 1

    def test_what_a_limit_left_unanswered_does_not_count(self):
        model = Recorder(lambda frame: two_classes(np.full(len(frame), 0.9)))
        _, sampler = self.sampler(model, max_calls=30)
        assert not sampler.draw([(0,), (1,)], np.array([50, 50]))
        hits, n = sampler.tally([(0,), (1,)])
        assert 30 <= n.sum() < 100
        assert (hits == n).all()
