"""A bar and the table of them; the store the programs work on, and what may never be found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa

import studies
from studies import schema
from studies.assignment import Slot
from studies.placeholders import placeholder_materials


@dataclass(frozen=True)
class Bar:
    """One promise: what was wanted, what was found; a figure without a promise is always met."""

    name: str
    wanted: str
    found: Any
    met: bool = True


def none(name: str, found: int) -> Bar:
    """A bar for something that may not happen at all."""
    return Bar(name, "0", found, found == 0)


def table(bars: Sequence[Bar]) -> str:
    rows = [("", "wanted", "found", ""), *((b.name, b.wanted, str(b.found), "" if b.met else "MISSED") for b in bars)]
    wide = [max(len(row[i]) for row in rows) for i in range(4)]
    return "\n".join("  ".join(cell.ljust(wide[i]) for i, cell in enumerate(row)).rstrip() for row in rows)


def small(planned: int, **more: Any) -> studies.Design:
    """A study of few steps, so that a benchmark's time goes into the store and not into the number of items."""
    return studies.Design(
        **{"name": "bars", "task": "t", "arms": ("control", "lime", "anchors"), "tests": ("forward",), "learn": 2, "forward": 4, "attention": 1,
           "planned": planned, **more}
    )  # fmt: skip


def frozen(folder: Path, design: studies.Design) -> tuple[str, int]:
    """The address of a new store that holds this study, and its version. Nothing is left open, so that one may fork."""
    url = f"sqlite:///{folder / 'study.db'}"
    store = studies.Store(url)
    version = store.freeze(placeholder_materials(design, folder / "materials"))
    store.frozen(version).planner.everything()
    store.engine.dispose()
    return url, version


_FAULTS = {
    "positions that are not the number of answers": """SELECT count(*) FROM participant p
        WHERE p.cursor <> (SELECT count(*) FROM response r WHERE r.participant_id = p.participant_id)""",
    "answers with a gap before them": """SELECT count(*) FROM response r JOIN participant p ON p.participant_id = r.participant_id
        WHERE r.seq >= p.cursor""",
    "slots taken without a participant": """SELECT count(*) FROM slot s WHERE s.state = 'taken' AND NOT EXISTS (
        SELECT 1 FROM participant p WHERE p.participant_id = s.participant_id AND p.version_id = s.version_id AND p.slot_no = s.slot_no
        AND p.arm_id = s.arm_id AND p.form_id = s.form_id)""",
    "participants without their slot": """SELECT count(*) FROM participant p
        WHERE (p.state IN ('active', 'complete', 'timed_out', 'returned') OR p.slot_no IS NOT NULL) AND NOT EXISTS (
        SELECT 1 FROM slot s WHERE s.participant_id = p.participant_id AND s.version_id = p.version_id AND s.slot_no = p.slot_no)""",
    "complete participants with steps left": "SELECT count(*) FROM participant WHERE state = 'complete' AND cursor <> n_steps",
}


def faults(store: studies.Store, version: int) -> list[Bar]:
    """What may not be found in any store at any moment."""
    with schema.reading(store.engine) as c:
        bars = [none(name, c.execute(sa.text(query)).scalar_one()) for name, query in _FAULTS.items()]
        word = c.exec_driver_sql("PRAGMA integrity_check").scalar_one()
        strays = len(c.exec_driver_sql("PRAGMA foreign_key_check").all())
    bars.append(none("plans that are not whole", _partial_plans(store, version)))
    return [*bars, none("rows that point nowhere", strays), Bar("integrity check", "ok", word, word == "ok")]


def _partial_plans(store: studies.Store, version: int) -> int:
    """Participants whose steps are not, to the byte, what their slot says."""
    planner, bad = store.frozen(version).planner, 0
    p, s, slot = schema.participant.c, schema.step, schema.slot
    plans: dict[int, list[tuple[str, ...]]] = {}
    with schema.reading(store.engine) as c:
        listed = {row.slot_no: Slot(row.slot_no, row.arm_id, row.form_id, row.seed) for row in c.execute(sa.select(slot))}
        people = c.execute(sa.select(p.participant_id, p.slot_no, p.n_steps, p.quiz_try)).all()
        for person in people:
            own = sa.select(s).where(s.c.participant_id == person.participant_id).order_by(s.c.seq)
            rows = c.execute(own).all()
            found = [(r.kind, r.block, r.item_id, r.question, r.screen_sha256, r.asked_sha256) for r in rows]
            before = [one for attempt in range(1, person.quiz_try + 1) for one in planner.before(attempt)]
            if person.slot_no is not None and person.slot_no not in plans:
                plans[person.slot_no] = [_told(one) for one in planner.after(listed[person.slot_no])]
            after = plans.get(person.slot_no, [])
            head = [_told(one) for one in before] if found[: len(after)] != after else []  # who was enrolled met no instructions
            bad += found != head + after or person.n_steps != len(found) or [r.seq for r in rows] != list(range(len(found)))
    return bad


def _told(one: Any) -> tuple[str, ...]:
    return (one.kind, one.block, one.item, one.question, *one.digests)
