"""Saliency: how strongly the model's output would change with each input, whichever way: the size of its gradient.

Simonyan, Vedaldi and Zisserman 2014, "Deep inside convolutional networks"; captum's `Saliency`. Over a word piece or a pixel the absolute
gradients of its numbers are added up. It says how strongly, not which way, and it does not add up to anything.
"""

from __future__ import annotations

from .gradients.method import Found, SmoothParams, copies, gradient_method
from .gradients.setup import Setup
from .gradients.smoothing import attribute


def _own(setup: Setup, params: SmoothParams) -> Found:
    from captum.attr import Saliency

    return attribute(Saliency(setup.forward), setup, params)


METHOD = gradient_method("saliency", "Saliency", SmoothParams, _own, copies, signed=False)
