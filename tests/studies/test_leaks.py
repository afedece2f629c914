"""Each leak test notices its leak: sound materials are broken in one place, and the test of that name fails, and no other."""

from __future__ import annotations

import dataclasses
import sys

import numpy as np
import pytest

import explainers
import studies
from explainers import Composite
from studies.items import COUNTERFACTUAL, FORWARD, LEARN
from studies.leaks import Checked, leaks
from studies.said import quotes
from tests.fixtures.study_tasks import small, text_study


@pytest.fixture(scope="module")
def sound(tmp_path_factory) -> Checked:
    kept: list[Checked] = []
    building = sys.modules["studies.build"]  # the module, not the function of that name
    real = building.leaks
    building.leaks = lambda m: kept.append(m) or real(m)
    try:
        studies.build(small(text_study()), tmp_path_factory.mktemp("sound"))
    finally:
        building.leaks = real
    return kept[0]


def failed(m: Checked) -> set[str]:
    return {leak.name for leak in leaks(m) if leak.blocks and not leak.passed}


def first(m: Checked, name: str):
    return m.of(name)[0]


def with_item(m: Checked, old, **new) -> Checked:
    return dataclasses.replace(m, items=[dataclasses.replace(i, **new) if i is old else i for i in m.items])


def with_screen(m: Checked, name: str, more: str) -> Checked:
    path = f"screens/plain/{first(m, name).id}.html"
    return dataclasses.replace(m, screens={**m.screens, path: m.screens[path] + more})


def with_artifact(m: Checked, item, artifact) -> Checked:
    return dataclasses.replace(m, artifacts={**m.artifacts, "random": {**m.artifacts["random"], item.id: artifact}})


def test_sound_materials_pass(sound):
    assert failed(sound) == set()
    assert {leak.name for leak in leaks(sound)} >= {"edits", "always_same", "overlap", "selection", "surface_floor"}


def test_an_answer_on_a_forward_screen(sound):
    assert failed(with_screen(sound, FORWARD, "<p>The system's answer: good</p>")) == {"answers_hidden"}


@pytest.mark.parametrize("more", ["<script>x</script>", '<img src="//example.org/a.png">', '<p onclick="x()">a</p>'])
def test_a_script_or_an_outside_address(sound, more):
    assert failed(with_screen(sound, LEARN, more)) == {"no_scripts"}


def test_a_gold_label_that_tells_more_than_half(sound):
    item = next(i for i in sound.of(FORWARD) if i.gold != i.model_output)
    assert failed(with_item(sound, item, gold=item.model_output)) == {"gold_only_forward"}


def test_changed_forms_that_mostly_keep_the_answer(sound):
    item = next(i for i in sound.of(COUNTERFACTUAL) if i.cf_kind == "flip")
    assert "always_same" in failed(with_item(sound, item, model_output=item.original_output))


def test_edits_that_tell_which_turned(sound):
    items = [dataclasses.replace(i, edits=5 if i.cf_kind == "flip" else 1) if i.set == COUNTERFACTUAL else i for i in sound.items]
    assert failed(dataclasses.replace(sound, items=items)) == {"edits"}


def test_a_learning_item_in_a_test(sound):
    learnt, tested = first(sound, LEARN), first(sound, FORWARD)
    groups = {**sound.groups, learnt.id: frozenset({"pond"}), tested.id: frozenset({"pond"})}
    assert failed(dataclasses.replace(sound, groups=groups)) == {"overlap"}
    changed = {**sound.changed, first(sound, COUNTERFACTUAL).id: sound.inputs[learnt.id]}
    assert failed(dataclasses.replace(sound, changed=changed)) == {"overlap"}


def test_what_two_test_items_have_in_common_is_said(sound):
    one, two = sound.of(COUNTERFACTUAL)[:2]
    found = {leak.name: leak for leak in leaks(with_item(sound, two, changed_sha256=one.changed_sha256))}
    assert found["overlap"].text == f"{one.id} and {two.id} show the same input. Take another seed, or fewer items."
    changed = {**sound.changed, one.id: sound.inputs[first(sound, LEARN).id]}
    found = {leak.name: leak for leak in leaks(dataclasses.replace(sound, changed=changed))}
    assert found["overlap"].text.startswith(f"The changed input of {one.id} is, or is nearly, a learning item.")


def test_an_explanation_that_shows_a_changed_form_or_a_forward_item(sound):
    item = first(sound, COUNTERFACTUAL)
    e = explainers.explain("decision_boundary", sound.task, sound.inputs[item.id])
    last = dataclasses.replace(e.payload.steps[-1], instance=sound.changed[item.id])
    shows = dataclasses.replace(e, payload=dataclasses.replace(e.payload, steps=[e.payload.steps[0], last]))
    assert failed(with_artifact(sound, item, shows)) == {"explanations_show_no_test", "explanations_quote_no_test"}
    last = dataclasses.replace(last, instance=sound.inputs[first(sound, FORWARD).id])
    shows = dataclasses.replace(e, payload=dataclasses.replace(e.payload, steps=[e.payload.steps[0], last]))
    assert failed(with_artifact(sound, item, shows)) == {"explanations_show_no_test", "explanations_quote_no_test"}


def test_a_part_of_an_explanation_that_is_of_a_forward_item(sound):
    item, tested = first(sound, LEARN), sound.inputs[first(sound, FORWARD).id]
    own = sound.artifacts["random"][item.id]
    part = dataclasses.replace(own, instance=tested)
    for shows in (part, dataclasses.replace(own, payload=Composite([part]))):
        assert "explanations_show_no_test" in failed(with_artifact(sound, item, shows))


