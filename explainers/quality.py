"""How far to believe an explanation: the door to the scores that need more than it (scores/), and what compares two explanations.

Each score says its direction (`higher_is_better`), its range, its interval and, in one sentence, what it means.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from typing import Any

from .engine import SPEED, Progress
from .explanation import Explanation, Score
from .methods import Forecast
from .scores import all_specs
from .scores.copies import checked_baseline
from .scores.sanity import flagged
from .scores.seeds import OTHER_SEEDS, SAMPLED, STABILITY, TOP, largest_difference, share_of, stability, top_overlap
from .scores.spec import STOPPED, Case, ScoreSpec, Stopped
from .scores.truth import NO_MASK, OTHER_CLASS
from .tasks import Task

__all__ = [
    "OTHER_SEEDS", "QUICK_CALLS", "SAMPLED", "SCORES", "STABILITY", "TOP", "evaluate", "evaluation_forecast", "fitting_scores", "flagged",
    "largest_difference", "quick_scores", "share_of", "stability", "top_overlap",
]  # fmt: skip

SCORES = tuple(spec.name for spec in all_specs())
QUICK_CALLS = {"text": 200, "tabular": 1_000, "image": 150}  # what `quick_scores` may cost together


def evaluate(
    e: Explanation,
    task: Task,
    scores: Sequence[str] | None = None,
    seed: int = 0,
    *,
    mask: Any = None,
    baseline: str | None = None,
    on_progress: Progress | None = None,
    cancel: Any = None,
) -> list[Score]:
    """The scores that need more than the explanation itself. `scores`: names among `SCORES`, None = all that fit.

    mask      bool (height, width), where the object is in the picture; None = what the task knows
    baseline  what stands where a part is gone, one of `scores.copies.BASELINES`; None = several, as stated there
    Raises ValueError, whose text is the sentence a person is shown.
    """
    chosen = _chosen(e, task, scores, mask)
    if not chosen:
        return []
    case = Case.of(e, task, seed, cancel, mask=mask, baseline=checked_baseline(task, baseline))
    costs = [spec.calls(e, task) for spec in chosen]
    steps = _steps(on_progress, [cost + 1 for cost in costs])
    found: list[Score] = []
    refused: list[ValueError] = []
    for number, spec in enumerate(chosen):
        case.begin(costs[number], lambda share, number=number: steps(number, share))  # type: ignore[misc]
        try:
            found.append(spec.run(case))
        except Stopped:
            raise ValueError(STOPPED) from None
        except ValueError as reason:
            if scores is not None or spec.name == STABILITY:
                raise
            refused.append(reason)
        steps(number, 1.0)
    if refused and not found:
        raise refused[0]
    return found


def fitting_scores(e: Explanation, task: Task, mask: Any = None) -> list[tuple[str, str | None]]:
    """Every score, with None or why it cannot be taken of this explanation."""
    return [(spec.name, _reason(spec, e, task, mask)) for spec in all_specs()]


def quick_scores(e: Explanation, task: Task, mask: Any = None, most_calls: int | None = None) -> list[str]:
    """Names of scores that fit and together cost no more than `most_calls` (None = `QUICK_CALLS`), in the order of `SCORES`."""
    most = QUICK_CALLS.get(task.modality, 0) if most_calls is None else most_calls
    names: list[str] = []
    for name, reason in fitting_scores(e, task, mask):
        if reason is None and evaluation_forecast(e, task, [*names, name], mask).calls <= most:
            names.append(name)
    return names


def evaluation_forecast(e: Explanation, task: Task, scores: Sequence[str] | None = None, mask: Any = None) -> Forecast:
    """What `evaluate` will cost at most: calls, those that two scores share once; and seconds where the model has been timed.

    A pass through the model stands for a call, also where gradients come back.
    """
    calls, copies = 0, set[Hashable]()
    for spec in _chosen(e, task, scores, mask):
        if spec.copies is not None:
            copies |= spec.copies(e, task)
        else:
            calls += spec.calls(e, task)
    calls += len(copies)
    cost = 1.0 if task.modality == "tabular" else float(task.model.costs(task.batch([e.instance]))[0])
    return Forecast(calls, SPEED.seconds(task.model.fingerprint, cost * calls))


def _chosen(e: Explanation, task: Task, scores: Sequence[str] | None, mask: Any) -> list[ScoreSpec]:
    known = {spec.name: spec for spec in all_specs()}
    unknown = [name for name in scores or () if name not in known]
    if unknown:
        raise ValueError(f"There is no score {unknown[0]!r}: choose among {', '.join(SCORES)}.")
    if scores is not None and not scores:
        return []
    if e.model_fingerprint != task.model.fingerprint:
        raise ValueError("This explanation is of another model: load the task and model it was made with.")
    if scores is None:
        return [spec for spec in known.values() if _reason(spec, e, task, mask) is None]
    for name in scores:
        reason = _reason(known[name], e, task, mask)
        if reason is not None:
            raise ValueError(f"The score {name!r} cannot be taken here. {reason}")
    return [known[name] for name in scores]


def _reason(spec: ScoreSpec, e: Explanation, task: Task, mask: Any) -> str | None:
    reason = spec.fits(e, task)
    return None if mask is not None and reason in (NO_MASK, OTHER_CLASS) else reason


def _steps(on_progress: Progress | None, weights: Sequence[float]) -> Callable[[int, float], None]:
    """Progress of the `number`th of several scores as progress of the whole; what is left is judged by what went before."""
    started, total, most = time.perf_counter(), sum(weights), 0.0

    def report(number: int, share: float) -> None:
        nonlocal most
        if on_progress is None:
            return
        most = max(most, (sum(weights[:number]) + share * weights[number]) / total)  # never backwards
        on_progress(most, (time.perf_counter() - started) * (1 - most) / most if most > 0 else None)

    return report
