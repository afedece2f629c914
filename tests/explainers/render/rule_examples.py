"""Rules made by hand, small enough to check by eye."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from explainers.explanation import Condition, Example, Explanation, Rule
from tests.explainers.render.render_examples import ARABIC, NASTY, PERSON, REVIEW, explanation

INCOME = {"task": "income", "model_name": "forest", "class_names": ["below $50K", "$50K or more"], "prediction": np.array([0.88, 0.12])}
ANCHORS = {"method": "anchors", "params": {"tau": 0.95, "delta": 0.1, "epsilon": 0.15, "beam_size": 4}, "quality": [], "caveats": []}


def answered(instance: Any, p: float = 0.93) -> Example:
    """An input to whose first class the model gives `p`."""
    return Example(instance, np.array([p, 1 - p]))


def rule(conditions: list[Condition], names: list[str], **changes: Any) -> Rule:
    fields: dict[str, Any] = {
        "precision": 0.98,
        "precision_low": 0.96,
        "precision_high": 0.99,
        "coverage": 0.12,
        "covers": "people",
        "base": 0.76,
        "trail": np.linspace(0.9, 0.98, len(conditions)),
        "samples": 1000,
    }
    return Rule(conditions, names, **(fields | changes))


def person_rule(conditions: list[Condition] | None = None, names: list[str] | None = None, **changes: Any) -> Explanation:
    """Two conditions on a row of eight variables. `changes`: of the rule's fields, then of the explanation's."""
    if conditions is None:
        conditions = [Condition("marital_status", "==", "Never-married"), Condition("age", "<=", 28)]
    names = ["marital_status = Never-married", "age <= 28"] if names is None else names
    of_rule = {k: changes.pop(k) for k in list(changes) if k in Rule.__dataclass_fields__}
    other = PERSON | {"age": 27, "occupation": "Craft-repair", "workclass": "State-gov"}
    rich = PERSON | {"education": "Doctorate", "capital_gain": 15024, "hours_per_week": 60}
    given = {"holds": [answered(other, 0.97), answered(PERSON | {"native_country": "Mexico"}, 0.91)], "breaks": [answered(rich, 0.31)]}
    return explanation(rule(conditions, names, **(given | of_rule)), PERSON, "tabular", **(ANCHORS | INCOME | changes))


def review_rule(words: tuple[str, ...] = ("dull", "wasted"), instance: str = REVIEW, **changes: Any) -> Explanation:
    """A rule of words. Its examples: the review with other words changed."""
    of_rule = {k: changes.pop(k) for k in list(changes) if k in Rule.__dataclass_fields__}
    tokens = [m.span() for m in re.finditer(r"\w+", instance)]
    where = [[i for i, (a, b) in enumerate(tokens) if instance[a:b] == word] for word in words]
    holds = ["A dull, unusual day with one quiet scene; the cast is wasted and nobody seems to be having any fun.",
             "A dull, predictable mess with one charming scene; the crew is wasted and nobody wants to be having any luck."]  # fmt: skip
    breaks = ["A dull, brilliant ride with one charming scene; the cast is wasted and everybody seems to be having great fun."]
    given: dict[str, Any] = {
        "covers": "the changed texts",
        "coverage": 0.25,
        "positions": where,
        "spans": [[list(tokens[i]) for i in found] for found in where],
        "holds": [answered(t) for t in holds],
        "breaks": [answered(t, 0.38) for t in breaks],
    }
    made = rule([Condition(w, "present") for w in words], list(words), **(given | of_rule))
    return explanation(made, instance, "text", **(ANCHORS | changes))


def arabic_rule() -> Explanation:
    return review_rule(("ممل", "وفوضى"), ARABIC, class_names=["سلبي", "إيجابي"], holds=[answered(ARABIC)], breaks=[])


SIDE = 40


def drawn() -> Image.Image:
    """A red disc top left, a green one bottom right, on sand."""
    picture = Image.new("RGB", (2 * SIDE, 2 * SIDE), (222, 205, 170))
    pen = ImageDraw.Draw(picture)
    pen.ellipse((6, 6, 34, 34), fill=(190, 60, 50))
    pen.ellipse((46, 46, 74, 74), fill=(60, 140, 70))
    return picture


def picture_rule(picture: Image.Image | None = None, parts: tuple[int, ...] = (0, 3), **changes: Any) -> Explanation:
    """Four squares: part 0 top left, 1 top right, 2 bottom left, 3 bottom right."""
    picture = drawn() if picture is None else picture
    of_rule = {k: changes.pop(k) for k in list(changes) if k in Rule.__dataclass_fields__}
    segments = np.kron(np.array([[0, 1], [2, 3]]), np.ones((picture.height // 2, picture.width // 2)))
    places = ["top left", "top right", "bottom left", "bottom right"]
    grey = picture.copy()
    grey.paste((128, 128, 128), (picture.width // 2, 0, picture.width, picture.height // 2))
    given = {"covers": "the changed pictures", "segments": segments, "holds": [answered(grey)] * 4, "breaks": [answered(grey, 0.4)]}
    names = [f"part {i} ({places[i]})" for i in parts]
    made = rule([Condition(f"part {i}", "present") for i in parts], names, **(given | of_rule))
    fields = {"task": "animals", "class_names": ["bird", "mammal"], **ANCHORS, **changes}
    return explanation(made, picture, "image", **fields)


def empty_rule() -> Explanation:
    """The model says the same whatever the input."""
    return person_rule([], [], precision=0.97, precision_low=0.95, precision_high=0.98, coverage=1.0, base=0.97, trail=np.array([]))


def no_rule() -> Explanation:
    """Nothing reached the threshold."""
    found = {"precision": 0.88, "precision_low": 0.85, "precision_high": 0.91, "trail": np.array([0.8, 0.88])}
    return person_rule(**found, status="not_found", reason="all 8 variables were tried")


def long_rule() -> Explanation:
    words = tuple(dict.fromkeys(re.findall(r"\w+", REVIEW)))
    return review_rule(words[:14])


def nasty_rule() -> Explanation:
    """Markup, control characters, a lone surrogate, a name of 10,000 letters and impossible places, everywhere they can be."""
    long = "W" * 10_000
    made = rule(
        [Condition(NASTY, "present"), Condition(long, "=="), Condition("a", "in", [NASTY, long, None]), Condition("b", ">", NASTY)],
        [NASTY, long, NASTY, "b"],
        covers=NASTY,
        threshold=1e9,
        trail=np.array([-5.0, 7.0]),
        holds=[answered(f"{NASTY} {long}"), Example({NASTY: NASTY}, np.array([])), Example({"": None}, np.array([0.1] * 9))],
        breaks=[answered(NASTY)],
        spans=[[[0, len(NASTY)]], [[0, 10**9], [4, 2]], [[2, 5]], []],
        positions=[[0, 10**9], [], [], []],
    )
    fields: dict[str, Any] = {"task": NASTY, "model_name": NASTY, "method": NASTY, "params": {NASTY: NASTY}, "caveats": [NASTY]}
    return explanation(
        made, f"{NASTY} good {long}", class_names=[NASTY, long], quality=[], status="partial", reason=NASTY, **fields
    )  # fmt: skip
