"""The network of one instance, set up so that captum can be asked about it: what it reads, its baseline, the one number explained."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import torch

from ..maps import baselines
from ..maps.output import of_logits
from ..methods import Request
from ..models.base import Differentiable, GradientModel
from ..tasks import Task

# Said by captum at every use; nothing a user can act on.
warnings.filterwarnings("ignore", message="Setting forward, backward hooks and attributes on non-linear")

ROWS_AT_ONCE = 4  # pictures in one pass with gradients: more do not fit the cache and take memory
CELLS_AT_ONCE = 200_000  # numbers of an input, for texts and tables; memory stays below some hundred MB


@dataclass(frozen=True, eq=False)
class Setup:
    """forward: tensor (n, ...) like `d.x` -> (n,), the output explained; counted as calls. baseline: (m, ...), the absent instance."""

    task: Task
    request: Request
    d: Differentiable
    output: str
    baseline: torch.Tensor
    words: str  # the baseline in words
    forward: Callable[[torch.Tensor], torch.Tensor]

    @cached_property
    def x(self) -> torch.Tensor:
        return self.d.x.clone().requires_grad_()

    @property
    def at_once(self) -> int:
        """Rows of one pass."""
        return ROWS_AT_ONCE if self.task.modality == "image" else max(1, CELLS_AT_ONCE // self.x.numel())

    def explained(self, logits: torch.Tensor) -> torch.Tensor:
        """(n, classes) -> (n,)."""
        return of_logits(logits, self.request.target, self.output)

    def values(self, x: torch.Tensor) -> np.ndarray:
        """The output of some inputs, float64 (n,), in passes of bounded memory."""
        with torch.no_grad():
            return np.concatenate([self.forward(part).double().numpy() for part in x.split(self.at_once)])

    @cached_property
    def effect(self) -> tuple[float, float]:
        """Output for the baseline (mean over its rows), and that for the instance minus it."""
        absent = float(self.values(self.baseline).mean())
        return absent, float(self.values(self.x)[0]) - absent


def setup(request: Request, output: str, baseline: str | None, draws: int = 1) -> Setup:
    """`baseline`: by name, None where the method has none. `draws`: how many rows, pictures or stand-ins to draw where it is drawn."""
    task = request.task
    assert isinstance(task.model, GradientModel)
    d = task.model.differentiable(request.instance)
    against, words = _baseline(request, d, baseline, draws)
    forward = request.ask.through(lambda x: of_logits(d.forward(x), request.target, output))
    return Setup(task, request, d, output, against, words, forward)


def _baseline(request: Request, d: Differentiable, kind: str | None, draws: int) -> tuple[torch.Tensor, str]:
    if kind is None:
        return torch.zeros_like(d.x), ""
    task, rng = request.task, np.random.default_rng(request.seed)
    if task.modality == "text":
        name = kind if kind in d.stand_ins else next(iter(d.stand_ins))
        return d.stand_ins[name], f"the same text with every word replaced by the {name}"
    make: Callable[..., Any] = baselines.picture_baseline if task.modality == "image" else baselines.row_baseline
    drawn = kind in (baselines.OTHER_PICTURE, baselines.OTHER_ROW)
    absent = [make(task, request.instance, kind, rng) for _ in range(draws if drawn else 1)]
    rows = torch.cat([task.model.differentiable(one).x for one in absent])  # type: ignore[attr-defined]
    many = f"{len(absent)} {'pictures' if task.modality == 'image' else 'rows'}, drawn from the training data"
    return rows, many if len(absent) > 1 else baselines.IN_WORDS[kind]


def stand_ins(task: Task) -> tuple[str, ...]:
    """Names of what may stand for absent words in this task's model, default first."""
    return tuple(task.model.differentiable("word").stand_ins) if isinstance(task.model, GradientModel) else ()


def no_gradients(task: Task) -> str | None:
    """Why a task's model shows no gradients, or None."""
    if task.modality not in ("text", "tabular", "image"):
        return f"Gradients here are taken of texts, tables and pictures, not of {task.modality} tasks."
    if not isinstance(task.model, GradientModel):
        return "This model shows no gradients (trees and plain functions have none): choose a method that only asks for its answers."
    try:
        task.model.differentiable(task.instances("test")[0])
    except ValueError as problem:
        return str(problem)
    return None
