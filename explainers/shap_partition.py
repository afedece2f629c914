"""Partition SHAP: Owen values of parts that are grouped, from the whole downward, by the shap package's `PartitionExplainer`.

Owen, "Values of games with a priori unions" (1977), applied recursively down a tree of groups: a group's value is shared between its two halves,
each alone and beside the other, the groups with the largest differences first, until the calls are used up. What a group that was not
split is worth is shared evenly among its parts. Where the grouping is honest (parts that act together stand together) this takes far
fewer calls than Shapley values of single parts; where not, the numbers depend on the grouping.

Groups: words by halves of the text; a grid over a picture by halves across the longer side; columns by correlation.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .engine import Ended
from .maps import baselines
from .maps.output import PROBABILITY, output_option
from .methods import option
from .shapley import method
from .shapley.method import CALLS, Found, Play, shapley_method

MOST_EVALUATIONS = 10  # a call, where copies are alike and only the first of them costs one
_ENDS = 2  # evaluations that shap counts for nobody and everybody
_BATCH = 10  # coalitions that shap asks about at a time


@dataclass(frozen=True)
class ImageParams:
    calls: int = option(
        CALLS, "Most model calls", "How many different pictures the model may be asked about. More: finer, slower.", low=10, high=1_000_000
    )
    side: int = option(16, "Grid", "The picture is cut into at most this many cells across and down.", low=2, high=64)
    baseline: str = option(
        baselines.BLUR, "An absent part shows", "What the model sees in place of what is absent: it changes the answer.",
        choices=baselines.PICTURES,
    )  # fmt: skip
    output: str = output_option(PROBABILITY)


class _Unknown(Exception):
    """A coalition that was not asked about before the limit."""


def _own(play: Play) -> Found | None:
    clustering, done = play.game.players.tree(), 0

    def value(masks: np.ndarray) -> np.ndarray:
        nonlocal done
        worth = play.value(masks)
        done += len(masks)
        return worth

    def known(masks: np.ndarray) -> np.ndarray:
        worth = play.known(masks)
        if worth is None:
            raise _Unknown
        return worth

    try:
        return Found(_owen(value, clustering, MOST_EVALUATIONS * play.params.calls))
    except Ended as ended:
        # What was asked before the end is what a smaller budget would have asked: the same run again, within it, without the model.
        for less in range(done + _BATCH, _ENDS + 1, -1):
            np.random.seed(play.seed % 2**32)
            try:
                return Found(_owen(known, clustering, less), stopped=str(ended))
            except _Unknown:
                continue
        return None


def _owen(value: object, clustering: np.ndarray, most: int) -> np.ndarray:
    """float64 (players,). `most`: evaluations, nobody and everybody counted."""
    import shap

    from .shapley.masker import Masker

    count = len(clustering) + 1
    explainer = shap.PartitionExplainer(value, Masker(count, clustering))
    return np.asarray(explainer(np.ones((1, count)), max_evals=most, silent=True).values[0], dtype=np.float64)


METHOD = shapley_method(
    "shap_partition", "SHAP: partition",
    {"text": method.TextParams, "image": ImageParams, "tabular": method.TableParams}, _own, lambda evals: 10**9,
)  # fmt: skip
