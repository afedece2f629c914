"""Whether what tells two sets of pictures apart lies in the background rather than in the object.

Asked where the first description found is about the background. Its AUROC is held against those of descriptions of the object on the same
tested pictures: all that were tested, and the RIVALS that separate best on the proposing half among everything that can be measured of an
object, proposed or not: nobody proposes what hardly separates, and it must not be missed for that. What is truer of B tells the sets apart
as well as what is truer of A, so a rival counts from 0.5 up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from ..payloads import Contrast
from .items import Items
from .proposers.attributes import aurocs
from .sight import attributes, scenes, seen, things
from .stages import Session
from .statistics import advantage
from .taxonomy import Node, taxonomy
from .wording import WORDINGS, Wording

TRIED = 2  # descriptions of the background, the best of the proposing half; the interval of either is widened for that
RIVALS = 10  # of all that can be measured of an object, those that are tested
LEAST = 10  # pictures of a set, below which nothing is said: the interval needs some
_OF_OBJECT = ("size", "count", "spread", "x", "y", "central")


@dataclass(frozen=True)
class Told:
    """A description, what it means (`test` as in Proposal), and how well it fits the tested items of A (n,) and of B (m,)."""

    description: str
    test: Any
    fit_a: np.ndarray
    fit_b: np.ndarray


def of_background(test: Any) -> bool | None:
    """True where a description is of what is around the object, False where it is of the object, None where of neither or of both."""
    if isinstance(test, Node):
        return test.kind == "scene"
    if not isinstance(test, Wording):
        return None
    if test.name.startswith(("around ", "ground_")):
        return True
    return False if test.name.startswith("object ") or test.name in _OF_OBJECT else None


def contrasts(
    told: Sequence[Told], proposed_on: tuple[Items, Items], tested: tuple[Items, Items], session: Session, paired: bool
) -> list[Contrast]:
    """[] where the first of `told`, best first, is not about the background, or too little is known. `candidate` is a place in `told`."""
    if not told or not of_background(told[0].test) or min(map(len, tested)) < LEAST:
        return []
    rows = [seen(items, session) for items in (*proposed_on, *tested)]
    if session.stopped or any(len(some) < len(items) for some, items in zip(rows, (*proposed_on, *tested), strict=True)):
        return []
    # Of several backgrounds those that were best where nothing is tested: the best of the tested half would be partly so by chance.
    backgrounds = [i for i, t in enumerate(told) if of_background(t.test)]
    before = {i: float(aurocs(*(_measured(told[i].test, some)[:, None] for some in rows[:2]))[0]) for i in backgrounds}
    chosen = sorted(backgrounds, key=lambda i: -before[i])[:TRIED]
    rivals = [*(t for t in told if of_background(t.test) is False), *_rivals(rows)]
    scores = aurocs(*(np.column_stack(fits) for fits in ([t.fit_a for t in rivals], [t.fit_b for t in rivals])))
    rivals = [replace(t, fit_a=-t.fit_a, fit_b=-t.fit_b) if x < 0.5 else t for t, x in zip(rivals, scores, strict=True)]  # all fit A better
    scores = np.maximum(scores, 1 - scores)
    return [max((_against(i, told[i], rivals, scores, len(chosen), paired) for i in chosen), key=lambda c: c.low)]


def _against(place: int, top: Told, rivals: Sequence[Told], scores: np.ndarray, tried: int, paired: bool) -> Contrast:
    """scores: AUROC of each rival."""
    ahead = [advantage((top.fit_a, top.fit_b), (t.fit_a, t.fit_b), paired, tried) for t in rivals]
    hardest = int(np.argmin([low for low, _ in ahead]))
    of = int(np.argmax(scores)) if ahead[hardest][0] > 0 else hardest  # ahead only where it is ahead of all
    return Contrast(place, rivals[of].description, float(scores[of]), *ahead[of])


def _measured(test: Node | Wording, rows: np.ndarray) -> np.ndarray:
    """float (n,), as its ranker has it."""
    if isinstance(test, Wording):
        return np.asarray(test.sign * attributes(rows)[:, test.column])
    return np.asarray(scenes(rows)[:, taxonomy().scenes.index(test)])


def _rivals(rows: Sequence[np.ndarray]) -> list[Told]:
    """What separates best, either way, on the half that proposers saw, as it fits the tested half. rows: of A and B there, of A and B here."""
    ends = [w for w in WORDINGS if of_background(w) is False and w.sign > 0]
    columns = [w.column for w in ends]
    values = [np.hstack([things(some), attributes(some)[:, columns]]) for some in rows]
    known = [*taxonomy().things, *ends]
    chosen = np.argsort(-np.abs(aurocs(values[0], values[1]) - 0.5), kind="stable")[:RIVALS]
    return [Told(known[i].says, known[i], values[2][:, i], values[3][:, i]) for i in chosen]
