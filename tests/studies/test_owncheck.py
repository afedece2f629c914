"""What a tool writes into an explanation is of the input that it explains: neither a name nor a part nor an example may tell of another."""

from __future__ import annotations

import dataclasses
import json

import pytest

import explainers
from explainers import Composite, Explanation
from studies.own import Own
from studies.pool import pool
from tests.fixtures.study_tasks import picture_study, table_study, text_study
from tests.fixtures.toys import sentence

TEXT, TABLE, PICTURES = text_study(), table_study(), picture_study()
FILM, OTHER = "a great film from the old garden", "a dull story from the old city"


def candidate(task, instance=None):
    test = task.instances("test")
    return next(one for one in pool(task).candidates if instance is None or test[one.row] == instance)


def taken(tmp_path, task, record, one=None):
    """What the arm `mine` shows of an input, given a file of the record; a text is of FILM where nothing else is said."""
    one = one or candidate(task, FILM if task is TEXT else None)
    least = {"instance_sha256": one.sha256, "model_fingerprint": task.model.fingerprint}
    (tmp_path / "x.json").write_text(json.dumps({**least, **record}))
    return Own.read("mine", tmp_path).of(task, one, task.check(task.instances("test")[one.row]))


def attribution(features, **more):
    return {"kind": "attribution", "payload": {"features": features, "values": [0.4, -0.1][: len(features)], **more}}


def rule(conditions, **more):
    sure = {"precision": 0.9, "precision_low": 0.8, "precision_high": 1.0, "coverage": 0.1}
    return {"kind": "rule", "payload": {"conditions": conditions, **sure, **more}}


def present(word):
    return {"feature": word, "op": "present", "value": None}


def path(*steps, **more):
    told = [
        {"instance": step, "changed": ["age 28 → 50"] if i else [], "margin": 1.0, "prediction": [0.5, 0.5]} for i, step in enumerate(steps)
    ]
    return {"kind": "boundary_path", "payload": {"steps": told, "flipped": True, **more}}


def refused(tmp_path, task, record, told):
    with pytest.raises(ValueError, match=told) as caught:
        taken(tmp_path, task, record)
    assert sentence(caught.value)


@pytest.mark.parametrize(
    "record",
    [
        attribution(["great"], names=["the changed form is answered good"]),
        attribution(["great"], names=["great, and the story in the city is bad"]),
        attribution(["great"], names=["great (2nd, answered bad)"]),
        rule([present("great")], names=["great => good"]),
    ],
)
def test_a_name_that_says_more_than_the_word_is_refused(tmp_path, record):
    refused(tmp_path, TEXT, record, "under the name")


@pytest.mark.parametrize(
    "name", ["age: in the test it is yes", "the answer to the next one is no", "age = 200000", "39 < age is yes", "gain"]
)
def test_a_name_that_says_more_than_the_column_and_the_value_is_refused(tmp_path, name):
    refused(tmp_path, TABLE, attribution(["age"], names=[name]), "says more than the column and this row's value")


def test_names_as_methods_write_them_are_taken(tmp_path):
    row = TABLE.instances("test")[candidate(TABLE).row]
    for name in ("age", f"age = {row['age']}", f"age: {row['age']}", "28 < age <= 37", "age > 28.5", "-1 <= age", f"age in {row['age']}"):
        assert taken(tmp_path, TABLE, attribution(["age"], names=[name])).payload.names == [name]
    assert taken(tmp_path, TEXT, attribution(["film"], names=["film (2nd)"])).payload.names == ["film (2nd)"]


@pytest.mark.parametrize(
    ("feature", "places"),
    [
        ("great", {"positions": [[999]]}),
        ("great", {"spans": [[[900, 1000]]]}),
        ("good", {"positions": [[1]], "spans": [[[2, 7]]]}),
        ("the answer is good", {"spans": [[[2, 7]]]}),
        ("great", {"positions": [[1]], "spans": [[]]}),
    ],
)
def test_a_word_is_one_of_the_text_wherever_it_is_said_to_stand(tmp_path, feature, places):
    refused(tmp_path, TEXT, attribution([feature], **places), "no word of the text")


def test_a_part_of_several_words_and_a_mark_are_taken_where_they_stand(tmp_path):
    e = taken(tmp_path, TEXT, attribution(["Great film"], spans=[[[2, 7], [8, 12]]]))
    assert e.payload.spans == [[[2, 7], [8, 12]]]
    assert taken(tmp_path, TEXT, attribution(["great film"], spans=[[[2, 12]]])).payload.names == ["great film"]
    assert taken(tmp_path, TEXT, attribution(["great"], positions=None, spans=None)).payload.spans == [[[2, 7]]], "found in the text"
    assert taken(tmp_path, TEXT, rule([present("great")])).payload.names == ["great"], "of a rule, too"


