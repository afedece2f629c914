"""LIME: what each parameter does, and what is kept between runs."""

from __future__ import annotations

import gc
import itertools
import math
import warnings
import weakref

import numpy as np
import pandas as pd
import pytest

from explainers import lime
from explainers.explanation import Explanation
from explainers.methods import explain
from explainers.neighbourhoods import tables
from explainers.surrogate import SELECTIONS
from tests.fixtures.lime_cases import CROOKED, crooked_task
from tests.fixtures.toys import (
    PERSON,
    SENTENCE,
    Recorder,
    people,
    people_model,
    table_task,
    text_task,
    two_classes,
)


class TestParameters:
    def check(self, e: Explanation, k: int) -> None:
        p = e.payload
        assert e.status == "complete"
        assert 0 < len(p.features) <= k
        assert len(set(p.names)) == len(p.names)
        for numbers in (
            p.values,
            p.low,
            p.high,
            [p.intercept, p.local_prediction],
            [e.quality[0].value, e.quality[0].low, e.quality[0].high],
        ):
            assert np.isfinite(numbers).all()
        assert (np.diff(np.abs(p.values)) <= 1e-6).all(), "largest first"
        assert Explanation.from_json(e.to_json()) == e

    @pytest.mark.parametrize("parts", ["words", "positions"])
    @pytest.mark.parametrize("selection", SELECTIONS)
    def test_text(self, selection, parts):
        task = crooked_task()
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            for k, width in itertools.product([1, 4, 50], [None, 1e-3, 5.0, 1e6]):
                e = explain(
                    "lime", task, CROOKED, num_samples=200, num_features=k, kernel_width=width, feature_selection=selection, parts=parts
                )
                if width == 1e-3 and selection in ("forward_selection", "lasso_path", "auto"):
                    assert e.status == "complete", "nothing but the instance itself counts: possibly no part at all"
                    continue
                self.check(e, 50 if selection == "none" else k)
                assert e.params == {
                    "num_samples": 200,
                    "num_features": k,
                    "kernel_width": width,
                    "feature_selection": selection,
                    "settle": True,
                    "parts": parts,
                    "mask_word": "UNKWORDZ",
                }

    @pytest.mark.parametrize("discretizer", ["quartile", "decile", "entropy", "none"])
    @pytest.mark.parametrize("selection", SELECTIONS)
    def test_table(self, selection, discretizer):
        labels = (people()["age"] > 50).astype(int).tolist()
        task = table_task(labels=labels)
        for k, width, around in itertools.product([1, 50], [None, 1.0, 1e6], [False, True]):
            e = explain(
                "lime",
                task,
                PERSON,
                num_samples=200,
                num_features=k,
                kernel_width=width,
                feature_selection=selection,
                discretizer=discretizer,
                sample_around_instance=around,
            )
            self.check(e, 6 if selection == "none" else k)

    def test_defaults_are_the_references(self):
        for cls in (lime.TextParams, lime.TableParams):
            p = cls()
            assert (p.num_samples, p.num_features, p.kernel_width, p.feature_selection) == (5000, 10, None, "auto")
        assert (lime.TextParams().parts, lime.TextParams().mask_word) == ("words", "UNKWORDZ")
        assert (lime.TableParams().discretizer, lime.TableParams().sample_around_instance) == ("quartile", False)

    def test_more_features_than_parts(self):
        e = explain("lime", text_task(), "great dull", num_features=50)
        assert sorted(e.payload.features) == ["dull", "great"]
        assert e.payload.total == 2

    def test_fewer_features_than_parts_say_how_many_there_were(self):
        e = explain("lime", text_task(), SENTENCE, num_features=1)
        assert e.payload.features == ["great"]
        assert e.payload.total == 7
        assert e.payload.samples == 2**7, "every copy of 7 words"

    def test_a_text_of_one_word(self):
        e = explain("lime", text_task(), "great", target=1)
        assert e.payload.features == ["great"]
        assert e.payload.values[0] > 0
        assert e.cost.calls_asked == 2

    def test_an_infinite_kernel_is_ordinary_least_squares(self):
        task = crooked_task()
        hood = lime.draw(task, CROOKED, lime.TextParams(num_samples=4000, kernel_width=1e6), 0)
        np.testing.assert_allclose(hood.weights, 1, atol=1e-6)

    def test_the_kernel_by_eye(self):
        """Half of the words gone: cosine distance 29.3 (x 100), weight exp(-0.69) = 0.50 at the width of 25."""
        hood = lime.draw(text_task(), "a b", lime.TextParams(num_samples=200), 0)
        assert set(hood.weights.round(3)) == {
            1.0,
            round(math.exp(-((100 * (1 - math.sqrt(0.5))) ** 2) / 625 / 2), 3),
            round(math.exp(-(4**2) / 2), 3),
        }
        table = table_task()
        hood = lime.draw(table, PERSON, lime.TableParams(num_samples=200), 0)
        assert hood.width == pytest.approx(0.75 * math.sqrt(6))
        np.testing.assert_allclose(hood.distance, np.sqrt((1 - hood.design).sum(axis=1)))

    def test_the_first_row_is_the_instance(self):
        task = table_task()
        for params in (lime.TableParams(num_samples=50), lime.TableParams(num_samples=50, discretizer="none")):
            hood = lime.draw(task, PERSON, params, 0)
            pd.testing.assert_frame_equal(hood.batch[:1].frame(), task.batch([PERSON]))
            assert hood.distance[0] == 0

    @pytest.mark.parametrize("discretizer", ["quartile", "none"])
    def test_the_model_gets_the_columns_and_dtypes_of_the_data(self, discretizer):
        recorder = Recorder(people_model)
        explain("lime", table_task(recorder), PERSON, num_samples=100, discretizer=discretizer)
        for batch in recorder.batches:
            assert batch.dtypes.equals(people().dtypes)
            assert batch["size"].notna().all()

    def test_design_and_model_see_the_same_rows(self):
        """A 1 in the design means exactly that the row has the instance's bin or category."""
        task = table_task()
        hood = lime.draw(task, PERSON, lime.TableParams(num_samples=500), 0)
        frame = hood.batch.frame()
        for j, column in enumerate(tables.column_bins(task, "quartile")):
            own = column.index([PERSON[column.column.name]])[0]
            np.testing.assert_array_equal(hood.design[:, j] == 1, column.index(frame[column.column.name]) == own)

    def test_unsigned_numbers_do_not_wrap_around(self):
        """A draw below 0 in a column that knows none must not come out as 255."""
        data = pd.DataFrame({"x": np.array([0, 1, 2, 3], dtype="uint8"), "y": [1.0, 2.0, 3.0, 4.0]})
        recorder = Recorder(lambda f: two_classes(np.full(len(f), 0.5)))
        explain("lime", table_task(recorder, data), {"x": 1, "y": 2.0}, discretizer="none", num_samples=300)
        assert max(batch["x"].max() for batch in recorder.batches) < 20

    def test_missing_values_are_a_category(self):
        data = people(60)
        data["job"] = data["job"].astype(object)
        data.loc[5, "job"] = None
        task = table_task(lambda f: two_classes(np.where(f["job"].isna(), 0.9, 0.2)), data)
        e = explain("lime", task, task.instances()[5], target=1, num_features=1)
        assert e.payload.names == ["job is missing"]
        assert Explanation.from_json(e.to_json()) == e


class TestMemory:
    def test_a_task_nobody_uses_is_forgotten_with_its_rows(self):
        task = table_task()
        explain("lime", task, PERSON, num_samples=50)
        rows = weakref.ref(task.instances("train"))
        del task
        gc.collect()
        assert rows() is None

    def test_bins_are_learnt_once_for_a_table(self):
        task = table_task(labels=[0, 1] * 200)
        assert tables.column_bins(task, "quartile") is tables.column_bins(task, "quartile")
        assert tables.column_bins(task, "quartile") is not tables.column_bins(task, "decile")
        assert tables.column_bins(task.with_model("model"), "quartile") is tables.column_bins(task, "quartile")
        assert tables.column_bins(table_task(), "quartile") is not tables.column_bins(task, "quartile")
