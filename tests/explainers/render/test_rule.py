"""A rule as people see it: word for word, mark for mark."""

from __future__ import annotations

import html
import json
import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from PIL import Image

from explainers import render
from explainers.explanation import Condition, Example, Explanation
from explainers.render import colours, numbers
from explainers.render.kinds import gist
from explainers.render.rule_view import View, asks
from tests.explainers.render.render_examples import PERSON, REVIEW, explanation
from tests.explainers.render.rule_examples import (
    ANCHORS,
    answered,
    arabic_rule,
    drawn,
    empty_rule,
    long_rule,
    nasty_rule,
    no_rule,
    person_rule,
    picture_rule,
    review_rule,
    rule,
)  # fmt: skip
from tests.explainers.render.test_card import ATTRIBUTES, TAGS
from tests.explainers.render.test_escape import ANY, read

SAYS = "The model says “below $50K” (88 % sure). "
HOLDS = "98 times in 100 (95 % range 96 to 99); this covers 12 % of people."
BASE = " Without any condition it says so 76 times in 100."


class TestSentence:
    def test_a_row_of_a_table(self):
        assert render.sentence(person_rule()) == (
            SAYS
            + f"Whatever else changes, if marital status is Never-married and age is at most 28 the model says “below $50K” {HOLDS}{BASE}"
        )

    def test_a_text(self):
        assert render.sentence(review_rule()) == (
            "The model says “negative” (92 % sure). Whatever else changes, if the text contains “dull” and “wasted” the model says “negative” "
            "98 times in 100 (95 % range 96 to 99); this covers 25 % of the changed texts." + BASE
        )

    def test_a_picture(self):
        assert "if part 0 (top left) and part 3 (bottom right) are there the model says “bird” 98 times" in render.sentence(picture_rule())
        assert "if part 3 (bottom right) is there the model says" in render.sentence(picture_rule(parts=(3,)))

    def test_nothing_reached_the_threshold_is_said_first(self):
        said = render.sentence(no_rule())
        assert said.startswith("No rule was found that holds 95 times in 100: all 8 variables were tried. The model says")
        assert "The best one found: whatever else changes, if marital status is Never-married and age is at most 28" in said
        assert "88 times in 100 (95 % range 85 to 91)" in said

    def test_a_reason_that_says_the_same_is_not_repeated(self):
        said = render.sentence(person_rule(status="not_found", reason="no rule reached 0.95; the best one reached 0.88"))
        assert said.startswith("No rule was found that holds 95 times in 100. The model says")

    def test_stopped_early_is_said_first(self):
        said = render.sentence(person_rule(status="partial", reason="max_calls"))
        assert said.startswith("The search was not finished: the limit on model calls was reached.")
        assert "The best rule so far: whatever else changes, if" in said

    def test_stopped_before_anything_was_measured(self):
        unknown = {"precision": 0.0, "precision_low": 0.0, "precision_high": 1.0, "samples": 0, "trail": None, "base": None}
        stopped = {"status": "partial", "reason": "cancelled"}
        said = render.sentence(person_rule(**unknown, **stopped))
        assert "how often the model keeps to its answer under it was not measured" in said
        assert "times in 100" not in said
        assert "No rule was found so far." in render.sentence(person_rule([], [], **unknown, **stopped))

    def test_no_condition_at_all(self):
        assert render.sentence(empty_rule()) == (
            SAYS + "No condition is needed: whatever changes, the model says “below $50K” 97 times in 100 (95 % range 95 to 98)."
        )

    @pytest.mark.parametrize(
        ("off", "said"),
        [
            ("mean colour", "parts of the picture are painted over with their mean colour"),
            ("blur", "parts of the picture are blurred"),
            ("another picture", "parts of the picture are replaced by another picture"),
        ],
    )
    def test_what_was_changed_in_a_picture(self, off: str, said: str):
        nothing = picture_rule(parts=(), params={"off": off}, trail=None)
        assert f"No condition is needed: whatever {said}, the model says" in render.sentence(nothing)
        assert f"How often the model says so whatever {said}" in render.html(nothing)
        assert f"Whatever other {said}, if part 0" in render.sentence(picture_rule(params={"off": off}))

    def test_what_was_changed_in_a_text(self):
        assert "Whatever other words are masked, if" in render.sentence(review_rule(params={"perturb": "mask word"}))
        assert "Whatever other words are replaced by similar ones, if" in render.sentence(review_rule(params={"perturb": "similar words"}))
        assert "Whatever else changes, if" in render.sentence(review_rule(params={"perturb": ["mask word"]})), "a stranger's file"

    def test_a_rule_over_a_base_as_high_says_little(self):
        assert "it says so 97 times in 100, about as often, so the rule says little." in render.sentence(person_rule(base=0.97))
        assert "says little" not in render.sentence(person_rule(base=0.95))

    def test_a_long_rule_says_how_many_conditions_it_has(self):
        assert "“A”, “dull”, “predictable”, “mess”, “with”, “one” and 8 more the model says" in render.sentence(long_rule())

    def test_coverage_with_its_range_and_without_a_name(self):
        said = render.sentence(person_rule(coverage_low=0.1, coverage_high=0.14, covers=""))
        assert "this covers 12 % of the rows (95 % range 10 to 14)" in said
        none = person_rule(coverage=0.0, coverage_low=0.0, coverage_high=0.003, covers="rows of the training data")
        assert "this covers none of the rows of the training data (95 % range 0 to under 1 %)" in render.sentence(none)

    def test_a_word_that_occurs_twice(self):
        e = review_rule(("the",), names_only := "the end of the day")
        twice = rule([Condition("the", "present")], ["the (2nd)"], positions=[[3]], spans=[[[11, 14]]])
        said = render.sentence(explanation(twice, names_only, **ANCHORS))
        assert "if the text contains “the” (2nd) the model says" in said
        assert "if the text contains “the” the model says" in render.sentence(e)

    def test_the_gist_leaves_out_the_answer(self):
        assert gist(person_rule()).startswith("Whatever else changes, if marital status")
        assert gist(no_rule()).startswith("No rule was found")


