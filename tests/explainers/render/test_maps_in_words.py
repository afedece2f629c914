"""Numbers without a direction, in log odds, in no unit; what they are held against and what they add up to."""

from __future__ import annotations

import dataclasses
import json
import re
from typing import Any

import numpy as np
import pytest

import explainers
from explainers import render
from explainers.explanation import Explanation, Score
from explainers.maps import baselines
from explainers.render import fills
from explainers.render.attribution_sentence import gist
from explainers.render.little import LITTLE
from tests.explainers.render.render_examples import WORDS, explanation, person, review, text_payload
from tests.explainers.render.rule_examples import person_rule
from tests.fixtures.toys import picture_task, table_task, text_task

SIZES = [(word, abs(value), abs(value), abs(value)) for word, value, _, _ in WORDS]


def mapped(words: Any = WORDS, **changes: Any) -> Explanation:
    """A review explained by a map: exact numbers."""
    outer = {name: changes.pop(name) for name in ("method", "quality") if name in changes}
    payload = text_payload(words, REVIEW, **({"low": None, "high": None, "unit": "log odds", "local_prediction": None} | changes))
    return explanation(payload, REVIEW, **({"method": "integrated_gradients", "quality": []} | outer))


REVIEW = review().instance
SMALL = [("dull", 0.008, 0.008, 0.008), ("mess", 0.0005, 0.0005, 0.0005)]


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
        assert "What is taken away is painted black." in said(mapped(baseline="a black picture"))
        assert "taken away" not in said(mapped())

    @pytest.mark.parametrize(
        ("gap", "words"), [(0.0, ", and do."), (0.019, ", and do."), (0.12, ", and miss it by 12 %."), (None, "everything taken away.")]
    )
    def test_whether_the_numbers_add_up(self, gap: float | None, words: str):
        quality = [] if gap is None else [Score("completeness gap", gap, None, None, False)]
        found = said(mapped(baseline="an empty text", effect=-1.5, quality=quality))
        assert "should add up to \u22121.5 log odds, the difference to the answer with everything taken away" in found
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


class TestTheStrongerSideLeads:
    """A reader takes what is said first for what counts."""

    def test_what_counts_away_is_said_first_where_it_counts_far_more(self):
        text = said(mapped([("dull", -0.8, 0, 0), ("mess", -0.6, 0, 0), ("wasted", 0.06, 0, 0)]))
        assert "The words “dull” and “mess” pull it most away from “negative”; “wasted” pushes the other way, but far less." in text

    def test_a_side_that_is_not_far_weaker_is_not_said_to_be(self):
        text = said(mapped([("dull", -0.8, 0, 0), ("wasted", 0.3, 0, 0)]))
        assert "The word “dull” pulls it most away from “negative”; “wasted” pushes the other way." in text
        text = said(mapped([("dull", -0.8, 0, 0), ("wasted", 0.5, 0, 0)]))
        assert "The word “wasted” pushes it most toward “negative”; “dull” pulls the other way." in text

    def test_in_a_table_too(self):
        e = person()
        values = np.where(np.arange(len(e.payload.values)) == 0, -0.9, 0.05)
        for name, value in (("values", values), ("low", None), ("high", None)):
            object.__setattr__(e.payload, name, value)
        assert re.search(r"What counts most against “[^”]*”: [^;]*; toward it, but far less: ", said(e)), said(e)


