"""Input x gradient: each input times the gradient of the output at it; captum's `InputXGradient`.

Shrikumar et al. 2016, "Not just a black box". For a linear model it is each input's share of the output; for others a first guess at it. Its
silent baseline is an input of zeros: mean grey for pictures as the network reads them, the average for a table's numbers.
"""

from __future__ import annotations

from .gradients.method import Found, SmoothParams, copies, gradient_method
from .gradients.setup import Setup
from .gradients.smoothing import attribute


def _own(setup: Setup, params: SmoothParams) -> Found:
    from captum.attr import InputXGradient

    return attribute(InputXGradient(setup.forward), setup, params)


METHOD = gradient_method("input_x_gradient", "Input × gradient", SmoothParams, _own, copies)
