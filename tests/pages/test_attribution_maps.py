"""The page of attribution maps: every method is there or has its reason, the choice is in the address, scores stand beside the map."""

from __future__ import annotations

import dataclasses

import pytest

import explainers
from explainers.leaderboard import best, bundled
from explainers.methods import MAPS
from explainers.render.texts import method_text
from tests.explainers.leaderboard.test_board import toy
from tests.pages.visit import app, press, settle, words
from ui import explaining, leaderboard_page
from ui.words import plain

PAGE = "pages/attribution_maps.py"


def test_every_map_method_is_offered_or_has_its_reason():
    at = settle(app(PAGE, task="income", model="trees", id="test-3"), "The model says")
    choice = at.selectbox(key="map-method")
    for offered in explainers.methods(explainers.load_task("income", model="trees")):
        if offered.family == MAPS and offered.fits:
            assert any(label.startswith(offered.title) for label in choice.options)
        elif offered.family == MAPS:
            assert plain(offered.title) in words(at)
            assert plain(offered.reason) in words(at)


def test_a_map_is_drawn_and_scored_beside_its_rivals():
    at = settle(app(PAGE, task="reviews", model="bilstm", id="test-3", method="integrated_gradients"), "model calls")
    assert "model calls, under a second" in words(at), "before anything ran"
    press(at, "Explain")
    said = words(settle(at, "Undecided", tries=600))
    assert "Completeness gap" in said
    assert "This map" in said
    assert "How far to believe this map" in said
    assert "**Not checked:** Whether" in said, "random weights, with their price"
    assert at.query_params["method"] in ("integrated_gradients", ["integrated_gradients"])


def test_the_page_says_what_the_leaderboard_puts_first_for_this_model(monkeypatch: pytest.MonkeyPatch):
    """Of a board of known numbers, held for this model's; of a model without a board nothing is said."""
    task = explainers.load_task("income", model="mlp")
    board = dataclasses.replace(toy(), model_fingerprint=task.model.fingerprint)
    monkeypatch.setattr(leaderboard_page, "read", lambda *_: dataclasses.replace(bundled(), boards=[board]))
    said = words(settle(app(PAGE, task="income", model="mlp", id="test-3"), "The model says"))
    assert plain(best(board)[0]) in said
    assert plain("does best for this model: 0.2") in said
    assert "does best" not in words(settle(app(PAGE, task="income", model="trees", id="test-3"), "The model says"))


def test_a_link_opens_the_method_and_its_baseline():
    at = settle(app(PAGE, task="income", model="mlp", id="test-3", method="integrated_gradients", baseline="another row"), "The model says")
    assert at.selectbox(key="map-method").value == "integrated_gradients"
    assert at.button_group(key="integrated_gradients-tabular-baseline").value == "another row"


def test_switching_the_task_keeps_the_page_standing():
    """A baseline of one model is none of another's."""
    at = settle(app(PAGE, task="reviews", model="minilm", id="test-3", method="integrated_gradients", baseline="padding"), "The model says")
    at.selectbox(key="model").set_value("bilstm").run()
    settle(at, "The model says")
    at.selectbox(key="map-method").set_value("attention_weights").run()
    assert plain(method_text("attention_weights", "text").line) in words(settle(at, "The model says"))


def test_a_random_map_is_flagged_when_its_weights_are_asked_about():
    at = settle(app(PAGE, task="income", model="mlp", id="test-3", method="random"), "At most 1 model call")
    press(at, "Explain")
    settle(at, "random order", tries=600)
    press(at, "Try noise, random weights, others")
    said = words(settle(at, "hardly changes", tries=600))
    assert "No reason to believe this map" in said
    assert plain("It hardly changes when the model's weights are random") in said, "the box has it too"
    assert at.query_params["checks"] in ("more", ["more"]), "so that the link has them too"
    at.number_input(key="seed").set_value(3).run()
    assert "checks" not in at.query_params, "another picture has none yet"


def test_a_link_runs_the_checks_that_were_asked_for_again_and_no_others():
    link = {"task": "income", "model": "mlp", "id": "test-3", "method": "random", "explained": "1"}
    said = words(settle(app(PAGE, **link, checks="more,<b>,nonsense"), "hardly changes", tries=600))
    assert "random order" in said
    at = settle(app(PAGE, **link, checks="seeds"), "**Agreement over seeds:", tries=600)
    assert "press “Try noise" in words(settle(at, "How far to believe this map", tries=600))
    assert at.query_params["checks"] in ("seeds", ["seeds"])
    assert "hardly changes" not in words(at)


