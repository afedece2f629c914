"""Tree ensembles in the form that shap reads: the bundled boosted trees, and scikit-learn's behind a task made in Python.

What an ensemble adds up is either the log odds of the second of two classes (boosting) or the probability of every class (forests). A skops
file with trees is not read at all (models/sklearn_skops.py), so its trees are never met here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models.base import FunctionModel
from ..models.trees import TreesClassifier
from ..tasks import Task

_ADD_PROBABILITIES = ("RandomForestClassifier", "ExtraTreesClassifier", "DecisionTreeClassifier", "ExtraTreeClassifier")
_ADD_LOG_ODDS = ("GradientBoostingClassifier", "HistGradientBoostingClassifier")


@dataclass(frozen=True, eq=False)
class Ensemble:
    """model: what shap takes. encode: rows (list of dicts) -> float (n, k). owner: int (k,), the table's column of each coded one.

    log_odds  it adds up log odds of the second class; else the probability of each class
    """

    model: Any
    encode: Callable[[list[dict[str, Any]]], np.ndarray]
    owner: np.ndarray
    log_odds: bool


def ensemble(task: Task) -> Ensemble | str:
    """The task's model as an ensemble, or one sentence why it is none that can be read."""
    if task.modality != "tabular":
        return f"Exact tree values are for tree models over tables, not for {task.modality}."
    model = task.model
    if isinstance(model, TreesClassifier):
        return _boosted(task, model)
    owner = getattr(model.function, "__self__", None) if isinstance(model, FunctionModel) else None
    kind = type(owner).__name__ if type(owner).__module__.startswith("sklearn.") else ""
    if kind not in _ADD_PROBABILITIES + _ADD_LOG_ODDS:
        return "The model is not a tree ensemble whose trees can be read: exact tree values need them."
    return _scikit(task, owner, kind in _ADD_LOG_ODDS)


def _boosted(task: Task, model: TreesClassifier) -> Ensemble | str:
    if len(model.class_names) != 2:
        return "Boosted trees with more than two classes add up neither log odds nor probabilities of a class, which are what is explained here."
    spans = model.encoding.spans()
    owner = np.zeros(model.encoding.width, dtype=np.int64)
    for at, name in enumerate(task.table.names):
        if name in spans:
            owner[spans[name]] = at
    return Ensemble(model.booster, model.encoding.encode, owner, True)


def _scikit(task: Task, model: Any, log_odds: bool) -> Ensemble | str:
    if any(column.categorical and not all(isinstance(v, bool) for v in column.values or ()) for column in task.table.columns):
        return "The trees read a table with columns of words, whose coding cannot be followed: exact tree values need columns of numbers."
    if log_odds and len(task.class_names) != 2:
        return "Boosted trees with more than two classes add up neither log odds nor probabilities of a class, which are what is explained here."
    if getattr(model, "is_categorical_", None) is not None:
        return "The trees treat some numbers as categories, which exact tree values cannot follow."
    owner = np.arange(len(task.table.columns))
    return Ensemble(model, lambda rows: task.table.frame(rows).to_numpy(dtype=np.float64), owner, log_odds)
