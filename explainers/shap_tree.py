"""Tree SHAP: exact Shapley values of an ensemble of decision trees, read off the trees; the model is asked about the instance only.

Lundberg et al., "From local explanations to global understanding with explainable AI for trees" (Nature MI 2, 2020); the shap package's
`TreeExplainer`. Interventional: an absent value comes from background rows of the training data. Path-dependent: it is averaged over by
how many training rows went each way in the trees. Values of the coded columns of one variable are added up. Log odds are what boosted trees
add up to; probabilities only the interventional game gives. Forests of scikit-learn add up probabilities in both.

A category is several coded columns to the trees, and its value is the sum of theirs: not quite what it would have as one player, since in
between the trees see rows of no category, or of two.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

import numpy as np

from .maps import form
from .maps.complete import completeness
from .maps.output import LOG_ODDS, PROBABILITY, of_probabilities, output_option
from .methods import MAPS, MethodSpec, Outcome, Request, option
from .models.trees import TreesClassifier
from .shapley.trees import Ensemble, ensemble
from .tasks import Task

MOST_KEPT = 8  # explainers of earlier rows
_LOCK = threading.Lock()
_KEPT: OrderedDict[Any, Any] = OrderedDict()
INTERVENTIONAL, PATH_DEPENDENT = "interventional", "path-dependent"
_LABELS = {INTERVENTIONAL: "taken from other rows", PATH_DEPENDENT: "averaged along the trees"}
_MEANINGS = {
    INTERVENTIONAL: "From rows of the training data, whatever else this row has: what the model itself does with each value (interventional).",
    PATH_DEPENDENT: "As the rows that the trees learnt from went, so that values that usually come together share what they do (path-dependent).",
}


@dataclass(frozen=True)
class Params:
    output: str = output_option(LOG_ODDS)
    game: str = option(
        INTERVENTIONAL, "An absent value is", "Taken from background rows, or averaged over as the trees' training rows went.", upfront=True,
        choices=(INTERVENTIONAL, PATH_DEPENDENT), meanings=_MEANINGS, labels=_LABELS,
    )  # fmt: skip
    background: int = option(100, "Background rows", "Drawn from the training data, for the interventional game.", low=1, high=2000)


@dataclass(frozen=True)
class ForestParams(Params):
    """Forests add up probabilities, in either game, and nothing else."""

    output: str = option(PROBABILITY, "Measured in", "What the trees of a forest add up.", choices=(PROBABILITY,), advanced=True)


def run(request: Request, params: Params) -> Outcome:
    task, trees = request.task, ensemble(request.task)
    assert isinstance(trees, Ensemble)
    if params.game == PATH_DEPENDENT and trees.log_odds and params.output == PROBABILITY:
        raise ValueError("The path-dependent game adds up to log odds only: choose the interventional one, or log odds.")
    request.ask.plan(1)
    target = request.target
    row = trees.encode([request.instance])
    with _LOCK:  # the package's explainer keeps what it works on in itself
        explainer = _explainer(task, trees, params, request.seed)
        coded = np.asarray(explainer.shap_values(row, check_additivity=False), dtype=np.float64)[0]
        start = np.ravel(explainer.expected_value).astype(np.float64)
    if trees.log_odds:  # of the second class
        sign = 1.0 if target == 1 else -1.0
        coded, absent = sign * coded, float(sign * start[-1] + (params.output == PROBABILITY and target == 0))
    else:
        coded, absent = coded[:, target], float(start[target])
    values = np.bincount(trees.owner, coded, minlength=len(request.instance))
    effect = _output(request, trees, row, params.output) - absent
    rows = min(params.background, len(task.instances("train")))
    words = "what the rows that the trees were trained on had there"
    words = words if params.game == PATH_DEPENDENT else f"{rows} rows, drawn from the training data"
    payload = form.over_columns(request.instance, values, params.output, baseline=words, intercept=absent, effect=effect, samples=1)
    return Outcome(payload, *completeness(float(values.sum()), effect))


def _output(request: Request, trees: Ensemble, row: np.ndarray, output: str) -> float:
    """The model's own answer, which the numbers are held against."""
    if output == LOG_ODDS and isinstance(
        request.task.model, TreesClassifier
    ):  # a probability near 1 in 32 bits says little of its log odds
        margin = float(trees.model.inplace_predict(row, predict_type="margin")[0])
        return margin if request.target == 1 else -margin
    return float(of_probabilities(request.prediction[None], request.target, output)[0])


def _explainer(task: Task, trees: Ensemble, params: Params, seed: int) -> Any:
    """The package's own, kept for the next row. Called under the lock."""
    train = task.instances("train")
    key = (id(trees.model), id(train), params, seed)  # both are kept with it, so that their names are not given away
    if key not in _KEPT:
        import shap

        if params.game == PATH_DEPENDENT:
            made = shap.TreeExplainer(trees.model, feature_perturbation="tree_path_dependent")
        else:
            rows = trees.encode(drawn_rows(task, params.background, seed))
            how = "probability" if trees.log_odds and params.output == PROBABILITY else "raw"
            every = shap.maskers.Independent(rows, max_samples=len(rows))  # of a plain array it would take 100 rows and not say so
            made = shap.TreeExplainer(trees.model, every, feature_perturbation="interventional", model_output=how)
        _KEPT[key] = made, trees.model, train
        while len(_KEPT) > MOST_KEPT:
            _KEPT.popitem(last=False)
    _KEPT.move_to_end(key)
    return _KEPT[key][0]


def drawn_rows(task: Task, many: int, seed: int) -> list[dict[str, Any]]:
    """Rows of the training data, none twice."""
    train = task.instances("train")
    drawn = np.random.default_rng(seed).choice(len(train), min(many, len(train)), replace=False)
    return [train[int(i)] for i in drawn]


def background(task: Task, many: int, seed: int) -> np.ndarray:
    """The same, coded as the trees read them: float (many, width)."""
    trees = ensemble(task)
    assert isinstance(trees, Ensemble)
    return trees.encode(drawn_rows(task, many, seed))


def fits(task: Task) -> str | None:
    found = ensemble(task)
    return found if isinstance(found, str) else None


def params_for(task: Task) -> type:
    found = ensemble(task)
    return ForestParams if isinstance(found, Ensemble) and not found.log_odds else Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    return 1, task.batch([instance])


METHOD = MethodSpec("shap_tree", "attribution", "Tree SHAP", params_for, fits, run, plan, family=MAPS)
