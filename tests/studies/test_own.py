"""A researcher tests her own method: a folder of explanations or pictures, checked against the model and the input."""

from __future__ import annotations

import dataclasses
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

import explainers
import studies
from explainers import Explanation
from studies.checks import folder_hash
from studies.items import FORWARD
from studies.own import Own, _picture
from tests.fixtures.study_tasks import small, table_study, text_study
from tests.fixtures.toys import sentence


@pytest.fixture(scope="module")
def explained(tmp_path_factory):
    """What her tool would do: explain every candidate, here with `random` and another seed."""
    task = table_study()
    inputs, made = tmp_path_factory.mktemp("inputs"), tmp_path_factory.mktemp("made")
    for sha256 in studies.candidates(small(task, arms=("control",)), inputs):
        row = json.loads((inputs / f"{sha256}.json").read_text())
        (made / f"{sha256}.json").write_text(explainers.explain("random", task, row, seed=9).to_json())
    return task, made


def test_candidates_are_those_that_a_study_asks_for(explained, tmp_path):
    task, made = explained
    materials = studies.build(small(task, arms=("control", "mine"), own={"mine": str(made)}), tmp_path)
    assert materials.blocked == []
    for item in materials.items:
        file = tmp_path / "explanations" / "mine" / f"{item.id}.json"
        assert file.is_file() == (item.set != FORWARD)
        if item.set != FORWARD:
            assert Explanation.from_json(file.read_bytes()).seed == 9
    assert not any("no explanation" in name for name in materials.about.counts)


def test_texts_of_a_tool_that_differ_from_item_to_item_are_in_the_report(explained, tmp_path):
    task, made = explained
    looked = {}
    for name, unit in (("same", "weight in <b>bits</b>"), ("telling", "weight; {} comes next")):
        mine = tmp_path / name
        mine.mkdir()
        for i, file in enumerate(sorted(made.glob("*.json"))):
            e = Explanation.from_json(file.read_bytes())
            said = dataclasses.replace(e.payload, unit=unit.format(task.class_names[i % 2]))
            (mine / file.name).write_text(dataclasses.replace(e, payload=said).to_json())
        materials = studies.build(small(task, arms=("control", "mine"), own={"mine": str(mine)}), tmp_path / f"{name}-out")
        assert materials.blocked == []
        looked[name] = next(leak for leak in materials.about.leaks if leak.name == "own_texts")
    assert looked["same"].passed
    assert (looked["telling"].passed, looked["telling"].value) == (False, 2.0)
    assert "weight; yes comes next" in (tmp_path / "telling-out" / "report.md").read_text()


def test_pictures_are_shown_anew_and_told_to_be_looked_at(explained, tmp_path):
    task, made = explained
    pictures = tmp_path / "png"
    pictures.mkdir()
    note = PngImagePlugin.PngInfo()
    note.add_text("comment", "the answer is yes")
    for file in made.glob("*.json"):
        Image.new("RGB", (2_000, 40), f"#{file.stem[:6]}").save(pictures / f"{file.stem}.png", pnginfo=note)
    materials = studies.build(small(task, arms=("control", "placebo", "mine"), own={"mine": str(pictures)}), tmp_path / "out")
    assert materials.blocked == []
    assert [leak.passed for leak in materials.about.leaks if leak.name == "own_pictures"] == [False]
    file = next((tmp_path / "out" / "explanations" / "mine").glob("*.png"))
    assert b"the answer is yes" not in file.read_bytes()
    assert Image.open(file).width == 1_200
    assert "data:image/png;base64," in (tmp_path / "out" / "screens" / "mine" / f"{file.stem}.html").read_text()


def one_of(task, made):
    from studies.pool import pool

    return next(c for c in pool(task).candidates if (made / f"{c.sha256}.json").is_file())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda e: dataclasses.replace(e, model_fingerprint="f" * 64), "another model"),
        (lambda e: dataclasses.replace(e, target=1 - e.target), "explain the class that it answers"),
        (lambda e: dataclasses.replace(e, instance={**e.instance, "age": 18}), "another input than its instance_sha256 says"),
    ],
)
def test_an_explanation_of_something_else_is_refused(explained, tmp_path, change, told):
    task, made = explained
    one = one_of(task, made)
    e = change(Explanation.from_json((made / f"{one.sha256}.json").read_bytes()))
    (tmp_path / "x.json").write_text(e.to_json())
    with pytest.raises(ValueError, match=told) as caught:
        Own.read("mine", tmp_path).of(task, one, task.instances("test")[one.row])
    assert sentence(caught.value)


