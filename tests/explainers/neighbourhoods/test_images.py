"""LIME over the parts of a picture: the design, a planted truth, and agreement with the `lime` package."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from explainers import Explanation, explain, forecast, make_task
from explainers.engine import CACHE
from explainers.neighbourhoods import images
from explainers.neighbourhoods.images import fold_over

SIDE = 24


def patches() -> Image.Image:
    """Three by three patches of clearly different colours, each with a bright middle, so that its mean colour changes it."""
    rng = np.random.default_rng(3)
    colours = rng.permutation(np.stack(np.meshgrid([40, 120, 200], [40, 120, 200]), axis=-1).reshape(9, 2))
    picture = np.zeros((3 * SIDE, 3 * SIDE, 3), dtype=np.uint8)
    for i in range(9):
        y, x = SIDE * (i // 3), SIDE * (i % 3)
        picture[y : y + SIDE, x : x + SIDE] = (*colours[i], 90)
        picture[y + 8 : y + 16, x + 8 : x + 16, 2] = 250
    return Image.fromarray(picture)


def seen(picture: Image.Image, i: int) -> float:
    """1 while patch i has its bright middle, near 0 once it shows its mean colour."""
    y, x = SIDE * (i // 3) + 12, SIDE * (i % 3) + 12
    return float((np.asarray(picture)[y, x, 2] - 90.0) / 160)


def middles(picture: Image.Image) -> np.ndarray:
    on = [float(seen(picture, i) > 0.5) for i in range(9)]
    p = 0.2 + 0.4 * on[0] + 0.2 * on[4] - 0.15 * on[8] + 0.1 * on[2] * on[6]
    return np.array([1 - p, p])


def planted(**changes):
    options = {"class_names": ["no", "yes"], "version": "1", **changes}
    function = options.pop("predict_proba", lambda batch: np.stack([middles(p) for p in batch]))
    return make_task("patches", "image", function, [patches(), Image.new("RGB", (72, 72), "white")], **options)


def at(e: Explanation, i: int) -> float:
    """The number of the part that holds patch i's middle."""
    return float(e.payload.map[SIDE * (i // 3) + 12, SIDE * (i % 3) + 12])


class TestDesign:
    @settings(max_examples=60, deadline=None)
    @given(n=st.integers(0, 600), d=st.integers(1, 90), seed=st.integers(0, 5))
    def test_shape_and_pairs(self, n: int, d: int, seed: int):
        keep = fold_over(n, d, np.random.default_rng(seed))
        assert keep.shape == (n, d)
        even = n - n % 2
        assert (keep[0:even:2] == ~keep[1:even:2]).all()

    @pytest.mark.parametrize("d", [5, 17, 60])
    def test_a_whole_block_is_orthogonal(self, d: int):
        block = 2 * (1 << d.bit_length())
        signs = 2.0 * fold_over(block, d, np.random.default_rng(0)) - 1
        assert np.array_equal(signs.T @ signs, block * np.eye(d))

    def test_a_single_row_is_independent_fair_coins(self):
        rows = np.stack([fold_over(4, 6, np.random.default_rng(s))[2] for s in range(4000)]).astype(float)
        assert np.abs(rows.mean(axis=0) - 0.5).max() < 0.035
        assert np.abs(np.corrcoef(rows.T) - np.eye(6)).max() < 0.07

    def test_other_seeds_draw_others(self):
        assert not np.array_equal(fold_over(64, 20, np.random.default_rng(0)), fold_over(64, 20, np.random.default_rng(1)))

    def test_stops_at_whole_and_half_blocks(self):
        assert images.checks(1000, 37) == (257, 321, 385, 449, 513, 577, 641, 705, 769, 833, 897, 961), "a block of 37 parts has 128 rows"
        assert images.checks(1000, 300) == (334, 667), "a block would be 1,024"
        assert images.checks(100, 9) == ()


def test_copies_are_written_out_a_few_at_a_time():
    """However fast the model is: 5,000 copies of a large picture would fill the memory."""
    hood = images.draw(planted(), patches(), 400, np.random.default_rng(0), "slic", 9, "mean colour", None)
    assert hood.at_once == images.BYTES_AT_ONCE // (4 * 72 * 72)
    large = images.draw(planted(), patches().resize((2400, 2400)), 400, np.random.default_rng(0), "slic", 9, "mean colour", None)
    assert large.at_once == images.FEWEST_AT_ONCE


@pytest.fixture(scope="module")
def e() -> Explanation:
    return explain("lime", planted(), patches(), segmentation="slic", segments=9, kernel_width=1e3)


class TestPlantedTruth:
    def test_effects_of_single_parts(self, e: Explanation):
        # The pair of patches 2 and 6 adds 0.05 to each, on average over the other.
        for i, truth in ((0, 0.4), (4, 0.2), (8, -0.15), (2, 0.05), (6, 0.05), (1, 0.0)):
            assert at(e, i) == pytest.approx(truth, abs=0.02)

    def test_intervals_hold_the_truth_and_names_say_where(self, e: Explanation):
        strongest = e.payload.names[0]
        assert strongest.endswith("(top left)")
        assert e.payload.low[0] <= e.payload.values[0] <= e.payload.high[0]

    def test_map_segments_and_parts_agree(self, e: Explanation):
        for feature, value in zip(e.payload.features, e.payload.values, strict=True):
            where = e.payload.segments == int(feature.removeprefix("part "))
            assert where.any()
            assert np.allclose(e.payload.map[where], value)
        assert e.payload.map.shape == (72, 72)

    def test_the_file_form_is_equal_and_small(self, e: Explanation):
        back = Explanation.from_json(e.to_json())
        assert back == e
        assert back.digest == e.digest
        assert back.instance.tobytes() == patches().tobytes()

    def test_same_seed_same_numbers_cold_or_warm(self, e: Explanation):
        settings = {"segmentation": "slic", "segments": 9, "num_samples": 200}
        first = explain("lime", planted(), patches(), **settings)
        CACHE.clear()
        again = explain("lime", planted(), patches(), **settings)
        other = explain("lime", planted(), patches(), seed=1, **settings)
        assert again.payload.features == first.payload.features
        assert np.allclose(again.payload.values, first.payload.values, atol=1e-5)
        assert not np.array_equal(other.payload.values, first.payload.values)


@pytest.mark.parametrize("feature_selection", ["auto", "none"])
def test_agrees_with_the_lime_package_within_its_own_spread(feature_selection: str):
    task = planted()
    settings = {"segmentation": "slic", "segments": 9, "num_samples": 200, "feature_selection": feature_selection}
    theirs = np.array([[at(explain("lime_reference", task, patches(), seed=s, **settings), i) for i in range(9)] for s in range(5)])
    ours = np.array([[at(explain("lime", task, patches(), seed=s, **settings), i) for i in range(9)] for s in range(5)])
    spread = theirs.std(axis=0, ddof=1) + 0.002
    assert (np.abs(ours.mean(axis=0) - theirs.mean(axis=0)) < 3 * spread).all()
    assert (ours.std(axis=0, ddof=1) <= 1.5 * spread).all()


def test_the_package_has_no_blur_and_says_so():
    with pytest.raises(ValueError, match="mean colour"):
        explain("lime_reference", planted(), patches(), off="blur")


def test_the_model_gets_whole_rgb_pictures_even_where_it_sees_a_part():
    sizes = set()

    def model(batch: list[Image.Image]) -> np.ndarray:
        sizes.update((p.mode, p.size) for p in batch)
        return np.tile([0.5, 0.5], (len(batch), 1))

    task = planted(predict_proba=model)
    task.model.crop_box = lambda size: (8, 8, 64, 64)
    e = explain("lime", task, patches(), num_samples=60)
    assert sizes == {("RGB", (72, 72))}
    assert (e.payload.map[:8] == 0).all()
    assert (e.payload.segments[:8] == -1).all()


def test_the_forecast_counts_what_will_be_asked():
    settings = {"segmentation": "slic", "segments": 9, "num_samples": 300}
    task = planted(version="forecast")
    assert forecast("lime", task, patches(), **settings).calls >= explain("lime", task, patches(), **settings).cost.calls_asked
