"""A study as data: defaults, protocols, files, and what cannot be."""

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import studies
from studies.words import Question, Words

MINIMAL = {"name": "Films", "task": "reviews"}


def test_defaults_are_the_papers_numbers_with_a_control_arm():
    d = studies.Design.from_dict(MINIMAL)
    assert (d.learn, d.forward, d.counterfactual) == (16, 32, 32)
    assert (d.arms, d.tests, d.forms, d.primary) == (("control", "lime"), ("forward", "counterfactual"), "same", "clustered_linear")


def test_the_short_form_has_one_test_of_16_items():
    d = studies.Design.from_dict({**MINIMAL, "protocol": "short"})
    assert (d.tests, d.forward) == (("forward",), 16)
    assert studies.Design.from_dict({**MINIMAL, "protocol": "short", "learn": 4}).learn == 4


def test_replication_is_the_papers_protocol_exactly():
    d = studies.Design.from_dict({**MINIMAL, "protocol": "replication"})
    assert d.arms == ("lime", "anchors", "prototypes", "decision_boundary", "composite")
    assert (d.learn, d.forward, d.counterfactual, d.forms, d.attention, d.primary) == (16, 32, 32, "same", 0, "replication_bootstrap")
    with pytest.raises(ValueError, match="where forward is 32"):
        studies.Design.from_dict({**MINIMAL, "protocol": "replication", "forward": 16})
    with pytest.raises(ValueError, match="no control"):
        studies.Design.from_dict({**MINIMAL, "protocol": "replication", "arms": ["control", "lime"]})


def full():
    return {
        **MINIMAL, "model": "bilstm", "arms": ["control", "placebo", "lime", "mine"], "own": {"mine": "/tmp/mine"}, "forms": "crossed",
        "explain": {"lime": {"num_samples": 500}}, "weights": {"lime": 2}, "completion": {"complete": "C1"}, "seed": 7,
        "questions": [{"name": "age", "text": "How old are you?", "kind": "text"},
                      {"name": "hard", "text": "How hard was it?", "kind": "likert", "points": 5, "low": "easy", "high": "hard"}],
        "texts": {"language": "ar", "direction": "rtl", "next": "التالي", "labels": ["سلبي", "إيجابي"]},
    }  # fmt: skip


def test_it_survives_a_dict_and_a_file(tmp_path):
    d = studies.Design.from_dict(full())
    assert studies.Design.from_dict(d.to_dict()) == d
    d.save(tmp_path / "study.toml")
    assert studies.Design.load(tmp_path / "study.toml") == d
    assert set(full()) <= set(d.to_dict())


