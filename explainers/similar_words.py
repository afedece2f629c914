"""Which words could stand in place of another: near in meaning, of the same kind, and known to the task's texts.

    words = similar_words(task)
    words.similar("great", 3)          # ["terrific", ...], array([0.5, ...]): cosine similarity, most similar first
    changeable("the")                  # False: a change of it would say nothing
    in_case_of("Great", "terrific")    # "Terrific"

Hase and Bansal (ACL 2020, app. A) take the 100 nearest words of spaCy's large model that have the same fine-grained tag. That model
cannot be had offline, so nearness is measured in the word-piece embeddings of the bundled MiniLM, and the tag is looked up in
a dictionary (LemmInflect, made from the SPECIALIST Lexicon of the US National Library of Medicine). A dictionary does not see the
sentence: of the tags that a word may have, the first of `PREFERRED` counts. Both are English; in another language nearness says
less and every word has the tag "".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np

from .parts import WORD
from .space import kept
from .tasks import BUNDLED, Task

NEAREST = 100
LEAST_SEEN = 2  # a word seen once is often a misspelling or a name
LEAST_WORDS = 1_000  # a smaller vocabulary takes words seen once too
LEAST_SIMILAR = 1e-6  # a weight must be positive, and a cosine need not be

_LETTERS = re.compile(r"[^\W\d_]{2,}")  # what may replace a word: letters only, and not the "s" of "it's"


def _listed(words: str) -> frozenset[str]:
    return frozenset(words.split())


# Words that stay: determiners, forms of "be", possessive pronouns, and what is no noun, verb, adjective, adverb or preposition.
FIXED = _listed("""
    a an the this that these those each every either neither some any no all both half such what which whose whatever whichever another
    be am is are was were been being isn aren wasn weren ain
    my your his her its our their mine yours hers ours theirs
    i you he she it we they me him us them one oneself myself yourself himself herself itself ourselves yourselves themselves
    who whom whoever anyone anybody anything someone somebody something everyone everybody everything nobody nothing none
    and or but nor so yet if because although though while whereas unless until since when where why how whether than as
    there to s t d ll m re ve don doesn didn hasn haven hadn couldn wouldn shouldn mustn won
""")
PREPOSITIONS = _listed("""
    about above across after against along amid among around at before behind below beneath beside besides between beyond by despite
    down during except for from in inside into like near of off on onto out outside over past per through throughout toward towards
    under underneath up upon via with within without
""")
MODALS = _listed("can could may might must shall should will would")
# Penn tags, the first that a word may have counts: a word that may be an adjective mostly is one.
PREFERRED = ("JJ", "JJR", "JJS", "RB", "RBR", "RBS", "NN", "NNS", "VBG", "VBD", "VBN", "VBZ", "VBP", "VB")


@dataclass(frozen=True, eq=False)
class SimilarWords:
    """Words that may replace others.

    words    lower-case, each once
    vectors  float32 (words, k), unit length
    vector   gives the vector (k,) of any word, on the same footing as `vectors`

    What the dictionary says is kept of `words` only: other words are a visitor's own.
    """

    words: list[str]
    vectors: np.ndarray
    vector: Callable[[str], np.ndarray]
    _tags: np.ndarray = field(init=False, repr=False)
    _lemmas: dict[int, frozenset[str]] = field(init=False, repr=False, default_factory=dict)  # by place in `words`

    def __post_init__(self) -> None:
        object.__setattr__(self, "_tags", np.array([tag(word) for word in self.words], dtype=object))

    def similar(self, word: str, n: int = NEAREST) -> tuple[list[str], np.ndarray]:
        """The n most similar words of the same tag, most similar first, and their cosine similarity, float (m,), m <= n.

        Neither the word itself nor another form of it ("films" for "film") is among them. Fewer than n when there are no more.
        """
        word = word.lower()
        same = np.flatnonzero(self._tags == tag(word))
        cosine = self.vectors[same] @ self.vector(word)
        own = lemmas(word)
        found: list[int] = []
        for at in np.argsort(-cosine, kind="stable"):
            if len(found) == n:
                break
            if not own & self._forms(int(same[at])):
                found.append(int(at))
        return [self.words[same[at]] for at in found], cosine[found].astype(np.float64)

    def _forms(self, at: int) -> frozenset[str]:
        if at not in self._lemmas:
            self._lemmas[at] = lemmas(self.words[at])
        return self._lemmas[at]


def draw_weights(similarity: np.ndarray, temperature: float) -> np.ndarray:
    """How likely each word is drawn, (n,), sums to 1: in proportion to similarity^(1 / temperature)."""
    logs = np.log(np.maximum(similarity, LEAST_SIMILAR)) / temperature
    weights = np.exp(logs - logs.max())
    return weights / weights.sum()


def similar_words(task: Task) -> SimilarWords:
    """The vocabulary of a text task's training texts, learnt once."""
    known = kept(task)
    if "similar words" not in known:
        known["similar words"] = _learn(vocabulary([str(text) for text in task.instances("train")]))
    return known["similar words"]


