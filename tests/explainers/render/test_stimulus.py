"""What a participant is shown: whole, marked by more than colour, escaped, and nothing of what only the maker cares for."""

from __future__ import annotations

import dataclasses
import html
import re

import numpy as np
import pytest
from PIL import Image

from explainers import render
from tests.explainers.render.composite_examples import nasty_composite, person_composite, picture_composite, review_composite
from tests.explainers.render.near_examples import PATHS, PROTOTYPES
from tests.explainers.render.render_examples import NASTY, PERSON, REVIEW, arabic, nasty, person, review
from tests.explainers.render.rule_examples import nasty_rule, no_rule, person_rule, picture_rule, review_rule
from tests.explainers.render.test_picture import pictured
from tests.fixtures.toys import red_square, sentence

EVERY = [
    review, person, nasty, arabic, review_rule, person_rule, picture_rule, nasty_rule, no_rule, pictured, review_composite, person_composite,
    picture_composite, nasty_composite, *PROTOTYPES, *PATHS,
]  # fmt: skip
BLUE = Image.new("RGB", (900, 300), (0, 0, 200))


def safe(made):
    """Self-contained: its own style, no script, no handler, no address but data."""
    assert "<style>" in made
    assert not re.search(r"<(script|iframe|object|link|form|a|svg|base|meta)\b", made)
    assert all(source.startswith("data:image/") for source in re.findall(r'\bsrc="([^"]*)"', made))
    tags = re.findall(r"<[a-z][^>]*>", made)
    assert not any(re.search(r"\s(on\w+|href)=", re.sub(r'"[^"]*"', '""', tag)) for tag in tags)
    assert all("alt=" in tag for tag in tags if tag.startswith("<img"))


def words(made):
    """What is read aloud, without marks."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", re.sub(r"<style>.*?</style>", "", made))).split())


class TestInstance:
    def test_text(self):
        made = render.instance(REVIEW, "text", head="Example")
        safe(made)
        assert words(made) == "Example" + REVIEW
        assert 'dir="auto"' in made

    def test_a_long_text_is_whole(self):
        assert words(render.instance("good " * 3000 + "end", "text")).endswith("good end")

    def test_row(self):
        made = render.instance(PERSON, "tabular", {"hours_per_week": "Hours a week"})
        safe(made)
        assert "Hours a week=20" in words(made)
        assert "age=23" in words(made)
        assert made.count("<tr>") == len(PERSON)

    def test_a_wide_row_is_whole(self):
        assert render.instance({f"c{i}": i for i in range(90)}, "tabular").count("<tr>") == 90

    def test_picture(self):
        made = render.instance(BLUE, "image", head="Beispiel")
        safe(made)
        assert 'width="448" height="149"' in made
        assert 'alt="Beispiel"' in made
        assert 'alt="The picture"' in render.instance(BLUE, "image")


class TestChange:
    def test_words_stand_beside_those_they_replace(self):
        made = render.change(REVIEW, REVIEW.replace("dull", "bright"), "text", heads=("Example", "Changed form"))
        safe(made)
        assert '<del>dull</del><ins class="ft-new">bright</ins>' in made
        assert words(made).startswith("Changed formA dullbright, predictable")
        assert made.count("<ins") == 1

    def test_words_that_came_and_went(self):
        came, went = render.change("a good film", "a very good film", "text"), render.change("a very good film", "a good film", "text")
        assert words(came) == words(went) == "a very good film"
        assert re.search(r"<ins[^>]*>very ?</ins>|<ins[^>]*> ?very</ins>", came)
        assert re.search(r"<del>very ?</del>|<del> ?very</del>", went)

    def test_values(self):
        made = render.change(PERSON, PERSON | {"age": 51}, "tabular", {"age": "Age"})
        safe(made)
        assert "Age23 → 51" in words(made)
        assert "workclass=Private" in words(made)
        assert made.count("<ins") == made.count("<del") == 1

    def test_numbers_that_look_alike_when_shortened(self):
        made = render.change({"h": 1.700001}, {"h": 1.700002}, "tabular")
        assert "1.700001 → 1.700002" in words(made)

    def test_pictures_side_by_side(self):
        made = render.change(red_square(), BLUE, "image", heads=("Before", "After"))
        safe(made)
        assert re.findall(r'alt="([^"]*)"', made) == ["Before", "After"]
        assert re.findall(r'alt="([^"]*)"', render.change(red_square(), BLUE, "image")) == ["The picture", "The changed picture"]


def test_data_is_never_markup():
    for made in (
        render.instance(NASTY, "text", head=NASTY),
        render.change(f"a {NASTY}", f"b {NASTY} c", "text", heads=(NASTY, NASTY)),
        render.instance({NASTY: NASTY}, "tabular"),
        render.change({NASTY: NASTY}, {NASTY: "x" + NASTY}, "tabular", {NASTY: NASTY + "!"}, (NASTY, NASTY)),
        render.change(BLUE, red_square(), "image", heads=(NASTY, NASTY)),
    ):
        safe(made)
        assert "\u202e" not in made


@pytest.mark.parametrize(("given", "modality"), [("a", "tabular"), ({"a": 1}, "text"), (np.zeros((3, 1)), "series"), ("a", "image")])
def test_a_wrong_kind_of_input_is_said(given, modality):
    for call in (lambda: render.instance(given, modality), lambda: render.change(given, given, modality)):
        with pytest.raises(ValueError, match=r"modality|choose") as problem:
            call()
        sentence(problem.value)


@pytest.mark.parametrize("make", EVERY, ids=lambda make: make.__name__)
def test_an_explanation_for_a_participant(make):
    e = make()
    made = render.for_participant(e)
    safe(made)
    for hidden in (
        "How far to trust it",
        "How this was made",
        "Keep in mind",
        "What this does not say",
        "model call",
        "Digest",
        e.digest[:12],
    ):
        assert hidden not in made
    assert len(words(made)) > 20


class TestForParticipant:
    def test_sentence_picture_and_numbers(self):
        e = review()
        made = render.for_participant(e)
        assert "The words “dull”, “mess” and “wasted” push it most toward “negative”" in words(made)
        assert "How much each word counts" in made
        assert "<caption>" in made

    def test_samples_and_limits_stay_out(self):
        e = review()
        stopped = dataclasses.replace(e, status="partial", reason="max_calls", payload=dataclasses.replace(e.payload, samples=1000))
        assert "sample" in render.html(stopped)
        assert "sample" not in words(render.for_participant(stopped))
        assert "limit" not in words(render.for_participant(stopped))

    def test_that_nothing_was_found_is_said(self):
        assert render.sentence(no_rule())[:40] in words(render.for_participant(no_rule()))

    def test_every_part_of_a_composite_has_its_picture_and_its_numbers(self):
        made = render.for_participant(review_composite())
        assert made.count('<section class="ft-piece"') == 4
        assert made.count("<summary>The numbers</summary>") == 4
        assert "checks, limits" not in made


def test_a_participant_is_not_told_how_sure_the_model_is():
    """People without an explanation are not told it: the arms would differ in more than the explanation."""
    for e in (review(), no_rule()):
        assert "sure" in render.sentence(e)
        said = words(render.for_participant(e))
        assert "sure)" not in said
        assert "The model says" in said
