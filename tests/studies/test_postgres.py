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


def test_no_table_that_is_kept_can_be_emptied_at_once():
    """TRUNCATE asks no row's trigger; on the server itself, see above."""
    made = list(triggers.statements("postgresql", schema.metadata))
    for table in KEPT:
        assert sum(f"BEFORE TRUNCATE ON {table} FOR EACH STATEMENT" in one for one in made) == 1
    assert not any("TRUNCATE" in one for one in triggers.statements("sqlite", schema.metadata))
