"""Words that may stand in place of another: near, of the same kind, and no other form of it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

import explainers
from explainers.similar_words import SimilarWords, changeable, draw_weights, in_case_of, lemmas, similar_words, tag, vocabulary
from tests.fixtures.toys import text_task

# Words on a circle: the angle is the distance in meaning.
ANGLES = {"good": 0.0, "fine": 0.2, "film": 0.3, "bad": 1.0, "dull": 0.6, "films": 0.35, "of": 0.1, "walked": 0.05}


def at(word: str) -> np.ndarray:
    return np.array([np.cos(ANGLES[word]), np.sin(ANGLES[word])], dtype=np.float32)


@pytest.fixture
def planted() -> SimilarWords:
    return SimilarWords(list(ANGLES), np.stack([at(word) for word in ANGLES]), at)


@cache
def reviews_task():
    return explainers.load_task("reviews")


class TestPlanted:
    def test_nearest_of_the_same_kind_first(self, planted):
        words, similarity = planted.similar("good")
        assert words == ["fine", "dull", "bad"], "adjectives only, by angle, without the word itself"
        np.testing.assert_allclose(similarity, np.cos([0.2, 0.6, 1.0]), atol=1e-6)

    def test_at_most_n(self, planted):
        assert planted.similar("good", 2)[0] == ["fine", "dull"]

    def test_case_of_the_word_does_not_matter(self, planted):
        assert planted.similar("Good")[0] == planted.similar("good")[0]

    def test_no_other_form_of_the_word(self):
        same = SimilarWords(["film", "films", "story"], np.eye(3, dtype=np.float32), lambda word: np.ones(3, dtype=np.float32))
        assert same.similar("film")[0] == ["story"]

    def test_what_a_visitor_typed_is_not_kept(self, planted):
        words = SimilarWords(planted.words, planted.vectors, lambda word: at("good"))
        assert words.similar("splendid")[0]
        words.similar("xyzzyish")
        kept = {form for forms in words._lemmas.values() for form in forms}
        assert kept
        assert not {"xyzzyish", "splendid"} & kept
        assert not any(hasattr(function, "cache_info") for function in (tag, lemmas, changeable))

    def test_none_of_its_kind(self, planted):
        words, similarity = planted.similar("of")
        assert (words, len(similarity)) == ([], 0)


class TestWeights:
    def test_the_power_of_the_similarity(self):
        np.testing.assert_allclose(draw_weights(np.array([0.8, 0.4]), 0.5), [0.8, 0.2])  # 0.64 : 0.16

    def test_a_higher_temperature_levels_them(self):
        cold, warm = (draw_weights(np.array([0.9, 0.3]), t) for t in (0.4, 4.0))
        assert cold[0] > warm[0] > 0.5

    def test_negative_similarity_is_hardly_ever_drawn(self):
        weights = draw_weights(np.array([0.5, -0.2]), 0.8)
        assert weights.sum() == pytest.approx(1)
        assert 0 <= weights[1] < 1e-6


class TestKinds:
    @pytest.mark.parametrize(
        ("word", "kind"),
        [
            ("great", "JJ"),
            ("dullest", "JJS"),
            ("films", "NNS"),
            ("walked", "VBD"),
            ("badly", "RB"),
            ("with", "IN"),
            ("could", "MD"),
            ("xyzzy", ""),
        ],
    )
    def test_tags(self, word, kind):
        assert tag(word) == kind

    @pytest.mark.parametrize("word", ["the", "A", "is", "been", "his", "Their", "and", "s", "3", "x1", "no"])
    def test_words_that_stay(self, word):
        assert not changeable(word)

    @pytest.mark.parametrize("word", ["great", "Film", "not", "of", "walked", "xyzzy"])
    def test_words_that_may_change(self, word):
        assert changeable(word)

    @pytest.mark.parametrize(("word", "shown"), [("great", "dull"), ("Great", "Dull"), ("GREAT", "DULL"), ("I", "Dull")])
    def test_case_is_kept(self, word, shown):
        assert in_case_of(word, "dull") == shown


class TestVocabulary:
    def test_most_frequent_first_and_lower_case(self):
        assert vocabulary(["It's a Good film", "a good Film , good 3"]) == ["good", "film", "it"]

    def test_a_large_one_leaves_out_words_seen_once(self):
        often = " ".join("word" + chr(97 + i // 26) + chr(97 + i % 26) + c for i in range(500) for c in "xy")
        assert "rare" not in vocabulary([often, often, "rare"])

    def test_learnt_once_a_task(self):
        task = text_task(data=["a great film", "a dull film"])
        assert similar_words(task) is similar_words(task)


class TestRealTable:
    @pytest.fixture
    def reviews(self):
        return similar_words(reviews_task())

    @pytest.mark.parametrize(("word", "near"), [("great", "wonderful"), ("dull", "boring"), ("film", "movie"), ("funny", "amusing")])
    def test_near_in_meaning(self, reviews, word, near):
        assert near in reviews.similar(word, 5)[0]

    def test_unit_length(self, reviews):
        np.testing.assert_allclose(np.linalg.norm(reviews.vectors, axis=1), 1, atol=1e-5)

    def test_a_word_the_task_never_saw(self, reviews):
        words, similarity = reviews.similar("gorgeousness", 10)
        assert len(words) == 10
        assert (np.diff(similarity) <= 0).all()
