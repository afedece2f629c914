"""LIME: the numbers of the `lime` package."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from lime.lime_tabular import LimeTabularExplainer
from lime.lime_text import LimeTextExplainer
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from explainers import make_task
from explainers.methods import explain
from tests.fixtures.lime_cases import CROOKED, agree, crooked, crooked_task, weights
from tests.fixtures.toys import (
    people,
    people_model,
    table_task,
)


class TestAgainstTheLimePackage:
    """The package is called here directly, not through lime_reference."""

    N, RUNS = 500, 20

    @pytest.mark.parametrize("parts", ["words", "positions"])
    def test_text(self, parts):
        def reference(seed: int) -> dict[str, float]:
            explainer = LimeTextExplainer(random_state=seed, feature_selection="none", bow=parts == "words")
            result = explainer.explain_instance(CROOKED, crooked, labels=(1,), num_samples=self.N)
            return {str(i): w for i, w in result.local_exp[1]}

        def ours(seed: int) -> dict[str, float]:
            p = explain(
                "lime", crooked_task(), CROOKED, target=1, seed=seed, num_samples=self.N, feature_selection="none", parts=parts
            ).payload
            order = {text_start: i for i, text_start in enumerate(sorted(spans[0][0] for spans in p.spans))}
            return {str(order[spans[0][0]]): v for spans, v in zip(p.spans, p.values, strict=True)}

        agree([ours(s) for s in range(self.RUNS)], [reference(s) for s in range(self.RUNS)])

    def test_text_with_choosing_and_another_kernel(self):
        def reference(seed: int) -> dict[str, float]:
            explainer = LimeTextExplainer(random_state=seed, kernel_width=10, feature_selection="forward_selection")
            result = explainer.explain_instance(CROOKED, crooked, labels=(1,), num_samples=2000, num_features=3)
            return dict(result.as_list(label=1))

        runs = [
            explain("lime", crooked_task(), CROOKED, target=1, seed=s, num_samples=2000, num_features=3, kernel_width=10) for s in range(12)
        ]
        theirs = [reference(s) for s in range(12)]
        assert {frozenset(weights(e)) for e in runs} == {frozenset(t) for t in theirs} == {frozenset({"not", "good", "very"})}
        agree([weights(e) for e in runs], theirs)

    @pytest.fixture
    def cancer(self):
        data = load_breast_cancer(as_frame=True)
        x = data.data[["mean radius", "mean texture", "worst area", "worst concavity", "area error"]]
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(x.to_numpy(), data.target)
        task = make_task(
            "cancer",
            modality="tabular",
            predict_proba=lambda f: model.predict_proba(f.to_numpy()),
            data=x,
            labels=data.target.tolist(),
            class_names=["malignant", "benign"],
        )
        return task, x, data.target.to_numpy(), model

    @pytest.mark.parametrize(
        "options",
        [
            {"discretizer": "quartile"},
            {"discretizer": "decile"},
            {"discretizer": "entropy"},
            {"discretizer": "none"},
            {"discretizer": "none", "sample_around_instance": True},
            {"discretizer": "quartile", "kernel_width": 1.0},
        ],
        ids=str,
    )
    def test_table_of_numbers(self, cancer, options):
        task, x, labels, model = cancer
        row = 20
        n = 4 * self.N  # where few of the package's draws count, 500 bias its fit

        def reference(seed: int) -> dict[str, float]:
            explainer = LimeTabularExplainer(
                x.to_numpy(),
                training_labels=labels,
                feature_names=list(x.columns),
                random_state=seed,
                feature_selection="none",
                discretize_continuous=options["discretizer"] != "none",
                discretizer=options["discretizer"].replace("none", "quartile"),
                sample_around_instance=options.get("sample_around_instance", False),
                kernel_width=options.get("kernel_width"),
            )
            result = explainer.explain_instance(x.iloc[row].to_numpy(), model.predict_proba, labels=(1,), num_samples=n)
            return {x.columns[i]: w for i, w in result.local_exp[1]}

        ours = [
            weights(explain("lime", task, task.instances()[row], target=1, seed=s, num_samples=n, feature_selection="none", **options))
            for s in range(self.RUNS)
        ]
        agree(ours, [reference(s) for s in range(self.RUNS)])

    def test_table_with_categories(self):
        frame = people(600).drop(columns=["gain", "size"]).astype({"age": float})
        jobs = ["clerk", "nurse", "smith"]
        person = {"age": 60.0, "height": 1.75, "job": "nurse", "member": True}

        def coded(f: pd.DataFrame) -> np.ndarray:
            return np.column_stack([f["age"], f["height"], f["job"].map(jobs.index), f["member"].astype(float)]).astype(float)

        def predict_codes(rows: np.ndarray) -> np.ndarray:
            return people_model(
                pd.DataFrame(
                    {"age": rows[:, 0], "height": rows[:, 1], "job": [jobs[int(i)] for i in rows[:, 2]], "member": rows[:, 3] == 1}
                )
            )

        def reference(seed: int) -> dict[str, float]:
            explainer = LimeTabularExplainer(
                coded(frame), feature_names=list(frame), categorical_features=[2, 3], random_state=seed, feature_selection="none"
            )
            result = explainer.explain_instance(coded(pd.DataFrame([person]))[0], predict_codes, labels=(1,), num_samples=self.N)
            return {frame.columns[i]: w for i, w in result.local_exp[1]}

        task = table_task(data=frame)
        ours = [
            weights(explain("lime", task, person, target=1, seed=s, num_samples=self.N, feature_selection="none")) for s in range(self.RUNS)
        ]
        agree(ours, [reference(s) for s in range(self.RUNS)])
