"""Every answer is sent two to five times at once, reordered, replayed and from wrong positions. studies.md section 4, T5."""

from __future__ import annotations

import functools
import multiprocessing
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier
from pathlib import Path

import numpy as np
import sqlalchemy as sa

import studies
from studies import schema

from .bars import Bar, faults, frozen, none, small
from .people import answer, together

PROCESSES, THREADS = 3, 4
COPIES = (2, 5)  # of each answer, spread over the processes
_EXTRA = 0.15  # chance of one more sending from a wrong position, and of one with the sending number of the step before, at each process and step
_FAR = 7  # steps ahead that a sending from a wrong position may be
_MOST_STEPS = 1_000


@dataclass(frozen=True)
class Sent:
    person: int
    seq: int
    answer: str
    nonce: str
    status: str


def run(folder: Path, people: int = 20, seed: int = 0, design: studies.Design | None = None) -> list[Bar]:
    design = design or small(people, learn=4, forward=8, seed=seed)
    url, version = frozen(folder, design)
    barrier = multiprocessing.get_context("fork").Barrier(PROCESSES)
    works = [functools.partial(_sender, url, version, people, i, barrier, seed) for i in range(PROCESSES)]
    sent = [one for part in together(works) for one in part]
    store = studies.Store(url)
    before = _rows(store)
    again = [one for part in together([functools.partial(_replay, url, version, sent, i, seed) for i in range(PROCESSES)]) for one in part]
    return [*_bars(store, version, people, sent, before), *_bars_of_replay(store, before, sent, again), *faults(store, version)]


def _bars(store: studies.Store, version: int, people: int, sent: list[Sent], rows: dict[tuple[int, int], tuple[str, str]]) -> list[Bar]:
    saved: dict[tuple[int, int], list[Sent]] = defaultdict(list)
    for one in sent:
        if one.status == "saved":
            saved[one.person, one.seq].append(one)
    times = Counter((one.person, one.seq) for one in sent)
    at_least = min(times[key] for key in rows)
    done = store.status(version)
    complete = int(done.loc[done["state"] == "complete", "participants"].sum())
    wrong = sum(_expected(one, rows) != one.status for one in sent if one.status != "saved")
    return [
        Bar("participants complete", str(people), complete, complete == people),
        Bar("sendings of each answer, at least", str(COPIES[0]), at_least, at_least >= COPIES[0]),
        Bar("steps answered", "", len(rows)),
        none("answers saved without a row, or rows without one", len(set(saved) ^ set(rows))),
        none("steps that were said to be saved more than once", sum(len(each) > 1 for each in saved.values())),
        none(
            "rows that are not what was saved first", sum((each[0].answer, each[0].nonce) != rows.get(key) for key, each in saved.items())
        ),
        none("others not called repeated (same sending) or stale", wrong),
    ]


def _bars_of_replay(store: studies.Store, before: dict[tuple[int, int], tuple[str, str]], sent: list[Sent], again: list[Sent]) -> list[Bar]:
    with schema.reading(store.engine) as c:
        kinds = c.execute(sa.select(schema.event.c.type, sa.func.count()).group_by(schema.event.c.type))
        logged = {str(kind): int(n) for kind, n in kinds}
    said = Counter(one.status for one in [*sent, *again])
    events = {status: logged.get(f"{status}_submit", 0) for status in ("repeated", "stale")}
    return [
        Bar("sendings, all of them replayed later", "", f"{len(sent)} + {len(again)}"),
        none("replays not called repeated or stale as they should", sum(_expected(one, before) != one.status for one in again)),
        none("rows that changed by the replay", len(set(before.items()) ^ set(_rows(store).items()))),
        *(Bar(f"{status}: events", str(said[status]), events[status], events[status] == said[status]) for status in events),
    ]


def _expected(one: Sent, rows: dict[tuple[int, int], tuple[str, str]]) -> str:
    """What a sending that was not the first has to be called."""
    return "repeated" if rows.get((one.person, one.seq), ("", ""))[1] == one.nonce else "stale"


