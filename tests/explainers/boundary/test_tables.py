"""Changes of a row: which columns, which values, how many, and how they are told."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pandas as pd
import pytest

from explainers.boundary.tables import TableChanges
from tests.fixtures.toys import PERSON, people, sentence, table_task


def drawn(changes, n=3_000, seed=0):
    return changes.draw(n, np.random.default_rng(seed), 0)


@pytest.fixture
def changes():
    return TableChanges(table_task(), PERSON, ["age", "gain"], 3)


class TestDraw:
    def test_locked_columns_stay(self, changes):
        assert {changes.columns[j].name for edits in drawn(changes) for j, _ in edits} == {"height", "job", "member", "size"}

    def test_one_to_three_edits(self, changes):
        assert {len(edits) for edits in drawn(changes)} == {1, 2, 3}

    def test_the_number_of_edits_is_uniform(self):
        """Distinct values abound in `gain` and `height`, so that hardly a draw repeats another."""
        numbers = pd.DataFrame(np.random.default_rng(1).normal(size=(5_000, 4)), columns=list("abcd"))
        task = table_task(lambda frame: np.tile([0.5, 0.5], (len(frame), 1)), numbers)
        sizes = Counter(len(edits) for edits in drawn(TableChanges(task, task.instances("test")[0], [], 3)))
        assert all(0.3 < sizes[k] / sum(sizes.values()) < 0.37 for k in (1, 2, 3))

    def test_never_the_rows_own_value_and_only_seen_ones(self, changes):
        frame = people()
        for edits in drawn(changes):
            for j, value in edits:
                name = changes.columns[j].name
                assert value != PERSON[name]
                assert value in frame[name].tolist()

    def test_rare_values_are_drawn_like_common_ones(self, changes):
        """Of the jobs 60 % are clerks and 10 % smiths; the row's own is nurse."""
        many = changes.draw(50, np.random.default_rng(0), 0)
        assert {dict(edits)[3] for edits in many if 3 in dict(edits)} == {"clerk", "smith"}
        assert changes.others[3] == ["clerk", "smith"]

    def test_each_once_and_none_empty(self, changes):
        some = drawn(changes)
        assert len(some) == len(set(some))
        assert all(some)

    def test_seeds(self, changes):
        assert drawn(changes) == drawn(changes)
        assert drawn(changes) != drawn(changes, seed=1)

    def test_no_more_edits_than_columns_that_may_change(self):
        few = TableChanges(table_task(), PERSON, ["age", "gain", "height", "job", "member"], 3)
        assert {len(edits) for edits in drawn(few)} == {1}

    def test_all_locked(self):
        with pytest.raises(ValueError, match="unlock at least one") as caught:
            TableChanges(table_task(), PERSON, list(PERSON), 3)
        sentence(caught.value)


class TestRows:
    def test_batch_has_the_columns_and_dtypes_of_the_data(self, changes):
        frame = changes.batch([(), ((3, "clerk"), (4, False))])
        assert frame.dtypes.equals(people().dtypes)
        assert frame.iloc[0].to_dict() == PERSON
        assert frame.iloc[1].to_dict() == {**PERSON, "job": "clerk", "member": False}

    def test_instance_and_words(self, changes):
        edits = ((0, 45), (2, 1.5), (3, "smith"))
        assert changes.instance(edits) == {**PERSON, "age": 45, "height": 1.5, "job": "smith"}
        assert changes.told(edits) == ["age 60 → 45", "height 1.75 → 1.5", "job nurse → smith"]
        assert changes.features(edits) == ["age", "height", "job"]

    def test_numbers_that_differ_look_different(self, changes):
        assert changes.told(((2, 1.7500001),)) == ["height 1.75 → 1.7500001"]

    def test_a_missing_value_is_nothing_to_change_to(self):
        frame = people().assign(job=lambda f: f["job"].where(f["job"] != "smith", None))
        task = table_task(lambda rows: np.tile([0.5, 0.5], (len(rows), 1)), frame)
        assert TableChanges(task, task.check({**PERSON, "job": None}), [], 1).others[3] == ["clerk", "nurse"]
