"""Tree SHAP beyond the bundled trees: every background row counts, scikit-learn's forests, what is refused."""

import math

import numpy as np
import pandas as pd
import pytest
import xgboost
from sklearn.ensemble import GradientBoostingClassifier, HistGradientBoostingClassifier, RandomForestClassifier

import explainers
from explainers.shap_tree import background

RNG = np.random.default_rng(0)
X = pd.DataFrame({"a": RNG.normal(size=150), "b": RNG.normal(size=150), "c": RNG.integers(0, 3, 150), "d": RNG.random(150) < 0.5})
Y = (X["a"] + X["b"] * X["d"] > 0).astype(int)


def task_of(model, y=Y, names=("no", "yes")):
    return explainers.make_task("t", "tabular", model.fit(X, y).predict_proba, X, class_names=list(names))


def brute_force(output, row, frame):
    """By the definition, over all 16 coalitions; absent values come from every row of `frame`. output: frame -> (n,)."""
    names = list(frame.columns)

    def worth(there):
        return output(frame.assign(**{name: row[name] for name in there})).mean()

    worths = {there: worth([n for k, n in enumerate(names) if there >> k & 1]) for there in range(16)}
    weight = [math.factorial(s) * math.factorial(3 - s) / math.factorial(4) for s in range(4)]
    return {
        name: sum(weight[bin(t).count("1")] * (worths[t | 1 << k] - worths[t]) for t in range(16) if not t >> k & 1)
        for k, name in enumerate(names)
    }


def numbers(e):
    return dict(zip(e.payload.features, e.payload.values.tolist(), strict=True))


@pytest.fixture(scope="module")
def income():
    return explainers.load_task("income", model="trees")


class TestBackground:
    @pytest.mark.parametrize("rows", [20, 130])
    def test_every_row_asked_for_counts(self, income, rows):
        """The package takes 100 of a plain array and does not say so."""
        e = explainers.explain("shap_tree", income, income.instances()[3], target=1, background=rows)
        margins = income.model.booster.predict(xgboost.DMatrix(background(income, rows, 0)), output_margin=True)
        assert e.payload.intercept == pytest.approx(float(margins.mean()), abs=1e-4)
        assert f"{rows} rows" in e.payload.baseline

    def test_the_gap_is_rounding_alone(self, income):
        for row in list(income.instances())[:20]:
            e = explainers.explain("shap_tree", income, row)
            assert all(score.value < 1e-5 for score in e.quality)

    def test_the_same_rows_again_cost_one_call_and_give_the_same(self, income):
        row = income.instances()[1]
        one, again, other = (explainers.explain("shap_tree", income, row, seed=seed) for seed in (0, 0, 1))
        assert one.digest == again.digest != other.digest
        assert one.cost.calls_asked == 1


class TestScikit:
    @pytest.mark.parametrize("target", [0, 1])
    def test_a_forest_in_probabilities_by_the_definition(self, target):
        model = RandomForestClassifier(5, max_depth=4, random_state=0)
        task = task_of(model)
        e = explainers.explain("shap_tree", task, task.instances()[0], target=target, background=150)
        exact = brute_force(lambda f: model.predict_proba(f)[:, target], task.instances()[0], X)
        assert e.payload.unit == "probability"
        assert numbers(e) == pytest.approx(exact, abs=1e-6)

    def test_three_classes(self):
        model = RandomForestClassifier(5, max_depth=3, random_state=0)
        task = task_of(model, y=Y + X["c"] // 2, names=("x", "y", "z"))
        row = task.instances()[2]
        for target in range(3):
            e = explainers.explain("shap_tree", task, row, target=target, game="path-dependent")
            assert e.payload.intercept + e.payload.values.sum() == pytest.approx(e.prediction[target])

    @pytest.mark.parametrize("kind", [GradientBoostingClassifier, HistGradientBoostingClassifier])
    @pytest.mark.parametrize("target", [0, 1])
    def test_boosting_in_log_odds_by_the_definition(self, kind, target):
        model = kind(random_state=0, max_depth=3)
        task = task_of(model)
        row = task.instances()[0]
        e = explainers.explain("shap_tree", task, row, target=target, background=150)
        exact = brute_force(lambda f: (1 if target else -1) * model.decision_function(f), row, X)
        assert numbers(e) == pytest.approx(exact, abs=1e-5)

    def test_what_does_not_fit_is_told_why(self):
        words = X.assign(job=np.where(X["a"] > 0, "nurse", "clerk"))
        forest = RandomForestClassifier(2, random_state=0).fit(X, Y)
        for task, why in (
            (explainers.make_task("t", "tabular", lambda f: forest.predict_proba(f), X, class_names=["a", "b"]), "is none"),
            (explainers.make_task("t", "tabular", forest.predict_proba, words, class_names=["a", "b"]), "columns of words"),
            (task_of(GradientBoostingClassifier(n_estimators=2), y=X["c"], names=("x", "y", "z")), "more than two classes"),
        ):
            with pytest.raises(ValueError, match=why):
                explainers.explain("shap_tree", task, task.instances()[0])