def bomb() -> bytes:
    out = io.BytesIO()
    Image.fromarray(np.zeros((6_000, 6_000), dtype=np.uint8)).save(out, "PNG")
    return out.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("x.json", b"{", "not JSON"),
        ("x.png", b"", "not named by the sha256"),
        (f"{'a' * 64}.png", b"no picture", "cannot be read"),
        (f"{'a' * 64}.png", bomb(), "megapixels"),
        ("readme.txt", b"", "no .json or .png file"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path, explained, name, content, told):
    task, made = explained
    (tmp_path / name).write_bytes(content)
    one = dataclasses.replace(one_of(task, made), sha256="a" * 64)
    with pytest.raises(ValueError, match=told) as caught:
        Own.read("mine", tmp_path).of(task, one, task.instances("test")[one.row])
    assert sentence(caught.value)


def test_what_is_no_file_ends_in_a_sentence(tmp_path):
    for name, make in (("folder", Path.mkdir), ("pipe", os.mkfifo)):
        place = tmp_path / name
        place.mkdir()
        make(place / "x.json")
        with pytest.raises(ValueError, match=r"x\.json of the arm mine is no file") as caught:
            Own.read("mine", place)
        assert sentence(caught.value)


def test_a_file_that_may_not_be_read_ends_in_a_sentence(tmp_path, monkeypatch):
    for name in ("x.json", f"{'a' * 64}.png"):
        (tmp_path / name).write_bytes(b"{}")

    def closed(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "read_bytes", closed)
    for read in (lambda: Own.read("mine", tmp_path), lambda: folder_hash(tmp_path), lambda: _picture("mine", tmp_path / f"{'a' * 64}.png")):
        with pytest.raises(ValueError, match="cannot be opened") as caught:
            read()
        assert sentence(caught.value)


def test_a_composite_inside_another_is_refused(explained, tmp_path):
    deep = {"kind": "composite", "payload": {"parts": [{"kind": "composite", "payload": {"parts": [PART]}}]}}
    with pytest.raises(ValueError, match="in it a composite is part of another composite"):
        read(tmp_path, *explained, **deep)


def test_two_explanations_of_one_input_are_refused(tmp_path, explained):
    content = next(explained[1].glob("*.json")).read_bytes()
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match="the same input"):
        Own.read("mine", tmp_path)


PART = {"kind": "attribution", "payload": {"features": ["age"], "values": [1.0]}}


def least(one, task, **more):
    """What somebody writes with a tool that is not ours, from candidates.json."""
    payload = {"features": ["age", "gain"], "values": [0.4, -0.1]}
    return {"instance_sha256": one.sha256, "model_fingerprint": task.model.fingerprint, "kind": "attribution", "payload": payload, **more}


def read(tmp_path, task, made, **more):
    one = one_of(task, made)
    (tmp_path / "x.json").write_text(json.dumps(least(one, task, **more)))
    return one, Own.read("mine", tmp_path).of(task, one, task.instances("test")[one.row])


def test_four_entries_are_enough_and_the_rest_is_what_the_study_knows(explained, tmp_path):
    task, made = explained
    one, e = read(tmp_path, task, made)
    assert (e.method, e.target, e.instance, e.payload.values.tolist()) == ("mine", one.output, task.instances("test")[one.row], [0.4, -0.1])
    assert e.prediction == pytest.approx(explainers.predict(task, [e.instance])[0])


