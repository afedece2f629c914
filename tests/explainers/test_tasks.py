"""Tasks made from a function in memory: what they hold, and what they refuse."""

from __future__ import annotations

import inspect

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import explainers
from explainers import make_task
from explainers.explanation import plain_instance
from explainers.tasks import Rows
from tests.fixtures.toys import PERSON, Recorder, people, people_model, sentence, table_task, text_task, two_classes

HALF = lambda batch: two_classes([0.5] * len(batch))  # noqa: E731


class TestMakeTask:
    def test_signature_of_the_contract(self):
        parameters = inspect.signature(explainers.make_task).parameters
        assert list(parameters) == ["name", "modality", "predict_proba", "data", "labels", "class_names", "train", "categorical", "version"]
        assert {n: p.default for n, p in parameters.items() if p.default is not p.empty} == dict.fromkeys(
            ["labels", "train", "categorical", "version"]
        )

    def test_holds_what_it_was_given(self):
        task = text_task(labels=[1])
        assert (task.name, task.modality, task.class_names, task.models) == ("toy", "text", ["bad", "good"], ["model"])
        assert list(task.instances("test")) == ["the cast is great but the plot is dull"]
        assert task.labels("test") == [1]
        assert task.model.class_names == ["bad", "good"]

    def test_without_train_the_data_is_both(self):
        task = table_task(labels=[0] * 400)
        assert len(task.instances("train")) == len(task.instances("test")) == 400
        assert task.labels("train") == task.labels("test") == [0] * 400

    def test_train_is_what_perturbations_are_drawn_from(self):
        from explainers import lime

        data, train = people(20, seed=1), people(300, seed=2)
        train["age"] = 80
        task = table_task(data=data, train=train)
        assert len(task.instances("train")) == 300
        assert task.labels("train") == []
        hood = lime.draw(task, task.instances()[0], lime.TableParams(num_samples=100), 0)
        assert set(hood.batch.frame()["age"][1:]) == {80}

    def test_categorical_none_means_the_non_numeric_and_boolean_columns(self):
        table = table_task().table
        assert [c.name for c in table.columns if c.categorical] == ["job", "member", "size"]

    def test_categorical_by_name(self):
        data = pd.DataFrame({"grade": [1, 2, 3], "age": [30, 40, 50]})
        table = make_task("t", modality="tabular", predict_proba=HALF, data=data, class_names=["a", "b"], categorical=["grade"]).table
        assert table["grade"].values == (1, 2, 3)
        assert not table["age"].categorical

    def test_fingerprint(self):
        assert text_task().model.fingerprint != text_task().model.fingerprint, "new at every call"
        assert text_task(version="1").model.fingerprint == text_task(version="1").model.fingerprint
        assert text_task(version="1").model.fingerprint != text_task(version="2").model.fingerprint
        task = text_task()
        assert task.model.fingerprint == task.model.fingerprint
        assert len(task.model.fingerprint) == 64

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"modality": "smell"}, "modality must be one of text, tabular, image, series, not 'smell'."),
            ({"predict_proba": 3}, "predict_proba must be a function that takes a batch of instances and returns probabilities."),
            ({"class_names": ["one"]}, "class_names must be a list of at least two names, all different."),
            ({"class_names": "ny"}, "class_names must be a list of at least two names, all different."),
            ({"labels": ["n", "y"]}, "Labels must be whole numbers, the class indices from 0 to 1."),
            ({"labels": [float("nan"), 1]}, "Labels must be whole numbers, the class indices from 0 to 1."),
            ({"data": []}, "data is empty: give at least one instance."),
            ({"data": ["a", 3]}, "A text task needs a list of strings as data."),
            ({"train": ["a", 3]}, "A text task needs a list of strings as data."),
            ({"labels": [0, 1, 0]}, "There are 2 instances but 3 labels."),
            ({"labels": [0, 2]}, "Labels must be class indices from 0 to 1."),
            ({"labels": [0, -1]}, "Labels must be class indices from 0 to 1."),
            ({"modality": "tabular", "data": 3}, "A tabular task needs a pandas DataFrame as data."),
            (
                {"modality": "tabular", "data": pd.DataFrame([[1, 2]], columns=["x", "x"])},
                "Two columns of the table have the same name: rename one.",
            ),
            ({"modality": "tabular", "data": pd.DataFrame({"x": []})}, "data is empty: give at least one instance."),
        ],
    )
    def test_one_sentence(self, change, said):
        given = {"modality": "text", "predict_proba": HALF, "data": ["a", "b"], "class_names": ["no", "yes"]} | change
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared in full)
            make_task("t", **given)
        assert sentence(caught.value) == said

    def test_labels_of_any_integer_kind(self):
        for labels in (np.array([0, 1]), pd.Series([0, 1]), (0, 1), [True, False]):
            made = make_task("t", modality="text", predict_proba=HALF, data=["a", "b"], labels=labels, class_names=["no", "yes"]).labels()
            assert made == [int(v) for v in labels]
            assert all(type(v) is int for v in made)

    def test_the_data_is_not_changed(self):
        data = people(5)
        before = data.copy()
        task = table_task(data=data)
        explainers.explain("lime", task, PERSON, num_samples=50)
        pd.testing.assert_frame_equal(data, before)


