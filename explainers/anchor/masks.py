"""Copies of a text or a picture in which some parts stay and the others change by chance, and samples that many rules share.

A part outside the rule stays with its own probability, each independently of the others; what replaces it depends on nothing but
which parts stay. So a copy drawn under a rule in which further parts happened to stay is as good as one drawn under the longer rule, and
counts for that too. (For the rows of a table this is not so: columns hang together.)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from .search import Rule

Answered = Callable[[np.ndarray], np.ndarray]


def drawn_masks(rule: Rule, n: int, stays: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """n copies under a rule, bool (n, parts), True = the part stays. stays: (parts,) probability of each part outside the rule."""
    masks = rng.random((n, len(stays))) < stays
    masks[:, list(rule)] = True
    return masks


class MaskSampler:
    """`search.Sampler` over the parts of one instance.

    stays     (parts,) probability that a part outside the rule stays
    answered  bool (n, parts), True = the part stays -> bool (m,), whether the copy gets the answer in question; m < n after a limit
    share     coverage of rules
    most      copies drawn in all
    certain   whether a copy is known by which parts stay: not where the others are replaced by chance
    """

    def __init__(
        self,
        stays: np.ndarray,
        answered: Answered,
        share: Callable[[Sequence[Rule]], np.ndarray],
        most: int,
        rng: np.random.Generator,
        certain: bool = True,
    ):
        self.stays, self.answered, self.share, self.most, self.rng, self.certain = stays, answered, share, most, rng, certain
        parts = len(stays)
        self.groups = np.arange(parts)
        self.drawn = self.asked = 0
        self._masks = np.empty((0, parts), dtype=np.float32)
        self._forced = np.empty((0, parts), dtype=np.float32)  # the rule under which each copy was drawn
        self._hits = np.empty(0, dtype=bool)

    @property
    def exhausted(self) -> bool:
        many = 2.0 ** len(self.stays)
        return self.certain and many <= len(self._masks) and len(np.unique(self._masks, axis=0)) == many

    def coverage(self, rules: Sequence[Rule]) -> np.ndarray:
        return self.share(rules)

    def tally(self, rules: Sequence[Rule]) -> tuple[np.ndarray, np.ndarray]:
        wanted = self._matrix(rules)
        # A copy counts for a rule when every part of the rule stays in it, and it was drawn under nothing that the rule does not ask.
        lacking = (1 - self._masks) @ wanted.T
        beyond = self._forced @ (1 - wanted).T
        counts = (lacking == 0) & (beyond == 0)
        return (counts & self._hits[:, None]).sum(axis=0), counts.sum(axis=0)

    def draw(self, rules: Sequence[Rule], counts: np.ndarray) -> bool:
        plan = self._plan(rules, counts)
        forced = np.repeat(self._matrix(list(plan)), list(plan.values()), axis=0)[: self.most - self.drawn]
        if len(forced) == 0:
            return True
        masks = (forced > 0) | (self.rng.random(forced.shape) < self.stays)
        hits = self.answered(masks)
        done = len(hits)
        self.drawn += len(masks)
        self.asked += len(masks)
        self._masks = np.vstack([self._masks, masks[:done]]).astype(np.float32)
        self._forced = np.vstack([self._forced, forced[:done]])
        self._hits = np.append(self._hits, hits)
        return done == len(masks)

    def _plan(self, rules: Sequence[Rule], counts: np.ndarray) -> dict[Rule, int]:
        """Under which rules to draw how many copies: each rule's own, or fewer of a shorter rule's that serve several at once."""
        left = {rule: int(count) for rule, count in zip(rules, counts, strict=True) if count > 0}
        plan: dict[Rule, int] = {}
        while left:
            shorter: dict[Rule, list[Rule]] = {}
            for rule in left:
                for p in rule:
                    shorter.setdefault(tuple(q for q in rule if q != p), []).append(rule)
            # Serving a rule from a shorter one takes 1 / (probability that the part between them stays) times its copies.
            saved = {short: self._saving(short, served, left) for short, served in shorter.items()}
            best = max(saved, key=lambda short: saved[short], default=None)
            if best is None or saved[best] <= 0:
                for rule, more in left.items():
                    plan[rule] = plan.get(rule, 0) + more
                break
            plan[best] = plan.get(best, 0) + self._needed(best, shorter[best], left)
            for rule in shorter[best]:
                del left[rule]
        return plan

    def _needed(self, short: Rule, served: Sequence[Rule], counts: dict[Rule, int]) -> int:
        return int(np.ceil(max(counts[rule] / max(self.stays[list(set(rule) - set(short))].prod(), 1e-9) for rule in served)))

    def _saving(self, short: Rule, served: Sequence[Rule], counts: dict[Rule, int]) -> int:
        return sum(counts[rule] for rule in served) - self._needed(short, served, counts)

    def _matrix(self, rules: Sequence[Rule]) -> np.ndarray:
        matrix = np.zeros((len(rules), len(self.stays)), dtype=np.float32)
        for row, rule in zip(matrix, rules, strict=True):
            row[list(rule)] = 1
        return matrix