class TestLittleToExplain:
    """A person must not read a map of next to nothing in the voice of one that explains an answer."""

    SAID = "hardly anything to explain"

    def test_an_effect_of_a_hundredth_is_said_before_any_word(self):
        text = said(mapped(SMALL, unit="probability", baseline="a black picture", effect=0.009))
        told = (
            "There is hardly anything to explain: with everything taken away the probability of “negative” differs by only 0.9 percentage"
        )
        assert told in text
        assert text.index(self.SAID) < text.index("dull")
        assert "The little there is: the word “dull” pushes it most toward" in text
        assert "The largest effect" not in text

    def test_it_speaks_of_the_class_explained_not_of_the_answer(self):
        """Of three classes the answer may turn from bird to dog while “cat” stays where it is."""
        for e in (mapped(SMALL, unit="probability", effect=0.005), mapped(SMALL, unit="log odds", effect=0.005)):
            assert "of “negative”" in render.sentences(e)[0].split(self.SAID)[1].split(".")[0]
            assert "answer is nearly the same" not in said(e)

    def test_where_no_number_is_anything_no_little_is_promised(self):
        zeros = said(mapped([("dull", 0, 0, 0), ("mess", 0, 0, 0)], unit="probability", effect=0.0))
        assert "differs by less than 0.0001 percentage points. None of the 2 words shown moves the answer." in zeros

    @pytest.mark.parametrize(
        ("unit", "effect", "little"),
        [("probability", 0.02, True), ("probability", -0.021, False), ("log odds", -0.08, True), ("log odds", 0.081, False)],
    )
    def test_the_cut_is_two_points_and_as_much_in_log_odds(self, unit: str, effect: float, little: bool):
        assert (self.SAID in said(mapped(SMALL, unit=unit, effect=effect))) == little

    def test_the_log_odds_cut_moves_no_probability_by_more_than_the_other(self):
        starts = np.linspace(-8, 8, 1001)
        moved = np.abs(1 / (1 + np.exp(-starts - LITTLE["log odds"])) - 1 / (1 + np.exp(-starts)))
        assert 1.9 < 100 * moved.max() <= LITTLE["points"]

    @pytest.mark.parametrize(("unit", "size"), [("probability", 0.4), ("log odds", 1.5)])
    def test_large_numbers_that_cancel_are_kept_and_said_to_cancel(self, unit: str, size: float):
        words = [("dull", size, size, size), ("mess", 0.01 - size, 0.01 - size, 0.01 - size)]
        e = mapped(words, unit=unit, effect=0.01)
        assert self.SAID not in said(e)
        assert "The little there is" not in said(e)
        assert "The word “dull” pushes it most toward “negative”; “mess” pulls the other way." in said(e)
        assert "The largest effect is that of “dull”: +" in said(e)
        assert "The two sides nearly cancel: with everything taken away the " in said(e)
        assert "should add up to that difference" in said(e)
        assert "nearly cancel" in gist(e)
        assert not any("hardly" in words for _, words in render.believe(e).lines)

    def test_numbers_that_do_not_cancel_are_not_said_to(self):
        one_side = [("dull", 0.021, 0.021, 0.021), ("mess", -0.001, -0.001, -0.001)]
        off = [("dull", 0.4, 0.4, 0.4), ("mess", -0.1, -0.1, -0.1)]  # and miss what they should add up to
        unsure = [("dull", 0.4, -0.1, 0.9), ("mess", -0.39, -0.9, 0.1)]
        for words in (SMALL, one_side, off, unsure):
            low, high = (np.array([w[i] for w in words]) for i in (2, 3))
            text = said(mapped(words, unit="probability", effect=0.019, low=low, high=high))
            assert "cancel" not in text, words
            assert (self.SAID in text) == (words is SMALL), words

    def test_a_method_that_promises_no_sum_is_told_by_its_largest_number(self):
        text = said(mapped(SMALL, unit="probability", method="occlusion"))
        assert "no word moves the probability of “negative” by more than 0.8 percentage points" in text
        assert self.SAID not in said(mapped(SMALL, unit="log odds", method="input_x_gradient"))

    def test_small_numbers_with_wide_ranges_are_not_known_to_be_small(self):
        words = [("dull", 0.008, -0.1, 0.12), ("mess", 0.001, 0.0, 0.002)]
        assert self.SAID not in said(explanation(text_payload(words, REVIEW), REVIEW, method="rise"))

    def test_it_speaks_against_believing_the_map(self):
        found = render.believe(mapped(SMALL, unit="probability", effect=0.009))
        assert ("Against it", "It has hardly anything to explain.") in found.lines

    def test_what_has_no_unit_or_direction_is_left_alone(self):
        for changes in ({"unit": "no unit", "method": "random"}, {"signed": False, "unit": "probability"}, {"unit": "score"}):
            assert self.SAID not in said(mapped(SMALL, effect=0.001, **changes)), changes


class TestOneWordingForWhatIsTakenAway:
    @pytest.mark.parametrize("modality", ["text", "tabular", "image"])
    def test_every_baseline_and_every_choice_of_the_methods_is_known(self, modality: str):
        for kind in {**baselines.IN_WORDS}.values():
            assert not fills.gone(kind).startswith("replaced by a picture"), kind
            assert fills.gone(kind) != f"replaced by {kind}", kind
        task = {"text": text_task, "tabular": table_task, "image": picture_task}[modality]()
        for method in explainers.methods(task):
            for field in dataclasses.fields(method.Params) if method.fits else ():
                if field.name in fills.PARAMETERS and field.metadata.get("upfront"):
                    assert fills.is_one(field.name, field.metadata["choices"]), method.name

    def test_what_a_file_from_elsewhere_says_is_kept(self):
        assert fills.sentence("a grey wall.") == "What is taken away is replaced by a grey wall."
        assert fills.sentence(" ") == ""

    def test_words_and_rows(self):
        assert fills.gone("the same text with every word replaced by the mask token") == "replaced by the mask token"
        assert fills.gone("the word UNK in its place") == "replaced by the word UNK"
        assert fills.gone("8 rows drawn from the training data, one after the other").startswith("replaced by the values of 8 rows, drawn")
        assert fills.gone("16 pictures, drawn from the training data") == "covered by 16 pictures, drawn from the training data"

    def test_the_scores_say_theirs_in_the_same_words(self):
        assert "what is taken away is blurred, or covered by other pictures" in fills.of_scores("image")
        assert fills.of_scores("series") == ""


class TestSmallPrint:
    def test_the_two_parts_are_the_sentence_and_what_counts_is_in_the_first(self):
        e = mapped(baseline="a black picture", effect=1.5)
        first, small = render.sentences(e)
        assert f"{first} {small}" == render.sentence(e)
        assert "dull" in first
        assert small.startswith("What is taken away is painted black.")

    def test_a_map_of_next_to_nothing_is_not_said_in_small_print(self):
        assert "hardly anything" in render.sentences(mapped(SMALL, unit="probability", effect=0.009))[0]

    def test_other_kinds_have_none(self):
        assert render.sentences(person_rule()) == (render.sentence(person_rule()), "")
