"""People who leave, come back late, or withdraw; and how many there are of each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, Row

from .answers import ENDED, FAILURE, append
from .keys import Keys
from .plan import QUIZ
from .recruiting import next_seed
from .schema import (
    event,
    participant,
    payment_link,
    reading,
    recruiting,
    recruiting_log,
    response,
    slot,
    step,
    version,
    withdrawal,
    withdrawn_mark,
)  # fmt: skip

UNDER_WAY = ("consented", "active")
OVER = ("complete", "screened_out", "full", "returned", FAILURE)


def time_out(c: Connection, version_id: int, minutes: float, now: int) -> int:
    """Those under way, before or after the quiz, not seen for `minutes`: timed out, and where one had a place, its cell listed again at the end.
    Who comes back goes on, and is kept as late."""
    if isinstance(minutes, bool) or not isinstance(minutes, int | float) or not 0 < minutes < math.inf:
        raise ValueError("minutes has to be a number above 0.")
    late = sa.select(participant).where(
        participant.c.version_id == version_id, participant.c.state.in_(UNDER_WAY), participant.c.is_bot == 0,
        participant.c.last_seen_at < now - minutes * 60_000,
    )  # fmt: skip
    return _leave(c, c.execute(late.with_for_update()).all(), "timed_out")


def returned(c: Connection, version_id: int, hashes: Sequence[str]) -> int:
    """Those of these keyed hashes who are under way or timed out: returned, likewise."""
    found: list[Row[Any]] = []
    for hashed in dict.fromkeys(hashes):
        query = sa.select(participant).where(
            participant.c.version_id == version_id, participant.c.ext_hash == hashed, participant.c.state.in_((*UNDER_WAY, "timed_out"))
        )
        found += c.execute(query.with_for_update()).all()
    return _leave(c, found, "returned")


def fail(c: Connection, person: Row[Any], why: str, now: int) -> None:
    """A session that failed on our side: over, and the cell of its place listed again. Who came to an end before stays as she is."""
    if person.state in ENDED:
        return
    _leave(c, [person], FAILURE)
    append(c, person.participant_id, person.cursor, FAILURE, why, now)


def _leave(c: Connection, people: Sequence[Row[Any]], state: str) -> int:
    for person in people:
        c.execute(participant.update().where(participant.c.participant_id == person.participant_id).values(state=state))
        if person.slot_no is not None:
            _list_again(c, person)
    return len(people)


def _list_again(c: Connection, person: Row[Any]) -> None:
    """A slot of the same cell at the end of the list, once for each slot.

    One at a time: where a whole study fails, all its sessions do at once, and two would take the same number.
    """
    c.execute(sa.select(recruiting.c.version_id).where(recruiting.c.version_id == person.version_id).with_for_update())
    of_version = slot.c.version_id == person.version_id
    if c.execute(sa.select(slot.c.slot_no).where(of_version, slot.c.replaces_slot == person.slot_no)).first() is not None:
        return
    own = c.execute(sa.select(slot).where(of_version, slot.c.slot_no == person.slot_no)).one()
    if own.kind == "bot":
        return
    last = c.execute(sa.select(sa.func.max(slot.c.slot_no)).where(of_version)).scalar_one()
    c.execute(slot.insert().values(
        version_id=person.version_id, slot_no=last + 1, arm_id=own.arm_id, form_id=own.form_id, seed=next_seed(own.seed),
        kind="replacement", replaces_slot=own.slot_no, state="free", participant_id=None,
    ))  # fmt: skip


def recruit(c: Connection, version_id: int, state: str, now: int) -> None:
    """Open, paused or closed from now on, with a line in the log where that is a change. Raises ValueError where the study was closed."""
    mine = recruiting.c.version_id == version_id
    before = c.execute(sa.select(recruiting.c.state).where(mine).with_for_update()).scalar_one()
    if before == state:
        return
    if before == "closed":
        raise ValueError("This study is closed, and a closed study stays so: freeze a version of its own to go on recruiting.")
    c.execute(recruiting.update().where(mine).values(state=state))
    c.execute(recruiting_log.insert().values(version_id=version_id, at=now, state=state))


def recruited(c: Connection, version_id: int) -> list[tuple[int, str]]:
    """The log: when (ms), and the state that began then."""
    log = sa.select(recruiting_log.c.at, recruiting_log.c.state).where(recruiting_log.c.version_id == version_id)
    return [(at, state) for at, state in c.execute(log.order_by(recruiting_log.c.log_id))]


def waits(c: Connection, version_id: int) -> dict[str, int]:
    """Participant's id -> ms from passing the quiz to being given a place, of those who found all taken and came again."""
    same = sa.and_(step.c.participant_id == response.c.participant_id, step.c.seq == response.c.seq)
    passed = sa.func.max(response.c.submitted_at)
    wanted = (
        sa.select(participant.c.participant_id, participant.c.started_at - passed)
        .select_from(response.join(step, same).join(participant, participant.c.participant_id == response.c.participant_id))
        .where(participant.c.version_id == version_id, step.c.kind == QUIZ)
        .group_by(participant.c.participant_id, participant.c.started_at).having(participant.c.started_at > passed)
    )  # fmt: skip
    return {participant_id: int(ms) for participant_id, ms in c.execute(wanted)}


