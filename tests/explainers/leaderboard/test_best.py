"""Which method a board puts first: with its numbers where that is more than chance, and nobody where it is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explainers.leaderboard import Board, Column, best, board
from explainers.leaderboard.artifact import RANDOM
from tests.explainers.leaderboard.test_board import DELETION, setup, toy, units

INSERTION = Column("insertion", True, "How much comes back.", 0.0, 1.0)
NOBODY = "On the leaderboard no method is clearly best for this model: by deletion, none is ahead of all others by more than chance."


def with_scores(**columns: tuple[Column, dict[str, np.ndarray]]) -> Board:
    """A board of methods a, b and random numbers with given values."""
    made = [unit for column, by in columns.values() for name, values in by.items() for unit in units(name, values, column=column)]
    return board(setup({"a": "A", "b": "B", RANDOM: "Random map"}, 40), made)


def spread(middle: float, seed: int) -> np.ndarray:
    return middle + np.random.default_rng(seed).normal(0, 0.02, 40)


def test_the_best_is_named_with_its_number_its_interval_and_the_next():
    said = best(toy())
    assert len(said) == 1
    assert said[0].startswith("On the leaderboard, by deletion (lower is better), Best does best for this model: 0.2")
    assert "(95 % interval 0." in said[0]
    assert "over 60 instances, where " in said[0]
    assert "more than chance" in said[0]
    assert "recommend" not in said[0].lower()


def test_the_best_mean_by_chance_is_nobodys():
    assert best(toy(n=3, apart=0.01)) == [NOBODY]


def test_a_method_that_ties_with_random_numbers_is_not_the_best():
    found = with_scores(d=(DELETION, {"a": spread(0.3, 1), "b": spread(0.6, 2), RANDOM: spread(0.3, 3)}))
    assert best(found) == [NOBODY]


def test_random_numbers_are_never_named_the_best():
    found = with_scores(d=(DELETION, {"a": spread(0.6, 1), "b": spread(0.7, 2), RANDOM: spread(0.1, 3)}))
    assert best(found) == [NOBODY]


def test_best_by_one_score_only_says_so_of_the_others():
    deletion = {"a": spread(0.2, 1), "b": spread(0.5, 2), RANDOM: spread(0.7, 3)}
    insertion = {"a": spread(0.6, 4), "b": spread(0.6, 5), RANDOM: spread(0.3, 6)}
    said = best(with_scores(d=(DELETION, deletion), i=(INSERTION, insertion)))
    assert said[0].startswith("On the leaderboard, by deletion (lower is better), A does best")
    assert said[1] == "By insertion no method is clearly best."


def test_little_on_the_object_makes_nobody_the_best():
    """Where the background decides, less is better, and a map of noise has little on the object too."""
    column = Column("mass on the object", False, "Share on the object.", 0.0, 1.0)
    assert best(with_scores(m=(column, {"a": spread(0.1, 1), "b": spread(0.5, 2), RANDOM: spread(0.7, 3)}))) == []
    said = best(with_scores(m=(replace(column, higher_is_better=True), {"a": spread(0.9, 1), "b": spread(0.5, 2), RANDOM: spread(0.3, 3)})))
    assert said[0].startswith("On the leaderboard, by mass on the object (higher is better), A does best")


def test_a_flag_goes_with_the_name():
    found = toy()
    flagged = replace(found, rows=[replace(row, flagged=row.name == "best") for row in found.rows])
    assert "It is flagged all the same" in best(flagged)[0]


def test_steadiness_is_no_ground_for_being_the_best():
    column = Column("agreement over seeds", True, "", 0.0, 1.0)
    assert best(with_scores(s=(column, {"a": spread(0.9, 1), "b": spread(0.1, 2)}))) == []
