"""Explanations as files: what is malformed, changed or unsafe is refused in one sentence."""

from __future__ import annotations

import dataclasses
import json
import sys
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explainers.explanation import (
    Explanation,
    schema,
)
from tests.fixtures.explanation_files import read, record_of, refused
from tests.fixtures.make_explanations import EXAMPLES
from tests.fixtures.toys import sentence


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


LATER = "sensitive"  # a field that files of the first version have not


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

    def test_a_file_from_before_a_field_was_there_is_read(self):
        record = record_of(EXAMPLES["text"]())
        del record[LATER]
        assert Explanation.from_json(json.dumps(record)) == EXAMPLES["text"]()

    @pytest.mark.parametrize("field", [f.name for f in dataclasses.fields(Explanation) if f.name != LATER] + ["kind"])
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
