"""The stand-in: it learns, it never judges itself on what it has seen, and a bad one costs sharpness, not truth."""

from __future__ import annotations

import warnings

import numpy as np
import pytest

from explainers import stand_in, surrogate
from explainers.neighbourhoods import designs
from explainers.stand_in import Learner, Pool

D = 12


def masks(n: int, seed: int) -> np.ndarray:
    return np.vstack([np.ones(D), designs.drawn_masks(n - 1, D, np.full(D, 1 / D), np.random.default_rng(seed)).keep]).astype(float)


def pool(n: int = 4000, seed: int = 99) -> Pool:
    return Pool(masks(n, seed), np.full(n, 5000 / n))


def smooth(x: np.ndarray) -> np.ndarray:
    return 1 / (1 + np.exp(-(2 * x[:, 0] - 1.5 * x[:, 1] * x[:, 2] + x[:, 3] * x[:, 4] - 0.5)))


def noise(x: np.ndarray) -> np.ndarray:
    """The same mask gives the same answer, and no mask says anything about another."""
    return np.random.default_rng(0).random(2**D)[(x @ 2 ** np.arange(D)).astype(int)]


def test_learns_what_can_be_learnt():
    x, far = masks(400, 0), pool()
    learnt = Learner(far).learn(x, smooth(x))
    assert np.sqrt(np.mean((learnt.at - smooth(x)) ** 2)) < 0.03
    assert np.sqrt(np.mean((learnt.g - smooth(far.x)) ** 2)) < 0.03
    assert learnt.at[0] == learnt.g[0] == smooth(x[:1])[0]


def test_does_not_judge_itself_on_what_it_has_seen():
    """Answers to masks drawn twice, in pure noise: a stand-in that had seen its own would look perfect."""
    x = np.vstack([masks(300, 0)] + [masks(300, 0)[1:]] * 2)
    y = noise(x)
    at = Learner(pool()).learn(x, y).at
    assert np.corrcoef(at[1:], y[1:])[0, 1] < 0.3


def test_of_noise_costs_no_truth():
    """Mean over 60 samples = the fit on all masks, within what their own errors allow."""
    every = np.vstack([np.ones(D), masks(40_000, 7)[1:]])
    truth = surrogate.fit(every, noise(every), np.full(len(every), 5000 / len(every)), D, "none")
    wanted = np.zeros(D)
    wanted[truth.chosen] = truth.coef
    far, found, errors = pool(), [], []
    for seed in range(60):
        x = masks(200, seed)
        w = np.full(200, 5000 / 200)
        fitted = surrogate.fit(x, noise(x), w, D, "none", stand_in=Learner(far).learn(x, noise(x)))
        values = np.zeros(D)
        values[fitted.chosen] = fitted.coef
        found.append(values)
        errors.append(np.mean(fitted.error**2))
    spread = np.std(found, axis=0)
    assert (np.abs(np.mean(found, axis=0) - wanted) < 4.5 * spread / np.sqrt(60)).all()
    assert 0.85 < np.sqrt(np.mean(errors)) / np.sqrt(np.mean(spread**2)) < 1.3


@pytest.mark.parametrize("selection", surrogate.SELECTIONS)
def test_every_selection_works_with_one(selection):
    x = masks(300, 1)
    fitted = surrogate.fit(x, smooth(x), np.full(300, 5000 / 300), 3, selection, stand_in=Learner(pool()).learn(x, smooth(x)))
    assert 0 in fitted.chosen[:2]
    assert 0 <= fitted.r2_low <= fitted.r2 <= fitted.r2_high <= 1


@pytest.mark.parametrize("answer", [0.0, 0.3, 1.0])
def test_of_a_constant(answer):
    x = masks(150, 1)
    y = np.full(150, answer)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        learnt = Learner(pool()).learn(x, y)
        fitted = surrogate.fit(x, y, np.full(150, 30.0), 3, stand_in=learnt)
    np.testing.assert_allclose(learnt.g, answer, atol=1e-6)
    np.testing.assert_allclose(fitted.coef, 0, atol=1e-6)


def test_the_same_again_and_after_fewer():
    """A learner that has learnt from fewer masks before ends where a fresh one does, up to what a few more masks do to its lengths."""
    x = masks(700, 2)
    used, fresh = Learner(pool()), Learner(pool())
    used.learn(x[:500], smooth(x[:500]))
    np.testing.assert_allclose(used.learn(x, smooth(x)).g, fresh.learn(x, smooth(x)).g, atol=1e-5)


def test_rounding_of_the_models_answers_hardly_matters():
    """float32 models answer a little differently in another batch: the contract allows 1e-5."""
    x = masks(500, 3)
    w = np.full(500, 10.0)
    fits, misses = [], []
    for wobble in (0, 1e-7):
        y = smooth(x) + wobble * np.random.default_rng(0).normal(size=500)
        learner = Learner(pool())
        fits.append(surrogate.fit(x, y, w, 6, stand_in=learner.learn(x, y)))
        misses.append(learner.miss(pool().x))
    assert fits[0].chosen.tolist() == fits[1].chosen.tolist()
    np.testing.assert_allclose(fits[0].coef, fits[1].coef, atol=2e-6)
    np.testing.assert_allclose(misses[0], misses[1], rtol=1e-4)


def test_left_out_is_as_if_never_seen():
    """From one inverse, the same weights as learning anew without the fold."""
    rng = np.random.default_rng(0)
    points, z, fold = rng.normal(size=(40, 3)), rng.normal(size=40), np.arange(40) % stand_in.FOLDS
    gram = np.exp(-np.abs(points[:, None] - points[None]).sum(axis=2)) + 0.1 * np.eye(40)
    alpha, level = stand_in._left_out(stand_in._inverse(gram), z, fold)
    for f in range(stand_in.FOLDS):
        seen = fold != f
        assert level[f] == pytest.approx(z[seen].mean())
        np.testing.assert_allclose(alpha[seen, f], np.linalg.solve(gram[np.ix_(seen, seen)], z[seen] - level[f]), atol=1e-10)
        assert (alpha[~seen, f] == 0).all()


def test_a_quick_look_is_at_part_of_the_pool_and_as_sure_as_all_of_it():
    x, far = masks(300, 1), pool()
    learner = Learner(far)
    quick, whole = learner.learn(x, smooth(x), rough=True), learner.learn(x, smooth(x))
    assert len(quick.g) == len(far.x) / stand_in.ROUGH
    np.testing.assert_array_equal(quick.at, whole.at)
    np.testing.assert_allclose(quick.g, whole.g[: len(quick.g)])
    assert quick.pool.w[1:].sum() == pytest.approx(far.w[1:].sum())
    w = np.full(300, 5000 / 300)
    a, b = (surrogate.fit(x, smooth(x), w, D, "none", stand_in=s) for s in (quick, whole))
    np.testing.assert_allclose(a.error[a.chosen.argsort()], b.error[b.chosen.argsort()], rtol=0.2)


def test_may_miss_most_where_undecided():
    x = masks(200, 1)
    y = 1 / (1 + np.exp(-(8 * x[:, 0] - 8 * x[:, 1])))  # undecided where both stay or both go
    learner = Learner(pool())
    learner.learn(x, y, rough=True)
    miss, undecided = learner.miss(pool().x), pool().x[:, 0] == pool().x[:, 1]
    assert miss[undecided].mean() > 5 * miss[~undecided].mean()
