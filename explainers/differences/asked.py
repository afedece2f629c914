"""Descriptions that a person typed, looked at before anything runs: which can be checked, and why others cannot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..engine import Limits
from .conditions import ConditionRanker
from .items import LEAST, Items, checked
from .stages import Proposal, Session

FORM = "a table needs a condition on a column, such as “age > 45” or “sex is Male and age <= 30”"


def checkable(descriptions: Sequence[str], rows: Sequence[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """Those that can be checked on such rows of a table, and a sentence for each of the others. Of rows that are no set all are kept: the
    run itself says what is wrong with those."""
    session, ranker = Session(0, Limits(), None), ConditionRanker()
    try:
        some: Items = checked("A", [dict(row) for row in rows[:LEAST]], "tabular")
    except ValueError:
        return list(descriptions), []
    kept, problems = [], []
    for text in descriptions:
        proposal = Proposal(text, "")
        try:
            if not ranker.fits(proposal, "tabular", session):
                raise ValueError(FORM)
            ranker(proposal, some, session)
            kept.append(text)
        except ValueError as problem:
            problems.append(f"“{text}” is left out: {str(problem)[:1].lower()}{str(problem)[1:].rstrip('.')}.")
    return kept, problems
