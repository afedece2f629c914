"""The store's tables, what protects them, and opening a file that may be anybody's. SQLAlchemy Core; SQLite now, PostgreSQL by the same code.

What was frozen cannot be changed, answers can only be added, and nobody's row can be deleted but by a withdrawal: triggers.py sees to it.
Correctness is a view, never stored. Times are milliseconds since 1970 by the server's clock. No addresses, no user agents.

A SQLite file is opened only if it holds exactly these tables, views and triggers: a file made by somebody else could carry triggers of its own.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.pool import QueuePool

from . import triggers

SCHEMA_VERSION = 5
STATES = ("consented", "active", "complete", "screened_out", "full", "timed_out", "returned", "technical_failure", "withdrawn")
RECRUITING = ("open", "paused", "closed")
SOURCES = ("browser", "server")
EVENTS = (  # what may be noted of a participant besides answers: the first six by her browser's word
    "shown", "reload", "blur", "focus", "paste", "disconnect", "repeated_submit", "stale_submit", "implausible_time", "technical_failure",
)  # fmt: skip
_OF_SQLITE = [("table", f"sqlite_stat{n}") for n in (1, 3, 4)]  # what ANALYZE makes
_LOCK = 7_301_975_402  # PostgreSQL: one at a time makes the tables
_BUSY_SECONDS = 30
_OTHER_TABLES = "{where} holds other tables than a study's: give the store a place of its own."

metadata = sa.MetaData()


def _states(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(v) for v in values)})")


meta = Table("meta", metadata, Column("name", Text, primary_key=True), Column("value", Text, nullable=False))

study = Table("study", metadata, Column("study_id", Integer, primary_key=True), Column("slug", Text, unique=True, nullable=False))

version = Table(
    "version", metadata,
    Column("version_id", Integer, primary_key=True),
    Column("study_id", ForeignKey("study.study_id"), nullable=False),
    Column("n", Integer, nullable=False),
    Column("design_json", Text, nullable=False),
    Column("about_json", Text, nullable=False),
    Column("materials_sha256", Text, nullable=False),
    Column("slots_sha256", Text, nullable=False),
    Column("preregistration", Text, nullable=False),
    Column("app_version", Text, nullable=False),
    Column("frozen_at", BigInteger),
    Column("seal", Text, nullable=False, default=""),  # made with the store's key of all that is above: intact.py
    UniqueConstraint("study_id", "n"),
    UniqueConstraint("study_id", "materials_sha256"),
)  # fmt: skip

recruiting = Table(
    "recruiting", metadata,
    Column("version_id", ForeignKey("version.version_id"), primary_key=True),
    Column("state", Text, _states("state", RECRUITING), nullable=False),
)  # fmt: skip

recruiting_log = Table(
    "recruiting_log", metadata,
    Column("log_id", Integer, primary_key=True),
    Column("version_id", ForeignKey("version.version_id"), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", Text, _states("state", RECRUITING), nullable=False),  # that began then
)  # fmt: skip

arm = Table(
    "arm", metadata,
    Column("version_id", ForeignKey("version.version_id"), primary_key=True),
    Column("arm_id", Text, primary_key=True),
    Column("kind", Text, _states("kind", ("control", "placebo", "explanation")), nullable=False),
    Column("weight", Integer, CheckConstraint("weight > 0"), nullable=False),
)  # fmt: skip

item = Table(
    "item", metadata,
    Column("version_id", ForeignKey("version.version_id"), primary_key=True),
    Column("item_id", Text, primary_key=True),
    Column("item_set", Text, _states("item_set", ("learn", "forward", "counterfactual")), nullable=False),
    Column("form", Text, nullable=False),
    Column("stratum", Text, nullable=False),
    Column("cf_kind", Text),
    Column("gold", Integer, nullable=False),
    Column("model_output", Integer, nullable=False),
    Column("original_output", Integer),
    Column("source", Integer, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("changed_sha256", Text, nullable=False),
    Column("edits", Integer, nullable=False),
    CheckConstraint("(item_set = 'counterfactual') = (cf_kind IS NOT NULL)"),
)  # fmt: skip

content = Table("content", metadata, Column("sha256", Text, primary_key=True), Column("body", LargeBinary, nullable=False))

material = Table(
    "material", metadata,
    Column("version_id", ForeignKey("version.version_id"), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("sha256", ForeignKey("content.sha256"), nullable=False),
)  # fmt: skip

slot = Table(
    "slot", metadata,
    Column("version_id", Integer, primary_key=True),
    Column("slot_no", Integer, primary_key=True),
    Column("arm_id", Text, nullable=False),
    Column("form_id", Text, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("kind", Text, _states("kind", ("planned", "replacement", "bot")), nullable=False),
    Column("replaces_slot", Integer),
    Column("state", Text, _states("state", ("free", "taken", "withdrawn")), nullable=False),
    Column("participant_id", Text, unique=True),
    ForeignKeyConstraint(["version_id", "arm_id"], ["arm.version_id", "arm.arm_id"]),
    CheckConstraint("(state = 'taken') = (participant_id IS NOT NULL)"),
)  # fmt: skip
sa.Index("slot_free", slot.c.version_id, slot.c.state, slot.c.slot_no)
sa.Index("slot_replaced", slot.c.version_id, slot.c.replaces_slot, unique=True)

participant = Table(
    "participant", metadata,
    Column("participant_id", Text, primary_key=True),
    Column("version_id", ForeignKey("version.version_id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("ext_hash", Text),
    Column("resume_hash", Text, unique=True, nullable=False),
    Column("arm_id", Text),
    Column("form_id", Text),
    Column("slot_no", Integer),
    Column("is_bot", Integer, nullable=False, default=0),
    Column("state", Text, _states("state", STATES), nullable=False),
    Column("late", Integer, nullable=False, default=0),
    Column("cursor", Integer, CheckConstraint("cursor >= 0"), nullable=False),
    Column("n_steps", Integer, nullable=False),
    Column("quiz_try", Integer, nullable=False, default=0),
    Column("consent_sha256", Text, nullable=False),
    Column("served_by", Text, nullable=False),  # versions of Foretell that took something from her, in order, with ", " between them
    Column("consent_at", BigInteger, nullable=False),
    Column("started_at", BigInteger),
    Column("last_seen_at", BigInteger, nullable=False),
    Column("completed_at", BigInteger),
    UniqueConstraint("version_id", "ext_hash"),
    UniqueConstraint("version_id", "number"),
    UniqueConstraint("version_id", "slot_no"),
)  # fmt: skip

step = Table(
    "step", metadata,
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("block", Text, nullable=False),
    Column("item_id", Text, nullable=False, default=""),
    Column("question", Text, nullable=False, default=""),
    Column("correct", Text, nullable=False),
    Column("screen_sha256", ForeignKey("content.sha256"), nullable=False),
    Column("asked_sha256", ForeignKey("content.sha256"), nullable=False),
    UniqueConstraint("participant_id", "block", "kind", "item_id", "question"),
)  # fmt: skip

response = Table(
    "response", metadata,
    Column("participant_id", Text, primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("answer", Text, nullable=False),
    Column("nonce", Text, nullable=False),
    Column("submitted_at", BigInteger, nullable=False),
    Column("rt_ms", Integer),
    Column("rt_source", Text, _states("rt_source", SOURCES)),  # whose clock rt_ms is by: answers.timed
    Column("hidden_ms", Integer),
    CheckConstraint("(rt_ms IS NULL) = (rt_source IS NULL)"),
    UniqueConstraint("participant_id", "nonce"),
    ForeignKeyConstraint(["participant_id", "seq"], ["step.participant_id", "step.seq"], ondelete="CASCADE"),
)  # fmt: skip

event = Table(
    "event", metadata,
    Column("event_id", Integer, primary_key=True),
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("type", Text, _states("type", EVENTS), nullable=False),
    Column("payload", Text, nullable=False),
)  # fmt: skip
sa.Index("event_of", event.c.participant_id)

payment_link = Table(
    "payment_link", metadata,
    Column("participant_id", ForeignKey("participant.participant_id", ondelete="CASCADE"), primary_key=True),
    Column("ext_id_encrypted", Text, nullable=False),
    Column("params_encrypted", Text, nullable=False),
)  # fmt: skip

withdrawal = Table(
    "withdrawal", metadata,
    Column("tombstone_id", Integer, primary_key=True),
    Column("version_id", ForeignKey("version.version_id"), nullable=False),
    Column("arm_id", Text),
    Column("stage", Text, nullable=False),
    Column("is_bot", Integer, nullable=False, default=0),
)  # fmt: skip

# Who withdrew and may not come again, where she was told so (Words.remembers). Nothing leads from here to an answer, an arm or a time: the mark
# is made with the store's key, and rows lie in its order, not in that of their coming.
withdrawn_mark = Table(
    "withdrawn_mark", metadata,
    Column("version_id", ForeignKey("version.version_id"), primary_key=True),
    Column("mark", Text, primary_key=True),
    sqlite_with_rowid=False,
)  # fmt: skip

TRIAL_VIEW = """
CREATE VIEW trial AS
SELECT p.version_id AS version_id, p.number AS number, p.is_bot AS is_bot, p.arm_id AS arm, i.item_set AS test, s.block AS block,
  s.seq AS seq, s.item_id AS item, i.stratum AS stratum, i.cf_kind AS cf_kind, i.gold AS gold, i.model_output AS model_output,
  CAST(r.answer AS INTEGER) AS answer,
  CASE WHEN CAST(r.answer AS INTEGER) = i.model_output THEN 1 ELSE 0 END AS correct,
  CASE WHEN r.rt_source = 'browser' THEN r.rt_ms END AS rt_ms
