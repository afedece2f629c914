"""What a study calls its columns is what explanations call them too."""

from __future__ import annotations

import re

import numpy as np
import pytest

import explainers
import studies
from explainers import render
from studies.screens import visible
from studies.titles import in_words_of, retitled
from tests.fixtures.study_tasks import table_study

METHODS = ("lime", "anchors", "decision_boundary", "nearest_examples", "composite", "shap_kernel")


@pytest.fixture(scope="module")
def task():
    return table_study()


@pytest.mark.parametrize("method", METHODS)
def test_no_column_is_called_by_its_own_name_any_more(task, method):
    row = task.instances("test")[0]
    titles = {name: f"Spalte {chr(65 + i)} <q>" for i, name in enumerate(row)}
    cheap = {"lime": {"num_samples": 200}, "decision_boundary": {"num_samples": 400}}.get(method, {})
    e = explainers.explain(method, task, row, seed=1, max_calls=600, **cheap)
    drawn = render.for_participant(in_words_of(e, ["nein", "ja"], titles))
    said = visible(drawn)
    assert "Spalte" in said
    assert "<q>" not in drawn
    assert not [name for name in row if re.search(rf"(?<!\w){re.escape(name.replace('_', ' '))}(?!\w)", said)]
    assert e.instance == row, "the artifact keeps its own names"


def test_only_the_column_of_a_condition_is_replaced():
    values = {"sex": "sex worker", "age": 30}
    e = explainers.Explanation(
        "own", {}, 0, "t", "tabular", ["a", "b"], values, "s", 0, np.array([0.6, 0.4]), "m", "f",
        explainers.Attribution(["sex", "age"], ["sex = sex worker", "28 < age <= 37"], np.array([0.1, 0.2]), "probability"),
    )  # fmt: skip
    p = retitled(e, {"sex": "work", "age": "age in years"}).payload
    assert p.names == ["work = sex worker", "28 < age in years <= 37"]
    assert p.features == ["work", "age in years"]


def test_two_columns_cannot_have_the_same_title(task, tmp_path):
    names = list(task.instances("test")[0])
    for titles in ({names[0]: names[1]}, {names[0]: "x", names[1]: "x "}, {names[0]: " "}):
        design = studies.Design(name="n", task=task, arms=("control", "random"), texts={"inputs": titles})
        with pytest.raises(ValueError, match="would see two columns"):
            design.forecast()
