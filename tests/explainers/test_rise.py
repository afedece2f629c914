"""RISE: planted truths, what a linear model must give, seeds, limits and bad input."""

import numpy as np
import pytest
from PIL import Image

import explainers
from explainers import rise
from explainers.explanation import Explanation
from explainers.maps.soft_masks import SoftMasks
from tests.fixtures import toys


@pytest.fixture(scope="module")
def found():
    return explainers.explain("rise", toys.picture_task(), toys.red_square(), baseline="black")


def test_a_red_square_stands_out(found):
    values = found.payload.map
    y, x = np.unravel_index(values.argmax(), values.shape)
    assert 6 <= y < 18
    assert 6 <= x < 18
    assert values[6:18, 6:18].mean() > 5 * np.abs(values[24:]).mean()
    assert found.payload.baseline == "a black picture"


def test_256_masks_do_and_are_all_that_is_asked(found):
    assert found.cost.calls_asked == 257 == explainers.forecast("rise", toys.picture_task(), toys.red_square()).calls
    assert found.payload.samples == 256
    assert found.payload.unit == "probability"


def brightness(pictures):
    """P(class 1) = brightness of the left half less half that of the right: linear in the mask."""
    means = np.array([(np.asarray(p)[:, :24].mean() - 0.5 * np.asarray(p)[:, 24:].mean()) / 255 for p in pictures])
    return toys.two_classes(0.5 + 0.4 * means)


@pytest.fixture(scope="module")
def white():
    task = toys.picture_task(brightness, data=[Image.new("RGB", (48, 48), "white")])
    return explainers.explain("rise", task, task.instances()[0], target=1, baseline="black", masks=512)


def test_a_linear_model_is_told_with_its_signs_and_sums_to_its_effect(white):
    values = white.payload.map
    assert (values[:, :18] > 0).all()
    assert (values[:, 30:] < 0).all()
    assert values[:, :24].sum() == pytest.approx(0.4, rel=0.15)  # the halves run into each other near the middle
    assert values.sum() == pytest.approx(0.2, rel=0.15)


def test_it_is_even_where_the_model_is_even(white):
    rows = white.payload.map[:, :24].mean(axis=1)
    assert rows.max() < 1.3 * np.median(rows)


def test_intervals_hold_what_a_long_run_says():
    task = toys.picture_task()
    long = explainers.explain("rise", task, toys.red_square(), baseline="black", masks=3_000, seed=99).payload
    truth = dict(zip(long.features, long.values, strict=True))
    inside = []
    for seed in range(4):
        payload = explainers.explain("rise", task, toys.red_square(), baseline="black", masks=128, seed=seed).payload
        inside += [
            low <= truth[feature] <= high
            for feature, low, high in zip(payload.features, payload.low, payload.high, strict=True)
            if abs(truth[feature]) > 0.01
        ]
    assert np.mean(inside) > 0.85


def test_a_model_that_says_always_the_same_gets_zeros():
    task = toys.picture_task(lambda pictures: np.tile([0.3, 0.7], (len(pictures), 1)))
    payload = explainers.explain("rise", task, toys.red_square()).payload
    assert np.abs(payload.map).max() < 1e-12
    assert np.abs(payload.high).max() < 1e-9


def test_it_finds_the_square_with_another_share_and_grid():
    payload = explainers.explain("rise", toys.picture_task(), toys.red_square(), baseline="black", share=0.3, cells=5).payload
    assert payload.map[6:18, 6:18].mean() > 3 * np.abs(payload.map[24:]).mean()


def test_seeds_files_and_updates():
    task = toys.picture_task()
    shown = []
    one = explainers.explain("rise", task, toys.red_square(), masks=128, on_update=shown.append)
    same = explainers.explain("rise", task, toys.red_square(), masks=128)
    other = explainers.explain("rise", task, toys.red_square(), masks=128, seed=1)
    assert one.digest == same.digest != other.digest
    assert Explanation.from_json(one.to_json()) == one
    assert [e.payload.samples for e in shown] == [64]
    assert np.corrcoef(one.payload.map.ravel(), other.payload.map.ravel())[0, 1] > 0.8


def test_a_limit_leaves_a_coarser_map():
    task = toys.picture_task()
    part = explainers.explain("rise", task, toys.red_square(), baseline="black", max_calls=100)
    assert (part.status, part.reason, part.payload.samples) == ("partial", "max_calls", 99)
    assert part.payload.map[6:18, 6:18].mean() > 2 * np.abs(part.payload.map[24:]).mean()
    few = explainers.explain("rise", task, toys.red_square(), max_calls=3)
    assert not few.payload.map.any()
    assert any("Too few" in caveat for caveat in few.caveats)


def test_copies_are_written_out_a_few_at_a_time():
    rng = np.random.default_rng(0)
    masks = SoftMasks.draw(64, 7, 0.5, rng)
    copies = rise.MaskedPictures(toys.red_square(), Image.new("RGB", (48, 48)), (8, 8, 40, 40), masks)
    few = copies[2:4]
    assert len(few) == 2
    original = np.asarray(toys.red_square()).astype(int)
    first, second = (np.asarray(p).astype(int) for p in few)
    assert (first[:8] == original[:8]).all()  # outside what the model sees nothing is masked
    assert np.abs(first + second - original)[8:40, 8:40].max() <= 1  # a pair: what one shows, the other hides


def test_it_is_for_pictures():
    assert "picture" in toys.sentence(ValueError(rise.fits(toys.text_task())))
    with pytest.raises(ValueError, match="masks places"):
        explainers.explain("rise", toys.table_task(), toys.PERSON)


@pytest.mark.parametrize(("params", "word"), [({"masks": 3}, "masks"), ({"cells": 1}, "cells"), ({"share": 1.0}, "share")])
def test_bad_input_is_refused_in_words(params, word):
    with pytest.raises(ValueError, match=word) as problem:
        explainers.explain("rise", toys.picture_task(), toys.red_square(), **params)
    assert toys.sentence(problem.value)
