"""The bonus of a participant: for correct predictions above what guessing gives, before and after explanations together."""

from __future__ import annotations

import numpy as np


def bonus_of(correct: int, asked: int, classes: int, each: float) -> float:
    """`each` for every correct answer above what guessing gives (`asked` / `classes`), never below 0, in whole hundredths of the currency."""
    return round(each * max(0.0, correct - asked / classes), 2)


def bonus_by_guessing(asked: int, classes: int, each: float) -> float:
    """Expected bonus of who guesses: above 0, since luck pays and bad luck costs nothing. Exact, by the binomial distribution."""
    from scipy.stats import binom

    counts = np.arange(asked + 1)
    chance = binom.pmf(counts, asked, 1 / classes)
    return round(float(sum(p * bonus_of(int(n), asked, classes, each) for n, p in zip(counts, chance, strict=True))), 2)
