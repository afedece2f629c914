"""The export, case by case: withdrawals, small cells, bonuses, files that fail, texts that would be formulas."""

from __future__ import annotations

import csv
import dataclasses
from types import SimpleNamespace

import pandas as pd
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import studies
from studies.export import COLUMNS, TABLES, documents, files, payment, read_csv, rows, rules
from studies.export.files import Folder
from studies.items import Item
from studies.materials import Materials
from studies.placeholders import placeholder_materials
from studies.words import Question
from tests.fixtures.study_exports import (
    CANARY,
    FORMULA,
    HOSTILE,
    SMALL,
    Session,
    code_of,
    design,
    files_of,
    psychds_problems,
    table,
)


def test_who_is_far_too_fast_or_presses_one_key_is_flagged():
    """Twenty take about 1,000 seconds, one takes one; one answers the same to 20 of 20 predictions, one to 19, one to 9 of 9."""

    def person(n, seconds):
        return {"number": n, "arm_id": "lime", "consent_at": 0, "completed_at": 1_000 * seconds, "late": 0, "is_bot": n >= 30}

    def answers(n, ones, of=20):
        same = {"number": n, "kind": "predict", "question": "", "correct": "", "early": 0}
        return [{**same, "answer": "1" if i < ones else "0"} for i in range(of)]

    found = SimpleNamespace(
        people=[*(person(n, 950 + 5 * n) for n in range(20)), person(20, 1), *(person(n, 1) for n in range(30, 40))],  # the last ten are programs
        steps=[*answers(0, 20), *answers(1, 19), *answers(2, 9, 9)], design=SimpleNamespace(attention=0),
    )  # fmt: skip
    flagged = [(row["participant"], row["rule"]) for row in rules.exclusions(found, {n: f"c{n:02d}" for n in range(40)}) if row["flagged"]]
    assert [one for one in flagged if one[0] < "c30"] == [("c00", "same_key"), ("c20", "too_fast")], "programs do not move the bound"


def test_a_clock_that_was_put_back_makes_nobody_fast():
    people = [
        {"number": n, "arm_id": "lime", "consent_at": 10**6, "completed_at": 2 * 10**6 + n, "late": 0, "is_bot": 0} for n in range(20)
    ]
    people.append({**people[0], "number": 20, "completed_at": 10**6 - 5})
    found = SimpleNamespace(people=people, steps=[], design=SimpleNamespace(attention=0))
    told = [row for row in rules.exclusions(found, {n: f"c{n:02d}" for n in range(21)}) if row["rule"] == "too_fast"]
    assert not any(row["flagged"] for row in told)
    assert told[-1]["value"] is None
    assert told[0]["threshold"] > 13.8, "nor does it move the others' bound"
    assert rows._since(people[-1], "completed_at") is None


