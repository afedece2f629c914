"""Each kind's file form: what is written is read back equal, and what is not a valid one is refused in a sentence."""

from __future__ import annotations

import base64
import json
import math
import tracemalloc
import zlib
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from explainers.explanation import Cost, Explanation, instance_sha256
from explainers.payloads import Attribution, BoundaryPath, Composite, Condition, Example, Prototype, Prototypes, Rule, Step
from tests.fixtures.toys import sentence

ROW = {"age": 37, "job": "nurse", "note": None}
PICTURE = Image.fromarray(np.arange(16 * 20 * 3, dtype=np.uint8).reshape(16, 20, 3))
OTHER = Image.new("RGB", (20, 16), "teal")
P = np.array([0.25, 0.75])


def explained(payload: Any, instance: Any = ROW, **more: Any) -> Explanation:
    modality = "image" if isinstance(instance, Image.Image) else "tabular" if isinstance(instance, dict) else "text"
    fields = {
        "method": "m", "params": {}, "seed": 0, "task": "t", "modality": modality, "class_names": ["no", "yes"], "instance": instance,
        "instance_sha256": instance_sha256(instance), "target": 1, "prediction": P, "model_name": "m", "model_fingerprint": "f", "payload": payload,
    }  # fmt: skip
    return Explanation(**(fields | more))


def rule(instance: Any, **more: Any) -> Rule:
    conditions = [Condition("age", "<=", 40), Condition("job", "in", ["nurse", "smith"])]
    return Rule(
        conditions, ["age <= 40", "job is nurse or smith"], 0.97, 0.94, 0.99, 0.2, covers="rows of the training data", trail=[0.8, 0.97],
        holds=[Example(instance, P)], breaks=[Example(instance, P[::-1])], **more,
    )  # fmt: skip


def prototypes(instance: Any) -> Prototypes:
    importance = Attribution(["age"], ["age = 37"], np.array([0.5]), "evidence")
    nearest = [Prototype(instance, 1, 0.9, 12, 1, P, 3, ["job"]), Prototype(instance, 0, 0.4, 7)]
    return Prototypes(nearest, True, "net", np.array([0.4, 0.9]), np.array([0.9, 0.8, 0.95]), "16 features", importance)


def path(instance: Any, **more: Any) -> BoundaryPath:
    steps = [Step(instance, [], 1.1, P), Step(instance, ["age 37 → 50"], -0.2, P[::-1], ["age"], [[0, 3]])]
    return BoundaryPath(steps, True, 1.25, "space", 0.4, ["sex"], 1000, 12, **more)


LABELS = np.repeat([[0.0], [1.0]], 8, axis=0).repeat(20, axis=1)
EXAMPLES = {
    "rule-row": explained(rule(ROW)),
    "rule-text": explained(rule("a nurse", positions=[[0], [1]], spans=[[[0, 1]], [[2, 7]]]), "a nurse"),
    "rule-picture": explained(rule(OTHER, segments=LABELS), PICTURE),
    "prototypes-row": explained(prototypes(ROW)),
    "prototypes-picture": explained(prototypes(OTHER), PICTURE),
    "path-row": explained(path(ROW)),
    "path-picture": explained(path(OTHER, segments=LABELS), PICTURE),
    "composite-row": explained(Composite([explained(rule(ROW)), explained(path(ROW))])),
    "composite-picture": explained(Composite([explained(rule(OTHER, segments=LABELS), PICTURE)]), PICTURE),
    "composite-empty": explained(Composite([]), status="partial", reason="cancelled"),
}


@pytest.mark.parametrize("e", EXAMPLES.values(), ids=EXAMPLES)
def test_what_is_written_is_read_back_equal(e: Explanation):
    back = Explanation.from_json(e.to_json())
    assert back == e
    assert back.digest == e.digest
    assert back.to_json() == e.to_json()


def test_pictures_inside_come_back_pixel_by_pixel():
    back = Explanation.from_json(EXAMPLES["rule-picture"].to_json())
    assert np.array_equal(np.asarray(back.payload.holds[0].instance), np.asarray(OTHER))
    assert np.array_equal(back.payload.segments, LABELS)


def test_a_table_whose_columns_are_called_like_a_pictures_fields_stays_a_table():
    odd = {"width": 3, "height": 4, "webp": "no picture"}
    back = Explanation.from_json(explained(path(odd), odd).to_json())
    assert back.payload.steps[1].instance == odd


def test_the_digest_of_a_composite_follows_its_parts_and_not_their_cost():
    def composite(precision: float, seconds: float) -> Explanation:
        part = Rule([], [], precision, 0.0, 1.0, 1.0)
        return explained(Composite([explained(part, cost=Cost(1, 1, seconds))]))

    assert composite(0.5, 1.0).digest == composite(0.5, 9.0).digest
    assert composite(0.5, 1.0).digest != composite(0.6, 1.0).digest


