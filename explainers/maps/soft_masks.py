"""Random soft masks of a coarse grid, and what the answers under them say of each place (for RISE).

A mask is a grid of cells, each on or off by chance, drawn larger than the picture by one cell, blurred to be bilinear between the middles
of cells and moved by a random part of a cell (Petsiuk, Das and Saenko 2018, section 3.2). What is estimated is, for each place, the mean
output where the place is on minus that where it is off, both with the mask's value as the weight:

    E[f M] / E[M] - E[f (1 - M)] / E[1 - M] = cov(f, M) / (p (1 - p))

The paper's own map is E[f M] / p, which is this times 1 - p, plus E[f].
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.stats import t as student

from ..neighbourhoods.images import fold_over

FINE, MOST_FINE = 8, 64  # places per cell at which the map is estimated, and at most along a side: it is smooth between them
GROUPS, FEWEST = 10, 4  # of the jackknife; units (masks, or pairs) without which nothing is said
_SHIFTS = 32  # steps of the mean over the random shift
_MOST_FITTED = 512  # units up to which a linear model of the answers pays for itself
_STEPS = 25  # ridges tried


@dataclass(frozen=True, eq=False)
class SoftMasks:
    """Some masks. cells: bool (n, side, side), True = on; shifts: (n, 2) down and across, 0 to 1 of a cell; share: of cells that are on.

    paired  each even mask is followed by its complement
    """

    cells: np.ndarray
    shifts: np.ndarray
    share: float
    paired: bool

    @classmethod
    def draw(cls, n: int, side: int, share: float, rng: np.random.Generator) -> SoftMasks:
        """With half of the cells on: complement pairs, rows of a Hadamard matrix (n is made even). Else each cell is on in its exact share."""
        if share == 0.5:
            n += n % 2
            cells, shifts = fold_over(n, side * side, rng), np.repeat(rng.random((n // 2, 2)), 2, axis=0)
        else:
            ranks = rng.permuted(np.tile(np.arange(n), (side * side, 1)), axis=1).T
            cells, shifts = ranks < round(share * n), rng.random((n, 2))
        return cls(cells.reshape(n, side, side), shifts, share, share == 0.5)

    def __len__(self) -> int:
        return len(self.cells)

    def __getitem__(self, rows: slice) -> SoftMasks:
        return SoftMasks(self.cells[rows], self.shifts[rows], self.share, self.paired)

    @property
    def side(self) -> int:
        return self.cells.shape[1]

    def at(self, row: int, height: int, width: int) -> np.ndarray:
        """One mask, float64 (height, width), 0 = off to 1 = on."""
        down, across = self.shifts[row]
        return weights(height, self.side, down) @ self.cells[row] @ weights(width, self.side, across).T

    @cached_property
    def fine(self) -> int:
        return min(FINE * self.side, max(MOST_FINE, self.side))

    def all(self) -> np.ndarray:
        """Every mask at the places of the estimate: float32 (n, fine * fine)."""
        out = np.empty((len(self), self.fine, self.fine), dtype=np.float32)
        for row in range(len(self)):
            out[row] = self.at(row, self.fine, self.fine)
        return out.reshape(len(self), -1)


def weights(length: int, side: int, shift: float) -> np.ndarray:
    """How much each cell of a row counts at each of `length` pixels: float64 (length, side), rows sum to 1."""
    at = (np.arange(length) + 0.5) / length * side + shift  # 0 to side + 1: the grid is drawn one cell larger than the picture
    at = np.clip(at * side / (side + 1) - 0.5, 0, side - 1)
    return np.maximum(1 - np.abs(at[:, None] - np.arange(side)), 0)


def covariance(side: int, fine: int) -> np.ndarray:
    """Of the mask's values at two places along one axis, over p (1 - p) and the random shift: float64 (fine, fine)."""
    every = [weights(fine, side, (k + 0.5) / _SHIFTS) for k in range(_SHIFTS)]
    return np.mean([w @ w.T for w in every], axis=0)


@dataclass(frozen=True, eq=False)
class Estimate:
    """What the answers say.

    values   float64 (fine, fine): output where a place is on minus where it is off, spread over as many places as move together with it,
             so that for an output that is linear in the mask they sum to output(all on) - output(all off)
    without  float64 (groups, fine * fine): the same with one group of masks after the other left out
    """

    values: np.ndarray
    without: np.ndarray

    def reach(self, areas: np.ndarray) -> np.ndarray:
        """Half the 95 % interval of the sum over each area, by the grouped jackknife; areas: (k, fine * fine), the share of a place in each."""
        sums = self.without @ areas.T
        groups = len(sums)
        return student.ppf(0.975, groups - 1) * np.sqrt((groups - 1) * sums.var(axis=0))


def estimate(masks: SoftMasks, answers: np.ndarray) -> Estimate | None:
    """From the answers (n,) under the first n masks; None where they are too few.

    A linear model of the answers (ridge regression on the mask's values, as strong as leaving one out finds best) says most of it without
    noise, since how masks vary together is known; the mean of what it leaves, each mask foretold by the others, is added (a control
    variate), so that its shrinking does no harm. Of a pair only half the difference is used: what acts alike under both cancels.
    """
    x = masks[: len(answers)].all() - np.float32(masks.share)
    y = answers
    if masks.paired:
        whole = len(answers) // 2 * 2
        x, y = x[0:whole:2], (answers[0:whole:2] - answers[1:whole:2]) / 2
    if len(y) < FEWEST:
        return None
    along = covariance(masks.side, masks.fine)
    group = np.arange(len(y)) % GROUPS
    without = [_places(x[group != g], y[group != g], masks, along) for g in range(min(GROUPS, len(y)))]
    return Estimate(_places(x, y, masks, along).reshape(masks.fine, masks.fine), np.stack(without))


def _places(x: np.ndarray, y: np.ndarray, masks: SoftMasks, along: np.ndarray) -> np.ndarray:
    """`Estimate.values`, flat, from masks less their share and from answers."""
    scale = along.sum(axis=1).mean() ** 2  # how many places move together
    if not masks.paired:
        y = y - y.mean()
    said, left = np.zeros(x.shape[1]), y
    if len(y) <= _MOST_FITTED:
        said, left = _linear(x, y, 0.0 if masks.paired else 1 / len(y))
    said = along @ said.reshape(masks.fine, masks.fine) @ along
    beyond = (left.astype(np.float32) @ x).astype(np.float64) / (len(y) * masks.share * (1 - masks.share))
    return (said.ravel() + beyond) / scale


def _linear(x: np.ndarray, y: np.ndarray, lost: float) -> tuple[np.ndarray, np.ndarray]:
    """Ridge coefficients (places,) and what is left of each answer when the others foretell it (units,).

    `lost`: what the taken-out mean takes of each row's own weight.
    """
    shared, vectors = np.linalg.eigh((x @ x.T).astype(np.float64))
    shared = np.maximum(shared, 0)
    turned = vectors.T @ y
    best: tuple[float, np.ndarray, np.ndarray] | None = None
    for ridge in np.geomspace(1e-4, 1e2, _STEPS) * max(float(shared.mean()), 1e-12):
        kept = shared / (shared + ridge)
        own = (vectors**2) @ kept + lost
        left = (y - vectors @ (kept * turned)) / np.maximum(1 - own, 1e-3)
        wrong = float((left**2).mean())
        if best is None or wrong < best[0]:
            best = wrong, x.T.astype(np.float64) @ (vectors @ (turned / (shared + ridge))), left
    assert best is not None
    return best[1], best[2]
