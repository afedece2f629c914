"""Attention rollout: where a transformer mixes from, followed through its layers. Not what decided.

Abnar and Zuidema, "Quantifying Attention Flow in Transformers", ACL 2020, section 3: in each layer the attention, averaged over the heads, is
mixed half and half with the identity for the residual connection; the product over the layers says which share of each input piece
flows into each output. What is shown is the mean over the outputs that the head of the network reads: all of them, or the first piece's, as the
network itself tells (the answer's gradient at the others is 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .maps import attention
from .methods import MAPS, MethodSpec, Outcome, Request, option
from .models.base import Differentiable
from .tasks import Task

AS_MODEL, MEAN, FIRST = "as the model does", "mean of all", "first piece"
_CAVEAT = (
    "This shows where the network mixes from, not what decided: the same numbers come out for every class, and none is for or against one."
)


@dataclass(frozen=True)
class Params:
    residual: float = option(
        0.5, "Residual share", "How much of each layer's output is taken to come straight from the layer below.", low=0, high=1,
        advanced=True,
    )  # fmt: skip
    read_at: str = option(
        AS_MODEL, "Read at", "Which outputs of the last layer to follow back: those that the answer is made of, all, or the first piece's.",
        choices=(AS_MODEL, MEAN, FIRST), advanced=True,
    )  # fmt: skip


def run(request: Request, params: Params) -> Outcome:
    _ = request.prediction
    asked = request.task.model.differentiable(request.instance)  # type: ignore[attr-defined]
    layers = np.asarray(asked.attention(), dtype=np.float64)
    flow = rollout(layers, params.residual)
    pieces = flow[_read(asked, len(flow), params.read_at)].mean(axis=0)
    payload, caveats = attention.over_words(request, pieces, asked, attention.SHARE, signed=False)
    return Outcome(payload, [], [*caveats, _CAVEAT])


def _read(asked: Differentiable, pieces: int, read_at: str) -> np.ndarray:
    """Which outputs to follow back, bool (t,)."""
    if read_at == FIRST:
        return np.arange(pieces) == 0
    return np.ones(pieces, dtype=bool) if read_at == MEAN or asked.reads_from is None else asked.reads_from()


def rollout(layers: np.ndarray, residual: float = 0.5) -> np.ndarray:
    """float64 (layers, heads, t, t), rows sum to 1 -> (t, t): share of each input piece (column) in each output (row); rows sum to 1."""
    flow = np.eye(layers.shape[-1])
    for heads in layers:
        flow = (residual * np.eye(len(flow)) + (1 - residual) * heads.mean(axis=0)) @ flow
    return flow


def fits(task: Task) -> str | None:
    return attention.readable(task, pooled=False)


def params_for(task: Task) -> type:
    return Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    return 1, task.batch([instance])


METHOD = MethodSpec("attention_rollout", "attribution", "Attention rollout", params_for, fits, run, plan, family=MAPS)
