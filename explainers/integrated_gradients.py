"""Integrated gradients: the change of the output on the straight way from a baseline to the instance, shared out among its inputs.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks" (ICML 2017); captum's `IntegratedGradients`, Gauss-Legendre nodes. The
numbers of all inputs add up to the effect, output(instance) - output(baseline), as far as the integral is exact. So the number of steps is
doubled until they do to within 2 % of the effect, or a limit ends it; what is left is the "completeness gap".
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .engine import Ended
from .gradients.method import SMALL, Found, SmoothParams, baseline_option, gradient_method
from .gradients.setup import Setup
from .gradients.smoothing import OFF, attribute
from .methods import option

CLOSE = 0.02  # of the effect


@dataclass(frozen=True)
class Params(SmoothParams):
    """steps: the first number of them; 8 is far too few for EfficientNet."""

    baseline: str = baseline_option()
    steps: int = option(32, "Steps", "On the way from the baseline to the instance; doubled until the numbers add up.", low=2, high=2048)
    most_steps: int = option(256, "Most steps", "Doubling ends here, whether they add up or not.", low=2, high=4096, advanced=True)


def _own(setup: Setup, params: Params) -> Found:
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(setup.forward, multiply_by_inputs=True)
    _, effect = setup.effect
    found, gap = None, 0.0
    steps = params.steps
    while True:
        batch: dict[str, Any] = {} if params.smooth != OFF else {"internal_batch_size": setup.at_once}
        how = {"baselines": setup.baseline, "n_steps": steps, **batch}
        try:
            values = attribute(method, setup, params.smooth, params.copies, params.noise, **how)
        except Ended as ended:
            if found is None:
                raise
            return Found(found.values, found.steps, [_said(gap)], str(ended))
        found = Found(values, steps)
        gap = abs(float(values.double().sum()) - effect) / max(abs(effect), SMALL)
        if gap < CLOSE or params.smooth != OFF or abs(effect) <= SMALL:
            return found
        if 2 * steps > params.most_steps:
            return Found(values, steps, [_said(gap)])
        steps *= 2
        setup.request.ask.plan(2 * steps)


def _said(gap: float) -> str:
    return f"The numbers miss what they should add up to by {100 * gap:.0f} % of it: more steps, or another baseline, would do better."


METHOD = gradient_method(
    "integrated_gradients", "Integrated gradients", Params, _own,
    lambda params: params.steps * (1 if params.smooth == OFF else params.copies), complete=True,
)  # fmt: skip