class TestDtypes:
    @pytest.mark.parametrize(
        "values",
        [
            np.array([1, 2, 3], dtype="int64"),
            np.array([1, 2, 3], dtype="int32"),
            np.array([1, 2, 3], dtype="uint8"),
            pd.array([1, 2, 3], dtype="Int64"),
            np.array([1.5, 2, 3], dtype="float32"),
            np.array([1.5, 2, 3]),
            np.array([True, False, True]),
            pd.array([True, False, True], dtype="boolean"),
            pd.array(["a", "b", "a"], dtype="str"),
            pd.array(["a", "b", "a"], dtype="string"),
            np.array(["a", "b", "a"], dtype=object),
            pd.Categorical(["S", "L", "S"], categories=["S", "M", "L"], ordered=True),
            pd.Categorical([3, 1, 3]),
            pd.to_datetime(["2020-01-01", "2021-05-06", "2020-01-01"]),
        ],
        ids=lambda v: str(v.dtype)[:20],
    )
    @pytest.mark.parametrize("method", ["lime", "lime_reference"])
    def test_reach_the_function_as_they_are_in_the_data(self, values, method):
        data = pd.DataFrame({"x": values, "other": [1.0, 2.0, 3.0]})
        recorder = Recorder(HALF)
        task = make_task("t", modality="tabular", predict_proba=recorder, data=data, class_names=["no", "yes"])
        explainers.explain(method, task, task.instances()[1], num_samples=60)
        assert recorder.batches
        for batch in recorder.batches:
            assert list(batch.columns) == ["x", "other"]
            assert batch.dtypes.equals(data.dtypes)
            assert isinstance(batch.index, pd.RangeIndex)
            assert set(batch["x"]) <= set(data["x"]) or pd.api.types.is_numeric_dtype(batch["x"].dtype)

    def test_text_reaches_the_function_as_a_list_of_str(self):
        recorder = Recorder(HALF)
        explainers.explain("lime", text_task(recorder), "some words", num_samples=50)
        assert all(type(batch) is list and all(type(t) is str for t in batch) for batch in recorder.batches)


class TestRows:
    def test_are_dicts(self):
        rows = Rows(people(10))
        assert len(rows) == 10
        assert set(rows[0]) == set(PERSON)
        assert rows[-1] == rows[9]
        assert len(rows[2:5]) == 3
        assert rows[2:5][0] == rows[2]
        with pytest.raises(IndexError):
            rows[10]

    def test_values_are_plain(self):
        row = Rows(people(3))[0]
        assert row == plain_instance(row)
        assert [type(row[name]) for name in ("age", "gain", "height", "job", "member", "size")] == [int, int, float, str, bool, str]

    def test_whole_numbers_stay_whole_beside_decimals(self):
        row = Rows(pd.DataFrame({"age": [37], "height": [1.75]}))[0]
        assert type(row["age"]) is int

    def test_every_instance_is_good_input(self):
        task = table_task()
        for row in task.instances():
            assert task.check(row) == row


