"""Missing values of pandas' nullable columns: they go to the model as missing, and never as words."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from explainers import Explanation, explain, make_task
from explainers.explanation import plain_instance
from explainers.models.tables import same_value
from explainers.prototypes import shared
from tests.fixtures.toys import two_classes


def missing_task(values, dtype):
    frame = pd.DataFrame({"c": pd.array([*values] * 10, dtype=dtype), "x": np.arange(40.0)})
    return make_task("t", "tabular", lambda rows: two_classes(rows["c"].isna().to_numpy()), frame, class_names=["there", "missing"])


@pytest.mark.parametrize(("values", "dtype"), [(("a", None, "b", None), "string"), ((True, None, False, None), "boolean")])
@pytest.mark.parametrize("method", ["lime", "decision_boundary", "nearest_examples"])
def test_a_missing_value_stays_one(method, values, dtype):
    task = missing_task(values, dtype)
    e = explain(method, task, task.instances("test")[1])
    assert (e.instance, e.predicted) == ({"c": None, "x": 1.0}, 1)
    assert Explanation.from_json(e.to_json()) == e
    again = explain(method, task, e.instance)
    assert (again.predicted, again.digest) == (1, e.digest), "what was shown can be explained anew"
    if method == "decision_boundary":
        assert e.status == "complete"
        assert e.payload.steps[-1].changed in (["c missing → a"], ["c missing → b"], ["c missing → False"], ["c missing → True"])
    if method == "nearest_examples":
        assert [p.shared for p in e.payload.prototypes[:2]] == [["c"], ["c"]]


@pytest.mark.parametrize("missing", [pd.NA, pd.NaT, None, float("nan")])
def test_every_sort_of_missing(missing):
    assert plain_instance({"c": missing}) == {"c": None}
    assert same_value(missing, None)
    assert not same_value(missing, "a")
    assert not same_value("a", missing)
    assert shared({"c": missing, "d": missing}, {"c": pd.NA, "d": 1}) == ["c"]
