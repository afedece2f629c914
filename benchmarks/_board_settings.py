"""What the leaderboard is over: boards, their instances, and what each method is set to, so that a map costs at most 300 model calls.

On pictures a call costs tens of milliseconds, so there the methods draw fewer copies than on a page; a row of the board says what was set.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import explainers
from explainers import Task
from explainers.leaderboard import LeftOut
from explainers.methods import MAPS, Method

MAX_CALLS = 300
INSTANCES = 60
STEADY = 8  # instances on which maps are made again: other seeds, small noise, random weights
ALSO = ("lime",)  # of kind attribution, and not of the family of maps

# Method -> modality ("" = every other) -> parameters. A parameter that a method does not have is left out; what is not named has its default.
SETTINGS: Mapping[str, Mapping[str, dict[str, Any]]] = {
    "lime": {
        "text": {"num_samples": 150, "num_features": None, "parts": "positions"},
        "tabular": {"num_samples": 256, "num_features": None},
        "image": {"num_samples": 64},
    },
    "integrated_gradients": {"": {"steps": 32, "most_steps": 128}, "image": {"steps": 64, "most_steps": 64}},
    "gradient_shap": {"": {"samples": 64}, "image": {"samples": 16, "background": 8}},
    "occlusion": {"tabular": {"rows": 16}, "image": {"window": 20, "stride": 10}},
    "rise": {"": {"masks": 64}},
    # Of a table, each coalition is asked about once for each of 8 background rows.
    **{
        name: {"text": {"evaluations": 150}, "tabular": {"evaluations": 34, "background": 8}, "image": {"evaluations": 64, "segments": 28}}
        for name in ("shap_partition", "shap_kernel", "shap_permutation")
    },
}


@dataclass(frozen=True)
class Plan:
    """A board to build: a task with its model, and the rows of its test split in the order they are taken.

    settings: method -> parameters, in place of those of `SETTINGS`; methods: those wanted, None = all that fit
    named: titles of task and model, where the task itself has none; output: what all methods explain that can choose, None = their default
    """

    name: str
    task: Task
    rows: list[int]
    what: str
    methods: list[str] | None = None
    settings: Mapping[str, dict[str, Any]] | None = None
    steady: int = STEADY
    max_calls: int = MAX_CALLS
    seed: int = 0
    named: tuple[str, str] | None = None
    output: str | None = None

    @property
    def titles(self) -> tuple[str, str]:
        """Of the task and of the model, for a person."""
        return self.named or (self.task.card.title or self.task.name, self.task.entry.title or self.task.model_name)

    @cached_property
    def offered(self) -> dict[str, Method]:
        every = explainers.methods(self.task)
        return {m.name: m for m in every if m.kind == "attribution" and (m.family == MAPS or m.name in ALSO)}

    @cached_property
    def chosen(self) -> dict[str, tuple[str, dict[str, Any]]]:
        """Name -> (title, params) of the methods that fit. The random one is always there: it is the line to beat."""
        return {name: (m.title, self._params(m)) for name, m in self.offered.items() if m.fits and self._wanted(name)}

    @property
    def left_out(self) -> list[LeftOut]:
        return [LeftOut(m.name, m.title, m.reason) for m in self.offered.values() if not m.fits and self._wanted(m.name)]

    def _wanted(self, name: str) -> bool:
        return self.methods is None or name in self.methods or name == "random"

    def _params(self, method: Method) -> dict[str, Any]:
        if self.settings is not None:
            return dict(self.settings.get(method.name, {}))
        by_modality = SETTINGS.get(method.name, {})
        given = by_modality.get(self.task.modality, by_modality.get("", {}))
        given = given if self.output is None else {**given, "output": self.output}
        known = {f.name for f in dataclasses.fields(method.Params)}
        return {name: value for name, value in given.items() if name in known}


def _drawn(task: Task, instances: int, seed: int) -> list[int]:
    return np.random.default_rng([seed, 5]).permutation(len(task.instances("test")))[:instances].tolist()


def _bundled(name: str, model: str, kind: str) -> Callable[[int, int], Plan]:
    def make(instances: int, seed: int) -> Plan:
        task = explainers.load_task(name, model=model)
        rows = _drawn(task, instances, seed)
        return Plan(f"{name}/{model}", task, rows, f"{len(rows)} {kind}, drawn from the test data", seed=seed)

    return make


def _animals(model: str) -> Callable[[int, int], Plan]:
    def make(instances: int, seed: int) -> Plan:
        task = explainers.load_task("animals", model=model)
        usual = np.array(task.instances("test").measured)  # type: ignore[attr-defined]
        order = np.random.default_rng([seed, 5]).permutation(len(usual))
        first, second = order[usual[order]], order[~usual[order]]
        rows = [int(row) for pair in zip(first, second, strict=False) for row in pair][:instances]  # one of each in turn
        swapped = sum(not usual[row] for row in rows)
        what = f"{len(rows)} test pictures with exact masks, {len(rows) - swapped} with usual and {swapped} with swapped backgrounds"
        return Plan(f"animals/{model}", task, rows, what, seed=seed)

    return make


def _planted(instances: int, seed: int) -> Plan:
    from explainers.planted import planted_task

    task = planted_task()
    rows = _drawn(task, instances, seed)
    return Plan(
        "planted/function",
        task,
        rows,
        f"{len(rows)} test rows of a table whose function is known",
        seed=seed,
        named=("Planted table", "its own function"),
    )


# Cheap ones first.
BOARDS: Mapping[str, Callable[[int, int], Plan]] = {
    "planted/function": _planted,
    "income/trees": _bundled("income", "trees", "people"),
    "income/mlp": _bundled("income", "mlp", "people"),
    "reviews/bilstm": _bundled("reviews", "bilstm", "sentences"),
    "reviews/minilm": _bundled("reviews", "minilm", "sentences"),
    "animals/biased": _animals("biased"),
    "animals/imagenet": _animals("imagenet"),
}
DEFAULT = [name for name in BOARDS if name != "animals/imagenet"]
