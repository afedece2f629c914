"""Grad-CAM: where in the picture the last maps of a convolutional network speak for the answer.

Selvaraju et al., "Grad-CAM" (ICCV 2017); captum's `LayerGradCam`: the maps, each weighted by the mean gradient of the output at it,
added up, what is below zero cut off. The maps are coarse (7 x 7 for EfficientNet), so the picture of it is smooth by enlargement and not by
what the model sees. One pass forth and back.
"""

from __future__ import annotations

from dataclasses import replace

from .gradients.method import Found, SmoothParams, copies, gradient_method
from .gradients.networks import network
from .gradients.setup import Setup
from .gradients.smoothing import attribute
from .tasks import Task


def _own(setup: Setup, params: SmoothParams) -> Found:
    from captum.attr import LayerAttribution, LayerGradCam

    method = LayerGradCam(setup.forward, setup.d.last_maps)
    found = attribute(method, setup, params, relu_attributions=True)
    fine = LayerAttribution.interpolate(found.values, tuple(setup.x.shape[2:]), "bilinear")
    return replace(found, values=fine[0, 0].double().numpy())


def _why_not(task: Task) -> str | None:
    if network(task).maps:
        return None
    return "Grad-CAM reads the last maps of a convolutional network, and this model has none: choose another method."


METHOD = gradient_method("gradcam", "Grad-CAM", SmoothParams, _own, copies, signed=False, why_not=_why_not)
