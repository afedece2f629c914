"""The weighted linear model inside LIME, with the uncertainty that sampling leaves in it.

Ridge regression on samples X (n, d), answers y (n,), weights w (n,), as scikit-learn's Ridge(sample_weight=w) fits it. All of it
follows from the weighted, centred second moments, so that a d x d matrix is all that selection and fit touch after one pass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from .stand_in import StandIn

AUTO, FORWARD, HIGHEST, LASSO, ALL = "auto", "forward_selection", "highest_weights", "lasso_path", "none"
SELECTIONS = (AUTO, FORWARD, HIGHEST, LASSO, ALL)

BLOCKS = 8  # of a net, each a net of its own
CROSSED = 1.1  # stand-ins of different folds share most of what they learnt from, so corrections are not quite independent: measured
FLOOR = 1e-4  # least standard error beside a stand-in: where it knows the model by heart, what few samples see of its errors is too little
APART, FINE, ALIKE = 2.0, 0.025, 1.1

ROWS_AT_ONCE = 8192
LEAST_A_COLUMN = 4  # rows for each column, before columns aside are looked at

RIDGE_ALPHA = 1.0  # of the final fit, and
SELECTION_ALPHA = 0.01  # of the fit that ranks features by weight: both as in the `lime` package


Aside = Callable[[int, int], np.ndarray]


@dataclass(frozen=True)
class Fit:
    """A local linear model.

    chosen   (k,) columns of X, largest |coefficient| first
    coef     (k,) change of y when the column goes from 0 to 1
    error    (k,) standard error of `coef` over fresh samples (heteroscedasticity-robust sandwich, HC1)
    r2       weighted R2, with `r2_low`, `r2_high` a 95 % interval
    plain_error  (k,) what `error` would be after as many of the reference's draws as the weights stand for; None: not asked
    """

    chosen: np.ndarray
    coef: np.ndarray
    error: np.ndarray
    intercept: float
    r2: float
    r2_low: float
    r2_high: float
    plain_error: np.ndarray | None = None

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

    def settled(self, by_plain: bool, top: int = 5) -> bool:
        """Whether more samples would hardly change the picture: either of two.

        * The `top` largest stand apart from all others shown by `APART` standard errors of the difference, and no coefficient's
          standard error is above `FINE` of the largest.
        * `by_plain`: errors are, on average, within `ALIKE` of those that all of the reference's draws would have left.
        """
        size = np.abs(self.coef)
        top = min(top, len(size) - 1)
        if top < 1:
            return False
        if by_plain and self.plain_error is not None and (self.error**2).mean() <= ALIKE**2 * (self.plain_error**2).mean():
            return True
        gap = size[:top, None] - size[None, top:]
        reach = APART * np.sqrt(self.error[:top, None] ** 2 + self.error[None, top:] ** 2)
        return bool((gap > reach).all() and self.error.max() <= FINE * size.max())


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

    def corrected(self, other: _Moments) -> _Moments:
        """These moments with what `other` found beside them added to the answers."""
        columns = np.arange(len(self.xy))
        return _Moments(self.x_mean, self.y_mean + other.y_mean, self.xx, self.xy + self.xx @ other.ridge(columns, RIDGE_ALPHA), self.yy)


@dataclass(frozen=True)
class _Part:
    """One of the sums that a fit adds up: without a stand-in the samples alone; with one, the pool and the corrections to it.

    x, t, w  (n, d), (n,), (n,) columns, what is fitted on them, weights
    sign     how the two answers of a row enter the fit's R2: +1 `answer`, and -1 `stood_in` where a stand-in answered before
    spent    numbers that were learnt from the answers beforehand
    """

    x: np.ndarray
    t: np.ndarray
    w: np.ndarray
    moments: _Moments
    answer: np.ndarray
    stood_in: np.ndarray | None = None
    spent: int = 0

    @classmethod
    def of(cls, x: np.ndarray, y: np.ndarray, w: np.ndarray, stood_in: np.ndarray | None = None, aside: Aside | None = None) -> _Part:
        t = y if stood_in is None else y - stood_in
        t, spent = (t, 0) if aside is None else _less(t, x, w, aside)
        return cls(x, t, w, _Moments.of(x, t, w), y, stood_in, spent)

    def scores(self, chosen: np.ndarray) -> np.ndarray:
        """(n, k) what each row adds to the coefficients' error."""
        coef = self.moments.ridge(chosen, RIDGE_ALPHA)
        xc = self.x[:, chosen] - self.moments.x_mean[chosen]
        inverse = np.linalg.inv(self.moments.xx[np.ix_(chosen, chosen)] + RIDGE_ALPHA * np.eye(len(chosen)))
        n = len(self.t)
        grade = np.sqrt(n / max(n - len(chosen) - 1 - self.spent, 1))  # HC1
        return (xc * (self.w * (self.t - self.moments.y_mean - xc @ coef) * grade)[:, None]) @ inverse

    def squares(self, guess: np.ndarray | float) -> np.ndarray:
        """(n,) weighted squared distance of the answers from a guess; less the stand-in's, where it was counted already."""
        squared = (self.answer - guess) ** 2
        return self.w * (squared if self.stood_in is None else squared - (self.stood_in - guess) ** 2)


