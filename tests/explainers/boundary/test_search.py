"""The search on a toy where a change is a set of switches, so that everything can be worked out by hand."""

from __future__ import annotations

from itertools import combinations, count, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explainers.boundary.search import Search, margins
from explainers.engine import Asker, Limits
from tests.fixtures.toys import Recorder, cost_model, two_classes

MODELS = count()  # no two models share a name, because answers are cached by it


class Switches:
    """A "text" is the list of switches that are on: "0 2"."""

    noun, largest, attempts, chunk = "switch", 10, 1, 100

    def batch(self, changes):
        return [self.instance(edits) for edits in changes]

    def instance(self, edits):
        return " ".join(str(part) for part, _ in edits) or "none"


def logit_model(logit):
    """Class 1 with log odds `logit(set of switches that are on)`."""

    def f(texts):
        z = np.array([logit({int(word) for word in text.split() if word != "none"}) for text in texts], dtype=float)
        return two_classes(1 / (1 + np.exp(-z)))

    return f


def searching(logit, closeness=None, limits=None, wanted=None):
    recorder = Recorder(logit_model(logit))
    ask = Asker(cost_model(recorder, name=f"search {next(MODELS)}"), limits or Limits())
    none = lambda some: np.zeros(len(some))  # noqa: E731
    search = Search(ask, Switches(), ask(["none"])[0], closeness or none, wanted)
    return search, recorder


def on(*parts):
    return tuple((part, "on") for part in parts)


def every_set(parts, sizes):
    return [on(*some) for size in sizes for some in combinations(range(parts), size)]


class TestMargins:
    def test_by_hand(self):
        proba = np.array([[0.5, 0.3, 0.2], [0.1, 0.6, 0.3]])
        np.testing.assert_allclose(margins(proba, 0), [np.log(5 / 3), np.log(1 / 6)])

    def test_nothing_is_infinite(self):
        assert margins(np.array([[1.0, 0.0]]), 0)[0] == pytest.approx(-np.log(1e-12))


class TestStages:
    def test_ends_with_the_first_stage_that_cannot_be_beaten(self):
        """Switch 3 alone flips: no pair is asked about."""
        search, recorder = searching(lambda s: -1 + 2 * (3 in s))
        search.look(every_set(6, (1, 2, 3)), lambda: None)
        assert search.best == on(3)
        assert recorder.rows == 1 + 6

    def test_goes_on_while_the_latents_leave_room(self):
        """Switch 3 alone flips at distance 1 + 1.5; a pair at 2 + 0.1 is nearer; triples cannot be."""
        far = lambda some: np.array([1.5 if len(edits) == 1 else 0.1 for edits in some])  # noqa: E731
        search, recorder = searching(lambda s: -1 + 2 * (3 in s or s >= {0, 1}), far)
        search.look(every_set(6, (1, 2, 3)), lambda: None)
        assert search.best is not None
        assert len(search.best) == 2
        assert search.distance[search.best] == pytest.approx(2.1)
        assert max(len(edits) for edits in search.known) == 2
        assert recorder.rows == 1 + 6 + 15

    def test_the_nearer_of_equally_many_edits(self):
        search, _ = searching(lambda s: -1 + 2 * bool(s & {2, 4}), lambda some: np.array([0.4 if (2, "on") in e else 0.3 for e in some]))
        search.look(every_set(6, (1,)), lambda: None)
        assert search.best == on(4)

    def test_found_is_told_once(self):
        search, _ = searching(lambda s: -1 + 2 * (len(s) >= 2))
        told = []
        search.look(every_set(4, (1, 2, 3)), lambda: told.append(search.best))
        assert len(told) == 1


class TestCombine:
    def test_strong_single_edits_are_put_together(self):
        """None flips alone, no pair is drawn: the two strongest together do."""
        weights = {0: 0.1, 1: 0.9, 2: 0.2, 3: 0.8}
        search, _ = searching(lambda s: -1.5 + sum(weights[i] for i in s))
        search.look(every_set(4, (1,)), lambda: None)
        assert search.best == on(1, 3)


