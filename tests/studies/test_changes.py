"""Changed forms of both kinds are found, kept, and drawn again as they were."""

from __future__ import annotations

import pytest

import explainers
from studies.changes import both, draw_again, find
from studies.items import FLIP, SAME
from studies.pool import pool
from studies.workfiles import Work
from tests.fixtures.study_tasks import table_study, text_study
from tests.fixtures.toys import words_model


@pytest.mark.parametrize("make", [table_study, text_study])
def test_forms_say_what_the_model_answers_and_can_be_drawn_again(make, tmp_path):
    task = make()
    one = pool(task).candidates[0]
    instance = task.instances("test")[one.row]
    forms = find(task, one, instance, 3, 7, Work(tmp_path))
    assert both(forms)
    for form in forms[:6]:
        changed = draw_again(task, one, instance, form, 3, 7)
        assert explainers.instance_sha256(changed) == form.sha256 != one.sha256
        answer = int(explainers.predict(task, [changed]).argmax())
        assert answer == form.output
        assert form.kind == (SAME if answer == one.output else FLIP)
        assert 1 <= form.edits <= 3


def test_what_was_found_is_kept_for_this_seed_and_model_alone(tmp_path, monkeypatch):
    task = text_study()
    one = pool(task).candidates[0]
    instance = task.instances("test")[one.row]
    forms = find(task, one, instance, 3, 7, Work(tmp_path))
    monkeypatch.setattr("explainers.predict", None)
    assert find(task, one, instance, 3, 7, Work(tmp_path)) == forms
    with pytest.raises(TypeError):  # asks the model again
        find(task, one, instance, 3, 8, Work(tmp_path))


def test_a_model_that_never_changes_its_answer_has_no_forms_of_both_kinds(tmp_path):
    task = explainers.make_task("f", "text", words_model({}, 0.9), ["a great film"], [1], class_names=["bad", "good"], version="1")
    one = pool(task).candidates[0]
    assert not both(find(task, one, "a great film", 3, 0, Work(tmp_path)))