def _sender(url: str, version: int, people: int, mine: int, barrier: Barrier, seed: int) -> list[Sent]:
    """One of the processes; where it fails, the others do not wait for it."""
    try:
        return _rounds(studies.Store(url), version, people, mine, barrier, seed)
    except BaseException:
        barrier.abort()
        raise


def _rounds(store: studies.Store, version: int, people: int, mine: int, barrier: Barrier, seed: int) -> list[Sent]:
    """In every round each participant's step is sent by all processes, by threads, in an order of their own."""
    tokens = [store.consent(version, f"p{i}") for i in range(people)]
    rng = np.random.default_rng([seed, 14, mine])
    log: list[Sent] = []
    with ThreadPoolExecutor(THREADS) as pool:
        for at in range(_MOST_STEPS):
            barrier.wait()
            steps = [store.current_step(token) for token in tokens]
            barrier.wait()  # all have read before anybody sends
            if all(step.kind == "complete" for step in steps):
                return log
            todo: list[tuple[int, int, str, str]] = []
            for person, step in enumerate(steps):
                if step.kind == "complete":
                    continue
                shared = np.random.default_rng([seed, 15, at, person])  # the same in all processes
                copies = int(shared.integers(COPIES[0], COPIES[1] + 1))
                for copy in range(copies):
                    same = bool(shared.random() < 0.5)
                    if int(shared.integers(PROCESSES)) == mine:
                        nonce = f"{step.seq}" if same else f"{step.seq} {mine} {copy}"
                        todo.append((person, step.seq, answer(step, rng), nonce))
                todo += _extras(person, step.seq, answer(step, rng), mine, rng)
            rng.shuffle(todo)
            log += pool.map(lambda one: _send(store, tokens, *one), [(int(p), int(s), str(a), str(n)) for p, s, a, n in todo])
    raise RuntimeError(f"Not complete after {_MOST_STEPS} steps.")


def _extras(person: int, seq: int, given: str, mine: int, rng: np.random.Generator) -> list[tuple[int, int, str, str]]:
    extras = []
    if rng.random() < _EXTRA:  # from a position that is over, or not come to: two ahead at least, as the next one may be reached meanwhile
        wrong = int(rng.integers(seq)) if seq and rng.random() < 0.5 else seq + 2 + int(rng.integers(_FAR))
        extras.append((person, wrong, given, f"wrong {mine} {seq}"))
    if seq and rng.random() < _EXTRA:
        extras.append((person, seq, given, f"{seq - 1}"))
    return extras


def _send(store: studies.Store, tokens: list[str], person: int, seq: int, given: str, nonce: str) -> Sent:
    return Sent(person, seq, given, nonce, store.submit(tokens[person], seq, given, nonce, rt_ms=1).status)


def _replay(url: str, version: int, sent: list[Sent], mine: int, seed: int) -> list[Sent]:
    store = studies.Store(url)
    people = {one.person for one in sent}
    tokens = [store.consent(version, f"p{i}") for i in range(max(people) + 1)]
    own = sent[mine::PROCESSES]
    order = np.random.default_rng([seed, 16, mine]).permutation(len(own))
    return [_send(store, tokens, own[i].person, own[i].seq, own[i].answer, own[i].nonce) for i in order]


def _rows(store: studies.Store) -> dict[tuple[int, int], tuple[str, str]]:
    """(participant, step) -> (answer, sending) as stored. Participants by the ids that they came with."""
    response, person = schema.response.c, schema.participant.c
    with schema.reading(store.engine) as c:
        rows = c.execute(
            sa.select(person.version_id, person.ext_hash, response.seq, response.answer, response.nonce)
            .join_from(schema.response, schema.participant, response.participant_id == person.participant_id)
        ).all()  # fmt: skip
    names = {store.keys.external_hash(rows[0].version_id, f"p{i}"): i for i in range(1_000)} if rows else {}
    return {(names[hashed], seq): (given, nonce) for _, hashed, seq, given, nonce in rows}
