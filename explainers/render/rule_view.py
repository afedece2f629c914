"""A rule ready to be drawn: its conditions in words, its precision step by step, where it shows in a text. No markup here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ..explanation import Condition, Explanation, Rule
from ..parts import WORD
from . import escape, numbers
from .attribution_rows import column
from .common import NAME_LENGTH, PROTECTED_WORDS, class_name, protected, quoted

PRESENT = "present"
MOST_NAMED = 6  # conditions in a sentence; a longer rule says how many there are
_LABEL = 100  # characters
_MOST_VALUES = 4  # of "is one of"
# What was changed, after "whatever", by the parameter of the method that says it and its value. "{}": "other " beside a rule.
_CHANGED = {
    ("image", "off", "mean colour"): "{}parts of the picture are painted over with their mean colour",
    ("image", "off", "blur"): "{}parts of the picture are blurred",
    ("image", "off", "another picture"): "{}parts of the picture are replaced by another picture",
    ("text", "perturb", "mask word"): "{}words are masked",
    ("text", "perturb", "similar words"): "{}words are replaced by similar ones",
    ("text", "perturb", "masked language model"): "{}words are replaced by those of a language model",
}
_COPIES = {"text": "the changed texts", "tabular": "the rows", "image": "the changed pictures"}

Span = tuple[int, int, int]  # start, end (characters), index of the condition


@dataclass(frozen=True)
class Rung:
    """One step of the ladder: how often the model gives the answer under the first conditions.

    label   "no condition", "age is at most 28", "all 3 conditions"
    number  which condition is added, from 1 up; 0 where none is, or all at once
    ruled   whether any condition holds
    share   0 to 1; low, high: its 95 % interval, None where it was not measured
    """

    label: str
    number: int
    ruled: bool
    share: float
    low: float | None = None
    high: float | None = None

    @property
    def lead(self) -> tuple[str, str]:
        """What stands before the label: ("2", "and ")."""
        return (str(self.number) if self.number else ""), ("and " if self.number > 1 else "")


@dataclass(frozen=True)
class View:
    """A rule and what is said of it."""

    e: Explanation

    @property
    def payload(self) -> Rule:
        return self.e.payload

    @cached_property
    def target(self) -> str:
        return quoted(class_name(self.e, self.e.target))

    @property
    def measured(self) -> bool:
        """Whether its precision was measured at all: not when a run was stopped before."""
        return self.payload.samples > 0 or self.payload.precision_high - self.payload.precision_low < 1

    @property
    def asked(self) -> str:
        """The precision asked for, "95"."""
        return f"{100 * _share(self.payload.threshold):.4g}"

    @cached_property
    def precision(self) -> tuple[str, str]:
        """ "98" and "96 to 99", of 100."""
        p = self.payload
        return numbers.in_hundred_within(p.precision, p.precision_low, p.precision_high)

    @cached_property
    def coverage(self) -> str:
        """ "12 % of people (95 % range 10 to 14)", "none of the rows of the training data"."""
        p = self.payload
        of = escape.shorten(p.covers, 80) or _COPIES.get(self.e.modality, "the changed inputs")
        if not of.startswith("the ") and (" of " in of or p.coverage <= 0):
            of = f"the {of}"
        _, ends = numbers.in_hundred_within(p.coverage, p.coverage_low, p.coverage_high)
        share = numbers.percent(p.coverage) if p.coverage > 0 else "none"
        return f"{share} of {of}" + (f" (95 % range {ends}{' %' if p.coverage <= 0 else ''})" if ends else "")

    @cached_property
    def whatever(self) -> str:
        """ "whatever other words are masked", "whatever parts of the picture are blurred"; of a table "whatever else changes"."""
        ruled = bool(self.payload.conditions)
        for (modality, name, value), said in _CHANGED.items():
            if self.e.modality == modality and self.e.params.get(name) == value:
                return f"whatever {said.format('other ' if ruled else '')}"
        return "whatever else changes" if ruled else "whatever changes"

    def adds_little(self) -> bool:
        """Whether the model says the same about as often without the rule."""
        p = self.payload
        return bool(p.conditions) and p.base is not None and p.base >= p.precision_low

    @cached_property
    def phrases(self) -> list[str]:
        """Each condition on its own: "age is at most 28", "“great”", "part 3 (top left)"."""
        return [self._phrase(i, c) for i, c in enumerate(self.payload.conditions)]

    def _phrase(self, i: int, c: Condition) -> str:
        if c.op != PRESENT:
            return f"{escape.isolated(column(c.feature))}{protected(self.e, c.feature)} {asks([c], self._own(c))}"
        name = escape.shorten(self.payload.names[i], NAME_LENGTH) or escape.shorten(c.feature, NAME_LENGTH) or "(blank)"
        if self.e.modality != "text":
            return escape.isolated(name)
        word = escape.shorten(c.feature, NAME_LENGTH)
        return f"{quoted(word)}{name[len(word) :]}" if name.startswith(f"{word} (") else quoted(word or name)

    def _own(self, c: Condition) -> Any:
        return self.e.instance.get(c.feature) if isinstance(self.e.instance, dict) else None

    @cached_property
    def clause(self) -> str:
        """What must hold, after "if": "relationship is Own-child and age is at most 28", "the text contains “great” and “fun”"."""
        there = [phrase for phrase, c in zip(self.phrases, self.payload.conditions, strict=True) if c.op == PRESENT]
        others = [
            f"{escape.isolated(column(feature))}{protected(self.e, feature)} {asks(conditions, self._own(conditions[0]))}"
            for feature, conditions in self.by_feature.items()
        ]
        if there and self.e.modality == "text":
            others.append(f"the text contains {listed(there)}")
        elif there:
            others.append(f"{listed(there)} {'is' if len(there) == 1 else 'are'} there")
        return listed(others)

    @cached_property
    def by_feature(self) -> dict[str, list[Condition]]:
        """Conditions on values, by column, in the order of the first on each."""
        found: dict[str, list[Condition]] = {}
        for c in self.payload.conditions:
            if c.op != PRESENT:
                found.setdefault(c.feature, []).append(c)
        return found

    @property
    def marked(self) -> str:
        """What the sign of a protected attribute says, where the rule asks for one; else ""."""
        return PROTECTED_WORDS if any(protected(self.e, c.feature) for c in self.payload.conditions) else ""

    @cached_property
    def rungs(self) -> list[Rung]:
        """From no condition to all of them. Only the whole rule's precision has an interval."""
        p, k = self.payload, len(self.payload.conditions)
        base = [] if p.base is None or k == 0 else [Rung("no condition", 0, False, _share(p.base))]
        trail = [] if p.trail is None or len(p.trail) < k else [_share(x) for x in p.trail[: max(k - 1, 0)]]
        names = [c.feature for c in p.conditions] if self.e.modality == "image" else self.phrases  # where a part lies, the picture says
        steps = [Rung(escape.shorten(names[i], _LABEL), i + 1, True, share) for i, share in enumerate(trail)]
        if not self.measured:
            return base + steps
        last, number = ("no condition", 0) if k == 0 else (names[-1], k) if trail or k == 1 else (f"all {k} conditions", 0)
        whole = Rung(escape.shorten(last, _LABEL), number, k > 0, _share(p.precision), p.precision_low, p.precision_high)
        return [*base, *steps, whole]

    def spans(self) -> list[Span]:
        """The rule's words in the instance, in order. A file from elsewhere may hold impossible stretches: these are left out."""
        instance, given = str(self.e.instance), self.payload.spans
        if given is None:
            return self.spans_in(instance)
        return _apart((s[0], s[1], i) for i, some in enumerate(given) for s in some if len(s) == 2 and 0 <= s[0] < s[1] <= len(instance))

    def spans_in(self, text: str) -> list[Span]:
        """The rule's words in a changed text: at their own places where it has as many words as the instance, else wherever they are."""
        words = [m.span() for m in WORD.finditer(text)]
        positions = self.payload.positions
        if positions is not None and len(words) == len(WORD.findall(str(self.e.instance))):
            return _apart((*words[j], i) for i, some in enumerate(positions) for j in some if 0 <= j < len(words))
        number = {c.feature: i for i, c in reversed(list(enumerate(self.payload.conditions))) if c.op == PRESENT}
        return [(a, b, number[text[a:b]]) for a, b in words if text[a:b] in number]


