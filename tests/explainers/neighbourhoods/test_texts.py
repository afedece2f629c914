"""Copies of a text: where sampling may stop, where it looks next, and that looking there leaves the estimand alone."""

from __future__ import annotations

import numpy as np
import pytest

from explainers import explain, stand_in, surrogate
from explainers.engine import CACHE
from explainers.neighbourhoods import Neighbourhood, designs, texts
from explainers.parts import WORDS
from tests.fixtures.toys import text_task, two_classes

D = 11
TEXT = " ".join(f"w{i}" for i in range(D))


def answers(x: np.ndarray) -> np.ndarray:
    """Sure of itself but where w0 stays and w1 goes; there it depends on a wave that is hard to learn."""
    score = 6 * x[:, 0] - 5 * x[:, 1] + 1.5 * np.sin(9 * x @ np.linspace(0.3, 1, D)) - 2
    return 1 / (1 + np.exp(-score))


def model(batch: list[str]) -> np.ndarray:
    return two_classes(answers(np.array([[f"w{i}" in text.split() for i in range(D)] for text in batch], dtype=float)))


def drawn(seed: int = 0, n: int = 400, settle: bool = True) -> Neighbourhood:
    return texts.draw(text_task(model, [TEXT]), TEXT, n, np.random.default_rng(seed), WORDS, "", None, settle)


def test_checks_grow_and_leave_enough_for_the_words():
    assert texts.checks(5000, 20)[0] == texts.FIRST_CHECK
    assert texts.checks(5000, 300)[0] == 1200, "four copies a word"
    assert texts.checks(100, 20) == ()
    found = np.array(texts.checks(5000, 20))
    assert found[-1] < 5000
    assert (np.diff(found) > 0.25 * found[:-1]).all()


def test_steering_changes_only_what_was_not_asked_yet():
    hood = drawn()
    assert hood.steer is not None
    new = hood.steer(lambda keep: 0.01 + keep[:, 0], 128, 166)
    for before, after in ((hood.design, new.design), (hood.distance, new.distance), (hood.factor, new.factor)):
        np.testing.assert_array_equal(before[:128], after[:128])
        np.testing.assert_array_equal(before[166:], after[166:])
        assert not np.array_equal(before[128:166], after[128:166])
    written = {"".join(str(int(f"w{i}" in text.split())) for i in range(D)) for text in new.batch[128:166]}
    assert written == {"".join(str(int(on)) for on in row) for row in new.design[128:166]}


def test_few_words_are_asked_in_full_and_not_steered():
    hood = texts.draw(text_task(model, [TEXT]), "w0 w1 w2", 400, np.random.default_rng(0), WORDS, "", None)
    assert hood.complete
    assert hood.steer is None
    assert hood.checks == ()


def test_steering_leaves_the_estimand_alone():
    """Mean over seeds = the fit on all masks; and it is nearer to it than without steering."""
    every = designs.all_masks(D, np.random.default_rng(0))
    x = texts.with_original(every.keep).astype(float)
    kernel = np.append(1.0, designs.size_kernel(D, texts.KERNEL_WIDTH)[(~every.keep).sum(axis=1) - 1])
    weights = kernel * np.append(1.0, every.factor * 399 / len(every.keep))
    truth = by_column(surrogate.fit(x, answers(x), weights, D, surrogate.ALL))

    def estimates(steered: bool) -> np.ndarray:
        found = []
        for seed in range(40):
            hood = drawn(seed)
            assert hood.pool is not None
            learner, y = stand_in.Learner(hood.pool()), np.empty(0)
            for goal, following in ((128, 200), (200, 300), (300, None)):
                y = np.append(y, answers(hood.design[len(y) : goal]))
                learnt = learner.learn(hood.design[:goal], y, rough=following is not None)
                if steered and following is not None:
                    assert hood.steer is not None
                    hood = hood.steer(learner.miss, goal, following)
            found.append(by_column(surrogate.fit(hood.design[:300], y, hood.fit_weights(300), D, surrogate.ALL, stand_in=learnt)))
        return np.array(found)

    ours, plain = estimates(True), estimates(False)
    assert (np.abs(ours.mean(axis=0) - truth) < 4.5 * ours.std(axis=0) / np.sqrt(40)).all()
    assert np.sqrt(np.mean((ours - truth) ** 2)) < 0.9 * np.sqrt(np.mean((plain - truth) ** 2))


def by_column(fit: surrogate.Fit) -> np.ndarray:
    out = np.zeros(D)
    out[fit.chosen] = fit.coef
    return out


@pytest.mark.parametrize("settle", [True, False])
def test_the_same_again_with_a_cold_and_a_warm_cache(settle):
    task = text_task(model, [TEXT], version="steered")
    CACHE.clear()
    cold, warm = (explain("lime", task, TEXT, num_samples=700, settle=settle).payload for _ in range(2))
    assert cold.features == warm.features
    assert cold.samples == warm.samples
    np.testing.assert_allclose(cold.values, warm.values, atol=1e-5)


def test_learns_early_and_stops_late():
    """Two words decide: their numbers are settled at once, but which word comes third is not."""
    task = text_task(lambda batch: two_classes([0.1 + 0.6 * ("w0" in t.split()) + 0.2 * ("w1" in t.split()) for t in batch]), [TEXT])
    e = explain("lime", task, TEXT, num_features=3)
    assert texts.FIRST_CHECK < texts.LEAST_SETTLED <= e.payload.samples < 500


def test_all_samples_are_drawn_where_it_may_not_settle():
    assert explain("lime", text_task(model, [TEXT]), TEXT, num_samples=700, settle=False).payload.samples == 700
