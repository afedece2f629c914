"""Materials of somebody else are put to the tests for leaks again when they are frozen, whatever their own list says."""

import dataclasses
import hashlib
import json
import shutil

import pytest

import studies
from explainers import Explanation
from studies.items import FORWARD
from studies.materials import ABOUT, ITEMS, MANIFEST
from studies.placeholders import placeholder_materials
from tests.fixtures.study_tasks import picture_study, small, table_study, text_study
from tests.fixtures.study_toys import design


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    return studies.build(small(text_study()), tmp_path_factory.mktemp("texts")).folder


@pytest.fixture
def folder(texts, tmp_path):
    """A built study to spoil."""
    return shutil.copytree(texts, tmp_path / "m", ignore=shutil.ignore_patterns("work", "frozen.md"))


def rewrite(folder, path, body):
    """As somebody does it who knows: the manifest fits."""
    manifest = json.loads((folder / MANIFEST).read_text())
    if body is None:
        (folder / path).unlink()
        del manifest["sha256"][path]
    else:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(body)
        manifest["sha256"][path] = hashlib.sha256(body).hexdigest()
    (folder / MANIFEST).write_text(json.dumps(manifest))


def change(folder, path, how):
    record = json.loads((folder / path).read_text())
    how(record)
    rewrite(folder, path, (json.dumps(record) + "\n").encode())


def refused(folder):
    with pytest.raises(ValueError, match=r"^These materials cannot be frozen: .*\.$") as caught:
        studies.Store("sqlite://").freeze(studies.Materials.load(folder))
    return str(caught.value)


@pytest.mark.parametrize("make", [text_study, table_study, picture_study])
def test_what_was_built_is_frozen_and_every_test_that_forbids_is_asked_for(make, tmp_path):
    made = studies.build(small(make()), tmp_path)
    assert {leak.name for leak in made.about.leaks if leak.blocks} <= set(studies.recheck.required(made)), "name a new one there"
    assert studies.Store("sqlite://").freeze(made) == 1


def test_a_list_without_a_test_is_refused(folder):
    change(folder, ABOUT, lambda about: about.update(leaks=[]))
    assert "the leak test “answers_hidden” is not among those" in refused(folder)


def test_a_test_that_was_made_a_figure_to_know_is_refused(folder):
    change(folder, ABOUT, lambda about: [leak.update(blocks=False, passed=False) for leak in about["leaks"] if leak["name"] == "edits"])
    assert "the leak test “edits” is not among those" in refused(folder)


def test_a_test_that_is_said_to_have_passed_and_did_not_is_refused(folder):
    def turned(items):
        for item in items:
            if item["set"] == FORWARD:
                item["model_output"] = item["gold"]

    change(folder, ITEMS, turned)
    assert "“gold_only_forward”, made again, failed. Whoever always answers the right class is right on 100%" in refused(folder)


def test_an_answer_on_a_forward_screen_is_refused(folder):
    path = "screens/plain/forward-01.html"
    rewrite(folder, path, (folder / path).read_bytes() + b"<p>The system's answer: good</p>")
    assert "“answers_hidden”, made again, failed. forward-01 says more than its input" in refused(folder)


@pytest.mark.parametrize("modality", ["tabular", "image", "series", "x"])
def test_a_study_of_another_kind_than_its_inputs_is_refused(folder, modality):
    change(folder, ABOUT, lambda about: about.update(modality=modality))
    assert "is not the input of that item" in refused(folder)


def test_an_item_that_is_there_twice_is_refused(folder):
    def twice(items):
        one, other = (item for item in items if item["id"] in ("forward-01", "forward-02"))
        other.update(sha256=one["sha256"])

    change(folder, ITEMS, twice)
    rewrite(folder, "inputs/forward-02.json", (folder / "inputs/forward-01.json").read_bytes())
    rewrite(folder, "screens/plain/forward-02.html", (folder / "screens/plain/forward-01.html").read_bytes())
    assert "“overlap”, made again, failed" in refused(folder)


def test_an_explanation_of_another_answer_is_refused(folder):
    path = "explanations/random/learn-01.json"
    e = Explanation.from_json((folder / path).read_bytes())
    rewrite(folder, path, dataclasses.replace(e, target=1 - e.target).to_json().encode())
    assert "“explanations_of_originals”, made again, failed" in refused(folder)


@pytest.mark.parametrize("body", [b'"another text"', b"[[", b"{}", None])
def test_an_input_that_is_not_the_items_is_refused(folder, body):
    rewrite(folder, "inputs/forward-01.json", body)
    assert "inputs/forward-01 is not there, or is not the input of that item" in refused(folder)


@pytest.mark.parametrize("body", [b"{}", b"[[", None])
def test_an_explanation_that_cannot_be_read_is_refused(folder, body):
    rewrite(folder, "explanations/random/learn-01.json", body)
    assert "no explanation explanations/random/learn-01 that can be read" in refused(folder)


def test_placeholders_show_nothing_and_need_no_tests_and_what_only_looks_like_some_does(tmp_path):
    made = placeholder_materials(design(), tmp_path)
    assert studies.Store("sqlite://").freeze(made) == 1
    rewrite(tmp_path, "screens/plain/forward-001.html", b"<p>forward-001 is yes</p>")
    assert "is not among those" in refused(tmp_path)
