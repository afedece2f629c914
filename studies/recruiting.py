"""Arriving and claiming a slot, inside the caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import metadata as packages
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from .assignment import Slot
from .freezing import Frozen
from .keys import Keys, token_hash
from .plan import PlannedStep
from .schema import participant, payment_link, recruiting, slot, step, version, withdrawal, withdrawn_mark
from .words import can_be_stored

MOST_PARAMS = 4_000  # characters of what a recruiting service hands over


def new_participant(
    c: Connection, frozen: Frozen, participant_id: str, hashed: str | None, external_id: str | None, params: Mapping[str, str], bot: bool,
    keys: Keys, now: int, stops: bool,
) -> None:  # fmt: skip
    """A person who agreed: her row, and apart and encrypted what the recruiting service calls her."""
    v = frozen.version_id
    frozen.check_program(c)
    c.execute(sa.select(recruiting.c.state).where(recruiting.c.version_id == v).with_for_update())
    if state_of(c, frozen) == "paused":
        raise ValueError("This study is paused: nobody new can take part at the moment. Please come again later.")
    if state_of(c, frozen) == "closed" or (stops and not bot and is_full(c, frozen)):
        raise ValueError("This study is closed: nobody new can take part.")
    if stops and not bot and c.execute(_free(frozen)).first() is None:
        raise ValueError("All places of this study are taken at the moment: nobody new can take part. Please return it.")
    if external_id is not None and not bot:
        _refuse_again(c, frozen, external_id, keys)
    # All who ever came: nobody gets the number of somebody who withdrew, under which she may stand in a table that was made before.
    # In one statement, so that a withdrawal meanwhile is in both counts or in none.
    came = [sa.select(sa.func.count()).select_from(t).where(t.c.version_id == v).scalar_subquery() for t in (participant, withdrawal)]
    number = 1 + int(c.execute(sa.select(came[0] + came[1])).scalar_one())
    agreed = frozen.planner.words.information + "\n\n" + frozen.planner.words.consent
    c.execute(participant.insert().values(
        participant_id=participant_id, version_id=v, number=number, ext_hash=hashed, resume_hash=token_hash(keys.token(participant_id)),
        is_bot=int(bot), served_by=program(), state="consented", late=0, cursor=0, n_steps=0, quiz_try=1,
        consent_sha256=hashlib.sha256(agreed.encode()).hexdigest(), consent_at=now, last_seen_at=now,
    ))  # fmt: skip
    link(c, participant_id, external_id, params, keys)


@cache
def program() -> str:
    """Which Foretell this is."""
    return packages.version("foretell")


def served(person: Row[Any]) -> dict[str, str]:
    """What changes in her row when this Foretell takes something from her: nothing, unless another one did so last."""
    if person.served_by.rpartition(", ")[2] == program():
        return {}
    return {"served_by": f"{person.served_by}, {program()}"}


def _refuse_again(c: Connection, frozen: Frozen, external_id: str, keys: Keys) -> None:
    """Who withdrew, or had a place in another version of the same study, knows what is coming; who only read the information does not."""
    versions = c.execute(sa.select(version.c.version_id).where(version.c.study_id == frozen.record.study_id)).scalars()
    hashes = {v: keys.external_hash(v, external_id) for v in versions}
    marks = [keys.withdrawn_mark(hashed) for hashed in hashes.values()]
    if c.execute(sa.select(withdrawn_mark.c.version_id).where(withdrawn_mark.c.mark.in_(marks))).first() is not None:
        raise ValueError("You took part in this study and had your answers deleted, so you cannot take part again. Please return it.")
    known = [sa.and_(participant.c.version_id == v, participant.c.ext_hash == h) for v, h in hashes.items() if v != frozen.version_id]
    met = sa.or_(participant.c.slot_no.is_not(None), participant.c.state == "screened_out")
    if known and c.execute(sa.select(participant.c.number).where(sa.or_(*known), met)).first() is not None:
        raise ValueError("You took part in an earlier form of this study, so you cannot take part in this one. Please return it.")


def claim(c: Connection, frozen: Frozen, person: Row[Any], now: int, stops: bool = True) -> bool:
    """The lowest free slot and all steps of its plan; False, and the state "full", where there is none. stops: see `is_full`."""
    v = frozen.version_id
    frozen.check_program(c)
    if person.is_bot:
        _claim_as_bot(c, frozen, person, now)
        return True
    found = None
    state = state_of(c, frozen)
    again = state == "paused" and person.state == "full"  # who was told that all places are taken is somebody new; who is under way goes on
    if state != "closed" and not again and not (stops and is_full(c, frozen)):
        found = c.execute(_free(frozen).with_for_update()).first()
    mine = participant.c.participant_id == person.participant_id
    if found is None:
        c.execute(participant.update().where(mine).values(state="full"))
        return False
    taken = c.execute(
        slot.update().where(slot.c.version_id == v, slot.c.slot_no == found.slot_no, slot.c.state == "free")
        .values(state="taken", participant_id=person.participant_id)
    )  # fmt: skip
    if taken.rowcount != 1:
        raise sa.exc.OperationalError("slot taken meanwhile", None, Exception())  # the transaction is tried again
    _begin(c, frozen, person, Slot(found.slot_no, found.arm_id, found.form_id, found.seed), now)
    return True


def _free(frozen: Frozen) -> sa.Select[Any]:
    """The lowest slot that nobody has."""
    return sa.select(slot).where(slot.c.version_id == frozen.version_id, slot.c.state == "free").order_by(slot.c.slot_no).limit(1)


def link(c: Connection, participant_id: str, external_id: str | None, params: Mapping[str, str], keys: Keys) -> None:
    """Keeps what the recruiting service calls her and handed over, encrypted, where it is not kept yet. Raises ValueError with one sentence."""
    if external_id is None and not params:
        return
    if c.execute(sa.select(payment_link.c.participant_id).where(payment_link.c.participant_id == participant_id)).first() is not None:
        return
    if not all(isinstance(text, str) and can_be_stored(text) for pair in params.items() for text in pair):
        raise ValueError("The address of this study has something that is no text: open the link as the recruiting service gave it.")
    handed = json.dumps(dict(params), ensure_ascii=False)
    if len(handed) > MOST_PARAMS:
        raise ValueError("The address of this study carries too much: open the link as the recruiting service gave it.")
    c.execute(payment_link.insert().values(
        participant_id=participant_id, ext_id_encrypted=keys.encrypt(external_id or ""), params_encrypted=keys.encrypt(handed),
    ))  # fmt: skip


def state_of(c: Connection, frozen: Frozen) -> str:
    """open, paused or closed."""
    return str(c.execute(sa.select(recruiting.c.state).where(recruiting.c.version_id == frozen.version_id)).scalar_one())


def is_full(c: Connection, frozen: Frozen) -> bool:
    """Whether the stopping rule of the default pre-registration is met. One's own rule is a text, which no program can keep."""
    if frozen.design.preregistration.get("stopping"):
        return False
    done = sa.select(sa.func.count()).where(
        participant.c.version_id == frozen.version_id, participant.c.state == "complete", participant.c.is_bot == 0
    )
    return int(c.execute(done).scalar_one()) >= frozen.design.planned


