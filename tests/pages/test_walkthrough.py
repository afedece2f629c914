"""The walk-through as a visitor goes it, and what it says held against what is stored."""

from __future__ import annotations

import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

import explainers
from tests.pages.visit import app, words
from ui.walkthrough import drawing, material, steps
from ui.walkthrough import words as said

PAGE = "pages/walkthrough.py"
LAST = len(said.STEPS)
M = material.read()
NAMES = ["bird", "mammal"]


def at_step(step: int, **more: str) -> AppTest:
    return app(PAGE, step=str(step), **more)


def press(at: AppTest, key: str) -> AppTest:
    at.button(key=key).click().run()
    assert not at.exception, at.exception
    return at


def heading(at: AppTest) -> str:
    return at.subheader[0].value


def here(at: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[0] for name, value in at.query_params.items()}


def pictures(at: AppTest) -> str:
    """The HTML of the pictures."""
    return "".join(e.proto.body for e in at.get("html"))


class TestPath:
    def test_through_every_step_with_guesses_and_back_to_the_start(self):
        at = at_step(1)
        assert f"{100 * M.right_usual.value:.1f} %" in words(at)
        for step in range(1, LAST):
            assert heading(at) == f"{step} of {LAST}: {said.STEPS[step - 1].title}"
            assert here(at) == {"step": str(step)}
            offered = steps.choices(step, NAMES)
            at = press(at, f"walk-choice-{step}-1" if offered else "walk-next")
        assert heading(at).startswith(f"{LAST} of {LAST}")
        assert "You said **the background**. You found it out" in words(at)
        at = press(at, "walk-again")
        assert heading(at).startswith("1 of")
        for _ in range(LAST - 1):
            at = press(at, "walk-next")
            assert not re.search(r"You sa(y|id)", words(at))  # the guesses are gone

    def test_the_answer_is_not_told_before_the_guess(self):
        for step, shown in ((2, M.usual), (5, M.swapped)):
            at = at_step(step)
            assert f"says: {NAMES[shown.answer]}, {said.sure(shown.proba)}" not in pictures(at)
            after = at_step(step + 1)
            assert f"says: {NAMES[shown.answer]}, {said.sure(shown.proba)}" in pictures(after)

    @pytest.mark.parametrize(("guess", "verdict"), [(0, "foretold"), (1, "foretold")])
    def test_a_guess_is_judged(self, guess: int, verdict: str):
        at = press(at_step(2), f"walk-choice-2-{guess}")
        right = "" if guess == M.usual.answer else "not "
        assert f"You said **{NAMES[guess]}**: {right}{verdict}." in words(at)

    def test_saying_the_animal_is_answered_in_the_end(self):
        at = press(at_step(4), "walk-choice-4-0")
        assert "You say it looks at **the animal**" in words(at)
        at = press(press(at, "walk-next"), "walk-next")
        assert "You said **the animal**. It was not" in words(at)

    @pytest.mark.parametrize(("asked", "step"), [("3", 3), ("99", LAST), ("0", 1), ("-2", 1), ("x", 1), ("²", 1)])
    def test_the_address_opens_a_step(self, asked: str, step: int):
        assert heading(app(PAGE, step=asked)).startswith(f"{step} of")

    def test_back_leads_back(self):
        assert heading(press(at_step(5), "walk-back")).startswith("4 of")
        assert at_step(1).button(key="walk-back").disabled

    def test_notes_are_on_a_switch_and_in_the_address(self):
        at = at_step(2)
        assert said.STEPS[1].notes not in words(at)
        at = press(at, "walk-note")
        assert said.STEPS[1].notes in words(at)
        assert here(at) == {"step": "2", "notes": "1"}
        assert said.STEPS[6].notes in words(at_step(7, notes="1"))

    def test_it_takes_less_than_two_minutes(self):
        assert sum(step.seconds for step in said.STEPS) < 120

    def test_every_button_shows_its_key(self):
        keys = {"walk-back": "Left", "walk-next": "Right", "walk-note": "N", "walk-choice-4-0": "1", "walk-choice-4-1": "2"}
        at = at_step(4)
        assert {key: at.button(key=key).proto.shortcut.lower() for key in keys} == {key: shortcut.lower() for key, shortcut in keys.items()}


class TestMaps:
    def test_the_maps_do_not_give_the_answer_away(self):
        at = at_step(4)
        assert pictures(at).count("<img") == len(M.methods)
        captions = re.findall(r"<figcaption>(.*?)</figcaption>", pictures(at))
        assert captions == [one.title for one in M.methods]
        for word in ("background", "animal"):
            assert not any(word in alt for alt in re.findall(r'alt="([^"]*)"', pictures(at)))

    def test_every_picture_is_told_in_a_sentence(self):
        for step in range(1, LAST):
            alts = re.findall(r'<img [^>]*alt="([^"]*)"', pictures(at_step(step)))
            assert alts
            assert all(alt[0].isupper() and alt[-1] in ".!?" for alt in alts), alts


