"""The same map over noisy copies of the input: captum's NoiseTunnel.

Smilkov et al., "SmoothGrad" (2017), section 3: the mean over copies with normal noise; Hooker et al. 2019 ("A benchmark for interpretability
methods"): the mean of squares; Adebayo et al. 2018: the variance. The noise's standard deviation is a share of the input's range.
"""

from __future__ import annotations

from typing import Any

import torch
from captum.attr import NoiseTunnel

from ..engine import MAX_CALLS, Ended
from ..methods import option
from .setup import Found, Setup

OFF, MEAN, SQUARED, VARIANCE = "off", "mean", "squared", "variance"
WAYS = (OFF, MEAN, SQUARED, VARIANCE)
_CAPTUM = {MEAN: "smoothgrad", SQUARED: "smoothgrad_sq", VARIANCE: "vargrad"}


class Tunnel(NoiseTunnel):
    """NoiseTunnel with noise of a seed of its own, and which keeps what it has when a limit ends it.

    captum draws from torch's generator, which all jobs of the process share: side by side, neither would give the same map twice.
    The two methods overridden are captum 0.9's; a test holds the numbers to those of a plain NoiseTunnel.
    """

    def __init__(self, method: Any, seed: int):
        super().__init__(method)
        self._generator = torch.Generator().manual_seed(seed % 2**63)
        self._sums: tuple[list[torch.Tensor], list[torch.Tensor]] = [], []
        self.copies = 0  # whose maps are in the sums

    def _add_noise_to_inputs(self, nt_samples_partition: int, inputs: tuple[torch.Tensor, ...], stdevs: Any) -> tuple[torch.Tensor, ...]:
        repeated = [x.repeat_interleave(nt_samples_partition, dim=0) for x in inputs]
        return tuple((x + stdevs * torch.randn(x.shape, generator=self._generator)).requires_grad_() for x in repeated)

    def _update_partial_attribution_and_delta(
        self, attributions: Any, delta: Any, sums: Any, sums_of_squares: Any, deltas: Any, copies: int, with_delta: bool
    ) -> None:
        super()._update_partial_attribution_and_delta(attributions, delta, sums, sums_of_squares, deltas, copies, with_delta)
        self._sums, self.copies = (sums, sums_of_squares), self.copies + copies

    def so_far(self, way: str) -> torch.Tensor:
        """The map of the copies that were done."""
        sums, squares = (tuple(one / self.copies for one in some) for some in self._sums)
        return self._compute_smoothing(sums, squares, way)[0]


def attribute(method: Any, setup: Setup, params: Any, rows: int = 1, **how: Any) -> Found:
    """What captum's `method` gives, over noisy copies where `params` say so. `rows`: passes a copy takes; `how`: for its `attribute`.

    Raises `Ended` where a limit was met before there was anything.
    """
    if params.smooth == OFF:
        return Found(method.attribute(setup.x, **how).detach(), rows)
    copies, stopped = params.copies, ""
    most = setup.request.ask.limits.max_calls
    if most is not None and copies * rows > most - setup.request.ask.calls_asked:
        copies, stopped = (most - setup.request.ask.calls_asked) // rows, MAX_CALLS
    if not copies:
        raise Ended(MAX_CALLS)
    tunnel = Tunnel(method, setup.request.seed)
    spread = params.noise * float(setup.d.x.max() - setup.d.x.min())
    try:
        values = tunnel.attribute(
            setup.x, nt_type=_CAPTUM[params.smooth], nt_samples=copies, stdevs=spread,
            nt_samples_batch_size=max(1, min(copies, setup.at_once // rows)), **how,
        )  # fmt: skip
    except Ended as ended:
        if not tunnel.copies:
            raise
        values, copies, stopped = tunnel.so_far(_CAPTUM[params.smooth]), tunnel.copies, str(ended)
    return Found(values.detach(), copies * rows, stopped=stopped)


def over_copies(maps: Any, way: str) -> Any:
    """Maps of noisy copies, (copies, ...) -> the mean map, the mean of squares, or the variance, as captum has them."""
    mean, squares = maps.mean(0), (maps**2).mean(0)
    return {MEAN: mean, SQUARED: squares, VARIANCE: squares - mean**2}[way]


def smooth_option() -> str:
    """The parameter `smooth`."""
    return option(
        OFF, "Smooth over noise", "Off, or over noisy copies of the input: the mean map, the mean of its squares, its variance.",
        choices=WAYS, advanced=True,
    )  # fmt: skip
