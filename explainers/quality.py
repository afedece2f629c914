"""How far to believe an explanation: the door to the scores that need more model calls (scores/), and what compares two explanations.

Each score says its direction (`higher_is_better`), its range, its interval and, in one sentence, what it means.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .engine import SPEED, Progress
from .explanation import Explanation, Score
from .methods import Forecast
from .scores import all_specs
from .scores.sanity import flagged
from .scores.seeds import OTHER_SEEDS, SAMPLED, STABILITY, TOP, largest_difference, share_of, stability, top_overlap
from .scores.spec import STOPPED, Case, ScoreSpec, Stopped
from .tasks import Task

__all__ = [
    "OTHER_SEEDS", "SAMPLED", "SCORES", "STABILITY", "TOP", "evaluate", "evaluation_forecast", "fitting_scores", "flagged",
    "largest_difference", "share_of", "stability", "top_overlap",
]  # fmt: skip

SCORES = tuple(spec.name for spec in all_specs())


def evaluate(
    e: Explanation,
    task: Task,
    scores: Sequence[str] | None = None,
    seed: int = 0,
    *,
    mask: Any = None,
    on_progress: Progress | None = None,
    cancel: Any = None,
) -> list[Score]:
    """The scores that need more than the explanation itself. `scores`: names among `SCORES`, None = all that fit.

    mask  bool (height, width), where the object is in the picture; None = what the task knows
    Raises ValueError, whose text is the sentence a person is shown.
    """
    chosen = _chosen(e, task, scores, mask)
    if not chosen:
        return []
    case = Case.of(e, task, seed, cancel, **({} if mask is None else {"mask": mask}))
    found = []
    for number, spec in enumerate(chosen):
        case.given["on_progress"] = share_of(on_progress, number, len(chosen))
        try:
            found.append(spec.run(case))
        except Stopped:
            raise ValueError(STOPPED) from None
        except ValueError:
            if scores is not None or spec.name == STABILITY:
                raise
        if on_progress is not None:
            on_progress((number + 1) / len(chosen), None)
    return found


def fitting_scores(e: Explanation, task: Task) -> list[tuple[str, str | None]]:
    """Every score, with None or why it cannot be taken of this explanation."""
    return [(spec.name, spec.fits(e, task)) for spec in all_specs()]


def evaluation_forecast(e: Explanation, task: Task, scores: Sequence[str] | None = None) -> Forecast:
    """What `evaluate` will cost at most: calls, and seconds where the model has been timed."""
    calls = sum(spec.calls(e, task) for spec in _chosen(e, task, scores, None))
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
        return [spec for spec in known.values() if spec.fits(e, task) is None]
    for name in scores:
        reason = known[name].fits(e, task)
        if reason is not None and not (mask is not None and "where the object is" in reason):
            raise ValueError(f"The score {name!r} cannot be taken here. {reason}")
    return [known[name] for name in scores]
