"""Conditions on the columns of a table, one or two at once: proposed where they hold more often in A, and checked exactly.

Numbers are cut at the deciles of both sets together. A missing value meets no condition but "is missing".
"""

from __future__ import annotations

import itertools
import math
import operator
import re
from collections.abc import Callable, Sequence
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
_DATE = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d)(?: \d\d:\d\d(?::\d\d)?)?")
MOST_VALUES = 30  # categories of a column that are looked at, the most frequent


@dataclass(frozen=True)
class Holds:
    """op: "==", ">", "<=", ">=", "<" or "missing". value: of ==, as in the table, or as a person writes it; of the others a number or a date."""

    column: str
    op: str
    value: Any = None

    def __call__(self, frame: pd.DataFrame) -> np.ndarray:
        """bool (n,)."""
        seen = frame[self.column]
        if self.op == "missing":
            return seen.isna().to_numpy()
        if self.op == "==":
            values = seen.astype(object)
            return values.isin([x for x in values.unique() if _same(x, self.value)]).to_numpy()
        if isinstance(self.value, pd.Timestamp):
            found = pd.to_datetime(seen, errors="coerce", utc=True)
            value = self.value.tz_localize("UTC") if self.value.tz is None else self.value
        else:
            found, value = pd.to_numeric(seen, errors="coerce"), self.value
        return np.asarray(_COMPARED[self.op](found, value).fillna(False), dtype=bool)

    @property
    def says(self) -> str:
        if self.op == "missing":
            return f"{self.column} is missing"
        return f"{self.column} is {_written(self.value)}" if self.op == "==" else f"{self.column} {self.op} {_written(self.value)}"


def overlaps(one: Sequence[Holds], other: Sequence[Holds]) -> bool:
    """Whether all conditions of the one are of the other as well, but for where a number is cut: "age > 45" and "age > 40 and sex is Male"."""
    first, second = ({(h.column, h.op, h.value if h.op == "==" else None) for h in some} for some in (one, other))
    return first <= second or second <= first


_COMPARED: dict[str, Callable[[Any, Any], Any]] = {">": operator.gt, "<=": operator.le, ">=": operator.ge, "<": operator.lt}


def _written(value: Any) -> str:
    if isinstance(value, pd.Timestamp):
        return str(value.date()) if value == value.normalize() else str(value)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _same(seen: Any, value: Any) -> bool:
    """Whether a cell holds a value; one that a person wrote also where the cell reads like it ("30" for the number 30)."""
    if pd.isna(seen):
        return False
    if type(seen) is type(value) or not isinstance(value, str):
        return bool(seen == value)
    if isinstance(seen, int | float | np.number) and not isinstance(seen, bool) and (number := _number(value)) is not None:
        return bool(seen == number)
    return _written(seen) == value


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None


class ConditionProposer:
    name = "conditions"

    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality == "tabular" else "Only rows of a table have columns."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        first, second = pd.DataFrame(list(a.items)), pd.DataFrame(list(b.items))
        singles: list[tuple[float, tuple[Holds, ...]]] = []
        also: dict[Holds, list[str]] = {}  # of a cut, those of the same column and the same way that separate less well: no news beside it
        for column in first.columns:
            scored = sorted(((_gap((h,), first, second), (h,)) for h in _singles(str(column), first, second)), key=lambda s: -s[0])
            best: list[tuple[float, tuple[Holds, ...]]] = []
            for gap, (h,) in scored[:MOST_OF_A_COLUMN]:
                if gap < LEAST:
                    continue
                same = next((kept for _, (kept,) in best if h.op == kept.op and h.op in _COMPARED), None)
                if same is None:
                    best.append((gap, (h,)))
                else:
                    also.setdefault(same, []).append(h.says)
            singles += best
        singles.sort(key=lambda s: -s[0])
        pairs = []
        for (gap_one, one), (gap_two, two) in itertools.combinations(singles[:COMBINED], 2):
            if one[0].column != two[0].column and (gap := _gap(one + two, first, second)) >= max(gap_one, gap_two) + GAIN:
                pairs.append((gap, one + two))
        order = sorted([*singles, *pairs], key=lambda s: -s[0])
        return [
            Proposal(" and ".join(h.says for h in holds), self.name, holds, tuple(also.get(holds[0], ())) if len(holds) == 1 else ())
            for _, holds in order[:MOST]
        ]


def _singles(column: str, a: pd.DataFrame, b: pd.DataFrame) -> list[Holds]:
    both = pd.concat([a[column], b[column]])
    found = [Holds(column, "missing")] if both.isna().any() else []
    seen = both.dropna()
    if len(seen) and pd.api.types.is_numeric_dtype(seen) and not pd.api.types.is_bool_dtype(seen):
        cuts = sorted({x for x in map(float, np.quantile(seen, DECILES, method="nearest")) if math.isfinite(x)})
        return found + [Holds(column, op, cut) for cut in cuts for op in (">", "<=")]
    if len(seen) and pd.api.types.is_datetime64_any_dtype(seen):
        days = sorted(seen)
        return found + [
            Holds(column, op, cut) for cut in dict.fromkeys(days[int(q * (len(days) - 1))] for q in DECILES) for op in (">", "<=")
        ]
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
    parsed = [_parsed(part) for part in _parts(proposal.description)]
    return tuple(h for h in parsed if h) if all(parsed) else None


def _parts(text: str) -> list[str]:
    """The single conditions in what a person wrote. An "and" may also stand in the name of a column or in a value."""
    parts: list[str] = []
    for piece in text.split(" and "):
        if parts and (_parsed(piece) is None or _parsed(parts[-1]) is None):
            parts[-1] += f" and {piece}"
        else:
            parts.append(piece)
    return parts


def _parsed(text: str) -> Holds | None:
    text = text.strip()
    if text.endswith(" is missing"):
        return Holds(text.removesuffix(" is missing"), "missing")
    for sign, op in ((" <= ", "<="), (" >= ", ">="), (" > ", ">"), (" < ", "<"), (" is ", "=="), (" = ", "==")):
        column, found, value = text.partition(sign)
        if not found:
            continue
        if op == "==":
            return Holds(column.strip(), op, value.strip())
        wanted = pd.Timestamp(value) if _DATE.fullmatch(value.strip()) else _number(value)
        return None if wanted is None or pd.isna(wanted) else Holds(column.strip(), op, wanted)
    return None