def fit(
    x: np.ndarray,
    y: np.ndarray,
    w: np.ndarray,
    k: int,
    selection: str = AUTO,
    *,
    stand_in: StandIn | None = None,
    net: bool = False,
    before_net: int = 0,
    complete: bool = False,
    kernel: np.ndarray | None = None,
    aside: Aside | None = None,
) -> Fit:
    """Choose at most `k` columns of x (n, d) and fit y (n,) on them with weights w (n,). Row 0 of x is the instance itself.

    stand_in  sums run over its pool, corrected by the samples
    net       every 2^m rows from a multiple of 2^m, behind the first `before_net` rows, lie evenly together: errors are those of blocks
    complete  x is all there is, so that nothing is left to chance
    kernel    (n,) weights without importance factors: `plain_error` then says what plain draws would have left
    aside     columns that are uncorrelated with those of x in the long run (`Neighbourhood.aside`)
    """
    part = _Part.of(x, y, w, None if stand_in is None else stand_in.at, aside)
    parts = [part] if stand_in is None else [_Part.of(stand_in.pool.x, stand_in.g, stand_in.pool.w), part]
    moments = part.moments if stand_in is None else parts[0].moments.corrected(part.moments)
    chosen = select(x[0], moments, k, selection, len(y))
    if len(chosen) == 0:
        return Fit(chosen, np.empty(0), np.empty(0), moments.y_mean, 0.0, 0.0, 0.0)
    coef = np.sum([p.moments.ridge(chosen, RIDGE_ALPHA) for p in parts], axis=0)
    # Ties (coefficients equal to 1e-6) keep the order of the columns, so that rounding never changes the ranking.
    order = np.lexsort((chosen, -np.abs(coef).round(6)))
    chosen, coef = chosen[order], coef[order]
    scores = [p.scores(chosen) for p in parts]
    chance = [float(not complete)] if stand_in is None else [stand_in.pool.chance, 1.0]
    variance = np.sum([(s**2).sum(axis=0) * left for s, left in zip(scores, chance, strict=True)], axis=0)
    if stand_in is not None:
        variance = variance * CROSSED + FLOOR**2
    evenness = _evenness(scores[-1][before_net:]) if net else 1.0
    means = [p.moments.y_mean - float(p.moments.x_mean[chosen] @ p.moments.ridge(chosen, RIDGE_ALPHA)) for p in parts]
    intercept = float(sum(means))
    r2, r2_error = _r2(parts, chance, chosen, coef, intercept, moments.y_mean)
    # Evenness is not counted on here: R2 is no sum over rows, and a net makes it less sure than it would say.
    r2_error = np.hypot(0.0 if complete else r2_error, 2 * FLOOR if stand_in is not None else 0.0)
    unknown = len(y) < 20 and not complete
    plain = None
    if kernel is not None:
        xc = x[:, chosen] - part.moments.x_mean[chosen]
        inverse = np.linalg.inv(part.moments.xx[np.ix_(chosen, chosen)] + RIDGE_ALPHA * np.eye(len(chosen)))
        residual = y - intercept - x[:, chosen] @ coef
        plain = np.sqrt((((xc * (residual * np.sqrt(w * kernel))[:, None]) @ inverse) ** 2).sum(axis=0))
    return Fit(
        chosen,
        coef,
        np.sqrt(variance * evenness),
        intercept,
        r2,
        0.0 if unknown else max(r2 - 1.96 * r2_error, 0.0),
        1.0 if unknown else min(r2 + 1.96 * r2_error, 1.0),
        plain,
    )