def close(c: Connection, version_id: int, now: int) -> None:
    """Nobody new. Where that goes for every version of the study, nobody has to be recognised any more who withdrew: the marks go too."""
    recruit(c, version_id, "closed", now)
    if not _open(c, version_id):
        c.execute(withdrawn_mark.delete().where(withdrawn_mark.c.version_id.in_(_versions(version_id))))


def _versions(version_id: int) -> sa.Select[tuple[int]]:
    """All versions of the same study."""
    own = sa.select(version.c.study_id).where(version.c.version_id == version_id).scalar_subquery()
    return sa.select(version.c.version_id).where(version.c.study_id == own)


def _open(c: Connection, version_id: int) -> bool:
    """Whether any version of the study lets people in, now or after a pause."""
    some = sa.select(recruiting.c.version_id).where(recruiting.c.version_id.in_(_versions(version_id)), recruiting.c.state != "closed")
    return c.execute(some.with_for_update()).first() is not None  # who closes it meanwhile comes before or after, not between


def forget_ids(c: Connection, version_id: int, everyone: bool, until: int | None) -> int:
    """Deletes what the recruiting service calls people, of those who have come to an end, or of everyone; how many that were.

    until  only of those not seen later, and whose session did not fail later; milliseconds since 1970
    """
    mine = sa.select(participant.c.participant_id).where(participant.c.version_id == version_id)
    if not everyone:
        mine = mine.where(participant.c.state.in_(OVER))
    if until is not None:
        later = sa.select(event.c.event_id).where(
            event.c.participant_id == participant.c.participant_id, event.c.type == FAILURE, event.c.at > until
        )
        mine = mine.where(participant.c.last_seen_at <= until, ~later.exists())
    return c.execute(payment_link.delete().where(payment_link.c.participant_id.in_(mine))).rowcount


def withdraw(c: Connection, person: Row[Any], remembers: bool, keys: Keys) -> None:
    """Deletes the row and, by cascade, steps, answers, events and the encrypted id; counts it, with arm and stage and no key.

    remembers  whether she was told that she cannot come again: then a mark stays by which she is known if she does, apart from that count. Else who
               withdraws could choose her arm by coming again and again. Who has not answered anything and has no place leaves none.
    """
    began = person.cursor > 0 or person.slot_no is not None
    if remembers and began and person.ext_hash is not None and not person.is_bot and _open(c, person.version_id):
        c.execute(withdrawn_mark.insert().values(version_id=person.version_id, mark=keys.withdrawn_mark(person.ext_hash)))
    mine = participant.c.participant_id == person.participant_id
    at = sa.select(step.c.block).where(step.c.participant_id == person.participant_id, step.c.seq == person.cursor)
    block = c.execute(at).scalar()
    stage = person.state if person.state in ("complete", "screened_out", "full") else str(block or "consented")
    c.execute(withdrawal.insert().values(
        version_id=person.version_id, arm_id=person.arm_id, stage=stage, is_bot=person.is_bot,
    ))  # fmt: skip
    if person.slot_no is not None:
        own = sa.and_(slot.c.version_id == person.version_id, slot.c.slot_no == person.slot_no)
        c.execute(slot.update().where(own).values(state="withdrawn", participant_id=None))
    c.execute(participant.update().where(mine).values(state="withdrawn"))
    c.execute(participant.delete().where(mine))


def status(engine: Engine, version_id: int) -> pd.DataFrame:
    with reading(engine) as c:
        counted = sa.select(participant.c.arm_id, participant.c.state, sa.func.count()).where(
            participant.c.version_id == version_id, participant.c.is_bot == 0
        )
        rows = [(arm or "", state, n) for arm, state, n in c.execute(counted.group_by(participant.c.arm_id, participant.c.state))]
        gone = sa.select(withdrawal.c.arm_id, sa.func.count()).where(withdrawal.c.version_id == version_id, withdrawal.c.is_bot == 0)
        rows += [(arm or "", "withdrawn", n) for arm, n in c.execute(gone.group_by(withdrawal.c.arm_id))]
    return pd.DataFrame(sorted(rows), columns=["arm", "state", "participants"])
