from __future__ import annotations

import numpy as np
import pytest

from explainers import render
from explainers.render import colours
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
