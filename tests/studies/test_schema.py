"""Store files of anybody: hostile, damaged, not ours, not writable, without their key; and frozen rows that no SQL can change."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

import studies
from studies import schema, triggers
from studies.placeholders import placeholder_materials
from tests.fixtures.study_toys import run

DESIGN = studies.Design(
    name="toy",
    task="t",
    tests=("forward",),
    arms=("control", "lime"),
    learn=1,
    forward=2,
    attention=0,
    planned=4,
    reserve=0.0,
    questions=(),
)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A frozen study with two people: one has answered twice, one was timed out and has her place listed again."""
    folder = tmp_path_factory.mktemp("study")
    store = studies.Store(f"sqlite:///{folder / 'study.db'}")
    version = store.freeze(placeholder_materials(DESIGN, folder / "materials"))
    first, second = (store.enroll(version, name) for name in ("ann", "bob"))
    for seq in range(2):
        store.submit(first, seq, store.current_step(first).choices[0].value, f"n{seq}")
    store.submit(first, 0, "next", "again")
    assert store.returned(version, ["bob"]) == 1
    store.withdraw(store.consent(version, "cat"))
    assert second
    store.engine.dispose()
    with closing(sqlite3.connect(folder / "study.db")) as c:
        c.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return folder


@pytest.fixture
def file(study: Path, tmp_path: Path) -> Path:
    """A copy to spoil, its key beside it."""
    for name in ("study.db", "study.db.key"):
        shutil.copy(study / name, tmp_path / name)
    return tmp_path / "study.db"


def refused(file: Path, **more: str) -> str:
    """The sentence that opening it ends with."""
    with pytest.raises(ValueError, match=r"\.$") as caught:
        studies.Store(f"sqlite:///{file}", **more)
    assert "\n" not in str(caught.value)
    assert "sqlalche" not in str(caught.value)
    return str(caught.value)


def sql(file: Path, *statements: str) -> None:
    with closing(sqlite3.connect(file)) as c:
        for statement in statements:
            c.execute(statement)
        c.commit()


# -- files that are not ours ---------------------------------------------------------------------------------------------------------------


def test_another_programs_file_is_refused_and_left_as_it_is(tmp_path):
    file = tmp_path / "recipes.db"
    sql(file, "CREATE TABLE recipe (name TEXT)", "INSERT INTO recipe VALUES ('soup')")
    before = file.read_bytes()
    assert "holds other tables than a study's: give the store a place of its own" in refused(file)
    assert file.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["recipes.db"], "no journal and no key beside it"


@pytest.mark.parametrize(
    "made", ["CREATE TABLE meta (name TEXT, value TEXT)", "CREATE VIEW meta AS SELECT 'schema_version' AS name, '1' AS value"], ids=["table", "view"]
)  # fmt: skip
def test_a_file_whose_meta_is_another_one_is_refused(tmp_path, made: str):
    sql(tmp_path / "x.db", made)
    assert "holds other tables" in refused(tmp_path / "x.db")


@pytest.mark.parametrize(
    ("number", "todo"),
    [
        ("9", "update Foretell"),
        *((n, "open it with the Foretell that made it, and export from there") for n in ("0", "4")),
        ("<b>", "open it with"),
    ],
    ids=str,
)
def test_another_form_of_the_store_is_named_with_what_to_do(file: Path, number: str, todo: str):
    sql(file, "DROP TRIGGER meta_stays", f"UPDATE meta SET value = '{number}' WHERE name = 'schema_version'")
    said = refused(file)
    assert f"has the form '{number}', and this Foretell reads the form {schema.SCHEMA_VERSION}" in said
    assert todo in said


@pytest.mark.parametrize(
    "added",
    [
        "CREATE TRIGGER more AFTER INSERT ON response BEGIN DELETE FROM event; END",
        "CREATE VIEW more AS SELECT * FROM payment_link",
        "CREATE TABLE more (x TEXT)",
        "CREATE INDEX more ON response (answer)",
        "DROP TRIGGER response_stays",
        "DROP VIEW trial",
    ],
)
def test_one_object_more_or_less_is_refused(file: Path, added: str):
    sql(file, added)
    assert "holds tables, views or triggers that Foretell did not make: do not use it." in refused(file)


