"""Who is let in, and what place she gets: nobody twice, nobody for a place that is not there."""

import pytest

import studies
from studies.placeholders import placeholder_materials
from tests.fixtures.study_toys import design, fill, frozen, places, run, told_that_it_is_full


@pytest.fixture
def study(tmp_path):
    return frozen(tmp_path)


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
        assert step.completion_code != run(store, store.enroll(version)).completion_code

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
        store, version, token = told_that_it_is_full(tmp_path)
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
