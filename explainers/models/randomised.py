"""A network with some of its weights drawn anew: what a map should not survive.

Adebayo et al., "Sanity checks for saliency maps" (NeurIPS 2018), cascading randomisation: layers are re-initialised from the answer
down to the input. Here each tensor of a layer is drawn from a normal distribution with the tensor's own mean and standard deviation.
"""

from __future__ import annotations

import copy
import math
from typing import Any

from .base import fingerprint_of


def layers(model: Any) -> int:
    """How many layers with weights of their own a model's network has; 0 where it has no network."""
    return len(_with_weights(model.network)) if hasattr(model, "network") else 0


def randomised(model: Any, share: float, seed: int) -> Any:
    """A copy of an adapter (it has a `network`) whose last layers, a `share` of all (0 to 1], have weights drawn anew."""
    import torch

    other = copy.copy(model)
    other.network = copy.deepcopy(model.network)
    found = _with_weights(other.network)
    drawn = math.ceil(share * len(found))
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for layer in found[len(found) - drawn :]:
            for tensor in layer.parameters(recurse=False):
                spread = float(tensor.std()) if tensor.numel() > 1 else 0.0
                tensor.copy_(torch.randn(tensor.shape, generator=generator) * spread + float(tensor.mean()))
    other.fingerprint = fingerprint_of(config={"of": model.fingerprint, "layers": drawn, "seed": seed})
    return other


def _with_weights(network: Any) -> list[Any]:
    """In the order in which they are built, which for all networks here is from the input to the answer."""
    return [layer for layer in network.modules() if any(True for _ in layer.parameters(recurse=False))]
