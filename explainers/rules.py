"""What a rule says of other inputs: which ones it holds of, and fresh ones drawn under it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from .explanation import Condition, Explanation
from .methods import checked_params
from .tasks import Task


def rule_holds(e: Explanation, task: Task, instances: Any) -> np.ndarray:
    """Which instances meet every condition of a rule, bool (n,). No condition: all do.

    tables    the column's value is equal to, at most, above, or one of the condition's
    texts     the word is among the text's words (parts.py)
    pictures  the pixels of the part are those of the explained picture; a picture of another size meets nothing
    Raises ValueError when `e` is no rule, or not one about such a task.
    """
    _check(e, task)
    met = np.ones(len(instances), dtype=bool)
    if task.modality == "tabular":
        frame = task.batch(instances)
        for condition in e.payload.conditions:
            met &= _column_meets(condition, frame)
        return met
    if task.modality == "text":
        from .anchor.texts import has_part

        words = [c.feature for c in e.payload.conditions]
        return np.array([all(has_part(text, word) for word in words) for text in instances], dtype=bool)
    return np.array([_picture_meets(e, picture) for picture in instances], dtype=bool)


def rule_samples(e: Explanation, task: Task, n: int, seed: int = 0) -> Sequence[Any]:
    """n fresh instances drawn under a rule as the method that found it draws them. Raises ValueError as `rule_holds`."""
    from . import anchors
    from .anchor.worlds import instances_of, world_of

    _check(e, task)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
        raise ValueError(f"n must be a whole number from 0 up, not {n!r}.")
    own = e.params if e.method == anchors.METHOD.name else {}
    world = world_of(task, task.check(e.instance), checked_params(anchors.params_for(task), own))
    foreign = [
        c.feature for c in e.payload.conditions if task.modality != "tabular" and c.feature not in [k.feature for k in world.conditions]
    ]
    if foreign:
        raise ValueError(f"The rule speaks of {foreign[0]!r}, which the explained instance has not: give the task it was made with.")
    batch, _ = world.sample(e.payload.conditions, n, np.random.default_rng([seed, 0x72756C65]))
    return instances_of(batch)


def _check(e: Explanation, task: Task) -> None:
    if e.kind != "rule":
        raise ValueError(f"This is no rule but an explanation of kind {e.kind!r}: give one made by anchors.")
    if e.modality != task.modality:
        raise ValueError(f"The rule is about a task of modality {e.modality}, not {task.modality}: give the task it was made with.")


def _column_meets(condition: Condition, frame: pd.DataFrame) -> np.ndarray:
    """bool (rows,)"""
    if condition.feature not in frame.columns:
        raise ValueError(f"The rule speaks of {condition.feature!r}, which is no column of this table: give the task it was made with.")
    column = frame[condition.feature]
    if condition.op in ("<=", ">"):
        numbers = column.to_numpy(dtype=np.float64)
        return numbers <= condition.value if condition.op == "<=" else numbers > condition.value
    values = list(condition.value) if condition.op == "in" else [condition.value]
    known = column.astype(object)
    met = known.isin([value for value in values if not pd.isna(value)]).to_numpy(dtype=bool)
    return met | (known.isna().to_numpy(dtype=bool) & any(pd.isna(value) for value in values))


def _picture_meets(e: Explanation, picture: Image.Image) -> bool:
    own, other = np.asarray(e.instance), np.asarray(picture.convert("RGB"))
    if own.shape != other.shape:
        return False
    parts = [int(c.feature.removeprefix("part ")) for c in e.payload.conditions]
    inside = np.isin(np.asarray(e.payload.segments), parts)
    return bool((own[inside] == other[inside]).all())
