"""The leaderboard: methods x tasks x scores over many instances, each mean with its interval and its difference to random numbers.

    artifact.py   what is stored, its JSON form and its schema
    aggregate.py  scores of single instances -> the cells of a board
    telling.py    a board as sentences and as plain text
    best.py       which method does best on a board, where that is more than chance
    table.py      a board as a table of HTML

It is built by `python -m benchmarks.leaderboard` and kept in sample_data/leaderboard.json.
"""

from .aggregate import Setup, Unit, board
from .artifact import Board, Cell, Column, Difference, Leaderboard, LeftOut, Row, bundled, joined
from .best import best
from .telling import as_csv, as_text, result

__all__ = [
    "Board", "Cell", "Column", "Difference", "Leaderboard", "LeftOut", "Row", "Setup", "Unit",
    "as_csv", "as_text", "best", "board", "bundled", "joined", "result",
]  # fmt: skip
