"""Which copies LIME asks about: draws that lie more evenly than independent ones and leave the estimand alone.

A design never changes what is estimated, only how soon. Where its draws are not distributed as the reference's, each carries a
factor (reference probability / probability of being drawn), and the surrogate weights by kernel x factor.

What each part buys is printed by `python benchmarks/lime.py ablation` and summarised in explainers/lime.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import numpy as np
from scipy.special import gammaln
from scipy.stats import qmc

BITS = 30
ROUND = 64  # rows that share one stratified draw of sizes, so that every multiple of it is a stratified sample
DEFENSIVE = 0.05  # share of sizes drawn as the reference draws them: no factor exceeds 1 / this

LEAST_SPREAD = 0.05
LEAST_STEERED, MOST_STEERED = 0.25, 2.5  # how much rarer or likelier than by size alone a copy may become


Miss = Callable[[np.ndarray], np.ndarray]  # masks, bool (m, d) -> how far off a stand-in may be, (m,), up to a factor


@dataclass(frozen=True)
class Masks:
    """Copies of a text as rows of switches.

    keep    bool (n, d), True = the part stays; the text itself is not among them
    factor  (n,) reference probability / probability of being drawn
    """

    keep: np.ndarray
    factor: np.ndarray

    def renewed(self, start: int, fresh: Masks) -> Masks:
        """These masks with `fresh` ones from `start` on."""
        end = start + len(fresh.keep)
        keep, factor = self.keep.copy(), self.factor.copy()
        keep[start:end], factor[start:end] = fresh.keep, fresh.factor
        return Masks(keep, factor)


def size_kernel(d: int, width: float) -> np.ndarray:
    """LIME's weight of a copy with k = 1..d of d parts off, (d,): the distance is 100 x the cosine distance."""
    on = 1 - np.arange(1, d + 1) / d
    return np.exp(-((100 * (1 - np.sqrt(on)) / width) ** 2) / 2)


def size_shares(d: int, width: float) -> np.ndarray:
    """How often each size k = 1..d is drawn, (d,), sums to 1.

    The reference draws k uniformly, though copies that are nearly empty hardly count, and copies that are nearly whole hardly
    surprise. The least variance for a given cost has draws proportional to weight x spread / sqrt(cost) (Owen, "Monte Carlo
    theory", ch. 9). A copy costs about as much as it has words, and what a surrogate leaves unexplained spreads about in
    proportion to the share of words off (seen on MiniLM and the BiLSTM: 0.02 at a tenth, 0.09 at a half, 0.15 at nine tenths).
    """
    k = np.arange(1, d + 1)
    wanted = size_kernel(d, width) * (k / d + LEAST_SPREAD) / np.sqrt(d - k + 2)
    if wanted.sum() <= 1e-12:  # so narrow a kernel that only the text itself counts
        return np.full(d, 1 / d)
    return (1 - DEFENSIVE) * wanted / wanted.sum() + DEFENSIVE / d


def drawn_masks(n: int, d: int, shares: np.ndarray, rng: np.random.Generator) -> Masks:
    """`n` masks, in rounds: sizes by systematic sampling (one random start a round), then which parts, each as likely as the others."""
    rounds = -(-n // ROUND)
    u = (rng.random((rounds, ROUND)).argsort(axis=1) + rng.random((rounds, 1))) / ROUND
    size = 1 + np.minimum(np.searchsorted(np.cumsum(shares), u.ravel()[:n]), d - 1)
    level = rng.random((n, d), dtype=np.float32)
    keep = level > np.take_along_axis(np.sort(level, axis=1), size[:, None] - 1, axis=1)
    return Masks(keep, 1 / (d * shares[size - 1]))


def steered_masks(n: int, d: int, width: float, miss: Miss, rng: np.random.Generator) -> Masks:
    """`n` masks, drawn more often where a stand-in may be far off.

    Masks drawn by size are let through with a chance proportional to weight x miss / sqrt(cost), as for sizes, and carry a factor
    that takes this back.
    """
    shares = size_shares(d, width)
    kept: list[Masks] = []
    usual = 0.0
    while sum(len(masks.keep) for masks in kept) < n:
        drawn = drawn_masks(-(-3 * n // ROUND) * ROUND, d, shares, rng)
        on = drawn.keep.sum(axis=1)
        pull = size_kernel(d, width)[d - on - 1] * drawn.factor * miss(drawn.keep) / np.sqrt(on + 2)
        usual = usual or float(pull.mean()) or 1.0
        often = np.clip(pull / usual, LEAST_STEERED, MOST_STEERED)
        through = rng.random(len(often)) < often / MOST_STEERED
        kept.append(Masks(drawn.keep[through], (drawn.factor * often.mean() / often)[through]))
    return Masks(np.concatenate([m.keep for m in kept])[:n], np.concatenate([m.factor for m in kept])[:n])


def all_masks(d: int, rng: np.random.Generator) -> Masks:
    """Every mask but the one that leaves all on, in random order: once all are answered, nothing is left to chance."""
    keep = np.array(list(product([False, True], repeat=d))[:-1], dtype=bool)
    rng.shuffle(keep)
    k = (~keep).sum(axis=1)
    share = np.exp(gammaln(k + 1) + gammaln(d - k + 1) - gammaln(d + 1)) / d  # the reference: a size, then one of its masks
    return Masks(keep, share * len(keep))


def net(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """`n` (a power of two) points of a Sobol sequence with its columns shuffled and shifted at random, in (0, 1), float (n, d).

    Each point alone is uniform; every 2^m consecutive ones from a multiple of 2^m are evenly spread too. An answer that is a sum
    of functions of one column each is then averaged with next to no error. The shift flips each binary digit of a column with
    probability one half for all points alike (L'Ecuyer and Lemieux 2002): as good here as Owen's scrambling, and at no cost.
    """
    bits = _sobol(n, d)[:, rng.permutation(d)] ^ rng.integers(0, 1 << BITS, size=d, dtype=np.int64)
    return (bits + rng.random((n, d))) / (1 << BITS)


@lru_cache(maxsize=4)
def _sobol(n: int, d: int) -> np.ndarray:
    """The first n points as whole numbers of `BITS` binary digits, int64 (n, d)."""
    return (qmc.Sobol(d, scramble=False, bits=BITS).random(n) * (1 << BITS)).astype(np.int64)


def near_power_of_two(n: int) -> int:
    """The power of two that `n` differs from by the smallest factor."""
    return 1 << round(np.log2(n))
