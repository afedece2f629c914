"""Withdrawing while others read, and a program that is replaced in the middle of a study."""

import dataclasses
import sqlite3
from contextlib import closing

import pytest

import studies
from studies import freezing
from studies.export import read_csv
from studies.placeholders import placeholder_materials
from studies.plan import Planner
from tests.fixtures.study_toys import design, frozen, run


def holds(folder, what):
    return any(what in file.read_bytes() for file in folder.iterdir() if file.name.startswith("study.db") and file.suffix != ".key")


def test_a_withdrawal_waits_for_no_reader_and_is_gone_from_the_files_when_that_one_is(tmp_path):
    store, version = frozen(tmp_path)
    token = store.enroll(version, external_id="p")
    mark = store.keys.external_hash(version, "p").encode()
    with closing(sqlite3.connect(tmp_path / "study.db")) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT COUNT(*) FROM participant").fetchone()
        store.engine.dispose()
        store.withdraw(token)
        assert store.status(version)["state"].tolist() == ["withdrawn"]
        store.enroll(version, external_id="q")
        assert holds(tmp_path, mark), "the reader still sees her"
    store.enroll(version, external_id="r")
    assert not holds(tmp_path, mark)


class Upgraded(Planner):
    def page(self, text):
        return super().page(text) + b"<!-- another program -->"


@pytest.mark.parametrize("right", [True, False])
def test_who_is_in_the_quiz_when_the_program_is_replaced_is_told_and_goes_on_with_the_old_one(tmp_path, monkeypatch, right):
    store, version = frozen(tmp_path)
    token = store.consent(version, external_id="p")
    run(store, token, until="Q1", right=right)
    questions = len(store.frozen(version).design.texts.quiz)
    step = store.current_step(token)
    for _ in range(questions - 1):
        step = store.submit(token, step.seq, "0" if right else "1", str(step.seq)).step
    store._frozen.clear()
    with monkeypatch.context() as upgraded:
        upgraded.setattr(freezing, "Planner", Upgraded)
        with pytest.raises(ValueError, match="was frozen with Foretell"):
            store.submit(token, step.seq, "0" if right else "1", "last")
        store._frozen.clear()
    assert store.current_step(token).seq == step.seq, "nothing is stored, nothing is lost"
    assert store.submit(token, step.seq, "0" if right else "1", "last").step.block == ("L0" if right else "I2")


def test_nobody_gets_the_number_of_who_withdrew(tmp_path):
    store, version = frozen(tmp_path)
    run(store, store.enroll(version, external_id="first"), until="L1")
    store.withdraw(store.enroll(version, external_id="second"))
    run(store, store.enroll(version, external_id="third"), until="L1")
    assert store.trials(version)["participant"].unique().tolist() == ["p1", "p3"]


def test_who_was_given_a_place_in_the_middle_of_the_quiz_is_in_the_flow_of_people(tmp_path):
    store, version = frozen(tmp_path)
    for name in ("stays", "withdraws"):
        token = store.consent(version, external_id=name)
        store.enroll(version, external_id=name)
    store.withdraw(token)
    table = next((store.export(version, tmp_path / "out") / "data").glob("*part-attrition_data.csv"))
    flow = read_csv(table, "attrition")
    assert flow.loc[flow["stage"] == "allocated", "reached"].sum() == 2
    assert flow["withdrawn"].sum() == flow["in_progress"].sum() == 1


def marks(store):
    with store.engine.connect() as c:
        return c.exec_driver_sql("SELECT COUNT(*) FROM withdrawn_mark").scalar()


