"""Methods by gradients under limits, beside each other, and watched: what was computed is kept, seeds hold, progress ends at 1."""

import threading

import numpy as np
import pytest
import torch

import explainers
from explainers import render
from explainers.explanation import Explanation
from tests.fixtures.networks import small, table_of

ROWS = np.array([[1.0, 2.0, -1.0, 0.5], [0.0, 0.0, 0.0, 0.0], [2.0, -2.0, 1.0, 3.0]])
NOISY = ["saliency", "input_x_gradient", "integrated_gradients", "deeplift", "gradcam"]


@pytest.fixture
def task():
    return table_of(small(0), ROWS)


@pytest.fixture(scope="module")
def animals():
    return explainers.load_task("animals", model="biased")


def values(e: Explanation) -> dict[str, float]:
    return dict(zip(e.payload.features, e.payload.values, strict=True))


class TestACallIsAPassOfOneInput:
    @pytest.mark.parametrize(
        ("name", "calls", "params"),
        [  # the instance is asked for its answer, and passed through with its gradients: a call each
            ("saliency", 2, {}),
            ("saliency", 1 + 5, {"smooth": "mean", "copies": 5}),
            ("integrated_gradients", 1 + 2 + 6, {"steps": 6, "most_steps": 6}),
            ("deeplift", 1 + 2, {}),
            ("gradient_shap", 1 + 2 + 9, {"samples": 9, "baseline": "average row"}),
        ],
    )
    def test_counted(self, task, name, calls, params):
        assert explainers.explain(name, task, task.instances()[0], **params).cost.calls_asked == calls

    @pytest.mark.parametrize("name", ["saliency", "integrated_gradients", "gradient_shap", "deeplift"])
    @pytest.mark.parametrize("most", [1, 2, 3, 5, 20])
    def test_never_more_than_allowed(self, task, name, most):
        e = explainers.explain(name, task, task.instances()[0], max_calls=most)
        assert e.cost.calls_asked <= most
        assert e.status == "complete" or (e.status, e.reason) == ("partial", "max_calls")
        assert Explanation.from_json(e.to_json()) == e


class TestKept:
    def test_gradient_shap_keeps_the_draws_that_were_allowed(self, task):
        given = {"baseline": "average row", "seed": 3}
        few = explainers.explain("gradient_shap", task, task.instances()[0], max_calls=3 + 10, samples=64, **given)
        assert (few.status, few.payload.samples) == ("partial", 10)
        more = explainers.explain("gradient_shap", task, task.instances()[0], samples=64, **given)
        width = [float(np.mean(e.payload.high - e.payload.low)) for e in (few, more)]
        assert width[0] > width[1]

    def test_integrated_gradients_takes_as_many_steps_as_are_allowed(self, task):
        e = explainers.explain("integrated_gradients", task, task.instances()[0], max_calls=3 + 10)
        assert (e.status, e.reason, e.payload.samples) == ("partial", "max_calls", 10)
        whole = explainers.explain("integrated_gradients", task, task.instances()[0], steps=10, most_steps=10)
        assert values(e) == values(whole)

    @pytest.mark.parametrize("way", ["mean", "squared", "variance"])
    def test_noisy_copies_that_were_allowed(self, task, way):
        given = {"smooth": way, "seed": 3}
        cut = explainers.explain("saliency", task, task.instances()[0], copies=16, max_calls=1 + 6, **given)
        whole = explainers.explain("saliency", task, task.instances()[0], copies=6, **given)
        assert (cut.status, cut.reason, cut.payload.samples) == ("partial", "max_calls", 6)
        assert values(cut) == pytest.approx(values(whole))

    @pytest.mark.parametrize("way", ["mean", "squared", "variance"])
    def test_noisy_copies_that_were_done_when_it_was_cancelled(self, animals, way):
        cancel = threading.Event()

        def stop(fraction, left):
            if fraction > 0.4:
                cancel.set()

        picture = animals.instances()[3]
        e = explainers.explain("saliency", animals, picture, smooth=way, copies=8, seed=2, cancel=cancel, on_progress=stop)
        assert (e.status, e.reason, e.payload.samples) == ("partial", "cancelled", 4)
        whole = explainers.explain("saliency", animals, picture, smooth=way, copies=4, seed=2)
        np.testing.assert_allclose(e.payload.map, whole.payload.map, rtol=1e-4, atol=1e-8)

    def test_time_ends_it_with_the_last_finished_round(self, animals):
        finished = threading.Event()
        picture = animals.instances()[3]
        e = explainers.explain(
            "integrated_gradients", animals, picture, steps=2, most_steps=4096, max_seconds=1.5, on_update=lambda e: finished.set()
        )
        if e.status == "complete":  # it adds up before the time is over
            assert e.quality[0].value < 0.02
        else:
            assert e.reason == "max_seconds"
        assert finished.is_set() or e.payload.samples == 2

    @pytest.mark.parametrize(("task", "model"), [("income", "mlp"), ("reviews", "bilstm"), ("animals", "biased")])
    def test_nothing_at_all_is_still_an_artifact(self, task, model):
        task = explainers.load_task(task, model=model)
        e = explainers.explain("saliency", task, task.instances()[3], max_calls=1)
        assert (e.status, e.payload.features) == ("partial", [])
        assert Explanation.from_json(e.to_json()) == e
        assert render.html(e)
        assert render.sentence(e)


