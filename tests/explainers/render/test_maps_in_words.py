"""Numbers without a direction, in log odds, in no unit; what they are held against and what they add up to."""

from __future__ import annotations

import json
import re
from typing import Any

import numpy as np
import pytest

from explainers import render
from explainers.explanation import Explanation, Score
from tests.explainers.render.render_examples import WORDS, explanation, person, review, text_payload

SIZES = [(word, abs(value), abs(value), abs(value)) for word, value, _, _ in WORDS]


def mapped(words: Any = WORDS, **changes: Any) -> Explanation:
    """A review explained by a map: exact numbers."""
    outer = {name: changes.pop(name) for name in ("method", "quality") if name in changes}
    payload = text_payload(words, REVIEW, **({"low": None, "high": None, "unit": "log odds", "local_prediction": None} | changes))
    return explanation(payload, REVIEW, **({"method": "integrated_gradients", "quality": []} | outer))


REVIEW = review().instance


def said(e: Explanation) -> str:
    return re.sub("[\u2068\u2069]", "", render.sentence(e))


def shown(html: str) -> str:
    return re.sub("[\u2068\u2069]|<style>.*?</style>|<[^>]+>", "", html)


class TestWithoutDirection:
    e = mapped(SIZES, signed=False, unit="share of attention", method="attention_rollout")

    def test_the_sentence_says_what_counts_most_and_no_direction(self):
        assert "The words “dull”, “mess” and “wasted” count most; which way, it does not say." in said(self.e)
        assert "effect" not in said(self.e)

    def test_no_view_says_toward_or_away_or_has_a_sign(self):
        views = (
            said(self.e),
            shown(render.highlight(self.e)),
            shown(render.figure(self.e)),
            json.dumps(render.chart(self.e).to_dict()["layer"]),
        )
        for view in views:
            assert not re.search(r"\b(toward|away|pull|push)", view.replace("datum.toward", "").replace('"toward"', "")), view
            assert "+0." not in view

    def test_words_have_a_tint_and_no_sign(self):
        marked = render.highlight(self.e)
        assert "ft-how" in marked
        assert "<sup>" not in marked

    def test_the_axis_says_how_strongly_in_its_unit(self):
        assert "how strongly it counts, as share of attention" in shown(render.figure(self.e)).lower()

    def test_a_row_says_what_counts_most(self):
        e = person(method="saliency")
        values = np.abs(e.payload.values)
        for name, value in (
            ("values", values),
            ("low", None),
            ("high", None),
            ("signed", False),
            ("unit", "change of log odds per unit of input"),
        ):
            object.__setattr__(e.payload, name, value)
        assert "What counts most: marital status is Never-married, age is 23 and education is Bachelors" in said(e)


class TestUnits:
    def test_log_odds_are_explained_once(self):
        whole = shown(render.html(mapped()))
        assert "hange in the log odds of “negative”" in whole
        assert whole.count("+0.7 doubles the odds") == 1
        assert "percentage points" not in whole

    def test_probabilities_stay_percentage_points(self):
        whole = shown(render.html(mapped(unit="probability")))
        assert "percentage points" in whole
        assert "log odds" not in whole

    def test_a_random_map_says_that_it_was_drawn_and_names_no_word(self):
        e = mapped(unit="no unit", method="random")
        assert "drawn at random" in said(e)
        assert "dull" not in said(e)
        assert "measured in" not in said(e)

    def test_no_unit_is_said_as_such(self):
        assert "in no unit" in said(mapped(unit="no unit"))
        assert "no unit" in json.dumps(render.chart(mapped(unit="no unit")).to_dict())


class TestPromises:
    def test_what_it_is_held_against(self):
        assert "It is held against a black picture." in said(mapped(baseline="a black picture"))
        assert "held against" not in said(mapped())

    @pytest.mark.parametrize(
        ("gap", "words"), [(0.0, ", and do."), (0.019, ", and do."), (0.12, ", and miss it by 12 %."), (None, "two answers.")]
    )
    def test_whether_the_numbers_add_up(self, gap: float | None, words: str):
        quality = [] if gap is None else [Score("completeness gap", gap, None, None, False)]
        found = said(mapped(baseline="an empty text", effect=-1.5, quality=quality))
        assert "should add up to \u22121.5 log odds, the difference between the two answers" in found
        assert words in found

    def test_a_baseline_is_text(self):
        e = mapped(baseline="<script>alert(1)</script>", effect=1.0)
        assert "<script>" not in render.html(e) + render.page(e)

    def test_a_partial_map_says_why(self):
        e = mapped()
        object.__setattr__(e, "status", "partial")
        object.__setattr__(e, "reason", "max_calls")
        assert "the limit on model calls was reached" in said(e)


class TestManyWords:
    e = mapped([(word, value, value, value) for word, value in zip([f"w{i:03d}" for i in range(60)], np.linspace(1, 2, 60), strict=True)])

    def test_the_chart_has_the_strongest_and_says_so(self):
        drawn = json.dumps(render.chart(self.e).to_dict())
        assert "the 20 strongest of 60 words" in drawn
        assert "w059" in drawn
        assert "w000" not in drawn

    def test_the_table_has_them_all(self):
        assert "w000" in render.html(self.e)


class TestWhatIsNamed:
    def test_numbers_next_to_nothing_are_not_named_though_an_exact_map_has_no_chance_in_it(self):
        text = said(mapped([("dull", 1.0, 1.0, 1.0), ("mess", 0.04, 0.04, 0.04), ("wasted", 0.02, 0.02, 0.02)]))
        assert "The word “dull” pushes it most toward" in text
        assert "mess" not in text

    def test_a_larger_number_that_could_be_chance_is_said_to_be_left_out(self):
        words = [("dull", 0.3, -0.1, 0.7), ("mess", 0.2, 0.1, 0.3), ("wasted", 0.01, -0.1, 0.1)]
        text = said(explanation(text_payload(words, REVIEW), REVIEW))
        assert "The word “mess” pushes it" in text
        assert "2 could be chance, among them “dull”, whose larger numbers are left out here for that reason." in text