def _claim_as_bot(c: Connection, frozen: Frozen, person: Row[Any], now: int) -> None:
    """A slot of its own, numbered down from -1: the listed cells in turn, with other orders, so that no person's place is taken."""
    v = frozen.version_id
    before = int(c.execute(sa.select(sa.func.count()).where(slot.c.version_id == v, slot.c.kind == "bot")).scalar_one())
    planned = int(c.execute(sa.select(sa.func.count()).where(slot.c.version_id == v, slot.c.kind == "planned")).scalar_one())
    like = c.execute(sa.select(slot).where(slot.c.version_id == v, slot.c.slot_no == before % planned)).one()
    own = Slot(-1 - before, like.arm_id, like.form_id, next_seed(like.seed + before))
    c.execute(slot.insert().values(
        version_id=v, slot_no=own.number, arm_id=own.arm, form_id=own.form, seed=own.seed, kind="bot", replaces_slot=None, state="taken",
        participant_id=person.participant_id,
    ))  # fmt: skip
    _begin(c, frozen, person, own, now)


def next_seed(seed: int) -> int:
    """Another one, 0 to 2^62."""
    return (seed * 6_364_136_223_846_793_005 + 1) % 2**62


def _begin(c: Connection, frozen: Frozen, person: Row[Any], own: Slot, now: int) -> None:
    mine = participant.c.participant_id == person.participant_id
    first = c.execute(sa.select(participant.c.n_steps).where(mine)).scalar_one()
    write_steps(c, person.participant_id, first, frozen.planner.after(own))
    c.execute(participant.update().where(mine).values(
        state="active", arm_id=own.arm, form_id=own.form, slot_no=own.number, started_at=now,
        last_seen_at=max(now, person.last_seen_at),  # she is there: maybe come again, long after the quiz
    ))  # fmt: skip


def write_steps(c: Connection, participant_id: str, first: int, steps: Sequence[PlannedStep]) -> None:
    """Append to a participant's steps, and count them. What they show was pinned when the study was frozen."""
    rows = [
        {"participant_id": participant_id, "seq": first + i, "kind": one.kind, "block": one.block, "item_id": one.item, "question": one.question,
         "correct": one.asked.correct, "screen_sha256": one.digests[0], "asked_sha256": one.digests[1]}
        for i, one in enumerate(steps)
    ]  # fmt: skip
    c.execute(step.insert(), rows)
    c.execute(participant.update().where(participant.c.participant_id == participant_id).values(n_steps=first + len(steps)))
