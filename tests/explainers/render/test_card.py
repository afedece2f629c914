from __future__ import annotations

import dataclasses
import html
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from explainers.explanation import Attribution, Explanation, Score
from explainers.render import escape, highlight, page
from explainers.render import html as card
from tests.explainers.render.composite_examples import nasty_composite, person_composite, review_composite
from tests.explainers.render.render_examples import PERSON, REVIEW, arabic, explanation, nasty, person, review, text_payload
from tests.explainers.render.rule_examples import arabic_rule, empty_rule, long_rule, nasty_rule, no_rule, person_rule, review_rule
from tests.explainers.render.test_escape import ANY, read

TAGS = {"section", "style", "p", "h3", "h4", "h5", "ul", "li", "b", "bdi", "span", "i", "mark", "sup", "div", "wbr", "details", "summary"}
TAGS |= {"ol", "del", "table", "caption", "thead", "tbody", "tr", "th", "td", "dl", "dt", "dd"}
ATTRIBUTES = {"open", "class", "style", "lang", "dir", "title", "scope", "aria-hidden", "aria-label"}
EXAMPLES = [review, person, nasty, arabic, person_rule, review_rule, empty_rule, no_rule, long_rule, nasty_rule, arabic_rule]
EXAMPLES += [review_composite, person_composite, nasty_composite]
BY_NAME = pytest.mark.parametrize("make", EXAMPLES, ids=[f.__name__ for f in EXAMPLES])


@BY_NAME
class TestEveryCard:
    def test_only_our_tags(self, make):
        seen = read(card(make()))
        assert set(seen.tags) <= TAGS
        assert {name for name, _ in seen.attributes} <= ATTRIBUTES

    def test_nothing_is_fetched(self, make):
        made = card(make())
        assert not re.search(r"https?:|//|url\(|@import|javascript:", re.sub(r"&[^;]+;", "", made))

    def test_no_style_from_data(self, make):
        styles = [value for name, value in read(card(make())).attributes if name == "style"]
        allowed = re.compile(r"(--ft-tint:(transparent|rgba\([\d,.]+\))|left:-?[\d.]+%|width:[\d.]+%)(;width:[\d.]+%)?")
        assert all(allowed.fullmatch(s) for s in styles)

    def test_deterministic(self, make):
        assert card(make()) == card(make())
        assert page(make()) == page(make())

    def test_every_tag_is_closed(self, make):
        made = card(make())
        for tag in TAGS - {"wbr"}:
            assert len(re.findall(f"<{tag}[ >]", made)) == made.count(f"</{tag}>"), tag


class TestScoresBesideTheirRivals:
    """A file that is taken away says what a score is to be held against, as the app's page does."""

    WON = Score("deletion", 0.31, 0.2, 0.42, False, "It falls <fast>.", 0.0, 1.0, {"random order": 0.62, "edge detector": 0.585})
    ALONE = Score("sensitivity to noise", 0.2, None, None, False, "It is steady.", 0.0, None)

    @pytest.mark.parametrize("make", [card, page])
    def test_every_rival_has_its_value(self, make):
        said = html.unescape(re.sub("<style>.*?</style>|<[^>]+>", "", make(review(), scores=[self.WON, self.ALONE]), flags=re.DOTALL))
        for words in (
            "this map 0.31",
            "random order 0.62",
            "edge detector 0.58",
            "lower is better",
            "clearly beats a random order on deletion",
        ):
            assert words in said, words
        assert said.count("It falls <fast>.") == 1, "said once"
        assert said.count("Sensitivity to noise: 0.20") == 1
        assert "For the scores, what is taken away is left out, or replaced by random words" in said

    def test_without_rivals_there_is_no_such_part(self):
        assert "Scored on this very input" not in card(review(), scores=[self.ALONE])

    def test_only_our_tags(self):
        assert set(read(card(review(), scores=[self.WON])).tags) <= TAGS | {"small", "em"}


def test_size_of_a_sentence():
    assert len(card(review()).encode()) < 25_000
    assert len(page(review()).encode()) < 200_000


def test_what_is_on_a_card():
    seen = read(card(review())).data
    for said in (
        "Why does the model say “negative”?",
        "92\u00a0%",
        "How far to trust it",
        "Local fit: 0.84 (95\u00a0% range 0.81 to 0.87)",
        "higher is better",
        "What this does not say",
        "With another seed, 8 of the 10 words would be chosen again.",
        "num_samples = 1000, num_features = 10, kernel_width = automatic",
        "1,000 model calls, 912 of them new, 3.2 seconds",
        review().digest,
    ):
        assert said in seen


def test_no_parts_and_no_scores():
    seen = read(card(review([], "", quality=[], caveats=[], status="partial", reason="cancelled"))).data
    assert "No checks were run" in seen
    assert "The numbers" not in seen
    assert "it was cancelled" in seen


