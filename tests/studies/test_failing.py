"""A build on which everything fails alike ends soon, and says why; one on which something fails goes on without it."""

from __future__ import annotations

import pytest

import explainers
import studies
from studies import arms
from tests.fixtures.study_tasks import small, table_study
from tests.fixtures.toys import people, people_model, sentence

real = explainers.explain


class Method:
    """In the place of explain: fails as it is told by how many inputs it was asked about before."""

    def __init__(self, why):
        self.why, self.asked = why, 0

    def __call__(self, method, task, instance, **more):
        self.asked += 1
        problem = self.why(self.asked)
        if problem:
            raise ValueError(problem)
        return real(method, task, instance, **more)


def build(folder, monkeypatch, why):
    method = Method(why)
    monkeypatch.setattr(arms.explainers, "explain", method)
    try:
        studies.build(small(table_study(), arms=("control", "random")), folder)
        return method.asked, ""
    except ValueError as problem:
        return method.asked, sentence(problem)


def test_a_method_that_fails_on_every_input_ends_the_build_with_its_reason(tmp_path, monkeypatch):
    asked, said = build(tmp_path, monkeypatch, lambda n: f"The package shap lacks a file, asked {n} times for “row {n}”.")
    assert asked == arms.ALIKE == 20
    assert said.startswith("The build ends here, since random explained none of the first 20 inputs, each time for the same reason: ")
    assert "The package shap lacks a file, asked 20 times" in said
    monkeypatch.setattr(arms, "ALIKE", 10**6)
    asked, said = build(tmp_path / "without", monkeypatch, lambda n: f"The package shap lacks a file, asked {n} times.")
    assert asked > 100, "it would have gone on for as long as there are inputs"


def test_what_failed_is_tried_again_once_the_reason_is_gone(tmp_path, monkeypatch):
    assert build(tmp_path, monkeypatch, lambda n: "No memory is left.")[1]
    asked, said = build(tmp_path, monkeypatch, lambda n: "")
    assert (asked, said) == (12, "")


@pytest.mark.parametrize(
    "why",
    [
        lambda n: "Too long." if n < 20 else "",  # one before it would end
        lambda n: "Too long." if n != 5 else "",  # something was explained: what is missing is told by the design that can be had
        lambda n: "Too long." if n % 2 else "Too short.",  # not alike
    ],
)
def test_a_method_that_fails_on_some_or_for_different_reasons_goes_on(tmp_path, monkeypatch, why):
    asked, said = build(tmp_path, monkeypatch, why)
    assert asked > 20
    assert "The build ends here" not in said


def test_different_failures_first_do_not_hide_that_all_the_others_are_alike(tmp_path, monkeypatch):
    asked, said = build(tmp_path, monkeypatch, lambda n: "Too short." if n <= 3 else "Too long.")
    assert asked == 23
    assert "none of the first 23 inputs, the last 20 times for the same reason: Too long." in said


def test_a_model_that_raises_ends_the_build_at_its_first_call(tmp_path):
    calls = []

    def raises(frame):
        calls.append(len(frame))
        raise RuntimeError("no graphics card")

    def only_whole_sets(frame):
        calls.append(len(frame))
        if len(calls) > 2:
            raise RuntimeError("no graphics card")
        return people_model(frame)

    for n, predict in enumerate((raises, only_whole_sets)):
        calls.clear()
        rows = people(240)
        task = explainers.make_task("m", "tabular", predict, rows, [0, 1] * 120, class_names=["no", "yes"], version=str(n))
        with pytest.raises((RuntimeError, ValueError), match="no graphics card"):
            studies.build(small(task, arms=("control", "lime")), tmp_path / str(n))
        assert len(calls) <= 3
