"""Is a description the planted difference? 1 = yes, 0.5 = wider, narrower or a consequence of it, 0 = no: the paper's scale (section 4).

The paper asks GPT-4. Here a description is looked up among words written by hand for each planted difference (truths.toml), as a whole and
then part by part ("blurred, out of focus"); where it is not found, MiniLM's sentence embeddings say how near it comes, by two cuts fitted on
judged.csv, pairs labelled by hand. `accuracy` says how well that does on planted differences the cuts have not seen.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np

from .cases import Truth, truths

LABELLED = Path(__file__).parent / "judged.csv"
SCORES = (0.0, 0.5, 1.0)
FOLDS = 5
Embed = Callable[[Sequence[str]], np.ndarray]
_ARTICLES = re.compile(
    r"\b(?:a|an|the|is|are|of|very|more|there|picture|photo|photograph|image|text|showing|show|mention|contain|containing)\b"
)
_PARTS = re.compile(r",|;|\bor\b|\bas at\b|\bas in\b|\bas on\b|\(|\)|/")
_FRAME = re.compile(r"^(?:the )?(background|object|about|tinted)(?: is)? ")
_DENIES = re.compile(r"\b(?:no|not|without|few|fewer|less|never|lacks?)\b|n't\b")


@dataclass(frozen=True)
class Verdict:
    """how: "exact", "synonym", "partly", "other" (it names what was planted in B), "near" (by embeddings) or "none"."""

    score: float
    how: str


@dataclass(frozen=True)
class Cuts:
    """Cosines: from `whole` a description counts as the planted difference, from `half` as half right; it must be nearer to A's words than to
    B's by `margin`."""

    whole: float
    half: float
    margin: float = 0.0


@dataclass(frozen=True)
class Judge:
    """embed: texts -> unit vectors (n, d)."""

    embed: Embed
    cuts: Cuts

    def __call__(self, description: str, a: Truth, b: Truth) -> Verdict:
        return looked_up(description, a, b) or self.near(description, a, b)

    def near(self, description: str, a: Truth, b: Truth) -> Verdict:
        """By embeddings alone."""
        found = graded(*nearness(self.embed, description, a, b), self.cuts)
        return Verdict(found, "near" if found else "none")


def looked_up(description: str, a: Truth, b: Truth) -> Verdict | None:
    """What the words written by hand say; None where they say nothing."""
    whole = plain(description)
    right, partly = _plain_set((a.says, *a.same)), _plain_set(a.partly)
    wrong, partly_wrong = _plain_set((b.says, *b.same)), _plain_set(b.partly)
    if whole == plain(a.says):
        return Verdict(1.0, "exact")
    parts = [whole, *(p for piece in _PARTS.split(description.lower()) if (p := plain(piece)))]
    for some in ([whole], parts):  # "a cow, sheep or goat" means something as a whole that its parts do not
        if any(p in right for p in some):
            return Verdict(1.0, "synonym")
        if any(p in wrong for p in some):
            return Verdict(0.0, "other")
        if any(p in partly and p not in partly_wrong for p in some):
            return Verdict(0.5, "partly")
        if any(p in partly_wrong for p in some):
            return Verdict(0.0, "other")
    return None


def plain(text: str) -> str:
    """Without case, articles, marks at the ends and plural s, so that two ways of writing one thing are equal."""
    words = _ARTICLES.sub(" ", text.lower().replace("color", "colour")).strip(" .,!\"'").split()
    return " ".join(w[:-1] if len(w) > 3 and w.endswith("s") and not w.endswith("ss") else w for w in words)


@cache
def _plain_set(texts: tuple[str, ...]) -> frozenset[str]:
    return frozenset(plain(text) for text in texts)


def nearness(embed: Embed, description: str, a: Truth, b: Truth) -> tuple[float, float]:
    """Cosine to the nearest of A's words and of B's (-1 to 1); -1 for words of which one denies and the other does not."""
    known = [(a.says, *a.same), (b.says, *b.same)]
    texts = [text for some in known for text in some]
    frame, core = framed(description)
    # Within one frame only what stands in it counts: "the background is sand" and "the background is the sea" share nearly all their words.
    # Where what was planted is said in another frame, both the whole and what stands in it must come near.
    same = np.array([bool(frame) and framed(text)[0] == frame for text in texts])
    asked = [framed(text)[1] if within else text for text, within in zip(texts, same, strict=True)]
    vectors = embed([description, core, *asked])
    whole, inside = vectors[2:] @ vectors[0], vectors[2:] @ vectors[1]
    cosines = np.where(same, inside, np.minimum(whole, inside))
    denies = bool(_DENIES.search(description.lower()))
    fits = np.array([bool(_DENIES.search(text.lower())) == denies for some in known for text in some])
    cosines = np.where(fits, cosines, -1.0)
    return float(cosines[: len(known[0])].max()), float(cosines[len(known[0]) :].max())


