"""What is said and shown of prototypes and of nearest examples."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from explainers import render
from explainers.explanation import Attribution, Explanation, Prototypes
from explainers.render.kinds import gist
from explainers.render.prototypes_rows import Near
from tests.explainers.render.near_examples import nasty_prototypes, neighbours, picture_prototypes, table_prototypes, text_prototypes
from tests.explainers.render.test_escape import read

SAYS = "The model says “negative” (92 % sure). "


def seen(fragment: str) -> str:
    """The words on a page; a space stands between what blocks, cells and signs part."""
    parted = re.sub(r"</(?!b>|bdi>|mark>|del>|sup>)", " </", re.sub(r"<style>.*?</style>", "", fragment, flags=re.S))
    return " ".join(read(parted).data.replace("\u00a0", " ").split())


def bars(e: Explanation) -> list[dict[str, Any]]:
    """The rows behind the chart."""
    drawn = render.chart(e)
    assert drawn is not None
    return drawn.to_dict()["data"]["values"]


class TestSentence:
    def test_of_a_network_beside_the_model(self):
        assert render.sentence(text_prototypes()) == (
            f"{SAYS}The prototype network, another model, says “negative” as well: the text is most like this training text of “negative”: "
            "“a dull mess of a movie , wasted on its cast .” (similarity 0.93 of 1); the most similar one of “positive” has 0.41. "
            "Leaving out “dull” lowers the similarity to the closest one of “negative” by 0.06 of 1, "
            "leaving out “mess” by 0.02. The two give the same answer to 94 in 100 test texts (95 % range 92 to 96)."
        )

    def test_disagreement_is_said_plainly(self):
        said = render.sentence(text_prototypes(evidence=np.array([0.4, 0.6])))
        assert "says “positive” instead" in said
        assert "The two disagree here, so these are not the model's reasons." in said
        assert "not the model's reasons" not in render.sentence(text_prototypes())

    def test_a_network_that_is_the_model_explains_itself(self):
        said = render.sentence(text_prototypes(network="bilstm", agreement=None))
        assert f"{SAYS}It decides by likeness: the text is most like" in said
        assert "another model" not in said

    def test_a_row_says_in_how_many_variables_it_is_equal(self):
        said = render.sentence(table_prototypes())
        assert "training row 5 of “below $50K” (similarity 0.88 of 1; equal in 5 of 7 variables)" in said
        assert (
            "Replacing marital status lowers the similarity to the closest one of “below $50K” by 0.40 of 1, replacing age by 0.10." in said
        )

    def test_neighbours_are_data_and_not_reasoning(self):
        assert render.sentence(neighbours()) == (
            f"{SAYS}The 5 training texts nearest to this one in what the model's last layer reads: the model gives 4 of them the same answer. "
            "Nearest is “a dull film , take 0 .” (similarity 0.90 of 1), labelled “negative”. "
            "They describe the data near it, not the model's reasoning."
        )

    @pytest.mark.parametrize(
        ("same", "expected"), [(0, "gives none of them the same answer"), (5, "gives all of them the same answer"), (1, "gives 1 of them")]
    )
    def test_how_many_neighbours_get_the_same_answer(self, same, expected):
        e = neighbours()
        for i, near in enumerate(e.payload.prototypes):
            object.__setattr__(near, "prediction", np.array([0.9, 0.1] if i < same else [0.1, 0.9]))
        assert expected in render.sentence(e)

    def test_neighbours_that_were_not_asked_are_not_counted(self):
        e = neighbours()
        object.__setattr__(e.payload.prototypes[0], "prediction", None)
        assert "gives 3 of the 4 it was asked about the same answer" in render.sentence(e)

    def test_stopped_before_anything_was_found(self):
        e = neighbours(status="partial", reason="cancelled")
        object.__setattr__(e, "payload", Prototypes([]))
        assert render.sentence(e) == f"{SAYS}No training text was found: it was cancelled."
        assert render.highlight(e) == ""
        assert render.chart(e) is None
        assert "The numbers" not in render.html(e)

    def test_a_similarity_is_never_rounded_to_the_same(self):
        e = text_prototypes()
        object.__setattr__(e.payload.prototypes[0], "similarity", 0.9996)
        assert "(similarity over 0.99 of 1)" in render.sentence(e)


class TestGist:
    def test_of_a_network_beside_the_model(self):
        assert gist(text_prototypes()) == (
            "The prototype network, another model, says “negative” as well: the text is most like this training text of “negative”: "
            "“a dull mess of a movie , wasted on its cast .” (similarity 0.93 of 1)."
        )

    def test_disagreement_is_said(self):
        assert gist(text_prototypes(evidence=np.array([0.4, 0.6]))).endswith("so these are not the model's reasons.")

    def test_of_neighbours(self):
        assert gist(neighbours()) == (
            "The 5 training texts nearest to this one in what the model's last layer reads: the model gives 4 of them the same answer. "
            "They describe the data near it, not the model's reasoning."
        )

    def test_of_nothing(self):
        e = neighbours(status="partial", reason="cancelled")
        object.__setattr__(e, "payload", Prototypes([]))
        assert gist(e) == "No training text was found: it was cancelled."


class TestOrder:
    def test_the_nearest_of_each_class_leads_whatever_the_order_of_the_file(self):
        e = text_prototypes(prototypes=list(reversed(text_prototypes().payload.prototypes)))
        near = Near.of(e)
        assert [(r.number, r.similarity) for r in near.leading] == [(17, 0.93), (812, 0.41)]
        assert [r.number for r in near.further] == [90]


class TestCard:
    def test_beside_one_another(self):
        said = seen(render.highlight(text_prototypes()))
        order = [said.index(s) for s in ("This text", "Closest prototype of “negative”", "Closest prototype of “positive”")]
        assert order == sorted(order)
        assert "similarity 0.93 of 1" in said
        assert "label in the data: “positive”" in said
        assert "the model says “negative” (97 %) = the answer here" in said
        assert "the model says “positive” (95 %) ≠ the answer here" in said

    def test_words_that_both_have_are_marked_in_both(self):
        made = render.highlight(text_prototypes())
        assert made.count('<mark class="ft-alike">dull</mark>') == 2
        assert '<mark class="ft-alike">movie</mark>' not in made

    def test_a_row_is_compared_variable_by_variable_by_sign(self):
        said = seen(render.highlight(table_prototypes()))
        assert "age 25 ≠ 23 education Bachelors = Bachelors" in said
        assert "marital status Never married ≠ Married" in said

    def test_pictures_are_shown_with_what_they_are(self):
        made = render.highlight(picture_prototypes())
        assert made.count("<img ") == 3
        assert 'alt="Closest prototype of “mammal”"' in made

    def test_the_importance_is_drawn_as_the_attribution_that_it_is(self):
        made = render.html(text_prototypes())
        assert "What makes it similar to the closest prototype of “negative”" in seen(made)
        assert re.search(r'<mark class="ft-w ft-to"[^>]*>dull<sup>\+</sup></mark>', made)
        assert re.search(r'<mark class="ft-w ft-from"[^>]*>fun<sup>−</sup></mark>', made)

    def test_the_importance_is_toward_the_class_that_is_explained_even_when_the_closest_prototype_is_of_another(self):
        said = seen(render.html(text_prototypes(target=1)))
        assert "What makes it similar to the closest prototype of “positive”" in said
        assert "(positive: toward “positive”)" in said

    def test_small_importances_make_nothing_similar(self):
        e = text_prototypes()
        object.__setattr__(e.payload.importance, "values", e.payload.importance.values / 10)
        words = "No single word matters much: leaving any one out changes the similarity by less than 0.01."
        assert words in render.sentence(e)
        assert "lowers" not in render.sentence(e)
        made = seen(render.html(e))
        assert f"How much the similarity to the closest prototype of “negative” changes {words} The text" in made
        assert "What makes it similar" not in made
        object.__setattr__(e, "status", "partial")
        assert "No single word that was tried matters much" in render.sentence(e)

    def test_no_importance_is_left_out(self):
        e = text_prototypes(importance=Attribution([], [], np.array([]), ""))
        assert "similar to the closest prototype" not in seen(render.html(e))
        assert "Leaving" not in render.sentence(e)
        assert "No single" not in render.sentence(e)

    def test_the_unit_is_short_enough_for_an_axis(self):
        for make, doing in ((text_prototypes, "leaving it out"), (table_prototypes, "replacing it")):
            assert f"Similarity lost by {doing} (positive: toward" in seen(render.html(make()))

    def test_that_a_high_similarity_is_common_is_said_once(self):
        said = seen(render.html(text_prototypes()))
        assert said.count("A similarity over 0.9 to several prototypes of a class is common") == 1
        assert "Texts that are alike to the network need not be alike to a person." in said

    def test_whose_reasons_is_said_before_they_are_shown(self):
        said = seen(render.highlight(neighbours()))
        assert said.startswith("These describe the data near it. They are not the model's reasoning. This text")
        disagree = seen(render.highlight(text_prototypes(evidence=np.array([0.4, 0.6]))))
        assert "Here it says “positive” while the model says “negative”: its reasons are not the model's." in disagree

    def test_further_ones_are_folded(self):
        assert "3 further training texts like this one" in seen(render.html(neighbours()))

    def test_numbers_and_facts(self):
        said = seen(render.html(text_prototypes()))
        assert "“a charming film with real fun in every scene .” 812 “positive” “positive” “positive” 0.410" in said
        assert "Evidence per class negative 0.93, positive 0.41" in said
        assert "16 features that the prototype network computes" in said

    def test_similarities_out_of_range_stay_on_the_scale(self):
        assert [r.similarity for r in Near.of(nasty_prototypes()).rows] == [1.0, 0.5, 0.0]


class TestChart:
    def test_class_by_class_most_similar_first(self):
        e = text_prototypes()
        object.__setattr__(e.payload.prototypes[2], "similarity", 0.3)  # below the other class's closest
        data = bars(e)
        assert [(row["label"].split(":")[0], row["similarity"]) for row in data] == [
            ("negative", 0.93),
            ("negative", 0.3),
            ("positive", 0.41),
        ]
        assert [row["answer"] for row in data] == [True, True, False]

    def test_labels_differ(self):
        e = neighbours()
        for near in e.payload.prototypes:
            object.__setattr__(near, "instance", "the same")
        labels = [row["label"] for row in bars(e)]
        assert len(set(labels)) == 5


class TestPicture:
    def test_the_instance_and_the_nearest_of_each_class_in_a_row(self):
        shown = np.asarray(render.image(picture_prototypes())).astype(int)
        for i, colour in enumerate([(60, 130, 90), (40, 120, 60), (150, 110, 60)]):
            assert np.abs(shown[200, 116 + i * 418] - colour).max() < 6

    def test_other_inputs_have_none(self):
        assert render.image(text_prototypes()) is None
