"""The network of one instance, set up so that captum can be asked about it: what it reads, its baseline, the one number explained."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch

from ..maps import baselines
from ..maps.output import of_logits
from ..methods import Request
from ..models.base import Differentiable, GradientModel
from ..tasks import Task
from .merged import Merger

# Said by captum at every use; nothing a user can act on.
warnings.filterwarnings("ignore", message="Setting forward, backward hooks and attributes on non-linear")

ROWS_AT_ONCE = 4  # pictures in one pass with gradients: more do not fit the cache and take memory
CELLS_AT_ONCE = 200_000  # numbers of an input, for texts and tables; memory stays below some hundred MB


@dataclass(frozen=True)
class Found:
    """What a method's own lines give back: captum's numbers over x, and what it has to say.

    values     tensor (1, ...) of x's shape; or, pictures only, float (h, w) over what the model sees
    steps      passes through the network that stand behind them
    caveats    what it has to say of them
    stopped    the limit that ended it early
    absent     output for the baseline that the numbers count from, where that is not the mean over all rows of it
    reach      half the 95 % interval of their sum less the effect, where they are sampled; 0 where nothing is
    reason     why it is not the last word yet, where it is shown in between
    low, high  float (parts,): ends of the 95 % interval of numbers that are sampled
    """

    values: torch.Tensor | np.ndarray
    steps: int = 1
    caveats: list[str] = field(default_factory=list)
    stopped: str = ""
    absent: float | None = None
    low: np.ndarray | None = None
    high: np.ndarray | None = None
    reason: str = ""
    reach: float = 0.0


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
    show: Callable[[Found], None] = lambda found: None  # publishes what there is so far, where somebody wants to see it

    @cached_property
    def x(self) -> torch.Tensor:
        return self.d.x.clone().requires_grad_()

    @cached_property
    def merger(self) -> Merger:
        return Merger(self.task, self.request.instance, self.d.owner, self.d.spans)

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
    def absents(self) -> np.ndarray:
        """Output for each row of the baseline, float64 (m,)."""
        return self.values(self.baseline)

    @cached_property
    def effect(self) -> tuple[float, float]:
        """Output for the baseline (mean over its rows), and that for the instance minus it."""
        absent = float(self.absents.mean())
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
    rows = torch.cat([task.model.differentiable(one).x for one in absent]) if d.reads is None else d.reads(absent)  # type: ignore[attr-defined]
    many = f"{len(absent)} {'pictures' if task.modality == 'image' else 'rows'}, drawn from the training data"
    return rows, many if len(absent) > 1 else baselines.IN_WORDS[kind]
