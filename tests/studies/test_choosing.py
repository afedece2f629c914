"""What a build chooses where the first choice would not do: changed forms that two items could have, and inputs that are nearly the same."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest

import studies
from explainers.tasks import Task, make_task
from studies.items import COUNTERFACTUAL
from tests.fixtures.study_tasks import small
from tests.fixtures.toys import two_classes


def few_columns() -> Task:
    """Four columns of four values, 120 of the 256 rows there can be: one change leads to what another row's change leads to."""

    def predict(frame: pd.DataFrame) -> np.ndarray:
        return two_classes((0.35 + 0.3 * (frame["a"] == "x") - 0.2 * (frame["b"] == "y") + 0.15 * (frame["c"] == "z")).to_numpy(float))

    every = [dict(zip("abcd", values, strict=True)) for values in itertools.product("xyzw", repeat=4)]
    rng = np.random.default_rng(7)
    frame = pd.DataFrame([every[i] for i in rng.permutation(256)[:120]])
    labels = [int(1 - a if rng.random() < 0.45 else a) for a in predict(frame).argmax(axis=1)]
    return make_task("codes", "tabular", predict, frame, labels, class_names=["no", "yes"], version="7")


@pytest.mark.parametrize("forms", ["same", "crossed"])
def test_no_two_items_have_the_same_changed_form(forms, tmp_path):
    """Also across the two forms of a study."""
    count = 32 if forms == "same" else 16
    design = small(few_columns(), arms=("control",), tests=(COUNTERFACTUAL,), counterfactual=count, learn=4, edits=2, seed=7, forms=forms)
    made = studies.build(design, tmp_path)
    changed = [item.changed_sha256 for item in made.of_set(COUNTERFACTUAL)]
    assert len(set(changed)) == len(changed) == 32
    assert not set(changed) & {item.sha256 for item in made.items}
    assert made.blocked == []
