"""Superpixels of a picture that stay while the others are switched off, each with probability 1/2, as published."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from PIL import Image

from ..engine import Asker
from ..neighbourhoods.images import picture_parts
from ..payloads import Condition
from ..picture_parts import SwitchedPictures
from ..tasks import Task
from .masks import MaskSampler, drawn_masks
from .search import Rule

STAYS = 0.5


class ImageWorld:
    """The parts of one picture, and copies in which some of them are switched off."""

    covers = "copies of this picture"
    counted = 0  # coverage is known without counting
    caveats: tuple[str, ...] = ()

    def __init__(self, task: Task, picture: Image.Image, segmentation: str, segments: int, off: str):
        self.parts = picture_parts(task, picture, segmentation, segments, off)
        self.stays = np.full(len(self.parts), STAYS)
        self.conditions = [Condition(feature, "present") for feature in self.parts.features]
        self.names = self.parts.names
        self.groups = np.arange(len(self.parts))

    def coverage(self, rules: Sequence[Rule]) -> np.ndarray:
        """Share of the copies in which every part of a rule stays by chance, (len(rules),): exact."""
        return np.array([STAYS ** len(rule) for rule in rules])

    def sampler(self, ask: Asker, target: int, most: int, rng: np.random.Generator) -> MaskSampler:
        return MaskSampler(self.stays, lambda masks: ask(self.parts.switch_off(masks)).argmax(axis=1) == target, self.coverage, most, rng)

    def sample(self, conditions: Sequence[Condition], n: int, rng: np.random.Generator) -> tuple[SwitchedPictures, np.ndarray]:
        """n fresh copies under the conditions, and which parts stay in each, bool (n, parts)."""
        rule = tuple(self.parts.features.index(c.feature) for c in conditions)
        keep = drawn_masks(rule, n, self.stays, rng)
        return self.parts.switch_off(keep), keep

    def where(self, rule: Sequence[int]) -> dict[str, Any]:
        return {"segments": self.parts.labels}
