"""Where a participant is, and taking an answer: exactly once, inside the caller's transaction."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, Row

from . import plan
from .freezing import Frozen, as_frozen
from .keys import Keys
from .plan import Asked
from .recruiting import claim, served, write_steps
from .schema import EVENTS, content, event, participant, reading, response, step
from .words import can_be_stored

SAVED, REPEATED, STALE = "saved", "repeated", "stale"
MOST_TEXT = 5_000  # characters of a free text
MOST_NONCE = 100
MOST_NOTE = 500  # characters that come with an event
MOST_VALUE = 10**6  # of a choice given as a number
LONGEST_MS = 7 * 24 * 3_600_000
NOTES = EVENTS[:6]
GONE = ("blur", "disconnect")  # notes of somebody who leaves
TOLERANCE_MS = 1_000  # by which a browser's clock may run ahead of the server's between two answers
_MOST_NOTES = 5_000  # events of one participant; further ones are not kept
FAILURE = "technical_failure"  # a state, the kind of its completion code, its page, and the event that says when
ENDED = ("complete", "screened_out", "full", FAILURE)  # states that are the kinds of their completion codes


@dataclass(frozen=True)
class Choice:
    value: str
    label: str


@dataclass(frozen=True)
class Step:
    """What stands before a participant.

    kind      instruct, quiz, learn, predict, attention, rating, demographic, debrief or complete
    stimulus  HTML fragment, byte for byte what was frozen; prompt: the question under it, in plain text
    choices   in the order to show; () where a text is to be written
    optional  whether the answer may be left empty
    least_ms  time before the page lets one go on. The page keeps it; an answer that comes sooner is stored like any other, since nothing that
              somebody did may be lost, and the export marks it (`early`)
    done, of  steps done and steps known of, for a bar of progress
    completion_code   only at complete
    """

    seq: int
    kind: str
    block: str
    stimulus: str
    prompt: str = ""
    choices: tuple[Choice, ...] = ()
    way: str = plan.NEXT
    optional: bool = False
    least_ms: int = 0
    of: int = 0
    completion_code: str | None = None

    @property
    def done(self) -> int:
        return self.seq


@dataclass(frozen=True)
class Result:
    """status: "saved", "repeated" (the same sending came again) or "stale" (another answer to a step that is over). step: what comes now."""

    status: str
    step: Step


@dataclass(frozen=True)
class Given:
    """What came with an answer, checked."""

    seq: int
    nonce: str
    rt_ms: int | None
    hidden_ms: int | None


def checked(seq: Any, nonce: Any, rt_ms: Any, focus: Any) -> Given:
    """Raises ValueError with one sentence."""
    _check_seq(seq)
    if not isinstance(nonce, str) or not 0 < len(nonce) <= MOST_NONCE or not can_be_stored(nonce):
        raise ValueError(f"nonce has to be a text of 1 to {MOST_NONCE} characters, a new one for each sending of a form.")
    hidden = focus.get("hidden_ms") if isinstance(focus, dict) else focus
    for name, value in (("rt_ms", rt_ms), ("focus", hidden)):
        if value is not None and (not _is_whole(value) or not 0 <= value <= LONGEST_MS):
            raise ValueError(f"{name} has to be a whole number of milliseconds, or nothing.")
    return Given(int(seq), nonce, None if rt_ms is None else int(rt_ms), None if hidden is None else int(hidden))


@dataclass(frozen=True)
class Timed:
    """How long an answer took, as it is stored. refused: what the browser said and cannot be, for the event; "" where there is nothing."""

    rt_ms: int | None
    source: str | None
    hidden_ms: int | None
    refused: str = ""


def timed(given: Given, passed: int, checks: bool = True) -> Timed:
    """The browser's times where it measured them and they can be, else the server's.

    passed  ms by the server's clock from storing the answer before, or from agreeing, to this one's arrival. The screen was shown for at most so
            long, so a longer time of the browser's is refused, and this one stands instead. A clock that was put back says nothing
    checks  not for programs that try a study: they answer at once, with times that they make up
    """
    source = None if given.rt_ms is None else "browser"
    if passed < 0 or not checks:
        return Timed(given.rt_ms, source, given.hidden_ms)
    wrong = [name for name in ("rt_ms", "hidden_ms") if (getattr(given, name) or 0) > passed + TOLERANCE_MS]
    said = "; ".join(f"{name} {getattr(given, name)} of {passed}" for name in wrong)
    hidden = None if "hidden_ms" in wrong else given.hidden_ms
    if source is None or "rt_ms" in wrong:
        return Timed(passed, "server", hidden, said) if passed <= LONGEST_MS else Timed(None, None, hidden, said)
    return Timed(given.rt_ms, source, hidden, said)


def current(c: Connection, person: Row[Any], frozen: Frozen, keys: Keys) -> Step:
    """The step at a participant's position, or how it ended for her."""
    if person.state in ENDED:
        return _ended(person, frozen, keys)
    at = c.execute(sa.select(step).where(step.c.participant_id == person.participant_id, step.c.seq == person.cursor)).one()
    return _shown(c, at, frozen, person.n_steps)


