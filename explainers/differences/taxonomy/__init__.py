"""What ImageNet's 1,000 classes are kinds of, in everyday words: "American robin" is a songbird, a bird, an animal.

imagenet.json is built by sample_data/scripts/build_taxonomy.py from WordNet 3.0 (SOURCE.md, LICENSE): nodes with their wording, the words
that mean them and the classes below them; and for some nodes every word for a kind of them, whether ImageNet knows it or not.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np

FILE = Path(__file__).parent / "imagenet.json"
CLASSES = 1000
# What people put around the thing itself.
_AROUND = re.compile(
    r"^(?:(?:there (?:is|are)|it is|it shows?|an?|the|some|one|several|many|of|pictures?|photos?|photographs?|images?|shows?|"
    r"showing|with|containing|background (?:is|of|shows)|"
    r"in|on|at|by|near|before|in front of|taken|scene)\s+)+"
)


@dataclass(frozen=True, eq=False)
class Node:
    """says: how it is worded. kind: "class", "parent" (of WordNet), "group" or "scene" (made by hand). classes: int (k,)."""

    says: str
    kind: str
    words: tuple[str, ...]
    classes: np.ndarray


@dataclass(frozen=True, eq=False)
class Taxonomy:
    nodes: list[Node]
    kinds: dict[str, frozenset[str]]

    @cached_property
    def things(self) -> list[Node]:
        """What a picture may show; scenes are `scenes`."""
        return [node for node in self.nodes if node.kind != "scene"]

    @cached_property
    def scenes(self) -> list[Node]:
        return [node for node in self.nodes if node.kind == "scene"]

    @cached_property
    def members(self) -> np.ndarray:
        """float32 (1000, things): 1 where the class is below the node. Probabilities times this are summed probabilities."""
        return _members(self.things)

    @cached_property
    def scenery(self) -> np.ndarray:
        """float32 (1000, scenes)"""
        return _members(self.scenes)

    @cached_property
    def below(self) -> np.ndarray:
        """bool (things, things): [i, j] where every class of i is one of j."""
        shared = self.members.T @ self.members
        out = shared >= shared.diagonal()[:, None]
        np.fill_diagonal(out, False)
        return out

    @cached_property
    def _by_word(self) -> dict[str, Node]:
        # A group made by hand means what people mean; a class of its own comes last.
        order = {"scene": 0, "class": 1, "parent": 2, "group": 3}
        out: dict[str, Node] = {}
        for node in sorted(self.nodes, key=lambda n: order[n.kind]):
            out |= dict.fromkeys((*node.words, bare(node.says)), node)
        return out

    def find(self, description: str) -> Node | None:
        """The node that a description names, whatever stands around it: "a photo of a sparrow hawk", "birds"."""
        text = bare(description)
        for words in (description.lower().strip(" ."), text, *_singular(text)):
            if words in self._by_word:
                return self._by_word[words]
        return next((self._by_word[bare(says)] for says in self.parents(text)[-1:] if bare(says) in self._by_word), None)

    def parents(self, word: str) -> list[str]:
        """The nodes that a word is a kind of, widest first: "sparrow" -> "an animal", "a bird"."""
        forms = (word, *_singular(word))
        found = [says for says, words in self.kinds.items() if any(form in words for form in forms)]
        return sorted(found, key=lambda says: -len(self.kinds[says]))


@lru_cache(maxsize=1)
def taxonomy() -> Taxonomy:
    """Read once."""
    data = json.loads(FILE.read_text(encoding="utf-8"))
    nodes = [Node(n["says"], n["kind"], tuple(n["words"]), _places(n["classes"])) for n in data["nodes"]]
    return Taxonomy(nodes, {says: frozenset(words.split("|")) for says, words in data["kinds"].items()})


def bare(text: str) -> str:
    """Without articles and the like: "a picture of a bird." -> "bird"."""
    return _AROUND.sub("", " ".join(text.lower().split()).strip(" ."))


def _singular(word: str) -> list[str]:
    out = []
    for end, instead in (("ies", "y"), ("ves", "f"), ("es", ""), ("s", "")):
        if word.endswith(end) and len(word) > len(end) + 2:
            out.append(word[: -len(end)] + instead)
    return out


def _places(ranges: list[int]) -> np.ndarray:
    return np.concatenate([np.arange(first, last + 1) for first, last in zip(ranges[::2], ranges[1::2], strict=True)])


def _members(nodes: list[Node]) -> np.ndarray:
    out = np.zeros((CLASSES, len(nodes)), dtype=np.float32)
    for column, node in enumerate(nodes):
        out[node.classes, column] = 1
    return out
