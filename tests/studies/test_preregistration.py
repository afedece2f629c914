"""The pre-registration claims what the program does, and no more."""

import pytest

from studies.placeholders import placeholder_materials
from studies.preregistration import preregistration
from tests.fixtures.study_toys import design, frozen


def text(tmp_path, **given):
    made = placeholder_materials(design(**given), tmp_path)
    return preregistration(made.design, made.about, made.items, made.digest, "0" * 64, 10)


def field(told: str, name: str) -> str:
    return told.split(f"{name}\n{'-' * len(name)}\n")[1].split("\n\n")[0]


def test_learning_items_are_claimed_only_where_somebody_sees_them(tmp_path):
    assert "sees 4 learning items, 8 forward items each time, 8 counterfactual items each time." in text(tmp_path / "both")
    assert "sees 8 counterfactual items each time." in text(tmp_path / "changed", tests=["counterfactual"])


def test_the_largest_difference_between_arms_is_that_of_their_weight(tmp_path):
    assert "by at most 4 participants" in text(tmp_path / "plain")
    assert "by at most 8 participants" in text(tmp_path / "twice", weights={"control": 2, "lime": 2})


@pytest.mark.parametrize(("count", "said"), [(1, "the one check of attention failed"), (3, "2 or more of the 3 checks")])
def test_checks_of_attention_are_a_reason_to_exclude_where_there_are_any(tmp_path, count, said):
    assert said in field(text(tmp_path / "some", attention=count), "Exclusions")
    assert "attention" not in field(text(tmp_path / "none", attention=0), "Exclusions")


def test_nothing_is_foretold_of_a_placebo_and_methods_are_held_against_it(tmp_path):
    told = text(tmp_path, arms=["control", "placebo", "lime"])
    assert "saw explanations (lime) gain more" in field(told, "Hypotheses")
    assert "more than people of the placebo arm" in field(told, "Hypotheses")
    assert field(told, "Analysis").count("over these 2 comparisons") == 2
    assert "against placebo" in field(told, "Analysis")
    assert "placebo" not in field(text(tmp_path / "without"), "Hypotheses")


def test_it_says_what_is_varied_who_is_paid_what_and_which_classes_the_cells_are(tmp_path):
    told = text(
        tmp_path, arms=["control", "lime", "mine"], own={"mine": "mine sha256:ab"}, explain={"lime": {"num_samples": 500}}, bonus=0.1
    )
    assert '{"num_samples": 500}' in field(told, "Manipulated variables")
    assert "mine sha256:ab" in field(told, "Manipulated variables")
    assert "A quiz of 2 questions" in field(told, "Data collection")
    assert "0.1 EUR for each correct prediction" in field(told, "Data collection")
    assert "the right answer is “no” and the system answers “yes”" in field(told, "Items")
    assert "choices in reverse order" in field(told, "Randomisation")


def test_a_frozen_study_hands_it_out(tmp_path):
    store, version = frozen(tmp_path)
    told = store.preregistration(version)
    assert store.frozen(version).record.materials_sha256 in field(told, "Frozen materials (SHA-256)")
    assert field(told, "Sample size").startswith("8 participants")
