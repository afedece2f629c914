"""Prototypes and nearest examples as rows ready to be drawn: named for people, the nearest of each class apart. No markup here."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..explanation import Explanation, Prototype, Prototypes
from . import inputs, numbers
from .common import answered, class_name, input_noun, quoted


@dataclass(frozen=True)
class Row:
    """One training instance.

    similarity  0 to 1
    stands_for  its class in quotation marks
    label       class that the data gives it, in quotation marks, "" where it has none
    answer      class that the model gives it, in quotation marks, "" where it was not asked
    sure        the model's probability of that answer; nan where it was not asked
    same        whether that answer is the model's answer to the instance, too; None where either is not known
    """

    prototype: Prototype
    similarity: float
    stands_for: str
    label: str
    answer: str
    sure: float
    same: bool | None

    @property
    def number(self) -> int:
        """Its place in the training data."""
        return self.prototype.source_index


@dataclass(frozen=True)
class Near:
    """All of them, most similar first within each group.

    leading  the nearest of each class
    further  the others
    """

    e: Explanation
    leading: list[Row]
    further: list[Row]

    @classmethod
    def of(cls, e: Explanation) -> Near:
        rows = sorted((_row(e, p) for p in e.payload.prototypes), key=lambda r: -r.similarity)
        leading: dict[int, Row] = {}
        for row in rows:
            leading.setdefault(row.prototype.class_index, row)
        first = list(leading.values())
        return cls(e, first, [row for row in rows if not any(row is one for one in first)])

    @property
    def payload(self) -> Prototypes:
        return self.e.payload

    @property
    def rows(self) -> list[Row]:
        return self.leading + self.further

    @cached_property
    def noun(self) -> tuple[str, str]:
        return input_noun(self.e.modality)

    @property
    def is_the_model(self) -> bool:
        """Whether the prototype network is the explained model itself."""
        return self.payload.reasoning and self.payload.network in ("", self.e.model_name)

    @cached_property
    def network_answer(self) -> int | None:
        """The class for which the network has most evidence; None for plain neighbours."""
        if not self.payload.reasoning or not self.leading:
            return None
        evidence = self.payload.evidence
        if evidence is not None and len(evidence) == len(self.e.class_names):
            return int(np.argmax(evidence))
        return self.leading[0].prototype.class_index

    @property
    def disagrees(self) -> bool:
        """Whether the network and the explained model answer differently here."""
        return self.network_answer is not None and answered(self.e) and self.network_answer != self.e.predicted

    @property
    def agreement(self) -> str:
        """ "94 in 100 test texts (95 % range 92 to 96)", or "" where it is not known."""
        share = self.payload.agreement
        if self.is_the_model or share is None or len(share) == 0:
            return ""
        ends = f" (95 % range {100 * share[1]:.0f} to {100 * share[2]:.0f})" if len(share) == 3 else ""
        return f"{100 * share[0]:.0f} in 100 test {self.noun[1]}{ends}"

    def said(self, row: Row, length: int) -> str:
        """A training instance in a few characters."""
        return inputs.described(row.prototype.instance, self.e.modality, row.number, length)

    def heading(self, row: Row) -> str:
        """What it is, in this list: "Closest prototype of “negative”"."""
        first = any(row is one for one in self.leading)
        if self.payload.reasoning:
            return f"{'Closest prototype' if first else 'A further prototype'} of {row.stands_for}"
        nearest = f"{'Nearest' if first else 'A further'} training {self.noun[0]}"
        if row.label:
            return f"{nearest} labelled {row.label}"
        return f"{nearest} that the model calls {row.answer}" if row.answer else nearest

    def equal(self, row: Row) -> list[str]:
        """Names of the variables in which a table's row equals the instance."""
        return inputs.equal_variables(_as_row(self.e.instance), _as_row(row.prototype.instance))


def similarity(x: float) -> str:
    """0.93, and never 1.00 for what is not quite the same."""
    return "over 0.99" if 0.995 <= x < 1 else numbers.plain(x, 2)


def _as_row(instance: Any) -> dict[str, Any]:
    return instance if isinstance(instance, dict) else {}


def _row(e: Explanation, p: Prototype) -> Row:
    says = p.prediction if p.prediction is not None and len(p.prediction) else None
    answer = None if says is None else int(np.argmax(says))
    value = float(p.similarity)
    return Row(
        prototype=p,
        similarity=min(1.0, max(0.0, value)) if math.isfinite(value) else 0.0,
        stands_for=quoted(class_name(e, p.class_index)),
        label="" if p.label is None else quoted(class_name(e, p.label)),
        answer="" if answer is None else quoted(class_name(e, answer)),
        sure=math.nan if says is None else float(says.max()),
        same=None if answer is None or not answered(e) else answer == e.predicted,
    )
