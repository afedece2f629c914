"""Which parts count for the evidence: what is changed, how much each change counts, and what is listed."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from explainers.input_importance import changes, listed
from tests.fixtures.prototype_toys import network_task
from tests.fixtures.toys import PERSON, table_task, two_classes


class TestListed:
    """On the paper's scale, ten times the evidence: at least the smaller of 0.1 and half of the largest, 0.03 where all are small."""

    @pytest.mark.parametrize(
        ("values", "kept"),
        [
            ([], []),
            ([0.5, 0.011, 0.009, -0.02], [0, 3, 1]),  # 0.1 on the paper's scale is 0.01
            ([0.012, 0.007, 0.005], [0, 1]),  # half of the largest
            ([0.01, 0.004, 0.002], [0, 1]),  # none above 0.1: 0.03
            ([0.002, -0.001], []),
            ([0.0, 0.0], []),
            ([-0.4, 0.1, 0.2, 0.3, 0.4, -0.1, 0.05, 0.01], [0, 4, 3, 2, 5, 7]),  # three lowest and three highest
        ],
    )
    def test_rule(self, values, kept):
        assert listed(np.array(values)).tolist() == kept


class TestTexts:
    def test_each_occurrence_is_left_out_on_its_own(self):
        found = changes(network_task("words-prototypes"), "so so good")
        assert list(found.batch) == [" so good", "so  good", "so so "]
        assert found.names == ["so (1st)", "so (2nd)", "good"]

    def test_or_becomes_the_unknown_word_where_the_network_has_one(self):
        task = network_task("words-prototypes")
        task.model.unknown_word = "unk"
        assert list(changes(task, "so good").batch) == ["unk good", "so unk"]

    def test_importance_is_before_minus_after_for_what_was_answered(self):
        found = changes(network_task("words-prototypes"), "one two three")
        np.testing.assert_allclose(found.importance(0.9, np.array([0.1, 0.4])), [0.8, 0.5])
        np.testing.assert_allclose(found.importance(0.9, np.array([0.1, 0.4, 0.9])), [0.8, 0.5, 0.0])
        assert found.importance(0.9, np.empty(0)).tolist() == []


class TestTables:
    def test_only_one_column_changes_and_every_category_stands_once(self):
        found = changes(table_task(), PERSON)
        for j, name in enumerate(found.features):
            rows = found.batch[found.owner == j]
            others = [c for c in found.features if c != name]
            assert (rows[others].astype(str) == pd.Series({c: str(PERSON[c]) for c in others})).all(axis=None)
        assert sorted(found.batch["job"][found.owner == found.features.index("job")]) == ["clerk", "nurse", "smith"]
        assert found.batch.dtypes.equals(table_task().instances("test").frame.dtypes)

    def test_weights_of_a_column_sum_to_one_and_follow_the_data(self):
        """Of two columns that are always equal, one gives the other away; a third is as in the data: two in three are "x"."""
        rows = 300
        a = np.arange(rows) % 2
        frame = pd.DataFrame({"a": np.where(a, "yes", "no"), "b": np.where(a, "yes", "no"), "c": np.where(np.arange(rows) % 3, "x", "y")})
        task = table_task(lambda f: two_classes(np.full(len(f), 0.5)), frame)
        found = changes(task, {"a": "yes", "b": "no", "c": "x"})
        weight = found.weights()
        for j in range(3):
            assert weight[found.owner == j].sum() == pytest.approx(1)
        share = {(found.features[j], found.batch[found.features[j]].iloc[i]): weight[i] for i, j in enumerate(found.owner)}
        assert share["a", "no"] > 0.95
        assert share["b", "yes"] > 0.95
        assert share["c", "x"] == pytest.approx(2 / 3, abs=0.03)

    def test_importance_is_against_the_expected_evidence(self):
        """A column that decides all, as likely one way as the other: from 1 to the mean of 1 and 0."""
        frame = pd.DataFrame({"a": ["yes", "no"] * 50, "b": ["u", "u", "v", "v"] * 25})
        task = table_task(lambda f: two_classes((f["a"] == "yes").astype(float)), frame)
        found = changes(task, {"a": "yes", "b": "u"})
        after = task.model.predict_proba(found.batch)[:, 1]
        np.testing.assert_allclose(found.importance(1.0, after), [0.5, 0.0], atol=0.02)

    def test_half_asked_columns_get_no_number(self):
        found = changes(table_task(), PERSON)
        first = int((found.owner == 0).sum())
        assert len(found.importance(1.0, np.ones(first - 1))) == 0
        np.testing.assert_allclose(found.importance(1.0, np.ones(first + 1)), [0.0], atol=1e-12)

    def test_numbers_stand_for_their_quartile_and_stay_whole(self):
        found = changes(table_task(), PERSON)
        ages = found.batch["age"][found.owner == 0]
        assert len(ages) == 20
        seen = table_task().instances("test").frame["age"]
        assert set(ages) <= set(seen)
        assert found.names[0] == "age = 60"