def framed(text: str) -> tuple[str, str]:
    """What a description speaks of ("background", "object", "about", "tinted"; "" where it does not say), and what it says of it."""
    found = _FRAME.match(text.lower())
    return (found[1], text[found.end() :]) if found else ("", text)


def graded(near_a: float, near_b: float, cuts: Cuts) -> float:
    if near_a - near_b < cuts.margin:
        return 0.0
    return 1.0 if near_a >= cuts.whole else 0.5 if near_a >= cuts.half else 0.0


@dataclass(frozen=True)
class Labelled:
    """A row of judged.csv."""

    truth_a: str
    truth_b: str
    description: str
    score: float


def labelled() -> list[Labelled]:
    with LABELLED.open(newline="", encoding="utf-8") as file:
        return [Labelled(r["truth_a"], r["truth_b"], r["description"], float(r["score"])) for r in csv.DictReader(file)]


def fitted(pairs: Sequence[tuple[float, float]], scores: Sequence[float]) -> Cuts:
    """The cuts with the smallest mean absolute error on nearness pairs with known scores; the highest of equals, which grants least."""
    grid = np.round(np.arange(0.2, 0.96, 0.025), 3)
    options = [Cuts(w, h, m) for m in (0.0, 0.05, 0.1) for h in grid for w in grid if w >= h]
    near, known = np.array(pairs), np.array(scores)

    def error(cuts: Cuts) -> float:
        said = np.where(near[:, 0] >= cuts.whole, 1.0, np.where(near[:, 0] >= cuts.half, 0.5, 0.0))
        return float(np.abs(np.where(near[:, 0] - near[:, 1] < cuts.margin, 0.0, said) - known).mean())

    return min(options, key=lambda cuts: (round(error(cuts), 9), -cuts.half, -cuts.whole))


def judge(embed: Embed) -> Judge:
    """With cuts fitted on all labelled pairs."""
    rows = labelled()
    embed(
        [*(row.description for row in rows), *(text for truth in truths().values() for text in (truth.says, *truth.same))]
    )  # all in one go
    return Judge(embed, fitted([_nearness_of(embed, row) for row in rows], [row.score for row in rows]))


@dataclass(frozen=True)
class Accuracy:
    """Of the judge on judged.csv, by cross-validation over planted differences. near, both: share of equal scores by embeddings alone and by
    words first; error: mean absolute difference of the latter; always_0: share of equal scores of a judge who always says 0."""

    pairs: int
    near: float
    both: float
    error: float
    always_0: float


def accuracy(embed: Embed) -> Accuracy:
    rows = labelled()
    pairs, scores = [_nearness_of(embed, row) for row in rows], np.array([row.score for row in rows])
    names = sorted({row.truth_a for row in rows})
    fold = np.array([names.index(row.truth_a) % FOLDS for row in rows])
    near, both = np.empty(len(rows)), np.empty(len(rows))
    for k in range(FOLDS):
        seen = np.flatnonzero(fold != k)
        cuts = fitted([pairs[i] for i in seen], scores[seen])
        for i in np.flatnonzero(fold == k):
            near[i] = graded(*pairs[i], cuts)
            found = looked_up(rows[i].description, truths()[rows[i].truth_a], truths()[rows[i].truth_b])
            both[i] = near[i] if found is None else found.score
    return Accuracy(
        len(rows),
        float((near == scores).mean()),
        float((both == scores).mean()),
        float(np.abs(both - scores).mean()),
        float((scores == 0).mean()),
    )


def _nearness_of(embed: Embed, row: Labelled) -> tuple[float, float]:
    a, b = truths()[row.truth_a], truths()[row.truth_b]
    # The very words of the list would say nothing about the words that are not in it.
    same = tuple(text for text in a.same if plain(text) != plain(row.description))
    return nearness(embed, row.description, replace(a, same=same), b)


def remembering(embed: Embed) -> Embed:
    """Each text embedded once."""
    known: dict[str, np.ndarray] = {}

    def ask(texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in known]
        if new:
            known.update(zip(new, embed(new), strict=True))
        return np.array([known[text] for text in texts])

    return ask
