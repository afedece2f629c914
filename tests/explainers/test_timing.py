"""A forecast in seconds before a model was ever timed: what a step with gradients costs, and a range where steps are doubled."""

import numpy as np
import pytest
import torch

import explainers
from explainers.methods import forecast
from tests.fixtures.networks import small, table_of

ROWS = np.array([[1.0, 2.0, -1.0, 0.5], [0.0, 1.0, 0.0, 0.0], [2.0, -2.0, 1.0, 3.0]])
STEP = 0.25  # seconds that a row takes on the clock below


@pytest.fixture
def clock(monkeypatch):
    """A clock that only the network moves."""
    now = [0.0]
    monkeypatch.setattr("explainers.timing.time.perf_counter", lambda: now[0])
    return now


class Slow(torch.nn.Module):
    def __init__(self, clock: list[float], network: torch.nn.Module):
        super().__init__()
        self.network, self.clock = network, [clock]

    def __deepcopy__(self, memo):
        return Slow(self.clock[0], self.network)

    def forward(self, x):
        self.clock[0][0] += STEP * len(x)
        return self.network(x)


@pytest.fixture
def slow(clock):
    return table_of(Slow(clock, small(int(np.random.default_rng().integers(1 << 30)))), ROWS)  # a model never timed before


@pytest.mark.parametrize(
    ("method", "params", "calls"), [("saliency", {}, 2), ("saliency", {"smooth": "mean", "copies": 10}, 11), ("deeplift", {}, 4)]
)
def test_a_method_by_gradients_has_seconds_before_anything_ran(slow, method, params, calls):
    said = forecast(method, slow, slow.instances()[0], **params)
    assert said.calls == calls
    assert said.seconds == pytest.approx(calls * STEP, rel=0.01)


def test_where_steps_are_doubled_both_ends_are_said(slow):
    said = forecast("integrated_gradients", slow, slow.instances()[0], steps=4, most_steps=16)
    assert said.least == (3 + 4, pytest.approx(7 * STEP))
    assert said.most == (3 + 4 + 8 + 16, pytest.approx(31 * STEP))


@pytest.mark.parametrize("params", [{"steps": 4, "most_steps": 4}, {"smooth": "mean", "copies": 2, "steps": 4}])
def test_without_doubling_there_is_one_number(slow, params):
    said = forecast("integrated_gradients", slow, slow.instances()[0], **params)
    assert said.least is None
    assert said.most is None


def test_a_limit_on_calls_holds_for_both_ends(slow):
    said = forecast("integrated_gradients", slow, slow.instances()[0], steps=4, most_steps=16, max_calls=10)
    assert (said.least[0], said.most[0], said.calls) == (7, 10, 10)


@pytest.mark.parametrize("most_steps", [4, 64])
def test_the_range_holds_what_a_run_takes(most_steps):
    task = table_of(small(3), ROWS)
    said = forecast("integrated_gradients", task, task.instances()[0], steps=4, most_steps=most_steps)
    made = explainers.explain("integrated_gradients", task, task.instances()[0], steps=4, most_steps=most_steps).cost.calls_asked
    few, many = (said.calls, said.calls) if said.least is None else (said.least[0], said.most[0])
    assert few <= made <= many


def test_drawn_baselines_are_counted():
    """Sixteen rows of the training data, of which this table has three: no more than that many are asked, no fewer are forecast."""
    task = table_of(small(4), ROWS)
    made = explainers.explain("gradient_shap", task, task.instances()[0], samples=9, background=3).cost.calls_asked
    assert made <= forecast("gradient_shap", task, task.instances()[0], samples=9, background=3).calls == 1 + 9 + 2 + 2


def test_a_slow_model_is_not_made_to_wait_for(monkeypatch, clock):
    monkeypatch.setattr(f"{__name__}.STEP", 20.0)
    task = table_of(Slow(clock, small(9)), ROWS)
    said = forecast("saliency", task, task.instances()[0])
    assert clock[0] == 20.0, "one pass of one row"
    assert said.seconds == pytest.approx(40.0)


def test_a_model_is_timed_once_for_inputs_of_one_size(slow, clock):
    forecast("saliency", slow, slow.instances()[0])
    before = clock[0]
    forecast("saliency", slow, slow.instances()[1])
    assert clock[0] == before


def test_a_text_so_short_that_few_are_asked_is_timed_all_the_same():
    """Its copies are fewer than the engine learns its speed from."""
    task = explainers.load_task("reviews", model="bilstm")
    assert forecast("shap_partition", task, "a dull film").seconds is not None
