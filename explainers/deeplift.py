"""DeepLift: how far each input's difference from the baseline carries to the output, layer by layer.

Shrikumar, Greenside and Kundaje, "Learning important features through propagating activation differences" (ICML 2017), the rescale rule;
captum's `DeepLift`. One pass forth and back. Its numbers add up to the effect where the network is made of linear layers and
rectifiers; it has no rule for products of hidden values, so attention and LSTM gates do not fit.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from .engine import Ended
from .gradients.method import Found, Params, baseline_option, gradient_method
from .gradients.setup import Setup
from .methods import Request
from .models.base import GradientModel
from .tasks import Task


@dataclass(frozen=True)
class DeepLiftParams(Params):
    baseline: str = baseline_option()


class _Explained(torch.nn.Module):
    """The rectified network with the one number explained at its end; (n, 1), as captum wants it."""

    def __init__(self, setup: Setup):
        super().__init__()
        assert setup.d.rectified is not None
        self.network = setup.d.rectified
        self.explained = setup.explained

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.explained(self.network(x)).unsqueeze(1)


def _own(setup: Setup, params: DeepLiftParams) -> Found:
    from captum.attr import DeepLift

    _check(setup.request)  # captum hooks the layers themselves, so its pass does not go through the counted function
    return Found(DeepLift(_Explained(setup)).attribute(setup.x, baselines=setup.baseline, target=0).detach(), 1)


def _check(request: Request) -> None:
    if request.left() is None:
        raise Ended(request.ended_by)


def _why_not(task: Task) -> str | None:
    model = task.model
    assert isinstance(model, GradientModel)
    if model.differentiable(task.instances("test")[0]).rectified is not None:
        return None
    return "DeepLift has no rule for networks that multiply hidden values, as attention and LSTM gates do: choose integrated gradients."


METHOD = gradient_method("deeplift", "DeepLift", DeepLiftParams, _own, lambda params: 0, complete=True, why_not=_why_not)
