"""What a design names outside itself is looked at before any work: one sentence each, from the forecast and from the build alike."""

from __future__ import annotations

import pytest

import studies
from tests.fixtures.study_tasks import small, table_study
from tests.fixtures.toys import sentence

WRONG = [
    ({"model": "rf"}, "no model 'rf'"),
    ({"arms": ("control", "limee")}, "'limee' is neither a method nor one of your own"),
    ({"arms": ("control", "gradcam")}, "gradcam does not fit this study"),
    ({"arms": ("control", "lime"), "explain": {"lime": {"numsamples": 9}}}, "explain.lime has 'numsamples'"),
    ({"arms": ("control", "lime"), "explain": {"lime": {"max_seconds": 5}}}, "how fast this computer is: limit them by max_calls"),
    ({"arms": ("control", "lime"), "explain": {"lime": {"max_calls": 0}}}, "max_calls has to be a whole number from 1"),
    ({"arms": ("control", "mine"), "own": {"mine": "no/such/folder"}}, "no/such/folder of the arm mine does not exist"),
    ({"arms": ("control", "lime"), "own": {"lime": "."}}, "a method has this name"),
    ({"texts": {"labels": ["only one"]}}, "texts.labels"),
    ({"texts": {"inputs": {"agee": "Alter"}}}, "'agee', which is no column"),
]


@pytest.fixture(scope="module")
def task():
    return table_study(60)


@pytest.mark.parametrize(("more", "told"), WRONG)
def test_the_forecast_and_the_build_refuse_it(task, tmp_path, more, told):
    design = small(task, **more)
    for attempt in (design.forecast, lambda: studies.build(design, tmp_path / "out")):
        with pytest.raises(ValueError, match=told) as caught:
            attempt()
        assert sentence(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_task_that_is_not_there(tmp_path):
    design = studies.Design("s", "incom")
    for attempt in (design.forecast, lambda: studies.build(design, tmp_path), lambda: studies.candidates(design, tmp_path)):
        with pytest.raises(ValueError, match="no task 'incom': choose one of"):
            attempt()


def test_a_design_can_be_read_where_nothing_of_it_is_there():
    assert studies.Design.from_dict({"name": "s", "task": "gone", "arms": ["control", "gone"]}).arms == ("control", "gone")
