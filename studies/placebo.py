"""The placebo arm: what looks like an explanation of this input, and holds what a method said of another one.

Each item is shown the explanation of another item of the same answer of the model, so it tells nothing about this input beyond that answer.
Which other one is chosen in borrowing.py: never one that makes the placebo tell what the true explanation tells (`tells`). What is taken over and
what is fitted to this input, by kind:

* attribution: the numbers, their order and how many there are come from the other explanation; which columns of this row or words of this text
  they stand at is drawn by seed: a method says nearly the same of the columns of most rows, so the other's columns would tell much of the truth;
  over a picture the other's map is stretched to this picture's size; where that would be this one's own map, it is mirrored (`fresh`).
* rule: how many columns or words, precision and coverage are the other's; which ones is drawn by seed. A column's condition is one that this
  row meets and that a rule of another item has, else "column = value". Over a picture the other's parts, or their
  mirror image. Examples are left out.
* prototypes: the other input's prototypes beside this input; which parts matter is left out.
* boundary path: the other row's columns take the other's new values, words of this text take the other's new words; margins are the other's.
  Where that would really turn this input's answer, as many columns or words, drawn by seed, take values or words of the other input itself
  (`fresh`): it has the same answer, so they seldom turn it.
  A path over pictures cannot be carried over: the other's is shown as it is, with its own picture.
* composite: each part in this way.
* pictures made by other tools are shown as they are.

Before it, studies used explanations of random other items, or the right ones with their values shuffled; this is the first with the look of the
second, since a text beside the marks of another text is seen through at once.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from PIL import Image

import explainers
from explainers import Attribution, BoundaryPath, Composite, Explanation, Prototypes, Rule
from explainers.payloads import Condition

CAVEAT = "Made for a placebo arm: what it says was found for another input."
_WORD = re.compile(r"\w+")
ARROW = " → "


Phrases = Mapping[str, Sequence[tuple[Condition, str]]]  # column -> conditions that rules of the study have, as they are shown


def phrases(some: Iterable[Any]) -> Phrases:
    """Of all rules among artifacts, parts of composites too."""
    out: dict[str, dict[str, tuple[Condition, str]]] = {}
    for e in (part for artifact in some for part in parts_of(artifact)):
        if isinstance(e.payload, Rule):
            for condition, name in zip(e.payload.conditions, e.payload.names, strict=True):
                out.setdefault(condition.feature, {}).setdefault(name, (condition, name))
    return {column: [said[name] for name in sorted(said)] for column, said in out.items()}


def parts_of(artifact: Any) -> list[Explanation]:
    """The explanation itself, or those that it is composed of; [] of a picture by another tool."""
    if not isinstance(artifact, Explanation):
        return []
    return list(artifact.payload.parts) if isinstance(artifact.payload, Composite) else [artifact]


def placebo(own: Explanation, other: Explanation, seed: int, known: Phrases | None = None, fresh: bool = False) -> Explanation:
    """The other explanation with the look of one of this input. See the module docstring."""
    rng = np.random.Generator(np.random.PCG64([seed, 6]))
    pictured = isinstance(own.instance, Image.Image)
    if isinstance(other.payload, BoundaryPath) and pictured:
        return other
    return dataclasses.replace(own, payload=_payload(own, other, rng, known or {}, fresh), quality=[], caveats=[CAVEAT])


def _payload(own: Explanation, other: Explanation, rng: np.random.Generator, known: Phrases, fresh: bool) -> Any:
    said = other.payload
    if isinstance(said, Attribution):
        return _attribution(own, said, rng, fresh)
    if isinstance(said, Rule):
        return _rule(own, said, rng, known, fresh)
    if isinstance(said, Prototypes):
        return dataclasses.replace(said, prototypes=[_beside(own.instance, p) for p in said.prototypes], importance=None)
    if isinstance(said, BoundaryPath):
        return _path(own, said, rng, other.instance if fresh else None)
    if isinstance(said, Composite) and isinstance(own.payload, Composite):
        mine = {part.method: part for part in own.payload.parts}
        return Composite([placebo(mine.get(p.method, own), p, int(rng.integers(2**31)), known, fresh) for p in said.parts])
    return said


def _attribution(own: Explanation, said: Attribution, rng: np.random.Generator, fresh: bool) -> Attribution:
    if isinstance(own.instance, Image.Image):
        steps = _mirror(rng, fresh)
        map_, segments = (_stretched(array, own.instance, steps) for array in (said.map, said.segments))
        return dataclasses.replace(said, map=map_, segments=segments)
    if isinstance(own.instance, dict):
        columns = list(own.instance)
        drawn = [columns[i] for i in rng.permutation(len(columns))[: len(said.features)]]
        return dataclasses.replace(said, features=drawn, names=_names(own, drawn), **_cut(said, len(drawn)))
    words, positions, spans = _words(own.instance, len(said.features), rng)
    return dataclasses.replace(said, features=words, names=words, positions=positions, spans=spans, **_cut(said, len(words)))


def _cut(said: Attribution, k: int) -> dict[str, Any]:
    """The first k numbers: a shorter text has room for fewer."""
    return {name: None if (v := getattr(said, name)) is None else v[:k] for name in ("values", "low", "high")}


def _rule(own: Explanation, said: Rule, rng: np.random.Generator, known: Phrases, fresh: bool) -> Rule:
    bare = dataclasses.replace(said, holds=[], breaks=[])
    if isinstance(own.instance, Image.Image):
        return dataclasses.replace(bare, segments=_stretched(said.segments, own.instance, _mirror(rng, fresh)))
    if isinstance(own.instance, dict):
        columns = list(own.instance)
        count = len({c.feature for c in said.conditions})
        worded = [_condition(own.instance, columns[i], known, rng) for i in rng.permutation(len(columns))[:count]]
        trail = None if said.trail is None else said.trail[: len(worded)]
        return dataclasses.replace(bare, conditions=[c for c, _ in worded], names=[name for _, name in worded], trail=trail)
    words, positions, spans = _words(own.instance, len(said.conditions), rng)
    conditions = [dataclasses.replace(c, feature=word) for c, word in zip(said.conditions, words, strict=False)]
    trail = None if said.trail is None else said.trail[: len(words)]
    return dataclasses.replace(bare, conditions=conditions, names=words, positions=positions, spans=spans, trail=trail)


def _condition(row: dict[str, Any], column: str, known: Phrases, rng: np.random.Generator) -> tuple[Condition, str]:
    """One that this row meets, as rules of the study word it."""
    fit = [said for said in known.get(column, ()) if _meets(said[0], row[column])]
    return fit[int(rng.integers(len(fit)))] if fit else (Condition(column, "==", row[column]), f"{column} = {row[column]}")


def _meets(condition: Condition, value: Any) -> bool:
    wanted = condition.value
    if condition.op in ("<=", ">"):
        return bool(value <= wanted if condition.op == "<=" else value > wanted)
    return bool(value in wanted if condition.op == "in" else value == wanted)


def _names(own: Explanation, features: Sequence[str]) -> list[str]:
    """As this row's own explanation words a column, else "column = value"."""
    said = own.payload
    known = dict(zip(said.features, said.names, strict=True)) if isinstance(said, Attribution) else {}
    return [known.get(name, f"{name} = {own.instance.get(name)}") for name in features]


