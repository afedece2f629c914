"""What a person can point at in a text, and how to switch it off.

Words are runs of letters, digits and underscores, as in the `lime` package (its default split expression), so that both see
the same parts.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

WORD = re.compile(r"\w+")
# A sentence: up to and with its closing punctuation, quotes and the space behind it.
SENTENCE = re.compile(r"[^.!?…\n]+(?:[.!?…]+[\"'”’)\]]*|\n+|$)\s*|[.!?…\n]+\s*")
WORDS_PER_PIECE = 20  # a "sentence" without punctuation is cut into pieces of this many words

WORDS, POSITIONS, SENTENCES = "words", "positions", "sentences"


@dataclass(frozen=True)
class TextParts:
    """The parts of one text.

    text       the text the model reads (already cut to its window)
    kind       "words": every occurrence of a word at once; "positions": each occurrence alone; "sentences"
    features   the word or sentence itself; names: the same, numbered where it occurs more than once
    spans      per part, the [start, end) character offsets in `text`
    positions  per part, indices into the text's words (or sentences)
    mask_word  what stands for a part that is switched off; "" removes it
    """

    text: str
    kind: str
    features: list[str]
    names: list[str]
    spans: list[list[list[int]]]
    positions: list[list[int]]
    mask_word: str = ""

    def __len__(self) -> int:
        return len(self.features)

    @classmethod
    def of(cls, text: str, kind: str = WORDS, mask_word: str = "") -> TextParts:
        if kind == SENTENCES:
            pieces = [(start, end) for start, end in _sentence_spans(text)]
        else:
            pieces = [match.span() for match in WORD.finditer(text)]
        groups: dict[object, list[int]] = {}
        for index, (start, end) in enumerate(pieces):
            groups.setdefault(text[start:end] if kind == WORDS else index, []).append(index)
        features = [" ".join(text[slice(*pieces[members[0]])].split()) for members in groups.values()]
        return cls(
            text=text,
            kind=kind,
            features=features,
            names=features if kind == WORDS else numbered(features),
            spans=[[list(pieces[i]) for i in members] for members in groups.values()],
            positions=[list(members) for members in groups.values()],
            mask_word=mask_word,
        )

    def switch_off(self, keep: np.ndarray) -> list[str]:
        """Texts with only some parts left on. `keep`: bool (n, parts), True = the part stays as it is."""
        pieces, owner = self._pieces()
        owned = np.flatnonzero(owner >= 0)
        texts = []
        for row in np.asarray(keep, dtype=bool):
            shown = list(pieces)
            for i in owned[~row[owner[owned]]]:
                shown[i] = self.mask_word
            texts.append("".join(shown))
        return texts

    def _pieces(self) -> tuple[list[str], np.ndarray]:
        """The text cut at every part's edges, and which part owns each piece (-1: none, it always stays)."""
        edges = sorted((start, end, part) for part, spans in enumerate(self.spans) for start, end in spans)
        pieces, owners, at = [], [], 0
        for start, end, part in edges:
            if start > at:
                pieces.append(self.text[at:start])
                owners.append(-1)
            pieces.append(self.text[start:end])
            owners.append(part)
            at = end
        if at < len(self.text):
            pieces.append(self.text[at:])
            owners.append(-1)
        return pieces, np.array(owners, dtype=np.int64)


def _sentence_spans(text: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    for match in SENTENCE.finditer(text):
        words = list(WORD.finditer(match.group()))
        if not words:
            continue
        starts = [0] + [w.start() for w in words[WORDS_PER_PIECE::WORDS_PER_PIECE]] if len(words) > 3 * WORDS_PER_PIECE else [0]
        for start, end in zip(starts, [*starts[1:], len(match.group())], strict=True):
            spans.append((match.start() + start, match.start() + start + len(match.group()[start:end].rstrip())))
    return spans


def numbered(features: list[str]) -> list[str]:
    """'the', 'end', 'the' -> 'the (1st)', 'end', 'the (2nd)'."""
    total = Counter(features)
    seen: dict[str, int] = {}
    names = []
    for feature in features:
        seen[feature] = seen.get(feature, 0) + 1
        names.append(f"{feature} ({_ordinal(seen[feature])})" if total[feature] > 1 else feature)
    return names


def _ordinal(n: int) -> str:
    suffix = "th" if 10 <= n % 100 <= 20 else {1: "st", 2: "nd", 3: "rd"}.get(n % 10, "th")
    return f"{n}{suffix}"
