"""How near an input lies to the training data, beside how near those lie to each other."""

from __future__ import annotations

import threading

import numpy as np
import pandas as pd
import pytest

from explainers.engine import Asker, Limits
from explainers.plausibility import plausibility, unseen_pairs
from explainers.tasks import make_task
from tests.fixtures.toys import table_task, text_task


def even(frame):
    return np.tile([0.5, 0.5], (len(frame), 1))


def on_a_line(*places):
    return table_task(even, pd.DataFrame({"x": np.array(places, dtype=float)}))


def of(task, instance, limits=None):
    return plausibility(task, instance, Asker(task.model, limits or Limits()))


class TestLine:
    """Training rows at 0, 1, 3, 7: their nearest neighbours are 1, 1, 2 and 4 away."""

    @pytest.mark.parametrize(("x", "share"), [(0.5, 1.0), (4.5, 0.5), (10.0, 0.25), (20.0, 0.0), (7.0, 1.0)])
    def test_share_that_lies_farther(self, x, share):
        found = of(on_a_line(0, 1, 3, 7), {"x": x})
        assert found.share == share
        assert found.low <= share <= found.high
        assert found.high - found.low > 0.3, "four rows say little"

    def test_says_where_it_is_measured(self):
        assert of(on_a_line(0, 1), {"x": 0.5}).space == "the values themselves, numbers in standard deviations"


def test_rows_that_are_there_many_times_are_like_the_data():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.choice(list("xy"), 400), "b": rng.choice(list("uv"), 400), "c": rng.choice([0.1, 0.7, 1.3], 400)})
    task = table_task(even, frame)
    assert of(task, frame.iloc[0].to_dict()).share == 1.0
    assert of(task, {**frame.iloc[0].to_dict(), "c": 9.0}).share == 0.0


def test_rows_evenly_apart_are_all_as_near_as_one_another():
    """0.1, 0.2, 0.3, ... are 0.1 apart up to the last digit of a float."""
    places = np.arange(1, 200) / 10
    assert of(on_a_line(*places), {"x": 20.0}).share == 1.0
    assert of(on_a_line(*places), {"x": 20.01}).share == 0.0


def test_one_training_instance_says_nothing():
    assert of(on_a_line(1), {"x": 1.0}) is None


def test_a_text_without_known_words_is_no_neighbour():
    """Were it one, it would be as near to every text as texts with half their words in common."""
    task = text_task(data=["a great film", "a great cast", "a dull plot", "? !"])
    assert of(task, "great film great cast").share > of(task, "unheard of words").share


def test_pictures():
    from PIL import Image

    shades = [Image.new("RGB", (20, 20), (g, g, g)) for g in (0, 10, 30, 70)]
    task = make_task("p", "image", even, shades, class_names=["a", "b"])
    assert of(task, Image.new("RGB", (20, 20), (5, 5, 5))).share == 1.0
    assert of(task, Image.new("RGB", (20, 20), (255, 0, 0))).share == 0.0


def test_a_cancel_leaves_nothing_half_done():
    cancel = threading.Event()
    cancel.set()
    task = on_a_line(0, 1, 3, 7)
    assert of(task, {"x": 0.5}, Limits(cancel=cancel)) is None
    assert of(task, {"x": 0.5}).share == 1.0


class TestPairs:
    """Which values of a row never come together in the training rows."""

    @staticmethod
    def couples():
        frame = pd.DataFrame({
            "married": ["yes", "yes", "no", "no"] * 10, "role": ["husband", "wife", "single", "single"] * 10,
            "age": [30.0, 30.0, 20.0, 30.0] * 10,
        })  # fmt: skip
        return table_task(even, frame)

    def test_names_the_columns_whose_values_never_come_together(self):
        rows = [{"married": "no", "role": "husband", "age": 30.0}, {"married": "no", "role": "single", "age": 20.0}]
        assert unseen_pairs(self.couples(), rows) == [[("married", "role")], []]

    def test_numbers_count_by_tenths_of_the_training_rows(self):
        young, old = ({"married": "yes", "role": "husband", "age": age} for age in (19.5, 29.5))
        assert unseen_pairs(self.couples(), [young, old]) == [[("married", "age"), ("role", "age")], []]

    def test_what_was_so_before_the_change_is_not_the_change_s(self):
        before = {"married": "no", "role": "husband", "age": 30.0}
        assert unseen_pairs(self.couples(), [{**before, "age": 29.0}], before) == [[]]
        assert unseen_pairs(self.couples(), [{**before, "role": "wife"}], before) == [[("married", "role")]]

    def test_every_training_row_is_free_of_them_and_a_text_has_none(self):
        task = self.couples()
        assert unseen_pairs(task, list(task.instances("train"))) == [[]] * 40
        assert unseen_pairs(task, []) == []
        with pytest.raises(ValueError, match="those of a table"):
            unseen_pairs(text_task(), ["good"])