def _words(text: str, count: int, rng: np.random.Generator) -> tuple[list[str], list[list[int]], list[list[list[int]]]]:
    """Up to `count` different words of a text, drawn by chance: words, the places of each among its words, offsets of each."""
    places: dict[str, list[tuple[int, list[int]]]] = {}
    for n, found in enumerate(_WORD.finditer(text)):
        places.setdefault(found[0], []).append((n, [found.start(), found.end()]))
    every = list(places)
    words = [every[i] for i in rng.permutation(len(every))[:count]]
    return words, [[n for n, _ in places[word]] for word in words], [[span for _, span in places[word]] for word in words]


def _beside(instance: Any, prototype: Any) -> Any:
    """A prototype with what it has in common with this input instead of with the other."""
    if isinstance(instance, dict) and isinstance(prototype.instance, dict):
        shared = [name for name, value in prototype.instance.items() if instance.get(name) == value]
    elif isinstance(instance, str):
        mine = {word.casefold() for word in _WORD.findall(instance)}
        shared = [word for word in prototype.shared if word.casefold() in mine]
    else:
        shared = []
    return dataclasses.replace(prototype, shared=shared)


def _path(own: Explanation, said: BoundaryPath, rng: np.random.Generator, lender: Any) -> BoundaryPath:
    """lender: the other input, where its own values or words are to be taken; else None."""
    if isinstance(own.instance, dict):
        if lender is None:
            return dataclasses.replace(said, steps=[_row_step(own.instance, step) for step in said.steps])
        free = [name for name, value in own.instance.items() if name in lender and lender[name] != value and name not in said.locked]
        drawn = [free[i] for i in rng.permutation(len(free))]
        steps = [_with_columns(step, lender, drawn[: len(step.features)]) for step in said.steps]
        return dataclasses.replace(said, steps=[_row_step(own.instance, step) for step in steps])
    new = [change.split(ARROW, 1)[1].strip("“”\"' ") for change in said.steps[-1].changed if ARROW in change]
    if lender is not None:
        own_words = {word.casefold() for word in _WORD.findall(own.instance)}
        others = sorted({word for word in _WORD.findall(lender) if word.casefold() not in own_words})
        new = [others[i] for i in rng.permutation(len(others))[: len(new)]]
    words, _, spans = _words(own.instance, len(new), rng)
    return dataclasses.replace(said, steps=[_text_step(own.instance, step, words, spans, new) for step in said.steps])


