"""Intervals for shares, used wherever a share is shown to a person."""

from __future__ import annotations

import math

Z95 = 1.959964


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """95 % interval of a share, hits of n (Wilson 1927); (0, 1) when n is 0."""
    if n == 0:
        return 0.0, 1.0
    p = hits / n
    centre = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return 0.0 if hits == 0 else max(centre - half, 0.0), 1.0 if hits == n else min(centre + half, 1.0)


def difference(hits_a: int, n_a: int, hits_b: int, n_b: int) -> tuple[float, float, float]:
    """Share b minus share a with its 95 % interval, independent samples (Newcombe 1998, method 10)."""
    if n_a == 0 or n_b == 0:
        return 0.0, -1.0, 1.0
    a, b = hits_a / n_a, hits_b / n_b
    low_a, high_a = wilson(hits_a, n_a)
    low_b, high_b = wilson(hits_b, n_b)
    low = (b - a) - math.sqrt((b - low_b) ** 2 + (high_a - a) ** 2)
    high = (b - a) + math.sqrt((high_b - b) ** 2 + (a - low_a) ** 2)
    return b - a, max(low, -1.0), min(high, 1.0)
