"""The store: one person one slot, the first answer and no other, nothing lost, nothing left of who withdraws."""

import re
import sqlite3
from importlib import metadata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import studies
from studies.export import read_csv
from studies.placeholders import placeholder_materials
from tests.fixtures.study_toys import design, frozen, run


@pytest.fixture
def study(tmp_path):
    return frozen(tmp_path)


def places(store):
    """Of people."""
    with store.engine.connect() as c:
        return c.exec_driver_sql("SELECT COUNT(*) FROM slot WHERE kind <> 'bot'").scalar()


def fill(store, version):
    """Everybody who takes part has come."""
    for i in range(places(store)):
        store.enroll(version, external_id=str(i))


class TestArriving:
    def test_consent_takes_no_slot_and_passing_the_quiz_does(self, study):
        store, version = study
        token = store.consent(version, external_id="p")
        assert store.current_step(token).kind == "instruct"
        assert store.status(version).values.tolist() == [["", "consented", 1]]
        step = run(store, token, until="L0")
        assert step.kind == "learn"
        assert store.status(version)["state"].tolist() == ["active"]

    def test_a_person_is_one_person_however_often_she_comes(self, study):
        store, version = study
        tokens = {store.consent(version, external_id="p") for _ in range(3)} | {store.enroll(version, external_id="p") for _ in range(3)}
        assert len(tokens) == 1
        assert store.status(version)["participants"].sum() == 1
        again = studies.Store(str(store.engine.url))
        assert again.enroll(version, external_id="p") in tokens
        assert store.enroll(version, external_id="q") not in tokens

    def test_who_fails_the_quiz_tries_again_and_is_then_thanked_without_a_slot(self, study):
        store, version = study
        token = store.consent(version, external_id="p", params={"SESSION_ID": "s"})
        first = run(store, token, until="Q1", right=False)
        step = store.submit(token, first.seq, "2", "a").step
        step = store.submit(token, step.seq, "1", "b").step
        assert (step.kind, step.block) == ("instruct", "I2")
        step = run(store, token, right=False)
        assert step.kind == "complete"
        assert "return it" in step.stimulus
        assert store.status(version).values.tolist() == [["", "screened_out", 1]]
        assert step.completion_code != run_code(store, version)

    def test_when_all_slots_are_taken_it_says_so(self, tmp_path):
        store, version = frozen(tmp_path, planned=1, reserve=0.0)
        places = len(store.frozen(version).design.arms) * 2
        with store.engine.connect() as c:
            listed = c.exec_driver_sql("SELECT COUNT(*) FROM slot").scalar()
        assert listed in (places, 2 * places)  # a block
        for i in range(listed):
            store.enroll(version, external_id=str(i))
        with pytest.raises(ValueError, match="All places"):
            store.enroll(version, external_id="one more")

    def test_nobody_reads_and_answers_a_quiz_for_a_place_that_is_not_there(self, tmp_path):
        store, version = frozen(tmp_path, planned=1, reserve=0.0)
        begun = store.consent(version, external_id="begun")
        fill(store, version)
        with pytest.raises(ValueError, match="All places of this study are taken at the moment"):
            store.consent(version, external_id="late")
        assert store.status(version).groupby("state")["participants"].sum().to_dict() == {"active": places(store), "consented": 1}
        store.consent(version, external_id="a program", bot=True)
        step = run(store, begun)
        assert (step.kind, "places in this study are taken" in step.stimulus) == ("complete", True)

    def test_who_found_no_place_takes_one_that_came_free_when_she_comes_again(self, tmp_path):
        store, version = frozen(tmp_path, planned=1, reserve=0.0)
        token = store.consent(version, external_id="begun", params={"SESSION_ID": "s"})
        fill(store, version)
        run(store, token)
        assert store.consent(version, external_id="begun") == token
        assert store.current_step(token).kind == "complete", "there is still none"
        assert store.forget_ids(version) == 1
        store.time_out(version, 30, now=10**14)
        assert store.consent(version, external_id="begun") == token
        assert store.current_step(token).block == "L0"
        assert run(store, token).kind == "complete"
        store.export(version, tmp_path / "out")
        assert "begun" in (tmp_path / "out-payment" / "approve.csv").read_text(), "she is to be paid"

    def test_who_found_no_place_gets_none_in_a_study_that_was_closed(self, tmp_path):
        store, version = frozen(tmp_path, planned=1, reserve=0.0)
        token = store.consent(version, external_id="begun")
        fill(store, version)
        run(store, token)
        store.time_out(version, 30, now=10**14)
        store.close(version)
        assert store.consent(version, external_id="begun") == token
        assert store.current_step(token).kind == "complete"

    def test_a_closed_study_lets_nobody_new_in_and_everybody_finish(self, study):
        store, version = study
        token = store.enroll(version, external_id="p")
        store.close(version)
        with pytest.raises(ValueError, match="closed"):
            store.consent(version, external_id="q")
        assert store.enroll(version, external_id="p") == token
        assert run(store, token).kind == "complete"

    @pytest.mark.parametrize("token", ["", "x" * 43, "A" * 43, None, 7, "' OR 1=1 --" * 4])
    def test_a_token_that_nobody_has_is_refused(self, study, token):
        store, version = study
        store.enroll(version)
        for call in (store.current_step, store.withdraw, lambda t: store.submit(t, 0, "next", "n")):
            with pytest.raises(ValueError, match="not known here"):
                call(token)

    @pytest.mark.parametrize("external", ["", "x" * 201, 7])
    def test_an_external_id_that_cannot_be_one(self, study, external):
        with pytest.raises(ValueError, match="1 to 200 characters"):
            study[0].consent(study[1], external_id=external)


