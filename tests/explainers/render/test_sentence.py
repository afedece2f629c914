"""What a stakeholder reads, word for word."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.explanation import Attribution
from explainers.render import sentence
from tests.explainers.render.render_examples import ARABIC, explanation, person, review, text_payload

SAYS = "The model says “negative” (92 % sure). "
UP, DOWN, CHANCE = ("dull", 0.214, 0.181, 0.240), ("charming", -0.093, -0.121, -0.061), ("one", 0.01, -0.02, 0.04)
DULL = "LIME estimates that removing “dull” would lower the probability of “negative” by about 21 percentage points (between 18 and 24)."
TINY = "A dull, charming one"


def said(words, **changes):
    return sentence(review(words, TINY, **changes))


def test_ten_words():
    assert sentence(review()) == (
        SAYS + "The words “dull”, “mess” and “wasted” push it most toward “negative”; “charming” and “fun” pull the other way. "
        f"{DULL} Of the 10 words shown, 3 could be chance."
    )


def test_a_row_of_a_table():
    assert sentence(person()) == (
        "The model says “below $50K” (88 % sure). What counts most toward “below $50K”: marital status is Never-married, age is 23 and "
        "hours per week is 20; against it: education is Bachelors. LIME estimates that other values of marital status would lower the "
        "probability of “below $50K” by about 14 percentage points (between 12 and 17). Of the 6 variables shown, 1 could be chance."
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([UP, DOWN], f"The word “dull” pushes it most toward “negative”; “charming” pulls the other way. {DULL}"),
        ([UP], f"The word “dull” pushes it most toward “negative”. {DULL}"),
        (
            [DOWN],
            "The word “charming” pulls it most away from “negative”; no word clearly pushes toward it. LIME estimates that removing "
            "“charming” would raise the probability of “negative” by about 9 percentage points (between 6 and 12).",
        ),
        ([CHANCE], "The word “one” does not stand out from chance."),
        ([CHANCE, ("A", -0.01, -0.02, 0.01)], "None of the 2 words shown stands out from chance."),
        ([], "No word was singled out."),
    ],
    ids=["both ways", "only toward", "only away", "one by chance", "all by chance", "none"],
)
def test_which_words_count(words, expected):
    assert said(words) == SAYS + expected


def test_all_parts_shown_so_no_most():
    assert "pushes it toward “negative”;" in sentence(explanation(text_payload([UP, DOWN], TINY, total=2), TINY))


def test_target_is_not_the_answer():
    assert said([UP, DOWN], prediction=np.array([0.28, 0.72])) == (
        "The model says “positive” (72 % sure). Explained here is “negative”, to which it gives 28 %. "
        f"The word “dull” pushes it most toward “negative”; “charming” pulls the other way. {DULL}"
    )


def test_three_classes_name_the_runner_up():
    e = review([UP], TINY, class_names=["negative", "neutral", "positive"], prediction=np.array([0.52, 0.3, 0.18]))
    assert sentence(e).startswith("The model says “negative” (52 % sure; next comes “neutral” with 30 %). The word “dull” pushes")


def test_more_than_there_is():
    assert said([UP], prediction=np.array([0.15, 0.85])).endswith(
        "(between 18 and 24). That is more than the 15 % there is to lose, so read it as a rank, not as an amount."
    )


@pytest.mark.parametrize(
    ("status", "reason", "expected"),
    [
        ("partial", "cancelled", "Unfinished, after 700 samples: it was cancelled."),
        ("partial", "max_calls", "Unfinished, after 700 samples: the limit on model calls was reached."),
        ("partial", "max_seconds", "Unfinished, after 700 samples: the time limit was reached."),
        ("partial", "the model failed.", "Unfinished, after 700 samples: the model failed."),
        ("partial", "still sampling: 700 of 1,000 samples", "Still sampling: 700 of 1,000 samples."),
        ("not_found", "no anchor within 3 words", "Nothing was found: no anchor within 3 words."),
    ],
)
def test_how_it_ended(status, reason, expected):
    e = explanation(text_payload([UP], TINY, samples=700), TINY, status=status, reason=reason)
    assert sentence(e) == f"{SAYS}The word “dull” pushes it most toward “negative”. {DULL} {expected}"


def test_cancelled_before_enough_samples():
    e = explanation(text_payload([], TINY, samples=1), TINY, status="partial", reason="cancelled")
    assert sentence(e) == SAYS + "Unfinished, after 1 sample: it was cancelled. That is too few to say which words count."


def test_cancelled_before_there_was_any_number():
    e = explanation(text_payload([], TINY, samples=0), TINY, status="partial", reason="cancelled")
    assert sentence(e) == SAYS + "There is nothing to show yet: it was cancelled."


def test_an_empty_text():
    assert sentence(explanation(text_payload([], "", total=0), "")) == SAYS + "The text has no words to point at."


class TestNames:
    def test_long_names_are_shortened(self):
        long = "x" * 10_000
        assert f"The word “{'x' * 39}…” pushes it" in sentence(review([(long, 0.2, 0.1, 0.3)], long))

    def test_the_same_word_twice_is_told_apart(self):
        text = "good good bad"
        p = text_payload([("good", 0.3, 0.2, 0.4), ("good", 0.2, 0.1, 0.3)], text, positions=[[0], [1]], spans=[[[0, 4]], [[5, 9]]])
        assert "The words “good” (word 1) and “good” (word 2) push it most" in sentence(explanation(p, text))

    def test_a_word_that_occurs_often_is_removed_everywhere(self):
        assert "removing “good” all 3 times would lower" in sentence(review([("good", 0.2, 0.1, 0.3)], "good good good"))

    def test_a_hidden_word_is_not_called_removed(self):
        assert "hiding “dull” would lower" in said([UP], params={"parts": "positions", "mask_word": "[MASK]"})

    def test_sentences_are_not_called_words(self):
        p = text_payload([("It is dull.", 0.2, 0.1, 0.3)], "It is dull.", spans=[[[0, 11]]], positions=[[0]], total=1)
        assert "The sentence “It is dull.” pushes it toward “negative”." in sentence(explanation(p, "It is dull."))

    def test_right_to_left_names_are_isolated(self):
        assert "The word “\u2068ممل\u2069” pushes it" in sentence(review([("ممل", 0.2, 0.1, 0.3)], ARABIC))

    def test_a_newline_does_not_break_the_sentence(self):
        assert "says “a b” (" in sentence(review([UP], TINY, class_names=["a\nb", "c"]))


class TestOtherUnits:
    def test_of_no_probability(self):
        p = text_payload([("dull", 0.43, 0.31, 0.55)], TINY, unit="log-odds")
        assert sentence(explanation(p, TINY, method="gradient_shap")) == (
            SAYS + "The word “dull” pushes it most toward “negative”. "
            "The largest effect is that of “dull”: +0.43 (between 0.31 and 0.55), measured in log-odds."
        )

    def test_exact_numbers_say_nothing_of_chance(self):
        p = text_payload([("dull", 0.2, 0, 0), ("one", 0.0, 0, 0)], TINY, low=None, high=None)
        assert sentence(explanation(p, TINY, method="occlusion")) == (
            SAYS + "The word “dull” pushes it most toward “negative”. The largest effect is that of “dull”: +20 percentage points."
        )

    def test_a_slope_is_not_called_the_effect_of_the_value(self):
        p = Attribution(
            features=["age", "job"],
            names=["age = 23", "job = Sales"],
            values=np.array([0.12, -0.05]),
            low=np.array([0.1, -0.06]),
            high=np.array([0.14, -0.04]),
            unit="probability (numbers: per standard deviation)",
            total=2,
        )
        assert sentence(explanation(p, {"age": 23, "job": "Sales"}, "tabular")) == (
            SAYS + "What counts toward “negative”: higher age; against it: job is Sales. "
            "The largest effect is that of higher age: +12 percentage points per standard deviation (between 10 and 14)."
        )