def _apart(spans: Any) -> list[Span]:
    """Spans in order, without those that begin inside another."""
    kept: list[Span] = []
    for span in sorted(spans):
        if not kept or span[0] >= kept[-1][1]:
            kept.append(span)
    return kept


def _share(x: float) -> float:
    return min(1.0, max(0.0, float(x)))


def listed(items: Sequence[str]) -> str:
    """ "a", "a and b", "a, b and c"; of many the first, and how many more."""
    if len(items) > MOST_NAMED + 1:
        return f"{', '.join(items[:MOST_NAMED])} and {len(items) - MOST_NAMED} more"
    return items[0] if len(items) == 1 else f"{', '.join(items[:-1])} and {items[-1]}" if items else ""


def asks(conditions: Sequence[Condition], own: Any) -> str:
    """What a rule asks of one column, after its name: "is at most 28", "is between 29 and 37", "is Own-child".

    own: the instance's value. Of a column of whole numbers, "over 28 and at most 37" is "between 29 and 37".
    """
    over = [c.value for c in conditions if c.op == ">" and _is_number(c.value)]
    most = [c.value for c in conditions if c.op == "<=" and _is_number(c.value)]
    if over and most:
        low, high = max(over), min(most)
        if isinstance(own, int) and not isinstance(own, bool):
            low, high = math.floor(low) + 1, math.floor(high)
        bounds = [f"is {_value(low)}" if low == high else f"is between {_value(low)} and {_value(high)}"]
    else:
        bounds = [f"is over {_value(max(over))}"] if over else [f"is at most {_value(min(most))}"] if most else []
    rest = [_equal(c) for c in conditions if not (c.op in (">", "<=") and _is_number(c.value))]
    return " and ".join([*bounds, *rest])


def _equal(c: Condition) -> str:
    if c.op == "in" and isinstance(c.value, list | tuple):
        values = [_value(v) for v in c.value]
        if len(values) > _MOST_VALUES:
            return f"is one of {len(values)} values ({', '.join(values[:_MOST_VALUES])}, {escape.ELLIPSIS})"
        return "is " + (f"{', '.join(values[:-1])} or {values[-1]}" if len(values) > 1 else values[0] if values else "nothing")
    word = {"<=": "at most ", ">": "over "}.get(c.op, "")
    return f"is {word}{_value(c.value)}"


def _is_number(v: Any) -> bool:
    return isinstance(v, int | float) and not isinstance(v, bool)


def _value(v: Any) -> str:
    return escape.isolated(escape.shorten(numbers.value(v), 30) or "(blank)")
