"""Sets that a task makes: which models can be compared, how often the model is right on which part, what an item shown is."""

from __future__ import annotations

import pytest

import explainers
from explainers.differences import groups as grouping
from explainers.tasks import load_task

TEXTS = ["ham a", "ham b", "ham c", "ham d", "egg e", "egg f", "egg g", "egg h", "ham egg i", "ham egg j", "ham egg k", "ham egg l"]
LABELS = [0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]


@pytest.fixture(scope="module")
def task():
    """Says ham wherever ham is: wrong on the last four."""
    says = lambda texts: [[0.9, 0.1] if "ham" in t else [0.1, 0.9] for t in texts]  # noqa: E731
    return explainers.make_task("meals", modality="text", predict_proba=says, data=TEXTS, labels=LABELS, class_names=["ham", "egg"])


def test_what_is_shown_has_its_number_in_the_test_data_its_label_and_the_answer(task):
    made = grouping.groups(task, grouping.RIGHT_WRONG)
    assert (made.a, made.b) == ([8, 9, 10, 11], [0, 1, 2, 3, 4, 5, 6, 7])
    for swapped in (False, True):
        a, b = made.instances(task)[:: -1 if swapped else 1]
        e = made.named(explainers.explain_difference(a, b, "text", descriptions=["egg"], propose=False), task, swapped)
        assert all(TEXTS[one.number] == one.instance for one in e.payload.shown)
        assert all(one.truth == ["ham", "egg"][LABELS[one.number]] for one in e.payload.shown)
        assert {one.answer for one in e.payload.shown if "ham" in one.instance} == {"ham"}
        assert (e.task, e.params["compared"]) == ("meals", "right")
        assert explainers.Explanation.from_json(e.to_json()) == e


def test_a_set_that_is_too_small_says_what_it_is_and_how_many_are_wanted(task):
    with pytest.raises(
        ValueError, match="“ham, missed” holds of none of the 12 test instances, too few to compare: a set needs at least 4"
    ):
        grouping.groups(task, grouping.ERRORS_HITS, 0)


def test_only_models_that_answer_in_the_classes_of_the_labels_are_offered_for_comparison():
    animals = load_task("animals").with_model("biased")
    assert grouping.rivals(animals) == ["biased-prototypes"]
    with pytest.raises(ValueError, match="answers in other classes than the labels of this data"):
        grouping.groups(animals, grouping.MODELS, other="imagenet")


def test_where_the_published_accuracy_is_of_a_part_both_parts_are_counted():
    animals = load_task("animals").with_model("biased")
    (_, right, n), (usual, often, of_usual), (_, seldom, of_others) = grouping.by_part(animals)
    assert usual == animals.entry.accuracy_of
    assert (n, of_usual, of_others) == (240, 120, 120)
    assert right == often + seldom
    assert often / of_usual == pytest.approx(animals.entry.accuracy[0], abs=0.01)
    assert seldom < often


def test_two_random_halves_are_all_items_dealt_out_anew_for_each_draw_and_ask_no_model(task):
    made = [grouping.groups(task, grouping.RANDOM, draw=draw) for draw in (1, 1, 2)]
    assert all(sorted(g.a + g.b) == list(range(12)) and len(g.a) == len(g.b) for g in made)
    assert made[0].a == made[1].a != made[2].a
    assert made[0].said is None
    assert made[0].names == ("one random half", "the other half")
