"""A cheap stand-in for the model near one text, learnt from its own answers, that takes most of the noise out of LIME's numbers.

A Gaussian process on masks (Rasmussen and Williams 2006, ch. 2 and 5) with covariance exp(-sum of a_j over the parts on which two
masks differ), one a_j a part, fitted by marginal likelihood. It works on log odds: there, words add up better than in probability.
It is a control variate, never the answer: LIME's sums are taken over a large pool of masks with the stand-in's answers, which
cost no model call, and corrected by the sums of (model - stand-in) over the masks that the model answered. Each of those is
compared with a stand-in that has not seen it (cross-fitting), so a bad stand-in costs sharpness and no bias (Zrnic and Candes
2024, "Cross-prediction-powered inference").
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.linalg import cholesky, lapack
from scipy.optimize import minimize

from .threads import one_thread

FOLDS = 12
MOST_ANCHORS = 1000  # masks that a stand-in learns from; more would cost more time than they save
TUNED_ON = 432  # masks that its lengths are tuned on
STEPS = 4  # of the tuning: more buy nothing
RETUNED = 1.5  # lengths are tuned anew once there are so many times more masks to tune them on
GRID = 0.25  # of the logarithms of lengths and noise: a model's answers differ in their last digits from batch to batch, and the copies
# that are drawn by what a stand-in may miss must not differ with them
LEAST = 100  # below this many masks there is too little to learn from
ROUGH = 8  # a quick look is at one row of the pool in so many
PIECE = 512  # rows of a pool at once
LEAST_UNDECIDED = 0.01  # added to p (1 - p): the stand-in may be sure of itself where the model is not
CLIP = 1e-3  # keeps log odds finite


@dataclass(frozen=True)
class Pool:
    """Masks that the model is not asked about: x (P, d), their weights w (P,); row 0 is the instance itself.

    chance  how much of the variance that their sums would have, were they drawn independently, is left: 0 where they are all there are
    """

    x: np.ndarray
    w: np.ndarray
    chance: float = 1.0

    def rough(self, share: int = ROUGH) -> Pool:
        """The first of every `share` rows, for a quick look: it is told how sure the whole pool would be."""
        rows = -(-len(self.x) // share)
        weights = np.append(self.w[:1], self.w[1:rows] * ((len(self.x) - 1) / max(rows - 1, 1)))
        return Pool(self.x[:rows], weights, self.chance * rows / len(self.x))


@dataclass(frozen=True)
class StandIn:
    """What the stand-in says.

    at  (n,) for each mask the model answered, by a stand-in that has not seen it
    g   (P,) for each mask of the pool, mean of the stand-ins of all folds; row 0 is the model's own answer
    """

    at: np.ndarray
    pool: Pool
    g: np.ndarray


class Learner:
    """Learns a stand-in again and again as answers come in; what does not change meanwhile is kept."""

    def __init__(self, pool: Pool):
        self.pool = pool
        self._rough = pool.rough()
        self._tuned: tuple[int, np.ndarray, float] | None = None
        self._folds: _Folds | None = None

    def learn(self, x: np.ndarray, y: np.ndarray, rough: bool = False) -> StandIn:
        """A stand-in for answers y (n,), probabilities, to masks x (n, d) of zeros and ones; row 0 is the instance.

        rough  on a small part of the pool, for a first look
        """
        pool = self._rough if rough else self.pool
        with one_thread():  # for matrices this small, more threads only wait for each other
            if self._folds is None or self._folds.learnt_from != len(y):
                self._learn(x, y)
            assert self._folds is not None
            at, g = self._folds.at.copy(), self._folds(pool.x)
        at[0] = g[0] = y[0]
        return StandIn(at, pool, g)

    def miss(self, x: np.ndarray) -> np.ndarray:
        """(m,) how far off the stand-in that was learnt last may be for masks x (m, d), up to a factor that is the same for all.

        It works on log odds, so what it does not know shows in probability in proportion to p (1 - p).
        """
        folds = self._folds
        assert folds is not None
        with one_thread():
            p = folds(x)
            near = folds.covariance(x.astype(np.float32))
            known = np.einsum("ij,ij->i", near @ folds.inverse, near)
        return (p * (1 - p) + LEAST_UNDECIDED) * np.sqrt(np.maximum(1 + folds.noise - known, folds.noise))

    def _learn(self, x: np.ndarray, y: np.ndarray) -> None:
        z = np.log((np.clip(y, 0, 1) + CLIP) / (1 - np.clip(y, 0, 1) + CLIP))
        # A mask drawn twice must not be both learnt from and compared with.
        _, first, same = np.unique(np.packbits(x > 0, axis=1), axis=0, return_index=True, return_inverse=True)
        distinct = np.sort(first)
        fold = (np.searchsorted(distinct, first) % FOLDS)[same.ravel()]
        if self._tuned is None or min(len(distinct), TUNED_ON) >= RETUNED * self._tuned[0]:
            on = distinct[:TUNED_ON]
            self._tuned = (len(on), *_tuned(x[on], z[on]))
        _, inverse_length, noise = self._tuned
        anchors = distinct[:MOST_ANCHORS]
        gram = _covariance(x[anchors], x[anchors], inverse_length) + noise * np.eye(len(anchors))
        inverse = _inverse(gram)
        alpha, level = _left_out(inverse, z[anchors], fold[anchors])
        folds = _Folds(x[anchors], inverse_length, noise, inverse.astype(np.float32), alpha, level, len(y), np.empty(0))
        self._folds = replace(folds, at=folds.each(x)[np.arange(len(y)), fold])


@dataclass(frozen=True)
class _Folds:
    """One stand-in for each fold, learnt from the anchors outside it: alpha (anchors, folds), level (folds,).

    inverse  (anchors, anchors) of the covariance of the anchors, noise included
    at       (learnt_from,) for each mask the model answered, by the stand-in that has not seen it
    """

    anchors: np.ndarray
    inverse_length: np.ndarray
    noise: float
    inverse: np.ndarray
    alpha: np.ndarray
    level: np.ndarray
    learnt_from: int
    at: np.ndarray

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """(m,) the mean of all of them."""
        return self.each(x).mean(axis=1)

    def each(self, x: np.ndarray) -> np.ndarray:
        """(m, folds), piece by piece, so that the covariance with a large pool stays in the processor's cache."""
        alpha = self.alpha.astype(np.float32)
        pieces = [self.covariance(x[i : i + PIECE].astype(np.float32)) @ alpha for i in range(0, len(x), PIECE)]
        return _probability(np.concatenate(pieces).astype(np.float64) + self.level)

    def covariance(self, x: np.ndarray) -> np.ndarray:
        """float32 (m, anchors) of masks x, float32 (m, d)."""
        slopes, start = self._exponent
        exponent = x @ slopes
        exponent -= start
        return np.exp(exponent, out=exponent)

    @cached_property
    def _exponent(self) -> tuple[np.ndarray, np.ndarray]:
        """-sum of a_j over the parts that differ from an anchor b = x . (2 a b - a) - sum of a_j b_j, for zeros and ones."""
        a = self.inverse_length.astype(np.float32)
        b = self.anchors.astype(np.float32) * a
        return (2 * b - a).T, b.sum(axis=1)


