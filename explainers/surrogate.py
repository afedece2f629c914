"""The weighted linear model inside LIME, with the uncertainty that sampling leaves in it.

Ridge regression on samples X (n, d), answers y (n,), weights w (n,), as scikit-learn's Ridge(sample_weight=w) fits it. All of it
follows from the weighted, centred second moments, so that a d x d matrix is all that selection and fit touch after one pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

AUTO, FORWARD, HIGHEST, LASSO, ALL = "auto", "forward_selection", "highest_weights", "lasso_path", "none"
SELECTIONS = (AUTO, FORWARD, HIGHEST, LASSO, ALL)

RIDGE_ALPHA = 1.0  # of the final fit, and
SELECTION_ALPHA = 0.01  # of the fit that ranks features by weight: both as in the `lime` package
JACKKNIFE_GROUPS = 20


@dataclass(frozen=True)
class Fit:
    """A local linear model.

    chosen   (k,) columns of X, largest |coefficient| first
    coef     (k,) change of y when the column goes from 0 to 1
    error    (k,) standard error of `coef` over fresh samples (heteroscedasticity-robust sandwich, HC1)
    r2       weighted R2, with `r2_low`, `r2_high` a 95 % jackknife interval
    """

    chosen: np.ndarray
    coef: np.ndarray
    error: np.ndarray
    intercept: float
    r2: float
    r2_low: float
    r2_high: float

    @property
    def low(self) -> np.ndarray:
        return self.coef - 1.96 * self.error

    @property
    def high(self) -> np.ndarray:
        return self.coef + 1.96 * self.error

    def separated(self, top: int = 3, among: int = 1) -> bool:
        """Whether the `top` largest coefficients all stand clear of zero, as the largest of `among` columns that were looked at:
        the largest of 40 that mean nothing is twice its standard error more often than not."""
        reach = max(1.96, float(ndtri(1 - 0.025 / among))) * self.error[:top]
        return len(reach) > 0 and bool((np.abs(self.coef[:top]) > reach).all())


@dataclass(frozen=True)
class _Moments:
    """Weighted, centred second moments of the samples."""

    x_mean: np.ndarray
    y_mean: float
    xx: np.ndarray  # (d, d)
    xy: np.ndarray  # (d,)
    yy: float

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, w: np.ndarray) -> _Moments:
        total = w.sum()
        x_mean, y_mean = w @ x / total, float(w @ y / total)
        xc, yc = x - x_mean, y - y_mean
        weighted = xc * w[:, None]
        return cls(x_mean, y_mean, weighted.T @ xc, weighted.T @ yc, float(w @ yc**2))

    def ridge(self, columns: np.ndarray, alpha: float) -> np.ndarray:
        gram = self.xx[np.ix_(columns, columns)] + alpha * np.eye(len(columns))
        return np.linalg.solve(gram, self.xy[columns])


def fit(x: np.ndarray, y: np.ndarray, w: np.ndarray, k: int, selection: str = AUTO) -> Fit:
    """Choose at most `k` columns of x (n, d) and fit y (n,) on them with weights w (n,). Row 0 of x is the instance itself."""
    moments = _Moments.of(x, y, w)
    chosen = select(x, y, w, moments, k, selection)
    if len(chosen) == 0:
        return Fit(chosen, np.empty(0), np.empty(0), moments.y_mean, 0.0, 0.0, 0.0)
    coef = moments.ridge(chosen, RIDGE_ALPHA)
    # Ties (coefficients equal to 1e-6) keep the order of the columns, so that rounding never changes the ranking.
    order = np.lexsort((chosen, -np.abs(coef).round(6)))
    chosen, coef = chosen[order], coef[order]
    xc = x[:, chosen] - moments.x_mean[chosen]
    residual = y - moments.y_mean - xc @ coef
    inverse = np.linalg.inv(moments.xx[np.ix_(chosen, chosen)] + RIDGE_ALPHA * np.eye(len(chosen)))
    scores = xc * (w * residual)[:, None]
    n = len(y)
    covariance = inverse @ (scores.T @ scores) @ inverse * (n / max(n - len(chosen) - 1, 1))
    r2, r2_low, r2_high = _r2_interval(x[:, chosen], y, w)
    intercept = moments.y_mean - float(moments.x_mean[chosen] @ coef)
    return Fit(chosen, coef, np.sqrt(np.maximum(np.diag(covariance), 0)), intercept, r2, r2_low, r2_high)


def select(x: np.ndarray, y: np.ndarray, w: np.ndarray, moments: _Moments, k: int, selection: str) -> np.ndarray:
    """Columns of x by one of the `lime` package's rules; "auto" is forward selection up to 6 features, else highest weights."""
    d = x.shape[1]
    if selection == AUTO:
        selection = FORWARD if k <= 6 else HIGHEST
    if selection == ALL:
        return np.arange(d)
    if selection == FORWARD:
        return _forward(moments, min(k, d))
    if selection == HIGHEST:
        # Each weight times the instance's own value: what the column adds to this instance's answer.
        effect = np.abs(moments.ridge(np.arange(d), SELECTION_ALPHA) * x[0])
        return np.lexsort((np.arange(d), -effect.round(6)))[:k]
    if selection == LASSO:
        return _lasso(x, y, w, moments, k)
    raise ValueError(f"There is no feature selection {selection!r}: choose one of {', '.join(SELECTIONS)}.")