def _with_columns(step: Any, row: dict[str, Any], columns: list[str]) -> Any:
    return dataclasses.replace(step, instance=row, features=columns)


def _row_step(row: dict[str, Any], step: Any) -> Any:
    values = {name: step.instance[name] for name in step.features if name in row}
    changed = [f"{name} {row[name]}{ARROW}{value}" for name, value in values.items()]
    return dataclasses.replace(step, instance={**row, **values}, changed=changed)


def _text_step(text: str, step: Any, words: list[str], spans: list[list[list[int]]], new: list[str]) -> Any:
    """The step with the first of the drawn words replaced, as many as the other step had changed."""
    count = min(len(step.changed), len(words))
    edits = sorted((spans[i][0][0], spans[i][0][1], new[i]) for i in range(count))
    out, marks, at = "", [], 0
    for start, end, word in edits:
        out += text[at:start]
        marks.append([len(out), len(out) + len(word)])
        out, at = out + word, end
    changed = [f"“{words[i]}”{ARROW}“{new[i]}”" for i in range(count)]
    return dataclasses.replace(step, instance=out + text[at:], changed=changed, features=words[:count], spans=marks)


def _mirror(rng: np.random.Generator, fresh: bool) -> tuple[int, int]:
    """Steps along height and width: -1 is mirrored."""
    return ((1, -1), (-1, 1), (-1, -1))[int(rng.integers(3))] if fresh else (1, 1)


def _stretched(array: np.ndarray | None, picture: Image.Image, steps: tuple[int, int]) -> np.ndarray | None:
    """An array (height, width) over another picture, at this picture's size, each pixel as its nearest."""
    if array is None:
        return None
    rows = np.arange(picture.height) * array.shape[0] // picture.height
    columns = np.arange(picture.width) * array.shape[1] // picture.width
    return np.asarray(array)[rows][:, columns][:: steps[0], :: steps[1]]


def checked(e: Explanation) -> Explanation:
    """The explanation as its file says it. Raises ValueError where it is not one."""
    return explainers.Explanation.from_json(e.to_json())
