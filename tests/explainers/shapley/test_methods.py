"""Shapley values: exact on small games, shap's own on its own ground, the axioms, limits, seeds, files."""

import itertools
import math
import threading

import numpy as np
import pandas as pd
import pytest
import shap
from hypothesis import given, settings
from hypothesis import strategies as st

import explainers
from explainers.explanation import Explanation
from explainers.planted import planted_task
from explainers.shap_tree import background
from tests.fixtures import toys

MODEL_FREE = ["shap_partition", "shap_kernel", "shap_permutation"]
EXACT = ["shap_kernel", "shap_permutation"]
ROWS = pd.DataFrame({"a": [0.0, 1.0, 2.0, 1.0], "b": [1.0, 0.0, 1.0, 3.0], "c": [2.0, 2.0, 0.0, 1.0]})


def table(function, rows: pd.DataFrame = ROWS):
    """A task whose probability of "yes" is `function` of the columns."""

    def predict(frame: pd.DataFrame) -> np.ndarray:
        return toys.two_classes(np.array([function(row) for row in frame.to_dict("records")], dtype=float))

    return explainers.make_task("t", "tabular", predict, rows, class_names=["no", "yes"], version=str(id(function)))


def numbers(e: Explanation) -> dict[str, float]:
    return dict(zip(e.payload.features, e.payload.values.tolist(), strict=True))


def brute_force(function, row: dict, others: list[dict]) -> dict[str, float]:
    """By the definition: the mean over all orders of joining, absent values from the other rows."""

    def worth(there: frozenset[str]) -> float:
        return float(np.mean([function({n: row[n] if n in there else other[n] for n in row}) for other in others]))

    out = dict.fromkeys(row, 0.0)
    for order in itertools.permutations(row):
        for i, name in enumerate(order):
            out[name] += worth(frozenset(order[: i + 1])) - worth(frozenset(order[:i]))
    return {name: value / math.factorial(len(row)) for name, value in out.items()}


def curved(row: dict) -> float:
    return 0.05 + 0.1 * row["a"] * row["b"] + 0.05 * (row["c"] > 1)


class TestExact:
    @pytest.mark.parametrize("name", EXACT)
    def test_against_the_definition(self, name):
        """All eight coalitions of three columns, against all four rows."""
        task, row = table(curved), {"a": 2.0, "b": 2.0, "c": 2.0}
        e = explainers.explain(name, task, row, target=1, evaluations=200, background=4)
        assert numbers(e) == pytest.approx(brute_force(curved, row, ROWS.to_dict("records")), abs=1e-6)

    @pytest.mark.parametrize("name", MODEL_FREE)
    def test_a_sum_comes_back_as_its_terms(self, name):
        task = table(lambda row: 0.1 + 0.1 * row["a"] + 0.05 * row["b"])
        e = explainers.explain(name, task, {"a": 3.0, "b": 0.0, "c": 1.0}, target=1, background=4)
        assert numbers(e) == pytest.approx({"a": 0.1 * (3 - 1), "b": 0.05 * (0 - 1.25), "c": 0}, abs=1e-6)
        assert e.payload.intercept + e.payload.values.sum() == pytest.approx(e.prediction[1])

    @pytest.mark.parametrize("name", EXACT)
    def test_the_planted_table_gives_its_known_effects(self, name):
        task = planted_task()
        row = task.instances()[0]
        e = explainers.explain(name, task, row, output="log odds", background=400, evaluations=256)
        known = task.known_effects(row, e.target)
        assert numbers(e) == pytest.approx(known, abs=0.02)
        assert explainers.evaluate(e, task, ["agreement with known effects"])[0].value > 0.95

    def test_known_effects_add_up(self):
        from explainers.planted import log_odds

        task = planted_task()
        train, row = task.instances("train").frame, task.instances()[5]
        known = task.known_effects(row, 1)
        assert sum(known.values()) == pytest.approx(float(log_odds(pd.DataFrame([row]))[0] - log_odds(train).mean()))
        assert task.known_effects(row, 0) == pytest.approx({k: -v for k, v in known.items()})


class TestAxioms:
    @given(st.lists(st.floats(-0.2, 0.2), min_size=4, max_size=4), st.sampled_from(MODEL_FREE))
    @settings(max_examples=20, deadline=None)
    def test_efficiency_and_dummy(self, weights, name):
        a, b, ab, _ = weights
        task = table(lambda row: float(np.clip(0.5 + a * row["a"] + b * row["b"] + ab * row["a"] * row["b"], 0, 1)))
        e = explainers.explain(name, task, {"a": 2.0, "b": 3.0, "c": 0.0}, target=1, background=4)
        assert e.payload.values.sum() == pytest.approx(e.payload.effect, abs=1e-6)
        assert numbers(e)["c"] == pytest.approx(0, abs=1e-6)

    @pytest.mark.parametrize("name", EXACT)
    def test_symmetry(self, name):
        same = ROWS.assign(b=ROWS["a"])
        task = table(lambda row: float(np.clip(0.1 + 0.05 * (row["a"] + row["b"]) ** 2, 0, 1)), same)
        found = numbers(explainers.explain(name, task, {"a": 1.5, "b": 1.5, "c": 0.0}, target=1, background=4))
        assert found["a"] == pytest.approx(found["b"], abs=1e-6)