@pytest.mark.parametrize(
    ("conditions", "own", "expected"),
    [
        ([("<=", 28)], 23, "is at most 28"),
        ([(">", 28)], 40, "is over 28"),
        ([(">", 28), ("<=", 37)], 30, "is between 29 and 37"),
        ([("<=", 37), (">", 28)], 30.5, "is between 28 and 37"),
        ([(">", 28.5), ("<=", 29.5)], 29, "is 29"),
        ([(">", 10), (">", 28), ("<=", 50), ("<=", 37)], 30, "is between 29 and 37"),
        ([("==", "Sales")], "Sales", "is Sales"),
        ([("==", True)], True, "is yes"),
        ([("==", None)], None, "is missing"),
        ([("in", ["a", "b"])], "a", "is a or b"),
        ([("in", ["a"])], "a", "is a"),
        ([("in", list("abcdef"))], "a", "is one of 6 values (a, b, c, d, …)"),
        ([("<=", "x")], "x", "is at most x"),
    ],
)
def test_conditions_in_words(conditions, own, expected):
    assert asks([Condition("age", op, value) for op, value in conditions], own) == expected


@pytest.mark.parametrize(
    ("share", "low", "high", "expected"),
    [
        (0.98, 0.96, 0.99, ("98", "96 to 99")),
        (1.0, 0.97, 1.0, ("100", "97 to 100")),
        (0.9985, 0.9961, 0.9994, ("99.9", "99.6 to 99.9")),
        (0.997, 0.98, 0.999, ("over 99", "98 to over 99")),
        (0.002, 0.0, 0.03, ("under 1", "0 to 3")),
        (0.5, 0.5, 0.5, ("50", "")),
        (0.5, None, None, ("50", "")),
    ],
)
def test_times_in_a_hundred(share, low, high, expected):
    assert numbers.in_hundred_within(share, low, high) == expected


class TestLadder:
    def test_from_no_condition_to_all_of_them(self):
        rungs = View(person_rule()).rungs
        assert [(r.number, r.label, round(r.share, 2)) for r in rungs] == [
            (0, "no condition", 0.76),
            (1, "marital status is Never-married", 0.9),
            (2, "age is at most 28", 0.98),
        ]
        assert [r.low for r in rungs] == [None, None, 0.96], "only the whole rule was measured with a range"

    def test_without_a_trail_the_whole_rule_is_one_step(self):
        assert [(r.number, r.label) for r in View(person_rule(trail=None)).rungs] == [(0, "no condition"), (0, "all 2 conditions")]

    def test_the_card_draws_it_to_scale_with_the_threshold(self):
        made = render.html(person_rule())
        assert re.findall(r'class="ft-bar ft-(\w+)" style="left:0.00%;width:([\d.]+)%"', made) == [
            ("base", "60.80"),
            ("to", "72.00"),
            ("to", "78.40"),
        ]
        assert made.count('class="ft-goal" style="left:76.00%"') == 3
        assert "does not reach what was asked for" not in made
        assert "does not reach what was asked for" in render.html(no_rule())

    def test_the_chart_has_the_same_numbers(self):
        records, goal = (layer["data"]["values"] for layer in render.chart(person_rule()).to_dict()["layer"][:2])
        assert [(r["label"], r["share"], r["amount"]) for r in records] == [
            ("no condition", 76.0, "76"),
            ("1 marital status is Never-married", 90.0, "90"),
            ("2 and age is at most 28", 98.0, "98"),
        ]
        assert goal == [{"goal": 95.0}]
        assert records[2]["said"] == "98 times in 100 (95 % range 96 to 99)"

    def test_the_chart_can_be_drawn_and_names_are_data_only(self):
        made = render.chart(nasty_rule()).to_dict()
        outside = json.dumps([layer.get("encoding") for layer in made["layer"]])
        assert "WWWW" not in outside
        assert render.svg(nasty_rule())

    def test_the_table_gives_each_condition_as_the_method_put_it(self):
        table = re.search(r'<table class="ft-numbers">.*?</table>', render.html(person_rule()), re.S).group()  # type: ignore[union-attr]
        rows = re.findall(r'<tr><th scope="row"><bdi>(.*?)</bdi></th><td>(.*?)</td><td>(.*?)</td></tr>', table)
        assert [(a.replace("<wbr>", ""), b, c) for a, b, c in rows] == [
            ("no condition", "76.0", "not measured"),
            ("marital_status = Never-married", "90.0", "not measured"),
            ("age ≤ 28", "98.0", "96.0 to 99.0"),
        ]


