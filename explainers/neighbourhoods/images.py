"""Copies of a picture with some of its superpixels switched off.

The reference switches each part off with probability one half, independently. Here every copy is drawn so too, but the copies are
tied together: in blocks of 2 m, the rows of a Hadamard matrix of order m with the sign of each column drawn at random, each
followed by its complement (a fold-over design; Box, Hunter and Hunter, "Statistics for Experimenters", ch. 6). One copy alone is
distributed as the reference's; together they are orthogonal, so that no part's number is blurred by another's, and parts that
act in pairs cancel out of the numbers of single parts.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image
from scipy.linalg import hadamard

from ..picture_parts import OTHER_PICTURE, PictureParts, crop_box
from ..tasks import Task
from . import Neighbourhood

KERNEL_WIDTH = 0.25
MOST_PARTS = 4_000
MOST_CELLS = 10_000_000  # samples x parts
BYTES_AT_ONCE, BYTES_A_PIXEL, FEWEST_AT_ONCE = 64_000_000, 4, 16  # of copies written out; Pillow keeps three channels in four bytes
LEAST_SETTLED = 200  # fewer copies say too little about how sure they are


def draw(
    task: Task,
    picture: Image.Image,
    n: int,
    rng: np.random.Generator,
    how: str,
    segments: int,
    off: str,
    width: float | None,
    settle: bool = True,
) -> Neighbourhood:
    """At most `n` copies of a picture, row 0 the picture itself. The distance is the cosine distance of the 0/1 vectors.

    settle  sampling may stop as soon as the numbers are as sure as `n` of the reference's copies would have left them
    """
    parts = picture_parts(task, picture, how, segments, off)
    if n * len(parts) > MOST_CELLS:
        most = MOST_CELLS // len(parts)
        raise ValueError(f"{n:,} samples of {len(parts):,} parts are more than fits into memory: ask for at most {most:,} samples.")
    keep = np.vstack([np.ones((1, len(parts)), dtype=bool), fold_over(n - 1, len(parts), rng)])
    return Neighbourhood(
        design=keep.astype(np.float64),
        distance=1 - np.sqrt(keep.mean(axis=1)),  # cosine distance of a 0/1 vector to the vector of ones
        width=width or KERNEL_WIDTH,
        batch=parts.switch_off(keep),
        features=parts.features,
        names=parts.names,
        parts=parts,
        caveats=[],
        total=n,
        net=True,
        before_net=1,  # the picture itself
        checks=checks(n, len(parts)) if settle else (),
        at_once=max(FEWEST_AT_ONCE, BYTES_AT_ONCE // (BYTES_A_PIXEL * picture.width * picture.height)),
        by_plain=True,
    )


def checks(n: int, d: int) -> tuple[int, ...]:
    """Numbers of copies after which sampling may stop: whole and half blocks, or thirds of `n` where a block is larger."""
    step = min(_order(d), n // 3)
    return tuple(at for at in range(1 + step, n, step) if at > LEAST_SETTLED)


def _order(d: int) -> int:
    """Of the Hadamard matrix for d parts, half a block: the least power of two above d, since its constant column is not used."""
    return 1 << int(d).bit_length()


def picture_parts(task: Task, picture: Image.Image, how: str, segments: int, off: str) -> PictureParts:
    """The parts of a picture as far as the model sees it."""
    parts = PictureParts.of(picture, crop_box(task.model, picture.size), how, segments, off, _other(task, picture, off))
    if len(parts) > MOST_PARTS:
        raise ValueError(
            f"The picture falls into {len(parts):,} parts, which is too many: choose a smaller picture, or SLIC with fewer parts."
        )
    return parts


def _other(task: Task, picture: Image.Image, off: str) -> Any:
    """The picture that stands behind this one: the first of the training data that is another."""
    if off != OTHER_PICTURE:
        return None
    return next((p for p in task.instances("train") if p.size != picture.size or p.tobytes() != picture.tobytes()), None)


def fold_over(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """Masks, bool (n, d); each row alone is n independent fair coins. A block left incomplete keeps whole pairs first."""
    order = _order(d)
    signs = hadamard(order) > 0  # column 0 is constant
    blocks = []
    for _ in range(-(-n // (2 * order))):
        columns = 1 + rng.permutation(order - 1)[:d]
        block = signs[rng.permutation(order)][:, columns] ^ (rng.random(d) < 0.5)
        blocks.append(np.stack([block, ~block], axis=1).reshape(-1, d))
    return np.concatenate(blocks)[:n] if blocks else np.empty((0, d), dtype=bool)