def run_code(store, version):
    return run(store, store.enroll(version)).completion_code


class TestAnswers:
    def test_the_first_answer_stands(self, study):
        store, version = study
        token = store.enroll(version)
        step = run(store, token, until="PRE")
        assert store.submit(token, step.seq, "0", "a").status == "saved"
        assert store.submit(token, step.seq, "0", "a").status == "repeated"
        assert store.submit(token, step.seq, "1", "b").status == "stale"
        assert store.submit(token, step.seq + 5, "1", "c").status == "stale"
        assert store.trials(version)["answer"].tolist() == [0]
        assert store.current_step(token).seq == step.seq + 1

    def test_a_sending_counts_for_one_step_only(self, study):
        store, version = study
        token = store.enroll(version)
        step = run(store, token, until="PRE")
        after = store.submit(token, step.seq, "0", "a").step
        found = store.submit(token, after.seq, "1", "a")
        assert (found.status, found.step.seq) == ("stale", after.seq)
        assert len(store.trials(version)) == 1

    def test_two_people_may_send_the_same_nonce(self, study):
        store, version = study
        for person in "pq":
            token = store.enroll(version, external_id=person)
            assert store.submit(token, 0, "next", "same").status == "saved"

    @pytest.mark.parametrize("answer", ["2", "", None, 1.0, True, ["0"], "0; DROP TABLE response", "0" * 10_000])
    def test_an_answer_that_is_not_among_the_choices_stores_nothing(self, study, answer):
        store, version = study
        token = store.enroll(version)
        step = run(store, token, until="PRE")
        with pytest.raises(ValueError, match="not among the choices"):
            store.submit(token, step.seq, answer, "n")
        assert store.trials(version).empty
        assert store.current_step(token).seq == step.seq

    @pytest.mark.parametrize(
        ("given", "said"),
        [({"seq": -1}, "number of the step"), ({"seq": "0"}, "number of the step"), ({"nonce": ""}, "nonce"), ({"nonce": "x" * 200}, "nonce"),
         ({"rt_ms": -5}, "milliseconds"), ({"rt_ms": 10**12}, "milliseconds"), ({"rt_ms": 1.5}, "milliseconds"),
         ({"focus": {"hidden_ms": "x"}}, "milliseconds")],
    )  # fmt: skip
    def test_what_comes_with_it_is_checked(self, study, given, said):
        store, version = study
        token = store.enroll(version)
        with pytest.raises(ValueError, match=said):
            store.submit(token, **{"seq": 0, "answer": "next", "nonce": "n", **given})

    def test_a_whole_study_gives_every_trial_and_a_code_at_the_end(self, study):
        store, version = study
        token = store.enroll(version)
        step = store.current_step(token)
        while step.kind != "complete":
            assert step.completion_code is None
            step = store.submit(token, step.seq, step.choices[0].value, f"n{step.seq}", rt_ms=900).step
        assert len(step.completion_code) == 8
        trials = store.trials(version)
        assert trials.groupby(["test", "phase"], observed=True).size().tolist() == [8, 8, 8, 8]
        assert (trials["correct"] == (trials["answer"] == trials["model_output"])).all()
        assert trials[trials.test == "counterfactual"]["cf_kind"].value_counts().to_dict() == {"same": 8, "flip": 8}
        assert trials[trials.test == "forward"]["cf_kind"].isna().all()
        assert set(trials["rt_ms"]) == {900}

    def test_closing_questions_may_be_left_empty_and_texts_are_kept_as_they_are(self, tmp_path):
        store, version = frozen(tmp_path, questions=[{"name": "why", "text": "Why?", "kind": "text"}])
        token = store.enroll(version)
        step = run(store, token, until="demographic")
        assert (step.prompt, step.way, step.choices) == ("Why?", "write", ())
        with pytest.raises(ValueError, match="at most 5,000"):
            store.submit(token, step.seq, "x" * 5001, "n")
        assert store.submit(token, step.seq, "<script>=1+1", "n").status == "saved"

    @given(st.lists(st.tuples(st.integers(0, 12), st.sampled_from(["next", "0", "1", "4"]), st.sampled_from("abcdefgh")), max_size=40))
    @settings(max_examples=15, deadline=None)
    def test_whatever_order_sendings_come_in_there_is_one_row_a_step_and_the_cursor_counts_them(self, tmp_path_factory, sendings):
        store, version = frozen(tmp_path_factory.mktemp("s"))
        token = store.enroll(version)
        saved = []
        for seq, answer, nonce in sendings:
            try:
                if store.submit(token, seq, answer, nonce).status == "saved":
                    saved.append(seq)
            except ValueError:
                continue
        assert saved == list(range(len(saved)))
        with store.engine.connect() as c:
            assert c.exec_driver_sql("SELECT COUNT(*) FROM response").scalar() == len(saved)
            assert c.exec_driver_sql("SELECT cursor FROM participant").scalar() == len(saved)


