"""Occlusion: planted truths by eye, linear cases by hand, captum's own answers, limits and bad input."""

import threading

import numpy as np
import pytest
import torch

import explainers
from explainers import occlusion
from explainers.explanation import Explanation
from explainers.maps import baselines
from tests.fixtures import toys


def by_name(payload):
    return dict(zip(payload.names, payload.values, strict=True))


def test_a_red_square_stands_out_and_the_rest_counts_for_nothing():
    task = toys.picture_task()
    payload = explainers.explain("occlusion", task, toys.red_square(), window=10, baseline="black").payload
    square = np.zeros((48, 48), dtype=bool)
    square[6:18, 6:18] = True
    assert square[np.unravel_index(payload.map.argmax(), payload.map.shape)]
    far = np.ones((48, 48), dtype=bool)
    far[:24, :24] = False
    assert np.abs(payload.map[far]).max() == 0
    assert payload.per_pixel
    assert payload.baseline == "a black picture"
    assert payload.effect is None


def test_pixels_hold_the_mean_of_their_windows_spread_evenly():
    """Four windows without overlap: the quarter with the red square has all of the drop, an area of that size sums to it."""
    task = toys.picture_task()
    payload = explainers.explain("occlusion", task, toys.red_square(), window=50, stride=50, baseline="black").payload
    drop = toys.redness([toys.red_square()])[0, 1] - 0.1
    assert payload.map[:24, :24].sum() == pytest.approx(drop)
    assert np.ptp(payload.map[:24, :24]) == pytest.approx(0)
    assert np.abs(payload.map[24:]).max() == 0


