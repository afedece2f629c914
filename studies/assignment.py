"""Who gets which arm: a list of permuted blocks, made when a study is frozen, from which arrivals take the lowest free slot.

studies.md 3.4: cells are arms x forms. A block holds each cell as often as its weight, once or twice over (drawn for each block, so that the
last of a block cannot be guessed), in random order. Arms of the same weight therefore never differ by more than `bound` participants.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from .design import CROSSED, Design

REPEATS = (1, 2)  # how often a block holds each cell


@dataclass(frozen=True)
class Form:
    """first: items of form "A" or "B" are asked before, the others after; "" where both times the same. reverse: choices in reverse order."""

    name: str
    first: str
    reverse: bool


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("1", "", False), Form("2", "", True),
        Form("A1", "A", False), Form("A2", "A", True), Form("B1", "B", False), Form("B2", "B", True),
    )
}  # fmt: skip


def forms_of(design: Design) -> list[Form]:
    return [form for form in FORMS.values() if bool(form.first) == (design.forms == CROSSED)]


@dataclass(frozen=True)
class Slot:
    """A place in a study. seed: of the orders that its participant meets."""

    number: int
    arm: str
    form: str
    seed: int


def slots(design: Design) -> list[Slot]:
    """The list, `planned` and the reserve long, to whole blocks. By the design's seed; of an anonymous study by chance, another one each time.

    An export has the design, and the order of every participant's items. By that order whoever has the list finds her place in it, and places are
    taken one after the other: who came before whom.
    """
    wanted = int(np.ceil(design.planned * (1 + design.reserve)))
    rng = np.random.Generator(np.random.PCG64(secrets.randbits(256) if design.anonymous else [design.seed, 1]))
    cells = [(arm, form.name) for arm in design.arms for form in forms_of(design) for _ in range(design.weights.get(arm, 1))]
    found: list[Slot] = []
    while len(found) < wanted:
        block = cells * int(rng.choice(REPEATS))
        for i in rng.permutation(len(block)):
            arm, form = block[i]
            found.append(Slot(len(found), arm, form, int(rng.integers(2**62))))
    return found


def bound(design: Design) -> int:
    """Largest difference in participants between two arms of the same weight, at any moment, as long as nobody is replaced.

    An arm that has no other one of its weight does not count.
    """
    weights = [design.weights.get(arm, 1) for arm in design.arms]
    shared = [weight for weight in weights if weights.count(weight) > 1]
    return max(REPEATS) * len(forms_of(design)) * max(shared, default=1)


def list_text(listed: Sequence[Slot]) -> str:
    """The list as text, a slot a line: its hash stands in the pre-registration."""
    return "".join(f"{slot.number},{slot.arm},{slot.form},{slot.seed}\n" for slot in listed)
