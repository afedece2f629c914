"""Denied words, missing words and words that stand together: proposed where they tell the sets apart, measured by the words alone."""

from __future__ import annotations

import numpy as np
import pytest

import explainers
from explainers.differences.phrases import Affirmed, Both, Denied, Lacks, denials, flat, parsed

REVIEWS = explainers.load_task("reviews").instances("test")


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("It was not good.", True),
        ("It isn’t very good", True),
        ("NEVER a good idea", True),
        ("it isnt good", True),
        ("no good at all", True),
        ("good, not bad", False),
        ("not what I hoped for, but good", False),
        ("Not only good but great", False),
        ("It was good. Not a word more.", False),
        ("nothing to report", False),
    ],
)
def test_a_word_is_denied_by_a_negator_shortly_before_it_in_the_same_part_of_the_sentence(text, denied):
    assert Denied("good")(text) is denied
    assert ("good" in denials(text)) is denied
    assert Affirmed("good")(text) is ("good" in text and not denied)


@pytest.mark.parametrize(
    "test", [Denied("good"), Denied("sense", "no"), Affirmed("good"), Lacks(("blue", "umbrella")), Both("dog", "grass")]
)
def test_a_description_typed_as_it_is_written_means_the_same(test):
    assert parsed(test.says) == test


@pytest.mark.parametrize("apostrophe", ["'", "’"])
def test_words_with_a_typographic_apostrophe_are_the_same_words(apostrophe):
    text = f"This is not the director{apostrophe}s best"
    assert Denied("director's")(text)
    assert Affirmed("director's")(text.replace("not ", ""))
    assert parsed(f"not director{apostrophe}s") == Denied("director's")


@pytest.mark.parametrize("typed", ["not self-aware", "not C++", "both funny, and sad", "well-made, not denied", "without the word ‘...’"])
def test_what_no_text_can_have_as_a_word_is_not_taken_for_one(typed):
    """It would be true of no text; so it is measured by meaning."""
    assert parsed(typed) is None


def test_a_full_stop_at_the_end_changes_nothing():
    assert parsed("Not good.") == Denied("good")
    assert parsed("both dog and grass!") == Both("dog", "grass")


def test_they_read_as_clauses():
    assert flat("not good") == "denies ‘good’, as in ‘not good’"
    assert flat("both dog and grass") == "contains both ‘dog’ and ‘grass’"
    assert flat("without the word ‘story’") == "without the word ‘story’"


def sets(*ends: str, n: int = 60) -> tuple[list[str], list[str]]:
    """Real reviews, n a set, with an end added to each: ends[0] is B's, the others take turns in A."""
    order = np.random.default_rng(5).permutation(len(REVIEWS))
    a, b = ([REVIEWS[int(i)] for i in order[k * n : (k + 1) * n]] for k in (0, 1))
    return [f"{t} {ends[1 + i % (len(ends) - 1)]}" for i, t in enumerate(a)], [f"{t} {ends[0]}".strip() for t in b]


class TestDenial:
    ENDS = ("the acting was good .", "the acting was not good .", "it isn't very good .", "never a good idea .")

    def test_not_good_against_good_is_found_as_such_and_comes_first(self):
        d = explainers.explain_difference(*sets(*self.ENDS), "text")
        best = d.payload.candidates[0]
        assert (best.description, best.ranker, best.proposer) == ("not good", "phrases", "denials")
        assert (best.share_a, best.share_b) == (1.0, 0.0)
        assert any(c.description == "says what is not (negations)" and c.q < 0.05 for c in d.payload.candidates)

    def test_the_other_way_round_it_is_good_that_nobody_denies(self):
        b, a = sets(*self.ENDS)
        found = {c.description for c in explainers.explain_difference(a, b, "text").payload.found}
        assert "good, not denied" in found

    def test_a_typed_denial_is_checked_by_its_words_and_not_by_likeness(self):
        a, b = sets(*self.ENDS)
        d = explainers.explain_difference(a, b, "text", descriptions=["not good", "has a negation"], propose=False)
        said = {c.description: c for c in d.payload.candidates}
        assert said["not good"].ranker == "phrases"
        assert said["has a negation"].ranker == "text measures"
        assert said["has a negation"].share_a == 1.0

    def test_without_negations_is_true_of_texts_without_any(self):
        a, b = ["a good film", "fine acting", "it works", "great fun"], ["not a good film", "no fun", "it isn't new", "never dull"]
        d = explainers.explain_difference(a, b, "text", descriptions=["without negations"], propose=False)
        assert (d.payload.candidates[0].share_a, d.payload.candidates[0].share_b) == (1.0, 0.0)


class TestTogether:
    def test_two_words_that_only_together_tell_the_sets_apart(self):
        """Every text has one of the words; only texts of A have both or neither."""
        rng = np.random.default_rng(0)
        order = rng.permutation(len(REVIEWS))
        texts = [REVIEWS[int(i)] for i in order[:160]]
        a = [f"a dog {t} on the grass" if i % 2 else t for i, t in enumerate(texts[:80])]
        b = [f"a dog {t}" if i % 2 else f"{t} on the grass" for i, t in enumerate(texts[80:])]
        d = explainers.explain_difference(a, b, "text")
        best = d.payload.candidates[0]
        assert (best.description, best.proposer) == ("both dog and grass", "word pairs")
        assert best.q < 0.05

    def test_a_phrase_is_no_pair(self):
        d = explainers.explain_difference(*sets("", "blue umbrella"), "text")
        assert not any(c.proposer == "word pairs" and {"blue", "umbrella"} & set(c.description.split()) for c in d.payload.candidates)


def test_a_phrase_of_the_other_set_is_found_as_missing():
    """What was planted in B comes first when one asks for what is truer of A."""
    a, b = sets("", "at the end of the day")
    d = explainers.explain_difference(b, a, "text")
    assert d.payload.candidates[0].description == "without the words ‘at the end of the day’"
