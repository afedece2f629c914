"""The random map: it looks as maps do, differs by seed, and asks the model once."""

import numpy as np
import pytest

import explainers
from explainers.explanation import Explanation
from tests.fixtures import toys


@pytest.fixture(scope="module", params=["text", "tabular", "image"])
def task(request):
    return {"text": toys.text_task, "tabular": toys.table_task, "image": toys.picture_task}[request.param]()


def test_it_differs_by_seed_only_and_costs_one_call(task):
    one, same, other = (explainers.explain("random", task, task.instances()[0], seed=s) for s in (0, 0, 1))
    assert one.digest == same.digest
    assert not np.array_equal(one.payload.values, other.payload.values)
    assert one.cost.calls_asked == 1


def test_it_survives_the_file(task):
    e = explainers.explain("random", task, task.instances()[0])
    assert Explanation.from_json(e.to_json()) == e


def test_a_map_over_pixels_is_told_by_its_sums_over_areas():
    task = toys.picture_task()
    payload = explainers.explain("random", task, task.instances()[0]).payload
    assert payload.per_pixel
    for feature, value in zip(payload.features, payload.values, strict=True):
        assert value == pytest.approx(payload.map[payload.segments == int(feature.split()[1])].sum())
