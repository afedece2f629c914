"""The artifact: its JSON form, its digest, and what it refuses to read."""

from __future__ import annotations

import dataclasses
import json
import math

import jsonschema
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.explanation import (
    SCHEMA_VERSION,
    Attribution,
    Cost,
    Explanation,
    Score,
    canonical_json,
    instance_sha256,
    plain_instance,
    schema,
)
from tests.fixtures.explanation_files import DIGESTS, V1, record_of, refused
from tests.fixtures.make_explanations import EXAMPLES


class TestRoundTrip:
    def test_equal_with_cost(self, example):
        again = Explanation.from_json(example.to_json())
        assert again == example
        assert again.cost == example.cost
        assert again.digest == example.digest
        assert again.to_json() == example.to_json()

    def test_equal_from_bytes_and_indented(self, example):
        assert Explanation.from_json(example.to_json(indent=2).encode()) == example

    def test_types_survive(self):
        again = Explanation.from_json(EXAMPLES["text"]().to_json())
        assert isinstance(again.payload, Attribution)
        assert again.payload.values.dtype == np.float64
        assert again.payload.values.tolist() == [0.30000000000000004, -1e-17], "every digit of a float"
        assert again.payload.low.shape == again.payload.high.shape == (2,)
        assert again.payload.spans == [[[34, 39], [45, 50]], [[51, 54]]]
        assert isinstance(again.prediction, np.ndarray)
        assert again.predicted == 1
        assert isinstance(again.quality[0], Score)
        assert isinstance(again.cost, Cost)
        assert again.kind == "attribution"

    def test_nan_score(self):
        again = Explanation.from_json(EXAMPLES["table"]().to_json())
        assert math.isnan(again.quality[0].value)
        assert again.quality[0].low is None

    def test_numpy_scalars_in_a_row_become_python_values(self):
        e = EXAMPLES["table"]()
        assert e.instance == {"age": 37, "height": 1.75, "job": "nurse", "member": True, "note": None}
        assert type(e.instance["age"]) is int
        assert type(e.instance["member"]) is bool

    def test_map(self):
        again = Explanation.from_json(EXAMPLES["table"]().to_json())
        assert again.payload.map.shape == (2, 2)
        assert again.payload.map.tolist() == np.array([[0.0, 0.1], [-0.2, 1e-8]], dtype=np.float32).tolist()

    def test_a_float64_map_equals_itself_read_back(self):
        e = EXAMPLES["table"]()
        e = dataclasses.replace(e, payload=dataclasses.replace(e.payload, map=np.array([[0.1, 0.2, 0.3]])))
        assert Explanation.from_json(e.to_json()) == e

    @pytest.mark.parametrize("text", ["\ud800 half a pair", "\x00", "\u202eabc", "🙂" * 3, 'quote " and \\', "line\nbreak"])
    def test_any_text(self, text):
        e = dataclasses.replace(EXAMPLES["text"](), instance=text)
        assert Explanation.from_json(e.to_json()) == e
        assert Explanation.from_json(e.to_json().encode("utf8")) == e, "the file can be written as UTF-8"

    @given(
        values=st.lists(st.floats(allow_nan=False, allow_infinity=False), max_size=4),
        instance=st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)),
        score=st.floats(),
    )
    def test_any_values(self, values, instance, score):
        k = len(values)
        payload = Attribution([f"f{i}" for i in range(k)], [f"n{i}" for i in range(k)], np.array(values), "probability")
        e = dataclasses.replace(
            EXAMPLES["table"](), payload=payload, instance=instance, quality=[Score("s", score, None, None, True)], params={"x": score}
        )
        again = Explanation.from_json(e.to_json())
        assert again == e
        assert again.digest == e.digest