def _forward(moments: _Moments, k: int) -> np.ndarray:
    """Add, one at a time, the column that raises the least-squares R2 most.

    Sweeping a chosen column out of the moments leaves what the others still explain, so that a step costs O(d^2), not d fits.
    """
    xx, xy = moments.xx.copy(), moments.xy.copy()
    start = np.maximum(np.diag(moments.xx), 1e-12)
    chosen: list[int] = []
    for _ in range(k):
        left = np.diag(xx).copy()
        usable = left > 1e-9 * start  # a column that the chosen ones already determine explains nothing more
        usable[chosen] = False
        if not usable.any():
            break
        gain = np.where(usable, xy**2 / np.where(usable, left, 1.0), -1.0)
        best = int(gain.argmax())
        chosen.append(best)
        column = xx[:, best] / xx[best, best]
        xy = xy - column * xy[best]
        xx = xx - np.outer(column, xx[best])
    return np.array(chosen, dtype=np.int64)


def _lasso(x: np.ndarray, y: np.ndarray, w: np.ndarray, moments: _Moments, k: int) -> np.ndarray:
    from sklearn.linear_model import lars_path

    root = np.sqrt(w)
    _, _, path = lars_path((x - moments.x_mean) * root[:, None], (y - moments.y_mean) * root, method="lasso")
    for step in range(path.shape[1] - 1, 0, -1):
        nonzero = np.flatnonzero(path[:, step])
        if len(nonzero) <= k:
            return nonzero
    return np.empty(0, dtype=np.int64)


def _r2_interval(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> tuple[float, float, float]:
    """Weighted R2 of the ridge fit and its 95 % interval, leaving out one of 20 groups of samples at a time."""
    whole = _r2(x, y, w)
    n = len(y)
    groups = min(JACKKNIFE_GROUPS, n // 10)
    if groups < 2:
        return whole, 0.0, 1.0
    group = np.arange(n) % groups
    left_out = np.array([_r2(x[group != g], y[group != g], w[group != g]) for g in range(groups)])
    error = float(np.sqrt((groups - 1) / groups * ((left_out - left_out.mean()) ** 2).sum()))
    return whole, max(whole - 1.96 * error, 0.0), min(whole + 1.96 * error, 1.0)


def _r2(x: np.ndarray, y: np.ndarray, w: np.ndarray) -> float:
    if w.sum() <= 0:  # without the instance's own group a very narrow kernel sees nothing
        return 0.0
    moments = _Moments.of(x, y, w)
    if moments.yy <= 1e-12 * len(y):
        return 0.0
    coef = moments.ridge(np.arange(x.shape[1]), RIDGE_ALPHA)
    residual = moments.yy - 2 * coef @ moments.xy + coef @ moments.xx @ coef
    return float(1 - residual / moments.yy)
