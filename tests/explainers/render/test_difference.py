"""A set difference as a person reads it: what was found, what may be chance, what was tried, and nothing from data as markup."""

from __future__ import annotations

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from scipy import stats

import explainers
from explainers import render
from explainers.differences.statistics import separation
from explainers.explanation import Explanation
from explainers.payloads import Candidate, Shown
from explainers.render.difference import could_find, csv_text, least, table
from explainers.render.kinds import kind_of
from explainers.render.slide import Box

NASTY = '<img src=x onerror="alert(1)"> & </script>'


def candidate(description: str, score: float, q: float, **more) -> Candidate:
    known = {"ranker": "bridge", "proposer": "labels", "share_a": 0.6, "share_b": 0.1, "examples": [0], "against": [1], **more}
    return Candidate(description, score, score - 0.07, min(1.0, score + 0.05), q / 2, q, **known)


@pytest.fixture(scope="module")
def texts() -> Explanation:
    a, b = ([f"{word} {i}" for i in range(8)] for word in ("ham", "egg"))
    return explainers.explain_difference(a, b, "text", descriptions=["ham"], propose=False, names=["lunch", "breakfast"])


def made(texts: Explanation, candidates: list[Candidate], picture: bool = False, **more) -> Explanation:
    items = [Image.new("RGB", (64, 48), c) for c in ("red", "blue")] if picture else ["ham it is", "egg it is"]
    shown = [Shown(items[0], "A", 3), Shown(items[1], "B", 5)]
    payload = replace(texts.payload, candidates=candidates, shown=shown, **more)
    status = "complete" if payload.found else "not_found"
    return replace(texts, payload=payload, modality="image" if picture else "text", status=status)


def test_the_sentence_counts_what_was_found_and_names_the_best(texts):
    said = render.sentence(made(texts, [candidate("a bird", 0.91, 0.001), candidate("a cat", 0.55, 0.4)]))
    assert said.startswith("1 of 2 descriptions separates “lunch” from “breakfast” by more than chance")
    assert "“a bird” fits a random text of “lunch” better than one of “breakfast” in 91 % of cases (95 % interval 84 to 96 %)" in said


def test_nothing_found_is_a_plain_result_and_shows_what_was_tried(texts):
    e = made(texts, [candidate("a bird", 0.6, 0.3), candidate("a cat", 0.55, 0.4)])
    assert render.sentence(e).startswith("Nothing found: none of 2 descriptions separates “lunch” from “breakfast”")
    assert "a cat" in render.figure(e)
    assert "may be chance" in render.figure(e)