def test_checks_in_a_link_are_for_its_picture_and_not_for_one_chosen_while_that_is_made(monkeypatch: pytest.MonkeyPatch):
    link = {"task": "income", "model": "mlp", "id": "test-3", "method": "random", "explained": "1", "checks": "more"}
    with monkeypatch.context() as slow:
        slow.setattr(explaining, "run_safely", lambda *given, **more: None)  # under way
        at = settle(app(PAGE, **link), "The model says")
    at.number_input(key="seed").set_value(3).run()
    press(at, "Explain")
    said = words(settle(at, "How far to believe this map", tries=600))
    assert "press “Try noise" in said
    assert "hardly changes" not in said


def test_checks_in_a_link_that_explains_nothing_run_nothing():
    at = settle(app(PAGE, task="income", model="mlp", id="test-3", method="random", checks="more,seeds"), "At most 1 model call")
    assert "How far to trust it" not in words(at)
    press(at, "Explain")
    assert "press “Try noise" in words(settle(at, "random order", tries=600))


def test_nonsense_in_a_link_is_said_and_nothing_starts():
    at = settle(app(PAGE, task="income", id="test-3", method="os.system", baseline="<b>", explained="1"), "The model says")
    assert "a method that is not here" in words(at)
    assert "How far to trust it" not in words(at)


def test_another_baseline_draws_the_picture_again_and_no_picture_is_drawn_unasked():
    at = settle(app(PAGE, task="income", model="mlp", id="test-3", method="integrated_gradients"), "model calls")
    at.button_group(key="integrated_gradients-tabular-baseline").set_value("another row").run()
    assert "How far to trust it" not in words(at)
    press(at, "Explain")
    assert plain("another row, drawn from the training data") in words(settle(at, "How far to trust it", tries=600))
    at.button_group(key="integrated_gradients-tabular-baseline").set_value("average row").run()
    said = words(settle(at, "is replaced by the values of the average row", tries=600))
    assert "should add up to" in said
    assert plain("With “replaced by the average row” in place of “replaced by another row”:") in said


def test_a_choice_with_a_term_of_art_has_plain_words_under_it():
    at = settle(app(PAGE, task="income", model="trees", id="test-3", method="shap_tree"), "The model says")
    assert "(interventional)" in words(at)
    at.button_group(key="shap_tree-tabular-game").set_value("path-dependent").run()
    assert "As the rows that the trees learnt from went" in words(at)


def test_a_method_that_does_not_fit_gives_way_and_it_is_said():
    at = settle(app(PAGE, task="income", model="trees", id="test-3", method="gradcam"), "The model says")
    assert plain("Grad-CAM is not for this model") in words(at)


def test_each_method_is_described_in_one_line_under_its_group():
    said = words(settle(app(PAGE, task="income", model="mlp", id="test-3", method="random"), "The model says"))
    for offered in explainers.methods(explainers.load_task("income", model="mlp")):
        if offered.family == MAPS and offered.fits:
            assert plain(method_text(offered.name, "tabular").line) in said


def test_compare_offers_the_maps_and_says_how_far_they_agree():
    at = settle(app("pages/compare.py", task="income", model="mlp", id="test-3", methods="saliency,random"), "The model says")
    press(at, "Compare")
    said = words(settle(at, "They asked for", tries=600))
    assert "**Random map** and **Saliency**" in said or "**Saliency** and **Random map**" in said


def test_a_map_that_was_stopped_before_it_had_a_number_is_no_crash(monkeypatch: pytest.MonkeyPatch):
    limited = explainers.explain
    monkeypatch.setattr(explainers, "explain", lambda *args, **more: limited(*args, **more, max_calls=1))
    at = settle(app(PAGE, task="animals", model="biased", id="test-3", method="saliency"), "model calls")
    press(at, "Explain")
    said = words(settle(at, "How far to trust it", tries=600))
    assert "that was before there was anything to draw" in said
    assert "There is nothing to show yet" in said
    monkeypatch.undo()
    press(at, "Explain")
    assert "count most" in words(settle(at, "which way\\, it does not say", tries=600)), "asked for again, it is made again"
    assert "before there was anything" not in words(at)
