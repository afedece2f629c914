"""How a session ends, and which code somebody is shown: one for each meaning, and only once what it stands for is stored."""

import re

import pandas as pd
import pytest
import sqlalchemy as sa

from studies.design import COMPLETION
from studies.export import read_csv
from tests.fixtures.study_toys import frozen, run

CODES = {kind: f"CODE-{kind}" for kind in COMPLETION}


def read(out, name):
    return read_csv(next((out / "data").glob(f"*part-{name}_*")), name)


def ending(store, version, kind):
    """Somebody who comes to this end: what she is told."""
    if kind == "no_consent":
        return store.decline(version)
    token = store.consent(version, external_id=kind)
    if kind == "technical_failure":
        run(store, token, until="PRE")
        return store.fail(token)
    if kind == "full":
        for i in range(100):
            try:
                store.enroll(version, external_id=str(i))
            except ValueError:
                break
    return run(store, token, right=kind != "screened_out")


@pytest.mark.parametrize("kind", COMPLETION)
def test_each_way_to_end_has_a_page_and_a_code_of_its_own(tmp_path, kind):
    store, version = frozen(tmp_path, completion=CODES)
    told = ending(store, version, kind)
    assert (told.kind, told.completion_code) == ("complete", CODES[kind])
    if kind != "complete":
        assert told.stimulus == store.frozen(version).page(kind).decode() != ""


def test_codes_that_the_design_does_not_name_differ_too(tmp_path):
    store, version = frozen(tmp_path)
    codes = [ending(store, version, kind).completion_code for kind in sorted(COMPLETION, key=lambda kind: kind == "full")]
    assert len(set(codes)) == len(codes)


def test_no_code_is_shown_before_what_it_stands_for_is_stored(tmp_path):
    store, version = frozen(tmp_path, completion=CODES)
    token = store.consent(version, external_id="p")
    step, steps = store.current_step(token), []
    while step.kind != "debrief":
        steps.append(step)
        step = store.submit(token, step.seq, step.choices[0].value, f"n{step.seq}").step
    assert [one.completion_code for one in (*steps, step)] == [None] * (len(steps) + 1)

    def fails(connection):
        raise sa.exc.DatabaseError("COMMIT", None, Exception("disk i/o error"))

    sa.event.listen(store.engine, "commit", fails)
    with pytest.raises(ValueError, match="nothing was stored"):
        store.submit(token, step.seq, "next", "last")
    with pytest.raises(ValueError, match="nothing was stored"):
        store.fail(token)
    sa.event.remove(store.engine, "commit", fails)
    assert (store.current_step(token).kind, store.current_step(token).completion_code) == ("debrief", None)
    assert store.submit(token, step.seq, "next", "last").step.completion_code == CODES["complete"]


def test_a_session_that_failed_on_our_side_is_over_and_its_place_is_listed_again(tmp_path):
    store, version = frozen(tmp_path, completion=CODES)
    token = store.enroll(version, external_id="p")
    at = run(store, token, until="POST")
    answers = len(store.trials(version))
    with pytest.raises(ValueError, match="at most 500"):
        store.fail(token, "x" * 501)
    told = store.fail(token, "no picture came through")
    assert store.fail(token) == store.current_step(token) == told
    late = store.submit(token, at.seq, "0", "late")
    assert (late.status, late.step.completion_code) == ("stale", CODES["technical_failure"])
    assert len(store.trials(version)) == answers, "what she answered is kept, and nothing comes after it"
    assert store.enroll(version, external_id="p") == token, "she does not take part a second time"
    assert store.time_out(version, 1, now=10**14) == store.returned(version, ["p"]) == 0
    assert store.status(version)["state"].tolist() == ["technical_failure"]
    with store.engine.connect() as c:
        assert c.exec_driver_sql("SELECT COUNT(*) FROM slot WHERE kind = 'replacement'").scalar() == 1
        assert c.exec_driver_sql("SELECT seq, payload FROM event WHERE type = 'technical_failure'").all() == [
            (at.seq, "no picture came through")
        ]


