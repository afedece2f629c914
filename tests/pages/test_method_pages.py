"""The pages of rules, prototypes, nearest examples, decision boundary, the four in one; compare and atlas."""

from __future__ import annotations

import pytest

from tests.pages.visit import app, press, settle, words

METHODS = ("anchors", "prototypes", "nearest_examples", "decision_boundary", "composite")
MODELS = {"income": "mlp", "reviews": "bilstm"}


@pytest.mark.parametrize("task", MODELS)
@pytest.mark.parametrize("method", METHODS)
def test_every_method_explains_a_row_and_a_text(method: str, task: str):
    at = settle(app(f"pages/{method}.py", task=task, model=MODELS[task], id="test-3"), "model calls")
    assert "The model says" in words(at)
    press(at, "Explain")
    said = words(settle(at, "How far to trust it", tries=600))
    assert "What it does not say" in said
    assert "Does this help people?" in said
    assert "digest" in said


@pytest.mark.parametrize("method", METHODS)
def test_guessing_hides_the_answer(method: str):
    said = words(settle(app(f"pages/{method}.py", task="income", id="test-3", guess="1"), "What will the model say?"))
    assert "The model says" not in said
    assert "% sure" not in said


def test_a_model_without_a_prototype_network_is_told_why():
    said = words(settle(app("pages/prototypes.py", task="animals", model="imagenet", id="test-3"), "prototype network"))
    assert "Explain" not in said or "nearest" in said.lower()


def test_locked_columns_are_those_of_the_task_and_reach_the_address():
    at = settle(app("pages/decision_boundary.py", task="income", model="mlp", id="test-3", locked="age,sex"), "The model says")
    assert at.multiselect(key="decision_boundary-tabular-locked").value == ["age", "sex"]
    assert "age" in str(at.query_params["locked"])


def test_a_path_is_walked_by_a_slider():
    at = settle(app("pages/decision_boundary.py", task="income", model="mlp", id="test-3"), "model calls")
    press(at, "Explain")
    settle(at, "How far to trust it", tries=600)
    slider = next(s for s in at.select_slider if s.label == "Walk the path")
    slider.set_value(0).run()
    assert not at.exception


class TestCompare:
    def test_methods_stand_side_by_side_with_cost_and_agreement(self):
        at = settle(
            app("pages/compare.py", task="income", model="mlp", id="test-3", methods="lime,anchors,decision_boundary"), "The model says"
        )
        press(at, "Compare")
        said = words(settle(at, "They asked for", tries=600))
        assert "Agreement" in said
        assert "count most" in said or "counts most" in said

    def test_two_models_stand_side_by_side(self):
        at = settle(app("pages/compare.py", task="income", model="mlp", id="test-3", methods="lime", other="trees"), "The model says")
        press(at, "Compare")
        said = words(settle(at, "They asked for", tries=600))
        assert "Boosted trees" in said

    def test_a_link_opens_the_comparison_itself(self):
        at = app("pages/compare.py", task="income", model="mlp", id="test-3", methods="lime,nearest_examples", explained="1")
        settle(at, "They asked for", tries=600)

    def test_nonsense_in_a_link_is_no_crash(self):
        at = app("pages/compare.py", task="income", id="test-3", methods="os.system,,lime", other="gpt-9", seed="²", explained="1")
        settle(at, "The model says")

    def test_no_method_chosen_is_said(self):
        at = settle(app("pages/compare.py", task="income", model="mlp", id="test-3"), "The model says")
        at.button_group(key="compare-methods").set_value([]).run()
        assert "Choose at least one method" in words(at)


def test_the_atlas_shows_every_prototype_and_how_often_it_is_used():
    said = words(settle(app("pages/atlas.py", task="income", model="mlp"), "used"))
    assert "prototypes" in said.lower()
