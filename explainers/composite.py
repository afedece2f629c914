"""Composite: the four methods of Hase and Bansal (ACL 2020, app. A.3.5) on one instance, in their order and reduced form.

LIME's five strongest parts, the rule, then only the last step over the decision boundary, then the closest prototype. A model
without a prototype network gets its nearest examples in that place, said to be what they are. One part that fails leaves the
others standing: a caveat says which and why.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .engine import CANCELLED, MAX_CALLS, MAX_SECONDS
from .explanation import Explanation
from .methods import MethodSpec, Outcome, Request, checked_params, explain, spec
from .payloads import BoundaryPath, Composite, Prototypes
from .quality import share_of
from .tasks import Task

LIME_PARTS = 5  # as the paper showed
LIMITS = (CANCELLED, MAX_CALLS, MAX_SECONDS)


@dataclass(frozen=True)
class Params:
    """None of its own: each method runs at its defaults."""


@dataclass(frozen=True)
class Piece:
    """One of the four: the method, or what stands in for it, its parameters, and its reduced form."""

    methods: tuple[str, ...]
    params: dict[str, Any]
    reduced: Callable[[Any], Any]

    def fitting(self, task: Task) -> str | None:
        """The first of its methods that fits the task."""
        return next((name for name in self.methods if spec(name).fits(task) is None), None)


def last_step(path: BoundaryPath) -> BoundaryPath:
    """The instance and the end of the way."""
    return replace(path, steps=[path.steps[0], path.steps[-1]]) if len(path.steps) > 2 else path


def closest(found: Prototypes) -> Prototypes:
    """Only the most similar training instance."""
    return replace(found, prototypes=sorted(found.prototypes, key=lambda p: -p.similarity)[:1])


PIECES = (
    Piece(("lime",), {"num_features": LIME_PARTS}, lambda payload: payload),
    Piece(("anchors",), {}, lambda payload: payload),
    Piece(("decision_boundary",), {}, last_step),
    Piece(("prototypes", "nearest_examples"), {}, closest),
)


def run(request: Request, params: Params) -> Outcome:
    """One method after the other, each within what the limits leave; a provisional outcome after each."""
    parts: list[Explanation] = []
    said: list[str] = []
    ask = request.ask
    stopped = ""
    for number, piece in enumerate(PIECES):
        name = piece.fitting(request.task)
        if name is None:
            said.append(f"A part is missing: {spec(piece.methods[0]).fits(request.task)}")
            continue
        left = request.left()
        if left is None:
            stopped = request.ended_by
            break
        try:
            part = explain(
                name, request.task, request.instance, target=request.target, seed=request.seed, cancel=left.cancel,
                max_calls=left.max_calls, max_seconds=left.max_seconds, on_progress=share_of(ask.on_progress, number, len(PIECES)),
                **piece.params,
            )  # fmt: skip
        except ValueError as problem:
            said.append(f"{spec(name).title} is missing: {problem}")
            continue
        request.others.append(part.cost)
        parts.append(replace(part, payload=piece.reduced(part.payload)))
        if part.status == "partial" and part.reason in LIMITS:
            stopped = part.reason
            break
        if number < len(PIECES) - 1:
            request.emit(Outcome(Composite(list(parts)), [], said, "partial", f"still working: {len(parts)} of {len(PIECES)} methods done"))
    if not parts and not stopped:
        raise ValueError(said[0] if said else "None of the methods fits this task.")
    if ask.on_progress is not None:
        ask.on_progress(1.0, 0.0)
    return Outcome(Composite(parts), [], said, "partial" if stopped else "complete", stopped)


def fits(task: Task) -> str | None:
    if any(piece.fitting(task) for piece in PIECES):
        return None
    return f"None of the methods that it puts together fits {task.modality} tasks yet: choose another task."


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    """The sum of the parts' plans: what is asked twice is counted twice, so it is at most this."""
    calls, sample = 0, task.batch([instance])
    for piece in PIECES:
        name = piece.fitting(task)
        if name is not None:
            chosen = spec(name)
            more, sample = chosen.plan(task, instance, checked_params(chosen.params_for(task), piece.params), seed)
            calls += more
    return calls, sample


METHOD = MethodSpec("composite", "composite", "Composite", lambda task: Params, fits, run, plan)
