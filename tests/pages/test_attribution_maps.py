"""The page of attribution maps: every method is there or has its reason, the choice is in the address, scores stand beside the map."""

from __future__ import annotations

import explainers
from explainers.methods import MAPS
from explainers.render.texts import method_text
from tests.pages.visit import app, press, settle, words
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
    press(at, "Explain")
    said = words(settle(at, "random order", tries=600))
    assert "Completeness gap" in said
    assert "This map" in said
    assert at.query_params["method"] == ["integrated_gradients"]


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
    at = settle(app(PAGE, task="income", model="mlp", id="test-3", method="random"), "model calls")
    press(at, "Explain")
    settle(at, "random order", tries=600)
    press(at, "Does it hold under noise, and without the model's weights?")
    assert "hardly changes" in words(settle(at, "hardly changes", tries=600))


def test_nonsense_in_a_link_is_no_crash():
    settle(app(PAGE, task="income", id="test-3", method="os.system", baseline="<b>"), "The model says")
