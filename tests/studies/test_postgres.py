"""The same store on PostgreSQL, where one is at hand: set FORETELL_TEST_POSTGRES to the address of an empty database, and FORETELL_KEY."""

import os
import threading

import pytest
import sqlalchemy as sa

import studies
from studies import schema, triggers
from studies.placeholders import placeholder_materials
from tests.fixtures.study_toys import design, run

KEPT = (
    "study",
    "version",
    "arm",
    "item",
    "material",
    "content",
    "slot",
    "participant",
    "step",
    "response",
    "event",
    "withdrawal",
    "recruiting_log",
)
ADDRESS = os.environ.get("FORETELL_TEST_POSTGRES")


@pytest.mark.skipif(ADDRESS is None, reason="no PostgreSQL server is named")
def test_a_study_runs_and_what_is_frozen_stays_frozen(tmp_path):
    store = studies.Store(ADDRESS)
    version = store.freeze(placeholder_materials(design(planned=40, name=str(tmp_path)), tmp_path))
    token = store.consent(version, external_id="a")
    assert run(store, token).kind == "complete"
    assert len(store.trials(version)) == 32
    tokens = []
    threads = [threading.Thread(target=lambda i=i: tokens.append(store.enroll(version, external_id=f"x{i % 10}"))) for i in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (len(tokens), len(set(tokens))) == (20, 10)
    for statement in ("UPDATE content SET body = ''::bytea", "DELETE FROM response", "DELETE FROM item", "UPDATE version SET n = 9"):
        with pytest.raises(sa.exc.DBAPIError), store.engine.begin() as c:
            c.exec_driver_sql(statement)
    for table in KEPT:
        with pytest.raises(sa.exc.DBAPIError, match="a table is not emptied"), store.engine.begin() as c:
            c.exec_driver_sql(f"TRUNCATE {table} CASCADE")
    assert len(store.trials(version)) == 32


@pytest.mark.skipif(ADDRESS is None, reason="no PostgreSQL server is named")
@pytest.mark.parametrize("anonymous", [False, True])
def test_pauses_failures_times_and_an_export_are_the_same_there(tmp_path, anonymous):
    store = studies.Store(ADDRESS)
    version = store.freeze(placeholder_materials(design(name=str(tmp_path), anonymous=anonymous), tmp_path / "materials"))
    done, failed, gone = (store.enroll(version) for _ in range(3))
    store.note(failed, 0, "reload")
    store.pause(version)
    with pytest.raises(ValueError, match="is paused"):
        store.enroll(version)
    assert run(store, done).kind == "complete"
    assert store.fail(failed, "lost").completion_code
    store.withdraw(gone)
    store.close(version)
    assert store.recruited(version)["state"].tolist() == ["open", "paused", "closed"]
    assert store.pay(version)["timed"].tolist()[0] == 1
    with store.engine.connect() as c:
        count = sa.select(schema.event.c.type, sa.func.count()).join(schema.participant).where(schema.participant.c.version_id == version)
        found = dict(c.execute(count.group_by(schema.event.c.type)).all())
    assert (found["reload"], found["technical_failure"], found["implausible_time"] > 0) == (1, 1, True), (
        "run() says 1,200 ms, and takes less"
    )
    for statement in (
        "INSERT INTO event (participant_id, seq, at, type, payload) VALUES ('x', 0, 0, 'odd', '')",
        "DELETE FROM recruiting_log",
    ):
        with pytest.raises(sa.exc.DBAPIError), store.engine.begin() as c:
            c.exec_driver_sql(statement)
    assert store.export(version, tmp_path / "out").is_dir()


def test_no_table_that_is_kept_can_be_emptied_at_once():
    """TRUNCATE asks no row's trigger; on the server itself, see above."""
    made = list(triggers.statements("postgresql", schema.metadata))
    for table in KEPT:
        assert sum(f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT" in one for one in made) == 1
    assert not any("TRUNCATE" in one for one in triggers.statements("sqlite", schema.metadata))


@pytest.mark.skipif(ADDRESS is None, reason="no PostgreSQL server is named")
def test_sessions_that_fail_all_at_once_are_all_stored_and_each_place_is_listed_again_once(tmp_path):
    store = studies.Store(ADDRESS)
    version = store.freeze(placeholder_materials(design(planned=40, name=str(tmp_path)), tmp_path / "materials"))
    tokens = [store.enroll(version) for _ in range(30)]
    together, told = threading.Barrier(len(tokens)), []

    def fail(token):
        together.wait()
        told.append(store.fail(token, "the server went down").kind)

    threads = [threading.Thread(target=fail, args=(token,)) for token in tokens]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == ["complete"] * 30
    assert set(store.status(version)["state"]) == {"technical_failure"}
    with store.engine.connect() as c:
        again = sa.select(schema.slot.c.replaces_slot).where(schema.slot.c.version_id == version, schema.slot.c.kind == "replacement")
        assert sorted(c.execute(again).scalars()) == list(range(30))
