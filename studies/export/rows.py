"""Everything of one version read from the store at one moment, and people under codes that are drawn for this export only."""

from __future__ import annotations

import random
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .. import plan
from ..design import Design
from ..freezing import Frozen
from ..lifecycle import recruited, waits
from ..schema import content, event, participant, recruiting, response, slot, step, study, version, withdrawal
from ..store import PHASES
from ..words import CHOICE, LIKERT, TEXT
from .columns import LEAST

LETTERS = "23456789bcdfghjkmnpqrstvwxyz"  # none that is taken for another one, and no words
LENGTH = 6
Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Read:
    """What the store holds of a version. people, steps (with their answers, None where there is none yet), trials, events, gone: as in the tables."""

    frozen: Frozen
    slug: str
    people: Rows
    steps: Rows
    trials: Rows
    events: Rows
    gone: list[tuple[str, str]]
    slots: Rows
    earlier: Rows
    bodies: dict[str, bytes]
    shown: dict[str, str]
    open: bool = False  # whether people were still let in, or would be again
    recruited: Sequence[tuple[int, str]] = ()  # when (ms) it was opened, paused, resumed, closed

    @property
    def design(self) -> Design:
        return self.frozen.design


def codes_for(numbers: Sequence[int], seed: int | None = None) -> dict[int, str]:
    """The store's number of a participant -> her code; by chance, or by `seed` (for tests: who knows it can undo the codes)."""
    rng: random.Random = random.SystemRandom() if seed is None else random.Random(seed)
    found: dict[int, str] = {}
    taken: set[str] = set()
    for number in sorted(numbers):
        code = ""
        while not code or code in taken:
            code = "p" + "".join(rng.choice(LETTERS) for _ in range(LENGTH))
        taken.add(code)
        found[number] = code
    return found


def read(c: Connection, frozen: Frozen) -> Read:
    v = frozen.version_id
    mine = sa.and_(participant.c.version_id == v, participant.c.is_bot == 0)
    waited = waits(c, v)
    people = [
        {**one, "waited_ms": waited.get(one["participant_id"], 0)}
        for one in _rows(c, sa.select(participant).where(mine).order_by(participant.c.number))
    ]
    joined = step.join(participant).outerjoin(
        response, sa.and_(response.c.participant_id == step.c.participant_id, response.c.seq == step.c.seq)
    )
    steps = _rows(c, sa.select(
        participant.c.number, participant.c.arm_id, participant.c.consent_at, step.c.seq, step.c.kind, step.c.block, step.c.item_id, step.c.question,
        step.c.correct, step.c.screen_sha256, step.c.asked_sha256, response.c.answer, response.c.submitted_at, response.c.rt_ms, response.c.rt_source,
        response.c.hidden_ms,
    ).select_from(joined).where(mine).order_by(participant.c.number, step.c.seq))  # fmt: skip
    trials = [
        dict(row)
        for row in c.execute(sa.text("SELECT * FROM trial WHERE version_id = :v AND is_bot = 0 ORDER BY number, seq"), {"v": v}).mappings()
    ]
    events = _rows(c, sa.select(participant.c.number, participant.c.consent_at, event.c.seq, event.c.type, event.c.at).join(participant).where(mine)
                   .order_by(participant.c.number, event.c.event_id))  # fmt: skip
    gone = [(arm or "", stage) for arm, stage in c.execute(
        sa.select(withdrawal.c.arm_id, withdrawal.c.stage).where(withdrawal.c.version_id == v, withdrawal.c.is_bot == 0)
    )]  # fmt: skip
    slots = _rows(c, sa.select(slot.c.slot_no, slot.c.arm_id, slot.c.form_id, slot.c.seed, slot.c.kind, slot.c.replaces_slot)
                  .where(slot.c.version_id == v, slot.c.kind != "bot").order_by(slot.c.slot_no))  # fmt: skip
    slug = str(c.execute(sa.select(study.c.slug).where(study.c.study_id == frozen.record.study_id)).scalar_one())
    if not re.fullmatch("[a-z0-9-]{1,80}", slug):
        raise ValueError("The study in this store has a name that Foretell does not give: do not use this store.")
    earlier = _rows(c, sa.select(version.c.n, version.c.frozen_at, version.c.materials_sha256, version.c.app_version)
                    .where(version.c.study_id == frozen.record.study_id, version.c.n <= frozen.record.n).order_by(version.c.n))  # fmt: skip
    shown = {row["screen_sha256"]: "html" for row in steps} | {row["asked_sha256"]: "json" for row in steps}
    bodies = {sha: bytes(c.execute(sa.select(content.c.body).where(content.c.sha256 == sha)).scalar_one()) for sha in sorted(shown)}
    _mark_early(steps, {sha: plan.Asked.of(body).least_ms for sha, body in bodies.items() if shown[sha] == "json"})
    state = c.execute(sa.select(recruiting.c.state).where(recruiting.c.version_id == v)).scalar_one()
    log = recruited(c, v)
    return Read(frozen, slug, people, steps, trials, events, gone, slots, earlier, bodies, shown, state != "closed", log)


