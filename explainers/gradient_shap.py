"""Gradient SHAP: integrated gradients from baselines drawn from the training data, at a random place on each way.

Erion et al., "Improving performance of deep learning models with axiomatic attribution priors and expected gradients" (2021), as captum's
`GradientShap`. An estimate, by random draws, of integrated gradients averaged over the baselines; the gap says how far the draws are off.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .engine import Ended
from .gradients.method import Found, Params, baseline_option, gradient_method
from .gradients.seeded import seeded
from .gradients.setup import Setup
from .methods import option


@dataclass(frozen=True)
class ShapParams(Params):
    baseline: str = baseline_option()
    background: int = option(
        16, "Baselines drawn", "How many pictures or rows, where they are drawn from the training data.", low=1, high=200
    )
    samples: int = option(64, "Samples", "Random places on the ways from the baselines. More: steadier, slower.", low=2, high=2000)
    noise: float = option(
        0.0, "Noise", "Standard deviation of noise on the instance, in what the network reads.", low=0.0, high=1.0, advanced=True
    )


def _own(setup: Setup, params: ShapParams) -> Found:
    """In parts, because captum draws all samples at once, which would take gigabytes for pictures."""
    from captum.attr import GradientShap

    method, total, done = GradientShap(setup.forward), torch.zeros_like(setup.x), 0
    stopped = ""
    with seeded(setup.request.seed):
        while done < params.samples and not stopped:
            part = min(setup.at_once, params.samples - done)
            try:
                total += part * method.attribute(setup.x, baselines=setup.baseline, n_samples=part, stdevs=params.noise).detach()
                done += part
            except Ended as ended:
                if not done:
                    raise
                stopped = str(ended)
    return Found(total / done, done, [], stopped)


METHOD = gradient_method(
    "gradient_shap", "Gradient SHAP", ShapParams, _own, lambda params: params.samples, complete=True,
    draws=lambda params: params.background, drawn_first=True,
)  # fmt: skip
