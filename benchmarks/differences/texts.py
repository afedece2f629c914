"""Sets of texts drawn from bundled film reviews, mails and rated snippets; a style or a phrase is planted where none occurs by itself.

Reviews are those of the task's test and dev parts: measures of tone learn from its training part.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data"
Plant = Callable[[str, np.random.Generator], str]


@dataclass(frozen=True)
class Source:
    """kinds: of texts, see `texts`. holds, lacks: patterns that a text must match, must not match. words: fewest and most. first: how many
    words of each are kept, 0 for all. plant: a key of PLANTS."""

    kinds: str = "review"
    holds: str = ""
    lacks: str = ""
    words: tuple[int, int] = (8, 80)
    first: int = 0
    plant: str = ""


def text_sets(a: Source, b: Source, n: int, rng: np.random.Generator) -> tuple[list[str], list[str]]:
    """At most `n` different texts for each; no text is in both."""
    for_a = _fitting(a)
    first = [for_a[i] for i in rng.choice(len(for_a), min(n, len(for_a)), replace=False)]
    for_b = [text for text in _fitting(b) if text not in set(first)]
    second = [for_b[i] for i in rng.choice(len(for_b), min(n, len(for_b)), replace=False)]
    return _planted(a, first, rng), _planted(b, second, rng)


def _planted(source: Source, texts: list[str], rng: np.random.Generator) -> list[str]:
    return [PLANTS[source.plant](text, rng) for text in texts] if source.plant else texts


@cache
def _fitting(source: Source) -> tuple[str, ...]:
    low, high = source.words
    found = [text for kind in source.kinds.split() for text in texts()[kind] if low <= len(text.split()) <= high]
    if source.holds:
        found = [text for text in found if re.search(source.holds, text)]
    if source.lacks:
        found = [text for text in found if not re.search(source.lacks, text)]
    return tuple(dict.fromkeys(" ".join(text.split()[: source.first or None]) for text in found))


@cache
def texts() -> dict[str, list[str]]:
    """By kind: "review", those labelled "good" and "bad", mails "ham" and "spam", snippets "positive", "negative", "neutral"."""
    out: dict[str, list[str]] = {"review": [], "good": [], "bad": []}
    for part in ("test", "dev"):
        for row in _rows(SAMPLES / "reviews" / f"{part}.csv"):
            out["review"].append(row["text"])
            out["good" if row["label"] == "1" else "bad"].append(row["text"])
    known = {_letters(row["text"]) for row in _rows(SAMPLES / "reviews" / "train.csv")}
    for row in _rows(SAMPLES / "differences" / "texts.csv"):
        if _letters(row["text"]) not in known:
            out.setdefault(row["kind"], []).append(row["text"])
    return out


def _letters(text: str) -> str:
    return "".join(ch for ch in text.lower() if ch.isalpha())


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _phrase(phrase: str) -> Plant:
    """At the beginning, at the end, or between two words."""

    def planted(text: str, rng: np.random.Generator) -> str:
        words = text.split()
        place = int(rng.integers(0, len(words) + 1))
        return " ".join([*words[:place], phrase, *words[place:]])

    return planted


def _links(text: str, rng: np.random.Generator) -> str:
    return f"{text} www.example.org/{rng.integers(100, 999)}"


PLANTS: dict[str, Plant] = {
    "capitals": lambda text, rng: text.upper(),
    "exclaims": lambda text, rng: text.rstrip(" .") + " !",
    "links": _links,
    "day": _phrase("at the end of the day"),
    "honest": _phrase("to be honest"),
    "umbrella": _phrase("blue umbrella"),
    "opinion": _phrase("in my humble opinion"),
    "neighbour": _phrase("as my neighbour said"),
    "tuesday": _phrase("last tuesday"),
}