FROM response r
JOIN step s ON s.participant_id = r.participant_id AND s.seq = r.seq
JOIN participant p ON p.participant_id = r.participant_id
JOIN item i ON i.version_id = p.version_id AND i.item_id = s.item_id
WHERE s.kind = 'predict'
""".strip()


def engine_for(url: str) -> Engine:
    """An engine whose reads take no write lock, and whose writes take it at once. Raises ValueError for an address that cannot be one."""
    try:
        where = sa.engine.make_url(url)
    except sa.exc.ArgumentError:
        raise ValueError(f"{url!r} is no address of a store: use one such as sqlite:///study.db.") from None
    if where.get_backend_name() != "sqlite":
        try:
            return sa.create_engine(where, pool_pre_ping=True)
        except sa.exc.ArgumentError:
            raise ValueError(f"{where.get_backend_name()!r} is no kind of database that is known: use sqlite or postgresql.") from None
        except ImportError as problem:
            raise ValueError(f"A store in {where.get_backend_name()} needs the package {problem.name}: install it.") from None
    more: dict[str, Any] = {}
    if where.database in (None, "", ":memory:"):
        more = {
            "poolclass": QueuePool,
            "pool_size": 1,
            "max_overflow": 0,
        }  # one connection, and threads take turns: shared, they would end each other's work
    engine = sa.create_engine(where, connect_args={"check_same_thread": False, "timeout": _BUSY_SECONDS}, **more)
    sa.event.listen(engine, "connect", _sqlite_connected)
    sa.event.listen(engine, "begin", _sqlite_begins)
    return engine


def _sqlite_connected(connection: Any, record: Any) -> None:
    connection.isolation_level = None  # transactions are begun below, not by the driver
    for pragma in (
        "journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={1000 * _BUSY_SECONDS}", "trusted_schema=OFF", "secure_delete=ON",
    ):  # fmt: skip
        connection.execute(f"PRAGMA {pragma}")


def _sqlite_begins(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN" if connection.get_execution_options().get("reading") else "BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one state of the store and takes no lock that a writer would wait for."""
    with engine.connect().execution_options(reading=True) as connection:
        yield connection