def _shown(c: Connection, at: Row[Any], frozen: Frozen, steps: int) -> Step:
    asked = frozen.asked(c, at.asked_sha256)
    choices = tuple(Choice(value, label) for value, label in asked.choices)
    shown = frozen.body(c, at.screen_sha256).decode()
    return Step(at.seq, at.kind, at.block, shown, asked.prompt, choices, asked.way, asked.optional, asked.least_ms, steps)


def submit(c: Connection, person: Row[Any], frozen: Frozen, keys: Keys, answer: Any, given: Given, now: int) -> Result:
    """Few statements: each one holds the store's only write lock a little longer."""
    own, mine = participant.c.participant_id == person.participant_id, step.c.participant_id == person.participant_id
    if person.state in ENDED or given.seq != person.cursor:
        return _not_here(c, person, frozen, keys, given, now)
    before = sa.select(response.c.submitted_at).where(
        response.c.participant_id == person.participant_id, response.c.seq == given.seq - 1
    )  # fmt: skip
    wanted = sa.select(step, before.scalar_subquery().label("before"))
    at, *after = c.execute(wanted.where(mine, step.c.seq.between(given.seq, given.seq + 1)).order_by(step.c.seq)).all()
    text = _answer(answer, frozen.asked(c, at.asked_sha256))
    insert = postgresql.insert if c.dialect.name == "postgresql" else sqlite.insert
    time = timed(given, now - (person.consent_at if at.before is None else at.before), checks=not person.is_bot)
    row = insert(response).values(
        participant_id=person.participant_id, seq=given.seq, answer=text, nonce=given.nonce, submitted_at=now, rt_ms=time.rt_ms,
        rt_source=time.source, hidden_ms=time.hidden_ms,
    )  # fmt: skip
    # Of an INSERT, psycopg forgets the count unless it is asked for: without, every answer on PostgreSQL looked like one that came before.
    stored = c.execute(row.on_conflict_do_nothing(), execution_options={"preserve_rowcount": True})
    if stored.rowcount != 1:  # the sending belonged to another step
        return _not_here(c, person, frozen, keys, given, now)
    if time.refused:
        append(c, person.participant_id, given.seq, "implausible_time", time.refused, now)
    under_way = "consented" if person.slot_no is None else "active"
    came_back = {"state": under_way, "late": 1} if person.state in ("timed_out", "returned") else {}
    seen_at = max(now, person.last_seen_at)  # a clock may be put back
    moved = c.execute(
        participant.update().where(own, participant.c.cursor == given.seq)
        .values(cursor=given.seq + 1, last_seen_at=seen_at, **came_back, **served(person))
    )  # fmt: skip
    if moved.rowcount != 1:
        raise sa.exc.OperationalError("position moved meanwhile", None, Exception())  # the transaction is tried again
    if after:
        return Result(SAVED, _shown(c, after[0], frozen, person.n_steps))
    _go_on(c, person, frozen, at, now)
    return Result(SAVED, current(c, c.execute(sa.select(participant).where(own)).one(), frozen, keys))


def _not_here(c: Connection, person: Row[Any], frozen: Frozen, keys: Keys, given: Given, now: int) -> Result:
    """An answer to a step that is over, or not come to yet: nothing is stored but that it came."""
    known = c.execute(
        sa.select(response.c.nonce).where(response.c.participant_id == person.participant_id, response.c.seq == given.seq)
    ).scalar()
    status = REPEATED if known == given.nonce else STALE
    note(c, person.participant_id, given.seq, f"{status}_submit", "", now)
    return Result(status, current(c, person, frozen, keys))


def _go_on(c: Connection, person: Row[Any], frozen: Frozen, last: Row[Any], now: int) -> None:
    """All steps that there are have been answered: the quiz decides, or it is the end."""
    mine = participant.c.participant_id == person.participant_id
    if last.kind == plan.DEBRIEF:
        c.execute(participant.update().where(mine).values(state="complete", completed_at=now))
        return
    joined = step.join(response, sa.and_(step.c.participant_id == response.c.participant_id, step.c.seq == response.c.seq))
    quiz = c.execute(
        sa.select(step.c.correct, response.c.answer).select_from(joined)
        .where(step.c.participant_id == person.participant_id, step.c.kind == plan.QUIZ, step.c.block == f"Q{person.quiz_try}")
    ).all()  # fmt: skip
    if all(correct == answer for correct, answer in quiz):
        claim(c, frozen, person, now)
    elif person.quiz_try < frozen.design.quiz_tries:
        frozen.check_program(c)
        c.execute(participant.update().where(mine).values(quiz_try=person.quiz_try + 1))
        write_steps(c, person.participant_id, person.n_steps, frozen.planner.before(person.quiz_try + 1))
    else:
        c.execute(participant.update().where(mine).values(state="screened_out"))