def test_a_made_up_prediction_is_refused_and_a_rounded_one_taken(explained, tmp_path):
    task, made = explained
    one = one_of(task, made)
    rounded = [round(p, 2) for p in one.proba]
    assert read(tmp_path, task, made, prediction=rounded)[1].prediction.tolist() == rounded
    sure = [0.999, 0.001] if one.output == 0 else [0.001, 0.999]
    with pytest.raises(ValueError, match="says in prediction that the model gives") as caught:
        read(tmp_path, task, made, prediction=sure)
    assert sentence(caught.value)


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"class_names": ["low", "high"]}, "other class_names"),
        ({"instance_sha256": "x"}, "not 64 hex digits"),
        ({"payload": {"features": ["age"]}}, "not a valid explanation"),
        ({"payload": {"features": ["hours"], "values": [1.0]}}, "'hours', which is no column"),
        ({"kind": "attributions"}, "not a valid explanation"),
        ({"kind": "composite", "payload": {"parts": [{**PART, "prediction": [0.5, 0.5]}]}}, "says in prediction"),
    ],
)  # fmt: skip
def test_a_minimal_one_that_says_something_wrong_is_refused(explained, tmp_path, more, told):
    with pytest.raises(ValueError, match=told):
        read(tmp_path, *explained, **more)


def test_words_of_a_text_are_found_in_it(tmp_path):
    from studies.pool import pool

    task = text_study()
    one = next(one for one in pool(task).candidates if task.instances("test")[one.row] == "a great film from the old garden")
    for words, wrong in ((["film", "great"], None), (["films"], "'films', which is no word of the text")):
        (tmp_path / "x.json").write_text(json.dumps(least(one, task, payload={"features": words, "values": [0.1] * len(words)})))
        own = Own.read("mine", tmp_path)
        if wrong is not None:
            with pytest.raises(ValueError, match=wrong):
                own.of(task, one, "a great film from the old garden")
        else:
            e = own.of(task, one, "a great film from the old garden")
            assert (e.payload.positions, e.payload.spans) == ([[2], [1]], [[[8, 12]], [[2, 7]]])


@pytest.mark.parametrize("name", ["instance_sha256", "model_fingerprint", "kind", "payload"])
def test_what_has_to_be_there_is_named(explained, tmp_path, name):
    task, made = explained
    record = least(one_of(task, made), task)
    del record[name]
    (tmp_path / "x.json").write_text(json.dumps(record))
    with pytest.raises(ValueError, match=f"has no {name}"):
        Own.read("mine", tmp_path)


def test_candidates_say_all_that_an_explanation_repeats(tmp_path):
    task = table_study()
    first = studies.candidates(small(task, arms=("control",)), tmp_path)
    told = json.loads((tmp_path / "candidates.json").read_text())
    assert (told["model_fingerprint"], told["class_names"]) == (task.model.fingerprint, ["no", "yes"])
    assert [one["instance_sha256"] for one in told["inputs"]] == first
    one = told["inputs"][0]
    row = task.instances("test")[one["row"]]
    assert json.loads((tmp_path / one["file"]).read_text()) == row
    assert one["prediction"] == pytest.approx(explainers.predict(task, [row])[0].tolist())
    assert one["target_name"] == told["class_names"][one["target"]]
    head = (tmp_path / "candidates.csv").read_text().splitlines()[0].split(",")
    assert {"model_output_name", "probability_0", "probability_1", "model_fingerprint"} <= set(head)
    second = studies.candidates(small(task, arms=("control",), seed=8), tmp_path)
    assert {file.stem for file in tmp_path.glob("*.json")} == {*second, "candidates"}, "inputs of an earlier call are gone"


def test_a_folder_that_explains_nothing_of_the_study_is_refused_before_any_work(explained, tmp_path):
    task, _ = explained
    mine = tmp_path / "mine"
    mine.mkdir()
    Image.new("RGB", (9, 9)).save(mine / f"{'a' * 64}.png")
    with pytest.raises(ValueError, match="No file of the arm mine explains an input"):
        studies.build(small(task, arms=("control", "mine"), own={"mine": str(mine)}), tmp_path / "out")


def test_an_error_says_how_many_explanations_are_missing(explained, tmp_path):
    task, made = explained
    few = tmp_path / "few"
    few.mkdir()
    for file in sorted(made.glob("*.json"))[:3]:
        (few / file.name).write_bytes(file.read_bytes())
    design = small(task, arms=("control", "mine"), own={"mine": str(few)}, tests=("forward",))
    with pytest.raises(ValueError, match=r"mine: no explanation of one's own \(\d+\)") as caught:
        studies.build(design, tmp_path / "out")
    assert "changed form" not in str(caught.value)
