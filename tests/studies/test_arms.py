"""What an arm shows of an item explains the answer that people are told."""

from __future__ import annotations

import numpy as np
import pytest

import explainers
from explainers import Composite, Explanation, Prototypes
from explainers.explanation import Prototype
from studies.arms import Arms, Failed
from studies.pool import pool
from studies.workfiles import Work
from tests.fixtures.study_tasks import small, table_study


def beside(task, one, evidence) -> Explanation:
    """By a prototype network beside the model, whose evidence for each class is given."""
    row = task.instances("test")[one.row]
    payload = Prototypes([Prototype(row, 0, 0.5, 0)], True, "the network", evidence=np.array(evidence))
    return Explanation(
        "prototypes", {}, 0, task.name, "tabular", task.class_names, row, explainers.instance_sha256(row), one.output, np.array(one.proba),
        task.model_name, task.model.fingerprint, payload,
    )  # fmt: skip


@pytest.mark.parametrize("inside", [False, True])
def test_an_explanation_of_another_model_that_answers_otherwise_is_none(tmp_path, monkeypatch, inside):
    task = table_study(60)
    one = pool(task).candidates[0]
    arms = Arms(task, small(task), Work(tmp_path))

    def said(evidence):
        e = beside(task, one, evidence)
        whole = Explanation(**{**e.__dict__, "method": "composite", "payload": Composite([e])}) if inside else e
        monkeypatch.setattr(Arms, "_explain", lambda *_: {"json": whole.to_json()})
        arms.work = Work(tmp_path / f"{evidence}")
        return arms.artifact("random", one, task.instances("test")[one.row])

    agrees = [0.1, 0.1]
    agrees[one.output] = 0.9
    assert said(agrees).target == one.output
    with pytest.raises(Failed, match="its network answers otherwise"):
        said(agrees[::-1])