@given(
    st.lists(
        st.builds(
            Condition,
            feature=st.text(max_size=8),
            op=st.sampled_from(["==", "<=", ">", "in", "present"]),
            value=st.one_of(st.none(), st.booleans(), st.integers(-(2**40), 2**40), st.floats(-1e9, 1e9), st.text(max_size=5)),
        ),
        max_size=4,
    )
)
def test_any_conditions_survive(conditions: list[Condition]):
    e = explained(Rule(conditions, [c.feature for c in conditions], 0.9, 0.8, 1.0, 0.5))
    assert Explanation.from_json(e.to_json()) == e


def test_a_rule_with_more_names_than_conditions_is_refused():
    with pytest.raises(ValueError, match="0 conditions but 1 names"):
        Rule([], ["age <= 40"], 0.9, 0.8, 1.0, 0.5)


def changed(name: str, change: Any) -> str:
    record = json.loads(EXAMPLES[name].to_json())
    change(record)
    return json.dumps(record)


BROKEN = {
    "a precision above 1": changed("rule-row", lambda r: r["payload"].update(precision=1.5)),
    "an unknown op": changed("rule-row", lambda r: r["payload"]["conditions"][0].update(op="import")),
    "a path without steps": changed("path-row", lambda r: r["payload"].update(steps=[])),
    "a step without a prediction": changed("path-row", lambda r: r["payload"]["steps"][0].pop("prediction")),
    "a part of a composite that is none": changed("composite-row", lambda r: r["payload"]["parts"].append({"kind": "rule"})),
    "a picture that is none": changed("path-picture", lambda r: r["payload"]["steps"][0].update(instance={"width": 1, "webp": ""})),
    "a damaged picture": changed("path-picture", lambda r: r["payload"]["steps"][0]["instance"].update(webp="AAAA")),
    "a kind that does not exist": changed("rule-row", lambda r: r.update(kind="os.system")),
    "a changed precision": changed("rule-row", lambda r: r["payload"].update(precision=0.5)),
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_a_file_that_is_not_valid_is_refused_in_a_sentence(text: str):
    with pytest.raises(ValueError) as problem:  # noqa: PT011
        Explanation.from_json(text)
    sentence(problem.value)


def zeros(*shape: int) -> dict[str, Any]:
    """A map of nothing, packed: small, however large it is."""
    packer = zlib.compressobj(9)
    block = bytes(4_000_000)
    numbers, data = 4 * math.prod(shape), b""
    for at in range(0, numbers, len(block)):
        data += packer.compress(block[: numbers - at])
    return {"shape": list(shape), "deflated_float32": base64.b64encode(data + packer.flush()).decode()}


@pytest.mark.parametrize(
    ("name", "shape", "why"),
    [
        ("rule-picture", (7000, 7000), "height and width"),
        ("rule-picture", (20, 16), "height and width"),
        ("path-picture", (16, 20, 1), "height and width"),
        ("rule-row", (7000, 7000), "1,000,000 numbers"),
        ("path-row", (1, 1_000_001), "1,000,000 numbers"),
    ],
)
def test_a_map_of_another_size_is_refused_before_it_is_unpacked(name: str, shape: tuple[int, ...], why: str):
    text = changed(name, lambda r: r["payload"].update(segments=zeros(*shape)))
    tracemalloc.start()
    with pytest.raises(ValueError, match=why) as problem:
        Explanation.from_json(text)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    sentence(problem.value)
    assert peak < 3_000_000 + 3 * len(text)


@pytest.mark.parametrize("shape", [(1000, 1000), (2, 2)])
def test_a_map_of_a_row_is_read(shape: tuple[int, ...]):
    e = explained(rule(ROW, segments=np.zeros(shape)))
    assert Explanation.from_json(e.to_json()) == e


def test_a_composite_of_very_many_is_refused():
    text = changed("composite-row", lambda r: r["payload"].update(parts=r["payload"]["parts"] * 11))
    with pytest.raises(ValueError, match="more than 20") as problem:
        Explanation.from_json(text)
    sentence(problem.value)


@pytest.mark.parametrize("depth", [1, 3, 100, 2000])
def test_composites_inside_composites_end_in_a_sentence(depth: int):
    before, after = EXAMPLES["composite-empty"].to_json().split('"parts": []')
    assert Explanation.from_json(before + '"parts": []' + after) == EXAMPLES["composite-empty"]
    text = (before + '"parts": [') * depth + before + '"parts": []' + after + ("]" + after) * depth
    with pytest.raises(ValueError) as problem:  # noqa: PT011
        Explanation.from_json(text)
    sentence(problem.value)
