"""Two random parts of one set do not differ: how often is a difference reported all the same? Aim: at most 5 % of runs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy import stats

import explainers

RUNS, AIM = 200, 0.05
# With a true rate of 5 % a count above this comes up in 1 % of such tests: 200 runs cannot tell 5 % from 6.
MOST = int(stats.binom.ppf(0.99, RUNS, AIM))
PLACES = {"pictures": ("animals", 60), "texts": ("reviews", 80), "tables": ("income", 120)}  # a bundled task, and how many of its items
UNEQUAL = {"pictures": (8, 60), "texts": (10, 200), "tables": (10, 200)}  # items of A, of B


def found(items: list[Any], modality: str, seed: int, first: int | None = None) -> list[str]:
    """first: items of A; None = half of them."""
    order = np.random.default_rng([11, seed]).permutation(len(items))
    first = len(items) // 2 if first is None else first
    a, b = ([items[i] for i in part] for part in (order[:first], order[first:]))
    return [c.description for c in explainers.explain_difference(a, b, modality, seed=seed).payload.found]


@pytest.mark.slow
@pytest.mark.timeout(3000)  # by the clock; its work is minutes
@pytest.mark.parametrize("sizes", ["halves", "unequal"])
@pytest.mark.parametrize("what", PLACES)
def test_random_parts_of_one_set_are_seldom_said_to_differ(what, sizes, capsys):
    name, count = PLACES[what]
    first = count // 2
    if sizes == "unequal":
        first, count = UNEQUAL[what][0], sum(UNEQUAL[what])
    task = explainers.load_task(name)
    test = task.instances("test")
    items = [test[int(i)] for i in np.random.default_rng(11).choice(len(test), count, replace=False)]
    reported = [said for seed in range(RUNS) if (said := found(items, task.modality, seed, first))]
    with capsys.disabled():
        print(
            f"\n{what}: a difference was reported in {len(reported)} of {RUNS} runs on {first} against {count - first} (at most {MOST} "
            "expected at 5 %)"
        )
    assert len(reported) <= MOST, reported
