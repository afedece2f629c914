"""Integrated gradients: the change of the output on the straight way from a baseline to the instance, shared out among its inputs.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks" (ICML 2017), section 3; captum's `IntegratedGradients`, Gauss-Legendre
nodes. The numbers of all inputs add up to the effect, output(instance) - output(baseline), as far as the integral is exact. So the number of
steps is doubled until they do to within 2 % of the effect, or a limit ends it; what is left is the "completeness gap".

How many steps that takes depends on the model and the baseline; it is printed by benchmarks/gradients.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from .engine import MAX_CALLS, Ended
from .gradients.method import Found, SmoothParams, baseline_option, gradient_method
from .gradients.setup import Setup
from .gradients.smoothing import OFF, attribute
from .maps.complete import CLOSE, SMALL, relative_gap
from .methods import option


@dataclass(frozen=True)
class Params(SmoothParams):
    """steps: the first number of them; 8 is far too few for EfficientNet. With noise, they are not doubled."""

    baseline: str = baseline_option()
    steps: int = option(32, "Steps", "On the way from the baseline to the instance; doubled until the numbers add up.", low=2, high=2048)
    most_steps: int = option(256, "Most steps", "Doubling ends here, whether they add up or not.", low=2, high=4096, advanced=True)


def _own(setup: Setup, params: Params) -> Found:
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(setup.forward, multiply_by_inputs=True)
    how: dict[str, Any] = {"baselines": setup.baseline, "internal_batch_size": setup.at_once}
    if params.smooth != OFF:
        return attribute(method, setup, params, params.steps, n_steps=params.steps, **how)
    _, effect = setup.effect
    found: Found | None = None
    for steps in _rounds(params):
        left = setup.request.left()
        if found is not None and left is not None and left.max_calls is not None and left.max_calls < steps:
            return Found(found.values, found.steps, stopped=MAX_CALLS)  # rather than begin what cannot be finished
        try:
            found = attribute(method, setup, params, steps, n_steps=steps, **how)
        except Ended as ended:
            if found is None:
                raise
            return Found(found.values, found.steps, stopped=str(ended))
        if abs(effect) <= SMALL or relative_gap(float(found.values.sum()), effect) < CLOSE:
            break
    assert found is not None
    return found


def _rounds(params: Params) -> list[int]:
    """The numbers of steps that are tried, each twice the one before."""
    found = [params.steps]
    while 2 * found[-1] <= params.most_steps and params.smooth == OFF:
        found.append(2 * found[-1])
    return found


METHOD = gradient_method(
    "integrated_gradients", "Integrated gradients", Params, _own,
    lambda params: sum(_rounds(params)) if params.smooth == OFF else params.steps * params.copies, complete=True,
)  # fmt: skip