def _mark_early(steps: Rows, least: dict[str, int]) -> None:
    """Adds least_ms, elapsed_ms and early to steps, which are in order of participant and step. least: of each question, by hash.

    A screen is shown after the answer before was stored and before its own arrives, so for at most the time between the two. Who was
    longer away than that is not found, but nobody who kept to the least time is marked. A clock that was put back says nothing.
    """
    last: dict[int, int] = {}  # when each participant's answer before was stored
    for row in steps:
        row["least_ms"], row["elapsed_ms"], row["early"] = least[row["asked_sha256"]], None, None
        if row["answer"] is None:
            continue
        passed = row["submitted_at"] - last.get(row["number"], row["consent_at"])
        last[row["number"]] = row["submitted_at"]
        row["elapsed_ms"] = passed if passed >= 0 else None
        row["early"] = int(any(ms is not None and ms < row["least_ms"] for ms in (row["elapsed_ms"], row["rt_ms"])))


def tables(found: Read, codes: dict[int, str]) -> dict[str, Rows]:
    """The tables that are rows of the store, people under their codes and in the codes' order."""
    at = {(row["number"], row["seq"]): row for row in found.steps}
    asked = {sha: plan.Asked.of(body) for sha, body in found.bodies.items() if found.shown[sha] == "json"}
    answered = [row for row in found.steps if row["answer"] is not None]
    made = {
        "trials": _trials(found, at, asked),
        "participants": _participants(found, answered),
        "items": _items(found.frozen),
        "ratings": [
            {**_of(row), **_times(row), "block": row["block"], "seq": row["seq"], "item": row["item_id"], "rating": int(row["answer"])}
            for row in answered if row["kind"] == plan.RATING
        ],
        "answers": _answers(found, answered),
        "texts": _texts(found, answered),
        "quiz": [
            {**_of(row), **_times(row), "step_kind": row["kind"], "block": row["block"], "seq": row["seq"], "question": row["question"],
             "choice": row["answer"], "label": dict(asked[row["asked_sha256"]].choices).get(row["answer"]),
             "right": int(row["answer"] == row["correct"])}
            for row in answered if row["kind"] in (plan.QUIZ, plan.ATTENTION)
        ],
        "steps": [
            {**_of(row), "seq": row["seq"], "step_kind": row["kind"], "block": row["block"], "item": row["item_id"] or None,
             "question": row["question"] or None, "least_ms": row["least_ms"], "elapsed_ms": row["elapsed_ms"], "early": row["early"],
             "submitted_ms": _since(row, "submitted_at"),
             "screen_sha256": row["screen_sha256"], "asked_sha256": row["asked_sha256"]}
            for row in found.steps
        ],
        "events": [{"number": row["number"], "seq": row["seq"], "event": row["type"], "at_ms": _since(row, "at")} for row in found.events],
    }  # fmt: skip
    return {name: coded(rows, codes) if name != "items" else rows for name, rows in made.items()}


def coded(rows: Rows, codes: dict[int, str]) -> Rows:
    """Under codes, and in their order: the order of arrival goes; that of a participant's own rows stays."""
    return sorted(({"participant": codes[row["number"]], **row} for row in rows), key=lambda row: row["participant"])


def _of(row: dict[str, Any]) -> dict[str, Any]:
    return {"number": row["number"], "arm": row["arm_id"]}


def _times(row: dict[str, Any]) -> dict[str, Any]:
    return {
        "rt_ms": row["rt_ms"], "rt_source": row["rt_source"], "hidden_ms": row["hidden_ms"],
        "submitted_ms": _since(row, "submitted_at"),
    }  # fmt: skip


