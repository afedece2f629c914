"""Writers are killed with SIGKILL at random moments, while they write. studies.md section 4, T6."""

from __future__ import annotations

import functools
import multiprocessing
import os
import signal
import time
from pathlib import Path

import numpy as np
import sqlalchemy as sa

import studies
from studies import schema

from .bars import Bar, faults, frozen, none, small
from .people import answer, to_the_end, together

LANES = 3  # parents, each with one writer at a time; all writers share the store
AT_ONCE = 4  # participants that a writer goes on with in turn
LATEST = 1.2  # seconds from the start of a writer to its end, at most; opening the store is part of it


def run(folder: Path, kills: int = 200, planned: int = 5_000, seed: int = 0, latest: float = LATEST) -> list[Bar]:
    url, version = frozen(folder, small(planned, learn=1, forward=2, attention=0, seed=seed))
    shares = [kills // LANES + (lane < kills % LANES) for lane in range(LANES)]
    logs = [folder / f"acknowledged-{lane}" for lane in range(LANES)]
    works = [functools.partial(_lane, url, version, lane, shares[lane], logs[lane], seed, latest) for lane in range(LANES)]
    killed = sum(together(works))
    store = studies.Store(url)
    after = faults(store, version)
    told = [line for log in logs for line in _acknowledged(log)]
    rows = _rows(store, version)
    saved = {(name, int(seq)): (given, nonce) for kind, name, seq, given, nonce in told if kind == "saved"}
    enrolled = {name for kind, name, *_ in told if kind == "enrolled"}
    people = _people(store)
    rng = np.random.default_rng([seed, 17])
    missing = sum(rows.get((store.keys.external_hash(version, name), seq)) != row for (name, seq), row in saved.items())
    lost = sum(store.keys.external_hash(version, name) not in people for name in enrolled)
    bars = [
        Bar("writers killed", str(kills), killed, killed == kills),
        Bar(
            "people and answers acknowledged", "more than the kills", f"{len(enrolled)} + {len(saved)}", len(enrolled) + len(saved) > kills
        ),
        none("acknowledged answers that are not there as sent", missing),
        none("acknowledged people who are not there", lost),
        Bar("answers there that nobody was told of (may be)", "", len(rows) - len(saved)),
        *after,
    ]
    for name in enrolled:
        to_the_end(store, store.enroll(version, name), rng)
    done = store.status(version)
    complete = int(done.loc[done["state"] == "complete", "participants"].sum())
    bars.append(Bar("acknowledged people who came to the end afterwards", f"at least {len(enrolled)}", complete, complete >= len(enrolled)))
    return [*bars, *(bar for bar in faults(store, version) if not bar.met)]


def _lane(url: str, version: int, lane: int, kills: int, log: Path, seed: int, latest: float) -> int:
    """Fork a writer, wait a random while, kill it, again; how many were alive when they were killed."""
    rng = np.random.default_rng([seed, 18, lane])
    killed = 0
    while killed < kills:
        writer = multiprocessing.get_context("fork").Process(target=_write, args=(url, version, lane, log, int(rng.integers(2**31))))
        writer.start()
        time.sleep(float(rng.uniform(0, latest)))
        if writer.pid is None or not writer.is_alive():
            raise RuntimeError("A writer ended by itself: more participants have to be planned, or it failed.")
        os.kill(writer.pid, signal.SIGKILL)
        writer.join()
        killed += writer.exitcode == -signal.SIGKILL
    return killed


def _write(url: str, version: int, lane: int, log: Path, seed: int) -> None:
    """People of this lane in turn, from where they are; each acknowledgement on the disk before the next thing is sent."""
    rng = np.random.default_rng(seed)
    file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    told = {(kind, name) for kind, name, *_ in _acknowledged(log)}
    store = studies.Store(url)
    done = {name for kind, name in told if kind == "complete"}
    number = 0
    at: dict[str, str] = {}
    while True:
        while len(at) < AT_ONCE:
            name, number = f"{lane}-{number}", number + 1
            if name in done:
                continue
            at[name] = store.enroll(version, name)
            _tell(file, "enrolled", name)
        name = list(at)[int(rng.integers(len(at)))]
        step = store.current_step(at[name])
        if step.kind == "complete":
            del at[name]
            _tell(file, "complete", name)
            continue
        given, nonce = answer(step, rng), f"{seed}-{step.seq}"
        status = store.submit(at[name], step.seq, given, nonce).status
        _tell(file, status, name, str(step.seq), given, nonce)


def _tell(file: int, kind: str, name: str, seq: str = "0", given: str = "", nonce: str = "") -> None:
    os.write(file, ("\t".join((kind, name, seq, given, nonce)) + "\n").encode())
    os.fdatasync(file)


def _acknowledged(log: Path) -> list[tuple[str, str, str, str, str]]:
    """The whole lines; one that was cut by a kill was not read by anybody."""
    lines = log.read_text().split("\n")[:-1] if log.exists() else []
    return [(kind, name, seq, given, nonce) for kind, name, seq, given, nonce in (line.split("\t") for line in lines)]


def _people(store: studies.Store) -> set[str]:
    with schema.reading(store.engine) as c:
        return set(c.execute(sa.select(schema.participant.c.ext_hash)).scalars())


def _rows(store: studies.Store, version: int) -> dict[tuple[str, int], tuple[str, str]]:
    response, person = schema.response.c, schema.participant.c
    with schema.reading(store.engine) as c:
        rows = c.execute(
            sa.select(person.ext_hash, response.seq, response.answer, response.nonce)
            .join_from(schema.response, schema.participant, response.participant_id == person.participant_id)
            .where(person.version_id == version)
        ).all()  # fmt: skip
    return {(hashed, seq): (given, nonce) for hashed, seq, given, nonce in rows}
