"""A study that is paused lets nobody new in, and everybody who has begun goes on; when that was is kept."""

import threading

import pytest
import sqlalchemy as sa

from tests.fixtures.study_toys import frozen, places, run, told_that_it_is_full

PAUSED = "This study is paused: nobody new can take part at the moment"


@pytest.fixture
def clock(monkeypatch):
    now = [10**12]
    monkeypatch.setattr("studies.store._now", lambda: now[0])
    return now


def test_nobody_new_comes_in_and_who_has_begun_goes_on_to_the_end(tmp_path):
    store, version = frozen(tmp_path)
    reading, active = store.consent(version, external_id="reading"), store.enroll(version, external_id="active")
    run(store, active, until="PRE")
    away = store.enroll(version, external_id="away")
    store.time_out(version, 1, now=10**14)
    store.pause(version)
    for come in (store.consent, store.enroll):
        with pytest.raises(ValueError, match=PAUSED):
            come(version, external_id="new")
    assert store.consent(version, external_id="reading") == reading, "she has begun"
    assert [run(store, token).kind for token in (reading, active, away)] == ["complete"] * 3
    assert set(store.trials(version)["participant"]) == {"p1", "p2", "p3"}
    store.resume(version)
    assert store.current_step(store.consent(version, external_id="new")).seq == 0


def test_who_was_told_that_all_places_are_taken_gets_none_during_a_pause(tmp_path):
    store, version, token = told_that_it_is_full(tmp_path)
    store.pause(version)
    assert store.consent(version, external_id="begun") == token
    assert store.current_step(token).kind == "complete"
    store.resume(version)
    assert store.current_step(store.consent(version, external_id="begun")).block == "L0"


def test_pauses_are_logged_with_their_times_and_told_without_a_date(tmp_path, clock):
    store, version = frozen(tmp_path)
    for act in (store.pause, store.pause, store.resume, store.resume, store.pause, store.close, store.close):
        clock[0] += 3_600_000
        act(version)
    log = store.recruited(version)
    assert log["state"].tolist() == ["open", "paused", "open", "paused", "closed"]
    assert ((log["at"][1:] - 10**12) // 3_600_000).tolist() == [1, 3, 5, 6]
    assert store.versions()["state"].tolist() == ["closed"]
    for act in (store.pause, store.resume):
        with pytest.raises(ValueError, match="a closed study stays so"):
            act(version)
    told = (store.export(version, tmp_path / "out") / "CHANGES.md").read_text()
    assert "was paused 2 times, for 3.0 hours in all" in told


def test_everything_else_stays_as_it_was_frozen(tmp_path):
    store, version = frozen(tmp_path)
    store.pause(version)
    store.resume(version)
    for statement in (
        "UPDATE recruiting_log SET at = 0", "DELETE FROM recruiting_log", "INSERT OR REPLACE INTO recruiting_log SELECT * FROM recruiting_log",
        "UPDATE version SET n = 9", "UPDATE recruiting SET state = 'draft'",
    ):  # fmt: skip
        with pytest.raises(sa.exc.IntegrityError), store.engine.begin() as c:
            c.exec_driver_sql(statement)
    assert len(store.recruited(version)) == 3


def test_who_withdraws_during_a_pause_is_still_known_after_it(tmp_path):
    store, version = frozen(tmp_path)
    token = store.enroll(version, external_id="p")
    store.pause(version)
    store.withdraw(token)
    store.resume(version)
    with pytest.raises(ValueError, match="cannot take part again"):
        store.consent(version, external_id="p")


def test_of_a_burst_those_are_in_who_came_before_the_pause_was_stored(tmp_path):
    store, version = frozen(tmp_path, planned=40)
    came, refused = [], []

    def arrive(i):
        try:
            came.append(store.consent(version, external_id=str(i)))
        except ValueError as problem:
            refused.append(str(problem))

    threads = [threading.Thread(target=arrive, args=(i,)) for i in range(12)]
    threads.insert(6, threading.Thread(target=store.pause, args=(version,)))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(came) + len(refused) == 12
    assert store.status(version)["participants"].sum() == len(came)
    assert all(PAUSED in one for one in refused)
    with pytest.raises(ValueError, match=PAUSED):
        store.consent(version, external_id="after")
    assert places(store) > 12


def test_a_clock_put_back_in_one_pause_takes_nothing_from_another(tmp_path, clock):
    store, version = frozen(tmp_path)
    for act, hours in ((store.pause, 3), (store.resume, 1), (store.pause, -5), (store.resume, 0)):
        act(version)
        clock[0] += hours * 3_600_000
    assert "was paused 2 times, for 3.0 hours in all" in (store.export(version, tmp_path / "out") / "CHANGES.md").read_text()