class TestTruth:
    def test_numbers_on_the_page_are_those_stored(self):
        text = words(at_step(LAST))
        assert said.percent(M.area) in text
        for one in M.saying(material.ANIMAL):
            assert f"**{one.title}** ({said.percent(one.mass)} of its colour on the animal" in text
        assert ("None of these maps would have misled you" in text) == (not M.saying(material.ANIMAL))
        assert f"all {M.pictures} test pictures (of {M.animals} animals)" in text
        assert said.percent(M.flips.value) in words(at_step(6))
        assert said.percent(M.right_swapped.value) in words(at_step(6))

    def test_the_legend_has_the_marks_that_are_there_and_no_others(self):
        made = drawing.chart(M).to_dict()
        shown = next(layer["encoding"]["shape"]["scale"]["domain"] for layer in made["layer"] if "shape" in layer["encoding"])
        assert len(shown) == len({one.says for one in M.methods})

    def test_a_mark_right_of_the_line_that_says_the_background_is_accounted_for(self):
        beyond = [one.title for one in M.saying(material.BACKGROUND) if one.mass > M.area]
        assert beyond, "else the sentence is not needed"
        assert f"up to {material.FLAT:g} times as strong a colour on the animal, so a mark a little right of it may" in words(at_step(LAST))

    def test_where_no_map_misleads_it_says_so(self):
        calm = [material.Measured(**{**one.__dict__, "ratio": 0.2, "mass": 0.02, "animal": 0}) for one in M.methods]
        nobody = material.Material(**{**M.__dict__, "methods": calm})
        assert "None of these maps would have misled you" in said.misled(nobody)
        assert "none of the methods would have misled you once" in said.worst(nobody)
        loud = [material.Measured(**{**one.__dict__, "ratio": 12.5, "mass": 0.6, "animal": 3}) for one in M.methods]
        assert "coloured 12.5 times as strongly" in said.misled(material.Material(**{**M.__dict__, "methods": loud}))

    def test_what_is_missing_is_said_in_words(self, monkeypatch, tmp_path):
        def refuse(*_):
            raise ValueError("What the walk-through shows is not stored here: build it.")

        monkeypatch.setattr(steps, "ready", refuse)
        assert "is not stored here" in words(app(PAGE))


class TestStored:
    """The artifacts in the repository fit the model and each other."""

    @pytest.fixture
    def task(self):
        return explainers.load_task(M.task, model=M.model)

    def test_they_are_of_this_model_and_of_these_pictures(self, task):
        material.check(M, task.model.fingerprint)
        assert task.entry.predictions()[0] == task.model.fingerprint  # which the page relies on
        proba = task.predictions("test")
        for one in (*M.first, M.usual, M.swapped):
            assert explainers.explanation.instance_sha256(task.check(task.instances("test")[one.row])) == one.sha256
            np.testing.assert_allclose(one.proba, proba[one.row], atol=1e-4)
            assert one.label == task.labels("test")[one.row]

    def test_every_map_is_pinned_and_its_number_is_its_own(self, task):
        from sample_data.scripts.build_walkthrough import colour, crop_box

        mask = task.instances("test").masks[M.usual.row]
        for one in M.methods:
            e = material.explanation(M, one)
            assert e.target == M.usual.answer
            found = colour(e, mask, crop_box(task.model, e.instance.size))
            assert found.mass == pytest.approx(one.mass, rel=1e-4)
            assert found.area == pytest.approx(M.area)

    def test_the_animal_of_the_pair_is_the_same_and_the_answer_flips(self, task):
        masks = task.instances("test").masks
        assert (masks[M.usual.row] != masks[M.swapped.row]).sum() < 0.03 * masks[M.usual.row].sum()  # feet hidden by the ground
        assert M.usual.animal == M.swapped.animal
        assert M.usual.answer == M.usual.label == M.swapped.label != M.swapped.answer

    def test_shares_are_those_of_the_card(self, task):
        value, low, high = task.entry.accuracy
        assert (round(M.right_usual.value, 4), round(M.right_usual.low, 4), round(M.right_usual.high, 4)) == (value, low, high)
        assert any(f"{100 * M.right_swapped.value:.1f} %" in line for line in task.card.known_errors)
        assert any(f"{100 * M.flips.value:.1f} %" in line for line in task.card.known_errors)

    def test_enough_pictures_and_little_room(self):
        assert M.pictures >= 50
        assert sum(file.stat().st_size for file in material.FOLDER.iterdir()) < 3_000_000
        assert {file.name for file in material.FOLDER.iterdir()} == {material.FILE, *(one.file for one in M.methods)}


def test_the_grey_rim_of_the_maps_is_explained_and_is_what_the_model_does_not_see():
    assert said.MAPS_DRAWN in words(at_step(4))
    assert "grey rim" in said.MAPS_DRAWN
    for one in M.methods:
        rows, columns = np.nonzero(material.explanation(M, one).payload.map)
        height, width = material.explanation(M, one).payload.map.shape
        rim = min(rows.min(), columns.min(), height - 1 - rows.max(), width - 1 - columns.max())
        assert rim > 0.05 * height, f"{one.title} has colour at the picture's edge"
