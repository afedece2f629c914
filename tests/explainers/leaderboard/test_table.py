"""A board as a table: what is marked, what is escaped, what is said in full."""

from __future__ import annotations

import dataclasses
import re

from explainers.leaderboard import Board, Cell, Column, Difference, Row, table
from explainers.leaderboard.artifact import RANDOM

DELETION = Column("deletion", False, "Less is better.")
NOISE = Column("sensitivity to noise", False, "How it shakes.")


def row(name: str, mean: float, place: tuple[int, int] | None = (1, 3), **more: object) -> Row:
    cell = Cell(mean, mean - 0.1, mean + 0.1, 50, {RANDOM: Difference(-0.2, -0.3, -0.1, 50)}, place)
    return Row(name, more.pop("title", name.title()), {"deletion": cell}, **more)  # type: ignore[arg-type]


def board(*rows: Row) -> Board:
    return Board("toy/m", "toy", "m", "Toys", "Sums", "text", "f" * 64, 50, 8, "50 toys", "0" * 64, [NOISE, DELETION], list(rows))


GOOD, ALSO, BAD, LUCK = row("good", 0.4, (1, 2)), row("also", 0.45, (1, 2)), row("bad", 0.7, (3, 3)), row(RANDOM, 0.6, (1, 3))
BOARD = board(BAD, GOOD, ALSO, LUCK)


def starred(html: str) -> list[str]:
    return [re.sub("<[^>]*>", "", line.split("</th>")[0]) for line in html.split("<tr")[2:] if table.FIRST in line]


def test_who_may_be_first_is_marked_by_a_sign_and_not_by_weight_alone():
    assert starred(table.every_score(BOARD, "deletion")) == [">Good", ">Also"]
    assert starred(table.one_score(BOARD, "deletion")) == [">Good", ">Also"]


def test_where_nobody_is_surely_behind_nobody_is_marked():
    assert starred(table.every_score(board(row("good", 0.4), row("also", 0.45)), "deletion")) == []


def test_random_numbers_are_never_marked_as_first():
    assert table.first(board(GOOD, BAD, row(RANDOM, 0.1, (1, 1))), DELETION) == {"good"}


def ahead(name: str, low: float, high: float, place: tuple[int, int]) -> Row:
    """Behind random numbers by a difference with these ends (here less is better)."""
    made = row(name, 0.4, place)
    cell = dataclasses.replace(made.cells["deletion"], against={RANDOM: Difference((low + high) / 2, low, high, 50)})
    return dataclasses.replace(made, cells={"deletion": cell})


def test_random_numbers_before_all_others_keep_no_method_from_being_marked():
    """The mark says that no other method is ahead, so it must agree with the sentence that says who may be as good."""
    luck = row(RANDOM, 0.1, (1, 1))
    assert table.first(board(ahead("a", 0.1, 0.2, (2, 3)), ahead("b", 0.3, 0.4, (4, 4)), luck), DELETION) == {"a"}


def test_a_method_that_another_is_ahead_of_is_not_marked_because_random_numbers_may_be_too():
    """Behind random numbers at 95 %, not at the level of a place: so the one that puts it back is a method."""
    luck = row(RANDOM, 0.35, (1, 3))
    assert table.first(board(row("a", 0.1, (1, 2)), ahead("b", 0.001, 0.2, (2, 4)), row("c", 0.7, (4, 4)), luck), DELETION) == {"a"}


def test_the_score_that_was_chosen_stands_first_and_sorts_the_rows():
    html = table.every_score(BOARD, "deletion")
    assert html.index("deletion ↓") < html.index("noise ↓")
    assert re.findall(r'<th scope="row">(\w+)', html) == ["Good", "Also", "Random", "Bad"]


def test_a_score_that_cannot_be_taken_is_a_dash_that_says_so():
    assert 'title="This score cannot be taken of that map.">–<' in table.every_score(BOARD, "deletion")


def test_numbers_have_their_interval_and_a_true_minus():
    html = table.one_score(BOARD, "deletion")
    assert "0.300 to 0.500" in html
    assert "\u22120.200 (\u22120.300 to \u22120.100)" in html
    assert "0.400 (0.300 to 0.500) over 50 instances, place 1 to 2" in table.every_score(BOARD, "deletion")


def test_what_a_heading_leaves_out_the_glossary_says():
    assert table.glossary(BOARD) == [
        ("noise ↓", "Sensitivity to noise: lower is better. How it shakes."),
        ("deletion ↓", "lower is better. Less is better."),
    ]


def test_names_are_no_markup():
    evil = board(row("x", 0.4, title="<img src=x onerror=alert(1)>"))
    evil = dataclasses.replace(evil, columns=[DELETION, Column('<b>"', True, '"><script>')])
    for html in (table.every_score(evil, "deletion"), table.one_score(evil, "deletion"), table.costs(evil)):
        assert "<img" not in html
        assert "<script" not in html
        assert '<b>"' not in html


def test_random_numbers_are_not_flagged_in_a_table_whose_page_says_that_no_method_is():
    made = [dataclasses.replace(one, calls=1.0, most_calls=1, seconds=0.1, flagged=one is LUCK) for one in (GOOD, LUCK)]
    assert "⚑" not in table.costs(board(*made))
    assert "⚑" in table.costs(board(dataclasses.replace(made[0], flagged=True)))
