from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from explainers import render
from explainers.render import layout, texts
from explainers.render.kinds import kind_of
from explainers.render.slide import slide_svg
from explainers.render.texts import method_text
from tests.explainers.render.composite_examples import nasty_composite, review_composite
from tests.explainers.render.render_examples import arabic, explanation, nasty, person, review, text_payload
from tests.explainers.render.rule_examples import arabic_rule, empty_rule, long_rule, nasty_rule, no_rule, person_rule, review_rule


def long_text():
    words = [f"word{i}" for i in range(60)]
    rows = [(w, 0.3 - 0.01 * i, 0.2 - 0.01 * i, 0.4 - 0.01 * i) for i, w in enumerate(words[:20])]
    return review(rows, " ".join(words * 10))


def nothing():
    return review([], "", status="partial", reason="cancelled")


def emoji():
    return review(
        [("👩\u200d👩\u200d👧", 0.2, 0.1, 0.3), ("电影", -0.1, -0.2, -0.05)], "👩\u200d👩\u200d👧 电影 很 无聊", class_names=["负面", "😀"]
    )


CLEAN = st.characters(exclude_categories=("C", "Zl", "Zp"))
MAKERS = [review, person, nasty, arabic, long_text, nothing, emoji]
MAKERS += [person_rule, review_rule, empty_rule, no_rule, long_rule, nasty_rule, arabic_rule, review_composite, nasty_composite]


@pytest.mark.parametrize("make", MAKERS, ids=[m.__name__ for m in MAKERS])
class TestSlide:
    def test_is_a_slide(self, make):
        slide = render.slide(make())
        assert slide.size == (1920, 1080)
        assert len(slide.convert("L").getcolors()) > 2, "something is drawn"

    def test_is_good_xml_with_only_drawing_elements(self, make):
        e = make()
        tags = {t.tag.rpartition("}")[2] for t in ET.fromstring(slide_svg(e, kind_of(e)).encode()).iter()}
        assert tags <= {"svg", "rect", "line", "text"}

    def test_margins_stay_empty(self, make):
        pixels = np.asarray(render.slide(make()).convert("L"))
        for edge in (pixels[:, :80], pixels[:, -80:], pixels[:36], pixels[-30:]):
            assert (edge == 255).all()


def test_at_most_eight_bars():
    e = long_text()
    assert "12 smaller ones not shown" in slide_svg(e, kind_of(e))


def test_a_long_text_shows_the_passage_that_counts():
    filler = "filler " * 400
    e = review([("dull", 0.3, 0.2, 0.4)], f"{filler}dull {filler}")
    assert "dull\u2009+" in slide_svg(e, kind_of(e))


class TestLayout:
    @given(st.text(CLEAN, max_size=300), st.sampled_from([22, 38, 64]), st.integers(200, 1700))
    def test_lines_fit(self, s, size, width):
        assert all(layout.measure(line, size) <= width * 1.0001 for line in layout.wrap(s, size, width) if layout.in_latin_font(s))

    @given(st.text(CLEAN, max_size=100), st.integers(100, 500))
    def test_cut_fits(self, s, width):
        assert layout.measure(layout.cut(s, 30, width), 30) <= max(width, layout.measure("WW…", 30) * 1.3)

    def test_the_measuring_is_not_far_off_without_the_font(self, monkeypatch):
        with_font = layout.measure("The model says negative", 30)
        layout._width.cache_clear()
        monkeypatch.setattr(layout, "_font", lambda *names: (ImageFont.load_default(100), 1.12))
        try:
            assert layout.measure("The model says negative", 30) == pytest.approx(with_font, rel=0.25)
        finally:
            layout._width.cache_clear()


@pytest.mark.parametrize("modality", ["text", "tabular", "image", "series"])
@pytest.mark.parametrize("method", [*texts._METHODS, "random", ""])
def test_every_method_has_words(method, modality):
    words = method_text(method, modality)
    assert words.title
    assert words.line.endswith(".")
    assert 3 <= len(words.not_said) <= 5
    assert all(s.endswith(".") for s in words.not_said)


def test_pixels_are_declined_politely():
    p = text_payload([("part 1", 0.2, 0.1, 0.3)], "x", map=np.zeros((2, 2)), spans=None, positions=None)
    e = explanation(p, "x", "image")
    assert render.sentence(e) == "The model says “negative” (92 % sure)."
    assert render.chart(e) is None
    assert render.image(e) is None
    assert render.highlight(e) == ""
    assert "What this does not say" in render.html(e)
    assert render.slide(e).size == (1920, 1080)
