"""Tree ensembles in the form that the shap package reads: the bundled boosted trees, and scikit-learn's behind a task made in Python.

What an ensemble adds up is either the log odds of the second of two classes (boosting) or the probability of every class (forests). A skops
file with trees is not read at all (models/sklearn_skops.py), so its trees are never met here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..models.base import FunctionModel
from ..models.trees import TreesClassifier
from ..tasks import Task

FORESTS = ("RandomForestClassifier", "ExtraTreesClassifier", "DecisionTreeClassifier", "ExtraTreeClassifier")
BOOSTED = ("GradientBoostingClassifier", "HistGradientBoostingClassifier")
_TWO = "Boosted trees of more than two classes add up no number of one class alone: choose permutation SHAP."
_WORDS = "The trees read a table with columns of words, whose coding cannot be followed: choose permutation SHAP."
_CATEGORIES = "The trees read some numbers as categories, which the shap package cannot follow: choose permutation SHAP."
_NO_TREES = "Tree SHAP reads the trees of an ensemble, and this model is none: choose another Shapley method."


@dataclass(frozen=True, eq=False)
class Ensemble:
    """model: what shap takes. encode: rows -> float (n, k). owner: int (k,), which column of the table a coded one belongs to.

    log_odds  it adds up log odds of the second class; else the probability of each class
    """

    model: Any
    encode: Callable[[Sequence[Mapping[str, Any]]], np.ndarray]
    owner: np.ndarray
    log_odds: bool


def ensemble(task: Task) -> Ensemble | str:
    """The task's model as an ensemble, or one sentence why it is none that can be read."""
    model = task.model if task.modality == "tabular" else None
    if isinstance(model, TreesClassifier):
        spans, names = model.encoding.spans(), task.table.names
        owner = np.concatenate([np.full(span.stop - span.start, names.index(name)) for name, span in spans.items()])
        encode = model.encoding.encode
        return Ensemble(model.booster, lambda rows: encode(task.table.coded(rows)), owner, True) if len(model.class_names) == 2 else _TWO
    behind = getattr(model.function, "__self__", None) if isinstance(model, FunctionModel) else None
    kind = type(behind).__name__
    if not type(behind).__module__.startswith("sklearn.") or kind not in FORESTS + BOOSTED:
        return _NO_TREES
    if any(column.categorical and not all(isinstance(v, bool) for v in column.values or ()) for column in task.table.columns):
        return _WORDS
    if kind in BOOSTED and len(task.class_names) != 2:
        return _TWO
    if getattr(behind, "is_categorical_", None) is not None:
        return _CATEGORIES
    owner = np.arange(len(task.table.columns))
    return Ensemble(behind, lambda rows: task.table.frame(rows).to_numpy(dtype=np.float64), owner, kind in BOOSTED)
