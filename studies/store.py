"""The store of studies: freeze, enrol, submit, withdraw. Nothing that was acknowledged is lost, nothing is stored twice.

    store = Store("sqlite:///study.db")
    version = store.freeze(materials)                 # immutable from here on
    token = store.consent(version, external_id="...") # no slot yet: instructions and quiz follow, and passing the quiz claims one
    step = store.current_step(token)
    result = store.submit(token, step.seq, "0", nonce="...")      # "saved", "repeated" or "stale"; result.step is what comes now

Each write is whole or not at all; its acknowledgement comes after the commit, with the disk's word for it (WAL, synchronous FULL; writing.py).
A position is kept here and nowhere else: whatever a browser sends, only the answer to the step one is at is stored, once, the first. Reads take
no write lock.
One SQLite file on a local disk serves several processes of one machine.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from . import answers, freezing, lifecycle, schema
from .answers import Result, Step
from .keys import Keys, keys_for, token_hash
from .materials import Materials, mark_frozen
from .recruiting import claim, link, new_participant, program, write_steps
from .schema import participant, reading, recruiting, version
from .words import can_be_stored
from .writing import Writer

TRIAL_COLUMNS = [
    "participant", "arm", "test", "phase", "item", "stratum", "cf_kind", "gold", "model_output", "answer", "correct", "rt_ms",
]  # fmt: skip
_T = TypeVar("_T")
_KEY = sa.select(schema.meta.c.value).where(schema.meta.c.name == "key")
PHASES = {"PRE": "pre", "CPRE": "pre", "POST": "post", "CPOST": "post"}  # by block
_UNKNOWN = (
    "This link is not known here: it may have been mistyped, or its answers were deleted. Start again from where you found the study."
)


class Store:
    """url: any SQLAlchemy address; key: 64 hex digits, else as `keys_for` finds it; clock: milliseconds since 1970, for simulations.
    Raises ValueError, whose text is the sentence for a person."""

    def __init__(self, url: str, key: str | None = None, clock: Callable[[], int] | None = None):
        self._clock = clock or (lambda: _now())
        self.engine = schema.engine_for(url)
        schema.prepare(self.engine)
        self._writer = Writer(self.engine)
        self._log_full = False  # whether the log may still hold what was deleted; below, what a process that ended left there
        file = schema.file_of(self.engine)
        in_memory = self.engine.dialect.name == "sqlite" and file is None
        with reading(self.engine) as c:
            known = c.execute(_KEY).scalar() is not None
        self.keys: Keys = keys_for(key, None if file is None else file.with_name(file.name + ".key"), not in_memory, known)
        self._write(self._same_key)
        self._log_full = not schema.empty_log(self.engine)
        self._frozen: dict[int, freezing.Frozen] = {}

    # -- the researcher ------------------------------------------------------------------------------------------------------------------

    def freeze(self, materials: Materials) -> int:
        """The version's number. One transaction; materials that were frozen before give the version that they are."""
        prepared = freezing.prepare(Materials.load(materials.folder))
        frozen = self._write(lambda c: freezing.freeze(c, prepared, program(), self.keys))
        mark_frozen(materials.folder, frozen, "the store " + (schema.file_of(self.engine) or Path("in a database")).name)
        return frozen

    def preregistration(self, version_id: int) -> str:
        """The text to register before the first participant: the fields of OSF Prereg, with the hashes of what is frozen."""
        return str(self.frozen(version_id).record.preregistration)

    def frozen(self, version_id: int) -> freezing.Frozen:
        """The design and all that can be shown, as frozen. Raises ValueError for a version that is not there."""
        if isinstance(version_id, bool) or not isinstance(version_id, int):
            raise ValueError(f"A version is a whole number, not {version_id!r}: store.versions() lists those that are there.")
        if version_id not in self._frozen:
            with reading(self.engine) as c:
                self._frozen[version_id] = freezing.load(c, version_id, self.keys)
        return self._frozen[version_id]

    def versions(self) -> pd.DataFrame:
        """version, study, n, state ("open" | "paused" | "closed"), frozen_at (ms)."""
        with reading(self.engine) as c:
            rows = c.execute(
                sa.select(version.c.version_id, schema.study.c.slug, version.c.n, recruiting.c.state, version.c.frozen_at)
                .join(schema.study).join(recruiting).order_by(version.c.version_id)
            ).all()  # fmt: skip
        return pd.DataFrame(rows, columns=["version", "study", "n", "state", "frozen_at"])

    def close(self, version_id: int) -> None:
        """Nobody new from now on; who has a place may finish. Who is still before the end of the quiz gets none, and is told as if all were taken."""
        self.frozen(version_id)
        self._write(lambda c: lifecycle.close(c, version_id, self._clock()))
        self._log_full = not schema.empty_log(self.engine)

    def pause(self, version_id: int) -> None:
        """Nobody new until `resume`; who has begun goes on, takes a place and finishes. Raises ValueError where the study is closed."""
        self.frozen(version_id)
        self._write(lambda c: lifecycle.recruit(c, version_id, "paused", self._clock()))

    def resume(self, version_id: int) -> None:
        """People are let in again. Raises ValueError where the study is closed."""
        self.frozen(version_id)
        self._write(lambda c: lifecycle.recruit(c, version_id, "open", self._clock()))

    def recruited(self, version_id: int) -> pd.DataFrame:
        """When the version was opened, paused, resumed and closed, in order: at (ms), state that began then ("open" | "paused" | "closed")."""
        self.frozen(version_id)
        with reading(self.engine) as c:
            return pd.DataFrame(lifecycle.recruited(c, version_id), columns=["at", "state"])

    def trials(self, version_id: int, bots: bool = False) -> pd.DataFrame:
        """One row an answer to a prediction, by participant and order; `TRIAL_COLUMNS`. Of those who took part up to where they came: people, or
        the programs that tried the study (`bots`). People of an anonymous study are numbered in an order drawn anew."""
        frozen = self.frozen(version_id)
        query = sa.text("SELECT * FROM trial WHERE version_id = :v AND is_bot = :bots ORDER BY number, seq")
        with reading(self.engine) as c:
            rows = c.execute(query, {"v": version_id, "bots": int(bots)}).mappings().all()
        names = anew([row["number"] for row in rows]) if frozen.design.anonymous else None
        found = [dict(row) if names is None else {**row, "number": names[row["number"]]} for row in rows]
        return trials_frame(found if names is None else sorted(found, key=lambda row: row["number"]))

    def seen(self, version_id: int, number: int, seq: int) -> tuple[bytes, bytes]:
        """What participant `number` saw at step `seq`: the screen's bytes, and the question's."""
        return answers.seen(self.engine, version_id, number, seq)

    def status(self, version_id: int) -> pd.DataFrame:
        """How many participants of each arm are in each state; arm "" before there is a slot. No answers: looking does not unblind."""
        self.frozen(version_id)
        return lifecycle.status(self.engine, version_id)

    def pay(self, version_id: int) -> pd.DataFrame:
        """How long people took and what their pay makes an hour, all together (no arm) and by arm: arm, timed (people), median_minutes, pay_per_hour,
        currency. NA where there are too few. No answers: looking does not unblind."""
        from .export.pay import pay_report

        return pay_report(self.engine, self.frozen(version_id))

    def time_out(self, version_id: int, minutes: float, now: int | None = None) -> int:
        """Those not seen for so long are timed out, and each one's place is listed again at the end; how many. They may still come back."""
        self.frozen(version_id)
        return self._write(lambda c: lifecycle.time_out(c, version_id, minutes, self._clock() if now is None else now))

    def returned(self, version_id: int, external_ids: list[str]) -> int:
        """Those who gave their place back at the recruiting service: likewise; how many were found."""
        self.frozen(version_id)
        if not isinstance(external_ids, list | tuple) or not all(isinstance(one, str) and can_be_stored(one) for one in external_ids):
            raise ValueError("external_ids has to be a list of the recruiting service's numbers, each a text.")
        hashes = [self.keys.external_hash(version_id, one) for one in external_ids]
        return self._write(lambda c: lifecycle.returned(c, version_id, hashes))

    def forget_ids(self, version_id: int, everyone: bool = False, until: int | None = None) -> int:
        """Once people are paid: deletes the recruiting service's numbers and what else its address carried; how many people's.

        everyone  also of who is still under way or was timed out, who then cannot be paid by number. Keyed hashes stay, so that nobody takes
                  part twice
        until     only of those not seen after this time, in milliseconds since 1970: the README of an export's payment folder names the one of its
                  lists, so that who came to the end later is still paid
        """
        self.frozen(version_id)
        if until is not None and (isinstance(until, bool) or not isinstance(until, int) or not 0 <= until < 2**62):
            raise ValueError("until has to be a time in whole milliseconds since 1970.")
        gone = self._write(lambda c: lifecycle.forget_ids(c, version_id, everyone, until))
        self._log_full = not schema.empty_log(self.engine)
        return gone

    def export(self, version_id: int, folder: str | Path, seed: int | None = None) -> Path:
        """Everything of a version as a folder, what is needed for paying beside it; its path. See export: `seed` is for tests only."""
        from .export import export

        return export(self, version_id, folder, seed)

    # -- the participant -----------------------------------------------------------------------------------------------------------------

    def information(self, version_id: int) -> tuple[bytes, str, str]:
        """Before anything is stored: the information as HTML, the sentence agreed to, and the words on the button."""
        frozen = self.frozen(version_id)
        words = frozen.planner.words
        return frozen.page("information"), words.consent, words.agree

    def decline(self, version_id: int) -> Step:
        """A person does not agree: the page and the code for her, and nothing is stored."""
        return answers.declined(self.frozen(version_id), self.keys)

    def consent(self, version_id: int, external_id: str | None = None, params: Mapping[str, str] | None = None, bot: bool = False) -> str:
        """A person agreed: her token, the same however often she comes. No slot yet; who passed the quiz when none was free takes one if there is
        now. bot: a program that tries the study; it takes no person's place, and `trials`, `status` and the export leave it out.
        Raises ValueError where nobody new can take part, or no slot is free, or she had one in another version."""
        return self._arrive(version_id, external_id, params, bot, quiz=True)

    def enroll(self, version_id: int, external_id: str | None = None, bot: bool = False) -> str:
        """Consent, pass and claim in one, for tests and agents: one person, one slot, however often called, as long as slots are listed, also
        beyond the planned number. Raises ValueError when it is full."""
        token = self._arrive(version_id, external_id, None, bot, quiz=False)
        if self._state(token) == "full":
            raise ValueError("All places of this study are taken: freeze a version with more planned participants.")
        return token

    def current_step(self, token: str) -> Step:
        """Where a participant is. Raises ValueError for a token that nobody has."""
        with reading(self.engine) as c:
            row = self._participant(c, token)
            return answers.current(c, row, self.frozen(row.version_id), self.keys)

    def submit(self, token: str, seq: int, answer: Any, nonce: str, rt_ms: int | None = None, focus: Any = None) -> Result:
        """An answer to step `seq`; the first is final.

        nonce   made by the browser for each sending of a form: a second arrival of the same one is "repeated", another one is "stale"
        rt_ms   from showing to answering by the browser's clock; focus: {"hidden_ms": n}, how long the page was hidden meanwhile. What cannot be
                by the server's clock is refused, and that one's time stored instead: answers.timed
        Raises ValueError, and stores nothing, for an answer that is not among the choices.
        """
        given = answers.checked(seq, nonce, rt_ms, focus)

        def write(c: Connection) -> Result:
            row = self._participant(c, token, locked=True)
            return answers.submit(c, row, self.frozen(row.version_id), self.keys, answer, given, self._clock())

        return self._write(write)

    def note(self, token: str, seq: int, kind: str, payload: str = "") -> None:
        """Something that happened at a step and is no answer, kept with the time at which it came: one of `answers.NOTES`."""
        answers.check_note(seq, kind, payload)
        self._write(lambda c: answers.noted(c, self._participant(c, token, locked=True), seq, kind, payload, self._clock()))

    def fail(self, token: str, why: str = "") -> Step:
        """The server's: a session cannot go on, and not by the participant's doing. It ends here for good, as a technical failure of its own stage;
        its answers are kept, and its place is listed again.

        why   for the researcher, in the store alone; at most 500 characters
        What she is told, with the code for it. Who had come to an end before is told that one, and nothing is changed.
        """
        answers.check_why(why)

        def write(c: Connection) -> Step:
            lifecycle.fail(c, self._participant(c, token, locked=True), why, self._clock())
            row = self._participant(c, token)
            return answers.current(c, row, self.frozen(row.version_id), self.keys)

        return self._write(write)

    def withdraw(self, token: str) -> Step:
        """Delete a participant with everything that was stored of her; what stays is that somebody withdrew, from which arm and stage, and apart
        from that, where the information says so, a mark by which she is refused if she comes again until the study is closed.

        What she is told, with the code of a completed study where she had come to its end: she is paid for it all the same.
        """

        def write(c: Connection) -> Step:
            row = self._participant(c, token, locked=True)
            frozen = self.frozen(row.version_id)
            lifecycle.withdraw(c, row, frozen.design.texts.remembers, self.keys)
            return answers.gone(row, frozen, self.keys)

        said = self._write(write)
        self._log_full = not schema.empty_log(self.engine)
        return said

    # -- inside --------------------------------------------------------------------------------------------------------------------------

    def _write(self, work: Callable[[Connection], _T]) -> _T:
        """As Writer.write; after it, what a withdrawal could not empty because somebody was reading is tried again."""
        done = self._writer.write(work)
        if self._log_full:
            self._log_full = not schema.empty_log(self.engine)
        return done

    def _arrive(self, version_id: int, external_id: str | None, params: Mapping[str, str] | None, bot: bool, quiz: bool) -> str:
        frozen = self.frozen(version_id)
        if external_id is not None and (not isinstance(external_id, str) or not 0 < len(external_id) <= 200):
            raise ValueError("An external id has to be a text of 1 to 200 characters.")
        if external_id is not None and not can_be_stored(external_id):
            raise ValueError("This external id has a character that no recruiting service gives: open the link as it gave it.")
        if params is not None and not isinstance(params, Mapping):
            raise ValueError("params has to be a table of texts: what the recruiting service put into the address.")
        if frozen.design.anonymous and not bot and (external_id is not None or params):
            raise ValueError(
                "This study is anonymous and takes no number of a recruiting service: open its address without what stands after the ?."
            )
        called = None if external_id is None else f"program\0{external_id}" if bot else external_id  # so that neither goes on as the other
        hashed = None if called is None else self.keys.external_hash(version_id, called)

        def write(c: Connection) -> str:
            found = None
            if hashed is not None:
                known = sa.select(participant).where(participant.c.version_id == version_id, participant.c.ext_hash == hashed)
                found = c.execute(known.with_for_update()).first()
            if found is None:
                participant_id = str(uuid.uuid4())
                new_participant(c, frozen, participant_id, hashed, external_id, params or {}, bot, self.keys, self._clock(), stops=quiz)
                found = c.execute(sa.select(participant).where(participant.c.participant_id == participant_id)).one()
                if quiz:
                    write_steps(c, participant_id, 0, frozen.planner.before(1))
            waits = ("full",) if quiz else ("consented", "timed_out", "returned", "full")
            if found.slot_no is None and found.state in waits and claim(c, frozen, found, self._clock(), stops=quiz):
                link(c, found.participant_id, external_id, params or {}, self.keys)  # it may have been deleted when she was told "full"
            return self.keys.token(found.participant_id)

        return self._write(write)

    def _participant(self, c: Connection, token: str, locked: bool = False) -> Row[Any]:
        if not isinstance(token, str) or not 20 <= len(token) <= 100 or not token.isascii():
            raise ValueError(_UNKNOWN)
        query = sa.select(participant).where(participant.c.resume_hash == token_hash(token))
        row = c.execute(query.with_for_update() if locked else query).first()
        if row is None:
            raise ValueError(_UNKNOWN)
        return row

    def _state(self, token: str) -> str:
        with reading(self.engine) as c:
            return str(self._participant(c, token).state)

    def _same_key(self, c: Connection) -> None:
        known = c.execute(_KEY).scalar()
        if known is None:
            c.execute(schema.meta.insert().values(name="key", value=self.keys.fingerprint))
        elif known != self.keys.fingerprint:
            raise ValueError("This store was made with another key: put its .key file, or FORETELL_KEY, back.")


