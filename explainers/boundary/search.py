"""The search for the nearest change that gets another answer.

Candidates are asked in stages, those with the fewest edits first. A change of e edits is at distance e + d, with d >= 0 from the
latents; so once a flip at distance D is known, no candidate with D edits or more can be nearer, and the search ends. Where no single
edit flips, the strongest ones are put together, which mostly gives a flip soon and with it an early end.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..engine import Asker
from . import Changes, Edits, ordered

LEAST_PROBABILITY = 1e-12  # below it a probability counts as this much, so that a margin is at most 27.6
ALL_SUBSETS = 4  # edits up to which every subset is asked: 14 at most


def margins(proba: np.ndarray, of: int) -> np.ndarray:
    """(n,) log p of class `of` minus the log p of the best other class: log odds, negative where another class is said, 0 at a tie."""
    logs = np.log(np.maximum(proba, LEAST_PROBABILITY))
    return logs[:, of] - np.delete(logs, of, axis=1).max(axis=1)


@dataclass
class Search:
    """What is known of the changes of one instance.

    prediction  (classes,) of the instance
    closeness   (changes) -> d (m,) of the first m, m < n when a limit was met; d >= 0 is added to the number of edits
    wanted      class that a flip must get; None: any but the original one
    known       every change asked about -> (classes,)
    missing     the same -> log odds that it lacks to be a flip, which ranks them; of a flip 0 (a tie) or negative
    distance    flip -> number of edits + d
    drawn       number of edits -> the sampled changes with so many that were answered, as a set in the order drawn
    """

    ask: Asker
    changes: Changes
    prediction: np.ndarray
    closeness: Callable[[Sequence[Edits]], np.ndarray]
    wanted: int | None = None
    known: dict[Edits, np.ndarray] = field(default_factory=dict)
    missing: dict[Edits, float] = field(default_factory=dict)
    distance: dict[Edits, float] = field(default_factory=dict)
    drawn: dict[int, dict[Edits, None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.original = int(self.prediction.argmax())
        self._learn([()], self.prediction[None])

    def _learn(self, some: Sequence[Edits], proba: np.ndarray) -> None:
        lacking = margins(proba, self.original) if self.wanted is None else -margins(proba, self.wanted)
        self.known.update(zip(some, proba, strict=False))
        self.missing.update(zip(some, lacking.tolist(), strict=False))

    def margin(self, edits: Edits) -> float:
        """Evidence for the original class."""
        return float(margins(self.known[edits][None], self.original)[0])

    def is_flip(self, edits: Edits) -> bool:
        """By the answer itself: an exact tie is a flip where the first of its classes is another one."""
        answer = int(self.known[edits].argmax())
        return answer != self.original if self.wanted is None else answer == self.wanted

    @property
    def best(self) -> Edits | None:
        """The nearest flip; None while there is none."""
        return min(self.distance, key=lambda edits: (self.distance[edits], len(edits)), default=None)

    @property
    def approach(self) -> Edits:
        """The change that comes nearest to a flip; the instance itself when none comes nearer than it."""
        return min(self.missing, key=lambda edits: (round(self.missing[edits], 9), len(edits)))

    def answer(self, some: Sequence[Edits]) -> list[Edits]:
        """Ask about those not known yet and measure the flips; those that are known now: all, unless a limit was met."""
        new = [edits for edits in dict.fromkeys(some) if edits not in self.known]
        for start in range(0, len(new), self.changes.chunk):
            part = new[start : start + self.changes.chunk]
            proba = self.ask(self.changes.batch(part))
            self._learn(part, proba)
            if len(proba) < len(part):
                break
        answered = [edits for edits in some if edits in self.known]
        flips = [edits for edits in answered if self.is_flip(edits) and edits not in self.distance]
        for start in range(0, len(flips), self.changes.chunk):
            part = flips[start : start + self.changes.chunk]
            near = self.closeness(part)
            for i, edits in enumerate(part):  # where a limit left one unmeasured, it counts as one edit away
                self.distance[edits] = len(edits) + (float(near[i]) if i < len(near) else 1.0)
        return answered

    def look(self, candidates: Sequence[Edits], found: Callable[[], None]) -> None:
        """Ask about the candidates by stages until none of those left can be nearer. `found()` is called at the first flip."""
        stages: dict[int, list[Edits]] = {}
        for edits in candidates:
            stages.setdefault(len(edits), []).append(edits)
        before = self.best
        for size in sorted(stages):
            if self.ask.stopped or ((best := self.best) is not None and size >= self.distance[best]):
                return
            self.drawn.setdefault(size, {}).update(dict.fromkeys(self.answer(stages[size])))
            if self.best is None and size == min(stages):
                self.combine()
            if before is None and self.best is not None:
                before = self.best
                found()

    def combine(self) -> None:
        """Put the strongest single edits of different parts together, two, three, ... of them, up to `changes.largest`."""
        strongest: dict[int, Edits] = {}
        for edits in sorted((e for e in self.known if len(e) == 1), key=self.missing.__getitem__):
            strongest.setdefault(edits[0][0], edits)
        singles = [edits[0] for edits in strongest.values()]
        self.answer([ordered(singles[:size]) for size in range(2, min(len(singles), self.changes.largest) + 1)])

    def prune(self, edits: Edits) -> Edits:
        """Leave out every edit that is not needed: what is left flips (or comes as near to a flip), and without any edit of it no more.

        Up to `ALL_SUBSETS` edits every subset is asked; of more, one is left out at a time, the one that is needed least.
        """
        good = self._as_good_as(edits)
        while len(edits) > ALL_SUBSETS:
            smaller = [e for e in self.answer([edits[:i] + edits[i + 1 :] for i in range(len(edits))]) if good(e)]
            if not smaller:
                return edits
            edits = min(smaller, key=self.missing.__getitem__)
        subsets = [tuple(e for i, e in enumerate(edits) if bits >> i & 1) for bits in range(1, 2 ** len(edits) - 1)]
        return min(
            [edits, *(e for e in self.answer(subsets) if good(e))], key=lambda e: (len(e), self.distance.get(e, 0.0), self.missing[e])
        )

    def _as_good_as(self, edits: Edits) -> Callable[[Edits], bool]:
        if self.is_flip(edits):
            return self.is_flip
        most = self.missing[edits] + 1e-9
        return lambda other: self.missing[other] <= most

    def path(self, edits: Edits) -> list[Edits]:
        """The way to a change, one edit a step, the instance first: always the edit that moves the margin least.

        The order is Hase and Bansal's (ACL 2020, app. A). Where a limit ends the asking, the last step has all edits left at once.
        """
        way: list[Edits] = [()]
        while way[-1] != edits:
            options = [ordered([*way[-1], e]) for e in edits if e not in way[-1]]
            if len(self.answer(options)) < len(options):
                return [*way, edits]
            here = self.margin(way[-1])
            way.append(min(options, key=lambda option: abs(self.margin(option) - here)))
        return way

    def way(self) -> list[Edits]:
        """The path to the nearest flip, or to the nearest approach, without edits that are not needed.

        What is asked on the way may itself flip, or come nearer: then that is where the path goes.
        """
        end = self.approach if self.best is None else self.best
        while True:
            end = self.prune(end)
            way = self.path(end)
            if self.is_flip(end):
                goal = next(edits for edits in way if self.is_flip(edits))
            elif self.best is not None:
                goal = self.best
            else:
                goal = self.approach if self.missing[self.approach] < self.missing[end] - 1e-9 else end
            if goal == end:
                return way
            end = goal
