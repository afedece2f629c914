"""The page for the person about whom was decided."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from explainers.explanation import Attribution, Explanation, Score
from explainers.quality import STABILITY
from explainers.render import decision_page
from tests.explainers.render.near_examples import (
    ADULT,
    INCOME,
    nasty_path,
    nothing_nearer,
    picture_path,
    table_approach,
    table_path,
    table_prototypes,
    text_path,
)
from tests.explainers.render.render_examples import NASTY, explanation, person, review
from tests.explainers.render.test_escape import read
from tests.explainers.render.test_near_safe import MORE_TAGS
from tests.explainers.render.test_prototypes import seen

STEADY = Score("stability", 0.84, 0.7, 0.93, True, "How much two searches agree: 1 is fully.")


def reasons(**changes) -> Explanation:
    names, values = ["marital status", "age", "education", "sex"], np.array([0.2, 0.1, -0.12, 0.001])
    payload = Attribution(names, [f"{n} = x" for n in names], values, "probability", values - 0.01, values + 0.01, total=7)
    return explanation(payload, ADULT, "tabular", **(INCOME | changes))


def test_the_whole_page():
    said = seen(decision_page(table_path(), reasons(), STEADY, "Made for Alex."))
    for part in (
        "Why the answer is “below $50K” Made for Alex.",
        "A computer model gave the answer “below $50K”. It is 88 % sure of it.",
        "It knew only this: age 25 education Bachelors",
        "This counted most for “below $50K”: marital status is Never married (strongly) age is 25 (somewhat)",
        "This counted against “below $50K”: education is Bachelors (somewhat against)",
        "Strongly, somewhat and a little are meant relative to what counted most here.",
        "The nearest change that was found, all else being the same: hours per week 40 → 55 education Bachelors → Masters "
        "The model would then have said “above $50K” (62 % sure).",
        "Kept as they are: age and sex. No change to these was looked for.",
        "Stability: 0.84 (95 % range 0.70 to 0.93), higher is steadier. How much two searches agree: 1 is fully.",
        "It does not say that the answer is right or fair. The model can be wrong about you.",
        "It is not advice.",
        table_path().digest,
    ):
        assert part in said


def test_what_could_be_chance_is_no_reason():
    assert "sex is Male" not in seen(decision_page(table_path(), reasons()))


def test_reasons_and_stability_can_be_left_out():
    said = seen(decision_page(text_path()))
    assert "What the answer rests on" not in said
    assert "How steady" not in said


def test_no_jargon():
    said = seen(decision_page(table_path(), reasons(), STEADY)).lower()
    made = said.index("how this page was made")
    for word in ("log odds", "margin", "lime", "counterfactual", "boundary", "percentage points", "instance", "class"):
        assert word not in said[:made]


def test_no_change_found():
    said = seen(decision_page(table_approach()))
    assert "What was tried to get another answer" in said
    assert "This came nearest to one: hours per week 40 → 55 The model would still have said “below $50K” (65 % sure)." in said
    assert "Such cases hardly occur among the examples that the model learned from" in said
    assert "No change was found that comes nearer to another answer." in seen(decision_page(nothing_nearer()))


@pytest.mark.parametrize(
    ("share", "expected"),
    [
        (1.0, "the search found a change of the same things each time."),
        (0.72, "two searches have on average about 7 in 10 of them in common."),
        (0.98, "nearly all of them in common"),
        (0.0, "the search found a change of other things each time."),
    ],
)
def test_agreement_over_seeds_in_plain_words(share, expected):
    said = seen(decision_page(table_path(), None, Score(STABILITY, share, 0.0, 1.0, True, "Seeds.")))
    assert "Asked again with other random draws, the search" in said
    assert expected in said
    assert "This is about the change, not about the reasons." in said
    assert "95 % range" not in said
    assert "seeds" not in said.lower()


def test_all_that_was_kept_is_named():
    e = table_path()
    e = replace(e, payload=replace(e.payload, locked=[f"column_{i}" for i in range(9)]))
    said = seen(decision_page(e))
    assert all(f"column {i}" in said for i in range(9))
    assert "other." not in said[said.index("Kept as they are") :].split(" No change to")[0]


def test_no_settings():
    said = seen(decision_page(table_path(params={"locked": ["age", "sex"]})))
    assert "locked" not in said
    assert "['age'" not in said


def test_nothing_locked_is_said():
    assert "it may name changes that nobody can make" in seen(decision_page(table_approach()))
    assert "it may name changes" not in seen(decision_page(text_path()))


def test_a_text_and_a_picture_are_shown_as_they_would_have_been():
    assert "<del>dull</del>" in decision_page(text_path())
    assert decision_page(picture_path()).count("<img ") == 2


def test_a_rule_or_any_other_kind_gives_its_sentence():
    said = seen(decision_page(table_path(), replace(table_prototypes(), model_fingerprint=table_path().model_fingerprint)))
    assert "the row is most like training row 5" in said


def test_a_stopped_search_is_said():
    assert "stopped early, so a nearer change may exist" in seen(decision_page(table_path(status="partial", reason="cancelled")))


class TestAtTheDoor:
    def test_another_kind(self):
        with pytest.raises(ValueError, match="A decision page needs a boundary path"):
            decision_page(review())

    def test_reasons_about_another_input(self):
        with pytest.raises(ValueError, match="The reasons are about another input"):
            decision_page(table_path(), person())

    def test_reasons_about_another_model(self):
        with pytest.raises(ValueError, match="The reasons are about another model"):
            decision_page(table_path(), reasons(model_fingerprint="0" * 64))


class TestDocument:
    def test_stands_alone_and_prints_on_a4(self):
        made = decision_page(table_path(), reasons(), STEADY)
        assert made.startswith('<!DOCTYPE html><html lang="en">')
        assert "default-src &#x27;none&#x27;" in made
        assert "@page { size: A4" in made
        assert "@media print" in made
        assert len(made.encode()) < 100_000

    def test_data_is_text(self):
        score = Score(NASTY, math.nan, None, None, True, NASTY)
        made = decision_page(nasty_path(), None, score, NASTY)
        assert set(read(made).tags) <= MORE_TAGS | {"html", "head", "meta", "title", "body", "main", "h1", "h2"}
        assert "<script" not in made
        assert made.encode("utf8")

    def test_deterministic(self):
        assert decision_page(table_path(), reasons(), STEADY) == decision_page(table_path(), reasons(), STEADY)
