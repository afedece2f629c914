"""Explanations made by hand, small enough to check by eye."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from explainers.explanation import Attribution, Cost, Explanation, Score, instance_sha256

REVIEW = "A dull, predictable mess with one charming scene; the cast is wasted and nobody seems to be having any fun."
WORDS = [
    ("dull", 0.214, 0.181, 0.240),
    ("mess", 0.172, 0.140, 0.201),
    ("wasted", 0.118, 0.090, 0.149),
    ("charming", -0.093, -0.121, -0.061),
    ("predictable", 0.071, 0.040, 0.102),
    ("fun", -0.048, -0.079, -0.016),
    ("nobody", 0.031, 0.002, 0.060),
    ("one", -0.012, -0.041, 0.018),
    ("cast", 0.009, -0.020, 0.037),
    ("with", 0.004, -0.027, 0.033),
]
PERSON = {
    "age": 23,
    "workclass": "Private",
    "education": "Bachelors",
    "marital_status": "Never-married",
    "occupation": "Sales",
    "hours_per_week": 20,
    "capital_gain": 0,
    "native_country": "United-States",
}


def explanation(payload: Attribution, instance: Any, modality: str = "text", **changes: Any) -> Explanation:
    fields: dict[str, Any] = {
        "method": "lime",
        "params": {"num_samples": 1000, "num_features": 10, "kernel_width": None},
        "seed": 7,
        "task": "reviews",
        "modality": modality,
        "class_names": ["negative", "positive"],
        "instance": instance,
        "instance_sha256": instance_sha256(instance),
        "target": 0,
        "prediction": np.array([0.92, 0.08]),
        "model_name": "bilstm",
        "model_fingerprint": "3f9a" * 16,
        "payload": payload,
        "quality": [
            Score(
                "local_fit",
                0.84,
                0.81,
                0.87,
                True,
                "How much of the change in the model's answers the straight line follows: 1 is all of it.",
            )
        ],
        "caveats": ["With another seed, 8 of the 10 words would be chosen again."],
        "cost": Cost(1000, 912, 3.2),
    }
    return Explanation(**(fields | changes))


def text_payload(words: list[tuple[str, float, float, float]], instance: str, **changes: Any) -> Attribution:
    tokens = [m.span() for m in re.finditer(r"\w+", instance)]
    where = [[i for i, (a, b) in enumerate(tokens) if instance[a:b] == w[0]] for w in words]
    fields: dict[str, Any] = {
        "features": [w[0] for w in words],
        "names": [w[0] for w in words],
        "values": np.array([w[1] for w in words]),
        "low": np.array([w[2] for w in words]),
        "high": np.array([w[3] for w in words]),
        "unit": "probability",
        "intercept": 0.4,
        "positions": where,
        "spans": [[list(tokens[i]) for i in found] for found in where],
        "total": len(tokens),
        "samples": 1000,
        "local_prediction": 0.95,
    }
    return Attribution(**(fields | changes))


def review(words: list[tuple[str, float, float, float]] | None = None, instance: str = REVIEW, **changes: Any) -> Explanation:
    return explanation(text_payload(WORDS if words is None else words, instance), instance, **changes)


def person(**changes: Any) -> Explanation:
    rows = [
        ("marital_status", "marital_status = Never-married", 0.143, 0.120, 0.166),
        ("age", "17 <= age <= 28", 0.118, 0.095, 0.141),
        ("education", "education = Bachelors", -0.081, -0.105, -0.057),
        ("hours_per_week", "hours_per_week <= 40", 0.064, 0.041, 0.087),
        ("capital_gain", "capital_gain <= 0", 0.048, 0.022, 0.074),
        ("occupation", "occupation = Sales", -0.006, -0.029, 0.017),
    ]
    payload = Attribution(
        features=[r[0] for r in rows],
        names=[r[1] for r in rows],
        values=np.array([r[2] for r in rows]),
        low=np.array([r[3] for r in rows]),
        high=np.array([r[4] for r in rows]),
        unit="probability",
        intercept=0.5,
        total=8,
        samples=5000,
        local_prediction=0.81,
    )
    fields: dict[str, Any] = {
        "task": "income",
        "model_name": "forest",
        "class_names": ["below $50K", "$50K or more"],
        "prediction": np.array([0.88, 0.12]),
    }
    return explanation(payload, PERSON, "tabular", **(fields | changes))


NASTY = "</style><script>alert(1)</script> & \"q\" 'a' ${x} `b` \x00\x07 \ud800 \u202eevil\u202c\nline"


def nasty() -> Explanation:
    """Markup, control characters, a lone surrogate, and a name of 10,000 letters, everywhere a string can be."""
    long = "W" * 10_000
    instance = f"{NASTY} good {long} {NASTY}"
    payload = Attribution(
        features=[NASTY, long, "good", "good"],
        names=[NASTY, long, "good", "good"],
        values=np.array([0.3, 0.2, 0.1, -0.1]),
        low=np.array([0.2, 0.1, -0.1, -0.2]),
        high=np.array([0.4, 0.3, 0.2, -0.01]),
        unit="probability",
        positions=[[0], [1], [2], [3]],
        spans=[[[0, len(NASTY)]], [[len(NASTY) + 6, len(NASTY) + 6 + 10_000]], [], [[0, 10**9], [4, 2]]],
        total=40,
        samples=100,
    )
    return explanation(
        payload,
        instance,
        class_names=[NASTY, long],
        task=NASTY,
        model_name=NASTY,
        method=NASTY,
        params={NASTY: NASTY},
        caveats=[NASTY],
        quality=[Score(NASTY, float("nan"), None, None, True, NASTY)],
        status="partial",
        reason=NASTY,
    )


ARABIC = "فيلم ممل وفوضى كاملة مع مشهد ساحر واحد ولا أحد يستمتع"


def arabic() -> Explanation:
    words = [("ممل", 0.31, 0.28, 0.34), ("وفوضى", 0.2, 0.17, 0.23), ("ساحر", -0.15, -0.18, -0.12), ("مع", 0.01, -0.02, 0.04)]
    return review(words, ARABIC, class_names=["سلبي", "إيجابي"])