class TestSplits:
    def test_unknown(self):
        for ask in (text_task().instances, text_task().labels):
            with pytest.raises(ValueError, match="has no split 'dev': choose one of test, train") as caught:
                ask("dev")
            sentence(caught.value)

    def test_data_is_read_once(self):
        task = table_task()
        assert task.instances("test") is task.instances("test")
        assert task.model is task.model


class TestModels:
    def test_predict_proba_of_the_contract(self):
        task = table_task()
        out = task.model.predict_proba(people(7))
        assert out.shape == (7, 2)
        assert out.dtype == np.float64
        np.testing.assert_allclose(out.sum(axis=1), 1)
        assert text_task().model.predict_proba(["great", "dull"])[:, 1].tolist() == pytest.approx([0.8, 0.3])

    def test_with_model(self):
        task = text_task()
        assert task.with_model("model").instances("test") is task.instances("test")
        with pytest.raises(ValueError, match="has no model 'bert': choose one of model") as caught:
            task.with_model("bert")
        sentence(caught.value)


class TestOtherModalities:
    def test_images_and_series_can_be_made(self):
        pictures = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
        task = make_task("p", modality="image", predict_proba=HALF, data=pictures, class_names=["a", "b"])
        assert task.instances()[1] is pictures[1]
        series = make_task("s", modality="series", predict_proba=HALF, data=np.zeros((3, 5, 1)), class_names=["a", "b"])
        assert series.instances()[0].shape == (5, 1)
        assert series.model.predict_proba(np.zeros((2, 5, 1))).shape == (2, 2)


def test_people_model_by_eye():
    assert people_model(pd.DataFrame([PERSON]))[0, 1] == pytest.approx(0.8)


class TestAskingTheModelDirectly:
    """`task.model.predict_proba(list of instances)` hands the author's function the form that `make_task` promises."""

    def test_a_table_gets_its_frame(self):
        def f(frame: pd.DataFrame) -> np.ndarray:
            assert isinstance(frame, pd.DataFrame)
            assert frame["n"].dtype == np.int64
            return np.tile([0.5, 0.5], (len(frame), 1))

        task = make_task("t", "tabular", f, pd.DataFrame({"n": [1, 2], "c": ["a", "b"]}), class_names=["no", "yes"])
        row = task.instances()[0]
        for batch in ([row, row], task.instances()[0:2], task.batch([row])):
            assert task.model.predict_proba(batch).shape == (len(batch), 2)

    def test_series_get_an_array(self):
        def f(batch: np.ndarray) -> np.ndarray:
            assert batch.shape == (2, 5, 1)
            return np.tile([0.5, 0.5], (2, 1))

        task = make_task("t", "series", f, np.zeros((2, 5, 1)), class_names=["no", "yes"])
        assert task.model.predict_proba([np.zeros((5, 1))] * 2).shape == (2, 2)
        with pytest.raises(ValueError, match="differ in length"):
            task.model.predict_proba([np.zeros((5, 1)), np.zeros((4, 1))])

    def test_pictures_are_rgb(self):
        def f(batch: list[Image.Image]) -> np.ndarray:
            assert {p.mode for p in batch} == {"RGB"}
            return np.tile([0.5, 0.5], (len(batch), 1))

        task = make_task("t", "image", f, [Image.new("RGB", (8, 8))], class_names=["no", "yes"])
        assert task.model.predict_proba([Image.new(mode, (8, 8)) for mode in ("L", "RGBA", "P")]).shape == (3, 2)
