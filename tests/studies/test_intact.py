"""A store's file edited past the triggers: what was frozen and is so no more is noticed when the version is loaded, and named."""

import shutil
import sqlite3
from contextlib import closing

import pytest

import studies
from studies import freezing
from studies.placeholders import placeholder_materials
from tests.fixtures.study_toys import design, run


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A frozen study in which somebody took part."""
    folder = tmp_path_factory.mktemp("study")
    store = studies.Store(f"sqlite:///{folder / 'study.db'}")
    version = store.freeze(placeholder_materials(design(completion={"complete": "PAID"}), folder / "materials"))
    run(store, store.enroll(version))
    store.engine.dispose()
    with closing(sqlite3.connect(folder / "study.db")) as c:
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def file(study, tmp_path):
    for name in ("study.db", "study.db.key"):
        shutil.copy(study / name, tmp_path / name)
    return tmp_path / "study.db"


def past_the_triggers(file, *statements):
    """As somebody does it who knows: the triggers are gone, and then there again."""
    with closing(sqlite3.connect(file)) as c:
        triggers = c.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
        for name, _ in triggers:
            c.execute(f"DROP TRIGGER {name}")
        changed = [c.execute(statement).rowcount for statement in statements]
        for _, made in triggers:
            c.execute(made)
        c.commit()
    assert all(changed), "an edit that edits something"


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE item SET model_output = 1 - model_output WHERE item_set = 'forward'", "its items"),
        ("UPDATE item SET stratum = '1/1' WHERE item_id = 'learn-001'", "its items"),
        ("DELETE FROM item WHERE item_id = 'learn-001'", "its items"),
        ("UPDATE slot SET arm_id = 'lime' WHERE arm_id = 'control' AND state = 'free'", "its list of slots"),
        ("UPDATE slot SET seed = seed + 1 WHERE state = 'free'", "its list of slots"),
        ("DELETE FROM slot WHERE slot_no = 5", "its list of slots"),
        ("UPDATE version SET slots_sha256 = 'x'", "its list of slots"),
        ("UPDATE arm SET weight = 2 WHERE arm_id = 'lime'", "its arms"),
        ("UPDATE version SET design_json = replace(design_json, '\"smallest\": 5.0', '\"smallest\": 1.0')", "its design"),
        ("UPDATE version SET design_json = replace(design_json, 'PAID', 'MINE')", "its row"),
        ("UPDATE version SET design_json = '{'", "its row"),
        ("UPDATE version SET about_json = replace(about_json, '\"yes\"', '\"maybe\"')", "what is said of its materials"),
        ("UPDATE version SET about_json = '[]'", "its row"),
        ("UPDATE version SET preregistration = 'I always knew it'", "its row, which has the pre-registration"),
        ("UPDATE version SET frozen_at = 1", "its row"),
        ("UPDATE version SET app_version = '9'", "its row"),
        ("UPDATE version SET seal = ''", "its row"),
        ("UPDATE version SET materials_sha256 = 'x'", "the list of its files"),
        ("UPDATE study SET slug = 'another'", "its row"),
        ("DELETE FROM material WHERE path = 'items.csv'", "the list of its files"),
        ("UPDATE material SET path = 'screens/lime/x.html' WHERE path = 'screens/lime/learn-001.html'", "the list of its files"),
    ],
)  # fmt: skip
def test_an_edit_past_the_triggers_is_noticed_and_named(file, statement, what):
    past_the_triggers(file, statement)
    store = studies.Store(f"sqlite:///{file}")
    for use in (store.trials, store.preregistration, store.enroll, store.information, lambda v: store.export(v, file.parent / "out")):
        with pytest.raises(ValueError, match="Version 1 is not in the store as it was frozen") as caught:
            use(1)
        assert what in str(caught.value)
        assert str(caught.value).endswith("put the store back from the back-up.")


def test_a_version_made_by_hand_is_no_version(file):
    copied = "slots_sha256, preregistration, app_version, frozen_at, seal"
    past_the_triggers(file, f"INSERT INTO version SELECT 7, study_id, 7, design_json, about_json, 'x', {copied} FROM version")
    with pytest.raises(ValueError, match="Version 7 is not in the store as it was frozen"):
        studies.Store(f"sqlite:///{file}").enroll(7)


def test_what_people_did_since_is_no_edit(file):
    """Slots taken, replaced and withdrawn, a closed study: all that may change."""
    store = studies.Store(f"sqlite:///{file}")
    tokens = [store.enroll(1, external_id=name) for name in "abc"]
    store.enroll(1, bot=True)
    store.returned(1, ["a"])
    store.withdraw(tokens[1])
    store.close(1)
    assert studies.Store(f"sqlite:///{file}").frozen(1).design.completion == {"complete": "PAID"}


def test_it_is_looked_at_once_for_a_process_and_version_and_not_for_each_answer(file, monkeypatch):
    calls = []
    real = freezing.intact.check
    monkeypatch.setattr(freezing.intact, "check", lambda *given: calls.append(real(*given)))
    store = studies.Store(f"sqlite:///{file}")
    run(store, store.enroll(1))
    store.trials(1)
    assert len(calls) == 1
