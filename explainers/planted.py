<<<<<<< HEAD
"""A table whose function is known, so that a map can be held against the truth: who takes up an offer, invented from start to end.

Log odds of "yes", of eight columns of mixed types:

    age        whole number 18 to 80         0.5 (age - 45) / 10
    income     normal(40, 12)                0.8 (income - 40) / 12
    spending   income / 2 + normal(0, 2)     nothing: correlated with income (about 0.95), which alone counts
    visits     whole number 0 to 12          1.2 where it is 4 or more, else 0: a step
    job        clerk, nurse, smith, cook     0.6, 0.2, -0.3, -0.9
    member     true or false                 0.7 where true
    region     north, south, east, west      nothing: irrelevant
    distance   uniform 0 to 10               -0.02 distance^2
    age with member                          0.6 (age - 45) / 10 where member: the one interaction
    intercept                                -1.0

The exact effect of a column is its Shapley value (Shapley 1953) of the log odds, interventional: a column that is absent has the values of the
training rows, all of them, taken together with the other absent columns of the same row (Janzing, Minorics and Bloebaum, "Feature relevance
quantification in explainable AI", AISTATS 2020). Shapley values add up over the terms of a sum, so with g the term of one column alone,
its value is g(x) - mean g; and a term h(a, b) gives to a half of (E h(x_a, B) - E h(A, B)) + (h(x_a, x_b) - E h(A, x_b)), E over the rows.
=======
"""A table whose answers follow a known function, so that maps can be held against the truth.

    log odds of "yes" = sum of an effect for each column + one interaction, all written below

