"""Copies of a text with some of its words left out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import overload

import numpy as np

from ..models.base import WindowedModel
from ..parts import POSITIONS, SENTENCES, TextParts
from ..stand_in import Pool
from ..tasks import MAX_TEXT_WORDS, Task
from . import Neighbourhood, designs

KERNEL_WIDTH = 25.0
MOST_WORD_PARTS = 1_000  # a longer text is taken apart into sentences: 5,000 samples of more parts would fill the memory
MOST_CELLS = 10_000_000  # samples x parts: 5,000 samples of a text of 512 words are a quarter of it
MOST_ENUMERATED = 512  # copies, the text itself included: up to 9 words
FIRST_CHECK, CHECK_GROWTH = 128, 1.3
LEAST_SETTLED = 300  # fewer copies say too little about which words come after those shown
POOL, POOL_CELLS = 32_768, 4_000_000  # rows of the pool that cost no model call, and rows x parts


def text_parts(task: Task, text: str, kind: str, mask_word: str) -> tuple[TextParts, list[str]]:
    """The parts of a text as far as the model reads it, and what to say about what it does not read."""
    model = task.model
    caveats: list[str] = []
    fits = model.fitting_prefix(text) if isinstance(model, WindowedModel) else len(text)
    if fits < len(text):
        cut = len(text[fits:].split())
        said = (
            f"The text is longer than the model reads: its last {cut:,} words are ignored by the model, and the parts here are sentences."
        )
        text, kind, caveats = text[:fits], SENTENCES, [said]
    parts = TextParts.of(text, kind, mask_word if kind == POSITIONS else "")
    if len(parts) > MAX_TEXT_WORDS:  # commas and other marks part words too
        raise ValueError(f"The text is too long ({len(parts):,} words): shorten it to at most {MAX_TEXT_WORDS:,} words.")
    if kind != SENTENCES and len(parts) > MOST_WORD_PARTS:
        parts, caveats = TextParts.of(text, SENTENCES), ["The text is long, so the parts here are sentences, not words."]
    if len(parts) == 0:
        raise ValueError(
            f"The text has no words among the first {fits:,} characters, which are all that the model reads: begin with a word."
        )
    return parts, caveats


class Copies(Sequence[str]):
    """Copies of a text, row 0 the text itself, written out when they are asked for: mostly only the first few hundred are."""

    def __init__(self, parts: TextParts, keep: np.ndarray):
        self.parts, self.keep = parts, keep

    def __len__(self) -> int:
        return len(self.keep)

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> list[str]: ...
    def __getitem__(self, index: int | slice) -> str | list[str]:
        return self.parts.switch_off(self.keep[index]) if isinstance(index, slice) else self.parts.switch_off(self.keep[[index]])[0]


def draw(
    task: Task, text: str, n: int, rng: np.random.Generator, kind: str, mask_word: str, width: float | None, settle: bool = True
) -> Neighbourhood:
    """At most `n` copies of a text with words switched off. The distance is the cosine distance of the 0/1 vectors, times 100.

    settle  sampling may stop early; so few words that every copy can be asked about are asked about in full
    """
    parts, caveats = text_parts(task, text, kind, mask_word)
    d, width = len(parts), width or KERNEL_WIDTH
    if n * d > MOST_CELLS:
        raise ValueError(f"{n:,} samples of {d:,} parts are more than fits into memory: ask for at most {MOST_CELLS // d:,} samples.")
    complete = settle and 2**d <= min(n, MOST_ENUMERATED)
    first = designs.all_masks(d, rng) if complete else designs.drawn_masks(n - 1, d, designs.size_shares(d, width), rng)
    pool_rng, steer_rng = rng.spawn(2)

    def hood(masks: designs.Masks) -> Neighbourhood:
        def steer(miss: designs.Miss, start: int, end: int) -> Neighbourhood:
            return hood(masks.renewed(start - 1, designs.steered_masks(end - start, d, width, miss, steer_rng)))

        keep = with_original(masks.keep)
        return Neighbourhood(
            design=keep.astype(np.float64),
            distance=100 * (1 - np.sqrt(keep.sum(axis=1) / d)),  # cosine distance of a 0/1 vector to the vector of ones
            width=width,
            batch=Copies(parts, keep),
            features=parts.features,
            names=parts.names,
            parts=parts,
            caveats=caveats,
            factor=np.append(1.0, masks.factor),
            total=n,
            checks=() if complete else checks(n, d),
            settle=settle,
            least=LEAST_SETTLED,
            complete=complete,
            pool=None if complete else lambda: _pool(n, d, width, pool_rng),
            steer=None if complete else steer,
            by_plain=True,
        )

    return hood(first)


def _pool(n: int, d: int, width: float, rng: np.random.Generator) -> Pool:
    """Masks that cost no model call, weighted as `n` of the reference's draws."""
    every = 2**d <= POOL
    drawn = (
        designs.all_masks(d, rng)
        if every
        else designs.drawn_masks(max(min(POOL, POOL_CELLS // d), n), d, designs.size_shares(d, width), rng)
    )
    kernel = designs.size_kernel(d, width)[(~drawn.keep).sum(axis=1) - 1]
    weights = np.append(1.0, kernel * drawn.factor * ((n - 1) / len(drawn.keep)))
    return Pool(with_original(drawn.keep).astype(np.float64), weights, 0.0 if every else 1.0)


def checks(n: int, d: int) -> tuple[int, ...]:
    """Numbers of copies after which it is asked where to look next and whether to stop, each 30 % more than the last.

    A surrogate on d words needs a few times d.
    """
    found, at = [], float(max(FIRST_CHECK, 4 * d))
    while at < n:
        found.append(int(at))
        at *= CHECK_GROWTH
    return tuple(found)


def with_original(keep: np.ndarray) -> np.ndarray:
    return np.vstack([np.ones((1, keep.shape[1]), dtype=bool), keep])
