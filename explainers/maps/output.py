"""Which number of the model a map explains: the probability of the target class, or its log odds log(p / (1 - p)).

With two classes the log odds are the difference of the two logits: what a network computes before it is squeezed into 0 to 1, so that
they go on changing where a probability is already at its end. `unit` of an Attribution is one of the two names.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..methods import option

if TYPE_CHECKING:
    import torch

PROBABILITY, LOG_ODDS = "probability", "log odds"
OUTPUTS = (LOG_ODDS, PROBABILITY)
_LEAST = 1e-12  # a probability of 0 or 1 has no log odds


def output_option(default: str) -> str:
    """The parameter `output` of a method."""
    return option(
        default, "Measured in", "Log odds go on changing where the probability is already near 0 or 1; a probability is easier to read.",
        choices=OUTPUTS, advanced=True,
    )  # fmt: skip


def of_probabilities(proba: np.ndarray, target: int, output: str) -> np.ndarray:
    """proba (n, classes), rows sum to 1 -> float64 (n,)."""
    p = np.asarray(proba, dtype=np.float64)[:, target]
    if output == PROBABILITY:
        return p
    p = np.clip(p, _LEAST, 1 - _LEAST)
    return np.log(p) - np.log1p(-p)


def of_logits(logits: torch.Tensor, target: int, output: str) -> torch.Tensor:
    """logits (n, classes) -> (n,), differentiable; equal to `of_probabilities` of their softmax."""
    import torch

    if output == PROBABILITY:
        return logits.softmax(-1)[:, target]
    others = torch.cat([logits[:, :target], logits[:, target + 1 :]], dim=1)
    return logits[:, target] - others.logsumexp(-1)
