"""The predicates about one instance and the copies drawn under them, whichever modality."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from ..engine import Asker
from ..jsonform import plain_instance
from ..models.tables import CodedTable
from ..payloads import Condition
from ..tasks import Rows, Task
from .images import ImageWorld
from .search import Rule, Sampler
from .tables import TableWorld
from .texts import TextWorld


class World(Protocol):
    """conditions, names  one of each for every predicate, all true of the instance; caveats: what to say of the instance
    covers   in words, what coverage is a share of; counted: over how many it was counted, 0 where it is known exactly
    """

    conditions: list[Condition]
    names: list[str]
    covers: str

    @property
    def caveats(self) -> Sequence[str]: ...
    @property
    def counted(self) -> int: ...

    def coverage(self, rules: Sequence[Rule]) -> np.ndarray:
        """Share of the inputs that meet each rule, float (len(rules),)."""
        ...

    def sampler(self, ask: Asker, target: int, most: int, rng: np.random.Generator) -> Sampler:
        """For one search of at most `most` samples."""
        ...

    def sample(self, conditions: Sequence[Condition], n: int, rng: np.random.Generator) -> tuple[Any, np.ndarray]:
        """n fresh inputs under the conditions as the model's line takes them, and an array (n, k) of what differs from one to another."""
        ...

    def where(self, rule: Sequence[int]) -> dict[str, Any]:
        """Fields of the payload that say where a rule stands in a text or a picture."""
        ...


def instances_of(batch: Any, rows: Sequence[int] | None = None) -> Sequence[Any]:
    """The inputs of a batch, or some of them, one by one as a task knows them: a table's rows as dicts."""
    if isinstance(batch, CodedTable):
        if rows is None:
            return Rows(batch.frame())
        return [plain_instance(row) for row in batch[np.asarray(rows, dtype=np.intp)].frame().to_dict("records")]
    return [batch[int(row)] for row in (range(len(batch)) if rows is None else rows)]


def world_of(task: Task, instance: Any, params: Any) -> World:
    """`params`: those of the method, for the task's modality."""
    if task.modality == "text":
        return TextWorld(task, instance, params.perturb, params.mask_word, params.language_model)
    if task.modality == "image":
        return ImageWorld(task, instance, params.segmentation, params.segments, params.off)
    return TableWorld(task, instance)
