"""Agreement between methods, as a score beside each map."""

import dataclasses

import numpy as np
import pytest

import explainers
from explainers.quality import evaluation_forecast, fitting_scores
from tests.fixtures import toys

NAME = "agreement with other methods"


@pytest.fixture
def case():
    task = toys.table_task()
    return explainers.explain("shap_kernel", task, task.instances()[0]), task


def test_methods_that_see_the_same_agree_and_a_turned_map_does_not(case):
    e, task = case
    (score,) = explainers.evaluate(e, task, [NAME])
    turned = dataclasses.replace(e, payload=dataclasses.replace(e.payload, values=-e.payload.values))
    (other,) = explainers.evaluate(turned, task, [NAME])
    assert score.value > 0
    assert other.value == pytest.approx(-score.value)
    assert -1 <= score.low <= score.value <= score.high <= 1
    assert "Occlusion" in score.beside
    assert "random order" not in score.beside  # to agree is not to be right, so it is no rival that could be beaten
    assert "Occlusion" in score.meaning


def test_a_map_without_signs_is_compared_by_size(case):
    e, task = case
    sizes = dataclasses.replace(e, payload=dataclasses.replace(e.payload, values=np.abs(e.payload.values), signed=False))
    turned = dataclasses.replace(sizes, payload=dataclasses.replace(sizes.payload, values=-sizes.payload.values))
    assert [s.value for s in explainers.evaluate(sizes, task, [NAME])] == [s.value for s in explainers.evaluate(turned, task, [NAME])]


def test_it_is_never_held_against_itself(case):
    e = explainers.explain("occlusion", case[1], case[1].instances()[0])
    (score,) = explainers.evaluate(e, case[1], [NAME])
    assert "Occlusion" not in score.beside


def test_its_cost_is_said_before_and_a_rule_has_no_numbers_to_compare(case):
    e, task = case
    asked = []
    explainers.evaluate(e, task, [NAME], on_progress=lambda share, left: asked.append(share))
    assert evaluation_forecast(e, task, [NAME]).calls <= 2_000
    assert asked == sorted(asked)
    rule = explainers.explain("anchors", task, task.instances()[0])
    assert "gives none" in dict(fitting_scores(rule, task))[NAME]


def test_a_few_words_agree_by_luck_too_often_for_a_narrow_interval():
    task = explainers.load_task("reviews", model="bilstm")
    (score,) = explainers.evaluate(explainers.explain("saliency", task, "A dull film."), task, [NAME])
    assert (score.low, score.high) == (-1, 1)
    assert "by luck" in score.meaning
