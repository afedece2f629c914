"""Which models gradients go through, and why not the others."""

from __future__ import annotations

from dataclasses import dataclass

from ..models.base import FunctionModel, GradientModel
from ..models.prototypes import PrototypeNetwork
from ..tasks import Task

MODALITIES = ("text", "tabular", "image")
INSTEAD = "choose a method that only asks for its answers, such as LIME."
_KEPT = 64  # models


@dataclass(frozen=True)
class Network:
    """What is known of a model before an instance is explained.

    why_not    one sentence, where gradients do not go through it
    stand_ins  texts: names of what may stand for the absent text, default first
    rectified  whether DeepLift has rules for its layers
    maps       whether it has maps that Grad-CAM can read
    """

    why_not: str | None = None
    stand_ins: tuple[str, ...] = ()
    rectified: bool = False
    maps: bool = False


_KNOWN: dict[str, Network] = {}  # by fingerprint: setting a network up to look at it costs a copy of its layers


def network(task: Task) -> Network:
    """What is known of the task's model."""
    model = task.model
    if task.modality not in MODALITIES:
        return Network(f"Methods by gradients read texts, tables and pictures, not {task.modality}.")
    if isinstance(model, PrototypeNetwork):
        return Network(
            f"A prototype network answers by its likeness to examples, which it shows itself; of any other explanation, {INSTEAD}"
        )
    if isinstance(model, FunctionModel):
        return Network(f"A Python function of one's own shows no gradients: {INSTEAD}")
    if not isinstance(model, GradientModel):
        return Network(f"This model shows no gradients (decision trees have none, and scikit-learn shows none of its own): {INSTEAD}")
    if model.fingerprint not in _KNOWN:
        while len(_KNOWN) >= _KEPT:
            _KNOWN.pop(next(iter(_KNOWN)), None)
        _KNOWN[model.fingerprint] = _looked_at(task, model)
    return _KNOWN[model.fingerprint]


def why_not(task: Task) -> str | None:
    """Why gradients cannot explain the task's model: one sentence, or None when they can."""
    return network(task).why_not


def _looked_at(task: Task, model: GradientModel) -> Network:
    try:
        d = model.differentiable("a" if task.modality == "text" else task.check(task.instances("train")[0]))
    except ValueError as problem:  # a library that shows no gradients of this one; its text is our sentence
        return Network(str(problem))
    return Network(None, tuple(d.stand_ins), d.rectified is not None, d.last_maps is not None)