class TestPrune:
    def test_an_edit_that_is_not_needed_goes(self):
        search, _ = searching(lambda s: -1 + 2 * (1 in s))
        search.answer([on(0, 1, 2)])
        assert search.prune(on(0, 1, 2)) == on(1)

    def test_so_do_many(self):
        search, _ = searching(lambda s: -1.5 + (2 in s) + (7 in s))
        search.answer([on(*range(9))])
        assert search.prune(on(*range(9))) == on(2, 7)

    def test_of_an_approach_too(self):
        """Switch 1 brings the answer nearer, 0 does nothing."""
        search, _ = searching(lambda s: -2 + (1 in s))
        search.answer([on(0, 1)])
        assert search.prune(on(0, 1)) == on(1)


class TestPath:
    def test_the_weakest_first(self):
        weights = {0: 2.0, 1: 0.5, 2: 1.0}
        search, _ = searching(lambda s: -3 + sum(weights[i] for i in s))
        search.answer([on(0, 1, 2)])
        way = search.path(on(0, 1, 2))
        assert way == [(), on(1), on(1, 2), on(0, 1, 2)]
        np.testing.assert_allclose([search.margin(edits) for edits in way], [3, 2.5, 1.5, -0.5], atol=1e-9)

    def test_absolute_change_counts(self):
        """Switch 0 moves the margin by 2 away from the boundary, switch 1 by 1 toward it: 1 comes first."""
        search, _ = searching(lambda s: -1 - 2 * (0 in s) + (1 in s) + 5 * (s >= {0, 1}))
        search.answer([on(0, 1)])
        assert search.path(on(0, 1))[1] == on(1)

    def test_a_limit_leaves_the_last_step(self):
        search, _ = searching(lambda s: -1.5 + len(s), limits=Limits(max_calls=2))
        search.answer([on(0, 1)])
        assert search.path(on(0, 1)) == [(), on(0, 1)]


class TestWay:
    def test_only_what_is_needed(self):
        search, _ = searching(lambda s: -1.5 + (1 in s) + (4 in s))
        search.answer([on(0, 1, 3, 4)])
        assert search.way() == [(), on(1), on(1, 4)]

    def test_to_the_nearest_approach(self):
        search, _ = searching(lambda s: -3 + (1 in s) + 0.5 * (2 in s))
        search.answer([on(0, 1, 2), on(0)])
        assert search.way() == [(), on(2), on(1, 2)]

    def test_a_flip_on_the_way_is_the_goal(self):
        """Five switches flip, and no four of them; but three of them do, which is seen when the steps are asked about."""
        search, _ = searching(lambda s: {0: -1.0, 5: 0.1}.get(len(s), -0.9 + 0.1 * len(s)) if s != {0, 1, 2} else 1.0)
        search.answer([on(0, 1, 2, 3, 4)])
        way = search.way()
        assert search.is_flip(way[-1])
        assert not any(search.is_flip(edits) for edits in way[:-1])


class TestWanted:
    def test_only_the_wanted_class_is_a_flip(self):
        search, _ = searching(lambda s: -1.0, wanted=1)
        assert search.missing[()] == pytest.approx(1.0)


@settings(max_examples=40, deadline=None)
@given(
    weights=st.lists(st.floats(-2, 2), min_size=2, max_size=6),
    bias=st.floats(-3, -0.1),
    pair=st.floats(-2, 2),
)
def test_the_nearest_of_all_and_nothing_superfluous(weights, bias, pair):
    """With every set among the candidates, the flip found has the fewest edits of all flips, and no edit of it can be left out."""
    n = len(weights)
    logit = lambda s: bias + sum(weights[i] for i in s) + pair * (s >= {0, 1})  # noqa: E731
    search, _ = searching(logit)
    search.look(every_set(n, range(1, n + 1)), lambda: None)
    flips = [edits for edits in every_set(n, range(1, n + 1)) if logit({part for part, _ in edits}) > 1e-9]
    if not flips:
        return
    assert search.best is not None
    end = search.prune(search.best)
    assert len(end) == min(len(edits) for edits in flips)
    way = search.path(end)
    assert [len(edits) for edits in way] == list(range(len(end) + 1))
    assert all(set(before) < set(after) for before, after in pairwise(way))