def test_a_withdrawal_leaves_no_row_and_one_count(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    for name in ("one", "two", "three"):
        session.come(name)
    before = session.store.export(session.version, tmp_path / "before", seed=1)
    gone = code_of(session, "two", 1)
    session.store.withdraw(session.people["two"])
    after = session.store.export(session.version, tmp_path / "after", seed=2)
    for name in TABLES:
        old, new = table(before, name), table(after, name)
        if "participant" in old:
            old = old[old["participant"] != gone].drop(columns="participant")
            order = list(old.columns)
            rest = new.drop(columns="participant")
            if name == "exclusions":  # the mean of who is left is another one
                old, rest = (frame[frame["rule"] != "too_fast"] for frame in (old, rest))
            if name == "answers":  # all cells are small here
                assert set(new["suppressed"][new["question_kind"] == "choice"]) == {1}
            pd.testing.assert_frame_equal(*(f.sort_values(order).reset_index(drop=True) for f in (old, rest)), check_dtype=False)
    assert table(after, "attrition")["withdrawn"].sum() == 1
    assert table(after, "attrition")["reached"].iloc[0] == 3
    assert (tmp_path / "after-payment" / "approve.csv").read_text().count(CANARY + "-two") == 0


def test_choices_that_few_people_made_are_withheld():
    assert rows.small_cells(["a"] * 9 + ["b"] * 7, ["a", "b"]) == set()
    assert rows.small_cells(["a"] * 9 + ["b"] * 4, ["a", "b"]) == {"a", "b"}  # b alone could be told from the rest
    assert rows.small_cells(["a"] * 9 + ["b"] * 7 + ["c"] * 2, ["a", "b", "c"]) == {"b", "c"}
    assert rows.small_cells(["a"] * 9 + ["b"] * 4 + ["c"] * 2 + [""], ["a", "b", "c"]) == {"b", "c"}
    assert rows.small_cells(["a"] * 9 + ["b"] * 6 + ["c", "d"], ["a", "b", "c", "d"]) == {"b", "c", "d"}  # two would be known to be c or d
    assert rows.small_cells(["a"] * 9 + ["b"] * 6 + ["c"], ["a", "b", "c", "d"]) == {"b", "c", "d"}  # nobody else is d
    assert rows.small_cells(["a", "b", ""], ["a", "b"]) == {"a", "b"}
    assert rows.small_cells(["a"] * 5, ["a", "b"]) == set()


@given(st.lists(st.sampled_from(["", *"abcde"]), max_size=60))
def test_whose_answer_is_withheld_is_hidden_among_five_or_all(answers):
    withheld = rows.small_cells(answers, list("abcde"))
    hidden, told = [a for a in answers if a in withheld], [a for a in answers if a and a not in withheld]
    assert all(told.count(a) >= rows.LEAST for a in told)
    assert not hidden or (len(hidden) >= rows.LEAST and len(set(hidden)) > 1) or not told


def test_one_rule_holds_for_all_closing_answers_and_the_codebook_says_it(tmp_path, monkeypatch):
    asked = (
        Question("age", "How old?", "choice", ("young", "old")),
        Question("reads", "How well do you read?", "likert", points=5),
        Question("trust", "Do you trust it?", "likert", points=5, tell_all=True),
        Question("more", "Anything else?", "text"),
    )
    session = Session(tmp_path, monkeypatch, design(**{**SMALL, "questions": asked}))
    for name in ("one", "two", "three"):
        session.come(name)
    out = session.store.export(session.version, tmp_path / "out", seed=1)
    told = table(out, "answers").groupby("question")["choice"].apply(lambda given: int(given.notna().sum())).to_dict()
    assert told == {"age": 0, "reads": 0, "trust": 3}
    _, *parts = (out / "codebook.md").read_text().split("### closing: ")
    rules_told = {part.split("\n")[0]: part for part in parts}
    for name, words in (("age", "fewer than 5"), ("reads", "fewer than 5"), ("trust", "Every answer is told"), ("more", "table of texts")):
        assert words in rules_told[name]
    assert "fewer than 5" not in rules_told["trust"]


def test_programs_are_left_out_so_they_do_not_fill_up_small_cells(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    session.people = {f"bot{i}": session.store.enroll(session.version, bot=True) for i in range(6)}
    for name in [*session.people, "person"]:
        session.come(name)
    folder = session.store.export(session.version, tmp_path / "out", seed=1)
    age = table(folder, "answers").query("question == 'age'")
    assert len(age) == 1
    assert age["suppressed"].all()
    assert table(folder, "participants")["bot"].tolist() == [0]
    assert table(folder, "trials")["participant"].nunique() == 1


def test_a_bonus_counts_what_is_above_guessing():
    assert payment.bonus_of(correct=20, asked=32, classes=2, each=0.1) == 0.4
    assert payment.bonus_of(correct=10, asked=32, classes=2, each=0.1) == 0.0
    assert payment.bonus_of(correct=20, asked=32, classes=2, each=0.0) == 0.0
    assert studies.Design(name="a", task="t").bonus == 0.0
    assert studies.Design.from_dict(design().to_dict()).bonus == 0.5
    with pytest.raises(ValueError, match="bonus has to be a number from 0 to 100"):
        studies.Design(name="a", task="t", bonus=-1.0)


def test_without_external_ids_there_is_no_folder_for_paying(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch, design(**SMALL))
    session.come("nobody", external=False)
    token = session.come("somebody")
    out = session.store.export(session.version, tmp_path / "out")
    assert (tmp_path / "out-payment").exists()
    session.store.withdraw(token)
    assert session.store.export(session.version, str(out)) == out  # again into the same folder
    assert not (tmp_path / "out-payment").exists()


def test_an_export_that_fails_leaves_the_earlier_one(tmp_path, monkeypatch):
    session = Session(tmp_path, monkeypatch)
    session.come("one", until=9)
    out = session.store.export(session.version, tmp_path / "out")
    before = files_of(out)

    def full(found):
        raise OSError("disk full")

    monkeypatch.setattr(documents, "codebook", full)
    with pytest.raises(OSError, match="disk full"):
        session.store.export(session.version, out)
    assert files_of(out) == before
    assert {path.name for path in tmp_path.iterdir()} == {"materials", "out", "out-payment"}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("'" + FORMULA), min_size=1), min_size=1))
