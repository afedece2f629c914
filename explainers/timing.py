"""How long a model takes for an input and for a step with gradients, timed before anything is explained, so that a forecast is in seconds too.

Nothing here counts as a call and no answer is kept: the same input is passed a few times, the first time only to warm up.
"""

from __future__ import annotations

import threading
import time
from typing import Any

import numpy as np

from .engine import SPEED, take
from .methods import Forecast
from .models.base import CodedModel, GradientModel, Model, PatchModel
from .models.patches import PatchedPictures
from .models.tables import CodedTable

ROWS = 8  # of a timed pass: with fewer, what every pass costs would be taken for the price of an input
ENOUGH = 0.5  # seconds that one pass may take before it is not worth the wait to time another
_BESIDE = 3  # inputs that a doubling method passes beside its steps: the instance with and without gradients, the baseline
_KEPT = 256  # timed inputs

_STEPS: dict[tuple[str, tuple[int, ...]], float] = {}  # (fingerprint, shape of what the network computes with) -> seconds of a step
_LOCK = threading.Lock()


def time_answers(model: Model, sample: Any) -> None:
    """Teach the engine's book how long the model takes, where the answers to `sample` were known already or too few to tell."""
    rows = take(sample, np.arange(ROWS) % len(sample))
    cost = int(np.asarray(model.costs(rows)).sum())
    if isinstance(rows, CodedTable) and not isinstance(model, CodedModel):
        rows = rows.frame()
    if isinstance(rows, PatchedPictures) and not isinstance(model, PatchModel):
        rows = list(rows)
    for _ in range(2):  # of which the book keeps the faster
        started = time.perf_counter()
        model.predict_proba(rows)
        spent = time.perf_counter() - started
        SPEED.record(model.fingerprint, ROWS, cost, spent)
        if spent > ENOUGH:
            break


def gradient_forecast(model: GradientModel, instance: Any, params: Any, calls: int, max_calls: int | None) -> Forecast:
    """For a method by gradients. `calls`: what it mostly takes; `instance`: checked; `max_calls`: the limit that will hold."""
    ready, step = _timed(model, instance)
    calls = _at_most(calls + _drawn(params), max_calls)
    rounds = _rounds(params)
    if len(rounds) < 2:
        return Forecast(calls, ready + calls * step)
    few, many = (_at_most(_BESIDE + n, max_calls) for n in (rounds[0], sum(rounds)))
    return Forecast(calls, ready + calls * step, (few, ready + few * step), (many, ready + many * step))


def _at_most(calls: int, max_calls: int | None) -> int:
    return calls if max_calls is None else min(calls, max_calls)


def _drawn(params: Any) -> int:
    """Baselines that are drawn beyond the one that every plan counts."""
    from .maps.baselines import OTHER_PICTURE, OTHER_ROW

    return params.background - 1 if getattr(params, "baseline", "") in (OTHER_PICTURE, OTHER_ROW) and hasattr(params, "background") else 0


def _rounds(params: Any) -> list[int]:
    """The numbers of steps that a method tries which doubles them until its numbers add up; [] for other methods."""
    from .gradients.smoothing import OFF

    if not hasattr(params, "most_steps") or params.smooth != OFF:
        return []
    found = [params.steps]
    while 2 * found[-1] <= params.most_steps:
        found.append(2 * found[-1])
    return found


def _timed(model: GradientModel, instance: Any) -> tuple[float, float]:
    """Seconds to set the network up for the instance, and of one step forth and back, in passes as the methods make them."""
    import torch

    from .gradients.setup import CELLS_AT_ONCE, ROWS_AT_ONCE

    started = time.perf_counter()
    d = model.differentiable(instance)
    ready = time.perf_counter() - started
    key = (model.fingerprint, tuple(d.x.shape))
    with _LOCK:
        known = _STEPS.get(key)
    if known is not None:
        return ready, known
    rows = min(ROWS, ROWS_AT_ONCE if d.x.dim() == 4 else max(1, CELLS_AT_ONCE // d.x.numel()))

    def seconds(n: int) -> float:
        x = d.x.detach().expand(n, *d.x.shape[1:]).clone().requires_grad_()
        started = time.perf_counter()
        torch.autograd.grad(d.forward(x)[:, 0].sum(), x)
        return time.perf_counter() - started

    step = seconds(1)
    if step < ENOUGH:  # else the first, with whatever it took to warm up, has to do
        step = min(seconds(rows) for _ in range(2)) / rows
    with _LOCK:
        while len(_STEPS) >= _KEPT:
            _STEPS.pop(next(iter(_STEPS)))
        _STEPS[key] = step
    return ready, step
