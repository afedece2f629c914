from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ImageFont

from explainers import render
from explainers.render import attribution_slide, layout, texts
from explainers.render.attribution_rows import Rows
from explainers.render.kinds import kind_of
from explainers.render.slide import Box, slide_svg
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


def words_of(svg: str) -> str:
    """All that can be read on a slide, line after line."""
    lines = ("".join(t.itertext()) for t in ET.fromstring(svg.encode()).iter() if t.tag.endswith("text"))
    return " ".join(lines).replace("\u2068", "").replace("\u2069", "")


def test_a_legend_says_what_colours_lines_and_numbers_mean():
    said = words_of(slide_svg(review(), kind_of(review())))
    assert "+ toward “negative”" in said
    assert "\u2212 away from “negative”" in said
    assert "broken line: could be chance" in said
    assert "line on a bar: 95 % range" in said
    assert "Change in the probability of “negative”, percentage points" in said


def test_a_legend_has_no_looks_that_are_not_there():
    e = review([("dull", 0.3, 0.3, 0.3)])
    for end in ("low", "high"):
        object.__setattr__(e.payload, end, None)
    said = words_of(slide_svg(e, kind_of(e)))
    assert "+ toward" in said
    assert not any(words in said for words in ("away from", "could be chance", "95 % range"))


def test_sizes_have_a_legend_without_a_direction():
    e = review([("dull", 0.3, 0.3, 0.3)])
    object.__setattr__(e.payload, "signed", False)
    said = words_of(slide_svg(e, kind_of(e)))
    assert "how strongly it counts, which way it does not say" in said
    assert "toward" not in said


def test_long_names_are_wrapped_and_not_cut():
    names = ["capital gain of the year before", "weekly hours worked for a wage"]
    p = text_payload([(n, v, v, v) for n, v in zip(names, (0.3, -0.2), strict=True)], "x", spans=None, positions=None, low=None, high=None)
    drawn = attribution_slide.bars(Rows.of(explanation(p, "x")), Box(0, 0, 486, 500))  # as beside a picture
    said = words_of(f"<svg>{drawn}</svg>")
    assert all(name in said for name in names)
    assert "percentage points" in said
    assert "…" not in said


def test_where_there_is_little_room_the_numbers_stand_in_a_column_and_inside_the_box():
    p = text_payload([("good", 0.3, 0.2, 0.4), ("dull", -0.2, -0.3, -0.1)], "x", spans=None, positions=None)
    drawn = attribution_slide.bars(Rows.of(explanation(p, "x")), Box(0, 0, 300, 500))
    ends = [float(t.get("x")) for t in ET.fromstring(f"<svg>{drawn}</svg>").iter() if t.get("font-weight") == "700"]
    assert ends == [300.0, 300.0]


def test_a_chart_by_itself_says_what_its_colours_mean():
    text = " ".join(render._alone(review())["title"]["text"])
    assert "Blue and +: toward “negative”" in text
    assert "Orange and \u2212: away from “negative”" in text
    assert render._alone(person_rule()) is None or "Blue" not in str(render._alone(person_rule()).get("title"))


def test_a_long_text_shows_the_passage_that_counts():
    filler = "filler " * 400
    e = review([("dull", 0.3, 0.2, 0.4)], f"{filler}dull {filler}")
    assert "dull\u2009+" in slide_svg(e, kind_of(e))


class TestLayout:
    @given(st.text(CLEAN, max_size=300), st.sampled_from([22, 38, 64]), st.integers(200, 1700))
    def test_lines_fit(self, s, size, width):
        assert all(layout.measure(line, size) <= width * 1.0001 for line in layout.wrap(s, size, width) if layout.in_latin_font(s))

    def test_no_line_begins_with_a_space_between_values(self):
        values = [layout.Token(t, glued=t == "\u2002") for n in range(9) for t in (f"value {n}", "\u2002")]
        lines = layout.place(values, 40, 300)
        assert len(lines) > 3
        assert all(line[0].x == 0.0 and line[0].token.text.startswith("value") for line in lines)

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
