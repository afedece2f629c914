"""Changes of a text: which words, by which others, how often, and where they stand afterwards."""

from __future__ import annotations

import numpy as np
import pytest

from explainers.boundary.texts import TextChanges, change_probability
from explainers.models.base import fingerprint_of
from explainers.similar_words import tag
from tests.fixtures.toys import WindowModel, text_task, words_model

TRAIN = [
    "the cast is great and the plot is dull",
    "a good film with a terrible story",
    "his wonderful actors walked slowly",
    "her boring script moved quickly of course",
]
TEXT = "The cast is Great , and his plot is great ."


def changes_of(text=TEXT, retries=0):
    return TextChanges(text_task(data=TRAIN), text, retries)


def drawn(changes, n=2_000, seed=0, attempt=0):
    return changes.draw(n, np.random.default_rng(seed), attempt)


class TestProbability:
    @pytest.mark.parametrize(("words", "p"), [(0, 0.25), (10, 0.20), (20, 0.15), (30, 0.10), (200, 0.10)])
    def test_the_papers(self, words, p):
        assert change_probability(words, 1) == pytest.approx(p)

    def test_bolder(self):
        assert change_probability(20, 5, attempt=2) == pytest.approx(0.25)

    def test_a_long_text_changes_in_few_places(self):
        assert change_probability(500, 300) == pytest.approx(0.01)


class TestDraw:
    def test_only_content_words(self):
        changes = changes_of()
        assert [changes.parts.features[i] for i in changes.open] == ["cast", "Great", "plot", "great"]

    def test_same_kind_of_word_and_never_the_word_itself(self):
        changes = changes_of()
        for edits in drawn(changes):
            for i, word in edits:
                before = changes.parts.features[i].lower()
                assert word.lower() != before
                assert tag(word.lower()) == tag(before)

    def test_occurrences_change_independently(self):
        changes = changes_of()
        great = [i for i in changes.open if changes.parts.features[i].lower() == "great"]
        assert {tuple(i in dict(edits) for i in great) for edits in drawn(changes)} == {(a, b) for a in (0, 1) for b in (0, 1)}

    def test_how_often(self):
        """10 words, so each of the 4 changes with probability 0.2; one draw a seed, because repeats are left out."""
        changes = changes_of()
        p = change_probability(len(changes.parts), len(changes.open))
        edits = [sum(len(e) for e in changes.draw(1, np.random.default_rng(seed), 0)) for seed in range(2_000)]
        assert np.mean(edits) == pytest.approx(4 * p, abs=0.06)

    def test_case_is_kept(self):
        changes = changes_of()
        upper = next(i for i in changes.open if changes.parts.features[i] == "Great")
        assert all(dict(edits)[upper][0].isupper() for edits in drawn(changes) if upper in dict(edits))

    def test_bolder_attempts_draw_among_more_words_and_more_evenly(self):
        changes = changes_of()
        asked = []
        similar = changes.words.similar
        nearest = {word: similar(word)[0][0] for word in ("great", "plot")}
        changes.words.__dict__["similar"] = lambda word, n: asked.append(n) or similar(word, n)
        shares = []
        for attempt in (0, 10):
            words = [w.lower() for seed in range(1_500) for e in changes.draw(1, np.random.default_rng(seed), attempt) for _, w in e]
            shares.append(sum(word in nearest.values() for word in words) / len(words))
        del changes.words.__dict__["similar"]
        assert set(asked) == {200}, "100 words were known from the start"
        assert shares[0] > shares[1] + 0.05

    def test_seeds(self):
        changes = changes_of()
        assert drawn(changes, 100) == drawn(changes, 100)
        assert drawn(changes, 100) != drawn(changes, 100, seed=1)

    def test_no_word_may_change(self):
        changes = changes_of("This is it .")
        assert changes.open == []
        assert drawn(changes) == []


class TestTexts:
    def test_spans_lie_on_the_new_words(self):
        changes = changes_of()
        first, second = changes.open[1], changes.open[3]
        edits = ((first, "Wonderful"), (second, "dull"))
        text = changes.instance(edits)
        assert text == "The cast is Wonderful , and his plot is dull ."
        assert [text[a:b] for a, b in changes.spans(edits)] == ["Wonderful", "dull"]
        assert changes.features(edits) == ["Great", "great"]

    def test_words(self):
        changes = changes_of("great cast , great plot")
        edits = tuple((i, "dull") for i in (0, 1, 2))
        assert changes.told(edits) == ["“great” (1st) → “dull”", "“cast” → “dull”", "“great” (2nd) → “dull”"]

    def test_what_the_model_does_not_read_stays(self):
        task = text_task(data=TRAIN)
        predict = words_model({})
        task.__dict__["model"] = WindowModel("m", predict, ["bad", "good"], fingerprint_of(config={"window": 1}))
        text = "dull " * 20 + "great great"
        changes = TextChanges(task, text, 0)
        assert changes.unread == 2
        assert {changes.parts.features[i] for i in changes.open} == {"dull"}
        assert changes.instance(((0, "good"),)).endswith("dull great great")
