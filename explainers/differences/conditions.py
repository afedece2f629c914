"""Conditions on the columns of a table, one or two at once: proposed where they hold more often in A, and checked exactly.

Numbers are cut at the deciles of both sets together. A missing value meets no condition but "is missing".
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from .items import Items
from .stages import Proposal, Session

MOST, MOST_OF_A_COLUMN, COMBINED = 20, 2, 8  # proposed; of one column; single ones that pairs are made of
LEAST = 0.03  # by which the share in A must exceed that in B
GAIN = 0.02  # by which a pair must separate better than either alone
DECILES = np.arange(0.1, 0.95, 0.1)
MOST_VALUES = 30  # categories of a column that are looked at, the most frequent


@dataclass(frozen=True)
class Holds:
    """op: "==", ">", "<=" or "missing"."""

    column: str
    op: str
    value: Any = None

    def __call__(self, frame: pd.DataFrame) -> np.ndarray:
        """bool (n,)."""
        seen = frame[self.column]
        if self.op == "missing":
            return seen.isna().to_numpy()
        if self.op == "==":
            return (seen.astype(object) == self.value).to_numpy()
        numbers = pd.to_numeric(seen, errors="coerce")
        return (numbers > self.value if self.op == ">" else numbers <= self.value).to_numpy()

    @property
    def says(self) -> str:
        if self.op == "missing":
            return f"{self.column} is missing"
        value = f"{self.value:g}" if isinstance(self.value, float) else str(self.value)
        return f"{self.column} is {value}" if self.op == "==" else f"{self.column} {self.op} {value}"


class ConditionProposer:
    name = "conditions"

    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality == "tabular" else "Only rows of a table have columns."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        first, second = pd.DataFrame(list(a.items)), pd.DataFrame(list(b.items))
        singles: list[tuple[float, tuple[Holds, ...]]] = []
        for column in first.columns:
            scored = sorted(((_gap((h,), first, second), (h,)) for h in _singles(str(column), first, second)), key=lambda s: -s[0])
            singles += [s for s in scored[:MOST_OF_A_COLUMN] if s[0] >= LEAST]
        singles.sort(key=lambda s: -s[0])
        pairs = []
        for (gap_one, one), (gap_two, two) in itertools.combinations(singles[:COMBINED], 2):
            if one[0].column != two[0].column and (gap := _gap(one + two, first, second)) >= max(gap_one, gap_two) + GAIN:
                pairs.append((gap, one + two))
        order = sorted([*singles, *pairs], key=lambda s: -s[0])
        return [Proposal(" and ".join(h.says for h in holds), self.name, holds) for _, holds in order[:MOST]]


def _singles(column: str, a: pd.DataFrame, b: pd.DataFrame) -> list[Holds]:
    both = pd.concat([a[column], b[column]])
    found = [Holds(column, "missing")] if both.isna().any() else []
    seen = both.dropna()
    if len(seen) and pd.api.types.is_numeric_dtype(seen) and not pd.api.types.is_bool_dtype(seen):
        cuts = sorted({float(x) for x in np.quantile(seen, DECILES, method="nearest")})
        return found + [Holds(column, op, cut) for cut in cuts for op in (">", "<=")]
    return found + [Holds(column, "==", value) for value in seen.astype(object).value_counts().index[:MOST_VALUES]]


def _gap(holds: Sequence[Holds], a: pd.DataFrame, b: pd.DataFrame) -> float:
    return float(np.logical_and.reduce([h(a) for h in holds]).mean() - np.logical_and.reduce([h(b) for h in holds]).mean())


class ConditionRanker:
    name = "conditions"
    sees = "It checks the columns exactly; what is not in a column it cannot see."

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "tabular" and _holds(proposal) is not None

    def cut(self, proposal: Proposal) -> float | None:
        return 0.5

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        holds = _holds(proposal)
        assert holds is not None
        frame = pd.DataFrame(list(items.items))
        missing = [h.column for h in holds if h.column not in frame.columns]
        if missing:
            raise ValueError(f"The rows have no column {missing[0]!r}: their columns are {', '.join(map(str, frame.columns))}.")
        return np.logical_and.reduce([h(frame) for h in holds]).astype(float)


def _holds(proposal: Proposal) -> tuple[Holds, ...] | None:
    """The conditions of a proposal, or those that a person wrote as this program writes them."""
    if isinstance(proposal.test, tuple) and proposal.test and isinstance(proposal.test[0], Holds):
        return proposal.test
    if proposal.test is not None:
        return None
    parsed = [_parsed(part) for part in proposal.description.split(" and ")]
    return tuple(h for h in parsed if h) if all(parsed) else None


def _parsed(text: str) -> Holds | None:
    text = text.strip()
    if text.endswith(" is missing"):
        return Holds(text.removesuffix(" is missing"), "missing")
    for sign, op in ((" <= ", "<="), (" > ", ">"), (" is ", "=="), (" = ", "==")):
        column, found, value = text.partition(sign)
        if not found:
            continue
        if op == "==":
            return Holds(column.strip(), op, value.strip())
        try:
            number = float(value)
        except ValueError:
            return None
        return Holds(column.strip(), op, number) if math.isfinite(number) else None
    return None
