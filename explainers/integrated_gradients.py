"""Integrated gradients: the change of the output on the straight way from a baseline to the instance, shared out among its inputs.

Sundararajan, Taly and Yan, "Axiomatic attribution for deep networks" (ICML 2017), section 3; captum's `IntegratedGradients`, Gauss-Legendre
nodes. The numbers of all inputs add up to the effect, output(instance) - output(baseline), as far as the integral is exact. So the number of
steps is doubled until they do to within 2 % of the effect, or a limit ends it; what is left is the "completeness gap".

How many that are (`python benchmarks/gradients.py steps`; rounds of 32, 64, ...), median over instances: multilayer perceptron 32, MiniLM 32,
BiLSTM 32 from unknown words and 48 from zeros, EfficientNet with the biased head 256 from black. Not there at the most steps: 12 % of the
reviews by the BiLSTM, whose output can leap within a hair of the way, and 33 % of those pictures. The gap then stands beside the map.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from .engine import MAX_CALLS, Ended
from .gradients.method import Found, SmoothParams, baseline_option, gradient_method
from .gradients.setup import Setup
from .gradients.smoothing import OFF, attribute
from .maps.complete import CLOSE, SMALL, relative_gap
from .methods import option

LEAST = 2  # steps
_MOST = "Doubling ends here, whether they add up or not."


@dataclass(frozen=True)
class Params(SmoothParams):
    """steps: the first number of them. With noise, they are not doubled."""

    baseline: str = baseline_option()
    steps: int = option(32, "Steps", "On the way from the baseline to the instance; doubled until the numbers add up.", low=2, high=2048)
    most_steps: int = option(2048, "Most steps", _MOST, low=2, high=4096, advanced=True)


@dataclass(frozen=True)
class PictureParams(Params):
    """A step through a picture network takes twenty times as long as one through the others, or more."""

    most_steps: int = option(256, "Most steps", _MOST, low=2, high=4096, advanced=True)


def _own(setup: Setup, params: Params) -> Found:
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(setup.forward, multiply_by_inputs=True)
    how: dict[str, Any] = {"baselines": setup.baseline, "internal_batch_size": setup.at_once}
    if params.smooth != OFF:
        return attribute(method, setup, params, params.steps, n_steps=params.steps, **how)
    _, effect = setup.effect
    ask, found, done = setup.request.ask, None, 3  # the instance twice, with and without gradients, and the baseline
    for steps in _rounds(params):
        most = None if ask.limits.max_calls is None else ask.limits.max_calls - ask.calls_asked
        if most is not None and most < steps:  # rather than begin what cannot be finished
            if found is None and most >= LEAST:
                found = attribute(method, setup, params, most, n_steps=most, **how)
            if found is None:
                raise Ended(MAX_CALLS)
            return replace(found, stopped=MAX_CALLS)
        ask.plan(done + 2 * steps)  # as if there were one more round of this length
        done += steps
        try:
            found = attribute(method, setup, params, steps, n_steps=steps, **how)
        except Ended as ended:
            if found is None:
                raise
            return replace(found, stopped=str(ended))
        if abs(effect) <= SMALL or relative_gap(float(found.values.sum()), effect) < CLOSE:
            break
        setup.show(replace(found, reason=f"{steps:,} steps do not add up yet"))
    assert found is not None
    return found


def _rounds(params: Params) -> list[int]:
    """The numbers of steps that are tried, each twice the one before."""
    found = [params.steps]
    while 2 * found[-1] <= params.most_steps:
        found.append(2 * found[-1])
    return found


def _usual(params: Params) -> int:
    """How many inputs it mostly takes: two rounds."""
    return sum(_rounds(params)[:2]) if params.smooth == OFF else params.steps * params.copies


METHOD = gradient_method(
    "integrated_gradients", "Integrated gradients", Params, _own, _usual, complete=True, of_pictures=PictureParams
)  # fmt: skip
