"""Ranking: does the map's order of parts beat random orders, by one test with as much power as a single instance can give?

Deletion and insertion hold a map against a random order on each of a few fills, and so few say little: on most instances no map can be told
from luck. Here both are put together, and held against `DRAWN` random orders and their reverses:

    T = area under insertion - area under deletion,  -1 to 1

Bringing in a random order's first parts is taking away its last ones, so T of its reverse is -T: among random orders T has mean 0 exactly, and
only its spread has to be measured, with `DRAWN` degrees of freedom. The interval is T -+ Student's t times that spread: where it leaves
0 out, fewer than one random order in twenty lies as far off. (A permutation test by its normal approximation.)

That needs orders which could as well be the map's. Words and columns can be dealt out anew; the cells of a picture cannot: a map marks whole
regions, and what a region takes away differs from what as many scattered cells do, wherever it lies. There the random orders are the map itself,
moved and mirrored (the toroidal shifts of spatial statistics: Lotwick and Silverman, J. R. Stat. Soc. B 44, 1982), and their mean is
measured too. Where a method's maps are stronger at some places whatever they show, as at the borders, moved ones are not quite
exchangeable with them, and luck passes somewhat more often than the level says.
"""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
from scipy import stats

from ..explanation import Explanation, Score
from ..tasks import Task
from .copies import Fill
from .faithful import RANDOM_ORDER, THIS_MAP, after, area, curve_counts, drawn_fills, numbers_to_rank, orders, rivals_of
from .importance import Importance, importance, order
from .spec import Case, ScoreSpec

RANKING = "ranking"
DRAWN = 10  # random orders, each with its reverse
USED = {"text": 2, "tabular": 10, "image": 2}  # fills, deletion's first ones: the same for the map and each random order
_OF_PICTURES = " Here a random order is the map itself moved to other places."
_MEANING = (
    "How much more the map's first parts count than its last ones, when they are brought in or taken away: area under insertion less area under "
    "deletion. 0 is a random order, 1 the most there can be."
)


def _run(case: Case) -> Score:
    own = importance(case.e, case.task)
    fills = drawn_fills(case, own)[: USED[case.task.modality]]
    apart = {
        name: _apart(case, fills, ranked) for name, ranked in orders(case, False).items() if name != RANDOM_ORDER
    }  # on each fill its own way of breaking ties
    luck = np.array([_apart(case, fills, [one] * len(fills)) for one in _by_luck(case, own)])
    if own.grid is None:
        mean, spread, many = 0.0, float(np.sqrt(np.mean(luck**2))), DRAWN
    else:
        mean, spread, many = float(luck.mean()), float(luck.std(ddof=1)) * np.sqrt(1 + 1 / DRAWN), DRAWN - 1
    value, reach = apart.pop(THIS_MAP), float(stats.t.ppf(0.975, many)) * spread
    beside = {RANDOM_ORDER: mean, **apart}
    meaning = _MEANING + (_OF_PICTURES if own.grid is not None else "")
    return Score(RANKING, value, max(value - reach, -1.0), min(value + reach, 1.0), True, meaning, -1.0, 1.0, beside)


def _by_luck(case: Case, own: Importance) -> list[np.ndarray]:
    """Orders of the parts that know nothing of them, `DRAWN` of them."""
    if own.grid is None:
        return [case.rng(f"random {i}").permutation(len(own.values)) for i in range(DRAWN)]
    return [order(moved(own.values.reshape(own.grid), case.rng(f"moved {i}")).ravel(), case.rng(f"ties {i}")) for i in range(DRAWN)]


def moved(cells: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The same map at another place: rolled by a random number of rows and columns, not by none of both, and perhaps mirrored."""
    rows, columns = cells.shape
    by = int(rng.integers(1, rows * columns))
    made = np.roll(cells, divmod(by, columns), axis=(0, 1))
    return made[:: int(rng.choice([-1, 1])), :: int(rng.choice([-1, 1]))]


def _apart(case: Case, fills: list[Fill], ranked: list[np.ndarray]) -> float:
    """T, the mean over fills; ranked: for each of them the parts' indices, first ones first."""
    parts, modality = len(ranked[0]), case.task.modality
    areas = [
        [area(after(case, fill, one, curve_counts(parts, modality, inserted), inserted)) for fill, one in zip(fills, ranked, strict=False)]
        for inserted in (True, False)
    ]
    return float(np.mean(areas[0]) - np.mean(areas[1]))


def _copies(e: Explanation, task: Task) -> set[Hashable]:
    """The map's own are deletion's and insertion's, and so are some of the first random orders'."""
    try:
        parts = len(importance(e, task).values)
    except ValueError:  # there is nothing to score, which `run` will say
        return set()
    counts = curve_counts(parts, task.modality, False)[1:-1].tolist()
    fills = USED[task.modality]
    named: set[Hashable] = {("whole",), *((fill,) for fill in range(fills))}
    if 2**parts - 2 <= (DRAWN + 1) * len(
        counts
    ):  # so few parts that the orders share most copies: no more than there are ways to take some
        return named | {(RANKING, "parts", which, fill) for which in range(1, 2**parts - 1) for fill in range(fills)}
    for fill in range(fills):
        named |= {(rival, way, n, fill) for rival in rivals_of(task.modality) if rival != RANDOM_ORDER
                  for way in (True, False) for n in counts}  # fmt: skip
        for i in range(DRAWN):
            deletions = i == fill and task.modality != "image"  # the order that deletion is held against on this fill
            named |= {(RANDOM_ORDER, True, n, fill) if deletions else (RANKING, i, n, fill) for n in counts}
            named |= {(RANKING, "reversed", i, n, fill) for n in counts}
    return named


SPECS = [ScoreSpec(RANKING, numbers_to_rank, lambda e, task: len(_copies(e, task)), _run, _copies)]