def vocabulary(texts: list[str]) -> list[str]:
    """Words of letters in the texts, lower-case, most frequent first (ties by alphabet): those seen at least `LEAST_SEEN` times."""
    seen = Counter(word for text in texts for word in WORD.findall(text.lower()) if _LETTERS.fullmatch(word))
    often = {word: count for word, count in seen.items() if count >= LEAST_SEEN}
    chosen = often if len(often) >= LEAST_WORDS else seen
    return sorted(chosen, key=lambda word: (-chosen[word], word))


def changeable(word: str) -> bool:
    """Whether a word may be replaced: nouns, verbs, adjectives, adverbs and prepositions may."""
    return _LETTERS.fullmatch(word) is not None and word.lower() not in FIXED


def in_case_of(word: str, replacement: str) -> str:
    """The replacement written as the word is: Title, UPPER or as it stands."""
    if word.isupper() and len(word) > 1:
        return replacement.upper()
    return replacement.capitalize() if word[:1].isupper() else replacement


def tag(word: str) -> str:
    """The kind of a lower-case word: a Penn tag ("NNS"), "IN", "MD", "fixed" (see `FIXED`), or "" when the dictionary has it not."""
    if word in FIXED:
        return "fixed"
    if word in PREPOSITIONS:
        return "IN"
    if word in MODALS:
        return "MD"
    import lemminflect

    found = {
        name
        for upos, bases in lemminflect.getAllLemmas(word).items()
        for base in bases
        for name, forms in lemminflect.getAllInflections(base, upos).items()
        if word in forms
    }
    return next((name for name in PREFERRED if name in found), "")


def lemmas(word: str) -> frozenset[str]:
    """What a lower-case word may be a form of ("films": "film"), itself included."""
    import lemminflect

    return frozenset({word}.union(*lemminflect.getAllLemmas(word).values()))


def _learn(words: list[str]) -> SimilarWords:
    raw = np.stack([_raw_vector(word) for word in words])
    centre = raw.mean(axis=0)

    def vector(word: str) -> np.ndarray:
        return _unit(_raw_vector(word) - centre)

    return SimilarWords(words, _unit(raw - centre), vector)


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)


def _raw_vector(word: str) -> np.ndarray:
    """Mean of the embeddings of a word's pieces, float32 (384,)."""
    tokenizer, table = _pieces()
    return table[tokenizer.encode(word, add_special_tokens=False).ids].mean(axis=0, dtype=np.float32)


@cache
def _pieces() -> tuple[Any, np.ndarray]:
    """MiniLM's tokenizer and its word-piece embeddings, float16 (30522, 384)."""
    from safetensors import safe_open

    from .models.minilm import FROZEN, read_tokenizer

    with safe_open(BUNDLED / "minilm" / "model.safetensors", framework="numpy") as file:
        return read_tokenizer(BUNDLED / "minilm"), file.get_tensor(FROZEN)
