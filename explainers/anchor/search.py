"""Beam search for a rule that keeps the model to its answer, as broad as possible. Knows no tables, words or pictures: only a `Sampler`.

Ribeiro, Singh and Guestrin 2018, "Anchors: High-Precision Model-Agnostic Explanations" (AAAI), algorithm 2: grow the best `beam_size`
rules by one condition, choose the most precise of the longer ones by KL-LUCB (Kaufmann and Kalyanakrishnan 2013), test each for
precision, keep the broadest that passes, drop conditions that it does not need. What differs from the authors' code, on purpose:

* a round of KL-LUCB asks about several of the rules in question in one batch, and about more each time, so that rounds are few;
* the samples of a search are bounded, and shared out among the lengths that are still to come, so that every length is reached.
  When that ends a choice before it is sure to `epsilon`, `Found.hurried` counts it. A sampler may hold fewer samples of a rule than
  are asked of it: a rule that got nothing is not asked about again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Protocol

import numpy as np

from . import bounds

Rule = tuple[int, ...]  # the predicates that must hold, ascending


class Sampler(Protocol):
    """Draws inputs under rules and asks the model about them.

    groups  (predicates,) int: a rule holds at most one predicate of each group
    drawn   samples drawn so far, for all rules; asked: how many of them were handed to the model's line
    """

    drawn: int
    asked: int

    @property
    def exhausted(self) -> bool:
        """Whether the model was asked about every copy there can be, under whatever rule."""
        ...

    @property
    def groups(self) -> np.ndarray: ...

    def coverage(self, rules: Sequence[Rule]) -> np.ndarray:
        """Share of the inputs the rules speak of that meet each, float (len(rules),)."""
        ...

    def tally(self, rules: Sequence[Rule]) -> tuple[np.ndarray, np.ndarray]:
        """Per rule: samples with the answer in question, and samples; int (len(rules),) each."""
        ...

    def draw(self, rules: Sequence[Rule], counts: np.ndarray) -> bool:
        """Ask about `counts` further samples of each rule, in one batch; fewer when the sampler has drawn all it may, or all there are.

        False: a limit of calls or time was met, and fewer were answered than were asked.
        """
        ...


@dataclass(frozen=True)
class Settings:
    """tau, delta, epsilon, beam_size: as in the paper. A rule is accepted when its samples reach `tau` on average and its precision is
    at least `target` for sure.

    max_conditions  longest rule tried
    max_samples     samples after which the search for longer rules ends
    base            samples under no condition at all, with which the search begins
    first           samples of each new rule before any is compared
    batch           smallest number of further samples
    growth          the rules in question get so many times the samples they have
    width           how many rules on each side of the choice, and how many in the test, are asked about at once
    shortest        end with the first length that has a precise rule; else go on while a longer one may be broader
    """

    tau: float = 0.95
    delta: float = 0.05
    epsilon: float = 0.1
    beam_size: int = 4
    max_conditions: int = 6
    max_samples: int = 8_000
    base: int = 100
    first: int = 32
    batch: int = 32
    growth: float = 2.0
    width: int = 8
    shortest: bool = False

    @property
    def most(self) -> int:
        """Samples that are never exceeded: a batch may reach beyond `max_samples`, and the last choice and test may take a few."""
        return self.max_samples + self.max_samples // 4

    @property
    def target(self) -> float:
        """Half of `epsilon` below `tau`, so that what is accepted has a precision of `tau` - `epsilon` at the very least."""
        return self.tau - self.epsilon / 2


@dataclass(frozen=True)
class Found:
    """What a search ends with.

    rule      predicates in the order in which they were added
    accepted  it passed the test
    stopped   a limit of the model's calls, of time, or a cancel ended the search
    used_up   `max_samples` ended it
    hurried   lengths at which the choice was not sure to `epsilon`
    """

    rule: Rule
    accepted: bool
    stopped: bool = False
    used_up: bool = False
    hurried: int = 0


@dataclass
class Search:
    """One search. `on_length(size, rule)`: called when the rules of a length are done with, with the best rule so far."""

    sampler: Sampler
    settings: Settings
    on_length: Callable[[int, Rule], None] = lambda size, rule: None
    hurried: int = 0
    going: bool = True  # False once the sampler met a limit
    dry: bool = False  # True once it has drawn all it may
    _orders: dict[Rule, Rule] = field(default_factory=lambda: {(): ()})  # rule -> its predicates as they were added
    _spent: set[Rule] = field(default_factory=set)  # rules of which the sampler has no further samples

    def run(self) -> Found:
        s, beam, visited = self.settings, [()], [()]
        best: Rule | None = None
        level = bounds.acceptance_level(s.beam_size, len(self.sampler.groups), s.delta)
        self._draw([()], np.array([s.base]))
        # No condition at all is taken only when it reaches tau for sure, as published: with one condition more it may.
        if self._accepted([()], np.ones(1), bounds.acceptance_level(1, 1, s.delta), 4 * s.base, s.tau) is not None:
            return Found((), True, not self.going)
        for size in range(1, s.max_conditions + 1):
            rules = self._longer(beam)
            coverage = self.sampler.coverage(rules)
            if best is not None:
                broader = np.flatnonzero(coverage > self._coverage(best))
                rules, coverage = [rules[i] for i in broader], coverage[broader]
            if not rules or self._over(s.max_samples):
                break
            end = self.sampler.drawn + (s.max_samples - self.sampler.drawn) / (s.max_conditions - size + 2)
            self._meet(rules)
            # Where the first length with a precise rule is the last, there is no need to choose what to make longer.
            sight = self._ranked(rules, coverage)[: s.beam_size if s.shortest else 0]
            best = self._accepted([rules[i] for i in sight], coverage[sight], level) if s.shortest else best
            if best is None or not s.shortest:
                chosen = self._most_precise(rules, coverage, s.beam_size, end)
                beam = [rules[i] for i in chosen]
                visited += beam
                best = self._accepted(beam, coverage[chosen], level) or best
            self.on_length(size, self._orders[best or self._leader(beam)])
            if best is not None and s.shortest:
                break
        used_up = best is None and self.sampler.drawn >= s.max_samples
        if best is None and self.going:  # the best of all lengths, with the same care
            end = self.sampler.drawn + s.max_samples / 10
            visited = [visited[i] for i in self._most_precise(visited, self.sampler.coverage(visited), 1, end)]
        rule = self._shortened(best) if best is not None else self._leader(visited)
        return Found(self._orders[rule], best is not None, not self.going, used_up, self.hurried)

    def _meet(self, rules: Sequence[Rule]) -> None:
        """The first samples of each rule."""
        _, n = self.sampler.tally(rules)
        self._draw(rules, np.maximum(self.settings.first - n, 0))

    def _ranked(self, rules: Sequence[Rule], coverage: np.ndarray) -> np.ndarray:
        """Indices, most precise first, of equally precise ones the broader first."""
        return np.lexsort((-coverage, -self._means(rules)[0]))

    def _shortened(self, rule: Rule) -> Rule:
        """An accepted rule without the conditions that it does not need: shorter ones may have been missed on the way to it."""
        level = bounds.acceptance_level(self.settings.beam_size, len(self.sampler.groups), self.settings.delta)
        while len(rule) > 1 and self.going:
            shorter = [tuple(q for q in rule if q != p) for p in rule]
            for one in shorter:
                self._orders.setdefault(one, tuple(p for p in self._orders[rule] if p in one))
            self._meet(shorter)
            precise = self._accepted(shorter, self.sampler.coverage(shorter), level, self.settings.most)
            if precise is None:
                break
            rule = precise
        return rule

    def _coverage(self, rule: Rule) -> float:
        return float(self.sampler.coverage([rule])[0])

    def _over(self, most: float) -> bool:
        return not self.going or self.dry or self.sampler.drawn >= most

    def _draw(self, rules: Sequence[Rule], counts: np.ndarray) -> None:
        """Further samples; nothing once a limit was met. Notes the rules that got none: to ask about them again would go on for ever."""
        before, (_, had) = self.sampler.drawn, self.sampler.tally(rules)
        self.going = self.going and self.sampler.draw(rules, counts)
        self.dry = self.dry or (counts.sum() > 0 and self.sampler.drawn == before)
        _, has = self.sampler.tally(rules)
        self._spent.update(rule for rule, wanted, more in zip(rules, counts, has > had, strict=True) if wanted > 0 and not more)

    def _unspent(self, rules: Sequence[Rule]) -> np.ndarray:
        """bool (len(rules),)"""
        return np.array([rule not in self._spent for rule in rules], dtype=bool)

    def _means(self, rules: Sequence[Rule]) -> tuple[np.ndarray, np.ndarray]:
        hits, n = self.sampler.tally(rules)
        return hits / np.maximum(n, 1), n

    def _leader(self, rules: Sequence[Rule]) -> Rule:
        """The rule that is most precise for sure, one sample counted against it."""
        means, n = self._means(rules)
        return rules[int(np.argmax(bounds.lower(means, n, 1.0)))]

    def _longer(self, beam: Sequence[Rule]) -> list[Rule]:
        """Every rule of the beam with one more predicate, each once."""
        groups = self.sampler.groups
        found: dict[Rule, None] = {}
        for rule in beam:
            taken = {int(groups[p]) for p in rule}
            for p in range(len(groups)):
                if int(groups[p]) not in taken:
                    longer = tuple(sorted((*rule, p)))
                    found[longer] = None
                    self._orders.setdefault(longer, (*self._orders[rule], p))
        return list(found)

    def _most_precise(self, rules: Sequence[Rule], coverage: np.ndarray, top: int, end: float) -> np.ndarray:
        """KL-LUCB: indices of the `top` most precise rules; with probability 1 - delta none is worse by epsilon than one left out.

        end  samples of the search after which it takes those that look best
        """
        s = self.settings
        for round_number in count(1):
            means, n = self._means(rules)
            order = self._ranked(rules, coverage)
            inside, outside = order[:top], order[top:]
            if len(outside) == 0:
                break
            level = bounds.selection_level(len(rules), round_number, s.delta)
            high, low = bounds.upper(means[outside], n[outside], level), bounds.lower(means[inside], n[inside], level)
            if high.max() - low.min() <= s.epsilon:
                break
            if self._over(end):
                self.hurried += 1
                break
            doubtful = [
                *outside[np.argsort(-high, kind="stable")[: s.width]][np.sort(-high)[: s.width] < -(low.min() + s.epsilon)],
                *inside[np.argsort(low, kind="stable")[: s.width]][np.sort(low)[: s.width] < high.max() - s.epsilon],
            ]
            doubtful = [i for i in doubtful if rules[i] not in self._spent]
            if not doubtful:
                self.hurried += 1
                break
            more = np.maximum(s.batch, (s.growth - 1) * n[doubtful]).astype(int)
            self._draw([rules[i] for i in doubtful], more)
        return inside

    def _accepted(
        self, rules: Sequence[Rule], coverage: np.ndarray, level: float, most: float | None = None, target: float | None = None
    ) -> Rule | None:
        """The broadest rule whose samples reach `tau` on average and whose precision is at least `target` for sure, or None.

        most    samples of the search after which the test ends, `max_samples` by default
        target  `Settings.target` by default
        """
        target = self.settings.target if target is None else target
        s, order = self.settings, np.argsort(-coverage, kind="stable")
        rules, coverage = [rules[i] for i in order], coverage[order]
        while True:
            means, n = self._means(rules)
            sure = (means >= s.tau) & (bounds.lower(means, n, level) >= target)
            broadest = coverage[sure].max(initial=-1.0)
            hopeful = (means >= s.tau) | (bounds.upper(means, n, level) >= min(s.tau + s.epsilon / 2, 1.0 + 1e-9))
            open_ = np.flatnonzero(hopeful & ~sure & (coverage > broadest) & self._unspent(rules))[: s.width]
            if len(open_) == 0 or self._over(s.max_samples if most is None else most):
                return rules[int(np.argmax(sure))] if sure.any() else None
            needed = bounds.samples_to_accept(np.maximum(means[open_], s.tau), target, level) - n[open_]
            self._draw([rules[i] for i in open_], np.clip(needed, s.batch, 4 * s.batch + n[open_]).astype(int))