class TestHighlight:
    def test_the_words_of_the_rule_carry_their_number(self):
        marked = re.findall(r"<mark [^>]*>(.*?)<sup>(\d+)</sup></mark>", render.highlight(review_rule()))
        assert marked == [("dull", "1"), ("wasted", "2")]

    def test_the_text_is_whole(self):
        shown = re.sub(r"<sup>\d+</sup>", "", render.highlight(review_rule()))
        assert read(re.search(r'<p class="ft-text".*?</p>', shown, re.S).group()).data == REVIEW  # type: ignore[union-attr]

    def test_a_row_keeps_its_order_and_says_what_the_rule_asks(self):
        made = render.highlight(person_rule()).replace("<wbr>", "")
        rows = re.findall(r'<th scope="row"><bdi>(.*?)</bdi></th><td>(.*?)</td><td>(.*?)</td>', made)
        assert [r[0] for r in rows] == list(PERSON)
        asked = {name: wanted for name, _, wanted in rows if wanted}
        assert asked == {"age": "at most 28", "marital_status": "Never-married"}

    def test_an_interval_is_one_line(self):
        e = person_rule([Condition("age", ">", 20), Condition("age", "<=", 28)], ["age > 20", "age <= 28"])
        assert "<td>between 21 and 28 <sup>2</sup></td>" in render.highlight(e)
        assert "if age is between 21 and 28 the model" in render.sentence(e)

    def test_right_to_left(self):
        assert '<p class="ft-text" dir="auto">' in render.highlight(arabic_rule())
        assert "“<bdi>ممل</bdi>”" in render.html(arabic_rule())


class TestExamples:
    def test_two_columns_each_with_the_answer(self):
        made = read(render.html(review_rule())).data
        holds, breaks = (
            made.index("Where it holds: the model says “negative”"),
            made.index("Where it breaks: the model says something else"),
        )
        assert holds < made.index("✓ “negative”, 93\u00a0% sure") < breaks < made.index("✗ “positive”, 62\u00a0% sure")

    def test_the_rule_s_words_are_marked_at_their_places(self):
        """The changed text has another "dull", which is not the rule's."""
        e = review_rule(("dull",), "a dull film", holds=[answered("dull dull day")], breaks=[])
        assert "dull <mark" in render.html(e)
        longer = review_rule(("dull",), "a dull film", holds=[answered("one very dull day")], breaks=[])
        assert "one very <mark" in render.html(longer)

    def test_a_row_lists_the_rule_s_values_and_what_differs(self):
        other = PERSON | {"age": 27, "workclass": "State-gov"}
        made = render.html(person_rule(holds=[answered(other)], breaks=[])).replace("<wbr>", "")
        column = re.search(r'<div class="ft-ex">(.*?)</table>', made, re.S).group(1)  # type: ignore[union-attr]
        assert re.findall(r"<bdi>(\w+)</bdi></th>", column) == ["age", "marital_status", "workclass"]
        assert "instead of <bdi>Private</bdi>" in column

    def test_many_differences_and_many_examples_are_counted(self):
        wide = {f"v{i}": i for i in range(30)}
        other = {name: value + 1 for name, value in wide.items()}
        e = explanation(rule([Condition("v0", "<=", 5)], ["v0 <= 5"], holds=[answered(other)] * 9), wide, "tabular", **ANCHORS)
        made = render.html(e)
        assert "23 more variables differ" in made
        assert "and 6 more examples, in the data" in made

    def test_a_long_text_shows_what_surrounds_the_rule(self):
        text = "filler " * 200 + "dull " + "filler " * 200
        made = render.html(review_rule(("dull",), text, holds=[answered(text)], breaks=[]))
        shown = re.search(r'<div class="ft-ex"><p class="ft-text" dir="auto">(.*?)</p>', made, re.S).group(1)  # type: ignore[union-attr]
        assert "dull<sup>1</sup>" in shown
        assert shown.startswith("… ")
        assert shown.endswith(" …")
        assert len(shown) < 400

    def test_nothing_broke_it(self):
        perfect = {"precision": 1.0, "precision_low": 0.99, "precision_high": 1.0}
        assert "None of the 1,000 inputs tried broke it." in render.html(person_rule(breaks=[], **perfect))
        assert "No example was kept." in render.html(person_rule(breaks=[]))
        assert "Where it breaks" not in render.html(person_rule(holds=[], breaks=[]))

    def test_without_conditions_there_is_no_rule_to_speak_of(self):
        made = render.html(empty_rule())
        assert "Inputs made by changing this one" in made
        assert "How often the model says so whatever changes" in made
        assert "the rule holds" not in made


