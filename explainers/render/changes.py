"""What another setting did to a map: which parts turned from for to against, and which left the strongest, between two of one instance."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..explanation import Attribution, Explanation
from . import escape, fills, numbers
from .attribution_rows import Row, Rows, column
from .common import quoted

STRONGEST = 5
MOST_NAMES = 5
LEAST = 0.05  # of the largest number of either map: what is smaller both times has no sign worth speaking of
_MOST_SETTINGS = 2


def changes(before: Explanation, now: Explanation) -> str:
    """In a sentence or two; "" where the two cannot be compared: another instance, model, class or method, or the same result.

    A part turned when its number stands out from chance both times, with another sign, and is at least `LEAST` of the largest once. Which are
    strongest is compared as far down as both go: where one shows fewer parts, what is not shown may still be there.
    """
    if not _comparable(before, now):
        return ""
    old, new = ({_name(rows, r): r for r in rows.rows} for rows in (Rows.of(before), Rows.of(now)))
    signed = before.payload.signed and now.payload.signed
    turned = [key for key in new if signed and key in old and _turned(old, new, key)]
    most = min(STRONGEST, len(old), len(new))
    perhaps = [key for key in new if signed and key in old and key not in turned and _turned(old, new, key, sure=False)]
    left = [key for key in list(old)[:most] if key not in list(new)[:most] and key not in turned]
    start, noun = _settings(before, now), Rows.of(now).noun
    if not turned and not left and not perhaps:
        kept = " no sign turned, and" if signed else ""
        return f"{start}{kept} the {_strongest(most)} {noun[most > 1]} {'are' if most > 1 else 'is'} the same."
    shown, room = turned[:MOST_NAMES], max(MOST_NAMES - len(turned), 0)
    said = []
    for toward in (True, False):
        some = [key for key in shown if old[key].toward == toward]
        if some:
            said.append(f"{_listed(some)} turned from {'for to against' if toward else 'against to for'}{_more(len(turned) - len(shown))}")
            turned = shown  # what is left over is said once
    if perhaps:
        some = perhaps[: max(room, 1)]
        too = " too" if turned else " its sign" if len(some) == 1 else " their signs"
        said.append(f"{_listed(some)} turned{too}{_more(len(perhaps) - len(some))}, which could be chance")
        room = max(room - len(some), 0)
        left = [key for key in left if key not in perhaps]
    if left[:room]:
        said.append(f"{_listed(left[:room])} left the {_strongest(most)}{_more(len(left) - room)}")
    elif left:
        said.append(f"{numbers.count(len(left), noun[0], noun[1])} left the {_strongest(most)}")
    return f"{start} {'; '.join(said)}."


def _strongest(most: int) -> str:
    return f"{most} strongest" if most > 1 else "strongest"


def _comparable(before: Explanation, now: Explanation) -> bool:
    def about(e: Explanation) -> tuple[Any, ...]:
        return e.task, e.model_fingerprint, e.instance_sha256, e.method, e.target

    if before.digest == now.digest or about(before) != about(now):
        return False
    a, b = before.payload, now.payload
    if not isinstance(a, Attribution) or not isinstance(b, Attribution) or not len(a.values) or not len(b.values):
        return False
    same_areas = a.segments is None if b.segments is None else a.segments is not None and np.array_equal(a.segments, b.segments)
    return same_areas and Rows.of(before).noun == Rows.of(now).noun


def _name(rows: Rows, row: Row) -> str:
    """The same part has the same in both: where a word stands twice, its place is in it."""
    if rows.e.modality == "tabular":
        return escape.isolated(column(rows.payload.features[row.index]))
    shown = escape.isolated(row.phrase) if rows.e.modality == "image" else quoted(row.phrase)
    return shown + (row.suffix if rows.e.modality == "text" else "")


def _turned(old: dict[str, Row], new: dict[str, Row], key: str, sure: bool = True) -> bool:
    was, now = old[key], new[key]
    share = max(abs(row.value) / (max(abs(r.value) for r in some.values()) or 1.0) for row, some in ((was, old), (now, new)))
    return ((was.sure and now.sure) or not sure) and was.value * now.value < 0 and share >= LEAST


def _settings(before: Explanation, now: Explanation) -> str:
    """ "With “zero vector” in place of “unknown word”:"."""
    old, new = before.params, now.params
    changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
    said = [_setting(name, new.get(name), old.get(name)) for name in changed]
    said += [f"seed {now.seed} in place of {before.seed}"] if now.seed != before.seed else []
    if not said or len(said) > _MOST_SETTINGS:
        return "With the other settings:"
    return f"With {' and '.join(said)}:"


def _setting(name: str, new: Any, old: Any) -> str:
    if fills.is_one(name, (new, old)):
        return " in place of ".join(quoted((fills.chosen(x) or ("",))[0]) for x in (new, old))
    if isinstance(new, str) and isinstance(old, str) and new and old:
        return f"{quoted(escape.shorten(new, 40))} in place of {quoted(escape.shorten(old, 40))}"
    first, second = ("automatic" if x is None else escape.shorten(numbers.value(x), 40) for x in (new, old))
    return f"{escape.shorten(name.replace('_', ' '), 40)} {first} in place of {second}"


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _more(left_out: int) -> str:
    return f" (and {left_out} more)" if left_out > 0 else ""
