"""How far to believe a map, in one word: chosen by the rule, with what speaks for it, against it and is not known."""

from __future__ import annotations

import re

import pytest

from explainers import Score, render
from explainers.render import scores as drawing
from explainers.render.belief import AGAINST, CAUTION, FOR, HOLDS, NO_REASON, OPEN, UNCHECKED, UNDECIDED, UNSETTLED
from tests.explainers.render.render_examples import review
from tests.explainers.render.test_maps_in_words import mapped

WEIGHTS, OTHERS, NOISE, SEEDS = (
    "change under random weights",
    "agreement with other methods",
    "sensitivity to noise",
    "agreement over seeds",
)
UP = ("insertion", "comprehensiveness", WEIGHTS, OTHERS, SEEDS, "mass on the object")


def score(name: str, value: float, low: float | None = None, high: float | None = None, **beside: float) -> Score:
    return Score(name, value, low, high, name in UP, beside={k.replace("_", " "): v for k, v in beside.items()})


WON = score("deletion", 0.2, 0.1, 0.3, random_order=0.5)
LUCKY = score("insertion", 0.6, 0.3, 0.9, random_order=0.5)
BEHIND = score("insertion", 0.45, 0.3, 0.9, random_order=0.5)
LOST = score("infidelity", 0.9, 0.85, 0.95, random_order=0.5)
SANE, INSANE = score(WEIGHTS, 0.9, 0.8, 1.0), score(WEIGHTS, 0.1, 0.0, 0.2)
AGREED, APART = score(OTHERS, 0.8, 0.5, 0.9, Occlusion=0.8), score(OTHERS, 0.1, -0.2, 0.4, Occlusion=0.1)


def level(*found: Score, **more) -> str:
    belief = render.believe(mapped(), found, **more)
    assert belief is not None
    return belief.level


def line(head: str, *found: Score, **more) -> str:
    belief = render.believe(mapped(), found, **more)
    assert belief is not None
    return dict(belief.lines).get(head, "")


class TestTheWord:
    def test_holds_where_it_beats_random_and_passes_random_weights(self):
        assert level(WON, SANE) == HOLDS

    def test_nothing_scored_nothing_said(self):
        assert level() == UNCHECKED
        assert level(AGREED) == UNCHECKED, "that methods agree is no reason"

    def test_random_weights_cap_it_however_much_else_holds(self):
        assert level(WON, INSANE, AGREED, score(NOISE, 0.0), score(SEEDS, 1.0)) == NO_REASON

    def test_beating_random_on_nothing_caps_it_however_much_else_holds(self):
        assert level(LUCKY, SANE, AGREED, score(NOISE, 0.0), score(SEEDS, 1.0)) == UNSETTLED
        assert level(BEHIND, SANE, AGREED, score(NOISE, 0.0), score(SEEDS, 1.0)) == NO_REASON

    def test_worse_than_random_is_no_luck(self):
        assert level(LUCKY, score("deletion", 0.2, 0.0, 0.6, random_order=0.5), LOST) == NO_REASON

    def test_numbers_drawn_at_random_are_never_believed(self):
        assert render.believe(mapped(method="random"), [WON, SANE]).level == NO_REASON  # type: ignore[union-attr]

    def test_random_weights_still_to_be_tried_are_a_reason_for_caution(self):
        assert level(WON, still={"about 9 model calls": [WEIGHTS]}) == CAUTION
        assert level(WON, still={"": [WEIGHTS]}) == HOLDS, "where they cannot be tried"

    def test_where_nobody_said_what_is_still_to_be_tried_random_weights_are(self):
        """On a slide, which knows only what was scored."""
        assert level(WON) == CAUTION

    def test_what_is_not_defined_is_no_victory(self):
        nan = float("nan")
        assert level(score("infidelity", 0.4, 0.3, 0.5, random_order=nan), SANE) == UNCHECKED
        assert (
            level(score("effect error", 0.4, 0.3, nan, random_order=0.5), score("infidelity", nan, nan, nan, random_order=0.5)) == UNCHECKED
        )
        assert drawing.verdict([score("infidelity", nan, nan, nan, random_order=0.5)]) == ""
        assert drawing.beats(score("infidelity", 0.4, 0.3, 0.5, random_order=nan), "random order") == 0
        assert drawing.edges_do_as_well([score("infidelity", 0.4, 0.3, 0.5, edges=nan)]) == []

    def test_a_score_taken_again_counts_once(self):
        again = score("deletion", 0.2, 0.1, 0.3, random_order=0.5)
        assert render.believe(mapped(quality=[WON, SANE]), [again]) == render.believe(mapped(quality=[]), [again, SANE])

    @pytest.mark.parametrize(
        "against",
        [
            APART,
            LOST,
            score(NOISE, 0.9),
            score(SEEDS, 0.3),
            score("completeness gap", 0.4),
            score("local fit (R²)", 0.1),
            score("mass on the object", 0.1, 0.0, 0.2, random_map=0.5),
            score("mass on the object", 0.5, 0.3, 0.7, random_map=0.5),
            score("insertion", 0.9, 0.8, 1.0, random_order=0.5, edges=0.95),
        ],
        ids=lambda one: f"{one.name} {one.value}",
    )
    def test_whatever_speaks_against_it_asks_for_caution_and_is_named(self, against: Score):
        assert level(WON, SANE, against) == CAUTION
        assert line(AGAINST, WON, SANE, against)

    def test_beating_random_on_fewer_than_half_asks_for_caution(self):
        level_ones = [score(name, 0.45, 0.1, 0.9, random_order=0.5) for name in ("insertion", "infidelity")]
        assert level(WON, SANE, level_ones[0]) == HOLDS
        assert level(WON, SANE, *level_ones) == CAUTION

    def test_a_known_truth_is_a_reason_too(self):
        assert level(score("mass on the object", 0.9, 0.8, 1.0, random_map=0.3), SANE) == HOLDS

    def test_where_the_background_decides_a_map_like_noise_is_undecided_and_not_wrong(self):
        little = Score("mass on the object", 0.05, 0.0, 0.2, False, beside={"random map": 0.09})
        assert level(WON, SANE, little) == HOLDS
        assert "so has a random map" in line(UNDECIDED, WON, SANE, little)
        assert level(SANE, little) == NO_REASON
        assert "random order" not in render.believe(mapped(), [SANE, little]).clause  # type: ignore[union-attr]  # nobody tried one

    def test_a_run_that_was_stopped_asks_for_caution(self):
        e = review(quality=[WON, SANE], status="partial", reason="cancelled")
        assert render.believe(e).level == CAUTION  # type: ignore[union-attr]

    def test_without_numbers_there_is_no_word(self):
        assert render.believe(review([], "", quality=[])) is None


