"""What a rule says of other inputs: which ones it holds of, and fresh ones drawn under it."""

from __future__ import annotations

import math
import re
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


def rule_samples(e: Explanation, task: Task, n: int, seed: int = 0, language_model: str | None = None) -> Sequence[Any]:
    """n fresh instances drawn under a rule as the method that found it draws them. Raises ValueError as `rule_holds`.

    language_model  hub name or folder, for a rule made with one; what the explanation itself names is never read: it may be a stranger's
    """
    from . import anchors
    from .anchor.texts import LANGUAGE_MODEL
    from .anchor.worlds import instances_of, world_of

    _check(e, task)
    if isinstance(n, bool) or not isinstance(n, int | np.integer) or n < 0:
        raise ValueError(f"n must be a whole number from 0 up, not {n!r}.")
    own = dict(e.params) if e.method == anchors.METHOD.name else {}
    if task.modality == "text" and own.get("perturb") == LANGUAGE_MODEL:
        if language_model is None:
            raise ValueError("The rule was made with a language model: name the one to draw with, as language_model=...")
        own["language_model"] = language_model
    world = world_of(task, task.check(e.instance), checked_params(anchors.params_for(task), own))
    if task.modality == "tabular":
        for condition in e.payload.conditions:
            _check_drawable(condition, task)
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
    for condition in e.payload.conditions:
        if task.modality == "tabular":
            _check_column(condition, task)
        elif condition.op != "present" or condition.value is not None:
            raise ValueError(f"The condition on {condition.feature[:60]!r} can only be that it is present, not {condition.op[:20]!r}.")
    if task.modality == "image":
        _check_parts(e)


def _check_column(condition: Condition, task: Task) -> None:
    """Whether a condition on a column is one: rules come from files, too."""
    name, op, value = condition.feature, condition.op, condition.value
    column = next((c for c in task.table.columns if c.name == name), None)
    if column is None:
        raise ValueError(f"The rule speaks of {name[:60]!r}, which is no column of this table: give the task it was made with.")
    if op in ("<=", ">"):
        if column.categorical:
            raise ValueError(f"The rule asks for {op} of {name[:60]!r}, which holds no numbers: give the task it was made with.")
        if not _is_number(value):
            raise ValueError(f"The rule's {op} on {name[:60]!r} needs a number, not {str(value)[:60]!r}.")
    elif op == "in":
        if not isinstance(value, list | tuple) or not all(pd.api.types.is_scalar(v) for v in value):
            raise ValueError(f"The rule's 'in' on {name[:60]!r} needs a list of values, not {str(value)[:60]!r}.")
    elif op != "==":
        raise ValueError(f"A condition on a column is ==, <=, > or in: {op[:20]!r} on {name[:60]!r} is none.")
    elif not pd.api.types.is_scalar(value):
        raise ValueError(f"The rule's == on {name[:60]!r} needs one value, not {str(value)[:60]!r}.")


def _is_number(value: Any) -> bool:
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | float | np.number):
        return False
    try:
        return not math.isnan(float(value))
    except OverflowError:
        return False


def _check_drawable(condition: Condition, task: Task) -> None:
    """Whether rows can be drawn under a condition: not under "in", nor under a value that the column has not."""
    if condition.op == "in":
        raise ValueError(f"Rows are drawn under ==, <= and > only, not under 'in', which the rule asks of {condition.feature[:60]!r}.")
    if condition.op == "==":
        task.table.columns[task.table.names.index(condition.feature)].checked(condition.value)


def _check_parts(e: Explanation) -> None:
    segments = e.payload.segments
    if e.payload.conditions and (segments is None or np.shape(segments) != (e.instance.height, e.instance.width)):
        raise ValueError("The rule does not say which pixels of its picture are which part.")
    for condition in e.payload.conditions:
        if not re.fullmatch(r"part [0-9]{1,9}", condition.feature):
            raise ValueError(f"The rule speaks of {condition.feature[:60]!r}, which is no part of a picture.")


def _column_meets(condition: Condition, frame: pd.DataFrame) -> np.ndarray:
    """bool (rows,)"""
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