def test_who_had_come_to_an_end_or_comes_back_late_is_told_the_right_one(tmp_path):
    store, version = frozen(tmp_path, completion=CODES)
    done, late = store.enroll(version, external_id="done"), store.enroll(version, external_id="late")
    run(store, done)
    assert store.fail(done).completion_code == CODES["complete"]
    store.time_out(version, 1, now=10**14)
    assert store.fail(late).completion_code == CODES["technical_failure"]
    assert store.status(version)["state"].tolist() == ["complete", "technical_failure"]


def test_who_withdraws_after_a_failure_keeps_the_code_and_is_counted_where_she_was(tmp_path):
    store, version = frozen(tmp_path, completion=CODES)
    token = store.enroll(version, external_id="p")
    run(store, token, until="PRE")
    store.fail(token)
    assert store.withdraw(token).completion_code == CODES["technical_failure"]
    flow = read(store.export(version, tmp_path / "out"), "attrition")
    assert flow.loc[flow["withdrawn"] == 1, "stage"].tolist() == ["PRE"]


def test_failures_stand_in_the_flow_of_people_and_in_the_list_for_paying(tmp_path, monkeypatch):
    store, version = frozen(tmp_path)
    now = [10**12]
    monkeypatch.setattr("studies.store._now", lambda: now[0])
    token = store.consent(version, external_id="p", params={"SESSION_ID": "s"})
    run(store, token, until="PRE")
    now[0] += 61_000
    store.note(token, 6, "reload")
    store.fail(token, "a secret reason")
    store.fail(store.consent(version, external_id="before the quiz"))
    out = store.export(version, tmp_path / "out")
    flow = read(out, "attrition")
    assert flow.loc[flow["technical_failure"] == 1, "stage"].tolist() == ["consented", "PRE"]
    assert flow["in_progress"].sum() == 0
    assert read(out, "participants")["state"].eq("technical_failure").all()
    listed = pd.read_csv(tmp_path / "out-payment" / "return.csv", dtype=str).set_index("external_id")
    assert listed.loc["p"].tolist() == ["technical_failure", "2", "s"]
    assert not [file for file in out.rglob("*") if file.is_file() and b"a secret reason" in file.read_bytes()]
    assert store.forget_ids(version) == 2


def test_who_looks_at_the_last_page_again_did_not_take_longer(tmp_path, monkeypatch):
    store, version = frozen(tmp_path)
    now = [10**12]
    monkeypatch.setattr("studies.store._now", lambda: now[0])
    failed, done = (store.consent(version, external_id=one) for one in ("failed", "done"))
    now[0] += 60_000
    run(store, failed, until="PRE")
    store.fail(failed)
    run(store, done)
    store.export(version, tmp_path / "out")
    until = int(re.search(r"until=(\d+)", (tmp_path / "out-payment" / "README.md").read_text())[1])
    for token in (failed, done):  # to copy the code, a day later
        now[0] += 86_400_000
        store.note(token, 6, "focus")
    store.export(version, tmp_path / "again")
    assert pd.read_csv(tmp_path / "again-payment" / "return.csv")["minutes"].tolist() == [1]
    assert store.forget_ids(version, until=until) == 2, "and their numbers are deleted when they were paid"


def test_the_number_of_who_failed_after_the_lists_were_made_is_kept_to_pay_her(tmp_path, monkeypatch):
    store, version = frozen(tmp_path)
    now = [10**12]
    monkeypatch.setattr("studies.store._now", lambda: now[0])
    late, early = (store.consent(version, external_id=one) for one in ("late", "early"))
    for token in (late, early):
        run(store, token, until="PRE")
    now[0] += 600_000
    store.fail(early)
    run(store, store.consent(version, external_id="done"))
    store.export(version, tmp_path / "out")
    until = int(re.search(r"until=(\d+)", (tmp_path / "out-payment" / "README.md").read_text())[1])
    now[0] += 60_000
    store.fail(late)  # she was last seen long before
    assert store.forget_ids(version, until=until) == 2
    store.export(version, tmp_path / "again")
    assert pd.read_csv(tmp_path / "again-payment" / "return.csv")["external_id"].tolist() == ["late"]


def test_who_failed_on_the_last_page_and_withdraws_is_told_one_code_only(tmp_path):
    store, version = frozen(tmp_path, completion=CODES)
    token = store.enroll(version, external_id="p")
    run(store, token, until="debrief")
    assert store.fail(token).completion_code == store.withdraw(token).completion_code == CODES["technical_failure"]
