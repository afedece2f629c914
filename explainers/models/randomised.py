"""A model with some of its weights drawn anew: what a map should not survive.

Adebayo et al., "Sanity checks for saliency maps" (NeurIPS 2018), cascading randomisation: layers are re-initialised from the answer
down to the input. Here each tensor of a layer is drawn from a normal distribution with the tensor's own mean and standard deviation.

Boosted trees have no layers; the counterpart here: from the last tree to the first, what the leaves of a tree say changes places at random.
Which columns a tree asks about stays, as the shape of a network does.
"""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import numpy as np

from .base import fingerprint_of


def layers(model: Any) -> int:
    """How many layers with weights of their own a model's network has, or how many trees; 0 where it has neither."""
    if hasattr(model, "booster"):
        return int(model.booster.num_boosted_rounds())
    return len(_with_weights(model.network)) if hasattr(model, "network") else 0


def randomised(model: Any, share: float, seed: int) -> Any:
    """A copy of an adapter (it has a `network` or a `booster`) whose last layers, a `share` of all (0 to 1], have weights drawn anew."""
    if hasattr(model, "booster"):
        return _shuffled_leaves(model, share, seed)
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
    other.fingerprint = _fingerprint(model, drawn, seed)
    return other


def _shuffled_leaves(model: Any, share: float, seed: int) -> Any:
    """xgboost's JSON form has a tree's leaves among its nodes: those without a left child, whose "split condition" is what they say."""
    import xgboost

    form = json.loads(bytes(model.booster.save_raw("json")))
    trees = form["learner"]["gradient_booster"]["model"]["trees"]
    drawn = math.ceil(share * len(trees))
    rng = np.random.default_rng(seed)
    for tree in trees[len(trees) - drawn :]:
        leaves = np.flatnonzero(np.array(tree["left_children"]) < 0)
        moved = rng.permutation(leaves)
        for name in ("split_conditions", "base_weights"):  # readers of the form differ in which they take
            values = np.array(tree[name])
            values[leaves] = values[moved]
            tree[name] = values.tolist()
    booster = xgboost.Booster(model_file=bytearray(json.dumps(form).encode()))
    booster.set_param({"nthread": 1})
    return type(model)(model.name, model.class_names, booster, model.encoding, _fingerprint(model, drawn, seed))


def _fingerprint(model: Any, drawn: int, seed: int) -> str:
    return fingerprint_of(config={"of": model.fingerprint, "layers": drawn, "seed": seed})


def _with_weights(network: Any) -> list[Any]:
    """In the order in which they are built, which for all networks here is from the input to the answer."""
    return [layer for layer in network.modules() if any(True for _ in layer.parameters(recurse=False))]