def test_a_weakened_view_of_the_same_name_is_refused(file: Path):
    sql(file, "DROP VIEW trial", schema.TRIAL_VIEW.replace("THEN 1 ELSE 0", "THEN 1 ELSE 1"))
    assert "did not make" in refused(file)


# -- damaged files -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.02, 0.3, 0.6, 0.95])
def test_a_truncated_file_is_called_damaged(file: Path, share: float):
    whole = file.read_bytes()
    file.write_bytes(whole[: int(share * len(whole))])
    assert "is no store of studies, or is damaged: name another file, or put it back from the back-up." in refused(file)


def test_random_bytes_are_no_store(tmp_path):
    (tmp_path / "x.db").write_bytes(bytes((i * 73 + 5) % 256 for i in range(20_000)))
    assert "is no store of studies, or is damaged" in refused(tmp_path / "x.db")


def test_overwritten_pages_are_called_damaged(file: Path):
    whole = bytearray(file.read_bytes())
    whole[len(whole) // 3 : len(whole) // 3 + 20_000] = b"\xff" * 20_000
    file.write_bytes(bytes(whole))
    assert "damaged" in refused(file)


def test_an_empty_file_becomes_a_store(tmp_path):
    (tmp_path / "x.db").touch()
    assert studies.Store(f"sqlite:///{tmp_path / 'x.db'}").versions().empty


def test_a_folder_that_is_not_there_and_a_folder_in_its_place(tmp_path):
    assert "There is no folder" in refused(tmp_path / "none" / "x.db")
    assert "cannot be written" in refused(tmp_path)


# -- keys ----------------------------------------------------------------------------------------------------------------------------------


def test_another_key_is_refused(file: Path):
    file.with_name("study.db.key").write_text("0" * 64)
    assert "made with another key" in refused(file)
    assert "made with another key" in refused(file, key="1" * 64)


@pytest.mark.parametrize("text", ["", "abc", "g" * 64, "0" * 66])
def test_what_is_no_key_is_said_to_be_none(file: Path, text: str):
    file.with_name("study.db.key").write_text(text)
    assert "key has to be 64 hex digits" in refused(file)


def test_a_missing_key_is_said_to_be_missing_and_no_new_one_is_made(file: Path):
    key = file.with_name("study.db.key")
    kept = key.read_text()
    key.unlink()
    assert f"The key of this store is missing: put {key} back from the back-up" in refused(file)
    assert not key.exists(), "a new key would look like the right one"
    assert len(studies.Store(f"sqlite:///{file}", key=kept).versions()) == 1


# -- disks ---------------------------------------------------------------------------------------------------------------------------------


def as_nobody(work: Callable[[], None]) -> int:
    """Run in a fork that has no rights of root, who may write everywhere; its exit code."""
    child = os.fork()
    if child == 0:
        try:
            if os.getuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            work()
            os._exit(0)
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may read; those that pytest makes are root's alone."""
    folder = Path(tempfile.mkdtemp(prefix="foretell-test-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_a_read_only_folder_is_said_to_be_one(file: Path, open_folder: Path):
    for name in ("study.db", "study.db.key"):
        shutil.copy(file.with_name(name), open_folder / name)
        (open_folder / name).chmod(0o444)
    open_folder.chmod(0o555)

    def work() -> None:
        for name in ("study.db", "new.db"):
            said = refused(open_folder / name)
            assert f"{name} cannot be written: give the rights" in said, said

    assert as_nobody(work) == 0


def test_a_full_disk_is_said_to_be_full_and_what_was_acknowledged_stays(study: Path, open_folder: Path):
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1500k", "tmpfs", str(open_folder)], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no small disk can be mounted here")
    try:
        for name in ("study.db", "study.db.key"):
            shutil.copy(study / name, open_folder / name)
        store = studies.Store(f"sqlite:///{open_folder / 'study.db'}")
        token = store.enroll(1, "dan")
        filler = open_folder / "filler"
        with contextlib.suppress(OSError), filler.open("wb", buffering=0) as out:
            while out.write(b"x" * 4096):
                pass
        saved, said = 0, ""
        while not said:
            step = store.current_step(token)
            try:
                saved += store.submit(token, step.seq, step.choices[0].value, f"n{step.seq}").status == "saved"
            except ValueError as problem:
                said = str(problem)
        assert said.startswith("The disk of ")
        assert said.endswith(" is full or fails, and nothing was stored: make room, and try again.")
        filler.unlink()
        step = store.current_step(token)
        assert step.seq == saved
        assert store.submit(token, step.seq, step.choices[0].value, "n").status == "saved"
        store.engine.dispose()
    finally:
        subprocess.run(["umount", str(open_folder)], check=True)


# -- frozen rows ---------------------------------------------------------------------------------------------------------------------------

FROZEN = ("meta", "study", "version", "arm", "item", "material", "content", "step", "response", "event", "withdrawal")
DELETED = [f"DELETE FROM {table}" for table in (*FROZEN, "slot", "participant", "recruiting", "recruiting_log")]
UPDATED = [f"UPDATE {table} SET {column.name} = {column.name}" for table in FROZEN for column in schema.metadata.tables[table].columns]
REPLACED = [
    f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}" for table in (*FROZEN, "slot", "participant", "recruiting", "recruiting_log")
]
MORE = [
    "UPDATE version SET frozen_at = NULL",
    "UPDATE slot SET arm_id = 'control'",
    "UPDATE slot SET seed = 1",
    "UPDATE slot SET kind = 'replacement' WHERE slot_no = 3",
    "UPDATE slot SET replaces_slot = 2 WHERE slot_no = 3",
    "UPDATE OR REPLACE slot SET slot_no = 0",
    "UPDATE slot SET state = 'free', participant_id = NULL WHERE state = 'taken'",
    "UPDATE OR REPLACE slot SET state = 'taken', participant_id = (SELECT participant_id FROM slot WHERE slot_no = 0) WHERE slot_no = 3",
    "INSERT INTO slot SELECT version_id, 99, arm_id, form_id, seed, 'planned', NULL, 'free', NULL FROM slot WHERE slot_no = 0",
    "INSERT INTO slot SELECT version_id, 99, arm_id, form_id, seed, 'replacement', 3, 'free', NULL FROM slot WHERE slot_no = 3",
    "INSERT OR REPLACE INTO slot SELECT version_id, 2, arm_id, form_id, 7, 'replacement', 0, 'free', NULL FROM slot WHERE slot_no = 0",
    "INSERT INTO arm SELECT version_id, 'more', kind, weight FROM arm WHERE arm_id = 'lime'",
    "INSERT INTO item SELECT version_id, 'more', item_set, form, stratum, cf_kind, gold, model_output, original_output, source, sha256, "
    "changed_sha256, edits FROM item LIMIT 1",
    "INSERT INTO material SELECT version_id, 'more', sha256 FROM material LIMIT 1",
    "INSERT OR REPLACE INTO content SELECT sha256, x'00' FROM content",
    "INSERT INTO response SELECT participant_id, 5, answer, 'x', submitted_at, rt_ms, rt_source, hidden_ms FROM response LIMIT 1",
    "INSERT OR REPLACE INTO response SELECT participant_id, seq, '1', 'x', submitted_at, rt_ms, rt_source, hidden_ms FROM response",
    "INSERT OR REPLACE INTO step SELECT participant_id, 50, kind, block, item_id, question, correct, screen_sha256, asked_sha256 FROM step",
    "UPDATE participant SET cursor = 0 WHERE cursor > 0",
    "UPDATE participant SET number = number + 7",
    "UPDATE participant SET arm_id = 'x' WHERE arm_id IS NOT NULL",
    "UPDATE participant SET slot_no = NULL WHERE slot_no IS NOT NULL",
    "UPDATE OR REPLACE participant SET ext_hash = 'x'",
    "UPDATE participant SET ext_hash = NULL",
    "UPDATE participant SET resume_hash = 'x' WHERE number = 1",
    "UPDATE participant SET is_bot = 1",
    "UPDATE participant SET consent_at = 0",
    "UPDATE participant SET consent_sha256 = 'x'",
    "UPDATE participant SET started_at = 0 WHERE started_at IS NOT NULL",
    "UPDATE participant SET cursor = cursor + 1",
    "UPDATE participant SET cursor = n_steps, state = 'complete', completed_at = 1",
    "UPDATE participant SET state = 'complete', completed_at = 1",
    "UPDATE participant SET n_steps = n_steps + 1",
    "UPDATE participant SET late = 1 WHERE state = 'active'",
    "UPDATE participant SET state = 'consented' WHERE state = 'active'",
    "UPDATE recruiting SET version_id = 7",
    "INSERT INTO version SELECT 7, study_id, 7, design_json, about_json, 'x', slots_sha256, preregistration, app_version, frozen_at, seal "
    "FROM version",
]


@pytest.mark.parametrize("foreign_keys", ["ON", "OFF"])
def test_no_sql_changes_what_was_frozen_or_answered(file: Path, foreign_keys: str):
    with closing(sqlite3.connect(file, isolation_level=None)) as c:
        c.execute(f"PRAGMA foreign_keys={foreign_keys}")
        before = dump(c)
        assert all(before[table] for table in (*FROZEN, "slot", "participant")), "a row of each to be changed"
        for statement in [*DELETED, *UPDATED, *REPLACED, *MORE]:
            try:
                c.execute(statement)
            except sqlite3.IntegrityError:
                assert dump(c) == before, statement
            else:
                pytest.fail(f"went through: {statement}")


def test_an_answer_sent_with_a_number_of_another_step_is_dropped_and_replaces_none(file: Path):
    with closing(sqlite3.connect(file, isolation_level=None)) as c:
        before = dump(c)
        c.execute("INSERT OR REPLACE INTO response SELECT participant_id, 2, '1', 'n0', 0, 0, 'server', 0 FROM response WHERE nonce = 'n0'")
        assert dump(c) == before


def dump(c: sqlite3.Connection) -> dict[str, list[tuple[object, ...]]]:
    return {table: c.execute(f"SELECT * FROM {table}").fetchall() for table in schema.metadata.tables}


def test_postgresql_gets_a_function_and_a_trigger_for_each_protection():
    made = [s for s in triggers.statements("postgresql", schema.metadata) if "not_emptied" not in s]
    names = [
        s.split()[2]
        for s in triggers.statements("sqlite", schema.metadata)
        if not any(own in s for own in ("not_replaced", "not_moved", "sent_once"))
    ]
    assert [s.split()[2].removesuffix("()") for s in made[::2]] == names
    assert [s.split()[2] for s in made[1::2]] == names


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE participant SET state = 'active', completed_at = NULL", "goes|stays"),
        ("UPDATE participant SET state = 'returned'", "what became of a participant stays"),
        ("UPDATE participant SET completed_at = 1", "stays who she is"),
        ("UPDATE recruiting SET state = 'open'", "a closed study stays closed"),
    ],
)
def test_who_has_finished_has_finished_and_what_is_closed_is_closed(tmp_path: Path, statement: str, said: str):
    store = studies.Store(f"sqlite:///{tmp_path / 'study.db'}")
    version = store.freeze(placeholder_materials(DESIGN, tmp_path / "materials"))
    run(store, store.enroll(version))
    store.close(version)
    store.engine.dispose()
    with closing(sqlite3.connect(tmp_path / "study.db")) as c, pytest.raises(sqlite3.IntegrityError, match=said):
        c.execute(statement)
