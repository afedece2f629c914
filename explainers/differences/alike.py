"""Descriptions that say the same of these items: "married" and "husband", "<= 42" and "<= 40"."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy import stats

ALIKE = 0.8  # rank correlation within the sets above which two descriptions say the same


def alike(fits: Sequence[tuple[np.ndarray, np.ndarray]], signs: Sequence[int]) -> list[int]:
    """For each description, best first, the place of the best one that says the same of the tested items, its own where none does.

    fits   (n,), (m,): how well each fits the items of A, of B
    signs  1 where it is truer of A, -1 of B, 0 of neither: only those truer of the same set can say the same
    What counts is Spearman's correlation within the sets, each with its mean taken away: across them, any two descriptions that separate the
    sets go together. To join some that say the same, it is enough to go together with one of them (single linkage).
    """
    rows = [np.concatenate([part - part.mean() for part in _ranks(a, b)]) for a, b in fits]
    lengths = [float(np.linalg.norm(row)) for row in rows]
    first: list[int] = []
    for i, row in enumerate(rows):
        before = [j for j in range(i) if signs[j] == signs[i] and min(lengths[i], lengths[j]) > 1e-9]
        near = {j: float(row @ rows[j]) / (lengths[i] * lengths[j]) for j in before}
        best = max(near, key=lambda j: near[j], default=i)
        first.append(first[best] if near.get(best, 0.0) > ALIKE else i)
    return first


def _ranks(a: np.ndarray, b: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    ranks = stats.rankdata(np.concatenate([a, b]))
    return ranks[: len(a)], ranks[len(a) :]