class TestDigest:
    def test_ignores_cost(self, example):
        assert dataclasses.replace(example, cost=Cost(1, 2, 3.0)).digest == example.digest
        assert dataclasses.replace(example, cost=Cost(1, 2, 3.0)) != example, "but equality does not ignore it"

    @pytest.mark.parametrize(
        "change",
        [
            {"method": "other"},
            {"params": {}},
            {"seed": 4},
            {"task": "other"},
            {"modality": "series"},
            {"class_names": ["bad", "Good"]},
            {"instance": "other"},
            {"instance_sha256": "0" * 64},
            {"target": 0},
            {"prediction": [0.13, 0.87]},
            {"model_name": "other"},
            {"model_fingerprint": "cd"},
            {"quality": []},
            {"caveats": []},
            {"status": "partial"},
            {"reason": "why"},
            {"sensitive": ["age"]},
            {"schema_version": 0},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_changes_with_every_other_field(self, change):
        e = EXAMPLES["text"]()
        assert dataclasses.replace(e, **change).digest != e.digest

    def test_the_fields_above_are_all_of_them(self):
        tested = {
            "sensitive",
            "method",
            "params",
            "seed",
            "task",
            "modality",
            "class_names",
            "instance",
            "instance_sha256",
            "target",
            "prediction",
            "model_name",
            "model_fingerprint",
            "quality",
            "caveats",
            "status",
            "reason",
            "schema_version",
        }
        assert {f.name for f in dataclasses.fields(Explanation)} == tested | {"payload", "cost"}

    @pytest.mark.parametrize(
        "change",
        [
            {"features": ["great", "Fun"]},
            {"names": ["great", "Fun"]},
            {"values": [0.3, -1e-17]},
            {"unit": "odds"},
            {"low": None},
            {"high": None},
            {"intercept": 0.2},
            {"positions": None},
            {"spans": None},
            {"total": 8},
            {"samples": 1},
            {"local_prediction": None},
            {"map": np.zeros((1, 1))},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_changes_with_every_field_of_the_payload(self, change):
        e = EXAMPLES["text"]()
        assert dataclasses.replace(e, payload=dataclasses.replace(e.payload, **change)).digest != e.digest

    def test_a_field_added_later_leaves_it_alone(self):
        """Else every file and every pinned stimulus of today would be "changed" on the day the payload learns something new."""

        @dataclasses.dataclass(frozen=True, eq=False)
        class Later(Attribution):
            added: list[str] | None = None
            also: float = 0.0

        e = EXAMPLES["text"]()
        same = {f.name: getattr(e.payload, f.name) for f in dataclasses.fields(Attribution)}
        assert dataclasses.replace(e, payload=Later(**same)).digest == e.digest
        assert dataclasses.replace(e, payload=Later(**same, added=["x"])).digest != e.digest

    def test_does_not_depend_on_the_order_of_keys(self):
        e = EXAMPLES["text"]()
        assert dataclasses.replace(e, params=dict(reversed(e.params.items()))).digest == e.digest

    def test_is_a_sha256(self, example):
        assert len(example.digest) == 64
        int(example.digest, 16)

    @pytest.mark.parametrize("name", sorted(DIGESTS))
    def test_files_of_version_1_load_forever(self, name):
        e = Explanation.from_json((V1 / f"{name}.json").read_text(encoding="utf8"))
        assert e.digest == DIGESTS[name]
        assert e == EXAMPLES[name]()

    def test_there_is_a_file_of_each_sort(self):
        assert set(DIGESTS) == {"text", "table", "partial"} == {p.stem for p in V1.glob("*.json")}


class TestSchema:
    def test_itself(self):
        jsonschema.Draft202012Validator.check_schema(schema())
        assert schema()["properties"]["schema_version"]["const"] == SCHEMA_VERSION

    def test_every_example_is_valid(self, example):
        jsonschema.validate(json.loads(example.to_json()), schema())

    def test_names_every_field(self):
        """A field that the schema does not know would make every file unreadable (additionalProperties is false)."""
        assert set(schema()["properties"]) == {f.name for f in dataclasses.fields(Explanation)} | {"kind", "digest"}
        assert set(schema()["$defs"]["attribution"]["properties"]) == {f.name for f in dataclasses.fields(Attribution)}
        assert set(schema()["$defs"]["score"]["properties"]) == {f.name for f in dataclasses.fields(Score)}

    def test_newer_is_refused_with_advice(self):
        record = record_of(EXAMPLES["text"]())
        record["schema_version"] = SCHEMA_VERSION + 1
        record["something_new"] = 1
        said = refused(json.dumps(record))
        assert "newer" in said
        assert "update" in said


class TestMaking:
    def test_status_is_one_of_three(self):
        with pytest.raises(ValueError, match="status must be one of complete, partial, not_found"):
            dataclasses.replace(EXAMPLES["text"](), status="done")

    @pytest.mark.parametrize(
        "changes", [{"names": ["a"]}, {"values": [1.0]}, {"low": [1.0]}, {"high": []}, {"positions": [[0]]}, {"spans": []}]
    )
    def test_lengths_must_agree(self, changes):
        with pytest.raises(ValueError, match="2 features"):
            dataclasses.replace(EXAMPLES["text"]().payload, **changes)

    @pytest.mark.parametrize("bad", [math.nan, math.inf])
    @pytest.mark.parametrize("field", ["values", "low", "high"])
    def test_numbers_must_be_finite(self, field, bad):
        """They would be written as null, which no reader accepts."""
        with pytest.raises(ValueError, match="finite"):
            dataclasses.replace(EXAMPLES["text"]().payload, **{field: [bad, 0.0]})

    def test_prediction_and_target_must_fit_the_classes(self):
        with pytest.raises(ValueError, match="2 class names but 3 probabilities"):
            dataclasses.replace(EXAMPLES["text"](), prediction=[0.2, 0.3, 0.5])
        with pytest.raises(ValueError, match="target 2"):
            dataclasses.replace(EXAMPLES["text"](), target=2)

    def test_is_hashable_and_unequal_to_other_things(self, example):
        assert {example: 1}[Explanation.from_json(example.to_json())] == 1
        assert example != "text"
        assert example.payload != 3


class TestPlain:
    def test_canonical_json_is_one_text_for_one_value(self):
        assert canonical_json({"b": np.float64(1), "a": np.array(2)}) == canonical_json({"a": 2, "b": 1.0}) == '{"a":2,"b":1.0}'
        assert canonical_json({"a": 1}) != canonical_json({"a": 1.0}) != canonical_json({"a": True})

    def test_plain_instance(self):
        assert plain_instance({1: np.bool_(False), "x": float("nan")}) == {"1": False, "x": None}
        assert plain_instance("text") == "text"

    def test_sha256_differs_with_the_value_and_its_type(self):
        assert len({instance_sha256(v) for v in ["1", 1, {"a": 1}, {"a": "1"}, {"a": True}, {"b": 1}, None]}) == 7