class TestComingAgain:
    def test_who_withdrew_does_not_choose_another_arm_by_coming_again(self, tmp_path):
        store, version = frozen(tmp_path)
        again = store.freeze(placeholder_materials(design(seed=5), tmp_path / "again"))
        assert "scrambled form" in store.information(version)[0].decode()
        store.withdraw(store.enroll(version, external_id="p"))
        for door in (store.enroll, store.consent):
            for one in (version, again):
                with pytest.raises(ValueError, match="had your answers deleted, so you cannot take part again"):
                    door(one, external_id="p")
        assert store.status(version)["participants"].sum() == 1

    def test_who_did_no_more_than_agree_leaves_nothing_and_may(self, tmp_path):
        store, version = frozen(tmp_path)
        store.withdraw(store.consent(version, external_id="p"))
        assert marks(store) == 0
        token = store.consent(version, external_id="p")
        run(store, token, until="Q1", right=False)  # has read the questions: else who failed the quiz could try for ever
        store.withdraw(token)
        with pytest.raises(ValueError, match="cannot take part again"):
            store.consent(version, external_id="p")

    def test_programs_and_who_came_without_a_number_leave_no_mark(self, tmp_path):
        store, version = frozen(tmp_path)
        store.withdraw(store.enroll(version, external_id="bot", bot=True))
        store.withdraw(store.enroll(version))
        assert marks(store) == 0

    def test_the_marks_go_when_the_study_ends(self, tmp_path):
        store, version = frozen(tmp_path)
        again = store.freeze(placeholder_materials(design(seed=5), tmp_path / "again"))
        store.withdraw(store.enroll(version, external_id="p"))
        left = store.enroll(version, external_id="q")
        mark = store.keys.withdrawn_mark(store.keys.external_hash(version, "p")).encode()
        assert holds(tmp_path, mark)
        store.close(version)
        assert marks(store) == 1, "the other version still lets people in"
        store.close(again)
        assert marks(store) == 0
        assert not holds(tmp_path, mark)
        store.withdraw(left)
        assert marks(store) == 0

    @pytest.mark.parametrize(
        "texts",
        [
            {"withdrawal": ""},
            {"information": "You can have everything deleted."},
            {"information": "We pay. {withdrawal} Ask {ethics}, or not.", "ethics": ""},  # that sentence goes as a whole
        ],
    )
    def test_what_people_are_not_told_is_not_kept(self, tmp_path, texts):
        store = studies.Store(f"sqlite:///{tmp_path}/study.db")
        made = placeholder_materials(design(), tmp_path / "m")
        own = dataclasses.replace(design(texts=texts), task="t")
        files = {path: made.read(path) for path in made.digests if path.startswith("screens/")}
        version = store.freeze(studies.Materials.write(tmp_path / "own", own, made.about, made.items, files))
        assert "scrambled form" not in store.information(version)[0].decode()
        token = store.enroll(version, external_id="p")
        store.withdraw(token)
        assert marks(store) == 0
        assert store.enroll(version, external_id="p") != token

    def test_a_program_that_withdraws_is_no_person_who_did(self, tmp_path):
        store, version = frozen(tmp_path)
        bot, person = store.enroll(version, bot=True), store.enroll(version)
        store.withdraw(bot)
        assert store.status(version)["state"].tolist() == ["active"]
        table = next((store.export(version, tmp_path / "out") / "data").glob("*part-attrition_data.csv"))
        flow = read_csv(table, "attrition")
        assert (flow["withdrawn"].sum(), flow["reached"].iloc[0]) == (0, 1)
        store.enroll(version)
        run(store, person, until="L1")
        assert store.trials(version)["participant"].unique().tolist() == ["p2"], "numbers are not given twice"


class TestWithdrawingAndPay:
    def test_who_came_to_the_end_is_paid_though_nothing_is_kept_of_her(self, tmp_path):
        store, version = frozen(tmp_path, completion={"complete": "DONE1"})
        finished, early = store.enroll(version, external_id="a"), store.enroll(version, external_id="b")
        run(store, finished, until="debrief")
        for token, code in ((finished, "DONE1"), (early, None)):
            said = store.withdraw(token)
            assert (said.kind, said.completion_code) == ("complete", code)
            assert "have been deleted" in said.stimulus
        assert store.status(version)["state"].tolist() == ["withdrawn"] * 2
        run(store, store.enroll(version, external_id="c"))
        store.export(version, tmp_path / "out")
        assert "(1 at most so far)" in (tmp_path / "out-payment" / "README.md").read_text()

    def test_a_single_id_in_place_of_a_list_is_refused(self, tmp_path):
        store, version = frozen(tmp_path)
        with pytest.raises(ValueError, match="has to be a list"):
            store.returned(version, "id3")
        with pytest.raises(ValueError, match="no version 9"):
            store.status(9)


def test_people_are_told_by_default_what_is_kept_of_who_withdraws_whatever_else_is_not_filled_in():
    for details in ({}, {"contact": "ada@example.org"}, {"researcher": "Ada Ling", "ethics": "Approved.", "retention": "Kept a year."}):
        texts = studies.Design.from_dict({"name": "n", "task": "t", "texts": details}).texts
        assert texts.remembers
        assert texts.withdrawal in texts.with_values({}).information
