"""The page of set differences: choose what the model gets wrong, run, read the ranked descriptions, swap, type one's own."""

from __future__ import annotations

import pytest
import streamlit as st

from tests.pages.visit import app, press, settle, words
from ui import difference_sets

PAGE = "pages/set_differences.py"
INCOME = {"task": "income", "model": "mlp", "what": "right"}
NEEDED = ["LIME", "Anchor-style rules", "Prototypes", "Attribution maps", "Set-difference captions"]


def test_a_link_shows_the_ranked_descriptions_with_intervals():
    at = settle(app(PAGE, **INCOME, explained="1"), "digest")
    said = words(at)
    assert "separate “the model is wrong” from “the model is right”" in said.replace("\\", "")
    assert "95 % interval" in said.replace("\\", "")
    assert "It checks the columns exactly" in said.replace("\\", "")


def test_nothing_starts_before_it_is_asked_for_and_swapping_turns_the_sets_round():
    at = settle(app(PAGE, **INCOME), "What tells them apart")
    assert "digest" not in words(at)
    press(at, "Find differences")
    first = words(settle(at, "digest"))
    press(at, "Swap A and B")
    second = words(settle(at, "**A** is “the model is right”"))
    settle(at, "digest")
    assert list(at.query_params["swapped"]) in ("1", ["1"])
    assert first != second


def test_ones_own_description_is_scored_and_stays_out_of_the_address():
    at = settle(app(PAGE, **INCOME), "What tells them apart")
    at.text_area(key="diff-own").set_value("sex is Male\n\n").run()
    press(at, "Find differences")
    said = words(settle(at, "digest"))
    assert "without the descriptions you typed" in said
    assert not any("Male" in str(value) for value in at.query_params.values())
    assert "explained" not in at.query_params


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"what": "os.system"}, "a comparison that is not here"),
        ({"alpha": "7"}, "sets Chance of a false find to what it cannot be"),
        ({"own": "1"}, "stay with whoever uploaded them"),
    ],
)
def test_nonsense_in_a_link_is_said(query: dict[str, str], said: str):
    assert said in words(app(PAGE, **{**INCOME, **query}, explained="1"))


def test_a_class_that_is_not_there_opens_another():
    settle(app(PAGE, task="income", model="mlp", what="errors", first="77"), "What tells them apart")


def test_the_navigation_holds_the_five_pages_of_the_promise():
    import ast
    from pathlib import Path

    calls = [node for node in ast.walk(ast.parse(Path("app.py").read_text())) if isinstance(node, ast.Call)]
    titles = [k.value.value for call in calls for k in call.keywords if k.arg == "title" and isinstance(k.value, ast.Constant)]
    assert [title for title in NEEDED if title not in titles] == []


@pytest.mark.parametrize(
    ("task", "model", "what", "names"),
    [
        ("reviews", None, "right", "the model is wrong"),
        ("income", "mlp", "right", "the model is wrong"),
        ("animals", "biased", "right", "the model is wrong"),
        ("animals", "imagenet", "labels", "labelled"),  # its classes are not the data's: right and wrong are not known
    ],
)
def test_one_click_from_every_task_has_its_groups_chosen(task: str, model: str | None, what: str, names: str, monkeypatch):
    query: dict[str, str] = {}
    monkeypatch.setattr(st, "page_link", lambda page, **more: query.update(more["query_params"]))
    difference_sets.link(task, model)
    assert (query["task"], query["what"], query.pop("explained")) == (task, what, "1")
    monkeypatch.undo()
    assert names in words(settle(app(PAGE, **query), "Descriptions are sought"))


def test_nothing_found_is_a_result_that_says_what_was_tried():
    at = settle(app(PAGE, **INCOME, alpha="0.001", most="1"), "What tells them apart")
    at.text_area(key="diff-own").set_value("occupation is Tech-support").run()
    at.toggle(key="diff-only-own").set_value(True).run()
    press(at, "Find differences")
    said = words(settle(at, "digest"))
    assert "Nothing found: the one description tested does not separate" in said.replace("\\", "")
    figure = "\n".join(str(h.proto.body) for h in at.get("html"))
    assert "Tech-support" in figure
    assert "Contradicts it" in figure
    assert "That does not show that the sets are alike" in figure
    assert not at.get("arrow_vega_lite_chart")


def test_right_on_98_percent_beside_73_wrong_is_explained_and_impossible_models_are_not_offered():
    at = settle(app(PAGE, task="animals", model="biased", what="models", other="imagenet"), "test instances")
    said = words(at).replace("\\", "")
    assert [box.options for box in at.selectbox if box.label == "Another model"] == [["Prototype network on the biased EfficientNet"]]
    assert "too few to compare" in said
    at = settle(app(PAGE, task="animals", model="biased", what="right"), "Descriptions are sought")
    assert "The sets are of all 240 test instances" in words(at)


def test_own_conditions_that_cannot_be_checked_are_named_and_the_others_scored():
    at = settle(app(PAGE, **INCOME), "What tells them apart")
    at.text_area(key="diff-own").set_value("height > 3\nsex is Male\nrather rich").run()
    told = words(at).replace("\\", "")
    assert "“height > 3” is left out: the rows have no column" in told
    assert "“rather rich” is left out: a table needs a condition on a column" in told
    at.toggle(key="diff-only-own").set_value(True).run()
    press(at, "Find differences")
    said = words(settle(at, "digest")).replace("\\", "")
    assert "“sex is Male” fits" in said
    assert "Sensitive attributes in what was found: sex" in said.replace("*", "")


def test_where_nothing_was_even_proposed_the_page_says_so_and_stands():
    """Of these halves of the photographs nothing stands out where descriptions are proposed."""
    at = settle(app(PAGE, task="animals", what="random", draw="2", explained="1"), "digest")
    said = words(at).replace("\\", "")
    assert "no description stood out on the half of the items where descriptions are proposed, so none was tested" in said
    assert not at.exception
    assert "as a table" not in said


def test_two_random_halves_show_what_chance_looks_like_and_can_be_drawn_anew():
    at = settle(app(PAGE, task="income", model="mlp", what="random", draw="3", explained="1"), "digest")
    said = words(at).replace("\\", "")
    assert "Nothing found: none of" in said
    assert "only chance tells them apart" in said
    assert at.number_input(key="diff-draw").value == 3
    at.number_input(key="diff-draw").set_value(4).run()
    settle(at, "of other choices")
    assert list(at.query_params["draw"]) in ("4", ["4"])