def _less(t: np.ndarray, x: np.ndarray, w: np.ndarray, aside: Aside) -> tuple[np.ndarray, int]:
    """t without what it owes to the columns aside, and how many numbers that took. As it is where there are too few rows to tell."""
    columns = aside(0, min(ROWS_AT_ONCE, len(t)))
    width = 1 + x.shape[1] + columns.shape[1]
    if len(t) < LEAST_A_COLUMN * width or width == 1 + x.shape[1]:
        return t, 0
    gram, right, kept = np.zeros((width, width)), np.zeros(width), []
    level = w @ t / w.sum()  # taken off first, so that single precision is the same for an answer and for one less that answer
    for start in range(0, len(t), ROWS_AT_ONCE):
        end = min(start + ROWS_AT_ONCE, len(t))
        kept.append(columns if start == 0 else aside(start, end))
        # Single precision is enough for what is only taken off; a product with itself takes half the time of another.
        root = np.sqrt(w[start:end]).astype(np.float32)
        z = np.vstack([np.ones((1, end - start), np.float32), x[start:end].T.astype(np.float32), kept[-1].T]) * root
        gram += z @ z.T
        right += z @ (root * (t[start:end] - level)).astype(np.float32)
    effect = np.linalg.solve(gram + RIDGE_ALPHA * np.eye(width), right)[1 + x.shape[1] :]
    return t - np.concatenate([c @ effect for c in kept]), len(effect)


def _evenness(scores: np.ndarray) -> float:
    """Variance of the sum of scores (n, k) of a net over that of independent rows, from how little the sums of blocks vary.

    One ratio for all columns, because a few blocks say too little about one. Consecutive blocks of one net are spread against
    each other besides, which this does not see: it errs on the safe side.
    """
    n = len(scores)
    if n < 8 * BLOCKS:
        return 1.0
    block = 1 << ((n // BLOCKS).bit_length() - 1)
    blocks = n // block
    whole = scores[: blocks * block]
    sums = whole.reshape(blocks, block, -1).sum(axis=1)
    between = ((sums - sums.mean(axis=0)) ** 2).sum() * blocks / (blocks - 1)
    within = (whole**2).sum()
    return float(np.clip(between / within, 0.02, 1.5)) if within > 0 else 1.0


def _r2(
    parts: list[_Part], chance: list[float], chosen: np.ndarray, coef: np.ndarray, intercept: float, mean: float
) -> tuple[float, float]:
    """Weighted R2 and its standard error, to first order (the coefficients are those that make it largest, so theirs adds none)."""
    left = [p.squares(intercept + p.x[:, chosen] @ coef) for p in parts]
    spread = [p.squares(mean) for p in parts]
    whole = float(sum(s.sum() for s in spread))
    if whole <= 1e-12 * sum(len(s) for s in spread):
        return 0.0, 0.0
    share = float(sum(s.sum() for s in left)) / whole
    variance = 0.0
    for a, b, chanced in zip(left, spread, chance, strict=True):
        pull = (a - share * b) / whole
        variance += chanced * float(((pull - pull.mean()) ** 2).sum()) * len(pull) / max(len(pull) - 1, 1)
    r2 = 1 - share
    return (r2 if len(parts) == 1 else min(max(r2, 0.0), 1.0)), float(np.sqrt(variance))


def select(instance: np.ndarray, moments: _Moments, k: int, selection: str, n: int) -> np.ndarray:
    """Columns by one of the `lime` package's rules; "auto" is forward selection up to 6 features, else highest weights.

    instance  (d,) the columns of the instance itself; n: number of samples behind the moments
    """
    d = len(instance)
    if selection == AUTO:
        selection = FORWARD if k <= 6 else HIGHEST
    if selection == ALL:
        return np.arange(d)
    if selection == FORWARD:
        return _forward(moments, min(k, d))
    if selection == HIGHEST:
        # Each weight times the instance's own value: what the column adds to this instance's answer.
        effect = np.abs(moments.ridge(np.arange(d), SELECTION_ALPHA) * instance)
        return np.lexsort((np.arange(d), -effect.round(6)))[:k]
    if selection == LASSO:
        return _lasso(moments, k, n)
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


def _lasso(moments: _Moments, k: int, n: int) -> np.ndarray:
    from sklearn.linear_model import lars_path_gram

    _, _, path = lars_path_gram(moments.xy, moments.xx, n_samples=n, method="lasso")
    for step in range(path.shape[1] - 1, 0, -1):
        nonzero = np.flatnonzero(path[:, step])
        if len(nonzero) <= k:
            return nonzero
    return np.empty(0, dtype=np.int64)
