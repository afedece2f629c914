from __future__ import annotations

import re

import numpy as np
import pytest

from explainers import render
from explainers.explanation import Attribution
from explainers.render import attribution_chart, colours
from explainers.render.attribution_rows import Rows
from tests.explainers.render.render_examples import NASTY, explanation, nasty, person, review, text_payload


def spec(e):
    return render.chart(e).to_dict()


def records(e):
    made = spec(e)
    return (
        next(d for d in made["datasets"].values() if len(d) == len(e.payload.features))
        if "datasets" in made
        else made["layer"][1]["data"]["values"]
    )


def strings(value):
    """Every string of a specification outside its data."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in ("datasets", "data"):
                yield key
                yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)
    elif isinstance(value, str):
        yield value


class TestRows:
    def test_largest_first_in_percentage_points(self):
        rows = Rows.of(review()).rows
        assert [r.name for r in rows][:4] == ["dull", "mess", "wasted", "charming"]
        assert [rows[0].value, rows[3].value] == pytest.approx([21.4, -9.3])

    def test_sure_means_that_the_interval_excludes_zero(self):
        assert [r.name for r in Rows.of(review()).rows if not r.sure] == ["one", "cast", "with"]


class TestNamesOnAPhone:
    """A narrow chart breaks names into lines. In a file there is no width to measure, so here the test for it is put to "yes"."""

    NAMES = (
        "education = High school graduate, evenings",
        "hours per week",
        "Donaudampfschifffahrtsgesellschaft",
        "a b " * 10 + "end",
        "x" * 26,
    )

    @pytest.fixture
    def shown(self, monkeypatch) -> list[list[str]]:
        """The lines of each name as drawn, top to bottom."""
        monkeypatch.setattr(attribution_chart, "NARROW", "true")
        svg = render.svg(self.bars(self.NAMES))
        labels = re.search(r'class="mark-text role-axis-label"[^>]*>(.*?)</g>', svg[svg.index('aria-label="Y-axis') :], re.DOTALL)[1]
        texts = re.findall(r"<text[^>]*>(.*?)</text>", labels, re.DOTALL)
        return [re.findall(r"<tspan[^>]*>(.*?)</tspan>", text) or [text] for text in texts]

    @staticmethod
    def bars(names):
        n = len(names)
        return explanation(Attribution(list(names), list(names), np.linspace(0.5, 0.1, n), "probability", np.zeros(n), np.ones(n)), "text")

    def test_no_letter_is_lost_and_no_line_is_long(self, shown):
        labels = [r["label"] for r in records(self.bars(self.NAMES))]
        assert [re.sub(r"\s", "", "".join(lines)) for lines in shown] == [label.replace(" ", "") for label in labels]
        assert all(len(line) <= attribution_chart.LINE for lines in shown for line in lines)

    def test_lines_end_between_words_where_they_can(self, shown):
        assert shown[0] == ["education = High school", "graduate, eveni…"], "of names, no more than 40 letters are kept"
        assert shown[1] == ["hours per week"]
        assert shown[4] == ["x" * 26]

    def test_rows_are_as_high_as_their_lines(self):
        step = lambda names: render.chart(self.bars(names)).to_dict()["height"]["step"]  # noqa: E731
        assert step(["short"]) == step(["education = High school graduate"]) == attribution_chart.ROW_HEIGHT
        three = "Rechtsschutzversicherung und eine"
        assert attribution_chart.row_height([f"{three} {three}"]) >= 3 * attribution_chart.LINE_HEIGHT

    def test_where_there_is_room_names_are_whole(self):
        svg = render.svg(self.bars(self.NAMES[:1]))
        assert "education = High school graduate, even" in svg


class TestChart:
    def test_numbers_carry_their_sign_as_text(self):
        amounts = [r["amount"] for r in records(review())]
        assert amounts[:4] == ["+21.4", "+17.2", "+11.8", "−9.3"]

    def test_labels_are_short_flat_and_different(self):
        labels = [r["label"] for r in records(nasty())]
        assert len(set(labels)) == 4
        assert all(len(label) <= 60 and "\n" not in label for label in labels)

    def test_names_are_data_only(self):
        outside = {s for s in strings(spec(nasty())) if "alert" in s}
        assert outside == {"“</style><script>alert(1…”, percentage points"}, "but for the axis title, which is text"

    def test_the_axis_says_the_unit(self):
        assert "“negative”, percentage points" in strings(spec(review()))
        other = explanation(text_payload([("dull", 0.4, 0.3, 0.5)], "dull", unit="log-odds"), "dull")
        assert "log-odds" in strings(spec(other))

    def test_rows_have_one_height_and_the_width_is_the_containers(self):
        made = spec(review())
        assert made["height"] == {"step": 28}
        assert made["width"] == "container"

    def test_colours_are_the_checked_pair(self):
        assert {s for s in strings(spec(review())) if s.startswith("#")} == {colours.TOWARD, colours.AWAY, "#808495"}

    def test_nothing_to_draw(self):
        e = review([], "")
        assert render.chart(e) is None
        assert render.svg(e) is None
        assert render.png(e) is None

    def test_no_intervals(self):
        p = text_payload([("dull", 0.4, 0, 0)], "dull", low=None, high=None)
        assert not [s for s in strings(spec(explanation(p, "dull"))) if s == "rule" or s == "tick"][1:], "only the zero line"

    def test_all_zero_still_draws(self):
        p = text_payload([("dull", 0.0, 0.0, 0.0)], "dull")
        assert render.png(explanation(p, "dull"))


class TestFiles:
    def test_svg_says_names_as_text(self):
        svg = render.svg(nasty())
        assert svg is not None
        assert "<script" not in svg
        assert "&lt;script&gt;" in svg

    def test_png(self):
        png = render.png(person())
        assert png is not None
        assert png.startswith(b"\x89PNG")

    def test_deterministic(self):
        assert render.svg(review()) == render.svg(review())
        assert spec(review()) == spec(review())


def test_a_name_that_looks_like_a_field_or_an_expression():
    words = [("datum.toward", 0.1, 0.05, 0.2), ("label:N", -0.1, -0.2, -0.05), ("=x", 0.01, 0, 0.2)]
    e = explanation(text_payload(words, "a b c", positions=None, spans=None), "a b c")
    assert {r["label"] for r in records(e)} == {"datum.toward", "label:N", "=x"}
    assert render.png(e)


def test_values_as_numpy_stay_plain():
    assert all(isinstance(r["value"], float) for r in records(review()))
    assert np.isfinite([r["left"] for r in records(review())]).all()


def test_the_nasty_strings_are_nasty():
    assert "<script>" in NASTY
