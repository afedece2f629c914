"""Which other item's explanation each item's placebo is made of, so that no placebo tells what is true of its own item.

A placebo is refused where it has all that the true explanation says (sameness.py), where a step of a path really turns the model's answer, or where
it shows a test input. Then other parts are drawn, and another lender is taken: one of the same set, form and answer, each lent once, as an
assignment problem; who is left borrows from any item of the same answer. Deterministic by seed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

import explainers
from explainers import Explanation

from .arms import Artifact
from .placebo import Phrases, checked, phrases, placebo
from .sameness import idle, tells, turned
from .workfiles import key_of

DRAWS = 6  # of parts, before another lender is looked for; the later half of them `fresh` (placebo.py)

Pair = tuple[int, int]  # who borrows, from whom


@dataclass(frozen=True)
class Case:
    """An item that is explained. place: what borrower and lender have in common (set and form); answer: the model's, known to the participant."""

    sha256: str
    place: str
    answer: int
    true: Artifact


@dataclass
class Borrowing:
    """shows: whether an artifact shows what is asked in a test."""

    task: explainers.Task
    cases: Sequence[Case]
    seed: int
    shows: Callable[[Artifact], bool] = lambda artifact: False
    _made: dict[Pair, Artifact | None] = field(default_factory=dict)  # None: the lender has nothing that would do

    def placebos(self) -> list[Artifact | None]:
        """One a case, in their order; None where every other explanation would tell the truth."""
        out: list[Artifact | None] = [None] * len(self.cases)
        groups: dict[tuple[str, int], list[int]] = {}
        for i, case in enumerate(self.cases):
            groups.setdefault((case.place, case.answer), []).append(i)
        for members in groups.values():
            for i, j in self._lent_once(members):
                out[i] = self._made[i, j]
        for i, case in enumerate(self.cases):
            if out[i] is None:
                others = [j for j, other in enumerate(self.cases) if j != i and other.answer == case.answer]
                others.sort(key=lambda j: (self.cases[j].place != case.place, key_of(self.seed, case.sha256, self.cases[j].sha256)))
                self._make([(i, j) for j in others])
                out[i] = next((made for j in others if (made := self._made[i, j]) is not None), None)
        return out

    def _lent_once(self, members: Sequence[int]) -> list[Pair]:
        """As many pairs as can be had, nobody in two of them on one side."""
        from scipy.optimize import linear_sum_assignment

        rng = np.random.Generator(np.random.PCG64([self.seed, 5]))
        cost, never = rng.random((len(members), len(members))), 2.0 * len(members)
        np.fill_diagonal(cost, never)
        while True:
            rows, columns = linear_sum_assignment(cost)
            fit = [(a, b) for a, b in zip(rows.tolist(), columns.tolist(), strict=True) if cost[a, b] < never]
            self._make([(members[a], members[b]) for a, b in fit])
            bad = [(a, b) for a, b in fit if self._made[members[a], members[b]] is None]
            if not bad:
                return [(members[a], members[b]) for a, b in fit]
            for a, b in bad:
                cost[a, b] = never

    def _make(self, pairs: Sequence[Pair]) -> None:
        left = [pair for pair in pairs if pair not in self._made]
        self._made.update(dict.fromkeys(left))
        last: dict[Pair, Artifact] = {}
        for draw in range(DRAWS):
            drawn = {pair: self._drawn(pair, draw) for pair in left}
            new = {pair: made for pair, made in drawn.items() if last.get(pair) != made}  # not all kinds have parts to draw
            last |= new
            sound = [pair for pair, made in new.items() if not (tells(self.cases[pair[0]].true, made) or idle(made) or self.shows(made))]
            for pair, bad in zip(sound, turned(self.task, [new[pair] for pair in sound]), strict=True):
                if not bad:
                    self._made[pair] = new[pair]
            left = [pair for pair in left if self._made[pair] is None]

    def _drawn(self, pair: Pair, draw: int) -> Artifact:
        mine, other = (self.cases[i] for i in pair)
        if not isinstance(mine.true, Explanation) or not isinstance(other.true, Explanation):
            return other.true
        seed = int(key_of(self.seed, mine.sha256, draw)[:8], 16)
        return checked(placebo(mine.true, other.true, seed, self._phrases, fresh=draw >= DRAWS // 2))

    @cached_property
    def _phrases(self) -> Phrases:
        return phrases(case.true for case in self.cases)
