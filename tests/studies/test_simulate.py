"""Simulated participants: what was planted is found, and the engine gives what the table gives."""

import numpy as np
import pytest

import studies
from studies.placeholders import placeholder_materials
from studies.simulate import points
from studies.store import TRIAL_COLUMNS
from tests.fixtures.study_toys import design


@pytest.mark.parametrize("forms", ["same", "crossed"])
def test_the_engine_stores_the_very_answers_of_the_table(forms):
    d = design(forms=forms, arms=["control", "lime"])
    table = studies.simulate(d, 2, effect=0.5, seed=3)
    stored = studies.simulate(d, 2, effect=0.5, seed=3, through="engine")
    assert table.equals(stored)
    assert table.dtypes.equals(stored.dtypes)
    assert list(table) == TRIAL_COLUMNS


def test_simulated_people_of_an_anonymous_study_are_the_same_every_time(tmp_path):
    d = design(anonymous=True, arms=["control", "lime"])
    table = studies.simulate(d, 2, seed=3)
    assert table.equals(studies.simulate(d, 2, seed=3, materials=placeholder_materials(d, tmp_path), through="engine"))


def gain(trials, arm):
    mean = trials[trials.arm == arm].groupby("phase")["correct"].mean()
    return 100 * (mean["post"] - mean["pre"])


def test_the_planted_effect_is_there_and_practice_alone_is_none():
    d = studies.Design(name="s", task="t", arms=("control", "placebo", "lime"))
    trials = studies.simulate(d, 400, effect=0.6, seed=1, sd={"item_arm_phase": 0.0})
    assert gain(trials, "lime") - gain(trials, "control") == pytest.approx(points(0.6, sd={"item_arm_phase": 0.0}), abs=2.5)
    assert gain(trials, "placebo") - gain(trials, "control") == pytest.approx(0, abs=2.5)
    assert gain(trials, "control") > 2  # practice


def test_points_are_those_of_the_requirements():
    """Their own simulation: 0.6 logits are 9.3 points (studies.md 3.9)."""
    assert points(0.6) == pytest.approx(9.3, abs=0.3)
    assert points(0.0) == 0


def test_every_arm_has_as_many_and_a_share_is_lost():
    d = design(arms=["control", "lime", "anchors"])
    trials = studies.simulate(d, 40, dropout={"lime": 0.5}, seed=2)
    people = trials.groupby("arm")["participant"].nunique()
    assert people["control"] == people["anchors"] == 40
    full = trials.groupby(["arm", "participant"]).size().eq(32)
    share = full.groupby("arm").sum()
    assert share["control"] == share["anchors"] == 40
    assert 10 <= share["lime"] <= 30


@pytest.mark.parametrize("forms", ["same", "crossed"])
def test_who_drops_out_had_met_what_she_meets_in_the_engine(forms):
    d = design(forms=forms, arms=["control", "lime"])
    table = studies.simulate(d, 4, dropout=0.7, seed=3)
    assert table.equals(studies.simulate(d, 4, dropout=0.7, seed=3, through="engine"))
    assert len(table) < 8 * 32


def test_no_item_is_lost_more_often_than_another():
    trials = studies.simulate(studies.Design(name="s", task="t", tests=("forward",), forward=32), 300, dropout=1.0, seed=1)
    met = trials[trials.phase == "pre"].groupby("item").size().sort_index()
    first, second = met.iloc[:16].mean(), met.iloc[16:].mean()
    assert first == pytest.approx(second, rel=0.03)


def test_seeds():
    d = design()
    assert studies.simulate(d, 3, seed=1).equals(studies.simulate(d, 3, seed=1))
    assert not studies.simulate(d, 3, seed=1).equals(studies.simulate(d, 3, seed=2))


@pytest.mark.parametrize(
    ("given", "said"),
    [({"through": "web"}, "frame or engine"), ({"per_arm": 0}, "whole number"), ({"sd": {"people": 1}}, "standard deviations"),
     ({"effect": {"nobody": 1}}, "no arm"), ({"dropout": 2.0}, "shares")],
)  # fmt: skip
def test_bad_input_has_a_sentence(given, said):
    with pytest.raises(ValueError, match=said):
        studies.simulate(design(), **{"per_arm": 2, **given})


def test_everything_lost_is_an_empty_table():
    trials = studies.simulate(design(), 3, dropout=1.0, sd={"item": 0.0}, seed=0)
    assert set(trials.columns) == set(TRIAL_COLUMNS)
    assert trials["correct"].isin([0, 1]).all()
    assert np.issubdtype(trials["correct"].dtype, np.integer)


def test_questions_in_free_words_are_answered_too():
    """As in the study that ships as the example."""
    asked = [{"name": "why", "text": "Why?", "kind": "text", "optional": False}, {"name": "else", "text": "Else?", "kind": "text"}]
    d = design(questions=asked)
    assert studies.simulate(d, 2, through="engine").equals(studies.simulate(d, 2))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"effect": float("nan")}, "effect has to be a number"), ({"effect": {"lime": "x"}}, "effect has to be a number"),
        ({"practice": float("nan")}, "practice has to be a number"), ({"dropout": float("nan")}, "dropout has to be a number"),
        ({"sd": {"item": "x"}}, "sd holds"), ({"seed": -1}, "seed has to be"),
    ],
)  # fmt: skip
def test_what_is_no_number_is_said_to_be_none(wrong, said):
    with pytest.raises(ValueError, match=said):
        studies.simulate(design(arms=["control", "lime"]), 2, **wrong)


def test_materials_of_another_design_are_refused_by_table_and_engine_alike(tmp_path):
    made = placeholder_materials(design(arms=["control", "lime"]), tmp_path)
    for other in ({"forms": "crossed"}, {"arms": ["control", "anchors"]}, {"forward": 16}):
        for through in ("frame", "engine"):
            with pytest.raises(ValueError, match="of another design"):
                studies.simulate(design(**{"arms": ["control", "lime"], **other}), 2, materials=made, through=through)
    with pytest.raises(ValueError, match=r"more than 100,000"):
        studies.simulate(design(arms=["control", "lime"], weights={"lime": 20}), 10_000)
