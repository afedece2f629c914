"""The pre-registration claims what the program does, and no more."""

from studies.placeholders import placeholder_materials
from studies.preregistration import preregistration
from tests.fixtures.study_toys import design


def text(tmp_path, **given):
    made = placeholder_materials(design(**given), tmp_path)
    return preregistration(made.design, made.about, made.items, made.digest, "0" * 64, 10)


def test_learning_items_are_claimed_only_where_somebody_sees_them(tmp_path):
    assert "sees 4 learning items, 8 forward items each time, 8 counterfactual items each time." in text(tmp_path / "both")
    assert "sees 8 counterfactual items each time." in text(tmp_path / "changed", tests=["counterfactual"])


def test_the_largest_difference_between_arms_is_that_of_their_weight(tmp_path):
    assert "by at most 4 participants" in text(tmp_path / "plain")
    assert "by at most 8 participants" in text(tmp_path / "twice", weights={"control": 2, "lime": 2})


def test_checks_of_attention_are_a_reason_to_exclude_only_where_there_are_any(tmp_path):
    assert "1 or more failed checks" in text(tmp_path / "one")
    assert "failed checks" not in text(tmp_path / "none", attention=0)
