"""Agreement over seeds: does the same method name the same parts when it draws anew?"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine import Progress
from ..explanation import Attribution, BoundaryPath, Explanation, Rule, Score
from ..methods import explain
from ..tasks import Task
from .spec import ScoreSpec, call_limit, calls_again

STABILITY = "agreement over seeds"
SAMPLED = {"attribution": "strongest parts", "rule": "parts in the rule", "boundary_path": "changed parts"}  # kinds that a seed decides
OTHER_SEEDS = 4
TOP = 5
_NOT_DRAWN = "Nothing in this map is drawn at random: another seed gave the very same numbers, so further ones were not asked for."


def stability(e: Explanation, task: Task, seed: int = 0, on_progress: Progress | None = None, cancel: Any = None) -> Score:
    """Mean overlap of the top parts over all pairs of seeds: the explanation's own and four others. Of an instance with few parts, the
    stronger half of them, since all of them always agree.

    Of a rule, the parts are those in its conditions; of a way to the boundary, those that differ at its end. A seed that found none
    agrees with no other that did.
    The interval is the mean +- 1.96 standard errors, with seeds (not pairs) as the independent draws.
    """
    if not _top(e.payload, TOP) and e.kind != Rule.kind:  # a rule without conditions says something
        raise ValueError("This explanation names no parts, so seeds cannot agree on them: explain with more samples.")
    total = e.payload.total if e.kind == Attribution.kind else 0
    k = min(TOP, (total + 1) // 2) if total else TOP
    runs = [e]
    for i, drawn in enumerate(np.random.SeedSequence([e.seed, seed]).generate_state(OTHER_SEEDS)):
        other = _other_seed(e, task, int(drawn), share_of(on_progress, i, OTHER_SEEDS), cancel)
        if other.status == "partial" and other.reason != e.reason:
            raise ValueError("The check was stopped before it had drawn all its seeds: start it again to see the agreement.")
        runs.append(other)
        if i == 0 and e.kind == Attribution.kind and _equal(e.payload, other.payload):
            return Score(STABILITY, 1.0, 1.0, 1.0, True, _NOT_DRAWN, 0.0, 1.0)
    overlaps = np.array([top_overlap(a, b, k) for a, b in itertools.combinations(runs, 2)])
    mean = float(overlaps.mean())
    # Jackknife over seeds: pairs that share a seed are not independent.
    left_out = [np.mean([top_overlap(a, b, k) for a, b in itertools.combinations(runs[:i] + runs[i + 1 :], 2)]) for i in range(len(runs))]
    n = len(runs)
    error = float(np.sqrt((n - 1) / n * np.sum((np.array(left_out) - np.mean(left_out)) ** 2)))
    what = SAMPLED[e.kind] if e.kind != Attribution.kind else f"{len(_top(e.payload, k))} {SAMPLED[e.kind]}"
    meaning = f"Share of the {what} that two random seeds have in common, over {n} seeds: 1 means the seed does not matter."
    return Score(STABILITY, mean, max(mean - 1.96 * error, 0.0), min(mean + 1.96 * error, 1.0), True, meaning, 0.0, 1.0)


def _equal(one: Attribution, other: Attribution) -> bool:
    """To the last digit: numbers that are drawn differ by more."""
    return one.names == other.names and np.array_equal(one.values, other.values)


def top_overlap(a: Explanation, b: Explanation, k: int = TOP) -> float:
    """Jaccard overlap of the k strongest parts of two attributions, or of the parts in two rules or ways to the boundary, 0 to 1."""
    first, second = _top(a.payload, k), _top(b.payload, k)
    return len(first & second) / len(first | second) if first | second else 1.0


def largest_difference(a: Explanation, b: Explanation) -> float:
    """Largest absolute difference between the values two attributions give to a part that both show; 0 when they share none."""
    values_a, values_b = (dict(zip(e.payload.names, e.payload.values, strict=True)) for e in (a, b))
    shared = values_a.keys() & values_b.keys()
    return max((abs(values_a[name] - values_b[name]) for name in shared), default=0.0)


def _top(payload: Attribution | Rule | BoundaryPath, k: int) -> set[str]:
    if isinstance(payload, BoundaryPath):
        return set(payload.steps[-1].features)
    if isinstance(payload, Rule):
        return {condition.feature for condition in payload.conditions}
    order = np.argsort(-np.abs(payload.values), kind="stable")[:k]
    return {payload.names[i] for i in order}


def _other_seed(e: Explanation, task: Task, seed: int, on_progress: Progress | None, cancel: Any) -> Explanation:
    """The same explanation drawn anew; `seed` is a large number, so that a person's own second seed is not among them."""
    return explain(
        e.method,
        task,
        e.instance,
        target=e.target,
        seed=seed,
        on_progress=on_progress,
        cancel=cancel,
        max_calls=call_limit(e),
        **e.params,
    )


def share_of(on_progress: Progress | None, done: int, parts: int) -> Progress | None:
    """Progress of one of several equal parts as progress of the whole."""
    if on_progress is None:
        return None
    report: Callable[[float, float | None], None] = on_progress

    def part(fraction: float, left: float | None) -> None:
        report((done + fraction) / parts, None if left is None else left + (parts - done - 1) * left / max(1 - fraction, 0.05))

    return part


def _fits(e: Explanation, task: Task) -> str | None:
    return None if e.kind in SAMPLED else "Nothing in it is drawn at random, or it names no parts."


SPECS = [
    ScoreSpec(
        STABILITY,
        _fits,
        lambda e, task: OTHER_SEEDS * calls_again(e, task),
        lambda case: stability(case.e, case.task, case.seed, lambda share, _: case.progress(share), case.ask.limits.cancel),
    )
]
