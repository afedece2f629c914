"""The two stages, each replaceable: a proposer says what may differ, a ranker measures how well a description fits an item.

    proposals = proposer(a, b, session)        # a, b: Items no test will see
    fit = ranker(proposal, items, session)     # float (n,), higher = fits better

A new one is a small class with `name` and these calls, and a line in `proposers/` or `rankers/`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from ..engine import Asker, Limits
from ..models.base import Model
from .items import Items


@dataclass(frozen=True)
class Proposal:
    """A description that may be truer of A than of B.

    description  as a person reads it ("a bird", "blurred", "age > 45 and sex is Male")
    proposer     name of what proposed it
    test         what a ranker needs to check it exactly, where words alone do not say it (a measured attribute, conditions on columns)
    also         other descriptions of the same, worse on the items that the proposer saw, which are not tested for themselves
    """

    description: str
    proposer: str
    test: Any = None
    also: tuple[str, ...] = ()


@dataclass
class Session:
    """What one run may use: its limits, its lines to models, its random numbers.

    Rankers and proposers reach models only through `line`, so that calls are counted, cached and stopped in one place.
    """

    seed: int
    limits: Limits
    params: Any
    on_progress: Callable[[float, float | None], None] | None = None
    lines: dict[str, Asker] = field(default_factory=dict)
    items: int = 1  # of both sets: about what each model is asked about
    kept: dict[Any, Any] = field(default_factory=dict)  # what a proposer or ranker worked out once for this run
    span: tuple[float, float] = (0.0, 1.0)  # of the whole work: where the present step begins and ends
    started: float = field(default_factory=time.perf_counter)
    _most: float = 0.0

    def tell(self, fraction: float) -> None:
        """How far the present step is, 0 to 1; told to whoever waits as a share of the whole, with the seconds that are left."""
        if self.on_progress is None:
            return
        done = self.span[0] + (self.span[1] - self.span[0]) * min(max(fraction, 0.0), 1.0)
        done = self._most = max(done, self._most)  # never backwards
        spent = time.perf_counter() - self.started
        self.on_progress(done, spent * (1 - done) / done if done > 0 else None)

    def rng(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose: another proposer beside it changes nothing for this one."""
        return np.random.default_rng([self.seed, *purpose.encode()])

    def line(self, model: Model) -> Asker:
        """The line to a model; the same one for the whole run."""
        if model.fingerprint not in self.lines:
            watch = None if self.on_progress is None else lambda fraction, left: self.tell(fraction)
            self.lines[model.fingerprint] = Asker(model, self.limits, watch)
            self.lines[model.fingerprint].plan(self.items)
        return self.lines[model.fingerprint]

    @property
    def stopped(self) -> str | None:
        """Which limit was met, if one was."""
        if self.limits.cancel is not None and self.limits.cancel.is_set():
            return "cancelled"
        return next((line.stopped for line in self.lines.values() if line.stopped), None)


class Proposer(Protocol):
    name: str

    def fits(self, modality: str, session: Session) -> str | None:
        """One sentence why it cannot propose here, or None."""
        ...

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        """Most promising first; true more of A, as far as it can tell."""
        ...


class Ranker(Protocol):
    """sees: in words for a person, what it can and cannot see. cut: fit from which a description counts as true of an item, or None."""

    name: str
    sees: str

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool: ...

    def cut(self, proposal: Proposal) -> float | None: ...

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        """float (n,); shorter than n only where a limit was met."""
        ...
