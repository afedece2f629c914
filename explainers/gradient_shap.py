"""Gradient SHAP: integrated gradients from baselines drawn from the training data, at a random place on each way.

Erion et al., "Improving performance of deep learning models with axiomatic attribution priors and expected gradients" (2021), equation 3, as
captum's `GradientShap` does it. For each of `samples` draws: a baseline b, noise e on the instance x, a place a between 0 and 1, and

    (x + e - b) * gradient of the output at b + a (x + e - b)

The numbers are means of these, each with a 95 % interval; they add up to output(x) - mean output(b) as the samples grow.
The gradients are captum's. The draws are made here, in captum's order, since captum takes them from generators that all jobs share.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy import stats

from .engine import MAX_CALLS, Ended
from .gradients.method import Found, Params, baseline_option, gradient_method
from .gradients.setup import Setup
from .methods import option


@dataclass(frozen=True)
class ShapParams(Params):
    """Noise over copies of the instance is part of the method, so there is no other smoothing."""

    baseline: str = baseline_option()
    background: int = option(
        16, "Baselines drawn", "How many pictures or rows, where they are drawn from the training data.", low=1, high=200
    )
    samples: int = option(64, "Samples", "Random places on the ways from the baselines. More: steadier, slower.", low=2, high=2000)
    noise: float = option(
        0.0, "Noise", "Standard deviation of noise on the instance, as a share of its range.", low=0.0, high=1.0, advanced=True
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


def _own(setup: Setup, params: ShapParams) -> Found:
    from captum.attr import Saliency

    x, stopped = setup.d.x.detach(), ""
    affordable = params.samples
    if (most := setup.request.ask.limits.max_calls) is not None and affordable > most - setup.request.ask.calls_asked:
        affordable, stopped = most - setup.request.ask.calls_asked, MAX_CALLS
    drawn = Draws.of(x, setup.baseline, params.samples, params.noise * float(x.max() - x.min()), setup.request.seed)
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
    n, each = len(sums), np.array(sums)
    if n < 2:
        raise Ended(stopped)
    middle, error = each.mean(axis=0), stats.t.ppf(0.975, n - 1) * each.std(axis=0, ddof=1) / np.sqrt(n)
    absent = float(setup.absents[drawn.baseline[:n]].mean())
    return Found(total / n, n, [], stopped, absent, middle - error, middle + error)


METHOD = gradient_method(
    "gradient_shap", "Gradient SHAP", ShapParams, _own, lambda params: params.samples, complete=True,
    draws=lambda params: params.background, drawn_first=True,
)  # fmt: skip