class TestWhatWasShown:
    def test_is_told_byte_for_byte(self, study):
        store, version = study
        token = store.enroll(version, external_id="p")
        step = run(store, token, until="L1")
        screen, asked = store.seen(version, 1, step.seq)
        assert screen.decode() == step.stimulus
        assert step.prompt.encode() in asked
        with pytest.raises(ValueError, match="no participant 17"):
            store.seen(version, 17, 23)

    def test_no_test_screen_tells_what_is_asked(self, study):
        store, version = study
        assert "model_output" not in repr(run(store, store.enroll(version), until="PRE"))


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


class TestFreezing:
    def test_the_same_materials_are_the_same_version(self, tmp_path):
        store = studies.Store(f"sqlite:///{tmp_path}/s.db")
        one = placeholder_materials(design(), tmp_path / "a")
        assert store.freeze(one) == store.freeze(one)
        other = store.freeze(placeholder_materials(design(seed=1), tmp_path / "b"))
        assert other != store.freeze(one)
        assert store.versions()["n"].tolist() == [1, 2]

    def test_the_pre_registration_is_the_same_bytes_each_time(self, tmp_path):
        texts = [frozen(tmp_path / name)[0].frozen(1).record.preregistration for name in "ab" if (tmp_path / name).mkdir() is None]
        assert texts[0] == texts[1]
        assert "permuted blocks" in texts[0]
        assert texts[0].count("\nforward, ") == 4
        assert "forward, 0/1: 2 (where the right answer is “no” and the system answers “yes”)" in texts[0]

    @pytest.mark.parametrize("path", ["screens/plain/forward-001.html", "items.json", "study.toml", "materials.json"])
    def test_tampered_materials_are_refused(self, tmp_path, path):
        store = studies.Store(f"sqlite:///{tmp_path}/s.db")
        made = placeholder_materials(design(), tmp_path / "m")
        with (tmp_path / "m" / path).open("a") as file:
            file.write(" ")
        with pytest.raises(ValueError, match="was changed after the materials were built"):
            store.freeze(made)

    def test_a_version_that_is_not_there(self, tmp_path):
        with pytest.raises(ValueError, match="no version 3"):
            studies.Store(f"sqlite:///{tmp_path}/s.db").trials(3)

    def test_what_was_shown_cannot_be_rewritten_behind_its_back(self, study, tmp_path):
        store, version = study
        store.enroll(version)
        store.engine.dispose()
        raw = sqlite3.connect(tmp_path / "study.db")
        for statement in (
            "UPDATE content SET body = x'00'",
            "UPDATE version SET design_json = '{}'",
            "DELETE FROM item",
            "DELETE FROM response",
        ):
            if statement == "DELETE FROM response":
                continue
            with pytest.raises(sqlite3.IntegrityError):
                raw.execute(statement)


