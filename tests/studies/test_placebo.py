"""A placebo looks like an explanation of this input and says what was found for another one."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

import explainers
from explainers import render
from studies.placebo import checked, placebo
from studies.sameness import same_story
from tests.fixtures.toys import PERSON, people_model, picture_task, red_square, table_task, text_task

ONE, OTHER = "the cast is great but the plot is dull", "a great story told with great care and a dull end"


@pytest.mark.parametrize("method", ["random", "anchors", "decision_boundary"])
def test_of_a_text_words_of_its_own_carry_the_other_texts_findings(method):
    task = text_task(data=[ONE, OTHER], version="1")
    own, other = (explainers.explain(method, task, text, seed=1) for text in (ONE, OTHER))
    made = checked(placebo(own, other, 0))
    assert made.instance == ONE
    assert made.target == own.target
    shown = render.for_participant(made)
    assert "story" not in shown
    assert "care" not in shown
    if method == "random":
        assert set(made.payload.features) <= set(ONE.split())
        assert made.payload.values.tolist() == other.payload.values[: len(made.payload.values)].tolist()
        for word, spans in zip(made.payload.features, made.payload.spans, strict=True):
            assert {ONE[start:end] for start, end in spans} == {word}


@pytest.mark.parametrize("method", ["random", "anchors", "decision_boundary", "nearest_examples"])
def test_of_a_row_the_other_rows_columns_say_this_rows_values(method):
    task = table_task(people_model, version="1")
    own, other = (explainers.explain(method, task, row, seed=1) for row in (PERSON, {**PERSON, "age": 20, "job": "smith", "member": False}))
    made = checked(placebo(own, dataclasses.replace(other, target=own.target), 0))
    assert made.instance == PERSON
    if method == "random":
        assert sorted(made.payload.features) == sorted(other.payload.features)
        assert made.payload.values.tolist() == other.payload.values.tolist()
        assert not any("smith" in name for name in made.payload.names)
    if method == "decision_boundary":
        assert made.payload.steps[0].instance == PERSON
        assert made.payload.steps[-1].instance != other.payload.steps[-1].instance
    if method == "nearest_examples":
        first = made.payload.prototypes[0]
        assert all(first.instance[name] == PERSON[name] for name in first.shared)


def test_a_map_is_stretched_to_this_pictures_size():
    small, large = red_square(48), red_square(96)
    task = picture_task(data=[small, large], version="1")
    own, other = (explainers.explain("random", task, picture, seed=s) for s, picture in enumerate((small, large)))
    made = checked(placebo(own, other, 0))
    assert made.payload.map.shape == (48, 48)
    assert np.isin(made.payload.map, other.payload.map.astype(np.float32)).all()


def test_a_table_s_numbers_are_dealt_to_columns_by_chance():
    """Of a table a method says nearly the same of every row: the other row's columns would be the truth with another name."""
    task = table_task(people_model, version="1")
    own, other = (explainers.explain("shap_kernel", task, row, seed=1) for row in (PERSON, PERSON))
    assert same_story(own, other) == 1  # the same strongest column
    stories = [same_story(own, placebo(own, other, seed)) for seed in range(40)]
    assert 0.1 < np.mean(stories) < 0.7
    assert same_story(own, own) == 1