class TestTrees:
    @pytest.fixture(scope="class")
    @classmethod
    def task(cls):
        return explainers.load_task("income", model="trees")

    @pytest.mark.parametrize("output", ["log odds", "probability"])
    def test_interventional_is_shaps_own_and_adds_up(self, task, output):
        row = task.instances()[7]
        e = explainers.explain("shap_tree", task, row, target=1, output=output, background=50, seed=4)
        how = "raw" if output == "log odds" else "probability"
        rows = background(task, 50, 4)
        theirs = shap.TreeExplainer(task.model.booster, rows, feature_perturbation="interventional", model_output=how)
        coded = theirs.shap_values(task.model.encoding.encode([row]))[0]
        assert numbers(e) == pytest.approx({n: coded[s].sum() for n, s in task.model.encoding.spans().items()}, abs=1e-6)
        p = e.prediction[1]
        assert e.payload.intercept + e.payload.values.sum() == pytest.approx(p if how == "probability" else np.log(p / (1 - p)), abs=1e-3)

    def test_path_dependent_is_xgboosts_own(self, task):
        import xgboost

        row = task.instances()[7]
        e = explainers.explain("shap_tree", task, row, target=1, game="path-dependent")
        coded = task.model.booster.predict(xgboost.DMatrix(task.model.encoding.encode([row])), pred_contribs=True)[0]
        assert numbers(e) == pytest.approx({n: coded[s].sum() for n, s in task.model.encoding.spans().items()}, abs=1e-5)
        with pytest.raises(ValueError, match="log odds only"):
            explainers.explain("shap_tree", task, row, game="path-dependent", output="probability")

    def test_against_the_definition_of_the_game(self, task):
        """Kernel SHAP over coded columns and the trees' own agree on a background of one row, where few columns differ."""
        rows = background(task, 1, 0)
        own = task.model.encoding.encode([task.instances()[7]])
        differ = np.flatnonzero(own[0] != rows[0])

        def worth(masks: np.ndarray) -> np.ndarray:
            import xgboost

            full = np.repeat(rows, len(masks), axis=0)
            full[:, differ] = np.where(masks > 0.5, own[0, differ], rows[0, differ])
            return task.model.booster.predict(xgboost.DMatrix(full), output_margin=True).astype(float)

        n = len(differ)
        masks = (np.arange(2**n)[:, None] >> np.arange(n)) & 1
        value = worth(masks)
        exact = np.zeros(n)
        for i in range(n):
            without = np.flatnonzero(masks[:, i] == 0)
            size = masks[without].sum(1)
            weight = np.array([math.factorial(s) * math.factorial(n - s - 1) / math.factorial(n) for s in size])
            exact[i] = (weight * (value[without + (1 << i)] - value[without])).sum()
        e = explainers.explain("shap_tree", task, task.instances()[7], target=1, background=1, seed=0)
        spans = task.model.encoding.spans()
        ours = numbers(e)
        for name, span in spans.items():
            assert ours[name] == pytest.approx(exact[(differ >= span.start) & (differ < span.stop)].sum(), abs=1e-3)

    def test_only_trees_have_trees(self):
        offered = {m.name: m for m in explainers.methods(explainers.load_task("income", model="mlp"))}
        assert not offered["shap_tree"].fits
        assert "trees" in offered["shap_tree"].reason


class TestContract:
    @pytest.mark.parametrize("name", MODEL_FREE)
    def test_words_and_pictures(self, name):
        text = toys.text_task(toys.words_model({"great": 0.3, "dull": -0.2}), data=["a great but dull film"])
        e = explainers.explain(name, text, text.instances()[0], target=1)
        assert numbers(e)["great"] == pytest.approx(0.3, abs=0.01)
        picture = toys.picture_task()
        e = explainers.explain(name, picture, picture.instances()[0], target=1, baseline="mean colour", segments=16, evaluations=100)
        assert e.payload.map[12, 12] > 5 * abs(e.payload.map[36:, 36:]).max()
        assert Explanation.from_json(e.to_json()) == e

    @pytest.mark.parametrize("name", MODEL_FREE)
    def test_same_seed_same_numbers_and_others_are_left_alone(self, name):
        task = planted_task()
        row = task.instances()[0]
        np.random.seed(3)
        before = np.random.get_state()[1].copy()
        one, two = (explainers.explain(name, task, row, seed=5, background=5, evaluations=40) for _ in range(2))
        assert (np.random.get_state()[1] == before).all()
        assert one.digest == two.digest
        assert not np.allclose(one.payload.values, explainers.explain(name, task, row, seed=6, background=5, evaluations=40).payload.values)

    def test_intervals_of_random_orders_hold_the_exact_numbers(self):
        task, row = table(curved), {"a": 2.0, "b": 2.0, "c": 2.0}
        exact = brute_force(curved, row, ROWS.to_dict("records"))
        e = explainers.explain("shap_permutation", task, row, target=1, evaluations=70, background=4)
        low, high = (dict(zip(e.payload.features, ends, strict=True)) for ends in (e.payload.low, e.payload.high))
        assert all(low[n] - 1e-9 <= exact[n] <= high[n] + 1e-9 for n in exact)

    def test_a_budget_is_kept(self):
        task = planted_task()
        for name in MODEL_FREE:
            e = explainers.explain(name, task, task.instances()[0], max_calls=300, background=5)
            assert e.cost.calls_asked <= 300
            assert e.status == "complete"

    def test_cancel_keeps_the_orders_finished(self):
        task, cancel = planted_task(), threading.Event()
        e = explainers.explain(
            "shap_permutation", task, task.instances()[0], evaluations=4000, cancel=cancel,
            on_progress=lambda fraction, left: cancel.set() if fraction > 0.2 else None,
        )  # fmt: skip
        assert (e.status, e.reason) == ("partial", "cancelled")
        assert len(e.payload.values) == 8

    def test_too_few_coalitions_have_a_sentence(self):
        with pytest.raises(ValueError, match="needs 17 coalitions of its 8 parts at least"):
            explainers.explain("shap_permutation", planted_task(), planted_task().instances()[0], evaluations=10)
