"""Words of a text that stay while the others change.

Three ways to change a word outside the rule, every occurrence at once, each word independently of the others:
* masked, with probability 1/2: a mask word stands in its place (as in the authors' code, without a language model);
* similar words, with probability 1/2: one of the nearest words of the same part of speech in the training texts, the nearer the
  likelier; words that say little by themselves ("the") always stay;
* a masked language model: a word stays with the probability that the model gives it in its place, at most 1/2, and 0.01 where
  it is not among the 500 likeliest; the gaps of a copy are filled together from the 500 likeliest words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from ..engine import Asker
from ..models.masked_lm import MaskedLM
from ..neighbourhoods.texts import text_parts
from ..parts import SENTENCES, WORD, WORDS
from ..payloads import Condition
from ..similar_words import changeable, draw_weights, in_case_of, similar_words
from ..tasks import Task
from .masks import MaskSampler, drawn_masks
from .search import Rule

MASK_WORD, SIMILAR_WORDS, LANGUAGE_MODEL = "mask word", "similar words", "masked language model"
PERTURBATIONS = (MASK_WORD, SIMILAR_WORDS, LANGUAGE_MODEL)
STAYS = 0.5
RARELY = 0.01  # a word stays so often that is not among those a language model proposes
NEIGHBOURS, TEMPERATURE = 50, 0.4
MOST_COVERED = 10_000  # training texts on which coverage is measured
WRITTEN = 64  # copies that a language model fills between two looks at the limits


class TextWorld:
    """The words of one text, and copies in which some of them change."""

    covers = "texts of the training data"

    def __init__(self, task: Task, text: str, perturb: str, mask_word: str, language_model: str):
        self.task, self.perturb = task, perturb
        parts, self.caveats = text_parts(task, text, WORDS, "")
        self.parts = replace(parts, mask_word=mask_word)
        self.stays = np.full(len(parts), STAYS)
        self._similar: list[tuple[list[str], np.ndarray]] = []
        self._model: MaskedLM | None = None
        if parts.kind == SENTENCES and perturb != MASK_WORD:
            raise ValueError(f"The text is so long that its parts are sentences, which have no {perturb}: choose mask word.")
        if perturb == SIMILAR_WORDS:
            self._similar = [self._neighbours(word) for word in parts.features]
            self.stays[[not words for words, _ in self._similar]] = 1.0
            if (self.stays == 1).all():
                raise ValueError("No word of this text has similar words among the training texts: choose mask word.")
        elif perturb == LANGUAGE_MODEL:
            self._model = self._read(language_model)
            self.stays = self._kept_by(self._model)
        else:
            clash = set(WORD.findall(mask_word)) & set(parts.features)
            if clash:
                raise ValueError(f"The mask word {clash.pop()!r} is a word of the text itself: choose another.")
        # A word that always stays is no condition.
        self._of = np.flatnonzero(self.stays < 1)
        self.conditions = [Condition(parts.features[i], "present") for i in self._of]
        self.names = [parts.names[i] for i in self._of]
        self._met: np.ndarray | None = None

    def _neighbours(self, word: str) -> tuple[list[str], np.ndarray]:
        if not changeable(word):
            return [], np.empty(0)
        words, similarity = similar_words(self.task).similar(word, NEIGHBOURS)
        return [in_case_of(word, other) for other in words], draw_weights(similarity, TEMPERATURE) if words else np.empty(0)

    def _read(self, language_model: str) -> MaskedLM:
        if not language_model.strip():
            raise ValueError("Which language model? Give the name of a masked language model on the hub, or the path of its folder.")
        model = MaskedLM.named(language_model.strip())
        if not model.fits(self._gapped(model, np.zeros(len(self.parts), dtype=bool))) or not model.fits(self.parts.text):
            raise ValueError(f"The text is longer than the language model {model.name} reads: shorten it, or choose mask word.")
        return model

    def _kept_by(self, model: MaskedLM) -> np.ndarray:
        """How often each word stays: asked with a gap in its place only."""
        alone = model.proposals([self._gapped(model, row) for row in ~np.eye(len(self.parts), dtype=bool)])
        kept = []
        for word, gaps in zip(self.parts.features, alone, strict=True):
            words, chances = gaps[0]
            known = [chance for other, chance in zip(words, chances, strict=True) if other.casefold() == word.casefold()]
            kept.append(min(STAYS, sum(known) if known else RARELY))
        return np.array(kept)

    def _gapped(self, model: MaskedLM, keep: np.ndarray) -> str:
        return replace(self.parts, mask_word=model.gap).switch_off(keep[None])[0]

    @property
    def groups(self) -> np.ndarray:
        return np.arange(len(self.conditions))

    def coverage(self, rules: Sequence[Rule]) -> np.ndarray:
        """Share of the training texts that have every word of a rule, (len(rules),)."""
        if self._met is None:
            self._met = np.array([_texts_with(self.task, c.feature, self.parts.kind) for c in self.conditions])
        return np.array([self._met[list(rule)].all(axis=0).mean() for rule in rules])

    @property
    def counted(self) -> int:
        return min(len(self.task.instances("train")), MOST_COVERED)

    def sampler(self, ask: Asker, target: int, most: int, rng: np.random.Generator) -> MaskSampler:
        words = rng.spawn(1)[0]

        def answered(masks: np.ndarray) -> np.ndarray:
            hits: list[np.ndarray] = []
            step = WRITTEN if self._model else max(len(masks), 1)
            for start in range(0, len(masks), step):
                part = masks[start : start + step]
                hits.append(ask(self.written(self._every(part), words)).argmax(axis=1) == target)
                if len(hits[-1]) < len(part):
                    break
            return np.concatenate(hits)

        return MaskSampler(self.stays[self._of], answered, self.coverage, most, rng, self.perturb == MASK_WORD)

    def _every(self, masks: np.ndarray) -> np.ndarray:
        """Masks over the words that may change as masks over all words."""
        keep = np.ones((len(masks), len(self.parts)), dtype=bool)
        keep[:, self._of] = masks
        return keep

    def written(self, keep: np.ndarray, rng: np.random.Generator) -> list[str]:
        """The copies. keep: bool (n, words), True = the word stays."""
        if self.perturb == MASK_WORD:
            return self.parts.switch_off(keep)
        if self._model is not None:
            proposed = self._model.proposals([self._gapped(self._model, row) for row in keep])
            return [self._filled(row, self._by_word(row, gaps), rng) for row, gaps in zip(keep, proposed, strict=True)]
        return [self._filled(row, {i: self._similar[i] for i in np.flatnonzero(~row)}, rng) for row in keep]

    def _by_word(self, keep: np.ndarray, gaps: Sequence[tuple[list[str], np.ndarray]]) -> dict[int, tuple[list[str], np.ndarray]]:
        """What was proposed for the first occurrence of each changed word."""
        order = sorted((spans[0], i) for i in np.flatnonzero(~keep) for spans in [self.parts.spans[i]])
        every = sorted(start for i in np.flatnonzero(~keep) for start, _ in self.parts.spans[i])
        return {int(i): gaps[every.index(first[0])] for first, i in order}

    def _filled(self, keep: np.ndarray, choices: dict[Any, tuple[list[str], np.ndarray]], rng: np.random.Generator) -> str:
        """One copy: each changed word replaced by one drawn from its choices, in every place."""
        new = {i: str(rng.choice(words, p=chances)) for i, (words, chances) in sorted(choices.items())}
        if self._model is not None:
            new = {i: in_case_of(self.parts.features[i], word) for i, word in new.items()}
        places = sorted((start, end, i) for i in new for start, end in self.parts.spans[i])
        pieces, at = [], 0
        for start, end, i in places:
            pieces += [self.parts.text[at:start], new[i]]
            at = end
        return "".join([*pieces, self.parts.text[at:]])

    def sample(self, conditions: Sequence[Condition], n: int, rng: np.random.Generator) -> tuple[list[str], np.ndarray]:
        """n fresh copies under the conditions, and which words stay in each, bool (n, words)."""
        known = [c.feature for c in self.conditions]
        rule = tuple(known.index(c.feature) for c in conditions)
        keep = self._every(drawn_masks(rule, n, self.stays[self._of], rng))
        return self.written(keep, rng), keep

    def where(self, rule: Sequence[int]) -> dict[str, Any]:
        """Fields of the payload that say where the words of a rule stand."""
        return {"positions": [self.parts.positions[self._of[p]] for p in rule], "spans": [self.parts.spans[self._of[p]] for p in rule]}


def has_part(text: str, feature: str) -> bool:
    """Whether a text has a word, or, where `feature` is no single word, a sentence."""
    if WORD.fullmatch(feature):
        return feature in WORD.findall(text)
    return feature in " ".join(text.split())  # a copy whose other sentences are masked falls into other sentences


def _texts_with(task: Task, feature: str, kind: str) -> np.ndarray:
    """Which of the training texts have a word (or sentence), bool (texts,)."""
    train = task.instances("train")[:MOST_COVERED]
    if kind == SENTENCES:
        return np.array([has_part(text, feature) for text in train])
    kept: dict[Any, Any] = task.split("train").__dict__.setdefault("_kept", {})
    if "words of texts" not in kept:
        found: dict[str, list[int]] = {}
        for i, text in enumerate(train):
            for word in set(WORD.findall(text)):
                found.setdefault(word, []).append(i)
        kept["words of texts"] = found
    met = np.zeros(len(train), dtype=bool)
    met[kept["words of texts"].get(feature, [])] = True
    return met
