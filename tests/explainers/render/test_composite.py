"""Several explanations as one artifact: in order, each with its sentence and its figure, the rest folded."""

from __future__ import annotations

import re

import numpy as np
import pytest
from PIL import Image

from explainers import render
from explainers.explanation import Explanation
from explainers.render.kinds import gist, kind_of
from explainers.render.slide import slide_svg
from tests.explainers.render.composite_examples import composite, nasty_composite, person_composite, picture_composite, review_composite
from tests.explainers.render.render_examples import review
from tests.explainers.render.rule_examples import no_rule, person_rule, review_rule
from tests.explainers.render.test_escape import read


def test_one_sentence_of_each_in_order():
    assert render.sentence(composite([review(), review_rule()])) == (
        "The model says “negative” (92 % sure). LIME: The words “dull”, “mess” and “wasted” push it most toward “negative”; “charming” and "
        "“fun” pull the other way. Anchors: Whatever else changes, if the text contains “dull” and “wasted” the model says “negative” "
        "98 times in 100 (95 % range 96 to 99); this covers 25 % of the changed texts."
    )


def test_what_is_missing_is_said_first():
    assert render.sentence(review_composite(status="partial", reason="max_calls")).startswith(
        "This is not whole: the limit on model calls was reached. The model says"
    )
    going_on = review_composite(status="partial", reason="still working: 2 of 4 methods done")
    assert render.sentence(going_on).startswith("Still working: 2 of 4 methods done. The model says")
    assert "Anchors: No rule was found that holds 95 times in 100" in render.sentence(composite([no_rule()]))


@pytest.mark.parametrize("make", [review_composite, person_composite, picture_composite])
class TestCard:
    def test_every_part_stands_under_its_own_heading_in_order(self, make):
        heads = re.findall(r'<h4 class="ft-head">(.*?)</h4>', render.html(make()))
        assert [h.lower() for h in heads] == ["1. lime", "2. anchors", "3. decision boundary", "4. prototypes"]

    def test_every_part_s_figure_and_fold(self, make):
        e = make()
        made = render.html(e)
        for part in e.payload.parts:
            kind = kind_of(part)
            assert kind.figure(part) in made
            assert kind.table(part) in made
            assert part.digest in made
        assert made.count('<details class="ft-fold ft-open">') == 4

    def test_one_page_under_one_megabyte(self, make):
        page = render.page(make())
        assert len(page.encode()) < 1_000_000
        assert "<script" not in page

    def test_no_picture_and_no_chart_of_its_own(self, make):
        assert render.chart(make()) is None
        assert render.image(make()) is None
        assert render.svg(make()) is None

    def test_slide_has_a_block_for_each(self, make):
        e = make()
        drawn = slide_svg(e, kind_of(e), "A note of its maker.")
        assert [f"{i}. " in drawn for i in range(1, 6)] == [True, True, True, True, False]
        assert "A note of its maker." in drawn
        assert render.slide(e).size == (1920, 1080)


def test_the_page_can_be_read_back():
    e = person_composite()
    assert Explanation.from_json(e.to_json()) == e


def test_a_page_of_the_noisiest_picture_stays_under_one_megabyte():
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (512, 512, 3), dtype=np.uint8))
    assert len(render.page(picture_composite(noise)).encode()) < 1_000_000


def test_a_fragment_on_its_own_has_its_style():
    made = render.highlight(person_composite())
    assert ".ft-bars" in made
    assert "1. LIME" in made


def test_the_card_s_first_sentence_does_not_say_it_all_twice():
    seen = read(render.html(review_composite())).data
    assert seen.count("Whatever else changes, if the text contains “dull”") == 2, "in the part, and in its fold"
    assert "Shown below, one after another: LIME, Anchors, " in seen


def test_checks_are_those_of_the_parts():
    seen = read(render.html(composite([review(), review_rule()]))).data
    assert "Each of the explanations above has checks of its own" in seen
    assert "Local fit: 0.84" in seen


def test_a_composite_inside_is_said_in_words_only():
    inner = composite([person_rule()])
    for _ in range(50):
        inner = composite([inner])
    assert len(render.html(inner)) < 40_000
    assert render.sentence(nasty_composite())


def test_an_empty_one():
    e = review_composite()
    e.payload.parts.clear()
    assert "It holds no explanation." in render.html(e)
    assert render.sentence(e) == "The model says “negative” (92 % sure)."
    assert render.slide(e).size == (1920, 1080)


def test_the_gist_of_a_kind_without_one_is_its_sentence_without_the_answer():
    assert not gist(review()).startswith("The model says")
