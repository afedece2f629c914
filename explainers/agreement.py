"""Whether two explanations of one instance point at the same parts.

Every kind that points at parts is compared by them: an attribution by its numbers, a rule by its conditions, a way over the
boundary by what it changes, prototypes by which parts make the instance like them. Over pictures the parts of two methods are cut
differently, so there the comparison is on a grid of cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from .explanation import Explanation
from .parts import TextParts
from .payloads import Attribution, BoundaryPath, Prototypes, Rule

TOP = 5  # parts
GRID = 14  # cells of a picture's side
TOP_CELLS = GRID * GRID // 10


@dataclass(frozen=True)
class Pointed:
    """What an explanation points at: strength by part, signed where `ranked`; without ranks all strengths are 1, most important first."""

    strength: dict[str, float]
    ranked: bool

    def top(self, k: int) -> list[str]:
        """The k strongest parts; ties keep their order."""
        names = list(self.strength)
        order = np.argsort(-np.abs(np.array([self.strength[name] for name in names])), kind="stable")
        return [names[i] for i in order[:k] if self.strength[names[i]] != 0]


@dataclass(frozen=True)
class Agreement:
    """How far two methods agree, each over the same seeds, paired.

    overlap      share of the k strongest parts that are the same, 0 to 1, mean over seeds
    correlation  Spearman correlation of the signed strengths, -1 to 1; None where one of them does not rank
    *_low, *_high  95 % interval of the mean over seeds (Student's t, clipped to the range); None with a single seed
    k            how many parts were compared; seeds: how many
    chance       the overlap that two random choices of k parts would have on average
    """

    overlap: float
    overlap_low: float | None
    overlap_high: float | None
    correlation: float | None
    correlation_low: float | None
    correlation_high: float | None
    k: int
    seeds: int
    chance: float


def pointed(e: Explanation) -> Pointed | None:
    """The parts that `e` points at; None for a kind that points at none, or a run that found none."""
    found = _pointed(e)
    return found if found is not None and any(found.strength.values()) else None


def _pointed(e: Explanation) -> Pointed | None:
    p = e.payload
    if isinstance(p, Prototypes):
        p = p.importance
    if isinstance(p, Attribution):
        if p.map is not None:
            return Pointed(_cells(np.asarray(p.map)), True)
        strength: dict[str, float] = {}
        for name, value in zip(p.features, p.values.tolist(), strict=True):  # a word that stands there twice counts twice
            strength[name] = strength.get(name, 0.0) + value
        return Pointed(strength, True)
    if isinstance(p, Rule):
        return _parts([c.feature for c in p.conditions], p.segments)
    if isinstance(p, BoundaryPath):
        return _parts(p.steps[-1].features, p.segments)
    return None


def _parts(features: Sequence[str], segments: np.ndarray | None) -> Pointed:
    """Parts that only count as being there."""
    if segments is None:
        return Pointed(dict.fromkeys(features, 1.0), False)
    numbers = [int(name.rpartition(" ")[2]) for name in features]
    return Pointed({cell: 1.0 for cell, share in _cells(np.isin(segments, numbers)).items() if share >= 0.5}, False)


def _cells(pixels: np.ndarray) -> dict[str, float]:
    """Mean of each of GRID x GRID cells of a map (h, w); of a smaller one, its pixels are enlarged first."""
    pixels = pixels.repeat(max(1, -(-GRID // pixels.shape[0])), 0).repeat(max(1, -(-GRID // pixels.shape[1])), 1)
    rows = np.linspace(0, pixels.shape[0], GRID + 1).astype(int)
    columns = np.linspace(0, pixels.shape[1], GRID + 1).astype(int)
    sums = np.add.reduceat(np.add.reduceat(pixels.astype(np.float64), rows[:-1], axis=0), columns[:-1], axis=1)
    means = sums / np.outer(np.diff(rows), np.diff(columns))
    return {f"cell {i},{j}": float(means[i, j]) for i in range(GRID) for j in range(GRID)}


def overlap(a: Pointed, b: Pointed, most: int = TOP) -> tuple[float, int]:
    """Share of the k strongest parts that both name, and k: at most `most`, and no more than either has."""
    first, second = a.top(most), b.top(most)
    k = min(len(first), len(second))
    return (len(set(first[:k]) & set(second[:k])) / k, k) if k else (0.0, 0)


def correlation(a: Pointed, b: Pointed) -> float | None:
    """Spearman correlation over the parts that either names (a part not named counts 0); None where it is not defined."""
    names = [*a.strength, *(name for name in b.strength if name not in a.strength)]
    if not (a.ranked and b.ranked) or len(names) < 3:
        return None
    x, y = (np.array([p.strength.get(name, 0.0) for name in names]) for p in (a, b))
    if np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    return float(stats.spearmanr(x, y).statistic)


def agreement(first: Sequence[Explanation], second: Sequence[Explanation]) -> Agreement | None:
    """How far two methods agree on one instance; each given as its runs, in the same order of seeds. None: nothing to compare.

    Strengths are toward each explanation's own target. Where the two have different ones, of two classes, what is toward one is
    against the other; of more classes the directions cannot be compared.
    """
    pairs = [
        (a, _toward(b, y, x.target))
        for x, y in zip(first, second, strict=True)
        if (a := pointed(x)) is not None and (b := pointed(y)) is not None
    ]
    if not pairs:
        return None
    most = TOP_CELLS if first[0].modality == "image" else TOP
    overlaps = [overlap(a, b, most) for a, b in pairs]
    ranks = [r for a, b in pairs if (r := correlation(a, b)) is not None]
    middle, low, high = _mean([share for share, _ in overlaps], 0.0)
    rank, rank_low, rank_high = _mean(ranks, -1.0) if ranks else (None, None, None)
    k = max(k for _, k in overlaps)
    return Agreement(middle, low, high, rank, rank_low, rank_high, k, len(pairs), k / max(_parts_of(first[0]), k))


def _toward(found: Pointed, e: Explanation, target: int) -> Pointed:
    """The strengths toward `target`."""
    if e.target == target or not found.ranked:
        return found
    if len(e.class_names) > 2:
        return Pointed(found.strength, False)
    return Pointed({name: -value for name, value in found.strength.items()}, True)


def _parts_of(e: Explanation) -> int:
    """How many parts the instance has: what a random choice would choose from."""
    if e.modality == "image":
        return GRID * GRID
    return len(e.instance) if isinstance(e.instance, dict) else len(TextParts.of(str(e.instance)))


def _mean(values: Sequence[float], least: float) -> tuple[float, float | None, float | None]:
    """Mean with its 95 % interval within [least, 1]."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, None, None
    reach = float(stats.t.ppf(0.975, len(values) - 1) * np.std(values, ddof=1) / np.sqrt(len(values)))
    return mean, max(mean - reach, least), min(mean + reach, 1.0)