Eight columns: numbers, whole numbers, categories; one of them irrelevant, one that only goes along with a relevant one. The exact effects are
the Shapley values of the log odds where absent values come from the training data (the interventional game): for a sum, each column's
effect minus its mean; for the product of two, half of each way in which it can come about.
>>>>>>> main
"""

from __future__ import annotations

<<<<<<< HEAD
from collections.abc import Mapping
=======
>>>>>>> main
from typing import Any

import numpy as np
import pandas as pd

from .tasks import Task, make_task

<<<<<<< HEAD
CLASS_NAMES = ["no", "yes"]
IRRELEVANT = ("spending", "region")
TRAIN, TEST = 800, 300  # rows
_JOBS = {"clerk": 0.6, "nurse": 0.2, "smith": -0.3, "cook": -0.9}
_REGIONS = ("north", "south", "east", "west")
_INTERCEPT = -1.0


def planted_task(seed: int = 0) -> Task:
    """The task, its rows drawn by `seed`. Its model answers exactly what the function says; labels are drawn by its probabilities."""
    rng = np.random.default_rng(seed)
    train, test = _rows(TRAIN, rng), _rows(TEST, rng)
    labels = (rng.random(TEST) < probabilities(test)[:, 1]).astype(int)
    task = make_task(
        "planted", "tabular", probabilities, test, labels.tolist(), class_names=CLASS_NAMES, train=train, version=f"planted 1, seed {seed}"
    )
    task.known_effects = lambda row, target: known_effects(task, row, target)
    return task


def log_odds(frame: pd.DataFrame) -> np.ndarray:
    """Of "yes", float64 (n,)."""
    member, age = frame["member"].to_numpy(dtype=np.float64), _decades(frame["age"])
    return _INTERCEPT + sum(own(frame[name]) for name, own in _OWN.items()) + _together(age, member)


def probabilities(frame: pd.DataFrame) -> np.ndarray:
    """float64 (n, 2)."""
    yes = 1 / (1 + np.exp(-log_odds(frame)))
    return np.column_stack([1 - yes, yes])


def known_effects(task: Task, instance: Mapping[str, Any], target: int) -> dict[str, float]:
    """Exact Shapley value of every column for a row of a planted task, of the log odds of class `target`, over its training rows.

    They sum to log odds(row) - mean log odds(training rows).
    """
    frame, row = task.instances("train").frame, task.table.frame([task.check(instance)])  # type: ignore[attr-defined]
    effects = dict.fromkeys(frame.columns, 0.0)
    for name, own in _OWN.items():
        effects[name] += float(own(row[name])[0] - own(frame[name]).mean())
    age, ages = _decades(row["age"])[0], _decades(frame["age"])
    member, members = float(row["member"].iloc[0]), frame["member"].to_numpy(dtype=np.float64)
    none, both = _together(ages, members).mean(), _together(age, member)
    with_age, with_member = _together(age, members).mean(), _together(ages, member).mean()
    effects["age"] += float((with_age - none + both - with_member) / 2)
    effects["member"] += float((with_member - none + both - with_age) / 2)
    return {name: effect if target == 1 else -effect for name, effect in effects.items()}


def _decades(age: Any) -> np.ndarray:
    return (np.asarray(age, dtype=np.float64) - 45) / 10


def _together(age: Any, member: Any) -> Any:
    return 0.6 * age * member


# The terms of one column alone: a column of values -> float64 (n,).
_OWN: Mapping[str, Any] = {
    "age": lambda values: 0.5 * _decades(values),
    "income": lambda values: 0.8 * (np.asarray(values, dtype=np.float64) - 40) / 12,
    "visits": lambda values: 1.2 * (np.asarray(values) >= 4),
    "job": lambda values: np.array([_JOBS[value] for value in values]),
    "member": lambda values: 0.7 * np.asarray(values, dtype=np.float64),
    "distance": lambda values: -0.02 * np.asarray(values, dtype=np.float64) ** 2,
}


def _rows(n: int, rng: np.random.Generator) -> pd.DataFrame:
    income = rng.normal(40, 12, n).round(1)
    return pd.DataFrame(
        {
            "age": rng.integers(18, 81, n),
            "income": income,
            "spending": (income / 2 + rng.normal(0, 2, n)).round(1),
            "visits": rng.integers(0, 13, n),
            "job": rng.choice(list(_JOBS), n, p=[0.4, 0.3, 0.2, 0.1]),
            "member": rng.random(n) < 0.4,
            "region": rng.choice(_REGIONS, n),
            "distance": rng.uniform(0, 10, n).round(1),
        }
    )
=======
ROWS = 400
COLOUR = {"red": 1.2, "green": 0.0, "blue": -0.8}
OWNER = {"yes": 0.6, "no": -0.6}
COLUMNS = ("size", "weight", "age", "shadow", "colour", "owner", "noise", "rooms")


def planted_task(seed: int = 0) -> Task:
    """The table as a task; `Task.known_effects` knows the truth."""
    train, test = _rows(ROWS, seed), _rows(ROWS // 2, seed + 1)
    labels = (log_odds(test) > 0).astype(int).tolist()
    task = make_task("planted", "tabular", probabilities, test, labels, class_names=["no", "yes"], train=train, version=f"planted {seed}")
    task.known_effects = lambda row, target: known_effects(train, row, target)
    return task


def _rows(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng([7, seed])
    size = rng.normal(0, 1, n)
    return pd.DataFrame({
        "size": size,
        "weight": rng.normal(0, 1, n),
        "age": rng.integers(18, 80, n),
        "shadow": size + rng.normal(0, 0.4, n),  # goes along with size; the function does not read it
        "colour": rng.choice(list(COLOUR), n),
        "owner": rng.choice(list(OWNER), n),
        "noise": rng.normal(0, 1, n),
        "rooms": rng.integers(1, 7, n),
    })  # fmt: skip


def effects(frame: pd.DataFrame) -> pd.DataFrame:
    """What each column adds to the log odds by itself: float, the same rows and columns."""
    zero = np.zeros(len(frame))
    return pd.DataFrame({
        "size": 1.5 * frame["size"].to_numpy(dtype=float),
        "weight": 0.7 * np.abs(frame["weight"].to_numpy(dtype=float)),
        "age": -0.04 * (frame["age"].to_numpy(dtype=float) - 50),
        "shadow": zero,
        "colour": frame["colour"].map(COLOUR).to_numpy(dtype=float),
        "owner": frame["owner"].map(OWNER).to_numpy(dtype=float),
        "noise": zero,
        "rooms": 0.2 * (frame["rooms"].to_numpy(dtype=float) - 3),
    })  # fmt: skip


def pair(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """The two factors whose product is the interaction: of owner and of rooms."""
    return (frame["owner"] == "yes").to_numpy(dtype=float), 0.3 * (frame["rooms"].to_numpy(dtype=float) - 3)


def log_odds(frame: pd.DataFrame) -> np.ndarray:
    """(n,) of "yes"."""
    first, second = pair(frame)
    return effects(frame).sum(axis=1).to_numpy() + first * second


def probabilities(frame: pd.DataFrame) -> np.ndarray:
    """(n, 2)."""
    p = 1 / (1 + np.exp(-log_odds(frame)))
    return np.stack([1 - p, p], axis=1)


def known_effects(train: pd.DataFrame, row: dict[str, Any], target: int) -> dict[str, float]:
    """Exact Shapley value of each column, log odds toward `target`; absent values come from the rows of `train`, those of a row together."""
    own = pd.DataFrame([row])
    alone = effects(own).iloc[0] - effects(train).mean()
    (a,), (b,) = pair(own)
    other_a, other_b = pair(train)
    both = float((other_a * other_b).mean())
    first = ((a * other_b).mean() - both + a * b - (other_a * b).mean()) / 2
    second = ((other_a * b).mean() - both + a * b - (a * other_b).mean()) / 2
    found = {**alone.to_dict(), "owner": alone["owner"] + first, "rooms": alone["rooms"] + second}
    sign = 1.0 if target == 1 else -1.0
    return {name: sign * float(found[name]) for name in COLUMNS}
>>>>>>> main