def test_a_part_of_an_explanation_is_of_the_same_input(tmp_path):
    """A tool that mixes up ids inside would show a test input with its answer."""
    other = candidate(TEXT, OTHER)
    part = attribution(["dull"]) | {"model_fingerprint": TEXT.model.fingerprint}
    for wrong in ({"instance": OTHER, "instance_sha256": other.sha256}, {"instance": OTHER}, {"instance_sha256": other.sha256}):
        record = {"kind": "composite", "payload": {"parts": [attribution(["great"]), attribution(["great"]) | wrong]}}
        refused(tmp_path, TEXT, record, "A part of x.json of the arm mine shows another input")
    record = {"kind": "composite", "payload": {"parts": [part]}}
    refused(tmp_path, TEXT, record, "'dull', which is no word of the text")


def test_a_picture_is_the_one_that_is_explained(tmp_path):
    one, other = [c for c in pool(PICTURES).candidates if c.output == 1][:2]
    test = PICTURES.instances("test")
    for row, right in ((other.row, False), (one.row, True)):
        record = json.loads(explainers.explain("random", PICTURES, test[row]).to_json())
        record |= {"instance_sha256": one.sha256, "prediction": list(one.proba)}
        del record["digest"]
        if right:
            assert explainers.instance_sha256(taken(tmp_path, PICTURES, record, one).instance) == one.sha256
            continue
        with pytest.raises(ValueError, match="shows another input than its instance_sha256 says"):
            taken(tmp_path, PICTURES, record, one)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"instance": "the answer to the story in the city is bad"}, "is not training input"),
        ({"source_index": 10**6}, "is not training input"),
        ({"class_index": 7}, "none of bad, good"),
        ({"shared": ["answered good"]}, "says in shared"),
        ({"prediction": [1.0]}, "a prediction of 1 numbers"),
    ],
)
def test_a_prototype_is_the_training_input_that_it_says_it_is(tmp_path, change, told):
    shown = {"instance": TEXT.instances("train")[5], "class_index": 1, "similarity": 0.5, "source_index": 5, "shared": ["the"]}
    record = {"kind": "prototypes", "payload": {"prototypes": [shown], "reasoning": False}}
    assert taken(tmp_path, TEXT, record).payload.prototypes[0].source_index == 5
    refused(tmp_path, TEXT, {"kind": "prototypes", "payload": {"prototypes": [{**shown, **change}], "reasoning": False}}, told)


def test_a_path_begins_at_the_input_and_keeps_its_columns(tmp_path):
    refused(tmp_path, TEXT, path(OTHER, FILM), "begins at another input")
    row = TABLE.instances("test")[candidate(TABLE).row]
    refused(tmp_path, TABLE, path(row, {**row, "answer": "yes"}), "other columns than the input")
    refused(tmp_path, TABLE, path(row, {**row, "age": 50}, locked=["the next one is yes"]), "which is no column")
    refused(
        tmp_path,
        TABLE,
        path(row, {**row, next(n for n, v in row.items() if isinstance(v, str)): "the next is yes"}),
        "is not a known value",
    )
    silent = path(row, {**row, "age": 50})
    silent["payload"]["steps"][1]["changed"] = []
    refused(tmp_path, TABLE, silent, "does not say what was changed")
    assert len(taken(tmp_path, TABLE, path(row, {**row, "age": 50}, locked=["gain"])).payload.steps) == 2


def test_a_condition_is_one_that_the_row_meets(tmp_path):
    row = TABLE.instances("test")[candidate(TABLE).row]
    good = {"feature": "age", "op": "==", "value": row["age"]}
    assert taken(tmp_path, TABLE, rule([good], names=["age"])).payload.conditions[0].feature == "age"
    for wrong in ({"value": "yes, as in the test"}, {"op": "in", "value": ["yes", "no"]}, {"op": "<=", "value": "no"}):
        refused(tmp_path, TABLE, rule([good | wrong], names=["age"]), "none that this row meets")


METHODS = ["random", "lime", "anchors", "nearest_examples", "decision_boundary", "occlusion", "shap_kernel", "lime_reference", "composite"]


@pytest.mark.parametrize("task", [TEXT, TABLE, PICTURES], ids=["text", "table", "pictures"])
def test_explanations_by_methods_are_taken_as_ones_own(tmp_path, task):
    """What is refused of other tools is nothing that a method of the registry writes; a composite of them neither."""
    one = candidate(task)
    instance = task.check(task.instances("test")[one.row])
    fit = [method.name for method in explainers.methods(task) if method.fits and method.name in METHODS]
    assert len(fit) >= 6
    made = []
    for name in fit:
        e = explainers.explain(name, task, instance, max_calls=300)
        (tmp_path / "x.json").write_text(e.to_json())
        assert Own.read("mine", tmp_path).of(task, one, instance) == e, name
        made += [e] if e.kind != "composite" else []
    together: Explanation = dataclasses.replace(made[0], payload=Composite(made[:3]), quality=[])
    (tmp_path / "x.json").write_text(together.to_json())
    assert Own.read("mine", tmp_path).of(task, one, instance) == together