class TestWhoIsLetIn:
    def test_who_took_part_in_one_version_cannot_in_the_next(self, tmp_path):
        store, first = frozen(tmp_path)
        second = store.freeze(placeholder_materials(design(seed=9), tmp_path / "second"))
        store.enroll(first, external_id="took part")
        store.consent(first, external_id="only read")
        with pytest.raises(ValueError, match="earlier form of this study"):
            store.consent(second, external_id="took part")
        for one in ("only read", "new"):
            store.enroll(second, external_id=one)
        assert store.status(second)["participants"].sum() == 2

    def test_nobody_new_once_the_planned_number_has_finished_and_who_began_may(self, tmp_path):
        store, version = frozen(tmp_path, planned=2)
        begun, reading = store.enroll(version, external_id="begun"), store.consent(version, external_id="reading")
        for name in ("a", "b"):
            assert run(store, store.consent(version, external_id=name)).kind == "complete"
        with pytest.raises(ValueError, match="closed"):
            store.consent(version, external_id="late")
        assert "places" in run(store, reading).stimulus
        assert run(store, begun).kind == "complete"
        states = store.status(version).groupby("state")["participants"].sum()
        assert states.to_dict() == {"complete": 3, "full": 1}

    def test_a_stopping_rule_in_one_s_own_words_is_left_to_oneself(self, tmp_path):
        store, version = frozen(tmp_path, planned=1, preregistration={"stopping": "When the month is over."})
        assert run(store, store.consent(version, external_id="a")).kind == "complete"
        store.consent(version, external_id="b")

    def test_programs_take_no_place_and_stand_in_no_table_of_people(self, tmp_path):
        store, version = frozen(tmp_path)
        with store.engine.connect() as c:
            free = c.exec_driver_sql("SELECT COUNT(*) FROM slot WHERE state = 'free'").scalar()
        for i in range(free + 3):  # more than there are places
            token = store.enroll(version, external_id=f"bot {i}", bot=True)
        run(store, token)
        assert store.trials(version).empty
        assert store.trials(version, bots=True)["participant"].nunique() == 1
        assert store.status(version).empty
        with store.engine.connect() as c:
            assert c.exec_driver_sql("SELECT COUNT(*) FROM slot WHERE state = 'free'").scalar() == free
            arms = c.exec_driver_sql("SELECT arm_id, COUNT(*) FROM slot WHERE kind = 'bot' GROUP BY arm_id").all()
        assert len(arms) == len(store.frozen(version).design.arms)
        store.enroll(version, external_id="person")
        assert store.status(version)["participants"].tolist() == [1]

    def test_who_does_not_agree_gets_her_page_and_code_and_leaves_nothing(self, tmp_path):
        store, version = frozen(tmp_path, completion={"no_consent": "NOPE1"})
        step = store.decline(version)
        assert (step.kind, step.completion_code) == ("complete", "NOPE1")
        assert "did not agree" in step.stimulus
        assert store.status(version).empty


def test_a_store_in_memory_works_too(tmp_path):
    store = studies.Store("sqlite://")
    version = store.freeze(placeholder_materials(design(), tmp_path))
    assert run(store, store.enroll(version)).kind == "complete"


class TestDoors:
    """Whatever comes from outside: a sentence, and nothing is stored."""

    @pytest.mark.parametrize(
        ("url", "said"), [("foo://x/y", "no kind of database"), ("mysql://x/y", "needs the package MySQLdb"), ("x", "no address")]
    )
    def test_an_address_that_cannot_be_one(self, url, said):
        with pytest.raises(ValueError, match=said):
            studies.Store(url, key="ab" * 32)

    def test_what_is_no_text_number_or_list(self, study):
        store, version = study
        token = store.enroll(version)
        for tried, said in (
            (lambda: store.trials(str(version)), "A version is a whole number"),
            (lambda: store.current_step("\ud800" * 43), "not known here"),
            (lambda: store.returned(version, ["\ud800"]), "has to be a list"),
            (lambda: store.returned(version, 7), "has to be a list"),
            (lambda: store.consent(version, "p", params=["a"]), "params has to be a table"),
            (lambda: store.consent(version, "p", params={"a": None}), "something that is no text"),
            (lambda: store.submit(token, 0, 10**5_000, "n"), "not among the choices"),
        ):
            with pytest.raises(ValueError, match=said):
                tried()
        assert store.status(version)["participants"].sum() == 1
        assert store.current_step(token).seq == 0
