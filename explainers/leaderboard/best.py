"""Which method does best on a board, where that is more than chance: what a person may read before choosing one.

Best by a score is a method that is surely better than every other, random numbers too: its place is 1 and nothing else (see aggregate.py: paired
by instance, at a level that holds all comparisons of a method together at 95 %). The highest mean alone makes nobody the best.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..scores.truth import MASS, POINTING, PRECISION
from .artifact import RANDOM, Board, Column, Row
from .telling import FAITHFUL, better_is, listed, number

_TRUTH = (MASS, POINTING, PRECISION)


@dataclass(frozen=True)
class Lead:
    """A score by which one method is surely better than every other; next: the best of the others by its mean."""

    column: Column
    row: Row
    next: Row


def counted(board: Board) -> list[Column]:
    """The scores that say how far a map is to be believed. Not those that have little on the object for better: there, as where random numbers
    lie everywhere, noise comes first."""
    return [c for c in board.columns if c.name in FAITHFUL or (c.name in _TRUTH and c.higher_is_better)]


def leads(board: Board) -> list[Lead]:
    """In the order of the board's scores."""
    found = []
    for column in counted(board):
        rows = [row for row in board.sorted_rows(column.name) if not row.rival]
        if len(rows) > 1 and rows[0].name != RANDOM and rows[0].cells[column.name].place == (1, 1):
            found.append(Lead(column, rows[0], rows[1]))
    return found


def best(board: Board) -> list[str]:
    """Which method does best for this model, a sentence each, not escaped; [] where no score of the board can say."""
    scores = [column.name for column in counted(board)]
    if not scores:
        return []
    found = leads(board)
    if not found:
        by = f"by {scores[0]}, none is" if len(scores) == 1 else f"by none of {listed(scores)} is one method"
        return [f"On the leaderboard no method is clearly best for this model: {by} ahead of all others by more than chance."]
    said = [_told(lead) for lead in found]
    rest = [name for name in scores if name not in {lead.column.name for lead in found}]
    return [*said, f"By {listed(rest)} no method is clearly best."] if rest else said


def _told(lead: Lead) -> str:
    """ "On the leaderboard, by deletion (lower is better), Tree SHAP does best for this model: 0.123 (95 % interval 0.100 to 0.145) ..."."""
    cell, name = lead.row.cells[lead.column.name], lead.column.name
    ends = "" if cell.low is None or cell.high is None else f" (95 % interval {cell.low:.3f} to {cell.high:.3f})"
    flagged = (
        " It is flagged all the same: its maps hardly change when the model's weights are drawn at random." if lead.row.flagged else ""
    )
    return (
        f"On the leaderboard, by {name} ({better_is(lead.column)}), {lead.row.title} does best for this model: "
        f"{cell.mean:.3f}{ends} over {cell.n} instances, "
        f"where {lead.next.title} comes next with {number(lead.next.cells[name])}; compared instance by instance, its difference to each of the "
        f"others is more than chance.{flagged}"
    )
