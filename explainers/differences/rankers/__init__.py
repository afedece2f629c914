"""Rankers, in the order in which they are preferred: the first that fits a description gives its score, the others stand beside it."""

from __future__ import annotations

from ..stages import Ranker
from .words import WordRanker


def all_rankers() -> list[Ranker]:
    return [WordRanker()]
