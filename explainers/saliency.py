"""Saliency: how strongly the model's output would change with each input, whichever way: the size of its gradient.

Simonyan, Vedaldi and Zisserman 2014, "Deep inside convolutional networks"; captum's `Saliency`. Over a word piece or a pixel the absolute
gradients of its numbers are added up. It says how strongly, not which way, and it does not add up to anything.
"""

from __future__ import annotations

from .gradients.method import Found, SmoothParams, gradient_method
from .gradients.setup import Setup
from .gradients.smoothing import OFF, attribute


def _own(setup: Setup, params: SmoothParams) -> Found:
    from captum.attr import Saliency

    copies = 1 if params.smooth == OFF else params.copies
    return Found(attribute(Saliency(setup.forward), setup, params.smooth, params.copies, params.noise).abs(), copies)


METHOD = gradient_method(
    "saliency", "Saliency", SmoothParams, _own, lambda params: 1 if params.smooth == OFF else params.copies, signed=False
)