def with_name(sound: Checked, item, name: str) -> Checked:
    """One explanation has a part of this name."""
    own = sound.artifacts["random"][item.id]
    said = dataclasses.replace(own.payload, names=[name, *own.payload.names[1:]])
    return with_artifact(sound, item, dataclasses.replace(own, payload=said))


def test_a_name_that_quotes_a_test_text(sound):
    item = first(sound, LEARN)
    tested, changed = sound.inputs[first(sound, FORWARD).id], sound.changed[first(sound, COUNTERFACTUAL).id]
    for text in (tested, changed, tested.upper().replace(" ", ", ")):
        assert failed(with_name(sound, item, f"in the test, “{text}” is good")) == {"explanations_quote_no_test"}
    assert failed(with_name(sound, first(sound, COUNTERFACTUAL), f"“{changed}” is good")) == {"explanations_quote_no_test"}


LONG = "one two three four five six seven eight nine ten"


@pytest.mark.parametrize(
    ("said", "forward", "found"),
    [
        ("two three four, FIVE six seven eight nine: good", LONG, True),
        ("two three four five six seven eight", LONG, False),  # seven words in a row may stand anywhere
        ("a truly great film: good", "a truly great film", True),
        ("a great film: good", "a great film", False),  # three words are too few, even where they are all
        (
            "the old story of a king and of a queen",
            "the old story of a king and of a queen indeed",
            False,
        ),  # the learning item has it itself
    ],
)
def test_a_quote_is_eight_words_in_a_row_or_all_of_four_to_seven(sound, said, forward, found):
    e = with_name(sound, first(sound, LEARN), said).artifacts["random"][first(sound, LEARN).id]
    own = {"it": "Here is the old story of a king, and of a queen."}
    assert quotes([("it", e)], own, [forward], []) == (["it"] if found else [])


def test_a_changed_text_is_quoted_by_all_of_its_words_only(sound):
    """Most of it is its original, which the explanation of that item shows too."""
    e = with_name(sound, first(sound, LEARN), "the old story of a king and of a knave").artifacts["random"][first(sound, LEARN).id]
    own = {"it": "the old story of a king and of a queen indeed"}
    assert quotes([("it", e)], own, [], ["the old story of a king and of a knave indeed"]) == []
    assert quotes([("it", e)], own, [], ["The old story of a king, and of a knave!"]) == ["it"]


def test_what_other_tools_wrote_is_listed_to_be_looked_at(sound):
    """Of one's own, a text that differs from item to item may tell of a test; one that is in all of them tells no item from another."""

    def told(unit, own=("random",), **more):
        by_item = {
            name: dataclasses.replace(e, payload=dataclasses.replace(e.payload, unit=unit(i), **more))
            for i, (name, e) in enumerate(sound.artifacts["random"].items())
        }
        m = dataclasses.replace(sound, artifacts={**sound.artifacts, "random": by_item}, own=frozenset(own))
        return {leak.name: leak for leak in leaks(m) if not leak.blocks}

    looked = told(lambda i: f"weight; the next is {'bad' if i % 2 else 'good'}")["own_texts"]
    assert (looked.passed, looked.value) == (False, 2.0)
    assert "“weight; the next is good”" in looked.text
    assert not told(lambda i: "weight; this one is turned" if i == 0 else "weight")["own_texts"].passed
    assert told(lambda _: "Shapley value").get("own_texts").passed
    assert not told(lambda _: "log odds, and the answers to the test are good, bad, good, bad, bad")["own_texts"].passed
    assert "own_texts" not in told(str, own=()), "only of other tools"


def test_a_map_that_another_tool_drew_is_told_to_be_looked_at(sound):
    over = np.zeros((2, 2))
    by_item = {n: dataclasses.replace(e, payload=dataclasses.replace(e.payload, map=over)) for n, e in sound.artifacts["random"].items()}
    drawn = dataclasses.replace(sound, artifacts={**sound.artifacts, "random": by_item})
    assert "own_pictures" not in {leak.name for leak in leaks(drawn)}
    assert "own_pictures" in {leak.name for leak in leaks(dataclasses.replace(drawn, own=frozenset({"random"}))) if not leak.passed}


def test_a_placebo_that_is_the_true_explanation(sound):
    item = first(sound, LEARN)
    placebos = {**sound.artifacts["placebo"], item.id: sound.artifacts["random"][item.id]}
    broken = dataclasses.replace(sound, artifacts={**sound.artifacts, "placebo": placebos})
    assert failed(broken) == {"placebo_differs"}
    assert item.id in next(leak.text for leak in leaks(broken) if leak.name == "placebo_differs")


def test_an_explanation_of_another_answer_or_of_a_forward_item(sound):
    item = first(sound, COUNTERFACTUAL)
    own = sound.artifacts["random"][item.id]
    assert failed(with_artifact(sound, item, dataclasses.replace(own, target=1 - own.target))) == {"explanations_of_originals"}
    assert failed(with_artifact(sound, first(sound, FORWARD), own)) == {"explanations_of_originals"}


def test_a_study_in_another_language_is_told_what_is_still_english(sound):
    german = dataclasses.replace(sound.texts, language="de", title="Vorhersagen", predict="Was wird das System antworten?")
    found = {leak.name: leak for leak in leaks(dataclasses.replace(sound, texts=german))}
    assert "consent" in found["texts_in_english"].text
    assert "predict" not in found["texts_in_english"].text.split()
    assert not found["texts_in_english"].blocks
    assert "have to read both" in found["explanations_in_english"].text
    assert not {"texts_in_english", "explanations_in_english"} & {leak.name for leak in leaks(sound)}