def note(c: Connection, participant_id: str, seq: int, kind: str, payload: str, now: int) -> None:
    """Append an event that a browser can send as often as it likes, as long as there are not too many."""
    many = c.execute(sa.select(sa.func.count()).select_from(event).where(event.c.participant_id == participant_id)).scalar_one()
    if many < _MOST_NOTES:
        append(c, participant_id, seq, kind, payload, now)


def append(c: Connection, participant_id: str, seq: int, kind: str, payload: str, now: int) -> None:
    """Append an event, however many there are already. now: ms."""
    c.execute(event.insert().values(participant_id=participant_id, seq=seq, at=now, type=kind, payload=payload))


def noted(c: Connection, person: Row[Any], seq: int, kind: str, payload: str, now: int) -> None:
    """Likewise; who sends a note is there, if only to look. Not so who came to an end: by when she was last seen it is told how long she took."""
    note(c, person.participant_id, seq, kind, payload, now)
    if kind not in GONE and person.state not in ENDED and now > person.last_seen_at:
        c.execute(participant.update().where(participant.c.participant_id == person.participant_id).values(last_seen_at=now))


def check_note(seq: Any, kind: Any, payload: Any) -> None:
    """Raises ValueError with one sentence."""
    _check_seq(seq)
    if kind not in NOTES or not isinstance(payload, str) or len(payload) > MOST_NOTE or not can_be_stored(payload):
        raise ValueError(f"A note is one of {', '.join(NOTES)}, with at most {MOST_NOTE} characters.")


def check_why(why: Any) -> None:
    """Raises ValueError with one sentence."""
    if not isinstance(why, str) or len(why) > MOST_NOTE or not can_be_stored(why):
        raise ValueError(f"Why a session failed has to be a text of at most {MOST_NOTE} characters.")


def seen(engine: Engine, version_id: int, number: int, seq: int) -> tuple[bytes, bytes]:
    with reading(engine) as c:
        wanted = (
            sa.select(step.c.screen_sha256, step.c.asked_sha256).join(participant)
            .where(participant.c.version_id == version_id, participant.c.number == number, step.c.seq == seq)
        )  # fmt: skip
        row = c.execute(wanted).first()
        if row is None:
            raise ValueError(f"There is no participant {number} with a step {seq} in version {version_id}.")
        bodies = dict(c.execute(sa.select(content.c.sha256, content.c.body).where(content.c.sha256.in_(row))).all())
        return as_frozen(bodies[row.screen_sha256], row.screen_sha256), as_frozen(bodies[row.asked_sha256], row.asked_sha256)


def _ended(person: Row[Any], frozen: Frozen, keys: Keys) -> Step:
    kind = person.state
    code = frozen.design.completion.get(kind) or keys.code(person.version_id, kind)
    page = "" if kind == "complete" else frozen.page(kind).decode()
    return Step(person.cursor, plan.COMPLETE, plan.END, page, of=person.n_steps, completion_code=code)


def declined(frozen: Frozen, keys: Keys) -> Step:
    code = frozen.design.completion.get("no_consent") or keys.code(frozen.version_id, "no_consent")
    return Step(0, plan.COMPLETE, plan.END, frozen.page("no_consent").decode(), completion_code=code)


def gone(person: Row[Any], frozen: Frozen, keys: Keys) -> Step:
    """What somebody is told who withdrew: `person` as she was before. At the debriefing everything has been answered. Whose session failed on our
    side keeps that code: she is owed for her time all the same."""
    done = person.state == "complete" or (person.slot_no is not None and person.cursor >= person.n_steps - 1)
    kind = FAILURE if person.state == FAILURE else "complete" if done else None
    code = None if kind is None else frozen.design.completion.get(kind) or keys.code(person.version_id, kind)
    return Step(0, plan.COMPLETE, plan.END, frozen.page("withdrawn").decode(), completion_code=code)


def _answer(answer: Any, asked: Asked) -> str:
    """The answer as it is stored. Raises ValueError with one sentence."""
    if asked.optional and answer in (None, ""):
        return ""
    if asked.way == plan.WRITE:
        if isinstance(answer, str) and not can_be_stored(answer):
            raise ValueError("This answer has a character that cannot be stored: take it out, or write it in another way.")
        if not isinstance(answer, str) or len(answer) > MOST_TEXT or (not answer.strip() and not asked.optional):
            raise ValueError(f"Please write an answer of at most {MOST_TEXT:,} characters.")
        return answer
    text = str(answer) if isinstance(answer, str) or (_is_whole(answer) and abs(answer) < MOST_VALUE) else None
    if text not in {value for value, _ in asked.choices}:
        raise ValueError("This answer is not among the choices: nothing was stored.")
    return text


def _check_seq(seq: Any) -> None:
    if not _is_whole(seq) or not 0 <= seq < 10**6:
        raise ValueError("seq has to be the number of the step that is meant.")


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