def test_folders_in_a_file_are_meant_from_where_it_lies(tmp_path):
    (tmp_path / "films").mkdir()
    (tmp_path / "study.toml").write_text('name = "x"\ntask = "films"\narms = ["control", "mine"]\n[own]\nmine = "made"\n')
    d = studies.Design.load(tmp_path / "study.toml")
    assert (d.task, d.own["mine"]) == (str(tmp_path / "films"), str(tmp_path / "made"))


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"lern": 16}, "no entry 'lern'"),
        ({"arms": []}, "arms has to be a list"),
        ({"arms": ["lime", "lime"]}, "same name"),
        ({"arms": ["Lime!"]}, "small letters"),
        ({"arms": ["control", "placebo"]}, "needs an arm with explanations"),
        ({"tests": ["backward"]}, "use one of forward, counterfactual"),
        ({"forward": 0}, "whole number from 1 to 500"),
        ({"forward": True}, "whole number"),
        ({"planned": 10**9}, "planned has to be"),
        ({"primary": "t_test"}, "primary is"),
        ({"weights": {"anchors": 2}}, "no arm of this design"),
        ({"weights": {"lime": 0}}, "whole number from 1 to 20"),
        ({"own": {"control": "x"}}, "control and placebo are made"),
        ({"texts": {"titel": "x"}}, "no entry 'titel'"),
        ({"texts": {"next": 3}}, "has to be a text"),
        ({"texts": {"information": "{name}"}}, "which nothing fills in"),
        ({"texts": {"direction": "up"}}, "use ltr or rtl"),
        ({"texts": {"quiz": [{"name": "q", "text": "?", "choices": ["a", "b"], "correct": "c"}]}}, "word for word"),
        ({"questions": [{"name": "q", "text": "?", "kind": "slider"}]}, "likert, choice or text"),
        ({"questions": [{"name": "q", "text": "?", "kind": "choice", "choices": ["a"]}]}, "at least two"),
        ({"questions": [{"name": "q", "text": "a", "kind": "text"}] * 2}, "same name"),
        ({"name": ""}, "needs a name"),
        ({"protocol": "long"}, "protocol is"),
        ({"arms": 5}, "arms has to be a list"),
        ({"arms": "control"}, "arms has to be a list"),
        ({"tests": [["forward"]]}, "use one of forward"),
        ({"texts": 3}, "texts has to be a table"),
        ({"model": 3}, "have to be texts"),
        ({"questions": [{"name": "honest", "text": "?", "kind": "text"}]}, "another one"),
        ({"questions": [{"name": "q", "text": "?", "kind": "likert", "low": 5}]}, "low, high and correct"),
        ({"questions": [{"name": "q", "text": "?", "kind": "likert", "tell_all": "no"}]}, "tell_all have to be true or false"),
        ({"questions": [{"name": "q", "text": "?", "choices": ["a", "a", "b"]}]}, "all of them different"),
        ({"completion": {"complet": "X"}}, "completion is 'complet'"),
        ({"preregistration": {"hypothesis": "none"}}, "preregistration is 'hypothesis'"),
        ({"texts": {"instructions": [], "quiz": []}}, "at least one page"),
        ({"texts": {"instructions": ["{name}"]}}, "which nothing fills in"),
        ({"texts": {"attention": "Choose the right one."}}, "by {choice}"),
        ({"arms": ["control", "plain"]}, "cannot be called plain"),
        ({"explain": {"lmie": {"num_samples": 9}}}, "explain names 'lmie', which is no arm"),
        ({"explain": {"control": {}}}, "explain gives parameters to 'control', which is no method"),
        ({"texts": {"information": "Run by {researcher}."}}, "Of texts.information nothing is left.*researcher"),
        ({"texts": {"consent": "{contact}"}}, "Of texts.consent nothing is left"),
        ({"texts": {"information": "{withdrawal}", "withdrawal": ""}}, "nothing is left"),
        ({"currency": "\ud800"}, "cannot be stored"),
        ({"completion": {"complete": "a\0"}}, "cannot be stored"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(wrong, said):
    with pytest.raises(ValueError, match=said):
        studies.Design.from_dict({**MINIMAL, **wrong})


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"name = ", "is not TOML"), (b"\xff\xfe", "is not TOML"), (b"x = " + b"[" * 9999, "lists in lists"), (None, "cannot be read")],
)
def test_a_file_that_is_none(tmp_path, content, said):
    if content is not None:
        (tmp_path / "study.toml").write_bytes(content)
    with pytest.raises(ValueError, match=said):
        studies.Design.load(tmp_path / "study.toml")


@given(
    st.dictionaries(
        st.text(max_size=10), st.one_of(st.none(), st.integers(), st.text(max_size=5), st.lists(st.text(max_size=3))), max_size=3
    )
)
@settings(max_examples=60, deadline=None)
def test_whatever_is_in_it_the_answer_is_a_design_or_a_sentence(given_):
    if set(given_) <= {"seed"}:
        return
    with pytest.raises(ValueError, match="no entry"):
        studies.Design.from_dict({**MINIMAL, **given_})


def test_every_string_that_a_participant_sees_is_in_the_design():
    words = Words().to_dict()
    for name in (
        "information",
        "consent",
        "instructions",
        "quiz",
        "predict",
        "rating",
        "debrief",
        "honest",
        "right_answer",
        "attention",
        "next",
    ):
        assert words[name], name


def test_a_protocol_is_kept_however_the_design_is_made():
    """By the constructor and by `replace` too: else it is found out after the whole build."""
    for protocol in ("replication", "short"):
        with pytest.raises(ValueError, match=r"Design\.from_dict"):
            studies.Design(name="n", task="t", protocol=protocol)
    paper = studies.Design.from_dict({"name": "n", "task": "t", "protocol": "replication"})
    with pytest.raises(ValueError, match="where attention is 0"):
        dataclasses.replace(paper, attention=2)
    short = studies.Design.from_dict({"name": "n", "task": "t", "protocol": "short"})
    assert dataclasses.replace(short, planned=40).forward == 16


def test_texts_and_questions_are_checked_as_objects_too():
    for texts in (Words(direction='"><script>'), Words(consent=""), Words(instructions=())):
        with pytest.raises(ValueError, match="texts"):
            studies.Design(name="n", task="t", texts=texts)
    with pytest.raises(ValueError, match="at least two choices"):
        studies.Design(name="n", task="t", questions=(Question("q", "?", choices=("a",)),))


def test_the_forward_test_comes_first_however_tests_are_written():
    assert studies.Design.from_dict({**MINIMAL, "tests": ["counterfactual", "forward"]}).tests == ("forward", "counterfactual")
