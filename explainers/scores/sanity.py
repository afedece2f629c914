"""Sanity: does the map change when the model's weights are drawn anew? One that does not, does not show the model.

Adebayo et al., "Sanity checks for saliency maps" (NeurIPS 2018): cascading randomisation (models/randomised.py). The score is one minus the
size of the rank correlation between the map and that of a network with all weights drawn anew, mean over three draws; its curve has the
same after a third and two thirds of the layers, from the answer down.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from ..explanation import Attribution, Explanation, Score
from ..models.randomised import layers, randomised
from ..tasks import Task
from .importance import count_in_words, importance
from .spec import Case, ScoreSpec, calls_again, mean_interval

CHANGE = "change under random weights"
LEAST_CHANGE = 0.3  # below it a method is flagged: its maps and those of a network of noise share more than half of their ranks' variance
DRAWS = 3
LEAST_PARTS = 6  # the ranks of fewer agree, or are opposite, too often by chance
_MEANING = (
    "How much the map changes when the model's weights (of trees: what their leaves say) are drawn at random: 0 means not at all, so it does "
    "not show this model."
)


def flagged(score: Score) -> bool:
    """Whether a method is to be warned of: its map hardly depends on what the model has learnt."""
    return score.name == CHANGE and score.value < LEAST_CHANGE


def _run(case: Case) -> Score:
    found = importance(case.e, case.task)
    own = found.values
    if len(own) < LEAST_PARTS:
        raise ValueError(f"Only {count_in_words(found)} have a number here: their order says too little about whether it changed.")
    if np.ptp(own) == 0:
        raise ValueError("Every number of this map is the same, so there is no order that random weights could change.")
    stages = [(1 / 3, 0), (2 / 3, 0), *((1.0, draw) for draw in range(DRAWS))]
    changes = []
    for number, (share, draw) in enumerate(stages):
        other = case.task.with_loaded(randomised(case.task.model, share, case.seed + draw))
        changes.append(_change(own, importance(case.again(number, len(stages), task=other), case.task).values))
    value, low, high = mean_interval(np.array(changes[2:]), 0.0, 1.0)
    return Score(CHANGE, value, low, high, True, _MEANING, 0.0, 1.0, {}, {"this map": [0.0, changes[0], changes[1], value]})


def _change(one: np.ndarray, other: np.ndarray) -> float:
    if np.ptp(other) == 0:  # an empty map is like nothing
        return 1.0
    return 1 - abs(float(stats.spearmanr(one, other).statistic))


def _fits(e: Explanation, task: Task) -> str | None:
    if not isinstance(e.payload, Attribution):
        return "It compares numbers of parts, and this explanation gives none."
    return None if layers(task.model) else "This model has no layers of weights that could be drawn anew."


def _calls(e: Explanation, task: Task) -> int:
    return (2 + DRAWS) * calls_again(e, task)


SPECS = [ScoreSpec(CHANGE, _fits, _calls, _run)]
