"""What a study asks of a participant is said before it is built."""

from __future__ import annotations

import pytest

from studies import Design
from tests.fixtures.toys import sentence


def test_the_papers_numbers_are_160_screens_and_said_to_be_too_long():
    told = Design("s", "income").forecast()
    assert told.screens == 160
    assert told.ratings == 16 + 32
    assert told.long
    assert "too long for many platforms" in sentence(ValueError(told.sentence))


def test_the_short_protocol_is_not_too_long():
    told = Design.from_dict({"name": "s", "task": "income", "protocol": "short"}).forecast()
    assert told.screens == 2 * (8 + 16)
    assert not told.long
    assert "too long" not in told.sentence


def test_cost_is_pay_by_the_hour_times_people():
    told = Design("s", "income", planned=10, pay=30.0).forecast()
    assert told.pay == pytest.approx(told.minutes / 2)
    assert told.cost == pytest.approx(10 * told.pay)


def test_without_ratings_there_is_less_to_click():
    with_, without = Design("s", "income").forecast(), Design("s", "income", ratings=False).forecast()
    assert with_.steps - without.steps == with_.ratings
    assert without.minutes < with_.minutes
