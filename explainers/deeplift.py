"""DeepLift: how far each input's difference from the baseline carries to the output, layer by layer.

Shrikumar, Greenside and Kundaje, "Learning important features through propagating activation differences" (ICML 2017), the rescale rule
(section 3.5.1); captum's `DeepLift`. One pass forth and back, the instance and the baseline side by side. Its numbers add up to the effect
where the network is made of linear layers and rectifiers; it has no rule for products of hidden values, so attention and LSTM gates do not
fit.

Log odds among many classes, and a probability, are no layers either. Here they are replaced by their mean slope on the straight line from
the baseline's logits to the instance's, which keeps the sum; for two classes that is the rescale rule itself.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from .gradients.method import Found, SmoothParams, baseline_option, copies, gradient_method
from .gradients.networks import network
from .gradients.setup import Setup
from .gradients.smoothing import attribute
from .maps.output import of_logits
from .tasks import Task

_POINTS = 128  # on the line


@dataclass(frozen=True)
class DeepLiftParams(SmoothParams):
    baseline: str = baseline_option()


class _Straight(torch.nn.Module):
    """The rectified network with a linear output: logits (n, classes) @ slope -> (n,). Each row is a call."""

    def __init__(self, setup: Setup, slope: torch.Tensor):
        super().__init__()
        assert setup.d.rectified is not None
        self.network, self.slope = setup.d.rectified, slope
        self._counted = setup.request.ask.through(self.network)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self._counted(x) @ self.slope


def mean_slope(logits: torch.Tensor, target: int, output: str) -> torch.Tensor:
    """Of the output, between two rows of logits (2, classes): float64 (classes,); times their difference it is the output's."""
    here, there = logits.detach().double()
    nodes, shares = np.polynomial.legendre.leggauss(_POINTS)
    points = (there + torch.from_numpy((nodes + 1) / 2).unsqueeze(1) * (here - there)).requires_grad_()
    with torch.enable_grad():
        slopes = torch.autograd.grad(of_logits(points, target, output).sum(), points)[0]
    return torch.from_numpy(shares / 2) @ slopes


def _own(setup: Setup, params: DeepLiftParams) -> Found:
    from captum.attr import DeepLift

    with torch.no_grad():
        logits = setup.request.ask.through(setup.d.forward)(torch.cat([setup.d.x, setup.baseline]))
    slope = mean_slope(logits, setup.request.target, setup.output)
    return attribute(DeepLift(_Straight(setup, slope.float())), setup, params, baselines=setup.baseline)


def _why_not(task: Task) -> str | None:
    if network(task).rectified:
        return None
    return "DeepLift has no rule for networks that multiply hidden values, as attention and LSTM gates do: choose integrated gradients."


METHOD = gradient_method("deeplift", "DeepLift", DeepLiftParams, _own, copies, complete=True, why_not=_why_not)
