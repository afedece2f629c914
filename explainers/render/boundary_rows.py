"""A path over the decision boundary as stops ready to be drawn: what changed at each, its margin, its answer. No markup here."""

from __future__ import annotations

import math
import re
from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..explanation import BoundaryPath, Explanation, Step
from . import escape, inputs, numbers
from .common import answered, class_name, input_noun, quoted
from .inputs import BECAME, Mark

CHANGE_LENGTH = 80
MOST_CHANGES = 5  # in one sentence
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Stop:
    """One input on the way.

    index    0 is the instance itself
    new      what changed since the stop before, as shown to a person, shortened
    margin   evidence for the original class over the best other, log odds
    answer   class index, None where it is not known; `sure`: its probability
    over     whether the answer is another than the instance's
    """

    index: int
    step: Step
    new: list[str]
    margin: float
    answer: int | None
    sure: float
    over: bool


@dataclass(frozen=True)
class Path:
    e: Explanation
    stops: list[Stop]

    @classmethod
    def of(cls, e: Explanation) -> Path:
        steps = e.payload.steps
        original = _answer(steps[0]) if steps else None
        before: Counter[str] = Counter()
        stops = []
        for i, step in enumerate(steps):
            stops.append(_stop(i, step, before, original))
            before = Counter(step.changed)
        return cls(e, stops)

    @property
    def payload(self) -> BoundaryPath:
        return self.e.payload

    @property
    def last(self) -> Stop:
        return self.stops[-1]

    @property
    def original(self) -> str:
        """The instance's own class, in quotation marks."""
        own = self.stops[0].answer if self.stops else None
        return self.said(own if own is not None else self.e.predicted if answered(self.e) else self.e.target)

    @property
    def noun(self) -> tuple[str, str]:
        return input_noun(self.e.modality)

    @property
    def reach(self) -> tuple[float, float]:
        """Least and greatest margin; zero is always among them."""
        margins = [stop.margin for stop in self.stops]
        return min([0.0, *margins]), max([0.0, *margins])

    @property
    def approached(self) -> bool:
        """Whether a change was found that came nearer to another answer, if not over to it."""
        return len(self.stops) > 1

    def said(self, index: int | None) -> str:
        return "an unknown class" if index is None else quoted(class_name(self.e, index))

    def stop(self, i: int) -> Stop:
        """The stop numbered `i`. Raises ValueError where there is none."""
        if isinstance(i, bool) or not isinstance(i, int | np.integer) or not 0 <= i < len(self.stops):
            raise ValueError(f"There is no step {i!r}: this path has steps 0 to {len(self.stops) - 1}.")
        return self.stops[int(i)]

    def marks(self, stop: Stop) -> list[Mark]:
        """Text: the changed words of a stop, each with the word that it replaced where words stand one for one."""
        text, original = stop.step.instance, self.e.instance
        if not isinstance(text, str) or not isinstance(original, str) or stop.index == 0:
            return []
        now, before = list(_WORD.finditer(text)), list(_WORD.finditer(original))
        one_for_one = len(now) == len(before)
        old = {m.start(): b.group() for m, b in zip(now, before, strict=True) if m.group() != b.group()} if one_for_one else {}
        given = inputs.marks(stop.step.spans, len(text))
        if not given:
            return [Mark(m.start(), m.end(), old[m.start()]) for m in now if m.start() in old]
        return [replace(mark, old=old.get(mark.start, "")) for mark in given]


def margin(x: float) -> str:
    """+2.10, −0.30. Log odds of the models here stay far below a thousand; a file may hold anything."""
    if abs(x) >= 1000:
        return "over +999" if x > 0 else f"under {numbers.MINUS}999"
    return numbers.signed(x, 2)


def listed(changes: list[str], most: int = MOST_CHANGES) -> str:
    """ "a, b and c", or "a, b and 7 more changes"."""
    said = [arrowed(change) for change in changes[:most]]
    left = len(changes) - len(said)
    if left:
        said.append(numbers.count(left, "more change"))
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} and {said[-1]}"


def arrowed(change: str) -> str:
    """A change for use in a sentence: what it was stands left of the arrow whatever the direction of its words."""
    return f" {BECAME} ".join(escape.isolated(side) for side in change.split(f" {BECAME} "))


def changes(step: Step) -> list[str]:
    """Every change so far, cleaned and shortened."""
    return [_short(change) for change in step.changed]


def _short(change: Any) -> str:
    return escape.shorten(change, CHANGE_LENGTH) or "(unnamed change)"


def _answer(step: Step) -> int | None:
    return int(np.argmax(step.prediction)) if len(step.prediction) else None


def _stop(i: int, step: Step, before: Counter[str], original: int | None) -> Stop:
    left = Counter(before)
    new = []
    for change in step.changed:
        if left[change] > 0:
            left[change] -= 1
        else:
            new.append(_short(change))
    value = float(step.margin)
    value = value if math.isfinite(value) else 0.0
    answer = _answer(step)
    known = answer is not None and original is not None
    return Stop(
        index=i,
        step=step,
        new=new,
        margin=value,
        answer=answer,
        sure=float(step.prediction[answer]) if answer is not None else math.nan,
        over=answer != original if known else value < 0,
    )