class TestPicture:
    def test_the_rule_s_parts_keep_their_light_and_the_rest_is_dimmed(self):
        before = np.asarray(drawn().resize((640, 640), Image.Resampling.BICUBIC)).astype(int)
        after = np.asarray(render.image(picture_rule())).astype(int)
        assert (after[40, 40] == before[40, 40]).all(), "part 0"
        assert (after[600, 600] == before[600, 600]).all(), "part 3"
        assert (after[40, 600] < 0.5 * before[40, 600]).all(), "part 1"

    def test_outline_and_opacity(self):
        assert tuple(np.asarray(render.image(picture_rule()))[100, 319]) == colours.channels(colours.TOWARD)
        assert (np.asarray(render.image(picture_rule(), opacity=0.0, outline=False))[40, 600] > 150).all()

    def test_a_part_of_a_rule_is_no_rule(self):
        assert (np.asarray(render.image(picture_rule(), top=1)) == np.asarray(render.image(picture_rule()))).all()

    def test_no_condition_leaves_it_as_it_is(self):
        plain = drawn().resize((640, 640), Image.Resampling.BICUBIC)
        assert (np.asarray(render.image(picture_rule(parts=()))) == np.asarray(plain)).all()

    def test_the_alternative_text_is_the_sentence(self):
        alt = re.search('<img [^>]*alt="([^"]*)"', render.highlight(picture_rule()))
        assert alt is not None
        assert "98 times in 100" in alt[1]

    def test_thumbnails_are_small_and_say_what_they_are(self):
        noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8))
        page = render.page(picture_rule(noise, holds=[answered(noise)] * 9, breaks=[answered(noise)] * 9))
        assert len(page.encode()) < 1_000_000
        assert page.count('alt="The picture with its other parts changed; the model says “bird”, 93 % sure"') == 12
        sizes = [len(s) for s in re.findall(r'src="(data:image/jpeg[^"]*)" width="128"', page)]
        assert max(sizes) < 16_000

    def test_parts_that_do_not_fit_the_picture_are_said_in_words_only(self):
        e = picture_rule(segments=np.zeros((3, 3)))
        assert render.image(e) is None
        assert "part 0 (top left)" in render.sentence(e)
        assert render.slide(e).size == (1920, 1080)


class TestAnyString:
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(a=ANY, b=ANY, c=ANY)
    def test_is_text(self, a, b, c):
        words = rule([Condition(b, "present")], [c], covers=a, holds=[answered(a + b)], spans=[[[0, len(a)]]], positions=[[0]])
        row = {a: b, c: 1}
        values = rule([Condition(a, "==", b), Condition(c, "in", [a, b, c])], [b, c], covers=c, breaks=[answered({a: c, c: b})])
        for e in (
            explanation(words, a + b, class_names=[a, b], **ANCHORS),
            explanation(values, row, "tabular", class_names=[b, c], **ANCHORS),
        ):
            seen = read(render.html(e))
            assert set(seen.tags) <= TAGS
            assert {name for name, _ in seen.attributes} <= ATTRIBUTES
            assert render.sentence(e)


def test_a_file_from_elsewhere_may_hold_impossible_things():
    made = render.html(nasty_rule())
    assert "<script" not in made
    assert "answer unknown" in made


@pytest.mark.parametrize("make", [person_rule, review_rule, picture_rule, empty_rule, no_rule])
def test_the_page_holds_its_data(make):
    e = make()
    inside = re.search(r"<pre>(.*)</pre>", render.page(e), re.S).group(1)  # type: ignore[union-attr]
    assert Explanation.from_json(html.unescape(inside)) == e


def test_an_example_without_a_probability_has_no_answer():
    assert "answer unknown" in render.html(person_rule(holds=[Example(PERSON, np.array([]))]))
