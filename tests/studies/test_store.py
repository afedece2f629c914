"""The store: the first answer and no other, nothing lost, nothing rewritten, a sentence for whatever cannot be."""

import itertools
import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import studies
from studies.placeholders import placeholder_materials
from tests.fixtures.study_toys import design, frozen, run


@pytest.fixture
def study(tmp_path):
    return frozen(tmp_path)


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

    def test_a_whole_study_gives_every_trial_and_a_code_at_the_end(self, study, monkeypatch):
        store, version = study
        clock = itertools.count(10**12, 1_000)
        monkeypatch.setattr("studies.store._now", lambda: next(clock))
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
