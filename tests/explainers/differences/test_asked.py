"""Descriptions that a person typed, before anything runs."""

from explainers.differences.asked import checkable

ROWS = [{"age": age, "sex": "Male"} for age in (20, 30, 40, 50)]


def test_those_that_can_be_checked_are_kept_and_the_others_named():
    kept, problems = checkable(["age > 25", "happy people", "height > 2", "sex is Female"], ROWS)
    assert kept == ["age > 25", "sex is Female"], "a value that the first rows do not have may be in others"
    assert ["happy people" in problems[0], "height" in problems[1], len(problems)] == [True, True, 2]


def test_of_rows_that_are_no_set_all_are_kept_for_the_run_to_say_what_is_wrong():
    for rows in ([], ROWS[:2], [*ROWS[:3], {"years": 3}]):
        assert checkable(["age > 25"], rows) == (["age > 25"], [])
