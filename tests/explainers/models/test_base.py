"""What enters through a model: probabilities or one sentence, and a fingerprint that no two models share."""

from __future__ import annotations

import threading
import time

import numpy as np
import pandas as pd
import pytest

from explainers.models.base import FunctionModel, Model, WindowedModel, checked_probabilities, fingerprint_of
from tests.fixtures.toys import WindowModel, sentence, two_classes


class TestCheckedProbabilities:
    @pytest.mark.parametrize(
        "answer", [[[0.25, 0.75]], np.array([[0.25, 0.75]], dtype="float32"), pd.DataFrame({"no": [0.25], "yes": [0.75]}), ((0.25, 0.75),)]
    )
    def test_any_array_like(self, answer):
        out = checked_probabilities(answer, 1, 2)
        assert out.dtype == np.float64
        assert out.tolist() == [[0.25, 0.75]]

    def test_is_a_copy(self):
        mine = np.array([[0.25, 0.75]])
        checked_probabilities(mine, 1, 2)[:] = 9
        assert mine.tolist() == [[0.25, 0.75]]

    @pytest.mark.parametrize("slip", [9e-5, -9e-5])
    def test_within_the_tolerance(self, slip):
        checked_probabilities([[0.5, 0.5 + slip]], 1, 2)

    @pytest.mark.parametrize("slip", [2e-4, -2e-4])
    def test_beyond_the_tolerance(self, slip):
        with pytest.raises(ValueError, match="do not sum to 1") as caught:
            checked_probabilities([[0.5, 0.5 + slip]], 1, 2)
        sentence(caught.value)

    def test_a_tensor_with_a_gradient(self):
        torch = pytest.importorskip("torch")
        with pytest.raises(ValueError, match="not an array of numbers"):
            checked_probabilities(torch.tensor([[0.25, 0.75]], requires_grad=True), 1, 2)


class TestFingerprint:
    def test_bytes_names_order_and_configuration_count(self, tmp_path):
        a, b, c = tmp_path / "a", tmp_path / "b", tmp_path / "c"
        a.write_bytes(b"1"), b.write_bytes(b"2"), c.write_bytes(b"1")
        prints = [
            fingerprint_of(files, config)
            for files, config in [([a], {}), ([b], {}), ([c], {}), ([a, b], {}), ([b, a], {}), ([a], {"x": 1}), ([], {})]
        ]
        assert len(set(prints)) == len(prints)
        assert all(len(p) == 64 for p in prints)

    def test_is_stable(self, tmp_path):
        path = tmp_path / "w"
        path.write_bytes(b"weights")
        assert fingerprint_of([path], {"a": 1, "b": 2}) == fingerprint_of([path], {"b": 2, "a": 1})
        path.write_bytes(b"weightz")
        assert fingerprint_of([path], {"a": 1, "b": 2}) != fingerprint_of([], {"a": 1, "b": 2})


class TestFunctionModel:
    def test_is_a_model(self):
        model = FunctionModel("m", lambda b: two_classes([0.5] * len(b)), ["a", "b"], "f")
        assert isinstance(model, Model)
        assert not isinstance(model, WindowedModel)
        assert isinstance(WindowModel("m", lambda b: b, ["a"], "f"), WindowedModel)
        assert model.predict_proba(["x", "y"]).shape == (2, 2)
        assert model.costs(["x", "y"]).tolist() == [1, 1]

    def test_asks_other_peoples_code_one_at_a_time(self):
        inside, most = [0], [0]

        def slow(batch):
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            time.sleep(0.005)
            inside[0] -= 1
            return two_classes([0.5] * len(batch))

        model = FunctionModel("m", slow, ["a", "b"], "f")
        threads = [threading.Thread(target=model.predict_proba, args=(["x"],)) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert most[0] == 1

    def test_a_failure_lets_the_next_one_in(self):
        model = FunctionModel("m", lambda b: 1 / 0, ["a", "b"], "f")
        for _ in range(2):
            with pytest.raises(ZeroDivisionError):
                model.predict_proba(["x"])
