"""How far a share measured on n samples may be off: bounds from the Kullback-Leibler divergence of two coins.

With a level b, the true share lies outside one of the bounds with probability at most exp(-b) (Chernoff); the levels below are so
large that all the bounds of a search hold at once.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import rel_entr, xlogy

BISECTIONS = 20  # the interval shrinks to a millionth


def divergence(p: ArrayLike, q: ArrayLike) -> np.ndarray:
    """KL(p, q) of two coins, in nats: 0 where they are the same, inf where q rules out what p allows. Shapes broadcast."""
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    return rel_entr(p, q) + rel_entr(1 - p, 1 - q)


def upper(mean: ArrayLike, n: ArrayLike, level: float) -> np.ndarray:
    """Largest share q with n KL(mean, q) <= level; 1 where n is 0."""
    return _bound(mean, n, level, 1.0)


def lower(mean: ArrayLike, n: ArrayLike, level: float) -> np.ndarray:
    """Smallest share q with n KL(mean, q) <= level; 0 where n is 0."""
    return _bound(mean, n, level, 0.0)


def _bound(mean: ArrayLike, n: ArrayLike, level: float, end: float) -> np.ndarray:
    """Bisection between `mean`, where the divergence is 0, and `end`."""
    inside, n = np.broadcast_arrays(np.asarray(mean, dtype=np.float64), np.asarray(n, dtype=np.float64))
    mean, outside = inside, np.full(inside.shape, end)
    own = xlogy(mean, mean) + xlogy(1 - mean, 1 - mean)
    for _ in range(BISECTIONS):
        middle = (inside + outside) / 2
        within = n * (own - xlogy(mean, middle) - xlogy(1 - mean, 1 - middle)) <= level  # the divergence, its constant part taken out
        inside, outside = np.where(within, middle, inside), np.where(within, outside, middle)
    return np.where(n > 0, outside, end)


def selection_level(arms: int, round_number: int, delta: float) -> float:
    """Level for choosing the best among `arms` rules, in round 1, 2, ...: all bounds of all rounds hold with probability 1 - delta.

    Kaufmann and Kalyanakrishnan 2013, "Information Complexity in Bandit Subset Selection", take a bound after every single sample:
    log(405.5 arms t^1.1 / delta) and its logarithm on top. Here samples come in rounds of growing size, few of them, so that it
    is enough to share delta among rounds, 1 / (r (r + 1)) to round r, and rules: less than two thirds of that level.
    """
    return float(np.log(arms * round_number * (round_number + 1) / delta))


def acceptance_level(beam_size: int, predicates: int, delta: float) -> float:
    """Level for the test whether a rule is precise enough: at most 1 + (beam_size - 1) x predicates rules are ever tested.

    Ribeiro, Singh and Guestrin 2018, "Anchors: High-Precision Model-Agnostic Explanations", and the authors' code.
    """
    return float(np.log((1 + (beam_size - 1) * predicates) / delta))


def samples_to_accept(mean: ArrayLike, target: float, level: float) -> np.ndarray:
    """Samples with this mean after which `lower` reaches `target` < mean; inf where it never does."""
    mean = np.asarray(mean, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.where(mean > target, np.ceil(level / divergence(mean, target)), np.inf)
