"""Texts that mean about the same lie close together."""

import numpy as np
import pytest

from explainers.models.sentences import sentence_encoder


def test_meaning_counts_not_words():
    a, b, c = sentence_encoder().embed(
        ["a man playing the guitar", "someone performs music on a stringed instrument", "the stock market fell"]
    )
    assert np.linalg.norm(a) == pytest.approx(1, abs=1e-5)
    assert a @ b > 0.4 > 0.2 > a @ c


def test_costs_are_word_pieces():
    assert sentence_encoder().costs(["a dog", "a dog on the grass"]).tolist() == [4, 7]
