"""Prototypes, nearest examples and boundary paths made by hand, small enough to check by eye."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
from PIL import Image

from explainers.explanation import Attribution, BoundaryPath, Explanation, Prototype, Prototypes, Step
from tests.explainers.render.render_examples import ARABIC, NASTY, REVIEW, explanation, text_payload

ADULT = {
    "age": 25,
    "education": "Bachelors",
    "marital status": "Never married",
    "occupation": "Sales",
    "sex": "Male",
    "capital gain": 0,
    "hours per week": 40,
}
INCOME: dict[str, Any] = {
    "task": "income",
    "model_name": "trees",
    "class_names": ["below $50K", "above $50K"],
    "prediction": np.array([0.88, 0.12]),
    "quality": [],
    "caveats": [],
}
SIDE = 40


def picture(colour: tuple[int, int, int], side: int = 2 * SIDE) -> Image.Image:
    return Image.new("RGB", (side, side), colour)


ANIMALS: dict[str, Any] = {"task": "animals", "model_name": "biased", "class_names": ["bird", "mammal"], "quality": [], "caveats": []}

SIMILARITY = "evidence for negative: similarity of its closest prototype, 0 to 1"

# ---- prototypes


def text_prototypes(**changes: Any) -> Explanation:
    """The network agrees: 0.93 like a negative text, 0.41 like a positive one, and one further."""
    importance = text_payload(
        [("dull", 0.06, 0, 0), ("mess", 0.02, 0, 0), ("fun", -0.015, 0, 0)], REVIEW, low=None, high=None, unit=SIMILARITY
    )
    prototypes = [
        Prototype(
            "a dull mess of a movie , wasted on its cast .", 0, 0.93, 17, 0, np.array([0.97, 0.03]), 4, ["dull", "mess", "wasted", "cast"]
        ),
        Prototype("a charming film with real fun in every scene .", 1, 0.41, 812, 1, np.array([0.05, 0.95]), 51, ["charming", "fun"]),
        Prototype("predictable from its first scene .", 0, 0.62, 90, 0, np.array([0.9, 0.1]), 7, ["predictable"]),
    ]
    fields: dict[str, Any] = {
        "prototypes": prototypes,
        "reasoning": True,
        "network": "minilm-prototypes",
        "evidence": np.array([0.93, 0.41]),
        "agreement": np.array([0.94, 0.92, 0.96]),
        "space": "16 features that the prototype network computes",
        "importance": importance,
    }
    payload = Prototypes(**(fields | {k: changes.pop(k) for k in list(changes) if k in fields}))
    return explanation(payload, REVIEW, **({"method": "prototypes", "params": {}, "quality": [], "caveats": []} | changes))


def table_prototypes(**changes: Any) -> Explanation:
    own = Prototype(ADULT | {"age": 23, "hours per week": 38}, 0, 0.88, 5, 0, np.array([0.91, 0.09]), 2, ["education"])
    other = Prototype(ADULT | {"age": 51, "marital status": "Married", "capital gain": 7298}, 1, 0.12, 77, 1, np.array([0.1, 0.9]), 30, [])
    importance = Attribution(["marital status", "age"], ["marital status = Never married", "age = 25"], [0.4, 0.1], SIMILARITY, total=7)
    payload = Prototypes([own, other], True, "trees-prototypes", np.array([0.88, 0.12]), np.array([0.9, 0.88, 0.92]), importance=importance)
    return explanation(payload, ADULT, "tabular", **({"method": "prototypes", "params": {}} | INCOME | changes))


def picture_prototypes(**changes: Any) -> Explanation:
    prototypes = [
        Prototype(picture((40, 120, 60)), 0, 0.81, 3, 0, np.array([0.9, 0.1]), 0),
        Prototype(picture((150, 110, 60)), 1, 0.35, 44, 1, np.array([0.2, 0.8]), 12),
    ]
    payload = Prototypes(prototypes, True, "biased-prototypes", np.array([0.81, 0.35]))
    return explanation(payload, picture((60, 130, 90)), "image", **({"method": "prototypes", "params": {}} | ANIMALS | changes))


def neighbours(**changes: Any) -> Explanation:
    """Five training texts, four of which get the same answer."""
    says = [np.array([0.9, 0.1])] * 4 + [np.array([0.3, 0.7])]
    near = [
        Prototype(f"a dull film , take {i} .", 0 if i < 4 else 1, 0.9 - 0.1 * i, 100 + i, 0 if i < 4 else 1, says[i], None, ["dull"])
        for i in range(5)
    ]
    payload = Prototypes(near, space="what the model's last layer reads")
    return explanation(payload, REVIEW, **({"method": "nearest_examples", "params": {"k": 5}, "quality": [], "caveats": []} | changes))


def nasty_prototypes() -> Explanation:
    """Markup, control characters and 10,000 letters everywhere a string can be; class numbers and sizes that fit nothing."""
    long = "W" * 10_000
    near = [
        Prototype(f"{NASTY} {long}", 0, 7.0, 1, 99, np.array([1.0, 2.0, 3.0]), None, [NASTY, long]),
        Prototype(NASTY, 50, -1.0, 2, None, np.array([]), None, []),
        Prototype({NASTY: NASTY, long: long}, 1, 0.5, 3, 1),
    ]
    importance = text_payload(
        [(NASTY, 0.1, 0, 0)], f"{NASTY} {long}", spans=[[[0, 10**9]]], positions=None, unit=NASTY, low=None, high=None
    )
    payload = Prototypes(near, True, NASTY, np.array([0.1, 0.2, 0.3]), np.array([0.5]), NASTY, importance)
    changes: dict[str, Any] = {
        "method": NASTY,
        "class_names": [NASTY, long],
        "task": NASTY,
        "model_name": long,
        "status": "partial",
        "reason": NASTY,
    }
    return explanation(payload, f"{NASTY} {long}", **changes)


def nasty_table_prototypes() -> Explanation:
    row = {NASTY: NASTY, "W" * 10_000: "V" * 10_000, **{f"column {i}": i for i in range(200)}}
    other = {k: (v if i % 2 else NASTY) for i, (k, v) in enumerate(row.items())}
    near = [Prototype(other, 0, 0.5, 1, 0), Prototype({"another": 1}, 1, 0.4, 2, 1)]
    return explanation(Prototypes(near, space=NASTY), row, "tabular", class_names=[NASTY, "b"], method="nearest_examples")


# ---- boundary paths

ADULT_1 = ADULT | {"hours per week": 55}
ADULT_2 = ADULT_1 | {"education": "Masters"}
TABLE_STEPS = [
    Step(ADULT, [], 1.99, np.array([0.88, 0.12])),
    Step(ADULT_1, ["hours per week 40 → 55"], 0.62, np.array([0.65, 0.35]), ["hours per week"]),
    Step(
        ADULT_2, ["hours per week 40 → 55", "education Bachelors → Masters"], -0.49, np.array([0.38, 0.62]), ["hours per week", "education"]
    ),
]


def path(steps: list[Step], instance: Any, modality: str, changes: dict[str, Any], **payload: Any) -> Explanation:
    fields: dict[str, Any] = {"method": "decision_boundary", "params": {"max_edits": 3}, "quality": [], "caveats": []}
    return explanation(BoundaryPath(steps, **payload), instance, modality, **(fields | changes))


def table_path(**changes: Any) -> Explanation:
    payload = {
        "distance": 2.4,
        "plausibility": 0.4,
        "locked": ["age", "sex"],
        "samples": 10_000,
        "flips": 120,
        "space": "what its trees say",
    }
    return path(TABLE_STEPS, ADULT, "tabular", INCOME | changes, **payload)


def table_approach(**changes: Any) -> Explanation:
    """Nothing over the boundary: only the way toward it."""
    reason = {"status": "not_found", "reason": "no change of up to 3 variables gave another answer"}
    return path(TABLE_STEPS[:2], ADULT, "tabular", INCOME | reason | changes, flipped=False, plausibility=0.02, samples=10_000)


def nothing_nearer(**changes: Any) -> Explanation:
    return path(TABLE_STEPS[:1], ADULT, "tabular", INCOME | {"status": "not_found"} | changes, flipped=False)


def text_path(**changes: Any) -> Explanation:
    one = REVIEW.replace("mess", "success")
    two = one.replace("dull", "bright")
    spans = [[list(m.span()) for m in re.finditer(pattern, text)] for pattern, text in (("success", one), ("bright|success", two))]
    steps = [
        Step(REVIEW, [], 2.44, np.array([0.92, 0.08])),
        Step(one, ["“mess” → “success”"], 0.41, np.array([0.6, 0.4]), ["mess"], spans[0]),
        Step(two, ["“mess” → “success”", "“dull” → “bright”"], -0.85, np.array([0.3, 0.7]), ["mess", "dull"], spans[1]),
    ]
    return path(steps, REVIEW, "text", changes, plausibility=0.31, samples=1000, flips=12)


def picture_path(**changes: Any) -> Explanation:
    """Four squares; square 1 (top right) is replaced, then square 2 (bottom left)."""
    segments = np.kron(np.array([[0, 1], [2, 3]]), np.ones((SIDE, SIDE)))
    own = np.full((2 * SIDE, 2 * SIDE, 3), (60, 130, 90), dtype=np.uint8)
    one, two = own.copy(), own.copy()
    one[segments == 1] = two[segments == 1] = two[segments == 2] = (150, 110, 60)
    shown = [Image.fromarray(pixels) for pixels in (own, one, two)]
    changed = ["part 1 (top right) replaced", "part 2 (bottom left) replaced"]
    steps = [
        Step(shown[0], [], 2.0, np.array([0.88, 0.12])),
        Step(shown[1], changed[:1], 0.9, np.array([0.71, 0.29]), ["part 1"]),
        Step(shown[2], changed, -0.4, np.array([0.4, 0.6]), ["part 1", "part 2"]),
    ]
    return path(
        steps, shown[0], "image", ANIMALS | {"prediction": np.array([0.88, 0.12])} | changes, segments=segments, samples=300, flips=9
    )


def arabic_path() -> Explanation:
    changed = ARABIC.replace("ممل", "رائع")
    start = changed.index("رائع")
    steps = [
        Step(ARABIC, [], 1.0, np.array([0.92, 0.08])),
        Step(changed, ["“ممل” → “رائع”"], -1.0, np.array([0.3, 0.7]), ["ممل"], [[start, start + 4]]),
    ]
    return path(steps, ARABIC, "text", {"class_names": ["سلبي", "إيجابي"]})


def nasty_path() -> Explanation:
    long = "W" * 10_000
    steps = [
        Step(f"{NASTY} {long}", [], 1e9, np.array([0.9, 0.1])),
        Step(f"{NASTY} {long}", [NASTY, long, ""], -1e9, np.array([]), [NASTY], [[0, 3], [2, 10**9], [5, 5]]),
        Step({NASTY: NASTY}, [long, long], 0.0, np.array([1.0, 2.0, 3.0, 4.0]), [long]),
    ]
    changes: dict[str, Any] = {"class_names": [NASTY, long], "task": NASTY, "method": NASTY, "status": "partial", "reason": NASTY}
    return path(steps, f"{NASTY} {long}", "text", changes, locked=[NASTY, long], space=NASTY, distance=1e9, plausibility=0.0)


PROTOTYPES = [
    text_prototypes, table_prototypes, picture_prototypes, neighbours, nasty_prototypes, nasty_table_prototypes,
]  # fmt: skip
PATHS = [table_path, table_approach, nothing_nearer, text_path, picture_path, arabic_path, nasty_path]
