"""Grad-CAM: where in the picture the last maps of a convolutional network speak for the answer.

Selvaraju et al., "Grad-CAM" (ICCV 2017); captum's `LayerGradCam`: the maps, each weighted by the mean gradient of the output at it,
added up, what is below zero cut off. The maps are coarse (7 x 7 for EfficientNet), so the picture of it is smooth by enlargement and not by
what the model sees. One pass forth and back.
"""

from __future__ import annotations

from .gradients.method import Found, Params, gradient_method
from .gradients.setup import Setup
from .models.base import GradientModel
from .tasks import Task


def _own(setup: Setup, params: Params) -> Found:
    from captum.attr import LayerAttribution, LayerGradCam

    coarse = LayerGradCam(setup.forward, setup.d.last_maps).attribute(setup.x, relu_attributions=True).detach()
    fine = LayerAttribution.interpolate(coarse, tuple(setup.x.shape[2:]), "bilinear")
    return Found(fine[0, 0].double().numpy(), 1)


def _why_not(task: Task) -> str | None:
    model = task.model
    assert isinstance(model, GradientModel)
    if task.modality == "image" and model.differentiable(task.instances("test")[0]).last_maps is not None:
        return None
    return "Grad-CAM reads the last maps of a convolutional network, and this model has none: choose another method."


METHOD = gradient_method("gradcam", "Grad-CAM", Params, _own, lambda params: 1, signed=False, why_not=_why_not)
