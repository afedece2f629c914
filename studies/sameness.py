"""Whether a placebo tells what the explanation tells that it stands in for: it must not, for any item.

tells(true, made)      the same content, or all of it and more
turned(task, made)     a step of a path really gets another answer from the model: then it is true of this input
same_story(true, made) how much the two have in common, 0 to 1: a figure
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

import explainers
from explainers import Attribution, BoundaryPath, Explanation, Prototypes, Rule

from .placebo import ARROW, parts_of

LEADING = 3  # strongest parts of an attribution that, in one order and with one sign each, are the same content
COVERED = 0.95  # of a picture: correlation of maps, or share of the true rule's area, from which the content is the same


def _pairs(true: Any, made: Any) -> list[tuple[Explanation, Explanation]]:
    """Explanations that stand in for each other: of composites by method."""
    mine = {part.method: part for part in parts_of(true)}
    both = [(mine[part.method], part) for part in parts_of(made) if part.method in mine]
    return [(a, b) for a, b in both if type(a.payload) is type(b.payload)]


def tells(true: Any, made: Any) -> bool:
    """Artifacts. Of a composite: of any of its parts."""
    if isinstance(true, bytes) or isinstance(made, bytes):
        return bool(true == made)
    return any(_tells(a, b) for a, b in _pairs(true, made))


def _tells(true: Explanation, made: Explanation) -> bool:
    one, two = true.payload, made.payload
    if isinstance(one, Attribution):
        if one.map is not None and two.map is not None:
            alike = _correlation(one.map, two.map)
            return alike is not None and alike > COVERED
        return _leading(one) == _leading(two)
    if isinstance(one, Rule) and one.segments is not None and two.segments is not None and one.segments.shape == two.segments.shape:
        first, second = _area(one), _area(two)
        return bool((first & second).sum() >= COVERED * first.sum())
    if isinstance(one, BoundaryPath) and true.instance_sha256 != made.instance_sha256:
        return False  # over pictures: it is shown as the other one's
    content = _content(one)
    return bool(content) and content <= _content(two)


def _content(said: Any) -> frozenset[str]:
    """What is said, without its order: conditions, prototypes, or changes."""
    if isinstance(said, Rule):
        return frozenset(repr((c.feature, c.op, str(c.value))) for c in said.conditions)
    if isinstance(said, Prototypes):
        return frozenset(explainers.instance_sha256(p.instance) for p in said.prototypes)
    if not isinstance(said, BoundaryPath) or not said.steps:
        return frozenset()
    last = said.steps[-1]
    if isinstance(last.instance, dict):
        return frozenset(f"{name} {_cell(last.instance.get(name))}" for name in last.features)
    return frozenset(last.changed)


def _leading(said: Attribution) -> list[tuple[str, float]]:
    order = np.argsort(-np.abs(said.values), kind="stable")[:LEADING]
    return [(str(said.features[i]), float(np.sign(said.values[i]))) for i in order]


def _area(said: Rule) -> np.ndarray:
    assert said.segments is not None
    return np.isin(said.segments, [int(c.feature.removeprefix("part ")) for c in said.conditions])


def _correlation(one: np.ndarray, two: np.ndarray) -> float | None:
    if one.shape != two.shape:
        return None
    a, b = (np.asarray(m, dtype=np.float64).ravel() for m in (one, two))
    return float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else None


def turned(task: explainers.Task, made: Sequence[Any]) -> list[bool]:
    """Of each artifact; the model is asked once for all. Paths over pictures are shown as another one's and never count."""
    asked: list[tuple[int, int, Any]] = []
    for i, artifact in enumerate(made):
        for e in parts_of(artifact):
            if isinstance(e.payload, BoundaryPath) and e.modality != "image":
                asked += [(i, e.predicted, step.instance) for step in e.payload.steps[1:]]
    out = [False] * len(made)
    if asked:
        answers = explainers.predict(task, [instance for _, _, instance in asked]).argmax(axis=1).tolist()
        for (i, known, _), answer in zip(asked, answers, strict=True):
            out[i] |= answer != known
    return out


def idle(made: Any) -> bool:
    """Whether a path changes nothing somewhere: "40 → 40" is seen through at once."""
    return any(_idle(e, step) for e in parts_of(made) if isinstance(e.payload, BoundaryPath) for step in e.payload.steps[1:])


def _idle(e: Explanation, step: Any) -> bool:
    if isinstance(e.instance, dict):
        return not step.features or any(_cell(step.instance.get(name)) == _cell(e.instance.get(name)) for name in step.features)
    if isinstance(e.instance, str):
        return not step.changed or any(len(set(change.split(ARROW))) < 2 for change in step.changed)
    return False


def _cell(value: Any) -> str:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return repr(float(value)) if number else str(value)


def same_story(true: Any, made: Any) -> float | None:
    """How near a placebo comes to what it stands in for. Attributions of a table or text: 1 where both name the same part as the strongest, else 0;
    over pictures: the correlation of the maps, -1 to 1; else conditions' columns or words, prototypes, or changes that both have as a share of all
    that either has (Jaccard). Of a composite the mean over its parts. None for what is not compared."""
    said = [x for a, b in _pairs(true, made) if (x := _story(a.payload, b.payload)) is not None]
    return float(np.mean(said)) if said else None


def _story(one: Any, two: Any) -> float | None:
    if isinstance(one, Attribution):
        if one.map is not None and two.map is not None and one.map.shape == two.map.shape:
            return _correlation(one.map, two.map)
        return float(_leading(one)[0][0] == _leading(two)[0][0]) if len(one.features) and len(two.features) else None
    if isinstance(one, Rule):
        a, b = ({c.feature for c in rule.conditions} for rule in (one, two))
    else:
        a, b = set(_content(one)), set(_content(two))
    return len(a & b) / len(a | b) if a | b else None
