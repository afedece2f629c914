"""The inputs a study draws from: without doubles, without what does not fit a screen, near ones named."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from explainers.tasks import load_task, make_task
from studies.pool import pool
from tests.fixtures.toys import sentence, text_task, two_classes, words_model


def films(texts: list[str], labels: list[int] | None = None):
    return make_task(
        "f", "text", words_model({"great": 0.4}, 0.2), texts, labels or [1] * len(texts), class_names=["bad", "good"], version="1"
    )


def test_a_text_that_is_there_twice_or_too_long_is_dropped_and_counted():
    found = pool(films(["a great film", "A  great film!", "a dull film", "word " * 300, "..."]))
    assert [one.row for one in found.candidates] == [0, 2]
    assert (found.counts["twice in the data"], found.counts["too long or not readable"], found.counts["candidates"]) == (1, 2, 2)


def test_a_candidate_has_its_cell_and_how_sure_the_model_is():
    great, dull = pool(films(["a great film", "a dull film"])).candidates
    assert (great.stratum, dull.stratum) == ("1/1", "1/0")
    assert great.margin == pytest.approx(0.2)
    assert great.length == 3


def test_nearly_the_same_texts_share_a_group_and_others_none():
    base = "the quick brown fox jumps over the lazy dog near the river bank while seven children watch from a small wooden bridge"
    found = pool(films([base, base + " the the", "a quite different sentence about trains"])).candidates
    assert found[0].groups & found[1].groups
    assert not found[2].groups


def test_rows_keep_their_answers_in_the_order_of_the_data():
    frame = pd.DataFrame({"x": np.arange(30), "y": np.arange(30) % 3})
    task = make_task("t", "tabular", lambda f: two_classes(f["x"] > 10), frame, [0] * 30, class_names=["n", "y"], version="1")
    assert [one.output for one in pool(task).candidates] == [int(x > 10) for x in range(30)]


def test_a_model_with_other_classes_than_the_labels_is_refused_and_so_are_data_without_labels():
    with pytest.raises(ValueError, match="choose another model") as caught:
        pool(load_task("animals", "imagenet"))
    assert sentence(caught.value)
    with pytest.raises(ValueError, match="no right answers"):
        pool(text_task())
