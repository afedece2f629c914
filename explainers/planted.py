"""A table whose answers follow a known function, so that maps can be held against the truth.

    log odds of "yes" = sum of an effect for each column + one interaction, all written below

Eight columns: numbers, whole numbers, categories; one of them irrelevant, one that only goes along with a relevant one. The exact effects are
the Shapley values of the log odds where absent values come from the training data (the interventional game): for a sum, each column's
effect minus its mean; for the product of two, half of each way in which it can come about.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from .tasks import Task, make_task

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
