"""Scores beside a map: the verdict, the line with the rivals on it, the curves."""

from __future__ import annotations

import json
import math
import re

import pytest

from explainers import Score
from explainers.render import scores as drawing


def score(name: str = "deletion", value: float = 0.3, low: float | None = 0.2, high: float | None = 0.4, **more) -> Score:
    fields = {"meaning": "What it means.", "least": 0.0, "most": 1.0, "beside": {"random order": 0.5}}
    return Score(name, value, low, high, name in ("insertion", "comprehensiveness"), **(fields | more))


def words(html: str) -> str:
    return re.sub("[\u2068\u2069]|<style>.*?</style>|<[^>]+>", "", html, flags=re.S)


class TestVerdict:
    def test_beats_where_the_interval_excludes_the_random_order_on_the_better_side(self):
        found = [score(), score("insertion", 0.8, 0.7, 0.9)]
        assert drawing.verdict(found) == "This map clearly beats a random order on deletion and insertion."

    def test_does_not_beat_where_the_interval_holds_it(self):
        assert drawing.verdict([score(high=0.6)]) == "This map does not clearly beat a random order on deletion."

    def test_worse_is_said(self):
        assert "is clearly worse than a random order on insertion" in drawing.verdict([score("insertion", 0.3, 0.2, 0.4)])

    def test_without_an_interval_nothing_is_clear(self):
        assert "does not clearly beat" in drawing.verdict([score(low=None, high=None)])

    def test_an_edge_detector_that_does_as_well_is_named(self):
        found = [
            score(beside={"random order": 0.5, "edges": 0.25}),
            score("insertion", 0.8, 0.7, 0.9, beside={"random order": 0.5, "edges": 0.6}),
        ]
        assert "edge detector, which knows nothing of the model, does as well or better on deletion." in drawing.verdict(found)

    def test_joint_changes_count_too(self):
        assert drawing.verdict([score(high=0.6), score("infidelity")]) == (
            "This map clearly beats a random order on infidelity, does not clearly beat one on deletion."
        )

    @pytest.mark.parametrize(("end", "said"), [(0.93, True), (0.1, False)])
    def test_where_nothing_left_gets_the_same_answer_it_is_said(self, end, said):
        text = drawing.verdict([score(high=0.6, curves={"this map": [0.99, 0.95, end]})])
        assert ("With everything gone the model still gives this class 93 %" in text) is said
        assert "everything gone" not in drawing.verdict([score(curves={"this map": [0.99, 0.95, end]})]), "it could tell, as it did"

    def test_other_scores_have_no_verdict(self):
        assert drawing.verdict([score("pointing game", beside={"edges": 1.0})]) == ""


class TestLine:
    def test_value_interval_direction_meaning_and_rivals_are_words(self):
        said = words(drawing.html(score()))
        for expected in ("Deletion: 0.30", "interval 0.20 to 0.40", "lower is better", "random order 0.50", "What it means."):
            assert expected in said

    def test_marks_stand_where_the_numbers_are(self):
        drawn = drawing.html(score(value=0.25, low=0.125, high=0.5))
        assert 'class="ft-dot" style="left:25.0%"' in drawn
        assert 'class="ft-reach" style="left:12.5%;width:37.5%"' in drawn
        assert re.search('class="ft-rival ft-dashed" style="left:50.0%"', drawn)

    def test_rivals_differ_by_their_marks_and_not_by_colour(self):
        drawn = drawing.html(score(beside={"random order": 0.5, "edges": 0.6, "area": 0.7}))
        assert all(look in drawn for look in ("ft-rival ft-dashed", "ft-rival ft-dotted", "ft-rival ft-double"))

    def test_a_range_below_zero(self):
        assert 'class="ft-dot" style="left:50.0%"' in drawing.html(score("sufficiency", 0.0, -0.1, 0.1, least=-1.0))

    def test_a_range_without_an_end_says_that_it_goes_on(self):
        drawn = drawing.html(score("sensitivity to noise", 0.3, 0.2, 0.4, most=None, beside={}))
        assert "0.5 and beyond" in words(drawn)
        assert 'style="left:60.0%"' in drawn

    @pytest.mark.parametrize("value", [-3.0, 0.0, 1.0, 7.0])
    def test_no_mark_leaves_the_line(self, value: float):
        drawn = drawing.html(score(value=value, low=value - 1, high=value + 1, beside={"random order": value}))
        assert all(0 <= float(x) <= 100 for x in re.findall(r"left:([-\d.]+)%", drawn))

    def test_no_range_no_line(self):
        assert "ft-on" not in drawing.html(score(least=None, most=None)).split("</style>")[1]

    def test_not_a_number_is_said(self):
        assert "not defined" in drawing.html(score(value=math.nan))

    def test_data_is_never_markup(self):
        evil = "<script>alert(1)</script>"
        assert "<script" not in drawing.html(score(evil, meaning=evil, beside={evil: 0.5}))


class TestCurves:
    drawn = score(curves={"this map": [1.0, 0.2, 0.0], "random order": [1.0, 0.5, 0.0], "edges": [1.0, 0.4, 0.0]})

    def test_rivals_differ_by_dash_as_well_as_colour(self):
        spec = json.loads(drawing.curves(self.drawn).to_json())
        assert spec["encoding"]["strokeDash"]["scale"]["domain"] == spec["encoding"]["color"]["scale"]["domain"]
        dashes = spec["encoding"]["strokeDash"]["scale"]["range"]
        assert len({tuple(d) for d in dashes}) == 3

    def test_the_axis_says_what_is_done(self):
        assert "taken away" in drawing.curves(self.drawn).to_json()
        assert "brought in" in drawing.curves(score("insertion", curves=self.drawn.curves)).to_json()

    def test_in_words(self):
        assert "this map goes from 100 % to 0 %" in drawing.curves_in_words(self.drawn)

    def test_a_score_without_curves_has_no_chart(self):
        assert drawing.curves(score()) is None
