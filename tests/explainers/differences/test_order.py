"""The order of descriptions that chance leaves open: what explains another stands before it, no number changes, swapping turns it round."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.differences.order import LIFT, Ranked, ordered
from explainers.differences.statistics import separation, tied
from explainers.differences.taxonomy import Node
from explainers.differences.wording import Wording

SCENE = Node("the background is the sea", "scene", (), np.array([1]))
BLUE = Wording("around blue", 1, "the background is blue")
SIZE = Wording("size", 1, "a large object")


def ranked(test, a, b, cut=0.5):
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    return Ranked(test, cut, a, b, separation(a, b))


def noisy(shift, seed, n=40):
    rng = np.random.default_rng(seed)
    return rng.normal(shift, 1, n), rng.normal(0, 1, n)


def test_a_scene_stands_before_its_colour_where_the_two_cannot_be_told_apart():
    scene, blue = ranked(SCENE, *noisy(1.75, 3)), ranked(BLUE, *noisy(1.6, 1))
    assert blue.found.auroc > scene.found.auroc > blue.found.auroc - LIFT
    assert tied((scene.fit_a, scene.fit_b), (blue.fit_a, blue.fit_b))
    assert ordered([blue, scene], False) == [1, 0]


def test_a_scene_that_separates_surely_worse_stands_behind():
    scene, blue = ranked(SCENE, *noisy(1.2, 0)), ranked(BLUE, *noisy(6, 1))
    assert not tied((scene.fit_a, scene.fit_b), (blue.fit_a, blue.fit_b))
    assert ordered([scene, blue], False) == [1, 0]


def test_nothing_stands_above_what_separates_clearly_better_though_few_items_leave_all_open():
    """A style of half of A, 10 pictures a set, against a forest that nearly all of A has."""
    grainy = ranked(Wording("noise", 1, "noisy", cut=0.5, special=True), [0.9] * 5 + [0.3, 0.1, 0.4, 0.2, 0.1], [0.2, 0.1] * 5)
    forest = ranked(SCENE, [0.9] * 9 + [0.15], [0.1, 0.2] * 5)
    assert tied((grainy.fit_a, grainy.fit_b), (forest.fit_a, forest.fit_b))
    assert forest.found.auroc - grainy.found.auroc > LIFT
    assert ordered([grainy, forest], False) == [1, 0]


def test_a_scene_that_few_of_the_set_have_explains_nothing():
    a, b = noisy(1.4, 3)
    scene, blue = ranked(SCENE, a, b, cut=a.max()), ranked(BLUE, *noisy(1.6, 1))
    assert ordered([blue, scene], False) == [0, 1]


def test_little_light_stands_before_the_black_that_it_makes():
    dark, black = ranked(Wording("brightness", -1, "dark"), *noisy(1.75, 3)), ranked(Wording("object black", 1, "black"), *noisy(1.6, 1))
    assert ordered([black, dark], False) == [1, 0]
    bright = dataclasses.replace(dark, test=Wording("brightness", 1, "bright"))
    assert ordered([black, bright], False) == [0, 1]


def test_what_explains_nothing_stands_by_its_score():
    size, blue = ranked(SIZE, *noisy(1.4, 0)), ranked(BLUE, *noisy(1.6, 1))
    assert ordered([size, blue], False) == [1, 0]


@given(st.lists(st.tuples(st.sampled_from([SCENE, BLUE, SIZE, None]), st.floats(-2, 2), st.integers(0, 50)), min_size=1, max_size=6))
@settings(max_examples=60, deadline=None)
def test_swapping_the_sets_turns_the_order_round(given_):
    """Scores differ, so that no two are equal in everything."""
    several = [ranked(test, *noisy(shift, 100 * i + seed)) for i, (test, shift, seed) in enumerate(given_)]
    if len({round(r.found.auroc, 6) for r in several} | {round(1 - r.found.auroc, 6) for r in several} | {0.5}) < 2 * len(several) + 1:
        return
    there = ordered(several, False)
    back = ordered([r.swapped() for r in several], False)
    assert there == back[::-1]
    assert sorted(there) == list(range(len(several)))


@given(st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_the_order_of_the_items_does_not_matter(seed):
    several = [ranked(SCENE, *noisy(1.2, 0)), ranked(BLUE, *noisy(1.3, 1)), ranked(SIZE, *noisy(-1, 2))]
    rng = np.random.default_rng(seed)
    a, b = rng.permutation(40), rng.permutation(40)
    mixed = [dataclasses.replace(r, fit_a=r.fit_a[a], fit_b=r.fit_b[b]) for r in several]
    assert ordered(mixed, False) == ordered(several, False)


@pytest.mark.parametrize(("shift", "same"), [(0.0, True), (4.0, False)])
def test_two_descriptions_are_tied_where_the_difference_of_their_scores_may_be_chance(shift, same):
    one, other = noisy(0.5, 3), noisy(0.5 + shift, 4)
    assert tied(one, other) is same
    assert tied(other, one) is same
