"""A cheap stand-in for the model near one text, learnt from its own answers, that takes most of the noise out of LIME's numbers.

A Gaussian process on masks (Rasmussen and Williams 2006, ch. 2 and 5) with covariance exp(-sum of a_j over the parts on which two
masks differ), one a_j a part, fitted by marginal likelihood. It works on log odds: there, words add up better than in probability.
It is a control variate, never the answer: LIME's sums are taken over a large pool of masks with the stand-in's answers, which
cost no model call, and corrected by the sums of (model - stand-in) over the masks that the model answered. Each of those is
compared with a stand-in that has not seen it (cross-fitting), so a bad stand-in costs sharpness and no bias (Zrnic and Candes
2024, "Cross-prediction-powered inference").
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.linalg import cho_factor, cho_solve, cholesky, lapack
from scipy.optimize import minimize
from threadpoolctl import ThreadpoolController

FOLDS = 5
MOST_ANCHORS = 1000  # masks that a stand-in learns from; more would cost more time than they save
TUNED_ON = 432  # masks that its lengths are tuned on
STEPS = 8  # of the tuning
LEAST = 100  # below this many masks there is too little to learn from
CLIP = 1e-3  # keeps log odds finite


@dataclass(frozen=True)
class Pool:
    """Masks that the model is not asked about: x (P, d), their weights w (P,); row 0 is the instance itself.

    complete  they are all there are, so that a sum over them leaves nothing to chance
    """

    x: np.ndarray
    w: np.ndarray
    complete: bool = False


@dataclass(frozen=True)
class StandIn:
    """What the stand-in says.

    at  (n,) for each mask the model answered, by a stand-in that has not seen it
    g   (P,) for each mask of the pool, mean of the stand-ins of all folds; row 0 is the model's own answer
    """

    at: np.ndarray
    pool: Pool
    g: np.ndarray


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


class Learner:
    """Learns a stand-in again and again as answers come in; what does not change meanwhile is kept."""

    def __init__(self, pool: Pool):
        self.pool = pool
        self._pool32 = pool.x.astype(np.float32)
        self._tuned: tuple[int, np.ndarray, float] | None = None

    def learn(self, x: np.ndarray, y: np.ndarray) -> StandIn:
        """A stand-in for answers y (n,), probabilities, to masks x (n, d) of zeros and ones; row 0 is the instance."""
        with _threads().limit(limits=1, user_api="blas"):  # for matrices this small, more threads only wait for each other
            return self._learn(x, y)

    def _learn(self, x: np.ndarray, y: np.ndarray) -> StandIn:
        z = np.log((np.clip(y, 0, 1) + CLIP) / (1 - np.clip(y, 0, 1) + CLIP))
        # A mask drawn twice must not be both learnt from and compared with.
        _, first, same = np.unique(np.packbits(x > 0, axis=1), axis=0, return_index=True, return_inverse=True)
        distinct = np.sort(first)
        fold = (np.searchsorted(distinct, first) % FOLDS)[same.ravel()]
        if self._tuned is None or self._tuned[0] < min(len(distinct), TUNED_ON):
            on = distinct[:TUNED_ON]
            self._tuned = (len(on), *_tuned(x[on], z[on]))
        _, inverse_length, noise = self._tuned
        anchors = distinct[:MOST_ANCHORS]
        gram = _covariance(x[anchors], x[anchors], inverse_length) + noise * np.eye(len(anchors))
        alpha, level = np.zeros((len(anchors), FOLDS)), np.zeros(FOLDS)
        for f in range(FOLDS):
            seen = np.flatnonzero(fold[anchors] != f)
            level[f] = z[anchors[seen]].mean()
            factor = cho_factor(gram[np.ix_(seen, seen)], lower=True, check_finite=False)
            alpha[seen, f] = cho_solve(factor, z[anchors[seen]] - level[f], check_finite=False)
        x32 = x.astype(np.float32)
        at = _probability(_predict(x32, x32[anchors], inverse_length, alpha) + level)[np.arange(len(y)), fold]
        g = _probability(_predict(self._pool32, x32[anchors], inverse_length, alpha) + level).mean(axis=1)
        at[0] = g[0] = y[0]
        return StandIn(at, self.pool, g)


def _probability(z: np.ndarray) -> np.ndarray:
    odds = np.exp(np.clip(z, -30, 30))
    return np.clip((odds * (1 + CLIP) - CLIP) / (1 + odds), 0, 1)


def _covariance(a: np.ndarray, b: np.ndarray, inverse_length: np.ndarray) -> np.ndarray:
    scaled = a * inverse_length
    differ = scaled.sum(axis=1)[:, None] + (b @ inverse_length)[None] - 2 * scaled @ b.T
    return np.exp(-np.maximum(differ, 0))


def _predict(x: np.ndarray, anchors: np.ndarray, inverse_length: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Piece by piece, so that the covariance with a large pool never stands in memory whole."""
    a32 = inverse_length.astype(np.float32)
    pieces = [_covariance(x[i : i + 4096], anchors, a32) @ alpha.astype(np.float32) for i in range(0, len(x), 4096)]
    return np.concatenate(pieces).astype(np.float64)


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
    return np.exp(found[:d]), float(np.exp(found[d]))
