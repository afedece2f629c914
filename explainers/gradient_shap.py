"""Gradient SHAP: integrated gradients from baselines drawn from the training data, at a random place on each way.

Erion et al., "Improving performance of deep learning models with axiomatic attribution priors and expected gradients" (2021), equation 3, as
captum's `GradientShap` does it. For each of `samples` draws: a baseline b, noise e on the instance x, a place a between 0 and 1, and

    (x + e - b) * gradient of the output at b + a (x + e - b)

The numbers are means of these, each with a 95 % interval; they add up to output(x) - mean output(b) as the samples grow.
The gradients are captum's. The draws are made here, in captum's order, since captum takes them from generators that all jobs share.

Smoothed (gradients/smoothing.py), all of this is done for each of several noisy copies of the instance.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats

from .engine import MAX_CALLS, Ended
from .gradients import smoothing
from .gradients.method import Found, SmoothParams, baseline_option, copies, gradient_method
from .gradients.setup import Setup
from .methods import option


@dataclass(frozen=True)
class ShapParams(SmoothParams):
    """`noise` is that of the copies where it is smoothed; `spread` is the method's own, on every draw."""

    baseline: str = baseline_option()
    background: int = option(
        16, "Baselines drawn", "How many pictures or rows, where they are drawn from the training data.", low=1, high=200
    )
    samples: int = option(64, "Samples", "Random places on the ways from the baselines. More: steadier, slower.", low=2, high=2000)
    spread: float = option(
        0.0, "Noise on each draw", "Its standard deviation, as a share of the input's range.", low=0.0, high=1.0, advanced=True
    )


@dataclass(frozen=True, eq=False)
class Draws:
    """baseline: int (n,), its row of the baselines; points and differences (instance minus baseline): (n, ...) like x."""

    baseline: np.ndarray
    points: torch.Tensor
    differences: torch.Tensor

    @classmethod
    def of(cls, x: torch.Tensor, baselines: torch.Tensor, n: int, spread: float, seed: int) -> Draws:
        """`spread`: standard deviation of the noise."""
        rng = np.random.RandomState(seed % 2**32)  # the generator that captum draws from, but our own
        row = rng.choice(len(baselines), n)
        noise = torch.randn((n, *x.shape[1:]), generator=torch.Generator().manual_seed(seed % 2**63)) if spread else 0.0
        differences = x + spread * noise - baselines[row]
        place = torch.from_numpy(rng.uniform(0, 1, n)).float().view(-1, *[1] * (x.dim() - 1))
        return cls(row, baselines[row] + place * differences, differences)


@dataclass(frozen=True, eq=False)
class Sampled:
    """total: like x, sum over draws; sums (n, parts): a draw each; rows (n,): baselines drawn; stopped: the limit that ended it early."""

    total: torch.Tensor
    sums: np.ndarray
    rows: np.ndarray
    stopped: str


def _sampled(setup: Setup, params: ShapParams, x: torch.Tensor, seed: int) -> Sampled:
    """The draws for one input, as many as the limits allow."""
    from captum.attr import Saliency

    affordable, stopped = params.samples, ""
    if (most := setup.request.ask.limits.max_calls) is not None and affordable > most - setup.request.ask.calls_asked:
        affordable, stopped = most - setup.request.ask.calls_asked, MAX_CALLS
    drawn = Draws.of(x, setup.baseline, params.samples, params.spread * float(x.max() - x.min()), seed)
    method = Saliency(setup.forward)
    total = torch.zeros_like(x, dtype=torch.float64)
    sums: list[np.ndarray] = []
    for rows in torch.arange(affordable).split(setup.at_once):
        try:
            slopes = method.attribute(drawn.points[rows].requires_grad_(), abs=False)
        except Ended as ended:
            stopped = str(ended)
            break
        values = (slopes * drawn.differences[rows]).detach().double()
        total += values.sum(0, keepdim=True)
        sums.extend(setup.merger.sums(values.numpy()))
    return Sampled(total, np.array(sums), drawn.baseline[: len(sums)], stopped)


def _own(setup: Setup, params: ShapParams) -> Found:
    x = setup.d.x.detach()
    if params.smooth != smoothing.OFF:
        return _smoothed(setup, params, x)
    found = _sampled(setup, params, x, setup.request.seed)
    each, n = found.sums, len(found.sums)
    if n < 2:
        raise Ended(found.stopped)
    often = stats.t.ppf(0.975, n - 1) / np.sqrt(n)
    middle, error = each.mean(axis=0), often * each.std(axis=0, ddof=1)
    absent = setup.absents[found.rows]
    reach = float(often * (each.sum(axis=1) + absent).std(ddof=1))
    return Found(found.total / n, n, [], found.stopped, float(absent.mean()), middle - error, middle + error, reach=reach)


def _smoothed(setup: Setup, params: ShapParams, x: torch.Tensor) -> Found:
    """Over noisy copies of the instance; one that a limit cuts short is left out, unless it is the first."""
    noise = torch.Generator().manual_seed(setup.request.seed % 2**63)
    spread = params.noise * float(x.max() - x.min())
    maps: list[torch.Tensor] = []
    steps, stopped = 0, ""
    for copy in range(params.copies):
        found = _sampled(setup, params, x + spread * torch.randn(x.shape, generator=noise), setup.request.seed + copy)
        stopped = found.stopped
        if stopped and (maps or not len(found.sums)):
            break
        steps += len(found.sums)
        maps.append(found.total / len(found.sums))
        if stopped:
            break
    if not maps:
        raise Ended(stopped)
    return Found(smoothing.over_copies(torch.stack(maps), params.smooth), steps, stopped=stopped)


METHOD = gradient_method(
    "gradient_shap", "Gradient SHAP", ShapParams, _own, lambda params: params.samples * copies(params), complete=True,
    draws=lambda params: params.background, drawn_first=True,
)  # fmt: skip
