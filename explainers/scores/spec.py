"""What a score is, and what it is computed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import stats

from ..engine import Asker, Limits
from ..explanation import Explanation, Score
from ..maps.output import PROBABILITY, of_probabilities
from ..tasks import Task

STOPPED = "The scores were stopped before they were done: start them again to see them."


class Stopped(Exception):
    """A cancel met a score half done."""


@dataclass
class Case:
    """One explanation to be scored. `given`: what only the caller knows (a picture's mask)."""

    e: Explanation
    task: Task
    seed: int
    ask: Asker
    given: dict[str, Any] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)  # what several scores share

    @classmethod
    def of(cls, e: Explanation, task: Task, seed: int = 0, cancel: Any = None, **given: Any) -> Case:
        return cls(e, task, seed, Asker(task.model, Limits(cancel=cancel)), given)

    def rng(self, purpose: str) -> np.random.Generator:
        """Random numbers for one purpose; the same for every method on the same instance, so that they are held against the same rivals."""
        return np.random.default_rng([self.seed, *purpose.encode()])

    def outputs(self, instances: list[Any]) -> np.ndarray:
        """Probability of the explained class for each, (n,)."""
        proba = self.ask(self.task.batch(instances))
        if len(proba) < len(instances):
            raise Stopped
        return of_probabilities(proba, self.e.target, PROBABILITY)


@dataclass(frozen=True)
class ScoreSpec:
    """A score. fits: None, or one sentence why it cannot be taken of this explanation. calls: about how many model calls it takes."""

    name: str
    fits: Callable[[Explanation, Task], str | None]
    calls: Callable[[Explanation, Task], int]
    run: Callable[[Case], Score]
    by_default: bool = True


def mean_interval(values: np.ndarray, least: float, most: float) -> tuple[float, float | None, float | None]:
    """Mean and its 95 % interval by Student's t, cut to what the score can be; no interval for a single value."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, None, None
    reach = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean, max(mean - reach, least), min(mean + reach, most)
