"""A method by gradients from the few lines that are its own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch

from ..engine import Ended
from ..maps import baselines
from ..maps.complete import completeness
from ..maps.output import LOG_ODDS, output_option
from ..methods import MAPS, MethodSpec, Outcome, Request, option
from ..models.base import ZERO_VECTOR, WindowedModel
from ..tasks import Task
from . import smoothing
from .networks import network
from .setup import Found, Setup, setup

PASSES = 3.0  # that a call with its gradients costs, in passes without: the way back is about twice the way forth
_STOPS = {"cancelled": "It was cancelled", "max_calls": "It reached its limit of model calls", "max_seconds": "It reached its time limit"}


@dataclass(frozen=True)
class Params:
    """What every method by gradients has."""

    output: str = output_option(LOG_ODDS)


@dataclass(frozen=True)
class SmoothParams(Params):
    """With captum's NoiseTunnel over it. `noise` is a share of the input's range."""

    smooth: str = smoothing.smooth_option()
    copies: int = option(16, "Noisy copies", "How many, where smoothed. More: smoother, slower.", low=2, high=500, advanced=True)
    noise: float = option(0.1, "Noise", "Its standard deviation, as a share of the input's range.", low=0.001, high=1.0, advanced=True)


def copies(params: SmoothParams) -> int:
    """How many inputs it takes: one, or the noisy copies of it."""
    return 1 if params.smooth == smoothing.OFF else params.copies


Own = Callable[[Setup, Any], Found]


def gradient_method(
    name: str,
    title: str,
    params: type[Params],
    own: Own,
    rows: Callable[[Any], int],
    *,
    complete: bool = False,
    signed: bool = True,
    draws: Callable[[Any], int] = lambda params: 1,
    why_not: Callable[[Task], str | None] = lambda task: None,
    drawn_first: bool = False,
    of_pictures: type[Params] | None = None,
) -> MethodSpec:
    """`own`: the method. `rows`: how many inputs it passes through the network, mostly. `complete`: its numbers add up to the effect.

    draws        how many baselines are drawn where they are drawn from the training data
    drawn_first  whether the drawn ones are the default
    why_not      a reason of its own why it does not fit a task
    of_pictures  other parameters than `params`, where pictures are explained
    """

    def run(request: Request, given: Any) -> Outcome:
        _ = request.prediction
        kind = getattr(given, "baseline", None)
        request.ask.plan(rows(given) + 2)
        promised = complete and getattr(given, "smooth", smoothing.OFF) == smoothing.OFF  # noise moves what they add up to

        def told(found: Found) -> Outcome:
            return _outcome(made, given, found, absent, effect if promised else None, _signed(given, signed))

        try:
            made = setup(request, given.output, kind, draws(given))
            if request.watched:
                made = dataclasses.replace(made, show=lambda so_far: request.emit(told(so_far)))
            absent, effect = made.effect if kind is not None else (0.0, None)
            found = own(made, given)
        except Ended as ended:
            return _nothing(request, given, str(ended))
        request.ask.plan(1)
        request.ask(request.task.batch([request.instance]))  # the instance again, from the cache: progress ends at 1
        return told(found)

    def fits(task: Task) -> str | None:
        return network(task).why_not or why_not(task)

    def params_for(task: Task) -> type:
        chosen = of_pictures if of_pictures is not None and task.modality == "image" else params
        if "baseline" not in {f.name for f in dataclasses.fields(params)}:
            return chosen
        return _with_baselines(chosen, _choices(task, drawn_first))

    def plan(task: Task, instance: Any, given: Any, seed: int) -> tuple[int, Any]:
        return 1 + rows(given) + 2 * ("baseline" in {f.name for f in dataclasses.fields(params)}), task.batch([instance])

    return MethodSpec(name, "attribution", title, params_for, fits, run, plan, family=MAPS, passes=PASSES)


def baseline_option(default: str = "", choices: tuple[str, ...] = ()) -> str:
    """The parameter `baseline`; its choices depend on the task."""
    help = "What stands for a part that is absent. It changes the answer: try another."
    return option(default, "An absent part is", help, choices=choices, upfront=True, meanings=baselines.MEANINGS)


_MADE: dict[tuple[type, tuple[str, ...]], type] = {}


def _with_baselines(params: type, choices: tuple[str, ...]) -> type:
    """The same parameters with the choices of one task; one class for one set of choices."""
    if (params, choices) not in _MADE:
        fields: list[Any] = [("baseline", str, baseline_option(choices[0], choices))]
        space = {"__module__": params.__module__}
        _MADE[params, choices] = dataclasses.make_dataclass(params.__name__, fields, bases=(params,), frozen=True, namespace=space)
    return _MADE[params, choices]


def _choices(task: Task, drawn_first: bool) -> tuple[str, ...]:
    if task.modality == "text":
        return network(task).stand_ins or (ZERO_VECTOR,)
    names = baselines.PICTURES if task.modality == "image" else baselines.ROWS
    return tuple(reversed(names)) if drawn_first else names


def _signed(given: Any, signed: bool) -> bool:
    return signed and getattr(given, "smooth", smoothing.OFF) in (smoothing.OFF, smoothing.MEAN)


def _outcome(made: Setup, given: Any, found: Found, absent: float, effect: float | None, signed: bool) -> Outcome:
    """`effect`: what the numbers promise to add up to, None where they promise nothing."""
    if effect is not None and found.absent is not None:
        absent, effect = found.absent, effect + absent - found.absent
    more: dict[str, Any] = {
        "signed": signed, "samples": found.steps, "baseline": made.words, "effect": effect, "intercept": 0.0 if effect is None else absent,
        "low": found.low, "high": found.high,
    }  # fmt: skip
    unit = given.output if effect is not None or signed else f"change of {given.output} per unit of input"
    values = found.values[0].double().numpy() if isinstance(found.values, torch.Tensor) else found.values
    payload = made.merger.attribution(values, unit, **more)
    quality, said = ([], []) if effect is None else completeness(float(values.sum()), effect, found.reach)
    caveats = [*_window(made.task, made.request.instance), *found.caveats, *said]
    if not np.any(values):
        caveats.append("Every number is zero: nothing here speaks for the answer, as this method counts.")
    if found.stopped:
        caveats.append(f"{_STOPS[found.stopped]}: the map is what {found.steps:,} steps gave.")
    reason = found.stopped or found.reason
    return Outcome(payload, quality, caveats, "partial" if reason else "complete", reason)


def _nothing(request: Request, given: Any, reason: str) -> Outcome:
    """A limit was met before there was a map."""
    from ..explanation import Attribution

    places: list[Any] | None = [] if request.task.modality == "text" else None
    payload = Attribution([], [], np.empty(0), given.output, None, None, 0.0, places, places)
    return Outcome(payload, [], [f"{_STOPS[reason]} before there was a map."], "partial", reason)


def _window(task: Task, instance: Any) -> list[str]:
    if not isinstance(task.model, WindowedModel) or (fits := task.model.fitting_prefix(instance)) >= len(instance):
        return []
    return [f"The text is longer than the model reads: its last {len(instance[fits:].split()):,} words are ignored by the model."]