class TestNothingFound:
    MANY = tuple(candidate(f"word {i}", 0.6 - i / 100, 0.3 + i / 100) for i in range(12))

    def test_only_the_few_closest_are_shown_folded_and_never_numbered_as_results(self, texts):
        html = render.figure(made(texts, list(self.MANY)))
        assert "<h4>Nothing found</h4>" in html
        before, _, folded = html.partition("<summary>Closest, not more than chance</summary>")
        assert "<h5" not in before
        assert folded.count("<h5") == 3
        assert "1. “" not in html
        assert "best first" not in html

    def test_what_a_person_typed_stands_open_all_the_same(self, texts):
        html = render.figure(made(texts, [candidate("mine", 0.55, 0.4, proposer="you"), *self.MANY]))
        assert html.index("mine") < html.index("Closest, not more than chance")

    def test_picture_chart_and_slide_show_no_more_than_the_closest(self, texts):
        e = made(texts, list(self.MANY))
        assert len(render.chart(e).to_dict()["layer"][1]["data"]["values"]) == 3
        slide = kind_of(e).slide_input(e, Box(0, 0, 900, 200))
        assert slide == ""  # nothing "shows it best"

    def test_what_is_truer_of_the_other_set_is_not_said_to_be_chance(self, texts):
        said = render.sentence(made(texts, [candidate("a bird", 0.1, 0.001, proposer="you"), candidate("a cat", 0.55, 0.4)]))
        assert said.startswith("Nothing found that is truer of “lunch” than of “breakfast” by more than chance")
        assert "none of" not in said

    def test_how_large_a_difference_could_have_been_found(self, texts):
        """40 and 40, five descriptions: 0.5 + (z(1 - 0.01 / 2) + z(0.8)) sqrt(81 / 19200) = 0.5 + (2.576 + 0.842) * 0.06495 = 0.72. In none of
        40, a word counts from 8 of 40 on: twice the tail is 2 C(40, 8) / C(80, 8) = 0.0053 (of 7: 0.012)."""
        said = " ".join(could_find(made(texts, list(self.MANY[:5]), tested=[40, 40])))
        assert "found in about 80 of 100 such cases if it fits a random text of “lunch” better in 72 % of cases" in said
        assert "“lunch” in at least 20 % of its texts (8 of 40) if “breakfast” never has it" in said

    def test_that_is_what_the_test_finds(self, texts):
        """The promise held against sets drawn with such a difference: normal values shifted so that the AUROC is 0.72, level 0.05 / 5."""
        rng = np.random.default_rng(0)
        shift = np.sqrt(2) * stats.norm.ppf(0.722)
        found = [separation(rng.normal(shift, 1, 40), rng.normal(0, 1, 40)).p < 0.01 for _ in range(400)]
        assert 0.72 < np.mean(found) < 0.88
        assert separation(np.arange(40) < 8, np.zeros(40)).p < 0.01 < separation(np.arange(40) < 7, np.zeros(40)).p

    def test_sets_too_small_are_told_so(self, texts):
        assert "give larger sets" in could_find(made(texts, list(self.MANY), tested=[4, 4]))[0]


class TestWhatADifferenceBringsWithIt:
    def several(self, texts, **more):
        found = [candidate(d, 0.95 - i / 20, 0.001, ranker="words") for i, d in enumerate(("to be honest", "honest", "longer", "fish"))]
        found[2] = replace(found[2], left=0.51)
        return made(texts, found, alike=[0, 0, 2, 3], goes_with=[0, 1, 0, 3], **more)

    def test_it_is_told_under_the_one_that_explains_it_and_not_counted_as_a_difference(self, texts):
        e = self.several(texts)
        assert "2 differences, said in 3 ways, and 1 description that goes with them." in render.sentence(e)
        html = render.figure(e).replace("\u00a0", " ")
        assert html.count("<h5") == 2
        assert "Goes with it" in html
        assert "longer’”: 85 % → 51 %" in html
        assert "With that taken away, what is left of these could be chance" in html
        assert len(render.chart(e).to_dict()["layer"][1]["data"]["values"]) == 2
        rows = {row["description"]: row for row in csv.DictReader(io.StringIO(csv_text(e)))}
        assert (rows["longer"]["goes_with"], rows["longer"]["auroc_without_it"], rows["fish"]["goes_with"]) == ("1", "0.51", "")
        assert Explanation.from_json(e.to_json()) == e

    def test_where_it_was_not_measured_no_more_is_said_than_is_known(self, texts):
        e = made(texts, [candidate("a forest", 0.99, 0.001), candidate("green", 0.9, 0.001)], goes_with=[0, 0])
        assert "whether they also differ by themselves, these sets cannot tell" in render.figure(e)

    def test_what_may_be_chance_or_was_typed_is_not_hidden_under_another(self, texts):
        e = made(
            texts, [candidate("x", 0.9, 0.001), candidate("y", 0.6, 0.3), candidate("z", 0.8, 0.001, proposer="you")], goes_with=[0, 0, 0]
        )
        assert render.figure(e).count("<h5") == 3
        assert "Goes with “x”" in render.figure(e)

    @pytest.mark.parametrize("typed", [False, True])
    def test_what_is_left_names_what_it_was_measured_without_and_not_what_says_the_same_as_that(self, texts, typed):
        """z goes with y; y says the same as x, so that all stand under x. What z is without x was not measured."""
        x, y, z = (candidate(d, score, 0.001, ranker="conditions") for d, score in (("x", 0.9), ("y", 0.88), ("z", 0.8)))
        z = replace(z, left=0.494, **({"proposer": "you"} if typed else {}))
        e = made(texts, [x, y, z], alike=[0, 0, 2], goes_with=[0, 1, 1])
        html = render.figure(e).replace("\u00a0", " ")
        assert ("Goes with “y”: without that" if typed else "“z”: 80 % → 49 % without “y”") in html
        assert "Goes with “x”" not in html
        assert [row["goes_with"] for row in csv.DictReader(io.StringIO(csv_text(e)))] == ["", "", "2"]

    def test_what_only_says_the_same_as_one_that_goes_along_is_told_so(self, texts):
        """z says the same as y, which goes with x; of z itself something is left without x."""
        x, y, z = (candidate(d, score, 0.001, ranker="conditions") for d, score in (("x", 0.9), ("y", 0.88), ("z", 0.8)))
        html = render.figure(made(texts, [x, replace(y, left=0.51), z], alike=[0, 1, 1], goes_with=[0, 0, 2])).replace("\u00a0", " ")
        assert "“z”: 80 %, says the same as “y”" in html
        assert "cannot tell" not in html

    @pytest.mark.parametrize("wrong", [[5, 9, -1, 3], [3, 3, 3, 3], [1]])
    def test_a_file_with_a_wrong_list_is_drawn_all_the_same(self, texts, wrong):
        e = self.several(texts)
        assert "to be honest" in render.html(replace(e, payload=replace(e.payload, goes_with=wrong)))


