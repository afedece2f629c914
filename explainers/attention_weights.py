"""Attention weights of a network that pools words by them: where it looks. Not what decided.

Jain and Wallace 2019, "Attention is not Explanation", and Wiegreffe and Pinter 2019, "Attention is not not Explanation", say how little and how much
such weights tell. Plain: the weights, which sum to 1 over all pieces. Against uniform: each less 1 / t, what even weights would give it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .maps import attention
from .methods import MAPS, MethodSpec, Outcome, Request, option
from .tasks import Task

PLAIN, AGAINST_UNIFORM = "plain", "against uniform"
_OVER_EVEN = "share of attention above an even one"
_CAVEAT = "This shows where the network looks, not what decided: the same numbers come out for every class, and none is for or against one."


@dataclass(frozen=True)
class Params:
    weights: str = option(
        PLAIN, "Weights", "Plain: the share of each word. Against uniform: that share less what it would be if all words counted alike.",
        choices=(PLAIN, AGAINST_UNIFORM),
    )  # fmt: skip


def run(request: Request, params: Params) -> Outcome:
    _ = request.prediction
    asked = request.task.model.differentiable(request.instance)  # type: ignore[attr-defined]
    pieces = np.asarray(asked.attention(), dtype=np.float64)
    plain = params.weights == PLAIN
    pieces = pieces if plain else pieces - 1 / len(pieces)
    payload, caveats = attention.over_words(request, pieces, asked, attention.SHARE if plain else _OVER_EVEN, signed=not plain)
    return Outcome(payload, [], [*caveats, _CAVEAT])


def fits(task: Task) -> str | None:
    return attention.readable(task, pooled=True)


def params_for(task: Task) -> type:
    return Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    return 1, task.batch([instance])


METHOD = MethodSpec("attention_weights", "attribution", "Attention weights", params_for, fits, run, plan, family=MAPS)
