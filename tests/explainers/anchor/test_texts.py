"""Copies of a text in which some words stay and others change."""

from __future__ import annotations

import re

import numpy as np
import pytest

from explainers.anchor.texts import LANGUAGE_MODEL, MASK_WORD, SIMILAR_WORDS, TextWorld, has_part
from explainers.similar_words import in_case_of, lemmas, tag
from tests.fixtures.masked_lm import save_tiny_lm
from tests.fixtures.toys import SENTENCE, sentence, text_task

TEXTS = [SENTENCE, "the cast is good", "a boring film", "a terrific story", "the movie is awful and slow", "an actor", "fine music"]
TASK = text_task(data=TEXTS)


def world(perturb: str = MASK_WORD, mask_word: str = "UNK", language_model: str = "", text: str = SENTENCE) -> TextWorld:
    return TextWorld(TASK, text, perturb, mask_word, language_model)


def sample(made: TextWorld, words: tuple[str, ...] = (), n: int = 300, seed: int = 0) -> tuple[list[str], np.ndarray]:
    return made.sample([c for c in made.conditions if c.feature in words], n, np.random.default_rng(seed))


def test_masked_words_are_replaced_every_occurrence_at_once():
    texts, keep = sample(world(), ("great", "plot"))
    assert all("great" in text and "plot" in text for text in texts)
    assert {text.split().count("the") for text in texts} == {0, 2}
    assert keep.mean() == pytest.approx((5 * 0.5 + 2) / 7, abs=0.04)
    assert set(" ".join(texts).split()) == {*SENTENCE.split(), "UNK"}


def test_an_empty_mask_word_leaves_words_out():
    texts, _ = sample(world(mask_word=""), ("great",))
    assert set(" ".join(texts).split()) == set(SENTENCE.split())


def test_coverage_is_the_share_of_training_texts_with_the_words():
    made = world()
    place = {c.feature: p for p, c in enumerate(made.conditions)}
    rules = [(), (place["cast"],), tuple(sorted((place["cast"], place["great"])))]
    np.testing.assert_allclose(made.coverage(rules), [1, 2 / 7, 1 / 7])
    assert made.covers == "texts of the training data"


def test_similar_words_are_of_the_same_kind_and_of_the_data():
    made = world(SIMILAR_WORDS)
    assert {c.feature for c in made.conditions} <= {"cast", "great", "plot", "dull", "but"}, "words that say little always stay"
    texts, _ = sample(made)
    known = set(re.findall(r"\w+", " ".join(TEXTS)))
    place = SENTENCE.split().index("great")
    others = {text.split()[place] for text in texts}
    assert "great" in others
    assert others <= known
    assert all(word == "great" or (tag(word) == tag("great") and not lemmas(word) & lemmas("great")) for word in others)
    assert all(text.split()[:1] == ["the"] for text in texts)
    assert len(others) > 2


def test_what_a_language_model_fills_in(tmp_path):
    made = world(LANGUAGE_MODEL, language_model=str(save_tiny_lm(tmp_path)))
    assert (made.stays <= 0.5).all()
    assert (made.stays > 0).all()
    texts, keep = sample(made, ("great",), n=100)
    assert all("great" in text for text in texts)
    assert all(len(text.split()) == len(SENTENCE.split()) for text in texts)
    assert not any("[MASK]" in text for text in texts)
    for text, row in zip(texts, keep, strict=True):
        for i, stays in enumerate(row):
            if stays:
                assert all(text.split()[at] == made.parts.features[i] for at in made.parts.positions[i])
        assert text.split()[0] == text.split()[5], "both places of a word alike"


def test_case_is_kept(tmp_path):
    made = world(LANGUAGE_MODEL, language_model=str(save_tiny_lm(tmp_path)), text="Great cast")
    assert all(text[0].isupper() for text in sample(made)[0])
    assert in_case_of("Great", "fine") == "Fine"


def test_long_texts_are_taken_apart_into_sentences():
    text = " ".join(f"w{i}" for i in range(1_100)) + ". The end."
    made = TextWorld(TASK, text, MASK_WORD, "UNK", "")
    assert made.caveats
    assert "The end." in [c.feature for c in made.conditions]
    texts, _ = made.sample([c for c in made.conditions if c.feature == "The end."], 5, np.random.default_rng(0))
    assert all(has_part(copy, "The end.") for copy in texts)
    assert made.coverage([(0,)])[0] == 0


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mask_word": "great"}, "is a word of the text itself"),
        ({"perturb": LANGUAGE_MODEL}, "Which language model"),
        ({"perturb": SIMILAR_WORDS, "text": "the of the"}, "No word of this text has similar words"),
        ({"perturb": SIMILAR_WORDS, "text": " ".join(f"w{i}" for i in range(1_100))}, "choose mask word"),
    ],
)
def test_what_cannot_be_done_is_said(given: dict[str, str], said: str):
    with pytest.raises(ValueError, match=said) as caught:
        world(**given)
    sentence(caught.value)


def test_a_text_longer_than_the_language_model_reads(tmp_path):
    with pytest.raises(ValueError, match="longer than the language model") as caught:
        world(LANGUAGE_MODEL, language_model=str(save_tiny_lm(tmp_path)), text="the cast is great " * 10)
    sentence(caught.value)


def test_words_are_those_of_the_parts():
    assert has_part("It's great, really", "great")
    assert not has_part("greatness", "great")
    assert not has_part("Great", "great")