class TestAnyString:
    @settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(a=ANY, b=ANY, c=ANY)
    def test_is_text_on_a_text_card(self, a, b, c):
        payload = Attribution([b, c], [b, c], [0.2, -0.1], c, [0.1, -0.2], [0.3, 0.1], spans=[[[0, len(a)]] if a else [], []], total=2)
        e = explanation(
            payload,
            a + b,
            class_names=[a, b],
            task=a,
            model_name=b,
            method=c,
            params={a: b},
            caveats=[c],
            quality=[Score(a, 1.0, None, None, False, b)],
        )
        seen = read(card(e))
        assert set(seen.tags) <= TAGS
        assert {name for name, _ in seen.attributes} <= ATTRIBUTES
        assert escape.clean(b) in seen.data
        assert set(read(page(e)).tags) <= TAGS | {"html", "head", "meta", "title", "body", "main", "footer", "pre"}

    @settings(max_examples=60, deadline=None)
    @given(
        st.dictionaries(
            ANY, ANY | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(), min_size=1, max_size=4
        )
    )
    def test_is_text_in_a_table(self, row):
        first = next(iter(row))
        payload = Attribution([first], [f"{first} = {row[first]}"], [0.2], "probability", [0.1], [0.3], total=len(row))
        seen = read(highlight(explanation(payload, row, "tabular")))
        assert set(seen.tags) <= TAGS
        assert all(escape.clean(name) in seen.data for name in row)


class TestHighlight:
    def test_the_text_is_whole(self):
        marked = re.sub(r"<sup>.</sup>", "", highlight(review()))
        text = read(re.search(r'<p class="ft-text".*?</p>', marked, re.S).group()).data  # type: ignore[union-attr]
        assert text == REVIEW

    def test_direction_is_more_than_a_colour(self):
        made = highlight(review())
        assert re.search(r'<mark class="ft-w ft-to"[^>]*>dull<sup>\+</sup></mark>', made)
        assert re.search(r'<mark class="ft-w ft-from"[^>]*>charming<sup>−</sup></mark>', made)

    def test_what_could_be_chance_has_no_tint(self):
        assert re.search(r'<mark class="ft-w ft-from ft-maybe" style="--ft-tint:transparent"[^>]*>one<', highlight(review()))

    def test_the_stronger_the_deeper(self):
        tints = dict(re.findall(r"rgba\(46,122,209,([\d.]+)\)\" title[^>]*>(\w+)", highlight(review())))
        by_word = {word: float(tint) for tint, word in tints.items()}
        assert by_word["dull"] > by_word["mess"] > by_word["wasted"] > by_word["nobody"]

    def test_titles_say_the_number(self):
        assert 'title="toward “negative”: +21.4 percentage points (95 % range +18.1 to +24.0)"' in highlight(review())

    def test_impossible_spans_are_left_out(self):
        p = text_payload([("a", 0.2, 0.1, 0.3)] * 3, "a b", spans=[[[0, 99]], [[2, 1]], [[0, 2], [1, 3]]], positions=None)
        assert highlight(explanation(p, "a b")).count("<mark") == 1

    def test_a_table_keeps_its_order_and_says_what_was_not_chosen(self):
        made = highlight(person())
        names = [html.unescape(n).replace("<wbr>", "") for n in re.findall(r'<th scope="row"><bdi>(.*?)</bdi>', made)]
        assert names == list(PERSON)
        assert "were not among those chosen" in made

    def test_each_script_runs_its_own_way(self):
        assert '<p class="ft-text" dir="auto">' in highlight(arabic())
        assert "<bdi>سلبي</bdi>" in card(arabic())


class TestPage:
    def test_is_a_document_that_may_fetch_nothing(self):
        made = page(review())
        assert made.startswith('<!DOCTYPE html><html lang="en">')
        assert "default-src &#x27;none&#x27;; style-src &#x27;unsafe-inline&#x27;; img-src data:" in made
        assert 'name="viewport"' in made
        assert '<meta charset="utf-8">' in made

    @BY_NAME
    def test_the_data_is_inside_and_whole(self, make):
        e = make()
        inside = re.search(r"<pre>(.*)</pre>", page(e), re.S).group(1)  # type: ignore[union-attr]
        assert Explanation.from_json(html.unescape(inside)) == e
        assert e.digest in read(page(e)).data

    def test_can_be_written_to_a_file(self):
        assert page(nasty()).encode("utf8")


def test_a_range_without_width_is_not_said():
    for low, high, shown in ((0.001, 0.002, False), (0.1, 0.3, True)):
        shown_card = card(dataclasses.replace(review(), quality=[Score("completeness gap", low, low, high, False, "It adds up.")]))
        assert ("% range" in shown_card.split("ompleteness gap")[1].split("</dt>")[0]) == shown
