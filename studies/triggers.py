"""What protects the store's rows, whoever writes: what was frozen cannot be changed, answers can only be added, people leave only by withdrawing.

SQLite and PostgreSQL by the same list. SQLite has INSERT OR REPLACE and UPDATE OR REPLACE besides, which delete the row in the way without asking
the triggers that stand before a DELETE: further triggers, made from the tables' keys, refuse a second row where one is.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

_FROZEN = "(SELECT frozen_at FROM version WHERE version_id = {row}.version_id) IS NOT NULL"
_NOT_WITHDRAWN = "COALESCE((SELECT state FROM participant WHERE participant_id = OLD.participant_id), 'withdrawn') <> 'withdrawn'"
_OF_PERSON = "COALESCE((SELECT {column} FROM participant WHERE participant_id = NEW.participant_id), -1)"


def _changed(*columns: str) -> str:
    return " OR ".join(f"OLD.{column} <> NEW.{column}" for column in columns)


def _lost(*columns: str) -> str:
    """Of columns that are empty until something is known: what was known is another thing, or forgotten."""
    return " OR ".join(f"(OLD.{name} IS NOT NULL AND (NEW.{name} IS NULL OR NEW.{name} <> OLD.{name}))" for name in columns)


# What becomes of a person: what state may follow which. Who was timed out or returned and comes back goes on; who found no
# place may find one that came free. A technical failure may end a session wherever somebody is under way.
_AFTER = {
    "consented": ("active", "screened_out", "full", "timed_out", "returned", "technical_failure"),
    "active": ("complete", "timed_out", "returned", "technical_failure"),
    "timed_out": ("consented", "active", "full", "returned", "technical_failure"),
    "returned": ("consented", "active", "full", "technical_failure"),
    "full": ("active",), "complete": (), "screened_out": (), "technical_failure": (),
}  # fmt: skip
_OUT_OF_TURN = " OR ".join(
    f"(OLD.state = '{state}' AND NEW.state NOT IN ({', '.join(repr(one) for one in (state, *nexts, 'withdrawn'))}))"
    for state, nexts in _AFTER.items()
)
_ANSWERED = "EXISTS (SELECT 1 FROM response r WHERE r.participant_id = OLD.participant_id AND r.seq = OLD.cursor)"
_LAST_STEP = "EXISTS (SELECT 1 FROM step s WHERE s.participant_id = OLD.participant_id AND s.seq = NEW.n_steps - 1)"


# Name of the trigger -> (what it stands before, table, when, what is refused).
_TRIGGERS: dict[str, tuple[str, str, str, str]] = {
    "study_stays": ("UPDATE", "study", "", "a study cannot be changed"),
    "study_is_kept": ("DELETE", "study", "", "a study cannot be deleted"),
    "version_stays": ("UPDATE", "version", "OLD.frozen_at IS NOT NULL", "a frozen version cannot be changed"),
    "version_begins": ("INSERT", "version", "NEW.frozen_at IS NOT NULL", "a version is frozen when all of it is there"),
    "version_is_kept": ("DELETE", "version", "", "a frozen version cannot be deleted"),
    "content_stays": ("UPDATE", "content", "", "what was shown cannot be changed"),
    "content_is_kept": ("DELETE", "content", "", "what was shown cannot be deleted"),
    "response_stays": ("UPDATE", "response", "", "an answer cannot be changed"),
    "response_is_kept": ("DELETE", "response", _NOT_WITHDRAWN, "an answer is deleted only by a withdrawal"),
    "response_in_turn": (
        "INSERT", "response", f"NEW.seq <> {_OF_PERSON.format(column='cursor')}", "an answer is added only where the participant is",
    ),
    "step_stays": ("UPDATE", "step", "", "a step cannot be changed"),
    "step_is_kept": ("DELETE", "step", _NOT_WITHDRAWN, "a step is deleted only by a withdrawal"),
    "step_in_turn": ("INSERT", "step", f"NEW.seq < {_OF_PERSON.format(column='n_steps')}", "a step is added only after the last one"),
    "participant_stays": (
        "UPDATE", "participant",
        f"{_changed('participant_id', 'version_id', 'number', 'resume_hash', 'is_bot', 'consent_sha256', 'consent_at')} OR "
        f"{_lost('ext_hash', 'arm_id', 'form_id', 'slot_no', 'started_at', 'completed_at')} OR (OLD.ext_hash IS NULL AND NEW.ext_hash IS NOT NULL) "
        "OR NEW.late < OLD.late OR NEW.cursor < OLD.cursor OR NEW.n_steps < OLD.n_steps OR NEW.quiz_try < OLD.quiz_try",
        "a participant stays who she is, in her slot, and does not go back",
    ),
    "participant_goes_on": (
        "UPDATE", "participant",
        f"(NEW.cursor > OLD.cursor AND NOT (NEW.cursor = OLD.cursor + 1 AND {_ANSWERED})) OR (NEW.n_steps > OLD.n_steps AND NOT {_LAST_STEP})",
        "a participant goes on by answering",
    ),
    "participant_ends": (
        "UPDATE", "participant",
        f"{_OUT_OF_TURN} OR (NEW.state = 'complete' AND (NEW.cursor < NEW.n_steps OR NEW.completed_at IS NULL)) OR (OLD.late < NEW.late AND "
        "OLD.state NOT IN ('timed_out', 'returned'))",
        "what became of a participant stays",
    ),
    "participant_is_kept": ("DELETE", "participant", "OLD.state <> 'withdrawn'", "a participant is deleted only by a withdrawal"),
    "event_stays": ("UPDATE", "event", "", "an event cannot be changed"),
    "event_is_kept": ("DELETE", "event", _NOT_WITHDRAWN, "an event is deleted only by a withdrawal"),
    "withdrawal_stays": ("UPDATE", "withdrawal", "", "a withdrawal cannot be changed"),
    "withdrawal_is_kept": ("DELETE", "withdrawal", "", "a withdrawal cannot be deleted"),
    "withdrawn_mark_stays": ("UPDATE", "withdrawn_mark", "", "a withdrawal cannot be changed"),
    "recruiting_ends": (
        "UPDATE", "recruiting", f"{_changed('version_id')} OR (OLD.state = 'closed' AND NEW.state <> 'closed')", "a closed study stays closed",
    ),
    "recruiting_log_stays": ("UPDATE", "recruiting_log", "", "when a study was open cannot be changed"),
    "recruiting_log_is_kept": ("DELETE", "recruiting_log", "", "when a study was open cannot be deleted"),
    "recruiting_is_kept": ("DELETE", "recruiting", "", "whether a study is open cannot be deleted"),
    "meta_stays": ("UPDATE", "meta", "", "what the store is cannot be changed"),
    "meta_is_kept": ("DELETE", "meta", "", "what the store is cannot be deleted"),
    "slot_is_kept": ("DELETE", "slot", "", "a slot cannot be deleted"),
    "slot_cell_stays": (
        "UPDATE", "slot",
        f"{_changed('version_id', 'slot_no', 'arm_id', 'form_id', 'seed', 'kind', 'replaces_slot')} "
        "OR (OLD.replaces_slot IS NULL) <> (NEW.replaces_slot IS NULL) OR (OLD.state <> 'free' AND NEW.state = 'free') "
        "OR (OLD.state = 'withdrawn' AND NEW.state = 'taken') "
        "OR (OLD.state = 'taken' AND NEW.state = 'taken' AND OLD.participant_id <> NEW.participant_id)",
        "a slot is taken for ever",
    ),
    "slot_list_stays": ("INSERT", "slot", f"NEW.kind = 'planned' AND {_FROZEN.format(row='NEW')}", "the list of slots is frozen"),
    "slot_replaces": (
        "INSERT", "slot",
        "NEW.kind = 'replacement' AND NOT EXISTS (SELECT 1 FROM slot o WHERE o.version_id = NEW.version_id AND o.slot_no = NEW.replaces_slot "
        "AND o.arm_id = NEW.arm_id AND o.form_id = NEW.form_id AND o.state <> 'free')",
        "a replacement is of the cell of a slot that was taken",
    ),
    "slot_of_bot": (
        "INSERT", "slot", "NEW.kind = 'bot' AND (NEW.slot_no >= 0 OR COALESCE(NEW.state, '') <> 'taken')",
        "a program takes no place of a person",
    ),
    **{
        f"{table}_{what.lower()}": (what, table, _FROZEN.format(row="NEW" if what == "INSERT" else "OLD"), f"the frozen {table}s cannot be changed")
        for table in ("arm", "item", "material") for what in ("INSERT", "UPDATE", "DELETE")
    },
}  # fmt: skip

# Tables whose rows nothing may replace. An answer whose sending has been stored at another step is dropped without a word: the store sends
# each one as INSERT ... ON CONFLICT DO NOTHING and counts. Rows of the two last can be updated, so a key of theirs could move.
_NOT_REPLACED = (
    "meta",
    "study",
    "version",
    "recruiting",
    "recruiting_log",
    "content",
    "response",
    "step",
    "event",
    "withdrawal",
    "participant",
    "slot",
)
_MOVING = ("participant", "slot")


def statements(dialect: str, metadata: sa.MetaData) -> Iterator[str]:
    """The SQL that makes all of them."""
    for name, (what, table, when, said) in _TRIGGERS.items():
        if dialect == "sqlite":
            yield _sqlite(name, what, table, when, f"ABORT, '{said}'")
        else:  # PostgreSQL: no query stands in a WHEN, so the function asks; what is not known (NULL) refuses nothing, as in a WHEN
            given = "OLD" if what == "DELETE" else "NEW"
            test = f"IF ({when}) IS NOT TRUE THEN RETURN {given}; END IF; " if when else ""
            yield f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {test}RAISE EXCEPTION '{said}'; END $$"
            yield f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    if dialect != "sqlite":
        yield from _not_emptied()
        return
    for table in _NOT_REPLACED:
        own, *others = _keys(metadata.tables[table])
        taken = f"ABORT, 'there is such a {table}'"
        if table == "response":
            yield _sqlite("response_sent_once", "INSERT", table, _there(table, others), "IGNORE")
            others = []
        yield _sqlite(f"{table}_not_replaced", "INSERT", table, _there(table, [own, *others]), taken)
        if table in _MOVING:
            columns = sorted({column for key in (own, *others) for column in key})
            there = _there(table, [own, *others], "o.rowid <> OLD.rowid AND ")
            yield _sqlite(f"{table}_not_moved", f"UPDATE OF {', '.join(columns)}", table, there, taken)


def _not_emptied() -> Iterator[str]:
    """PostgreSQL: TRUNCATE empties a table without asking what stands before its rows, also one that another table's CASCADE leads to."""
    yield "CREATE FUNCTION not_emptied() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'a table is not emptied'; END $$"
    for table in sorted({table for what, table, _, _ in _TRIGGERS.values() if what == "DELETE"}):
        yield f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION not_emptied()"


def _there(table: str, keys: list[tuple[str, ...]], but: str = "") -> str:
    """Whether a row has one of the new row's keys."""
    same = [" AND ".join(f"o.{column} = NEW.{column}" for column in key) for key in keys]
    return " OR ".join(f"EXISTS (SELECT 1 FROM {table} o WHERE {but}{one})" for one in same)


def _sqlite(name: str, what: str, table: str, when: str, said: str) -> str:
    condition = f"WHEN ({when}) " if when else ""
    return f"CREATE TRIGGER {name} BEFORE {what} ON {table} {condition}BEGIN SELECT RAISE({said}); END"


def _keys(table: sa.Table) -> list[tuple[str, ...]]:
    """The sets of columns that no two rows share, in an order of their own."""
    unique = [tuple(c.name for c in one.columns) for one in table.constraints if isinstance(one, sa.UniqueConstraint)]
    indexed = [tuple(c.name for c in one.columns) for one in table.indexes if one.unique]
    return [tuple(c.name for c in table.primary_key.columns), *sorted(unique + indexed)]
