"""An explanation in the words of the study: classes and columns named as participants know them. For drawing only; the artifact keeps its own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

from explainers import Attribution, BoundaryPath, Composite, Explanation, Prototypes, Rule


def in_words_of(e: Explanation, labels: Sequence[str], titles: Mapping[str, str]) -> Explanation:
    """labels: of the classes, in their order; titles: column of a table -> its title, as in `texts.inputs`."""
    return retitled(relabelled(e, list(labels)), titles)


def relabelled(e: Explanation, labels: list[str]) -> Explanation:
    """With the classes named by `labels`."""
    if len(labels) != len(e.class_names):
        return e
    payload = Composite([relabelled(part, labels) for part in e.payload.parts]) if isinstance(e.payload, Composite) else e.payload
    return dataclasses.replace(e, class_names=labels, payload=payload)


def retitled(e: Explanation, titles: Mapping[str, str]) -> Explanation:
    """With the columns named by `titles`, wherever one stands; other inputs than rows as they are."""
    if not titles or not isinstance(e.instance, dict):
        return e
    return dataclasses.replace(e, instance=_row(e.instance, titles), payload=_payload(e.payload, titles))


def _payload(p: Any, titles: Mapping[str, str]) -> Any:
    if isinstance(p, Composite):
        return Composite([retitled(part, titles) for part in p.parts])
    if isinstance(p, Attribution):
        names = [_within(name, feature, titles) for name, feature in zip(p.names, p.features, strict=True)]
        return dataclasses.replace(p, features=_all(p.features, titles), names=names)
    if isinstance(p, Rule):
        names = [_within(name, one.feature, titles) for name, one in zip(p.names, p.conditions, strict=True)]
        asked = [dataclasses.replace(one, feature=titles.get(one.feature, one.feature)) for one in p.conditions]
        return dataclasses.replace(p, conditions=asked, names=names, holds=_shown(p.holds, titles), breaks=_shown(p.breaks, titles))
    if isinstance(p, Prototypes):
        shown = [dataclasses.replace(one, shared=_all(one.shared, titles)) for one in _shown(p.prototypes, titles)]
        importance = None if p.importance is None else _payload(p.importance, titles)
        return dataclasses.replace(p, prototypes=shown, importance=importance)
    if isinstance(p, BoundaryPath):
        return dataclasses.replace(p, steps=[_step(one, titles) for one in _shown(p.steps, titles)], locked=_all(p.locked, titles))
    return p


def _step(step: Any, titles: Mapping[str, str]) -> Any:
    """changed: "age 28 → 45", each with the column of the same place in `features`."""
    changed = step.changed
    if len(changed) == len(step.features):
        changed = [_within(told, feature, titles) for told, feature in zip(changed, step.features, strict=True)]
    return dataclasses.replace(step, changed=changed, features=_all(step.features, titles))


def _row(row: Any, titles: Mapping[str, str]) -> Any:
    return {titles.get(name, name): value for name, value in row.items()} if isinstance(row, dict) else row


def _shown(some: Sequence[Any], titles: Mapping[str, str]) -> list[Any]:
    return [dataclasses.replace(one, instance=_row(one.instance, titles)) for one in some]


def _all(names: Sequence[str], titles: Mapping[str, str]) -> list[str]:
    return [titles.get(name, name) for name in names]


def _within(told: str, column: str, titles: Mapping[str, str]) -> str:
    """A condition or change in words, such as "28 < age <= 37", with the column's title in place of its name."""
    title = titles.get(column, column)
    for written in (column, column.replace("_", " ")):
        found, times = re.subn(rf"(?<!\w){re.escape(written)}(?!\w)", lambda _: title, told, count=1)
        if times:
            return found
    return told
