"""The columns of a table: what is read off the data, and what a row may hold."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest

from explainers.models.tables import TableSchema
from explainers.tasks import Rows
from tests.fixtures.toys import PERSON, people, sentence


@pytest.fixture(scope="module")
def schema() -> TableSchema:
    return TableSchema.learn([people()])


class TestLearn:
    def test_names_kinds_and_limits(self, schema):
        assert schema.names == ["age", "gain", "height", "job", "member", "size"]
        assert [c.categorical for c in schema.columns] == [False, False, False, True, True, True], "words, booleans and categories"
        assert [c.integer for c in schema.columns] == [True, True, False, False, False, False]
        assert schema["job"].values == ("clerk", "nurse", "smith")
        assert schema["member"].values == (False, True)
        assert (schema["age"].low, schema["age"].high) == (people()["age"].min(), people()["age"].max())

    def test_values_of_train_and_test_together(self):
        schema = TableSchema.learn([pd.DataFrame({"x": ["b"], "n": [1]}), pd.DataFrame({"x": ["a"], "n": [9]})])
        assert schema["x"].values == ("a", "b")
        assert (schema["n"].low, schema["n"].high) == (1, 9)

    def test_categorical_by_choice(self):
        frame = pd.DataFrame({"grade": [1, 2], "age": [3, 4]})
        assert [c.categorical for c in TableSchema.learn([frame], ["grade"]).columns] == [True, False]
        assert [c.categorical for c in TableSchema.learn([frame], []).columns] == [False, False]

    @pytest.mark.parametrize(
        ("frames", "categorical", "said"),
        [
            ([pd.DataFrame({"x": [1]})], ["y"], "categorical column 'y' is not in the data"),
            ([pd.DataFrame({"x": ["a"]})], [], "'x' holds text"),
            ([pd.DataFrame({"x": [1.0, np.nan]})], None, "missing or infinite"),
            ([pd.DataFrame({"x": [1.0, np.inf]})], None, "missing or infinite"),
            ([pd.DataFrame({"x": pd.array([1, None], dtype="Int64")})], None, "missing or infinite"),
            ([pd.DataFrame({"x": [1]}), pd.DataFrame({"y": [1]})], None, "same columns"),
            ([pd.DataFrame({"x": [1], "y": [1]}), pd.DataFrame({"y": [1], "x": [1]})], None, "same order"),
            ([pd.DataFrame({"x": pd.Categorical(["a"])}), pd.DataFrame({"x": pd.Categorical(["b"])})], None, "same categor"),
        ],
    )
    def test_one_sentence(self, frames, categorical, said):
        with pytest.raises(ValueError, match=said) as caught:
            TableSchema.learn(frames, categorical)
        sentence(caught.value)


class TestChecked:
    def test_a_good_row_in_the_order_of_the_columns(self, schema):
        checked = schema.checked(dict(reversed(PERSON.items())))
        assert checked == PERSON
        assert list(checked) == schema.names

    @pytest.mark.parametrize(
        ("given", "held"),
        [
            ({"age": 37.0}, {"age": 37}),
            ({"age": " 37 "}, {"age": 37}),
            ({"age": np.int8(37)}, {"age": 37}),
            ({"height": 2}, {"height": 2.0}),
            ({"height": "1.5"}, {"height": 1.5}),
            ({"job": " nurse "}, {"job": "nurse"}),
            ({"member": np.bool_(False)}, {"member": False}),
            ({"member": "True"}, {"member": True}),
            ({"member": 0}, {"member": False}),
            ({"age": 2**53 + 1}, {"age": 2**53 + 1}),
        ],
    )
    def test_what_a_form_or_a_file_gives(self, schema, given, held):
        checked = schema.checked(PERSON | given)
        (name,) = given
        assert checked[name] == held[name]
        assert type(checked[name]) is type(held[name])

    def test_a_series(self, schema):
        assert schema.checked(pd.Series(PERSON)) == PERSON

    @pytest.mark.parametrize(
        ("given", "said"),
        [
            ({"age": None}, "The value of age is missing: give a number."),
            ({"age": math.nan}, "The value of age is missing: give a number."),
            ({"age": pd.NA}, "The value of age is missing: give a number."),
            ({"age": ""}, "The value of age is missing: give a number."),
            ({"age": "old"}, "The value of age must be a number, not 'old'."),
            ({"age": True}, "The value of age must be a number, not 'True'."),
            ({"age": np.True_}, "The value of age must be a number, not 'True'."),
            ({"age": [1]}, "The value of age must be a number, not '[1]'."),
            ({"age": 1j}, "The value of age must be a number, not '1j'."),
            ({"age": 37.5}, "The value of age must be a whole number, not 37.5."),
            ({"age": math.inf}, "The value of age must be a finite number."),
            ({"age": "nan"}, "The value of age must be a finite number."),
            ({"age": 10**400}, "The value of age must be a finite number."),
            ({"age": 1e300}, "The value of age must be between -9.22337e+18 and 9.22337e+18, not 1e+300."),
            ({"height": None}, "The value of height is missing: give a number."),
            ({"job": None}, "The value of job is missing: choose one of its known values (clerk, nurse, smith)."),
            ({"job": math.nan}, "The value of job is missing: choose one of its known values (clerk, nurse, smith)."),
            ({"job": pd.NA}, "The value of job is missing: choose one of its known values (clerk, nurse, smith)."),
            ({"job": "nurs"}, "'nurs' is not a known value of job: choose one of clerk, nurse, smith. Did you mean 'nurse'?"),
            ({"job": "king"}, "'king' is not a known value of job: choose one of clerk, nurse, smith."),
            ({"job": 3}, "'3' is not a known value of job: choose one of clerk, nurse, smith."),
            ({"job": ["nurse"]}, "\"['nurse']\" is not a known value of job: choose one of clerk, nurse, smith. Did you mean 'nurse'?"),
            ({"job": np.array(["nurse", "clerk"])}, "is not a known value of job"),
            ({"size": "XXL"}, "'XXL' is not a known value of size: choose one of L, M, S."),
            ({"shoe": 3}, "The row has columns the model does not know (shoe): remove them."),
        ],
    )
    def test_one_sentence(self, schema, given, said):
        with pytest.raises(ValueError) as caught:  # noqa: PT011 (compared below)
            schema.checked(PERSON | given)
        assert said in sentence(caught.value)

    def test_missing_columns(self, schema):
        with pytest.raises(ValueError, match="The row has no value for gain, job: give one for every column"):
            schema.checked({k: v for k, v in PERSON.items() if k not in ("gain", "job")})

    @pytest.mark.parametrize("row", ["text", [1, 2], None, 3])
    def test_not_a_row(self, schema, row):
        with pytest.raises(ValueError, match="This task reads rows of a table, not") as caught:
            schema.checked(row)
        sentence(caught.value)

    @pytest.mark.parametrize("value", [300, -1])
    def test_a_number_the_dtype_cannot_hold(self, value):
        """It would wrap around to another number before the model sees it."""
        schema = TableSchema.learn([pd.DataFrame({"x": np.array([1, 2], dtype="uint8")})])
        with pytest.raises(ValueError, match="between 0 and 255"):
            schema.checked({"x": value})

    @pytest.mark.parametrize("dtype", [object, "str", "string", "category"])
    @pytest.mark.parametrize("missing", [None, math.nan, pd.NA, np.float32("nan")], ids=str)
    def test_missing_is_known_where_the_data_has_it(self, dtype, missing):
        frame = pd.DataFrame({"x": pd.Series(["a", None, "b"], dtype=dtype)})
        schema = TableSchema.learn([frame])
        checked = schema.checked({"x": missing})
        pd.testing.assert_frame_equal(schema.frame([checked]), frame.iloc[[1]].reset_index(drop=True))

    def test_its_own_rows_are_always_good(self):
        frame = people(50)
        frame.loc[3, "job"] = None
        schema = TableSchema.learn([frame])
        rows = Rows(frame)
        pd.testing.assert_frame_equal(schema.frame([schema.checked(row) for row in rows]), frame)


class TestFrame:
    def test_columns_order_and_dtypes_of_the_data(self, schema):
        frame = schema.frame([PERSON, PERSON])
        assert frame.dtypes.equals(people().dtypes)
        assert frame["size"].cat.categories.tolist() == ["S", "M", "L"]
        assert frame["size"].cat.ordered

    def test_a_frame_and_rows_pass_through(self, schema):
        frame = people(5)
        assert schema.frame(frame) is frame
        assert schema.frame(Rows(frame)) is frame

    def test_no_rows(self, schema):
        assert schema.frame([]).dtypes.equals(people().dtypes)
