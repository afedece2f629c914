"""Foretell's library of explanations. See design.md, "The contract"; usable from a notebook or a script, imports no streamlit."""

from .difference import explain_difference
from .explanation import Attribution, BoundaryPath, Composite, Cost, Explanation, Prototypes, Rule, Score, SetDifference, instance_sha256
from .methods import Forecast, Method, explain, forecast, method_names, methods, predict
from .perturbations import Perturbation, perturbations
from .plausibility import unseen_pairs
from .quality import evaluate
from .rules import rule_holds, rule_samples
from .tasks import Task, bundled_tasks, load_task, make_task

__all__ = [
    "Attribution",
    "BoundaryPath",
    "Composite",
    "Cost",
    "Explanation",
    "Forecast",
    "Method",
    "Perturbation",
    "Prototypes",
    "Rule",
    "Score",
    "SetDifference",
    "Task",
    "bundled_tasks",
    "evaluate",
    "explain",
    "explain_difference",
    "forecast",
    "instance_sha256",
    "load_task",
    "make_task",
    "method_names",
    "methods",
    "perturbations",
    "predict",
    "rule_holds",
    "rule_samples",
    "unseen_pairs",
]
