"""A method by Shapley values from the few lines that are its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine import Ended
from ..explanation import Attribution
from ..maps import baselines
from ..maps.complete import completeness
from ..maps.output import PROBABILITY, output_option
from ..methods import MAPS, MethodSpec, Outcome, Request, option
from ..parts import POSITIONS, TextParts
from ..tasks import Task
from .game import REMOVED, WORDS, Game, game

BACKGROUND = "background rows"
TIMED = 16  # inputs that a forecast times the model on
_BASELINE_HELP = "What stands for a part that is absent. It changes the answer: try another."
_STOPS = {"cancelled": "It was cancelled", "max_calls": "It reached its limit of model calls", "max_seconds": "It reached its time limit"}


@dataclass(frozen=True)
class Params:
    """evaluations: coalitions of parts that the model is asked about, at most."""

    output: str = output_option(PROBABILITY)
    evaluations: int = option(200, "Coalitions asked about", "Sets of parts that are there. More: steadier, slower.", low=4, high=100_000)


@dataclass(frozen=True)
class TextParams(Params):
    baseline: str = option(REMOVED, "An absent word is", _BASELINE_HELP, choices=WORDS, upfront=True)


@dataclass(frozen=True)
class TableParams(Params):
    baseline: str = option(
        BACKGROUND,
        "An absent value is",
        _BASELINE_HELP,
        choices=(BACKGROUND, baselines.AVERAGE_ROW),
        upfront=True,
        meanings=baselines.MEANINGS,
    )
    background: int = option(20, "Background rows", "Drawn from the training data; the output is the mean over them.", low=1, high=1000)


@dataclass(frozen=True)
class ImageParams(Params):
    baseline: str = option(
        baselines.BLUR, "An absent part is", _BASELINE_HELP, choices=baselines.PICTURES, upfront=True, meanings=baselines.MEANINGS
    )
    segments: int = option(40, "Parts", "About how many parts the picture is cut into.", low=2, high=200, advanced=True)


PARAMS: dict[str, type[Params]] = {"text": TextParams, "tabular": TableParams, "image": ImageParams}


@dataclass(frozen=True)
class Solved:
    """values, low, high: (players,). coalitions: how many were evaluated."""

    values: np.ndarray
    coalitions: int
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    caveats: list[str] = field(default_factory=list)
    stopped: str = ""


Own = Callable[[Game, int, int], Solved]  # (game, coalitions, seed)


def game_of(request: Request, given: Any, most: int | None = None) -> Game:
    """`most`: parts of a text."""
    return game(request, given.output, given.baseline, getattr(given, "background", 1), getattr(given, "segments", 40), most)


def shapley_method(name: str, title: str, own: Own, least: Callable[[int], int] = lambda players: 4) -> MethodSpec:
    """`own` solves the game. `least`: coalitions that it cannot do without, by the number of players."""

    def run(request: Request, given: Any) -> Outcome:
        _ = request.prediction
        played = game_of(request, given)
        evaluations = max(_affordable(request, given.evaluations, played.rows), 0)
        if request.task.modality == "text" and evaluations < least(played.players):
            most = max((p for p in range(2, played.players) if least(p) <= evaluations), default=None)
            played = game_of(request, given, most)
        request.ask.plan(min(evaluations + 2, 2 ** min(played.players, 40)) * played.rows)
        try:
            if evaluations < least(played.players):
                needed = f"{least(played.players):,} coalitions of its {played.players:,} parts"
                if given.evaluations < least(played.players):
                    raise ValueError(f"This method needs {needed} at least: ask about more, or choose fewer parts.")
                raise Ended("max_calls")
            absent, there = played(np.stack([np.zeros(played.players), np.ones(played.players)]))
            solved = own(played, evaluations, request.seed)
        except Ended as ended:
            return _nothing(request, given, str(ended))
        return _outcome(played, solved, float(absent), float(there - absent))

    def plan(task: Task, instance: Any, given: Any, seed: int) -> tuple[int, Any]:
        tabular = task.modality == "tabular"
        players = len(instance) if tabular else 2**20
        rows = given.background if tabular and given.baseline == BACKGROUND else 1
        return 1 + rows * min(given.evaluations, 2 ** min(players, 20)), _sample(task, instance)

    return MethodSpec(name, "attribution", title, params_for, fits, run, plan, family=MAPS)


def _sample(task: Task, instance: Any) -> Any:
    """Some inputs that cost the model what copies of the instance do, to time it on."""
    if task.modality == "tabular":
        train = task.instances("train")
        return task.batch([task.check(train[i]) for i in range(min(TIMED, len(train)))])
    if task.modality == "image":
        return [instance.rotate(90 * k) for k in range(4)]
    parts = TextParts.of(instance, POSITIONS)
    return [instance, *parts.switch_off(~np.eye(min(TIMED, len(parts)), len(parts), dtype=bool))]


def params_for(task: Task) -> type:
    return PARAMS.get(task.modality, TextParams)


def fits(task: Task) -> str | None:
    return None if task.modality in PARAMS else f"Shapley values here are of texts, tables and pictures, not of {task.modality} tasks."


def _affordable(request: Request, evaluations: int, rows: int) -> int:
    most = request.ask.limits.max_calls
    return evaluations if most is None else min(evaluations, (most - request.ask.calls_asked) // rows - 2)


def _outcome(played: Game, solved: Solved, absent: float, effect: float) -> Outcome:
    ends: dict[str, Any] = {"low": solved.low, "high": solved.high}
    payload = played.payload(solved.values, samples=solved.coalitions, intercept=absent, effect=effect, **ends)
    quality, said = completeness(float(solved.values.sum()), effect)
    caveats = [*played.caveats, *solved.caveats, *said]
    if solved.stopped:
        caveats.append(f"{_STOPS[solved.stopped]} after {solved.coalitions:,} coalitions, so the numbers are less sure than usual.")
    return Outcome(payload, quality, caveats, "partial" if solved.stopped else "complete", solved.stopped)


def _nothing(request: Request, given: Any, reason: str) -> Outcome:
    places: list[Any] | None = [] if request.task.modality == "text" else None
    payload = Attribution([], [], np.empty(0), given.output, None, None, 0.0, places, places)
    return Outcome(payload, [], [f"{_STOPS[reason]} before there was a result."], "partial", reason)