def test_what_is_truer_of_the_other_set_is_said_and_not_counted_as_found(texts):
    said = render.sentence(made(texts, [candidate("a bird", 0.1, 0.001, proposer="you")]))
    assert said.startswith("Nothing found")
    assert "“a bird” is truer of “breakfast”." in said


def test_no_description_at_all_is_no_crash(texts):
    e = made(texts, [])
    assert "no description could be tested" in render.sentence(replace(e, status="partial", reason="cancelled"))
    assert "no description could be tested" in render.sentence(e)  # all items were tested on: none was looked for
    assert "no description stood out" in render.sentence(made(texts, [], sizes=[16, 16]))
    assert render.chart(e) is None
    assert render.slide(e).size == (1920, 1080)
    assert "<script" not in render.page(e)


def test_own_descriptions_are_marked_and_every_number_has_its_origin_in_words(texts):
    html = render.html(made(texts, [candidate("a bird", 0.91, 0.001, proposer="you", others={"words": 0.7})]))
    for said in (
        "(typed)",
        "Typed by a person",
        "labels, compared by meaning",
        "number tested: 0.001",
        "True of 60",
        "whether the words occur 70",
    ):
        assert said in html.replace("\u00a0", " ")


class TestWhatIsOnlyADifferenceOfDegree:
    def test_dark_pictures_against_darker_ones_are_said_as_darker(self, texts):
        """As yes or no, hardly any is dark: neither headline nor card nor table says of how many it is true."""
        much = {"above_a": 0.78, "above_b": 0.5, "mean_a": -0.31, "mean_b": -0.45}
        dark = candidate("dark, as at night", 0.91, 0.001, ranker="attributes", share_a=0.0, share_b=0.01, **much)
        e = made(texts, [dark], picture=True)
        assert "“darker” fits a random picture" in render.sentence(e)
        html = render.figure(e).replace("\u00a0", " ")
        assert "it fits 78 % of “lunch” and 50 % of “breakfast” better than it fits the middle picture of “breakfast”." in html
        assert "On average, “lunch” against “breakfast”: brightness 31 against 45, from 0 (black) to 100 (white)." in html
        numbers = table(e).replace("\u00a0", " ")
        assert "Shows it best" not in html
        assert "rue of" not in html
        assert ">0 %<" not in numbers
        assert "by degree" in numbers
        row = next(csv.DictReader(io.StringIO(csv_text(e))))
        assert (row["share_a"], row["share_b"], row["above_middle_of_b_a"]) == ("", "", "0.78")

    def test_a_file_from_before_says_only_that_it_has_no_yes_or_no(self, texts):
        e = made(texts, [candidate("dark, as at night", 0.91, 0.001, ranker="attributes", share_a=0.0, share_b=0.01)], picture=True)
        assert "A difference of degree: it has no yes or no." in render.figure(e)

    def test_what_nearly_all_items_of_both_sets_are_is_one_too(self, texts):
        bright = candidate("bright, in strong light", 0.8, 0.001, ranker="attributes", share_a=1.0, share_b=0.95)
        assert "“brighter” fits" in render.sentence(made(texts, [bright], picture=True))

    def test_what_is_true_of_many_stays_as_it_is(self, texts):
        sky = candidate("the background is the sky", 0.8, 0.001, ranker="labels", share_a=0.62, share_b=0.21)
        assert "“the background is the sky” fits" in render.sentence(made(texts, [sky], picture=True))

    def test_typed_words_stay_as_typed_and_likeness_to_them_is_no_proof(self, texts):
        sad = candidate("makes me sad", 0.78, 0.005, proposer="you", share_a=None, share_b=None)
        bird = candidate("a bird", 0.7, 0.01, ranker="labels")
        e = made(texts, [sad, bird], picture=True)
        assert "makes me sad" in render.figure(e)
        assert "compared by likeness only: not counted" in render.figure(e)
        assert "That does not make the words true" in render.figure(e)
        assert "Most: “a bird”" in render.sentence(e)
        assert "1 of 2 descriptions" in render.sentence(e)

    def test_nonsense_is_no_news_the_other_way_round_either(self, texts):
        nonsense = candidate("a purple flying teapot", 0.32, 0.01, proposer="you", share_a=None, share_b=None)
        e = made(texts, [candidate("a bird", 0.7, 0.01, ranker="labels"), nonsense], picture=True)
        assert "teapot" not in render.sentence(e)