def empty_log(engine: Engine) -> bool:
    """Write SQLite's log back into its file and cut it to nothing, so that what was deleted is gone from both; whether that was done.

    It cannot be where somebody is reading an older state. Waiting for that would let no writer in, so this does not.
    """
    if file_of(engine) is None:
        return True
    with reading(engine) as c:
        raw: Any = c.connection.driver_connection
        c.commit()
        raw.execute("PRAGMA busy_timeout=0")
        try:
            return bool(raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
        except sqlite3.OperationalError:  # somebody else is doing it
            return False
        finally:
            raw.execute(f"PRAGMA busy_timeout={1000 * _BUSY_SECONDS}")


def file_of(engine: Engine) -> Path | None:
    """The SQLite file, None where there is none."""
    name = engine.url.database
    return Path(name) if engine.dialect.name == "sqlite" and name not in (None, "", ":memory:") else None


def prepare(engine: Engine) -> None:
    """Make the tables where there are none, else see that they are ours. Raises ValueError with one sentence."""
    file = file_of(engine)
    where = str(file or engine.url.render_as_string(hide_password=True))
    if file is not None and not file.parent.is_dir():
        raise ValueError(f"There is no folder {file.parent} for the store: make it first.")
    try:
        if file is not None:
            _look(file, where)
        with reading(engine) as connection:
            ours = sa.inspect(connection).has_table("meta")
        if not ours:
            with engine.begin() as connection:
                if engine.dialect.name != "sqlite":
                    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:n)"), {"n": _LOCK})
                found = sa.inspect(connection).get_table_names()
                if not found:
                    _make(connection)
                elif "meta" not in found:
                    raise ValueError(_OTHER_TABLES.format(where=where))
        _check(engine, where)
    except (sa.exc.DatabaseError, sqlite3.DatabaseError) as problem:
        raise ValueError(
            trouble(problem, where) or f"{where} cannot be opened: name another file, or put it back from the back-up."
        ) from None


