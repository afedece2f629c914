"""The planted table: its formula for the exact effects against brute force, and what is known of single columns."""

import functools
import itertools
import math

import numpy as np
import pytest

from explainers import explain, predict
from explainers.planted import IRRELEVANT, known_effects, log_odds, planted_task


@pytest.fixture(scope="module")
def task():
    return planted_task()


def brute_force(task, row, players):
    """Shapley values by the definition, over every subset of `players`; the other columns are always the row's."""
    frame = task.instances("train").frame

    @functools.cache
    def value(*present):
        mixed = frame.copy()
        for name in [*present, *(name for name in frame.columns if name not in players)]:
            mixed[name] = [row[name]] * len(frame)
        return log_odds(mixed).mean()

    n, out = len(players), {}
    for player in players:
        others = [other for other in players if other != player]
        out[player] = sum(
            math.factorial(size)
            * math.factorial(n - size - 1)
            / math.factorial(n)
            * (value(*sorted([*some, player])) - value(*sorted(some)))
            for size in range(n)
            for some in itertools.combinations(others, size)
        )
    return out


@pytest.mark.parametrize("at", [0, 7])
def test_the_formula_is_the_definition(task, at):
    row = task.instances()[at]
    exact = known_effects(task, row, 1)
    slow = brute_force(task, row, list(row))
    assert exact == pytest.approx(slow, abs=1e-10)


def test_the_effects_make_up_the_answer(task):
    row = task.instances()[3]
    p = predict(task, [row])[0, 1]
    effects = known_effects(task, row, 1)
    assert sum(effects.values()) == pytest.approx(math.log(p / (1 - p)) - log_odds(task.instances("train").frame).mean())
    assert all(effects[name] == 0 for name in IRRELEVANT)
    assert known_effects(task, row, 0) == {name: -effect for name, effect in effects.items()}


def test_what_the_docstring_says_of_the_columns(task):
    frame = task.instances("train").frame
    assert 0.9 < frame["income"].corr(frame["spending"]) < 0.98
    assert abs(np.mean(task.labels()) - predict(task, task.instances())[:, 1].mean()) < 0.08


def test_a_seed_draws_other_rows_and_the_same_seed_the_same():
    one, same, other = planted_task(1), planted_task(1), planted_task(2)
    assert one.instances()[0] == same.instances()[0] != other.instances()[0]
    assert one.model.fingerprint == same.model.fingerprint != other.model.fingerprint


def test_the_score_reads_the_effects(task):
    e = explain("random", task, task.instances()[0])
    assert set(task.known_effects(e.instance, e.target)) == set(e.payload.features)