class TestEvidence:
    def cards(self, texts, found: list[Candidate]) -> list[str]:
        return render.figure(made(texts, found)).split("<h5")[1:]

    def test_from_the_fourth_description_on_it_is_folded_and_all_there(self, texts):
        cards = self.cards(texts, [candidate(f"word {i}", 0.9 - i / 100, 0.001, ranker="words") for i in range(6)])
        for place, card in enumerate(cards, start=1):
            open_, folded, _ = card.partition("<details><summary>Evidence</summary>")
            assert bool(folded) == (place > 3)
            assert f"{91 - place}\u00a0% of cases" in open_  # how well it separates is seen at once
            assert ("Shows it best" in open_, "True of" in open_) == (place <= 3,) * 2
            assert "Shows it best" in card
            assert "True of" in card

    def test_what_a_person_typed_is_open_wherever_it_stands(self, texts):
        found = [candidate(f"word {i}", 0.9 - i / 100, 0.001, ranker="words") for i in range(4)]
        cards = self.cards(texts, [*found, candidate("mine", 0.8, 0.001, ranker="words", proposer="you")])
        assert ["<summary>Evidence" in card for card in cards] == [False, False, False, True, False]


class TestOneDifferenceSaidOften:
    def test_it_is_counted_once_and_the_others_stand_under_the_best(self, texts):
        several = [candidate(f"age > {n}", 0.9 - n / 1000, 0.001, ranker="conditions") for n in (40, 41, 42)]
        e = made(texts, [*several, candidate("sex is Male", 0.7, 0.01, ranker="conditions")], alike=[0, 0, 0, 3])
        assert "4 of 4 descriptions separate" in render.sentence(e)
        assert "2 differences, said in 4 ways." in render.sentence(e)
        html = render.figure(e)
        assert html.count("<h5") == 2
        assert "Says the same of these texts, less well: “age more than 41” (86" in html.replace("\u00a0", " ")
        assert len(render.chart(e).to_dict()["layer"][1]["data"]["values"]) == 2
        assert len(list(csv.DictReader(io.StringIO(csv_text(e))))) == 4
        assert Explanation.from_json(e.to_json()) == e

    def test_what_was_found_never_stands_under_what_may_be_chance_and_what_was_typed_has_its_own_place(self, texts):
        e = made(texts, [candidate("x", 0.7, 0.2), candidate("y", 0.69, 0.01), candidate("z", 0.6, 0.3, proposer="you")], alike=[0, 0, 0])
        assert render.figure(e).count("<h5") == 3

    def test_a_file_with_a_wrong_list_is_drawn_all_the_same(self, texts):
        assert "“a bird”" in render.sentence(made(texts, [candidate("a bird", 0.9, 0.001)], alike=[7]))


