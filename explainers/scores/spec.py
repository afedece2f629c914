"""What a score is, and what it is computed from."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from ..engine import CANCELLED, MAX_CALLS, Asker, Limits
from ..explanation import Explanation, Score
from ..maps.output import PROBABILITY, of_probabilities
from ..methods import explain, forecast
from ..tasks import Task

STOPPED = "The scores were stopped before they were done: start them again to see them."


class Stopped(Exception):
    """A cancel met a score half done."""


@dataclass
class Case:
    """One explanation to be scored.

    given     what only the caller knows: `mask`, where the object is; `baseline`, what stands where a part is gone (copies.py)
    progress  told the share of the running score that is done; expected: calls that it is thought to take
    kept      what several scores share
    """

    e: Explanation
    task: Task
    seed: int
    ask: Asker
    given: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)
    progress: Callable[[float], None] = lambda share: None
    expected: int = 0
    _asked: int = 0

    @classmethod
    def of(cls, e: Explanation, task: Task, seed: int = 0, cancel: Any = None, **given: Any) -> Case:
        return cls(e, task, seed, Asker(task.model, Limits(cancel=cancel)), given)

    def begin(self, expected: int, progress: Callable[[float], None]) -> None:
        """The next score starts."""
        self.expected, self.progress, self._asked = expected, progress, 0

    def rng(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose and instance; the same for every method, so that all are held against the same rivals."""
        return np.random.default_rng([self.seed, int(self.e.instance_sha256[:15], 16), *purpose.encode()])

    def outputs(self, instances: list[Any]) -> np.ndarray:
        """Probability of the explained class for each, (n,)."""
        proba = self.ask(self.task.batch(instances))
        if len(proba) < len(instances):
            raise Stopped
        self._asked += len(instances)
        self.progress(min(self._asked / max(self.expected, 1), 1.0))
        return of_probabilities(proba, self.e.target, PROBABILITY)

    def again(self, number: int, of: int, task: Task | None = None, instance: Any = None) -> Explanation:
        """The same explanation of another model or of another instance, the `number`th of `of`, within the calls that the first one took."""
        e = self.e
        made = explain(
            e.method, task or self.task, e.instance if instance is None else instance, target=e.target, seed=e.seed,
            max_calls=call_limit(e), cancel=self.ask.limits.cancel,
            on_progress=lambda share, left: self.progress((number + share) / of), **e.params,
        )  # fmt: skip
        if made.reason == CANCELLED:
            raise Stopped
        return made


def call_limit(e: Explanation) -> int | None:
    """`max_calls` for making an explanation again: what it took where such a limit ended it, else none."""
    return max(e.cost.calls_asked, 1) if e.reason == MAX_CALLS else None


def calls_again(e: Explanation, task: Task) -> int:
    """What making an explanation again takes."""
    return forecast(e.method, task, e.instance, seed=e.seed, max_calls=call_limit(e), **e.params).calls


@dataclass(frozen=True)
class ScoreSpec:
    """A score.

    fits    None, or one sentence why it cannot be taken of this explanation
    calls   how many model calls it takes at most
    copies  of scores that ask about changed copies of the instance: a name for each copy, so that those of two scores are counted once
    """

    name: str
    fits: Callable[[Explanation, Task], str | None]
    calls: Callable[[Explanation, Task], int]
    run: Callable[[Case], Score]
    copies: Callable[[Explanation, Task], set[Hashable]] | None = None


def mean_interval(values: np.ndarray, least: float, most: float) -> tuple[float, float | None, float | None]:
    """Mean and its 95 % interval by Student's t, cut to what the score can be; no interval for a single value."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, None, None
    reach = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean, max(mean - reach, least), min(mean + reach, most)
