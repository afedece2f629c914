"""Kernel SHAP: Shapley values as the weighted least-squares fit to coalitions of parts, by the shap package's `KernelExplainer`.

Lundberg and Lee 2017, section 4.1. Coalitions of the smallest and largest sizes are all asked about as far as the calls reach, the others are
drawn; the fit is held to add up to the effect, output(instance) - output(baseline). With every coalition asked it is exact; else drawn numbers
blur it, and there is no interval.

The package's own choice of the 10 strongest parts before the fit (its default) is off unless asked for: it gives 0 to all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .engine import Ended
from .methods import option
from .shapley import method
from .shapley.method import Found, Play, shapley_method

EVERY, STRONGEST = "every part", "the 10 strongest"
_FEW = "There are few combinations for so many parts, so the numbers are rough: allow more model calls."


def _selection() -> Any:
    return option(
        EVERY, "Numbers for", "Every part, or the 10 strongest only: the package's default, which gives 0 to all others.",
        choices=(EVERY, STRONGEST), advanced=True,
    )  # fmt: skip


@dataclass(frozen=True)
class TextParams(method.TextParams):
    fitted: str = _selection()


@dataclass(frozen=True)
class ImageParams(method.ImageParams):
    fitted: str = _selection()


@dataclass(frozen=True)
class TableParams(method.TableParams):
    fitted: str = _selection()


def _own(play: Play) -> Found | None:
    import shap

    count, chosen = play.count, "num_features(10)" if play.params.fitted == STRONGEST else False
    explainer = shap.KernelExplainer(play.value, np.zeros((1, count)))
    try:
        values = explainer.shap_values(np.ones(count), nsamples=play.evals, l1_reg=chosen, silent=True)
    except Ended as ended:
        masks = explainer.maskMatrix[: explainer.nsamplesAdded]
        asked = next((n for n in range(len(masks)) if play.known(masks[n : n + 1]) is None), len(masks))
        found = _fitted(play, masks[:asked], explainer.kernelWeights[:asked])
        return None if found is None else Found(found, stopped=str(ended))
    few = play.evals < 4 * count and play.evals < 2**count - 2
    return Found(np.asarray(values, dtype=np.float64), caveats=[_FEW] if few else [])


def _fitted(play: Play, masks: np.ndarray, weights: np.ndarray) -> np.ndarray | None:
    """The same fit to the coalitions asked before a limit: float64 (players,), None where they do not tell the parts apart."""
    nobody, everybody = play.ends
    if not len(masks):
        return None
    worth, effect = play.known(masks), everybody - nobody
    assert worth is not None
    root = np.sqrt(weights)[:, None]
    free = (masks[:, :-1] - masks[:, -1:]) * root  # the last player has what the others leave of the effect
    if np.linalg.matrix_rank(free) < play.count - 1:
        return None
    first = np.linalg.lstsq(free, (worth - nobody - masks[:, -1] * effect) * root[:, 0], rcond=None)[0]
    return np.append(first, effect - first.sum())


METHOD = shapley_method(
    "shap_kernel", "SHAP: kernel", {"text": TextParams, "image": ImageParams, "tabular": TableParams}, _own, lambda evals: evals // 2
)
