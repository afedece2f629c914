"""A design becomes materials: balanced, free of leaks, the same at every build, resumed after a kill, and refused with a sentence."""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest
from PIL import Image

import explainers
import studies
from explainers import Explanation
from studies import Design, Materials, arms
from studies.items import COUNTERFACTUAL, FLIP, FORWARD, LEARN, SAME
from studies.screens import visible
from tests.fixtures.study_tasks import picture_study, small, table_study, text_study
from tests.fixtures.toys import sentence

STUDIES = {"text": text_study, "tabular": table_study, "image": picture_study}


@pytest.fixture(scope="module", params=list(STUDIES))
def built(request, tmp_path_factory) -> tuple[Design, Materials]:
    design = small(STUDIES[request.param]())
    return design, studies.build(design, tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def table(tmp_path_factory) -> tuple[Design, Materials]:
    design = small(table_study())
    return design, studies.build(design, tmp_path_factory.mktemp("table"))


def contents(materials: Materials) -> dict[str, str]:
    return dict(materials.digests)


def test_cells_are_equal_and_no_leak_blocks(built):
    _, materials = built
    assert [leak.text for leak in materials.blocked] == []
    for name, each in ((LEARN, 1), (FORWARD, 1), (COUNTERFACTUAL, 2)):
        assert Counter(item.stratum for item in materials.of_set(name)) == dict.fromkeys(("0/0", "0/1", "1/0", "1/1"), each)
    kinds = Counter((item.stratum, item.cf_kind) for item in materials.of_set(COUNTERFACTUAL))
    assert set(kinds.values()) == {1}
    assert len({item.sha256 for item in materials.items}) == len(materials.items)


def test_items_say_what_the_model_says(built):
    design, materials = built
    task = design.task
    for item in materials.items:
        original = task.instances("test")[item.source]
        assert explainers.instance_sha256(original) == item.sha256
        assert item.gold == task.labels("test")[item.source]
        asked = int(explainers.predict(task, [original]).argmax())
        if item.set != COUNTERFACTUAL:
            assert item.model_output == asked
            continue
        place = materials.folder / "inputs" / f"{item.id}-changed"
        changed = Image.open(f"{place}.png") if task.modality == "image" else json.loads(Path(f"{place}.json").read_text())
        assert explainers.instance_sha256(changed) == item.changed_sha256
        assert item.original_output == asked
        assert item.model_output == int(explainers.predict(task, [changed]).argmax())
        assert (item.cf_kind == SAME) == (item.model_output == item.original_output)
        assert 1 <= item.edits <= design.edits


def test_every_arm_has_an_explanation_and_a_screen_of_the_same_items(built):
    design, materials = built
    for item in materials.items:
        for arm in ("plain", *design.arms):
            assert materials.read(materials.screen_path(arm, item))
        for arm in design.explained_arms:
            file = materials.folder / "explanations" / arm / f"{item.id}.json"
            assert file.is_file() == (item.set != FORWARD)
            if item.set != FORWARD:
                e = Explanation.from_json(file.read_bytes())
                assert e.target == (item.model_output if item.original_output is None else item.original_output)


def test_a_placebo_looks_like_an_explanation_of_this_input_but_is_another_ones(built):
    _, materials = built
    said = {}
    for arm in ("random", "placebo"):
        files = sorted((materials.folder / "explanations" / arm).glob("*.json"))
        said[arm] = {file.name: Explanation.from_json(file.read_bytes()) for file in files}
    values = {tuple(e.payload.values.tolist()) for e in said["random"].values()}
    for name, e in said["placebo"].items():
        assert e.instance_sha256 == said["random"][name].instance_sha256
        if e.modality != "tabular":  # of rows, `random` says the same with the same seed
            assert e.payload != said["random"][name].payload
        if e.modality != "text":  # a short text has room for fewer words
            assert tuple(e.payload.values.tolist()) in values


def test_screens_show_what_is_known_and_not_what_is_asked(built):
    design, materials = built
    labels = materials.about.class_names
    for item in materials.items:
        shown = visible(materials.read(f"screens/plain/{item.id}.html").decode())
        if item.set == FORWARD:
            assert design.texts.system_answer not in shown
            assert design.texts.right_answer not in shown
        else:
            known = item.model_output if item.original_output is None else item.original_output
            assert f"{design.texts.right_answer} {labels[item.gold]}" in shown
            assert f"{design.texts.system_answer} {labels[known]}" in shown
            assert shown.count(design.texts.system_answer) == 1
            assert design.texts.explanation not in shown
            assert design.texts.explanation in visible(materials.read(f"screens/random/{item.id}.html").decode())


def test_the_same_design_gives_the_same_materials_and_a_finished_folder_returns_at_once(table, tmp_path, monkeypatch):
    design, materials = table
    again = studies.build(design, tmp_path / "again")
    assert contents(again) == contents(materials)
    other = studies.build(small(design.task, seed=4), tmp_path / "other")
    assert {item.source for item in other.items} != {item.source for item in materials.items}
    monkeypatch.setattr(sys.modules["studies.build"], "Session", None)  # nothing is worked out any more
    assert studies.build(design, materials.folder).digest == materials.digest


def test_a_build_that_was_stopped_goes_on_where_it_was(table, tmp_path, monkeypatch):
    design, materials = table
    made: list[str] = []
    real = explainers.explain

    def explain(*args, **more):
        if len(made) == 5:
            raise KeyboardInterrupt  # as a kill: nothing after it runs
        made.append(args[0])
        return real(*args, **more)

    monkeypatch.setattr(arms.explainers, "explain", explain)
    with pytest.raises(KeyboardInterrupt):
        studies.build(design, tmp_path)
    with pytest.raises(ValueError, match="no finished materials"):
        Materials.load(tmp_path)
    finished: list[str] = []
    monkeypatch.setattr(arms.explainers, "explain", lambda *args, **more: finished.append(args[0]) or real(*args, **more))
    assert contents(studies.build(design, tmp_path)) == contents(materials)
    assert len(made) + len(finished) == len(materials.of_set(LEARN)) + len(materials.of_set(COUNTERFACTUAL))


def test_half_a_record_of_work_counts_as_none(table, tmp_path):
    design, materials = table
    broken = tmp_path / "work" / "explanations" / "random"
    broken.mkdir(parents=True)
    for item in materials.items:
        (broken / f"{item.sha256}.json").write_text('{"key": "a", "val')
    assert contents(studies.build(design, tmp_path)) == contents(materials)


def test_cancel_ends_with_a_sentence_and_keeps_what_is_done(table, tmp_path):
    design, materials = table
    cancel = threading.Event()
    told: list[float] = []

    def progress(fraction: float, left: float | None) -> None:
        told.append(fraction)
        if fraction > 0.3:
            cancel.set()

    with pytest.raises(ValueError, match="cancelled") as caught:
        studies.build(design, tmp_path, on_progress=progress, cancel=cancel)
    assert "go on" in sentence(caught.value)
    assert told == sorted(told)
    told.clear()
    assert contents(studies.build(design, tmp_path, on_progress=lambda f, left: told.append(f))) == contents(materials)
    assert (told[0], told[-1]) == (0.0, 1.0)
    assert told == sorted(told)


def test_crossed_forms_have_twice_the_items_and_equal_halves(tmp_path):
    materials = studies.build(small(table_study(), forms="crossed", arms=("control",)), tmp_path)
    assert materials.blocked == []
    for form in "AB":
        assert Counter(item.stratum for item in materials.of_set(FORWARD, form)) == dict.fromkeys(("0/0", "0/1", "1/0", "1/1"), 1)
        assert Counter(item.cf_kind for item in materials.of_set(COUNTERFACTUAL, form)) == {SAME: 4, FLIP: 4}
    assert {item.form for item in materials.of_set(LEARN)} == {""}


def test_a_study_of_one_test_has_no_items_of_the_other(tmp_path):
    materials = studies.build(small(table_study(), tests=("forward",)), tmp_path)
    assert materials.of_set(COUNTERFACTUAL) == []
    assert materials.blocked == []


def test_an_input_that_one_arm_cannot_explain_is_dropped_from_all(table, tmp_path, monkeypatch):
    design, before = table
    bad = before.of_set(LEARN)[0]
    real = explainers.explain

    def explain(method, task, instance, **more):
        if explainers.instance_sha256(instance) == bad.sha256:
            raise ValueError("Nothing can be said of this input.")
        return real(method, task, instance, **more)

    monkeypatch.setattr(arms.explainers, "explain", explain)
    materials = studies.build(small(design.task, arms=("control", "random", "lime"), explain={"lime": {"num_samples": 50}}), tmp_path)
    assert bad.sha256 not in {item.sha256 for item in materials.items}
    assert materials.about.counts["dropped, random: Nothing can be said of this input."] == 1
    assert materials.blocked == []


def test_a_design_the_task_cannot_meet_is_refused_with_one_that_it_can(tmp_path):
    task = table_study()
    with pytest.raises(ValueError, match="can be had") as caught:
        studies.build(small(task, learn=100, forward=200, counterfactual=200), tmp_path)
    told = sentence(caught.value).split("balanced design: ")[1].split(" can be had")[0]
    wanted = {name: int(count) for name, count in (part.split(" = ") for part in told.split(", "))}
    assert set(wanted) == {LEARN, FORWARD, COUNTERFACTUAL}
    assert not (tmp_path / "manifest.json").exists()


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"arms": ("control", "gradcam")}, "does not fit this study"),
        ({"arms": ("control", "nonsense")}, "neither a method nor one of your own"),
        ({"arms": ("control", "lime"), "explain": {"lime": {"num_samples": "many"}}}, "num samples must be a number"),
        ({"texts": {"labels": ["only one"]}}, "texts.labels"),
        ({"learn": 5}, "use 4 or 8"),
    ],
)
def test_what_cannot_be_built_is_said_before_anything_is_explained(more, told, tmp_path):
    with pytest.raises(ValueError, match=told) as caught:
        studies.build(small(table_study(60), **more), tmp_path)
    assert sentence(caught.value)


def test_a_path_to_another_answer_does_not_end_in_the_changed_form_that_is_asked(tmp_path):
    materials = studies.build(small(text_study(), arms=("control", "decision_boundary")), tmp_path)
    assert materials.blocked == []
    asked = {item.changed_sha256 for item in materials.of_set(COUNTERFACTUAL)}
    for file in (tmp_path / "explanations" / "decision_boundary").glob("*.json"):
        steps = Explanation.from_json(file.read_bytes()).payload.steps
        assert not asked & {explainers.instance_sha256(step.instance) for step in steps}


def test_words_of_the_design_are_what_participants_read(tmp_path):
    words = {"labels": ["nein", "ja & <b>"], "language": "de", "example": "Beispiel", "inputs": {"age": "Alter"}}
    materials = studies.build(small(table_study(), tests=("forward",), texts=words), tmp_path)
    html = materials.read(f"screens/random/{materials.of_set(LEARN)[0].id}.html").decode()
    assert '<div class="ft-study" lang="de" dir="ltr">' in html
    assert "Beispiel" in html
    assert "Alter" in html
    assert "<b>" not in html
    assert materials.about.class_names == ["nein", "ja & <b>"]
    assert materials.blocked == []
