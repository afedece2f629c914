"""The artifact: its JSON form, its digest, and what it refuses to read."""

from __future__ import annotations

import dataclasses
import json
import math
import sys
from pathlib import Path
from typing import Any

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
from tests.fixtures.make_explanations import EXAMPLES
from tests.fixtures.toys import sentence

V1 = Path(__file__).parent.parent / "fixtures" / "explanations" / "v1"
DIGESTS = dict(line.split() for line in (V1 / "DIGESTS.txt").read_text().splitlines())


@pytest.fixture(params=sorted(EXAMPLES))
def example(request) -> Explanation:
    return EXAMPLES[request.param]()


def read(record: Any) -> Explanation:
    return Explanation.from_json(json.dumps(record))


def record_of(e: Explanation) -> dict[str, Any]:
    record = json.loads(e.to_json())
    del record["digest"]  # so that what is tested is not hidden behind a digest that no longer matches
    return record


def refused(text: Any) -> str:
    with pytest.raises(ValueError) as caught:  # noqa: PT011 (the sentence is checked by `sentence`)
        Explanation.from_json(text)
    assert type(caught.value) is ValueError, "a subclass (UnicodeDecodeError, binascii.Error) brings its own words"
    return sentence(caught.value)


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
            {"schema_version": 0},
        ],
        ids=lambda change: next(iter(change)),
    )
    def test_changes_with_every_other_field(self, change):
        e = EXAMPLES["text"]()
        assert dataclasses.replace(e, **change).digest != e.digest

    def test_the_fields_above_are_all_of_them(self):
        tested = {
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


class TestTampering:
    @pytest.mark.parametrize(
        ("old", "new"), [('"target": 1', '"target": 0'), ("0.875", "0.876"), ("A caveat.", "All fine."), ('"seed": 3', '"seed": 4')]
    )
    def test_is_detected(self, old, new):
        text = EXAMPLES["text"]().to_json()
        assert old in text
        assert "was changed" in refused(text.replace(old, new, 1))

    def test_of_the_digest_itself(self):
        e = EXAMPLES["text"]()
        assert "was changed" in refused(e.to_json().replace(e.digest, "0" * 64))

    def test_cost_is_not_pinned(self):
        text = EXAMPLES["text"]().to_json().replace('"seconds": 1.5', '"seconds": 9.5')
        assert Explanation.from_json(text).cost.seconds == 9.5


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


class TestMalformed:
    @pytest.mark.parametrize(
        "text", ["", " ", "{", "nonsense", "[" * 100_000, '{"a":' * 100_000, b"\xff\xfe\x00", b"\x80\x04\x95pickle", "NaN", "\x00"]
    )
    def test_not_json(self, text):
        assert "not JSON" in refused(text)

    @pytest.mark.parametrize(
        "text", ["1", "null", "[]", '"text"', "{}", "true", "[{}]", '{"schema_version": 1}', '{"kind": "attribution"}']
    )
    def test_json_of_something_else(self, text):
        assert "not a valid explanation" in refused(text)

    @pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
    def test_truncated(self, example, keep):
        text = example.to_json()
        refused(text[: int(len(text) * keep)])

    @pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Explanation)] + ["kind"])
    def test_missing_field(self, field):
        record = record_of(EXAMPLES["text"]())
        del record[field]
        refused(json.dumps(record))

    @pytest.mark.parametrize(
        ("path", "value"),
        [
            ("kind", "rule"),
            ("kind", 3),
            ("kind", None),
            ("kind", "os.system"),
            ("schema_version", 1.0),
            ("schema_version", True),
            ("schema_version", "1"),
            ("schema_version", 0),
            ("target", -1),
            ("target", 2),
            ("target", 1.0),
            ("target", True),
            ("target", 10**30),
            ("prediction", [0.5]),
            ("prediction", []),
            ("prediction", [0.1, None]),
            ("prediction", [[0.1, 0.9]]),
            ("class_names", ["only one"]),
            ("class_names", [1, 2]),
            ("modality", "smell"),
            ("instance", ["a", "list"]),
            ("instance", {"a": "row"}),
            ("instance", None),
            ("instance_sha256", "xyz"),
            ("status", "done"),
            ("quality", [{"name": "x"}]),
            ("quality", [1]),
            ("cost", {}),
            ("cost", {"calls_asked": -1, "calls_made": 0, "seconds": 0}),
            ("caveats", [1]),
            ("params", []),
            ("extra", 1),
            ("digest", "xyz"),
            ("seed", 0.5),
            ("model_fingerprint", ""),
            ("payload", []),
            ("payload", None),
            ("payload/values", [0.1]),
            ("payload/values", [0.1, "x"]),
            ("payload/values", [0.1, None]),
            ("payload/values", [[0.1], [0.2]]),
            ("payload/values", 0.1),
            ("payload/values", {"shape": [1, 2], "float32": "AAAAAAAAAAA="}),
            ("payload/names", ["one"]),
            ("payload/low", [0.1]),
            ("payload/high", [0.1, 0.2, 0.3]),
            ("payload/features", [1, 2]),
            ("payload/positions", [[1]]),
            ("payload/positions", [[1.0], [2.0]]),
            ("payload/spans", [[[1]], [[2]]]),
            ("payload/spans", [[[1, -1]], [[2, 3]]]),
            ("payload/spans", [1, 2]),
            ("payload/total", -1),
            ("payload/extra", 1),
            ("payload/unit", None),
            ("payload/intercept", None),
            ("payload/kind", "x"),
            ("payload/map", [[1.0]]),
            ("payload/map", {"shape": [2, 2], "float32": "!!!!"}),
            ("payload/map", {"shape": [2, 2], "float32": "AAA"}),
            ("payload/map", {"shape": [2, 2], "float32": "AAAA"}),
            ("payload/map", {"shape": [2, 2], "float32": "é"}),
            ("payload/map", {"shape": [1, 1], "float32": "AA!AAAA=="}),
            ("payload/map", {"shape": [0, 10**40], "float32": ""}),
            ("payload/map", {"shape": [10**9, 10**9], "float32": "AAAAAA=="}),
            ("payload/map", {"shape": [True, True], "float32": "AAAAAA=="}),
            ("payload/map", {"shape": [1], "float32": "AAAAAA=="}),
        ],
    )
    def test_wrong_value(self, path, value):
        record = record_of(EXAMPLES["text"]())
        *parents, last = path.split("/")
        inner = record
        for parent in parents:
            inner = inner[parent]
        inner[last] = value
        refused(json.dumps(record))

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "-1e999"])
    def test_numbers_that_are_none(self, number):
        refused(EXAMPLES["text"]().to_json().replace("0.875", number, 1))

    @pytest.mark.parametrize("depth", [100, 400, 900, 3_000, 30_000])
    @pytest.mark.parametrize("field", ["params", "instance"])
    def test_deep_nesting_is_refused_or_read_but_never_crashes(self, depth, field):
        text = json.dumps(record_of(EXAMPLES["table"]()) | {field: {"x": "HERE"}}).replace('"HERE"', "[" * depth + "]" * depth)
        try:
            Explanation.from_json(text)
        except ValueError as problem:
            sentence(problem)

    def test_a_row_for_a_text_task_is_refused(self):
        refused(json.dumps(record_of(EXAMPLES["table"]()) | {"modality": "text"}))

    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(), lambda x: st.lists(x) | st.dictionaries(st.text(), x)
        )
    )
    def test_random_json(self, value):
        refused(json.dumps(value))

    @given(st.data())
    def test_random_damage(self, data):
        """Any one value of a good file replaced by any other: read, or refused with a sentence; never another exception."""
        record = record_of(EXAMPLES[data.draw(st.sampled_from(sorted(EXAMPLES)))]())
        inner: Any = record
        while True:
            key = data.draw(st.sampled_from(sorted(inner) if isinstance(inner, dict) else range(len(inner))))
            if not isinstance(inner[key], dict | list) or not inner[key] or data.draw(st.booleans()):
                break
            inner = inner[key]
        leaf = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
        inner[key] = data.draw(leaf | st.lists(leaf, max_size=3) | st.dictionaries(st.text(max_size=3), leaf, max_size=2))
        try:
            e = read(record)
        except ValueError as problem:
            sentence(problem)
        else:
            jsonschema.validate(json.loads(e.to_json()), schema())

    @given(st.data())
    def test_random_bytes_inside(self, data):
        text = EXAMPLES["text"]().to_json().encode()
        at = data.draw(st.integers(0, len(text)))
        try:
            Explanation.from_json(text[:at] + data.draw(st.binary(max_size=5)) + text[at + data.draw(st.integers(0, 5)) :])
        except ValueError as problem:
            sentence(problem)


class TestSafety:
    def test_reading_imports_and_unpickles_nothing(self, monkeypatch):
        """Names in a file stay names."""
        import builtins
        import importlib
        import pickle

        text = json.dumps(record_of(EXAMPLES["text"]()) | {"method": "antigravity", "task": "this", "model_name": "os.system"})
        Explanation.from_json(text)  # whatever reading itself needs is loaded now
        before = set(sys.modules)

        def forbidden(*args: Any, **kwargs: Any) -> Any:
            raise AssertionError("reading a file must not do this")

        for module, name in [
            (pickle, "loads"),
            (pickle, "load"),
            (pickle, "Unpickler"),
            (importlib, "import_module"),
            (builtins, "eval"),
            (builtins, "exec"),
        ]:
            monkeypatch.setattr(module, name, forbidden)
        e = Explanation.from_json(text)
        assert e.method == "antigravity"
        assert set(sys.modules) == before


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
