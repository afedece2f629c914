"""What another setting did to a map of the same instance: which parts turned, which left the strongest."""

from __future__ import annotations

import dataclasses
import re

import numpy as np

from explainers import Explanation, render
from tests.explainers.render.render_examples import explanation, text_payload

TEXT = "not a good film but a bad joke told well"


def of(baseline: str = "padding", seed: int = 7, **values: float) -> Explanation:
    given = {"not": 0.5, "good": 0.4, "film": 0.3, "bad": -0.3, "joke": 0.2, "told": 0.1, "well": 0.05} | values
    words = [(word, value, value, value) for word, value in given.items()]
    payload = text_payload(words, TEXT, low=None, high=None, unit="log odds", total=9)
    return explanation(payload, TEXT, method="integrated_gradients", params={"baseline": baseline, "steps": 32}, seed=seed)


def said(before: Explanation, now: Explanation) -> str:
    return re.sub("[\u2068\u2069]", "", render.changes(before, now))


def test_signs_that_turned_and_words_that_left_the_five_strongest_are_named():
    now = of("mask word", **{"not": -0.5, "joke": 0.02})
    assert said(of(), now) == ("With “mask word” in place of “padding”: “not” turned from for to against; “joke” left the 5 strongest.")


def test_both_ways_of_turning():
    now = of("mask word", **{"not": -0.5, "bad": 0.3})
    assert "“not” turned from for to against; “bad” turned from against to for." in said(of(), now)


def test_at_most_five_names():
    turned = {name: -value for name, value in {"not": 0.5, "good": 0.4, "film": 0.3, "joke": 0.2, "told": 0.1, "well": 0.05}.items()}
    text = said(of(), of("mask word", **turned, bad=0.3))
    assert text.count("“") - 2 <= 5
    assert "(and 2 more)" in text


def test_a_sign_of_next_to_nothing_is_not_spoken_of():
    assert "turned" not in said(of(well=0.001), of("mask word", well=-0.001)).replace("no sign turned", "")


def test_what_is_not_shown_has_not_left():
    """Three words before or now, seven the other time: the first three are compared."""
    three = [("not", 0.5), ("good", 0.4), ("film", 0.3)]
    payload = text_payload([(word, v, v, v) for word, v in three], TEXT, low=None, high=None, unit="log odds", total=9)
    short = explanation(payload, TEXT, method="integrated_gradients", params={"baseline": "padding", "steps": 32}, seed=7)
    for before, now in ((of("mask word"), short), (short, of("mask word"))):
        assert said(before, now).endswith("no sign turned, and the 3 strongest words are the same.")
    assert said(short, of("mask word", film=0.01)).endswith(": “film” left the 3 strongest.")


def test_nothing_changed_is_said():
    assert said(of(), of("mask word", good=0.41)) == (
        "With “mask word” in place of “padding”: no sign turned, and the 5 strongest words are the same."
    )


def test_a_number_and_a_seed_are_settings_too():
    assert said(of(), of(seed=8, good=0.41)).startswith("With seed 8 in place of 7: no sign")


def test_what_cannot_be_compared_is_left_alone():
    same = of()
    assert render.changes(same, of()) == "", "the very same result"
    other = explanation(same.payload, TEXT + ".", method="integrated_gradients")
    assert render.changes(same, other) == "", "another instance"


def test_a_sign_that_could_be_chance_and_turned_is_told_as_such():
    def unsure(first: float, baseline: str) -> Explanation:
        words = [("not", first, first - 1, first + 1), ("bad", -0.3, -0.4, -0.2)]
        payload = text_payload(words, TEXT, low=None, high=None, unit="log odds", total=9)
        payload = dataclasses.replace(payload, low=np.array([w[2] for w in words]), high=np.array([w[3] for w in words]))
        return explanation(payload, TEXT, method="integrated_gradients", params={"baseline": baseline, "steps": 32}, seed=7)

    assert "“not” turned its sign, which could be chance." in said(unsure(0.5, "padding"), unsure(-0.5, "mask word"))