class TestSeeds:
    @pytest.mark.parametrize("name", ["gradient_shap", "saliency"])
    def test_two_jobs_side_by_side_draw_their_own(self, task, name):
        given = {"samples": 400} if name == "gradient_shap" else {"smooth": "mean", "copies": 400}
        alone = [explainers.explain(name, task, task.instances()[0], seed=seed, **given) for seed in (0, 1)]
        found: dict[int, Explanation] = {}

        def job(seed: int) -> None:
            np.random.rand()
            torch.rand(1)
            found[seed] = explainers.explain(name, task, task.instances()[0], seed=seed, **given)

        jobs = [threading.Thread(target=job, args=(seed,)) for seed in (0, 1)]
        for one in jobs:
            one.start()
        for one in jobs:
            one.join()
        assert [found[seed].digest for seed in (0, 1)] == [e.digest for e in alone]
        assert values(alone[0]) != values(alone[1])

    def test_without_draws_the_seed_changes_nothing(self, task):
        one, other = (explainers.explain("integrated_gradients", task, task.instances()[0], seed=seed) for seed in (0, 1))
        assert values(one) == values(other)

    def test_intervals_hold_what_many_draws_find(self, task):
        row = task.instances()[0]
        truth = values(explainers.explain("gradient_shap", task, row, samples=2000, baseline="average row", seed=99))
        inside = []
        for seed in range(30):
            p = explainers.explain("gradient_shap", task, row, samples=40, baseline="average row", seed=seed).payload
            inside += [low <= truth[f] <= high for f, low, high in zip(p.features, p.low, p.high, strict=True)]
        assert np.mean(inside) > 0.85  # 95 % asked for; the distribution of 40 draws is not normal


class TestWatched:
    def test_every_round_is_shown_and_progress_rises_to_1(self, task):
        shown: list[Explanation] = []
        heard: list[float] = []
        e = explainers.explain(
            "integrated_gradients", table_of(small(3), ROWS), task.instances()[0], steps=2, most_steps=4096,
            on_update=shown.append, on_progress=lambda fraction, left: heard.append(fraction),
        )  # fmt: skip
        rounds = [s.payload.samples for s in shown]
        assert rounds == [2 * 2**i for i in range(len(rounds))]
        assert all(s.status == "partial" and "do not add up yet" in s.reason for s in shown)
        assert heard == sorted(heard)
        assert heard[-1] == 1
        assert e.payload.samples == 2 * (rounds or [1])[-1]

    @pytest.mark.parametrize("name", NOISY)
    def test_progress_ends_at_1(self, name, animals):
        heard: list[float] = []
        steps = {"steps": 3} if name == "integrated_gradients" else {}
        explainers.explain(
            name,
            animals,
            animals.instances()[3],
            smooth="mean",
            copies=2,
            on_progress=lambda fraction, left: heard.append(fraction),
            **steps,
        )
        assert heard == sorted(heard)
        assert heard[-1] == 1

    def test_the_forecast_counts_the_way_back(self, task):
        row = task.instances()[0]
        explainers.forecast("saliency", task, row)
        one, other = (explainers.forecast(name, task, row, **given) for name, given in (("saliency", {}), ("random", {})))
        assert one.calls == 2
        assert other.calls == 1
        if one.seconds:
            assert one.seconds > 2 * other.seconds


def test_what_is_known_of_a_network_is_looked_up_once(task, monkeypatch):
    explainers.methods(task)
    monkeypatch.setattr(type(task.model), "differentiable", lambda *_: pytest.fail("the network was set up again"))
    explainers.methods(task)