class TestWordsAndConditions:
    def test_a_bare_word_is_said_to_be_contained(self, texts):
        may = candidate("may", 0.6, 0.001, ranker="words", proposer="words")
        assert "“contains the word ‘may’” fits" in render.sentence(made(texts, [may]))

    def test_only_texts_that_hold_the_word_are_shown_for_it(self, texts):
        shown = [Shown("ham one", "A", 0), Shown("no such word", "A", 1), Shown("egg", "B", 2)]
        e = made(texts, [candidate("ham", 0.6, 0.001, ranker="words", share_a=1 / 8, share_b=0.0, examples=[0, 1], against=[1, 2])])
        html = render.figure(replace(e, payload=replace(e.payload, shown=shown)))
        assert html.count("no such word") == 1  # as what contradicts it
        assert "egg" not in html  # B holds it nowhere
        never = made(texts, [candidate("ham", 0.5, 0.9, ranker="words", proposer="you", share_a=0.0, share_b=0.0)])
        assert "It is true of no text of “lunch”" in render.figure(never)

    def test_conditions_are_words_and_nothing_below_zero_is_none(self, texts):
        e = made(texts, [candidate("hours_per_week <= 42 and gain <= 0", 0.6, 0.001, ranker="conditions")])
        rows = [Shown({"hours_per_week": 40, "gain": gain}, "A", 0) for gain in (0, 5)]
        said = render.sentence(replace(e, payload=replace(e.payload, shown=rows)))
        assert "“hours per week at most 42 and no gain”" in said
        rows[0].instance["gain"] = -3
        assert "gain at most 0" in render.sentence(replace(e, payload=replace(e.payload, shown=rows)))


class TestHowClearADescriptionHadToBe:
    def test_in_degrees(self, texts):
        """n = m = 8, two descriptions: 0.5 + z(1 - 0.05 / 4) sqrt(17 / 768) = 0.5 + 2.2414 * 0.14878 = 0.83."""
        e = made(texts, [candidate("a bird", 0.6, 0.3), candidate("a cat", 0.55, 0.4)])
        assert "one had to fit better in about 83 % of cases to count as found by itself" in least(e)
        assert "To count as found by itself it had to reach about 83 %" in render.figure(e).replace("\u00a0", " ")

    def test_a_word_that_few_texts_hold_needs_less(self, texts):
        """2 of 8 and none of 8 hold it: T = 1 - (8 - 2 + 2744 - 14) / (4096 - 16) = 0.329, so 0.5 + 1.96 * 0.14878 * 0.574 = 0.67."""
        word = candidate("ham", 0.6, 0.3, ranker="words", share_a=0.25, share_b=0.0)
        assert "about 67 % of cases" in least(made(texts, [word]))

    def test_where_it_cannot_be_told_nothing_is_said(self, texts):
        assert least(made(texts, [candidate("a bird", 0.6, 0.3)], paired=True)) == ""
        assert least(made(texts, [candidate("ham", 0.5, 1.0, ranker="words", share_a=0.0, share_b=0.0)])) == ""
        assert least(made(texts, [])) == ""

    def test_sets_too_small_for_any_find_are_told_so(self, texts):
        assert "hardly even one that fits perfectly" in least(made(texts, [candidate("a bird", 0.6, 0.3)], tested=[3, 3]))


