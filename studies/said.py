"""The texts in explanations: which of them quote a test input, and which, of one's own, only a person can judge.

`quotes` looks for test texts in every text of an explanation. The rule: `RUN` words in a row of a forward text, or all of it where it has fewer but
at least `LEAST`; and all of a changed text, of at least `LEAST` words, since most of a changed text is its original. Letter case and marks do not
count. What stands in the item's own input is no quote, nor are prototypes, which are training inputs (`leaks` compares them as a whole).
Texts of fewer than `LEAST` words are not looked for: they may occur anywhere. How often words agree by chance: `python -m benchmarks.quotes`.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from PIL import Image

from explainers import Attribution, BoundaryPath, Composite, Explanation, Prototypes, Rule

from .owncheck import PICTURE_PART, WORD

RUN, LEAST = 8, 4  # words
LONG = 60  # characters: a longer text is one to look at even where all explanations of an arm have it
MASK = "UNK"  # what rules put for a word that is away
Words = tuple[str, ...]


def words(text: str) -> Words:
    return tuple(found[0] for found in WORD.finditer(text.casefold()))


def runs(text: Words, size: int) -> set[Words]:
    return {text[i : i + size] for i in range(len(text) - size + 1)}


# --- quotes of test texts ---------------------------------------------------------------------------------------------


def quotes(
    artifacts: Iterable[tuple[str, Explanation]], own: Mapping[str, str], forward: Iterable[str], changed: Iterable[str]
) -> list[str]:
    """Names of the explanations that quote a test text. artifacts: (name, explanation); own: name -> the text of that item."""
    sought: dict[int, set[Words]] = {}
    for text in map(words, forward):
        if len(text) >= LEAST:
            sought.setdefault(min(len(text), RUN), set()).update(runs(text, min(len(text), RUN)))
    for text in map(words, changed):
        if len(text) >= LEAST:
            sought.setdefault(len(text), set()).add(text)
    found = []
    for name, e in artifacts:
        here = words(own[name])
        said = [text for text in map(words, strings(e)) if len(text) >= LEAST]
        if any((runs(text, size) & some) - runs(here, size) for size, some in sought.items() for text in said):
            found.append(name)
    return found


def strings(value: Any) -> Iterator[str]:
    """Every text that an explanation can show, but the inputs that are its prototypes and the names of the classes."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Explanation):
        yield from (value.method, value.reason, *([value.instance] if isinstance(value.instance, str) else ()))
        yield from strings(value.payload)
    elif isinstance(value, Prototypes):
        yield from strings([value.network, value.space, value.importance, [p.shared for p in value.prototypes]])
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for f in dataclasses.fields(value):
            yield from strings(getattr(value, f.name))
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from strings(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from strings(one)


# --- texts of one's own tool ------------------------------------------------------------------------------------------


def own_texts(made: Sequence[Explanation]) -> list[str]:
    """What a tool wrote that participants read and a program cannot judge, each once: all but words of the input, columns, values,
    numbers, and short texts that are the same in all explanations, which tell no item from another."""
    found: Counter[str] = Counter()
    for e in made:
        found.update(list(dict.fromkeys(_free(e))))  # in the order met, so that a build comes out the same
    return [text for text, times in found.items() if times < len(made) or len(text) > LONG]


def pictured(e: Explanation) -> bool:
    """Whether it shows a picture that a tool drew: a map, a changed picture."""
    payload = e.payload
    if isinstance(payload, Composite):
        return any(map(pictured, payload.parts))
    if isinstance(payload, Attribution):
        return payload.map is not None
    shown = _besides(payload)
    return any(isinstance(one, Image.Image) for one in shown[isinstance(payload, BoundaryPath) :])  # a path begins at the input


def _free(e: Explanation, part: bool = False) -> Iterator[str]:
    payload = e.payload
    yield from (text for text in (e.method if part else "", e.reason) if text)
    if isinstance(payload, Composite):
        for one in payload.parts:
            yield from _free(one, True)
        return
    for said in (payload, getattr(payload, "importance", None)):
        yield from (text for name in ("unit", "baseline", "covers", "network", "space") if (text := getattr(said, name, "")))
    if isinstance(e.instance, Image.Image) and isinstance(payload, Attribution | Rule):
        features = payload.features if isinstance(payload, Attribution) else [c.feature for c in payload.conditions]
        yield from (text for text in [*features, *payload.names] if not PICTURE_PART.fullmatch(text))
    if isinstance(payload, BoundaryPath):
        if not isinstance(e.instance, dict):
            yield from payload.locked
        for step in payload.steps:
            here = {*_words_of(e.instance), *_words_of(step.instance)}
            yield from (text for text in step.changed if not _of(here, text) and not PICTURE_PART.fullmatch(text.removesuffix(" replaced")))
    for shown in _besides(payload):
        if isinstance(shown, str):
            yield from [] if _of({*_words_of(e.instance), MASK.casefold()}, shown) else [shown]


def _besides(payload: Any) -> list[Any]:
    """The inputs that a payload shows, but prototypes, which are checked to be training inputs."""
    return [one.instance for name in ("steps", "holds", "breaks") for one in getattr(payload, name, ())]


def _words_of(instance: Any) -> Words:
    if isinstance(instance, dict):
        return words(" ".join(f"{name} {value}" for name, value in instance.items()))
    return words(instance) if isinstance(instance, str) else ()


def _of(here: set[str], text: str) -> bool:
    """Whether a text has no other words than these, and numbers."""
    return all(word in here or word.isdigit() for word in words(text))
