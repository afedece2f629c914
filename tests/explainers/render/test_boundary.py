"""What is said and shown of a path over the decision boundary."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from explainers import render
from explainers.explanation import Step
from explainers.render import colours
from explainers.render.boundary_rows import Path, listed, margin
from tests.explainers.render.near_examples import (
    SIDE,
    arabic_path,
    nothing_nearer,
    path,
    picture_path,
    table_approach,
    table_path,
    text_path,
)
from tests.explainers.render.render_examples import REVIEW, review
from tests.explainers.render.test_prototypes import seen

SAYS = "The model says “below $50K” (88 % sure). "


class TestSentence:
    def test_a_flip(self):
        assert render.sentence(table_path()) == (
            f"{SAYS}The nearest change found that gets another answer: hours per week 40 → 55 and education Bachelors → Masters; then it says "
            "“above $50K” (62 % sure). Such a row is not unusual: 40 % of the training rows lie farther from their nearest neighbour. "
            "Kept as they are: age and sex."
        )

    def test_no_flip_says_why_and_how_near_it_came(self):
        assert render.sentence(table_approach()) == (
            f"{SAYS}No change of up to 3 variables gave another answer. The nearest approach: hours per week 40 → 55; it still says "
            "“below $50K” (65 % sure). The evidence for “below $50K” goes from +1.99 to +0.62 (how strongly the model leans, in log "
            "odds; 0 is undecided, below 0 the answer is another). "
            "Such a row is unlike the training data: only 2 % of the training rows lie as far from the others."
        )

    def test_nothing_came_nearer(self):
        said = f"{SAYS}No change that was tried gets another answer. No change came nearer to another answer, either."
        assert render.sentence(nothing_nearer()) == said

    def test_stopped_with_and_without_a_flip(self):
        stopped = {"status": "partial", "reason": "max_calls"}
        assert "Stopped early: the limit on model calls was reached; a nearer change may exist." in render.sentence(table_path(**stopped))
        said = render.sentence(table_approach(**stopped))
        assert "Stopped early, before a change was found that gets another answer: the limit on model calls was reached." in said

    @pytest.mark.parametrize(
        ("plausibility", "expected"),
        [
            (0.0, "no training row lies as far"),
            (0.03, "only 3 % of the training rows lie as far"),
            (0.05, "is unusual: only 5 % of the training rows lie farther from their nearest neighbour."),
            (0.69, "is not unusual: 69 % of the training rows lie farther from their nearest neighbour."),
        ],
    )
    def test_plausibility_in_words(self, plausibility, expected):
        e = table_path()
        assert expected in render.sentence(replace(e, payload=replace(e.payload, plausibility=plausibility)))

    def test_many_changes_are_counted(self):
        assert listed([f"a {i}" for i in range(7)]) == "a 0, a 1, a 2, a 3, a 4 and 2 more changes"

    def test_right_to_left_words_keep_before_and_after_in_order(self):
        assert "\u2068“ممل”\u2069 → \u2068“رائع”\u2069" in render.sentence(arabic_path())


class TestStops:
    def test_what_is_new_at_each_step(self):
        assert [stop.new for stop in Path.of(table_path()).stops] == [[], ["hours per week 40 → 55"], ["education Bachelors → Masters"]]

    def test_the_same_change_twice_is_new_twice(self):
        steps = [Step("a a", [], 1.0, np.array([1.0, 0.0])), Step("b b", ["a → b", "a → b"], -1.0, np.array([0.0, 1.0]))]
        assert Path.of(path(steps, "a a", "text", {})).stops[1].new == ["a → b", "a → b"]

    def test_old_words_by_place(self):
        marks = Path.of(text_path()).marks(Path.of(text_path()).last)
        assert [mark.old for mark in marks] == ["dull", "mess"]

    def test_without_spans_the_words_that_differ_are_marked(self):
        e = text_path()
        steps = [replace(step, spans=[]) for step in e.payload.steps]
        bare = Path.of(path(steps, REVIEW, "text", {}))
        assert bare.marks(bare.last) == Path.of(e).marks(Path.of(e).last)

    def test_a_text_of_another_length_has_no_guess_about_the_old_word(self):
        steps = [
            Step("a dull film", [], 1.0, np.array([0.9, 0.1])),
            Step("a very bright film", ["x"], -1.0, np.array([0.1, 0.9]), [], [[2, 13]]),
        ]
        shown = Path.of(path(steps, "a dull film", "text", {}))
        assert [(mark.start, mark.end, mark.old) for mark in shown.marks(shown.last)] == [(2, 13, "")]

    def test_huge_margins_stay_short(self):
        assert [margin(x) for x in (2.104, -0.3, 1e9, -1e9)] == ["+2.10", "−0.30", "over +999", "under −999"]


class TestStep:
    def test_a_row_shows_old_and_new(self):
        said = seen(render.step(table_path(), 1))
        assert said.startswith("Step 1 of 2 Changed here: hours per week 40 → 55 +0.62 The model says “below $50K” (65 % sure)")
        assert "hours per week 40 → 55" in said
        assert "age 25 = 25" in said

    def test_a_text_is_marked_in_place_with_the_word_before(self):
        assert '<del>mess</del><mark class="ft-new">success</mark>' in render.step(text_path(), 1)
        assert "<del>dull</del>" not in render.step(text_path(), 1)
        assert "<del>dull</del>" in render.step(text_path(), 2)

    def test_marked_words_are_text(self):
        changed = "<img src=x onerror=alert(1)>"
        steps = [Step("a", [], 1.0, np.array([0.9, 0.1])), Step(changed, ["a"], -1.0, np.array([0.1, 0.9]), [], [[0, len(changed)]])]
        made = render.step(path(steps, "a", "text", {}), 1)
        assert '<mark class="ft-new">&lt;img src=x onerror=alert(1)&gt;</mark>' in made
        assert "<img" not in made

    def test_the_instance_itself_has_nothing_marked(self):
        made = render.step(text_path(), 0)
        assert "<mark" not in made
        assert REVIEW in seen(made)

    def test_the_answer_after_the_flip_is_told_by_sign(self):
        assert "= the answer to the row itself" in seen(render.step(table_path(), 1))
        assert "≠ the answer to the row itself" in seen(render.step(table_path(), 2))

    @pytest.mark.parametrize("i", [-1, 3, 1.5, True, "1"])
    def test_a_step_that_is_not_there(self, i):
        with pytest.raises(ValueError, match=r"There is no step .*: this path has steps 0 to 2\."):
            render.step(table_path(), i)

    def test_another_kind_has_no_steps(self):
        with pytest.raises(ValueError, match="Only a boundary path has steps"):
            render.step(review(), 0)


class TestBars:
    def test_after_the_flip_the_bar_lies_left_of_the_line(self):
        made = render.html(table_path())
        zero = float(re.findall(r'ft-line" style="left:([\d.]+)%', made)[0])
        bars = [
            (kind, float(left), float(width))
            for kind, left, width in re.findall(r'ft-fill( ft-over)?" style="left:([\d.]+)%;width:([\d.]+)%', made)
        ]
        assert [kind for kind, _, _ in bars] == ["", "", " ft-over"]
        assert bars[0][1] == pytest.approx(zero)
        assert bars[2][1] + bars[2][2] == pytest.approx(zero, abs=0.02)
        assert bars[0][2] / bars[1][2] == pytest.approx(1.99 / 0.62, rel=0.01)


class TestCard:
    def test_only_the_last_input_is_unfolded(self):
        made = render.html(table_path())
        assert made.count("<details open>") == 1
        assert made.index("<details open>") > made.index("2. education")

    def test_a_long_path_says_what_it_leaves_out(self):
        steps = [Step("a", [f"change {j}" for j in range(i)], 1.0 - i, np.array([0.6, 0.4])) for i in range(20)]
        said = seen(render.html(path(steps, "a", "text", {}, flipped=False)))
        assert "8 steps between the first two shown" in said
        assert "19 change 18 −18.00" in said

    def test_evidence_is_explained_once(self):
        assert seen(render.html(table_path())).count("Evidence: how strongly the model leans, in log odds; 0 is undecided.") == 1

    def test_facts(self):
        said = seen(render.html(table_path()))
        assert "10,000 changed rows, of which 120 got another answer" in said
        assert "2.40: the number of changes and the squared distance in what its trees say" in said
        assert "Not to change age, sex" in said

    def test_the_title_asks_what_would_change_the_answer(self):
        assert "What would change the answer “below $50K”?" in seen(render.html(table_path()))


class TestChart:
    def test_answers_differ_by_shape_and_colour(self):
        points = render.chart(table_path()).to_dict()["layer"][3]["encoding"]
        assert points["shape"]["scale"] == {"domain": ["below $50K", "above $50K"], "range": ["circle", "triangle-down"]}
        assert points["color"]["scale"]["range"] == [colours.TOWARD, colours.AWAY]

    def test_the_zero_line_says_what_it_is(self):
        assert "the answer changes here" in str(render.chart(table_path()).to_dict())

    def test_no_flip_has_one_answer_in_its_legend(self):
        points = render.chart(table_approach()).to_dict()["layer"][3]["encoding"]
        assert points["shape"]["scale"]["domain"] == ["below $50K"]


class TestPicture:
    def pixel(self, picture, part: int) -> tuple[int, ...]:
        """A pixel of a square that is neither its outline nor its label."""
        scale = picture.width // (2 * SIDE)
        return tuple(np.asarray(picture)[scale * (SIDE * (part // 2) + 9), scale * (SIDE * (part % 2) + 9)].tolist())

    def test_each_step_shows_its_own_picture(self):
        one, last = render.image(picture_path(), step=1), render.image(picture_path())
        assert self.pixel(one, 1) == self.pixel(last, 2) == (150, 110, 60)
        assert self.pixel(one, 2) == self.pixel(last, 0) == (60, 130, 90)

    def test_replaced_parts_are_outlined_and_others_are_not(self):
        plain, marked = (np.asarray(render.image(picture_path(), step=1, outline=o)) for o in (False, True))
        differs = (plain != marked).any(axis=2)
        middle = plain.shape[0] // 2
        assert differs[:middle, middle:].any()
        assert not differs[middle:].any()
        assert not differs[:middle, :middle].any()

    def test_the_instance_has_no_outline(self):
        first = np.asarray(render.image(picture_path(), step=0))
        assert (first == (60, 130, 90)).all()

    def test_segments_that_do_not_fit_are_not_drawn(self):
        e = picture_path()
        ill = replace(e, payload=replace(e.payload, segments=np.zeros((3, 3))))
        assert (np.asarray(render.image(ill)) == np.asarray(render.image(e, outline=False))).all()

    def test_other_inputs_have_none(self):
        assert render.image(table_path()) is None

    def test_no_such_step(self):
        with pytest.raises(ValueError, match="There is no step 9"):
            render.image(picture_path(), step=9)


@pytest.mark.parametrize("make", [table_path, text_path, picture_path, arabic_path], ids=lambda make: make.__name__)
def test_the_slide_says_every_step(make):
    from explainers.render.kinds import kind_of
    from explainers.render.slide import slide_svg

    e = make()
    made = slide_svg(e, kind_of(e))
    assert all(margin(step.margin) in made for step in e.payload.steps)
    assert made.count("<image ") == (2 if e.modality == "image" else 0)