def test_an_interval_that_leaves_out_one_half_beside_may_be_chance_is_explained(texts):
    html = render.figure(made(texts, [candidate("a cat", 0.6, 0.2), candidate("a dog", 0.55, 0.4)])).replace("\u00a0", " ")
    assert "the verdicts are corrected for the 2 that were tested. So “a cat” may be chance though its interval leaves out 50 %" in html


def test_items_of_a_task_have_the_number_of_other_pages_with_label_and_answer(texts):
    e = made(texts, [candidate("a bird", 0.91, 0.001)])
    shown = [Shown("ham", "A", 3, 43, "<i>egg</i>", "ham"), Shown("egg", "B", 5)]
    html = render.figure(replace(e, payload=replace(e.payload, shown=shown)))
    assert "#43, label &lt;i&gt;egg&lt;/i&gt;, answer ham" in html
    assert "no. 5" in html.replace("\u00a0", " ")


def test_nothing_from_data_is_markup(texts):
    e = made(texts, [candidate(NASTY, 0.91, 0.001, ranker=NASTY, proposer=NASTY)], names=[NASTY, NASTY])
    e = replace(e, payload=replace(e.payload, shown=[Shown(NASTY, "A", 0), Shown({NASTY: NASTY}, "B", 1)]))
    document = render.page(e)
    assert "<script" not in document
    assert "<img" not in document
    render.slide(e)
    assert "<img" not in (render.svg(e) or "")


def test_a_file_that_points_beyond_what_it_holds_is_drawn_all_the_same(texts):
    assert "a bird" in render.html(made(texts, [candidate("a bird", 0.91, 0.001, examples=[99, -5], against=[7])]))


def test_pictures_are_shown_in_small_and_the_page_stays_light(texts):
    noise = np.random.default_rng(0).integers(0, 255, (128, 128, 3), dtype=np.uint8)
    many = [candidate(f"thing {i}", 0.91, 0.001, examples=[0, 1, 0, 1], against=[1, 0, 1, 0]) for i in range(60)]
    e = made(texts, many, picture=True)
    e = replace(e, payload=replace(e.payload, shown=[Shown(Image.fromarray(noise), "A", i) for i in range(2)]))
    assert "<img" in render.figure(e)
    assert len(render.page(e).encode()) < 1_000_000
    sheet = render.image(e)
    assert sheet is not None
    assert sheet.width == 1400


def test_the_chart_tells_found_from_chance_by_shape_and_marks_one_half(texts):
    spec = render.chart(made(texts, [candidate("a bird", 0.91, 0.001), candidate("a cat", 0.55, 0.4)])).to_dict()
    shapes = next(layer["encoding"]["shape"]["scale"] for layer in spec["layer"] if "shape" in layer["encoding"])
    assert dict(zip(shapes["domain"], shapes["range"], strict=True))["separates the sets"] == "circle"
    assert len(set(shapes["range"])) == len(shapes["range"]) == 2  # no verdict in the legend that is not drawn
    assert spec["layer"][0]["data"]["values"] == [{"half": 0.5}]


def test_the_chart_is_not_filled_with_what_may_be_chance(texts):
    e = made(texts, [candidate("a bird", 0.91, 0.001), *(candidate(f"word {i}", 0.6, 0.4) for i in range(15))])
    assert len(render.chart(e).to_dict()["layer"][1]["data"]["values"]) == 4


def test_a_spreadsheet_runs_no_cell_of_the_table(texts):
    e = made(texts, [candidate("=HYPERLINK(1)", 0.91, 0.001), candidate("a cat", 0.55, 0.4, share_a=None)])
    rows = list(csv.DictReader(io.StringIO(csv_text(e))))
    assert [row["description"] for row in rows] == ["'=HYPERLINK(1)", "a cat"]
    assert (rows[0]["verdict"], rows[1]["share_a"]) == ("separates the sets", "")
