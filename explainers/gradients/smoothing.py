"""The same map over noisy copies of the input: captum's NoiseTunnel.

Smilkov et al., "SmoothGrad" (2017): the mean over copies with normal noise; Hooker et al. 2019 ("A benchmark for interpretability methods"):
the mean of squares; Adebayo et al. 2018: the variance. The noise's standard deviation is a share of the input's range.
"""

from __future__ import annotations

from typing import Any

import torch

from .seeded import seeded
from .setup import Setup

OFF, MEAN, SQUARED, VARIANCE = "off", "mean", "squared", "variance"
WAYS = (OFF, MEAN, SQUARED, VARIANCE)
_CAPTUM = {MEAN: "smoothgrad", SQUARED: "smoothgrad_sq", VARIANCE: "vargrad"}


def attribute(method: Any, setup: Setup, smooth: str, copies: int, noise: float, **how: Any) -> torch.Tensor:
    """captum's attribution, detached, of x's shape. `method`: a captum object; `how`: for its `attribute`."""
    if smooth == OFF:
        return method.attribute(setup.x, **how).detach()
    from captum.attr import NoiseTunnel

    spread = noise * float(setup.d.x.max() - setup.d.x.min())
    with seeded(setup.request.seed):
        return (
            NoiseTunnel(method)
            .attribute(
                setup.x, nt_type=_CAPTUM[smooth], nt_samples=copies, stdevs=spread, nt_samples_batch_size=min(copies, setup.at_once), **how
            )
            .detach()
        )
