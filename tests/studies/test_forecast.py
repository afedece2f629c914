"""What a study asks of a participant and costs is said before it is built."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from studies import Design
from studies.assignment import Slot
from studies.bonus import bonus_by_guessing, bonus_of
from studies.placeholders import placeholder_materials
from studies.plan import Planner
from tests.fixtures.study_tasks import table_study
from tests.fixtures.toys import sentence


@pytest.fixture(scope="module")
def task():
    return table_study(40)


def paper(task, **more) -> Design:
    return Design("s", task, arms=("control", "random"), **more)


def test_the_papers_numbers_are_160_screens_and_said_to_be_too_long(task):
    told = paper(task).forecast()
    assert told.screens == 160
    assert told.ratings == 16 + 32
    assert told.long
    assert "too long for many platforms" in sentence(ValueError(told.sentence))


def test_the_short_protocol_is_not_too_long(task):
    told = Design.from_dict({"name": "s", "task": task, "protocol": "short", "arms": ["control", "random"]}).forecast()
    assert told.screens == 2 * (8 + 16)
    assert not told.long
    assert "too long" not in told.sentence


def test_cost_is_pay_by_the_hour_times_people(task):
    told = paper(task, planned=10, pay=30.0).forecast()
    assert told.pay == pytest.approx(told.minutes / 2)
    assert told.cost == told.cost_guessing == pytest.approx(10 * told.pay)


def test_printing_it_reads_as_a_person_would(task):
    told = str(paper(task, planned=10).forecast())
    assert "Forecast(" not in told
    assert "6.60 EUR each" in told
    assert "without a recruiting service's fee" in told
    assert "seconds for an example" in told


def test_a_bonus_is_in_the_cost_at_most_and_where_everybody_guesses(task):
    without, told = paper(task, planned=10).forecast(), paper(task, planned=10, bonus=0.5).forecast()
    assert told.bonus_most == 0.5 * (128 - 64)
    assert told.cost == pytest.approx(without.cost + 10 * told.bonus_most)
    assert told.cost_guessing == pytest.approx(without.cost + 10 * told.bonus_guessing)
    assert f"{told.cost:,.2f} at most" in str(told)


def test_a_fee_is_on_top_of_pay_and_bonus(task):
    plain, told = paper(task, bonus=0.5).forecast(), paper(task, bonus=0.5, fee=0.25).forecast()
    assert told.cost == pytest.approx(1.25 * plain.cost)
    assert "with 25% for the recruiting service" in str(told)


def test_who_guesses_is_paid_for_luck_but_pays_nothing_for_bad_luck():
    """Of two answers with two classes: 1 in 4 gets both right, which is one above guessing; nobody else gets anything."""
    assert bonus_by_guessing(2, 2, 1.0) == 0.25
    assert [bonus_of(n, 2, 2, 1.0) for n in (0, 1, 2)] == [0, 0, 1]


def test_what_people_are_not_told_is_said(task):
    assert "researcher, contact, ethics, retention" in str(paper(task).forecast())
    texts = {"researcher": "Ada Ling", "contact": "ada@example.org", "ethics": "Approved as 12.", "retention": "Kept for a year."}
    assert "still empty" not in str(paper(task, texts=texts).forecast())


def test_without_ratings_there_is_less_to_click(task):
    with_, without = paper(task).forecast(), dataclasses.replace(paper(task), ratings=False).forecast()
    assert with_.steps - without.steps == with_.ratings
    assert without.minutes < with_.minutes


@pytest.mark.parametrize("tests", [("forward",), ("counterfactual",), ("forward", "counterfactual")])
def test_what_is_forecast_is_what_is_met(task, tmp_path, tests):
    """The counterfactual test alone has nothing to learn from, so no such screen is paid for or promised."""
    design = Design("s", task, arms=("control", "random"), tests=tests, learn=4, forward=8, counterfactual=8)
    told = design.forecast()
    planner = Planner(placeholder_materials(design, tmp_path))
    steps = planner.after(Slot(0, "random", "1", 3))
    met = Counter(step.kind for step in steps)
    assert told.screens == met["learn"] + met["predict"]
    assert told.ratings == met["rating"]
    assert told.steps == len(planner.before(1)) + len(steps) + 1  # and the information before them