def trouble(problem: Exception, where: str) -> str:
    """A sentence for what a disk or a damaged file made fail; "" for anything else."""
    said = str(problem).lower()
    if "disk is full" in said or "disk i/o" in said:
        return f"The disk of {where} is full or fails, and nothing was stored: make room, and try again."
    if "readonly" in said or "read-only" in said or "unable to open" in said:
        return f"{where} cannot be written: give the rights to write the file and its folder, or name another place."
    if "not a database" in said or "malformed" in said:
        return f"{where} is no store of studies, or is damaged: name another file, or put it back from the back-up."
    return ""


def _look(file: Path, where: str) -> None:
    """Refuse a SQLite file of something else before anything of it is changed: opening it as a store would change its journal."""
    if not file.exists() or file.stat().st_size == 0:
        return
    try:
        with closing(sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL").fetchall())
    except sqlite3.OperationalError:
        return  # cannot be read without writing beside it: what follows says why
    own = next(sql for kind, name, sql in _own_objects() if (kind, name) == ("table", "meta"))
    if found and " ".join(str(found.get("meta")).split()) != own:
        raise ValueError(_OTHER_TABLES.format(where=where))


def _make(connection: Connection) -> None:
    metadata.create_all(connection)
    connection.execute(sa.text(TRIAL_VIEW))
    for statement in triggers.statements(connection.dialect.name, metadata):
        connection.exec_driver_sql(statement)
    connection.execute(meta.insert().values(name="schema_version", value=str(SCHEMA_VERSION)))


def _check(engine: Engine, where: str) -> None:
    with reading(engine) as connection:
        found = connection.execute(sa.select(meta.c.value).where(meta.c.name == "schema_version")).scalar()
        if found != str(SCHEMA_VERSION):
            newer = isinstance(found, str) and found.isdigit() and int(found) > SCHEMA_VERSION
            todo = "update Foretell" if newer else "open it with the Foretell that made it, and export from there"
            raise ValueError(f"{where} has the form {str(found)[:20]!r}, and this Foretell reads the form {SCHEMA_VERSION}: {todo}.")
        if engine.dialect.name == "sqlite" and _sqlite_objects(connection) != _own_objects():
            raise ValueError(f"{where} holds tables, views or triggers that Foretell did not make: do not use it.")
        if engine.dialect.name == "sqlite" and connection.exec_driver_sql("PRAGMA quick_check(1)").scalar() != "ok":
            raise ValueError(trouble(Exception("malformed"), where))


def _sqlite_objects(connection: Connection) -> set[tuple[str, str, str]]:
    rows = connection.exec_driver_sql("SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL").all()
    return {(str(kind), str(name), " ".join(str(sql).split())) for kind, name, sql in rows if (kind, name) not in _OF_SQLITE}


@cache
def _own_objects() -> set[tuple[str, str, str]]:
    engine = engine_for("sqlite://")
    with engine.begin() as connection:
        _make(connection)
        return _sqlite_objects(connection)
