"""What can be measured of a text without knowing what it is about: length, marks, persons, tone. Each has a description for either end.

Tone is the mean log odds of a text's words between the positive and the negative training reviews of the bundled task (smoothed by one
occurrence each): it knows the words of film reviews and no irony.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from .phrases import is_negator
from .rankers.words import words_of

_URL = re.compile(r"https?://|www\.|\b\S+@\S+\.\w|\bURL\b|\bEMAIL\b")
_SENTENCE = re.compile(r"[.!?…]+(?:\s|$)")
_NEGATION = frozenset(["nothing", "nobody", "none"])  # besides those that deny what comes after
_FIRST = frozenset(["i", "me", "my", "mine", "myself", "we", "us", "our", "ours", "ourselves", "i'm", "i've", "i'd", "i'll"])
_SECOND = frozenset(["you", "your", "yours", "yourself", "you're", "you've", "you'll"])
_HEDGES = frozenset(["maybe", "perhaps", "seems", "seem", "might", "could", "somewhat", "rather", "probably", "possibly", "almost"])
SOME = 1e-9  # a share above it is not none; not 0, so that of a text without any the other end is true
MOST_WORDS = 5_000  # of a text that are looked at


@dataclass(frozen=True)
class TextMeasure:
    """high, low: what a text with a large, a small value is called. of: text, its words -> number. cut: from which `high` counts as true."""

    name: str
    high: str
    low: str
    of: Callable[[str, list[str]], float]
    cut: float | None = None


def _share(words: list[str], among: frozenset[str]) -> float:
    return sum(w in among or (among is _NEGATION and is_negator(w)) for w in words) / max(len(words), 1)


def _letters(text: str) -> tuple[int, int]:
    letters = [ch for ch in text if ch.isalpha()]
    return sum(ch.isupper() for ch in letters), len(letters)


def _capitals(text: str, words: list[str]) -> float:
    upper, letters = _letters(text)
    return upper / max(letters, 1)


def tone(text: str, words: list[str]) -> float:
    known = _tones()
    found = [known[w] for w in words if w in known]
    return float(np.mean(found)) if found else 0.0


@cache
def _tones() -> dict[str, float]:
    """Log odds of each word that at least five training reviews hold, positive = in positive ones."""
    from ..tasks import load_task

    task = load_task("reviews")
    count: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    for text, label in zip(task.instances("train"), task.labels("train"), strict=True):
        count[label].update(set(words_of(text)))
    n, m = (sum(c.values()) for c in count)
    words = [w for w in count[0] | count[1] if count[0][w] + count[1][w] >= 5]
    return {w: float(np.log((count[1][w] + 1) / m) - np.log((count[0][w] + 1) / n)) for w in words}


MEASURES: tuple[TextMeasure, ...] = (
    TextMeasure("length", "longer texts", "shorter texts", lambda t, w: float(len(w))),
    TextMeasure("tone", "positive in tone", "negative in tone", tone, 0.0),
    TextMeasure("questions", "asks questions", "asks no questions", lambda t, w: float(t.count("?")), 0.5),
    TextMeasure("exclamations", "exclaims, with exclamation marks", "does not exclaim", lambda t, w: float(t.count("!")), 0.5),
    TextMeasure("digits", "contains numbers", "contains no numbers", lambda t, w: float(sum(any(c.isdigit() for c in x) for x in w)), 0.5),
    TextMeasure("capitals", "written in capital letters", "written in lower case", _capitals),
    TextMeasure("quotes", "contains quotations", "contains no quotations", lambda t, w: float(len(re.findall(r'["“”«»]', t))), 0.5),
    TextMeasure("first person", "speaks in the first person (I, we)", "does not speak in the first person", lambda t, w: _share(w, _FIRST), SOME),
    TextMeasure("second person", "addresses the reader (you)", "does not address the reader", lambda t, w: _share(w, _SECOND), SOME),
    TextMeasure("negations", "says what is not (negations)", "without negations", lambda t, w: _share(w, _NEGATION), SOME),
    TextMeasure("hedges", "hedges (maybe, seems, might)", "does not hedge", lambda t, w: _share(w, _HEDGES), SOME),
    TextMeasure("links", "contains links or addresses", "contains no links", lambda t, w: float(len(_URL.findall(t))), 0.5),
    TextMeasure("commas", "sentences with many commas", "sentences with few commas", lambda t, w: t.count(",") / max(len(w), 1)),
    TextMeasure("word length", "long words", "short words", lambda t, w: float(np.mean([len(x) for x in w])) if w else 0.0),
    TextMeasure("sentences", "several sentences", "a single sentence", lambda t, w: float(len(_SENTENCE.findall(t))), 1.5),
    TextMeasure("past tense", "told in the past tense", "told in the present", lambda t, w: sum(x.endswith("ed") for x in w) / max(len(w), 1)),
    TextMeasure("variety", "repeats few words", "repeats words", lambda t, w: len(set(w)) / max(len(w), 1)),
)  # fmt: skip


def measured(texts: Sequence[str]) -> np.ndarray:
    """float (n, measures), in the order of MEASURES."""
    out = np.empty((len(texts), len(MEASURES)))
    for row, text in enumerate(texts):
        words = words_of(text)[:MOST_WORDS]
        out[row] = [m.of(text, words) for m in MEASURES]
    return out
