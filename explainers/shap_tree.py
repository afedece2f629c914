"""Tree SHAP: exact Shapley values of an ensemble of decision trees, read off the trees; the model is asked about the instance only.

Lundberg et al., "From local explanations to global understanding with explainable AI for trees" (Nature MI 2, 2020); the shap package's
`TreeExplainer`. Interventional: an absent value comes from background rows of the training data. Path-dependent: it is averaged over by
how many training rows went each way in the trees. Values of the coded columns of one variable are added up. Log odds are what trees
add up to; probabilities only the interventional game gives.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .maps import form
from .maps.complete import completeness
from .maps.output import LOG_ODDS, PROBABILITY, of_probabilities, output_option
from .methods import MAPS, MethodSpec, Outcome, Request, option
from .models.trees import TreesClassifier
from .tasks import Task

INTERVENTIONAL, PATH_DEPENDENT = "interventional", "path-dependent"


@dataclass(frozen=True)
class Params:
    output: str = output_option(LOG_ODDS)
    game: str = option(
        INTERVENTIONAL, "An absent value is", "Taken from background rows, or averaged over as the trees' training rows went.", upfront=True,
        choices=(INTERVENTIONAL, PATH_DEPENDENT),
    )  # fmt: skip
    background: int = option(100, "Background rows", "Drawn from the training data, for the interventional game.", low=1, high=2000)


def run(request: Request, params: Params) -> Outcome:
    import shap

    task, model = request.task, request.task.model
    assert isinstance(model, TreesClassifier)
    if params.game == PATH_DEPENDENT and params.output == PROBABILITY:
        raise ValueError("The path-dependent game adds up to log odds only: choose the interventional one, or log odds.")
    row = model.encoding.encode([dict(request.instance)])
    if params.game == PATH_DEPENDENT:
        explainer = shap.TreeExplainer(model.booster, feature_perturbation="tree_path_dependent")
        words = "what the rows that the trees were trained on had there"
    else:
        rows = background(task, params.background, request.seed)
        how = "probability" if params.output == PROBABILITY else "raw"
        explainer = shap.TreeExplainer(model.booster, rows, feature_perturbation="interventional", model_output=how)
        words = f"{len(rows)} rows, drawn from the training data"
    coded = np.asarray(explainer.shap_values(row), dtype=np.float64).reshape(-1)
    sign = 1.0 if request.target == 1 else -1.0  # the trees speak for the second class
    start = float(np.ravel(explainer.expected_value)[-1])
    absent = start if sign > 0 else (1 - start if params.output == PROBABILITY else -start)
    spans = model.encoding.spans()
    values = sign * np.array([coded[spans[name]].sum() if name in spans else 0.0 for name in request.instance])
    effect = float(of_probabilities(request.prediction[None], request.target, params.output)[0]) - absent
    payload = form.over_columns(request.instance, values, params.output, baseline=words, intercept=absent, effect=effect, samples=len(row))
    return Outcome(payload, *completeness(float(values.sum()), effect))


def background(task: Task, many: int, seed: int) -> np.ndarray:
    """Rows of the training data, coded: float32 (many, width)."""
    assert isinstance(task.model, TreesClassifier)
    train = task.instances("train")
    drawn = np.random.default_rng(seed).choice(len(train), min(many, len(train)), replace=False)
    return task.model.encoding.encode([train[int(i)] for i in drawn])


def fits(task: Task) -> str | None:
    if task.modality == "tabular" and isinstance(task.model, TreesClassifier):
        return None if len(task.class_names) == 2 else "Tree SHAP here reads trees of two classes: choose permutation SHAP."
    return "Tree SHAP reads the trees of an ensemble, and this model is none: choose another Shapley method."


def params_for(task: Task) -> type:
    return Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    return 1, task.batch([instance])


METHOD = MethodSpec("shap_tree", "attribution", "Tree SHAP", params_for, fits, run, plan, family=MAPS)
