"""Tree SHAP: exact Shapley values of a tree ensemble, read off its trees, by the shap package's `TreeExplainer`.

Lundberg et al., "From local explanations to global understanding with explainable AI for trees" (Nature Machine Intelligence 2020). Two ways for
a column to be absent: interventional (its values come from background rows, whatever the other columns are) and path-dependent (a tree
follows both branches, weighted by how many training rows went there). Log odds exactly; probabilities against background rows
only; of forests, whose trees add up probabilities, probabilities both ways.

A category is several coded columns to the trees, so its value is the sum of theirs. That is not quite the value it would have as one player,
since in between the trees see rows of no category or of two.

No calls but the instance's own: the trees are read, not asked.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from .maps import form
from .maps.completeness import NO_EFFECT, SMALL, gap_score, relative_gap
from .maps.output import LOG_ODDS, PROBABILITY, of_probabilities, output_option
from .methods import MAPS, MethodSpec, Outcome, Request, option
from .models.trees import TreesClassifier
from .shapley.players import background
from .shapley.trees import Ensemble, ensemble
from .tasks import Task

ROWS, PATHS = "background rows", "the trees' own paths"
_BASELINES = {
    ROWS: "{:,} rows drawn from the training data, each in turn",
    PATHS: "both branches of a tree, by how many training rows went there",
}
_ABSENT_HELP = "Takes its value from background rows, or lets a tree follow both branches. It changes the answer."
_KEPT = 8  # explainers made for earlier rows
_LOCK = threading.Lock()
_MADE: OrderedDict[Any, Any] = OrderedDict()


@dataclass(frozen=True)
class Params:
    absent: str = option(ROWS, "An absent column", _ABSENT_HELP, choices=(ROWS, PATHS))
    rows: int = option(
        100, "Background rows", "How many rows of the training data absent columns take their values from.", low=1, high=5000
    )
    output: str = output_option(LOG_ODDS)


@dataclass(frozen=True)
class ForestParams(Params):
    """Forests add up probabilities, so log odds are not to be had."""

    output: str = option(PROBABILITY, "Measured in", "What the trees of a forest add up.", choices=(PROBABILITY,), advanced=True)


def run(request: Request, params: Params) -> Outcome:
    task, trees = request.task, ensemble(request.task)
    assert isinstance(trees, Ensemble)
    if params.absent == PATHS and trees.log_odds and params.output == PROBABILITY:
        raise ValueError("Along the trees' own paths only log odds can be shared out: choose log odds, or background rows.")
    request.ask.plan(1)
    prediction, target = request.prediction, request.target
    with _LOCK:  # shap's explainer keeps what it works on in itself
        explainer = _explainer(task, trees, params, request.seed)
        coded, base = explainer.shap_values(trees.encode([request.instance]), check_additivity=False), explainer.expected_value
    coded, base = np.asarray(coded, dtype=np.float64)[0], np.ravel(base).astype(np.float64)
    if trees.log_odds:
        values, intercept = coded, float(base[0])
        if target == 0:
            values, intercept = -values, -intercept if params.output == LOG_ODDS else 1 - intercept
    else:
        values, intercept = coded[:, target], float(base[target])
    values = np.bincount(trees.owner, values, minlength=len(request.instance))
    effect = _output(request, params.output, prediction) - intercept
    payload = form.over_columns(
        request.instance, values, params.output, baseline=_BASELINES[params.absent].format(min(params.rows, len(task.instances("train")))),
        intercept=intercept, effect=effect, samples=1,
    )  # fmt: skip
    if abs(effect) <= SMALL:
        return Outcome(payload, [], [NO_EFFECT])
    return Outcome(payload, [gap_score(relative_gap(float(values.sum()), effect))])


def _output(request: Request, output: str, prediction: np.ndarray) -> float:
    """The model's own output for the instance: what the numbers are held against."""
    model = request.task.model
    if output == LOG_ODDS and isinstance(model, TreesClassifier):  # unrounded: 32 bits of a probability near 1 say little of its log odds
        leaves = request.ask.embed(request.task.batch([request.instance]))
        if len(leaves):
            margin = float(leaves.sum()) + model.base
            return margin if request.target == 1 else -margin
    return float(of_probabilities(prediction[None], request.target, output)[0])


def _explainer(task: Task, trees: Ensemble, params: Params, seed: int) -> Any:
    """shap's own, kept for the next instance. Called under the lock."""
    key = (task.model.fingerprint, task.name, params, seed)
    if key not in _MADE:
        import shap

        rows = trees.encode(background(task, params.rows, seed)) if params.absent == ROWS else None
        _MADE[key] = shap.TreeExplainer(
            trees.model, None if rows is None else shap.maskers.Independent(rows, max_samples=len(rows)),
            feature_perturbation="tree_path_dependent" if rows is None else "interventional",
            model_output="probability" if trees.log_odds and params.output == PROBABILITY else "raw",
        )  # fmt: skip
        while len(_MADE) > _KEPT:
            _MADE.popitem(last=False)
    _MADE.move_to_end(key)
    return _MADE[key]


def fits(task: Task) -> str | None:
    found = ensemble(task)
    return found if isinstance(found, str) else None


def params_for(task: Task) -> type:
    found = ensemble(task)
    return ForestParams if isinstance(found, Ensemble) and not found.log_odds else Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    return 1, task.batch([instance])


METHOD = MethodSpec("shap_tree", "attribution", "SHAP: exact tree values", params_for, fits, run, plan, family=MAPS)