class TestTheLines:
    def test_for_against_and_undecided_are_told_apart_in_at_most_four_lines(self):
        found = render.believe(mapped(), [WON, LUCKY, AGREED, score(NOISE, 0.9)], {"about 9 model calls": [WEIGHTS]})
        assert found is not None
        assert [head for head, _ in found.lines] == [FOR, AGAINST, UNDECIDED, OPEN]
        lines = dict(found.lines)
        assert lines[FOR] == "It clearly beats a random order on deletion; agrees with Occlusion (0.80)."
        assert lines[AGAINST] == "Small changes of the input change it much (0.90)."
        assert lines[UNDECIDED] == "It does not clearly beat a random order on insertion."
        assert lines[OPEN] == "Whether it changes when the model's weights are random (about 9 model calls)."

    def test_what_cannot_be_checked_is_said(self):
        assert line(OPEN, WON, still={"": [WEIGHTS]}) == "Here it cannot be checked whether it changes when the model's weights are random."

    @pytest.mark.parametrize("found", [[WON, LUCKY], [LUCKY], [BEHIND], [WON, LOST], [LOST]])
    def test_it_agrees_with_the_verdict_beside_the_scores(self, found: list[Score]):
        verdict, belief = drawing.verdict(found), render.believe(mapped(), found)
        assert belief is not None
        said = " ".join(words for _, words in belief.lines)
        assert ("clearly beats a random order" in verdict) == ("clearly beats a random order" in said)
        assert ("clearly worse" in verdict) == ("clearly worse" in said)

    def test_the_clause_gives_the_reason(self):
        assert render.believe(mapped(), [WON, SANE, APART]).clause == (  # type: ignore[union-attr]
            "Believe this map with caution: it agrees little with Occlusion (0.10)."
        )


class TestWhatIsTakenAway:
    def shown(self, html: str) -> str:
        return re.sub("[\u2068\u2069]|<style>.*?</style>|<[^>]+>", "", html, flags=re.S)

    def test_the_page_says_it_right_after_the_sentence(self):
        said = self.shown(render.html(mapped(), [WON, SANE, APART]))
        assert "Believe this map with caution: it agrees little with Occlusion" in said
        assert said.index("Believe this map") < said.index("The text, with the words that count")
        assert "Deletion: 0.20" in said

    def test_scores_in_the_artifact_count_without_being_passed(self):
        e = mapped(quality=[WON, SANE])
        assert "This map holds up in what was checked" in self.shown(render.page(e))

    def test_the_slide_has_it(self):
        assert render.slide(mapped(), scores=[WON, SANE]).tobytes() != render.slide(mapped()).tobytes()

    def test_the_data_in_the_page_stay_those_of_the_artifact(self):
        e = mapped()
        assert f"Its digest is {e.digest}" in self.shown(render.page(e, scores=[WON]))

    def test_a_participant_is_shown_none_of_it(self):
        assert "Believe" not in render.for_participant(mapped(quality=[WON, APART]))


class TestWhatIsNotSure:
    def test_random_weights_that_leave_open_how_much_changes_are_no_point_for_it(self):
        open_ended = score(WEIGHTS, 0.62, 0.0, 1.0)
        assert "weights" not in line(FOR, WON, open_ended)
        assert "by how much is unsure" in line(UNDECIDED, WON, open_ended)

    def test_little_agreement_of_few_parts_is_no_point_against_it(self):
        unsure = score(OTHERS, 0.03, -0.55, 0.6, LIME=0.03)
        assert "agrees little" not in line(AGAINST, WON, unsure)
        assert "too few parts" in line(UNDECIDED, WON, unsure)
        assert "agrees little" in line(AGAINST, WON, APART)
