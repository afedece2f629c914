"""Sensitive attributes in a picture of a row: a sign behind each, and its meaning in words wherever the sign stands."""

from __future__ import annotations

import dataclasses
import json
import re

import numpy as np
import pandas as pd
import pytest

from explainers import Explanation, explain, make_task, render
from explainers.explanation import Attribution, Condition
from explainers.render.common import PROTECTED, PROTECTED_WORDS
from tests.explainers.render.render_examples import NASTY, person, review
from tests.explainers.render.rule_examples import person_rule

MARKED = ["marital_status", "native_country"]  # the second is a column of the row, but none of those chosen
SENTENCE = f"{PROTECTED} marks a protected attribute."


def lime(**changes) -> Explanation:
    return person(sensitive=MARKED, **changes)


def seen(html: str) -> str:
    """Its words, without tags and with plain spaces."""
    return re.sub(r"<[^>]*>", "", re.sub(r"<style>.*?</style>", "", html)).replace("\u00a0", " ").replace("\u200b", "").replace("\xad", "")


@pytest.mark.parametrize("e", [lime(), person_rule(sensitive=MARKED)], ids=["lime", "rule"])
class TestWhereverASignStandsItsWordsStandToo:
    def test_the_sentence(self, e):
        said = render.sentence(e)
        assert said.count(f"\u00a0{PROTECTED}") == 1, "one of those named"
        assert said.count(SENTENCE) == 1

    def test_the_page(self, e):
        shown = seen(render.html(e))
        assert f"marital_status {PROTECTED}" in shown, "the row as a table"
        assert f"native_country {PROTECTED}" in shown
        assert f"age {PROTECTED}" not in shown
        assert shown.count(PROTECTED_WORDS) >= 3, "below the row, below the bars, above the numbers"

    def test_the_chart_and_what_is_taken_from_it(self, e):
        told = str(render.chart(e).to_dict())
        assert told.count(PROTECTED_WORDS) >= 1
        assert PROTECTED in render.svg(e)
        assert PROTECTED_WORDS in render.svg(e)

    def test_a_participant_sees_what_the_method_says_and_no_sign(self, e):
        assert PROTECTED not in render.for_participant(e)


def test_where_nothing_is_marked_nothing_is_said():
    for e in (person(), person_rule(), review()):
        assert PROTECTED not in render.html(e) + render.sentence(e) + str(render.chart(e).to_dict())


def test_where_no_protected_attribute_is_named_the_sentence_is_as_it_was():
    e = person(sensitive=["race", "sex"])
    assert render.sentence(e) == render.sentence(person())
    assert PROTECTED not in str(render.chart(e).to_dict()), "none of the bars is one"


def test_two_conditions_on_one_column_bear_one_sign_in_the_sentence():
    e = person_rule([Condition("age", ">", 20), Condition("age", "<=", 28)], ["age > 20", "age <= 28"], sensitive=["age"])
    assert f"if age\u00a0{PROTECTED} is between 21 and 28" in render.sentence(e)


def test_a_column_that_is_named_like_markup_is_escaped_with_its_sign():
    payload = Attribution([NASTY], [NASTY], np.array([0.4]), "probability", np.array([0.3]), np.array([0.5]))
    e = dataclasses.replace(person(), instance={NASTY: NASTY}, payload=payload, sensitive=[NASTY])
    assert "<script>" not in render.html(e)
    assert PROTECTED in render.html(e)


def test_a_long_name_keeps_its_sign():
    long = "W" * 200
    payload = Attribution([long], [long], np.array([0.4]), "probability", np.array([0.3]), np.array([0.5]))
    e = dataclasses.replace(person(), instance={long: 1}, payload=payload, sensitive=[long])
    labels = set(re.findall(r'"label": "([^"]*)"', json.dumps(render.chart(e).to_dict(), ensure_ascii=False)))
    assert labels
    assert all(label.endswith(PROTECTED) and len(label) < 60 for label in labels)


def test_an_explanation_takes_them_from_the_tasks_card_as_far_as_the_row_has_them():
    rows = pd.DataFrame({"sex": ["f", "m", "f", "m"], "pay": [1.0, 2.0, 3.0, 4.0]})
    task = make_task("t", "tabular", lambda f: np.column_stack([0.5 + 0.1 * (f["sex"] == "f"), 0.5 - 0.1 * (f["sex"] == "f")]), rows,
                     class_names=["a", "b"])  # fmt: skip
    assert explain("occlusion", task, task.instances()[0]).sensitive == []
    task.card = dataclasses.replace(task.card, sensitive=("sex", "creed"))
    e = explain("occlusion", task, task.instances()[0])
    assert e.sensitive == ["sex"]
    assert Explanation.from_json(e.to_json()) == e