@example(HOSTILE)
def test_no_text_is_a_formula_and_every_text_comes_back(tmp_path_factory, texts):
    path = tmp_path_factory.getbasetemp() / "guard.csv"
    frame = files.typed([{"participant": "p1", "question": "q", "text": text} for text in texts], "texts")
    files.write_csv(frame, path)
    with path.open(encoding="utf8", newline="") as file:
        assert not [cell for row in csv.reader(file) for cell in row if cell.startswith(tuple(FORMULA))]
    pd.testing.assert_frame_equal(read_csv(path, "texts"), frame)


def test_a_negative_number_stays_a_number(tmp_path):
    frame = files.typed([{"participant": "p1", "rule": "-x", "value": -3.5, "threshold": None, "flagged": -1}], "exclusions")
    files.write_csv(frame, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text().splitlines()[1] == "p1,'-x,-3.5,,-1"
    pd.testing.assert_frame_equal(read_csv(tmp_path / "x.csv", "exclusions"), frame)


def test_names_and_texts_of_a_study_run_nowhere(tmp_path, monkeypatch):
    """Items, classes, questions, choices and free texts that a spreadsheet or a browser would run."""
    asked = tuple(Question(name, name, "choice", ("=1+1", "<b>", "@c")) for name in ("=q", "-q"))
    of = design(
        **SMALL, name="=<script>alert(1)</script> | `x` [a](b)", questions=(*asked, Question("+say", "<i>", "text")),
    )  # fmt: skip
    plain = placeholder_materials(of, tmp_path / "plain")
    about = dataclasses.replace(plain.about, class_names=["=no", "@yes"])
    names = {item.id: f"{mark}{item.id}" for item, mark in zip(plain.items, "=+-@" * 20, strict=False)}
    items = [Item(**{**dataclasses.asdict(item), "id": names[item.id]}) for item in plain.items]
    screens = {path.replace(old, new): plain.read(path) for path in plain.digests for old, new in names.items() if f"/{old}.html" in path}
    session = Session(tmp_path, monkeypatch, materials=Materials.write(tmp_path / "m", plain.design, about, items, screens))
    for i in range(3):
        session.come(f"p{i}", said=HOSTILE[0], age="1")
    out = session.store.export(session.version, tmp_path / "out", seed=1)
    assert psychds_problems(out) == []
    for path in (*out.glob("data/*.csv"), *(tmp_path / "out-payment").glob("*.csv")):
        with path.open(encoding="utf8", newline="") as file:
            assert not [cell for row in csv.reader(file) for cell in row if cell.startswith(tuple(FORMULA))], path
    assert set(table(out, "items")["item"]) == set(names.values())
    told = table(out, "items")
    assert set(told["gold_label"]) | set(told["model_output_label"]) == {"=no", "@yes"}
    assert set(table(out, "texts")["text"]) == {"=1+1"}
    for path in out.glob("*.md"):
        assert "<script" not in path.read_text()
        assert "<b>" not in path.read_text()
    assert "\\[a\\]\\(b\\)" in (out / "README.md").read_text()


@pytest.mark.parametrize("path", ["../x", "/x", "a/../../x", "a\\..\\x", "a\nb"])
def test_a_store_cannot_name_a_file_outside_the_export(tmp_path, path):
    folder = Folder(tmp_path / "out", "m", "i")
    with pytest.raises(ValueError, match="would not lie in the export"):
        folder.write(path, b"")


def test_every_column_has_a_meaning_and_a_table():
    assert {name for names in TABLES.values() for name in names} == set(COLUMNS)
    assert all(column.meaning and column.kind in ("text", "whole number", "number") for column in COLUMNS.values())