def _left_out(inverse: np.ndarray, z: np.ndarray, fold: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights (n, folds) and level (folds,) of a process that has seen all but one fold, for each fold, from one inverse.

    The weights without a block are those with it, less what makes the block's own vanish (Rasmussen and Williams, section 5.4.2).
    """
    alpha, level = np.zeros((len(z), FOLDS)), np.zeros(FOLDS)
    with_z, with_one = inverse @ z, inverse.sum(axis=1)
    for f in range(FOLDS):
        out = np.flatnonzero(fold == f)
        level[f] = z[fold != f].mean()
        alpha[:, f] = with_z - level[f] * with_one
        if len(out):
            alpha[:, f] -= inverse[:, out] @ np.linalg.solve(inverse[np.ix_(out, out)], alpha[out, f])
            alpha[out, f] = 0.0
    return alpha, level


def _inverse(gram: np.ndarray) -> np.ndarray:
    lower = cholesky(gram, lower=True, check_finite=False)
    inverse = lapack.dpotri(lower, lower=1)[0]
    return np.tril(inverse) + np.tril(inverse, -1).T


def _probability(z: np.ndarray) -> np.ndarray:
    odds = np.exp(np.clip(z, -30, 30))
    return np.clip((odds * (1 + CLIP) - CLIP) / (1 + odds), 0, 1)


def _covariance(a: np.ndarray, b: np.ndarray, inverse_length: np.ndarray) -> np.ndarray:
    scaled = a * inverse_length
    differ = scaled.sum(axis=1)[:, None] + (b @ inverse_length)[None] - 2 * scaled @ b.T
    return np.exp(-np.maximum(differ, 0))


def _tuned(x: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, float]:
    """Inverse lengths (d,) and noise that make the answers likeliest, held near lengths by a first linear fit."""
    n, d = x.shape
    r = z - z.mean()
    centred = x - x.mean(axis=0)
    slope = np.abs(np.linalg.solve(centred.T @ centred + np.eye(d), centred.T @ r))
    share = slope + 0.2 * slope.mean() + 1e-9
    start = np.append(np.log(2 * share / share.sum()), np.log(1e-2))
    if r @ r < 1e-12 * n:
        return np.exp(start[:d]), 1e-2

    def cost(theta: np.ndarray) -> tuple[float, np.ndarray]:
        a, noise = np.exp(theta[:d]), np.exp(theta[d])
        k = _covariance(x, x, a)
        lower = cholesky(k + noise * np.eye(n), lower=True, check_finite=False)
        inverse = lapack.dpotri(lower, lower=1)[0]
        inverse = np.tril(inverse) + np.tril(inverse, -1).T
        alpha = inverse @ r
        fit = float(r @ alpha)
        drift = theta[:d] - start[:d]
        value = 0.5 * n * np.log(fit / n) + np.log(np.diag(lower)).sum() + (drift**2).sum() / 8
        slopes = 0.5 * (inverse - np.outer(alpha, alpha) * (n / fit))
        weighted = slopes * k  # d cost / d a_j sums this over the pairs of masks that differ in part j
        along = 2 * (x.T @ weighted.sum(axis=1) - np.einsum("ij,ij->j", x, weighted @ x))
        return float(value), np.append(-along * a + drift / 4, np.trace(slopes) * noise)

    bounds = [(-9.0, 3.0)] * d + [(np.log(1e-5), 0.0)]
    start[:d] = np.clip(start[:d], -9, 3)
    found = minimize(cost, start, jac=True, method="L-BFGS-B", options={"maxiter": STEPS}, bounds=bounds).x
    found = (found / GRID).round() * GRID
    return np.exp(found[:d]), float(np.exp(found[d]))