def trials_frame(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """Rows of the view `trial` as the tidy table: whole numbers, missing ones as NA; participants as "p1", "p2", ... rt_ms is by the browser's clock
    alone, so that all are of one kind: an export has the server's too, and says whose each is."""
    frame = pd.DataFrame(
        rows, columns=["number", "arm", "test", "block", "item", "stratum", "cf_kind", "gold", "model_output", "answer", "correct", "rt_ms"]
    )
    frame["participant"] = "p" + frame["number"].astype(str)
    frame["phase"] = frame["block"].map(PHASES)
    for name in ("gold", "model_output", "answer", "correct"):
        frame[name] = frame[name].astype("int64")
    frame["rt_ms"] = frame["rt_ms"].astype("Int64")
    for name in ("participant", "arm", "test", "phase", "item", "stratum", "cf_kind"):
        frame[name] = frame[name].astype("string")
    return frame[TRIAL_COLUMNS]


def anew(numbers: Iterable[int]) -> dict[int, int]:
    """People's numbers -> 1, 2, ... in an order by chance, which no seed gives again."""
    mixed = sorted(set(numbers))
    random.SystemRandom().shuffle(mixed)
    return {number: i + 1 for i, number in enumerate(mixed)}


def _now() -> int:
    return time.time_ns() // 1_000_000
