"""Descriptions in words: every end of every measure has a comparison, and only what needs one gets it."""

import pytest

from explainers.differences.degree import compared, flat, is_degree
from explainers.differences.taxonomy import taxonomy
from explainers.differences.textual import MEASURES
from explainers.differences.wording import WORDINGS


def test_every_end_of_every_picture_measure_can_be_said_as_a_comparison():
    said = [compared(w.says, "attributes") for w in WORDINGS]
    assert all(said)
    assert not set(said) & {w.says for w in WORDINGS}


@pytest.mark.parametrize("end", [end for m in MEASURES for end in (m.high, m.low) if m.cut is None])
def test_so_can_every_end_of_a_text_measure_that_has_no_yes_or_no(end):
    assert any(word in compared(end, "text measures") for word in ("more", "fewer", "longer", "shorter", "larger", "smaller"))


def test_a_scene_is_said_of_the_background():
    assert compared("the background is a town", "labels") == "a background more like a town"
    assert all(compared(scene.says, "labels") for scene in taxonomy().scenes)


@pytest.mark.parametrize(
    ("given", "degree"),
    [
        (("labels", 0.8, 0.7, 0.9, 0.0, 0.0), True),  # true of none
        (("labels", 0.8, 0.7, 0.9, 0.97, 0.92), True),  # of nearly all
        (("labels", 0.8, 0.7, 0.9, 0.3, 0.5), True),  # as yes or no the other way round
        (("labels", 0.55, 0.4, 0.6, 0.3, 0.5), False),  # which may be chance
        (("labels", 0.8, 0.7, 0.9, 0.6, 0.1), False),
        (("words", 0.51, 0.5, 0.52, 0.03, 0.0), False),  # a word is there or not
        (("attributes", 0.8, 0.7, 0.9, None, None), True),
        (("a stranger's", 0.8, 0.7, 0.9, None, None), False),
    ],
)
def test_when_only_a_comparison_can_be_said(given, degree):
    assert is_degree(*given) is degree


@pytest.mark.parametrize(
    ("description", "ranker", "said"),
    [
        ("may", "words", "contains the word ‘may’"),
        ("as far", "words", "contains the words ‘as far’"),
        ("age > 43 and sex is Male", "conditions", "age more than 43 and sex is Male"),
        ("age >= 18 and age < 65", "conditions", "age at least 18 and age less than 65"),
        ("workclass is missing", "conditions", "workclass is missing"),
        ("a bird", "labels", "a bird"),
    ],
)
def test_what_is_true_or_not_is_a_clause(description, ranker, said):
    assert flat(description, ranker) == said


def test_an_empty_cell_does_not_hide_that_a_column_begins_at_0():
    nan = float("nan")
    for rows in ([{"capital_gain": x} for x in order] for order in ((nan, 0.0, 3.0), (0.0, nan, 3.0), (0.0, 3.0, None))):
        assert flat("capital_gain > 0", "conditions", rows) == "some capital gain"


def test_a_comparison_that_a_person_types_is_measured_as_what_it_compares():
    from explainers.differences.wording import worded

    for typed, says in (("a darker background", "a dark background"), ("Sharper", "sharp")):
        found = worded(typed)
        assert found is not None
        assert found.says.startswith(says)
    assert worded("a purple flying teapot") is None
