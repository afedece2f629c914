"""Copies of a text with some of its words left out."""

from __future__ import annotations

import numpy as np

from ..models.base import WindowedModel
from ..parts import POSITIONS, SENTENCES, TextParts
from ..tasks import MAX_TEXT_WORDS, Task
from . import Neighbourhood

KERNEL_WIDTH = 25.0
MOST_WORD_PARTS = 1_000  # a longer text is taken apart into sentences: 5,000 samples of more parts would fill the memory


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
    elif len(text.split()) > MOST_WORD_PARTS:
        kind, caveats = SENTENCES, ["The text is long, so the parts here are sentences, not words."]
    parts = TextParts.of(text, kind, mask_word if kind == POSITIONS else "")
    if len(parts) == 0:
        raise ValueError(
            f"The text has no words among the first {fits:,} characters, which are all that the model reads: begin with a word."
        )
    if len(parts) > MAX_TEXT_WORDS:  # commas and other marks part words too
        raise ValueError(f"The text is too long ({len(parts):,} words): shorten it to at most {MAX_TEXT_WORDS:,} words.")
    return parts, caveats


def draw(task: Task, text: str, n: int, rng: np.random.Generator, kind: str, mask_word: str, width: float | None) -> Neighbourhood:
    """`n` copies of a text with words switched off. The distance is the cosine distance of the 0/1 vectors, times 100."""
    parts, caveats = text_parts(task, text, kind, mask_word)
    d = len(parts)
    # A number of parts to switch off, uniform in 1..d, then which ones: the reference's distribution.
    off = rng.integers(1, d + 1, size=n - 1)
    rank = rng.random((n - 1, d)).argsort(axis=1).argsort(axis=1)
    keep = np.vstack([np.ones((1, d), dtype=bool), rank >= off[:, None]])
    cosine = 1 - np.sqrt(keep.sum(axis=1) / d)  # cosine distance of a 0/1 vector to the vector of ones
    return Neighbourhood(
        design=keep.astype(np.float64),
        distance=100 * cosine,
        width=width or KERNEL_WIDTH,
        batch=parts.switch_off(keep),
        features=parts.features,
        names=parts.names,
        parts=parts,
        caveats=caveats,
    )
