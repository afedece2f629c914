"""Best first, where chance leaves it open which is best: what explains another description stands before it.

Descriptions are ordered by AUROC. Where those of two cannot be told apart (the 95 % interval of their difference on the same items holds 0,
and they differ by at most LIFT: few items leave nearly everything open) and the one brings the other with it, the first goes directly before
the second: a scene has its colours, its light and its surface; a veil of colour or a fog lies over everything; little light makes things
black; how large an object is decides how much of its colour is seen; a kind of thing has its colours; of two scenes that is meant of which
more is seen in A; and where nearly all that is seen of a wider kind is one narrower kind, the narrower says more.

No number changes, only places. The order does not depend on the order of the items, and swapping A and B turns it round: descriptions truer
of B stand at the end, the strongest last.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .attributes import HUES, REGIONS
from .colours import DEGREES
from .conditions import Holds, overlaps
from .statistics import Separation, tied
from .taxonomy import Node, taxonomy
from .wording import Wording

SAID = (
    "Best first, with one exception: of two descriptions that separate about equally well (less than 5 points apart), the one that explains "
    "the other stands first: a forest before its green."
)
LIFT = 0.05  # AUROC by which a description may stand above one that separates better
DIGITS = 9  # to which AUROCs count as equal
ACCOUNTS = 0.6  # of a wider kind's evidence in A, from which the narrower kind is what is there
MOST = 0.5  # share of a set of which a style, a scene or a thing must be true to explain anything
NEAR = 60  # degrees between hues of which the one may come from the other
PLACE = ("size", "count", "x", "y", "central", "spread")
SCENERY = frozenset(
    {"brightness", "contrast", "haze", "chroma", "warmth", "vignette", "sharpness", "noise", "edges", "flat", "painting", "one_hue"}
    | {"few_colours", "ground_light", "ground_detail"}
    | {f"{region} {hue}" for region, hues in REGIONS.items() for hue in hues}
)


@dataclass(frozen=True)
class Ranked:
    """What is known of one description: `test` as in Proposal; `cut` of its ranker; fit_a (n,), fit_b (m,) and what they measure."""

    test: Any
    cut: float | None
    fit_a: np.ndarray
    fit_b: np.ndarray
    found: Separation

    def swapped(self) -> Ranked:
        f = self.found
        return Ranked(self.test, self.cut, self.fit_b, self.fit_a, Separation(1 - f.auroc, 1 - f.high, 1 - f.low, f.p))


def ordered(ranked: Sequence[Ranked], paired: bool) -> list[int]:
    """Places of `ranked`, best first. Equal in everything: as given."""
    of_b = [r.swapped() for r in ranked]
    above = [i for i, r in enumerate(ranked) if round(r.found.auroc, DIGITS) > 0.5]
    below = [i for i, r in enumerate(ranked) if round(r.found.auroc, DIGITS) < 0.5]
    even = [i for i in range(len(ranked)) if i not in {*above, *below}]
    return [*_best_first(ranked, above, paired), *even, *_best_first(of_b, below, paired)[::-1]]


def _best_first(ranked: Sequence[Ranked], places: list[int], paired: bool) -> list[int]:
    by_score = sorted(places, key=lambda i: (-round(ranked[i].found.auroc, DIGITS), float(f"{ranked[i].found.p:.6g}"), i))
    out: list[int] = []
    open_ = set(by_score)

    def put(i: int, before: list[int]) -> None:
        open_.discard(i)
        # Its best explanation only: weaker ones would come before what separates better than they do.
        if not any(_explains(ranked[j], ranked[i]) for j in out):
            chain = [*before, i]  # all of which it must be tied with
            cause = next((j for j in by_score if j in open_ and _goes_before(j, chain, ranked, paired)), None)
            if cause is not None:
                put(cause, chain)
        out.append(i)

    for i in by_score:
        if i in open_:
            put(i, [])
    return out


def _goes_before(j: int, chain: list[int], ranked: Sequence[Ranked], paired: bool) -> bool:
    one = ranked[j]
    return (
        one.found.low > 0.5
        and _explains(one, ranked[chain[-1]])
        and ranked[chain[0]].found.auroc - one.found.auroc <= LIFT + 1e-9
        and all(tied((one.fit_a, one.fit_b), (ranked[k].fit_a, ranked[k].fit_b), paired) for k in chain)
    )


def _explains(one: Ranked, other: Ranked) -> bool:
    style = _is_style(one)
    if style or _is_style(other):
        return style and not _is_style(other)
    return any(rule(one, other) for kinds, rule in _RULES if isinstance(one.test, kinds[0]) and isinstance(other.test, kinds[1]))


def brings(one: Ranked, other: Ranked) -> bool:
    """Whether it is known without measuring that `one` usually brings `other`: of pictures as in the order, but a style only what it is known to
    cover; of tables conditions on the same columns."""
    first, second = one.test, other.test
    if all(isinstance(t, tuple) and t and all(isinstance(h, Holds) for h in t) for t in (first, second)):
        return overlaps(first, second)
    if _is_style(one):
        return isinstance(other.test, Wording) and one.test.name != other.test.name and bool(one.test.above(other.test))
    return _explains(one, other)


def _is_style(r: Ranked) -> bool:
    """A style that most of A has and most of B has not: it shows in everything that is measured or seen."""
    return isinstance(r.test, Wording) and r.test.style and _is_there(r) and bool((r.fit_b > r.cut).mean() < MOST)


def _is_there(r: Ranked) -> bool:
    """In most of A: what is seldom there explains nothing."""
    return r.cut is not None and bool((r.fit_a > r.cut).mean() >= MOST)


def _of_scene(one: Ranked, other: Ranked) -> bool:
    return one.test.kind == "scene" and other.test.name in SCENERY and _is_there(one)


def _of_thing(one: Ranked, other: Ranked) -> bool:
    return one.test.kind != "scene" and other.test.name.startswith("object ") and _is_there(one)


def _says_more(one: Ranked, other: Ranked) -> bool:
    if one.test.kind == other.test.kind == "scene":  # in the same units: a sea has sand, but more water
        return bool(one.fit_a.mean() > other.fit_a.mean())
    things = taxonomy().things
    if "scene" in (one.test.kind, other.test.kind) or not taxonomy().below[things.index(one.test), things.index(other.test)]:
        return False
    return bool(len(one.test.classes) < len(other.test.classes) and one.fit_a.mean() >= ACCOUNTS * other.fit_a.mean())


def _of_light(one: Ranked, other: Ranked) -> bool:
    first, second = one.test, other.test
    if first.name.startswith("tint "):
        return second.name in ("one_hue", "chroma", "warmth") or _like(first.name.split()[1], second.name)
    if first.name == "brightness":
        shade = "black" if first.sign < 0 else "white"
        return second.name in (f"object {shade}", f"around {shade}") or first.above(second)
    if first.name in PLACE:
        return second.name.startswith("object ")
    return first.name != second.name and first.above(second)


def _like(hue: str, name: str) -> bool:
    """Whether an attribute is a region's colour to which a veil of that hue may bring it."""
    region, _, colour = name.partition(" ")
    if region not in ("object", "around") or colour not in DEGREES:
        return False
    return abs((DEGREES[colour] - HUES[hue] + 180) % 360 - 180) < NEAR


_RULES: list[tuple[tuple[type, type], Callable[[Ranked, Ranked], bool]]] = [
    ((Node, Wording), _of_scene),
    ((Node, Wording), _of_thing),
    ((Node, Node), _says_more),
    ((Wording, Wording), _of_light),
]