def _trials(found: Read, at: dict[tuple[int, int], dict[str, Any]], asked: dict[str, plan.Asked]) -> Rows:
    places: Counter[tuple[int, str]] = Counter()
    rows = []
    for trial in found.trials:
        where = at[trial["number"], trial["seq"]]
        places[trial["number"], trial["block"]] += 1
        shown = "|".join(value for value, _ in asked[where["asked_sha256"]].choices)
        more = {"position": places[trial["number"], trial["block"]], "choices_shown": shown, "phase": PHASES[trial["block"]]}
        rows.append({**trial, **_times(where), **more})
    return rows


def _participants(found: Read, answered: Rows) -> Rows:
    checks: dict[int, list[bool]] = defaultdict(list)
    done: Counter[int] = Counter()
    for row in answered:
        done[row["number"]] += 1
        if row["kind"] == plan.ATTENTION:
            checks[row["number"]].append(row["answer"] == row["correct"])
    return [
        {"number": one["number"], "arm": one["arm_id"], "form": one["form_id"], "bot": one["is_bot"], "state": one["state"], "late": one["late"],
         "quiz_tries": one["quiz_try"], "steps": one["n_steps"], "steps_done": done[one["number"]],
         "started_ms": _since(one, "started_at"), "completed_ms": _since(one, "completed_at"),
         "attention_asked": len(checks[one["number"]]), "attention_failed": checks[one["number"]].count(False),
         "served_by": None if found.design.anonymous else one["served_by"]}  # before or after an update
        for one in found.people
    ]  # fmt: skip


def _since(one: dict[str, Any], name: str) -> int | None:
    """Milliseconds from agreeing; None where there is no such time, or the clock was put back before it."""
    return None if one[name] is None or one[name] < one["consent_at"] else one[name] - one["consent_at"]


def _items(frozen: Frozen) -> Rows:
    names = frozen.planner.names
    return [
        {"item": one.id, "set": one.set, "item_form": one.form or None, "stratum": one.stratum, "cf_kind": one.cf_kind, "gold": one.gold,
         "model_output": one.model_output, "original_output": one.original_output, "gold_label": names[one.gold],
         "model_output_label": names[one.model_output], "source": one.source, "edits": one.edits, "input_sha256": one.sha256,
         "changed_sha256": one.changed_sha256 or None}
        for one in frozen.items
    ]  # fmt: skip


def _answers(found: Read, answered: Rows) -> Rows:
    rows: Rows = []
    bots = {one["number"] for one in found.people if one["is_bot"]}
    for question in found.design.questions:
        if question.kind not in (CHOICE, LIKERT):
            continue
        labels = dict(question.offered)
        given = [row for row in answered if row["kind"] == plan.DEMOGRAPHIC and row["question"] == question.name]
        counted = [
            row["answer"] for row in given if row["number"] not in bots
        ]  # else a program's answers would hide how few people there are
        withheld = set() if question.tell_all else small_cells(counted, list(labels))
        for row in given:
            told = row["answer"] not in withheld
            choice = row["answer"] or None
            rows.append({
                **_of(row), "question": question.name, "question_kind": question.kind, "choice": choice if told else None,
                "label": labels.get(row["answer"]) if told else None, "suppressed": int(not told),
            })  # fmt: skip
    return rows


def small_cells(answers: Sequence[str], offered: Sequence[str]) -> set[str]:
    """Which choices of a closing question, numbers of a scale among them, are withheld: those that fewer than `LEAST` people made.

    Those who made them are known to be among the few choices that nobody is told to have made. So the next smallest are withheld too, until
    that is at least `LEAST` people, who are then of two choices or more. No answer ("") is always told.
    """
    counts = {value: sum(answer == value for answer in answers) for value in offered}
    small = {value for value, n in counts.items() if n < LEAST}
    if not any(counts[value] for value in small):
        return set()
    for value in sorted((value for value in counts if value not in small), key=lambda value: counts[value]):
        if sum(counts[one] for one in small) >= LEAST:
            break
        small.add(value)
    return small


def _texts(found: Read, answered: Rows) -> Rows:
    free = {question.name for question in found.design.questions if question.kind == TEXT}
    return [
        {"number": row["number"], "question": row["question"], "text": row["answer"]}
        for row in answered if row["kind"] == plan.DEMOGRAPHIC and row["question"] in free and row["answer"]
    ]  # fmt: skip


def _rows(c: Connection, query: Any) -> Rows:
    return [dict(row) for row in c.execute(query).mappings()]
