"""Leaving, coming back, timing out, forgetting: nothing left of who withdraws, and what was served is known."""

import re
from importlib import metadata

import pytest

from studies.export import read_csv
from tests.fixtures.study_toys import frozen, run


@pytest.fixture
def study(tmp_path):
    return frozen(tmp_path)


class TestLeaving:
    def test_nothing_is_left_of_who_withdraws_but_a_count_and_a_mark_apart(self, study, tmp_path):
        store, version = study
        token = store.enroll(version, external_id="CANARY-PID")
        other = store.enroll(version, external_id="other")
        run(store, token, until="POST")
        store.withdraw(token)
        with pytest.raises(ValueError, match="not known"):
            store.current_step(token)
        assert set(store.trials(version)["participant"]) <= {"p2"}
        rows = store.status(version).values.tolist()
        assert [n for _, state, n in rows if state == "withdrawn"] == [1]
        with store.engine.connect() as c:
            for table in ("step", "response", "event", "payment_link"):
                assert (
                    c.exec_driver_sql(
                        f"SELECT COUNT(*) FROM {table} WHERE participant_id NOT IN (SELECT participant_id FROM participant)"
                    ).scalar()
                    == 0
                )
            assert c.exec_driver_sql("SELECT stage FROM withdrawal").scalars().all() == ["POST"]
        assert store.current_step(other).seq == 0
        with store.engine.connect() as c:
            kept = [str(row) for t in ("withdrawal", "withdrawn_mark") for row in c.exec_driver_sql(f"SELECT * FROM {t}").all()]
        assert len(kept) == 2
        assert not [one for one in kept if "CANARY" in one or store.keys.external_hash(version, "CANARY-PID") in one]

    def test_no_id_from_outside_stands_in_the_file(self, study, tmp_path):
        store, version = study
        token = store.enroll(version, external_id="CANARY-PID-7")
        store.consent(version, external_id="CANARY-PID-8", params={"SESSION_ID": "CANARY-SESSION"})
        store.engine.dispose()
        for file in tmp_path.glob("study.db*"):
            content = file.read_bytes()
            assert b"CANARY" not in content
            assert token.encode() not in content

    def test_a_place_that_was_left_is_listed_again_and_who_comes_back_goes_on(self, study):
        store, version = study
        token = store.enroll(version, external_id="p")
        store.enroll(version, external_id="q")
        step = run(store, token, until="PRE")
        far = 10**14
        assert store.time_out(version, 30, now=far) == 2
        assert store.time_out(version, 30, now=far) == 0
        assert store.returned(version, ["q", "nobody"]) == 1
        with store.engine.connect() as c:
            cells = c.exec_driver_sql(
                "SELECT arm_id, form_id, replaces_slot FROM slot WHERE kind = 'replacement' ORDER BY replaces_slot"
            ).all()
            first = c.exec_driver_sql("SELECT arm_id, form_id, slot_no FROM slot WHERE slot_no < 2 ORDER BY slot_no").all()
        assert cells == first
        assert store.submit(token, step.seq, "0", "n").status == "saved"
        assert store.status(version)["state"].tolist().count("active") == 1
        assert run(store, token).kind == "complete"

    def test_who_leaves_before_the_quiz_is_over_had_no_place_to_give_back(self, study):
        store, version = study
        slow, back = store.consent(version, external_id="slow"), store.consent(version, external_id="back")
        assert store.returned(version, ["back", "back"]) == 1
        assert store.time_out(version, 30, now=10**14) == 1
        assert store.status(version)["state"].tolist() == ["returned", "timed_out"]
        with store.engine.connect() as c:
            assert c.exec_driver_sql("SELECT COUNT(*) FROM slot WHERE kind = 'replacement'").scalar() == 0
        store.submit(slow, 0, "next", "n")
        assert store.status(version)["state"].tolist() == ["consented", "returned"]
        assert run(store, slow).kind == run(store, back).kind == "complete"
        with pytest.raises(ValueError, match="a number above 0"):
            store.time_out(version, "5")

    def test_once_people_are_paid_their_numbers_can_be_deleted(self, tmp_path):
        store, version = frozen(tmp_path)
        done = store.enroll(version, external_id="done")
        run(store, done)
        store.enroll(version, external_id="under way")
        with store.engine.connect() as c:
            raw = c.exec_driver_sql("SELECT ext_id_encrypted FROM payment_link").scalars().all()
        assert store.forget_ids(version) == 1
        store.export(version, tmp_path / "out")
        assert "done" not in (tmp_path / "out-payment" / "approve.csv").read_text()
        assert store.forget_ids(version, everyone=True) == 1
        assert store.forget_ids(version, everyone=True) == 0
        for file in tmp_path.glob("study.db*"):
            assert not [one for one in raw if one.encode() in file.read_bytes()]
        assert store.enroll(version, external_id="done") == done, "still nobody takes part twice"
        told = store.information(version)[0].decode()
        assert "and then deleted; a code made from it stays, so that nobody takes part twice" in told
        store.export(version, tmp_path / "out")
        assert not (tmp_path / "out-payment").exists()

    def test_who_sends_a_note_is_there_and_who_leaves_is_not(self, study, monkeypatch):
        store, version = study
        clock = [10**12]
        monkeypatch.setattr("studies.store._now", lambda: clock[0])
        here, away = store.enroll(version), store.enroll(version)
        clock[0] += 600_000
        store.note(here, 0, "focus")
        store.note(away, 0, "blur")
        assert store.time_out(version, 5, now=clock[0]) == 1
        assert store.submit(here, 0, "next", "n").status == "saved"
        assert store.status(version)["state"].tolist().count("active") == 1

    def test_a_program_and_a_person_of_the_same_number_do_not_go_on_as_one_another(self, study):
        store, version = study
        assert store.enroll(version, external_id="p", bot=True) != store.enroll(version, external_id="p")
        assert store.status(version)["participants"].sum() == 1
        assert store.time_out(version, 1, now=10**14) == 1, "a program is nobody who was timed out"

    def test_a_clock_that_is_put_back_for_a_while_times_nobody_out(self, study, monkeypatch):
        store, version = study
        now = [10**12]
        monkeypatch.setattr("studies.store._now", lambda: now[0])
        token = store.enroll(version, external_id="p")
        now[0] -= 3_600_000
        store.submit(token, 0, "next", "n")
        now[0] += 3_600_000
        assert store.time_out(version, 30, now=now[0]) == 0

    def test_who_finished_after_the_lists_for_paying_were_made_is_not_forgotten_unpaid(self, study, tmp_path, monkeypatch):
        store, version = study
        now = [10**12]
        monkeypatch.setattr("studies.store._now", lambda: now[0])
        run(store, store.enroll(version, external_id="first"))
        later = store.enroll(version, external_id="later")
        store.export(version, tmp_path / "out")
        now[0] += 1
        run(store, later)
        until = int(re.search(r"forget_ids\(version, until=(\d+)\)", (tmp_path / "out-payment" / "README.md").read_text())[1])
        assert store.forget_ids(version, until=until) == 1
        store.export(version, tmp_path / "out")
        told = (tmp_path / "out-payment" / "approve.csv").read_text()
        assert ("later" in told, "first" in told) == (True, False)
        with pytest.raises(ValueError, match="whole milliseconds"):
            store.forget_ids(version, until="yesterday")


class TestServedBy:
    def test_which_foretell_served_somebody_is_known_after_an_update_too(self, tmp_path, monkeypatch):
        store, version = frozen(tmp_path)
        monkeypatch.setattr("studies.recruiting.program", lambda: "1.0")
        both, before = (store.enroll(version, external_id=name) for name in ("both", "before"))
        store.submit(before, 0, "next", "n")
        monkeypatch.setattr("studies.recruiting.program", lambda: "1.1")
        store.enroll(version, external_id="after")
        for seq in range(2):
            store.submit(both, seq, "next", f"n{seq}")
        out = store.export(version, tmp_path / "out")
        told = read_csv(next((out / "data").glob("*participants*")), "participants")["served_by"]
        assert sorted(told) == ["1.0", "1.0, 1.1", "1.1"]

    def test_it_is_this_one(self, study):
        store, version = study
        store.enroll(version)
        with store.engine.connect() as c:
            assert c.exec_driver_sql("SELECT served_by FROM participant").scalar() == metadata.version("foretell")
