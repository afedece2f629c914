"""Composites made by hand: LIME, a rule, the end of a path, prototypes."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image

from explainers.explanation import BoundaryPath, Composite, Explanation, Prototype, Prototypes, Step
from tests.explainers.render.render_examples import PERSON, REVIEW, explanation, nasty, person, review
from tests.explainers.render.rule_examples import INCOME, nasty_rule, person_rule, picture_rule, review_rule
from tests.explainers.render.test_picture import pictured


def flipped(instance: Any, changed_to: Any, changed: list[str], features: list[str], modality: str, **changes: Any) -> Explanation:
    """The instance and the last step of a path."""
    first = Step(instance, [], 2.4, np.array([0.92, 0.08]))
    last = Step(changed_to, changed, -0.8, np.array([0.31, 0.69]), features)
    return explanation(
        BoundaryPath([first, last], distance=2.1, samples=1000, flips=12), instance, modality, method="decision_boundary", **changes
    )


def alike(instance: Any, examples: list[Any], modality: str, **changes: Any) -> Explanation:
    """One training instance of each class."""
    found = [Prototype(x, i, 0.9 - 0.3 * i, 10 + i, i, np.array([0.9 - 0.7 * i, 0.1 + 0.7 * i])) for i, x in enumerate(examples)]
    return explanation(Prototypes(found, space="what the model's last layer reads"), instance, modality, method="prototypes", **changes)


def composite(parts: list[Explanation], **changes: Any) -> Explanation:
    first = parts[0]
    fields = {name: getattr(first, name) for name in ("task", "modality", "class_names", "target", "prediction", "model_name")}
    own: dict[str, Any] = {"method": "composite", "params": {}, "quality": [], "caveats": []}
    return explanation(Composite(parts), first.instance, **(fields | own | changes))


def review_composite(**changes: Any) -> Explanation:
    other = REVIEW.replace("dull", "bright").replace("wasted", "splendid")
    path = flipped(REVIEW, other, ["dull → bright", "wasted → splendid"], ["dull", "wasted"], "text")
    near = ["A tired, predictable film without a single joke.", "A warm and charming comedy that never drags."]
    return composite([review(), review_rule(), path, alike(REVIEW, near, "text")], **changes)


def person_composite() -> Explanation:
    path = flipped(PERSON, PERSON | {"education": "Doctorate"}, ["education Bachelors → Doctorate"], ["education"], "tabular", **INCOME)
    near = [PERSON | {"age": 25}, PERSON | {"age": 51, "occupation": "Exec-managerial"}]
    return composite([person(), person_rule(), path, alike(PERSON, near, "tabular", **INCOME)])


def picture_composite(picture: Image.Image | None = None) -> Explanation:
    rule = picture_rule(picture)
    seen: Image.Image = rule.instance
    turned = seen.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    about: dict[str, Any] = {"task": "animals", "class_names": ["bird", "mammal"]}
    path = flipped(seen, turned, ["part 0 (top left) changed"], ["part 0"], "image", **about)
    return composite([pictured(seen), rule, path, alike(seen, [seen, turned], "image", **about)])


def nasty_composite() -> Explanation:
    return composite([nasty(), nasty_rule(), nasty()], status="partial", reason="cancelled")