class Network(torch.nn.Module):
    """Small and curved, on pictures of 24 pixels."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(3)
        self.conv = torch.nn.Conv2d(3, 4, 5, stride=2)
        self.line = torch.nn.Linear(4 * 10 * 10, 2)

    def forward(self, x):
        return self.line(torch.relu(self.conv(x)).flatten(1)).softmax(-1)


@pytest.mark.parametrize(("window", "stride"), [(25, 25), (25, 12), (33, 25), (21, 4)])
def test_it_agrees_with_captum_called_directly(window, stride):
    from captum.attr import Occlusion

    network = Network().eval()
    picture = np.random.default_rng(0).integers(0, 256, (24, 24, 3)).astype(np.uint8)

    def tensor(pictures):
        return torch.from_numpy(np.stack([np.asarray(p) for p in pictures])).permute(0, 3, 1, 2).float() / 255

    def predict(pictures):
        with torch.no_grad():
            return network(tensor(pictures)).double().numpy()

    from PIL import Image

    task = toys.picture_task(predict, data=[Image.fromarray(picture)])
    e = explainers.explain("occlusion", task, task.instances()[0], target=1, window=window, stride=stride, baseline="black")
    side, step = round(24 * window / 100), round(24 * stride / 100)
    theirs = Occlusion(network).attribute(tensor([picture]), (3, side, side), (3, step, step), target=1)[0].mean(0).detach().numpy()
    assert np.abs(e.payload.map * side**2 - theirs).max() < 1e-5


def test_every_pixel_is_covered_within_200_calls_by_default():
    params = occlusion.ImageParams()
    for box in ((0, 0, 224, 224), (16, 16, 240, 240), (0, 0, 300, 40), (0, 0, 1, 1), (0, 0, 7, 5)):
        windows = occlusion.Windows.over(box, params)
        assert len(windows.boxes) <= 196
        values, covered = windows.mean(box, np.arange(len(windows.boxes)), np.ones(len(windows.boxes)))
        assert covered == 1
        assert values * windows.side**2 == pytest.approx(np.ones_like(values))


def test_words_get_what_their_absence_costs():
    e = explainers.explain("occlusion", toys.text_task(), toys.SENTENCE, target=1)
    values = by_name(e.payload)
    assert values["great"] == pytest.approx(0.3)
    assert values["dull"] == pytest.approx(-0.2)
    assert values["cast"] == pytest.approx(0)
    assert e.payload.names[0] == "great"
    assert e.cost.calls_asked <= 10


def test_each_of_two_copies_of_a_word_stands_in_for_the_other():
    e = explainers.explain("occlusion", toys.text_task(), "great great plot", target=1)
    assert by_name(e.payload) == pytest.approx({"plot": 0.05, "great (1st)": 0, "great (2nd)": 0})


def test_replaced_words_are_seen_by_the_model():
    seen = toys.Recorder(toys.words_model(toys.WORD_WEIGHTS))
    payload = explainers.explain("occlusion", toys.text_task(seen), "great plot", covered="replaced", stand_in="thing").payload
    assert {text for batch in seen.batches for text in batch} == {"great plot", "thing plot", "great thing"}
    assert "thing" in payload.baseline


def test_windows_of_words_share_their_drop():
    """Windows (great plot), (plot is), (is dull): great has half of 0.35, plot the mean of halves of 0.35 and 0.05."""
    values = by_name(explainers.explain("occlusion", toys.text_task(), "great plot is dull", target=1, window=2).payload)
    assert values == pytest.approx({"great": 0.175, "plot": 0.1, "is": (0.025 - 0.1) / 2, "dull": -0.1})


def test_a_long_text_is_covered_by_larger_windows():
    text = " ".join(f"w{i}" for i in range(600)) + " great"
    e = explainers.explain("occlusion", toys.text_task(), text, target=1)
    assert e.cost.calls_asked <= 200
    assert by_name(e.payload)["great"] == max(e.payload.values) > 0
    assert any("4 neighbouring words" in caveat for caveat in e.caveats)


def test_a_column_that_the_model_never_reads_gets_nothing():
    e = explainers.explain("occlusion", toys.table_task(), toys.PERSON, target=1)
    values = dict(zip(e.payload.features, e.payload.values, strict=True))
    assert values["gain"] == values["height"] == values["size"] == 0
    assert values["age"] > 0 < values["job"]
    assert e.cost.calls_asked <= 49


def test_columns_against_one_row_are_told_exactly():
    """The average row is younger than 50, a clerk and no member."""
    task = toys.table_task()
    average = baselines.row_baseline(task, toys.PERSON, "average row", np.random.default_rng(0))
    assert average["age"] > 50, "the toy table has changed"
    person = {**toys.PERSON, "member": True}
    e = explainers.explain("occlusion", task, person, target=1, baseline="average row")
    values = dict(zip(e.payload.features, e.payload.values, strict=True))
    assert values["job"] == pytest.approx(0.2)
    assert values["age"] == pytest.approx(0)
    assert e.payload.low is None


def test_several_rows_are_averaged_with_an_interval_that_holds_the_mean_over_all_rows():
    """In 95 of 100 draws it should; here in at least 85, and it is no wider than it must be."""
    task, truth, inside, wide = toys.table_task(), 0.3 * (toys.people()["age"] <= 50).mean(), [], []
    for seed in range(40):
        payload = explainers.explain("occlusion", task, toys.PERSON, target=1, rows=20, seed=seed).payload
        at = payload.features.index("age")
        inside.append(payload.low[at] < truth < payload.high[at])
        wide.append(payload.high[at] - payload.low[at])
    assert np.mean(inside) > 0.85
    assert np.mean(wide) == pytest.approx(2 * 2.09 * 0.15 / np.sqrt(20), rel=0.1)  # 0 or 0.3, about half of the time each


def test_log_odds_are_measured_where_they_are_asked_for():
    e = explainers.explain("occlusion", toys.text_task(), "great plot", target=1, output="log odds")
    logit = lambda p: np.log(p / (1 - p))  # noqa: E731
    assert by_name(e.payload)["great"] == pytest.approx(logit(0.85) - logit(0.55))
    assert e.payload.unit == "log odds"


@pytest.mark.parametrize("make", [toys.picture_task, toys.text_task, toys.table_task])
def test_seeds_files_and_limits(make):
    task = make()
    instance = task.instances()[0]
    one, same = (explainers.explain("occlusion", task, instance, seed=1) for _ in range(2))
    assert one.digest == same.digest
    assert Explanation.from_json(one.to_json()) == one
    assert explainers.forecast("occlusion", task, instance, seed=1).calls == one.cost.calls_asked
    part = explainers.explain("occlusion", task, instance, seed=1, max_calls=4)
    assert (part.status, part.reason, part.cost.calls_asked) == ("partial", "max_calls", 4)
    assert len(part.caveats) > len(one.caveats)  # it says what was not reached
    cancel = threading.Event()
    cancel.set()
    nothing = explainers.explain("occlusion", task, instance, cancel=cancel)
    assert (nothing.status, nothing.reason) == ("partial", "cancelled")
    assert not nothing.payload.values.any()


def test_a_picture_left_half_way_has_been_covered_everywhere_a_little():
    task = toys.picture_task()
    part = explainers.explain("occlusion", task, toys.red_square(), max_calls=100, baseline="black")
    assert part.payload.map[6:18, 6:18].mean() > 5 * part.payload.map[24:].mean()


def test_provisional_maps_and_progress_are_shown():
    shown, fractions = [], []
    task = toys.picture_task()
    explainers.explain("occlusion", task, toys.red_square(), on_update=shown.append, on_progress=lambda done, left: fractions.append(done))
    assert [e.status for e in shown] == ["partial"] * len(shown)
    assert len(shown) >= 3
    assert fractions == sorted(fractions)
    assert fractions[-1] == pytest.approx(1)


@pytest.mark.parametrize(
    ("make", "params", "word"),
    [
        (toys.picture_task, {"window": 0}, "window"),
        (toys.picture_task, {"window": 10, "stride": 20}, "step"),
        (toys.picture_task, {"baseline": "purple"}, "baseline"),
        (toys.text_task, {"covered": "hidden"}, "covered"),
        (toys.table_task, {"rows": 1}, "rows"),
        (toys.text_task, {"output": "logits"}, "output"),
    ],
)
def test_bad_input_is_refused_in_words(make, params, word):
    task = make()
    with pytest.raises(ValueError, match=word) as problem:
        explainers.explain("occlusion", task, task.instances()[0], **params)
    assert toys.sentence(problem.value)


def test_another_picture_needs_one():
    with pytest.raises(ValueError, match="no other picture") as problem:
        explainers.explain("occlusion", toys.picture_task(), toys.red_square(), baseline="another picture")
    assert toys.sentence(problem.value)


@pytest.mark.parametrize(("way", "signed"), [("mean", True), ("squared", False), ("variance", False)])
def test_smoothing_is_over_the_maps_of_noisy_copies(way, signed):
    """By hand: the noisy copies are drawn as stated, each is explained for itself."""
    task, given = toys.picture_task(), {"window": 50, "stride": 50, "baseline": "black"}
    e = explainers.explain("occlusion", task, toys.red_square(), smooth=way, copies=3, noise=0.1, seed=4, **given)
    params = occlusion.ImageParams(copies=3, noise=0.1)
    maps = np.stack([explainers.explain("occlusion", task, one, target=e.target, **given).payload.map
                     for one in occlusion._noisy(toys.red_square(), params, 4)])  # fmt: skip
    expected = {"mean": maps.mean(0), "squared": (maps**2).mean(0), "variance": maps.var(0)}[way]
    np.testing.assert_allclose(e.payload.map, expected, atol=1e-9)
    assert (e.payload.signed, e.status, e.payload.samples) == (signed, "complete", 3 * 4)
    assert e.cost.calls_asked <= explainers.forecast("occlusion", task, toys.red_square(), smooth=way, copies=3, **given).calls


def test_a_limit_keeps_the_noisy_copies_that_were_done():
    task, given = toys.picture_task(), {"window": 50, "stride": 50, "smooth": "mean", "noise": 0.1}
    e = explainers.explain("occlusion", task, toys.red_square(), copies=6, max_calls=1 + 2 * 5 + 2, **given)
    two = explainers.explain("occlusion", task, toys.red_square(), copies=2, **given)
    assert e.status == "partial"
    assert any("2 of 6 noisy copies" in said for said in e.caveats)
    np.testing.assert_allclose(e.payload.map, two.payload.map)
