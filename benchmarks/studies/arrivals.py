"""A crowd arrives: 200 people within 5 seconds, each in two tabs, at 4 processes. studies.md section 4, T4."""

from __future__ import annotations

import functools
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import sqlalchemy as sa

import studies
from studies import schema
from studies.assignment import bound

from .bars import Bar, faults, frozen, none, small
from .naive import CountThenInsert
from .people import together

PROCESSES, THREADS, TABS = 4, 4, 2
LEAVE = 0.3
_TOO_MANY = 10  # who come when all places are taken
Enrol = Callable[[str], str]


@dataclass(frozen=True)
class Arrived:
    """One tab that arrived: who, what it was given (a token, or any name of the person's row), what went wrong, how long it waited."""

    person: str
    token: str
    error: str
    seconds: float


@dataclass(frozen=True)
class Place:
    person: str
    number: int
    arm: str


def run(folder: Path, people: int = 200, seconds: float = 5.0, seed: int = 0) -> list[Bar]:
    design = small(people, seed=seed)
    url, version = frozen(folder, design)
    came = crowd(functools.partial(_enrol_with, url, version), [f"p{i}" for i in range(people)], seconds, seed)
    store = studies.Store(url)
    bars = [*arrival_bars(came, _places(store, version), design, people), *faults(store, version)]
    waits = np.array([one.seconds for one in came])
    bars.append(Bar("seconds that a tab waited: median, 95 %", "", f"{np.median(waits):.3f}, {np.quantile(waits, 0.95):.3f}"))
    return [*bars, *_leaving(store, url, version, people, seconds, seed), *control(folder, people, seconds, seed)]


def control(folder: Path, people: int, seconds: float, seed: int) -> list[Bar]:
    """The same crowd at a store that counts and then inserts: the same checks have to see it."""
    design = small(people, seed=seed)
    naive = CountThenInsert(folder / "naive.db", list(design.arms))
    came = crowd(functools.partial(_naive_with, naive), [f"p{i}" for i in range(people)], seconds, seed)
    places = [Place(person, number, arm) for person, number, arm in naive.rows()]
    missed = [bar for bar in arrival_bars(came, places, design, people) if not bar.met]
    said = "; ".join(f"{bar.name} {bar.found}" for bar in missed) or "nothing"
    return [Bar("count, then insert: checks that see it", "at least 1", f"{len(missed)}: {said}", bool(missed))]


def crowd(enrol: Callable[[], Enrol], people: Sequence[str], seconds: float, seed: int) -> list[Arrived]:
    """Everybody at a random moment, both tabs at once, at two different processes of `PROCESSES`. enrol makes what a process arrives by."""
    rng = np.random.default_rng([seed, 11])
    moments = rng.uniform(0, seconds, len(people))
    lists: list[list[tuple[float, str]]] = [[] for _ in range(PROCESSES)]
    for person, moment in zip(people, moments, strict=True):
        for process in rng.choice(PROCESSES, TABS, replace=False):
            lists[process].append((float(moment), person))
    start = time.monotonic() + 0.5  # the clock that all processes share; enough for all to have opened the store
    return [one for part in together([functools.partial(_arrive, enrol, sorted(own), start) for own in lists]) for one in part]


def _arrive(enrol: Callable[[], Enrol], own: list[tuple[float, str]], start: float) -> list[Arrived]:
    arrive = enrol()

    def one(moment: float, person: str) -> Arrived:
        time.sleep(max(0.0, start + moment - time.monotonic()))
        began = time.monotonic()
        try:
            token, error = arrive(person), ""
        except Exception as problem:
            token, error = "", f"{type(problem).__name__}: {problem}"
        return Arrived(person, token, error, time.monotonic() - began)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(lambda arrival: one(*arrival), own))


def arrival_bars(came: Sequence[Arrived], places: Sequence[Place], design: studies.Design, people: int) -> list[Bar]:
    """places: every row of a person in the store, in the order of the places they took, from 0."""
    numbers = [place.number for place in places]
    tokens = {person: {one.token for one in came if one.person == person} for person in {one.person for one in came}}
    return [
        Bar("people with a place", str(people), len({place.person for place in places}), len({place.person for place in places}) == people),
        none("errors", sum(bool(one.error) for one in came)),
        none("people twice", len(places) - len({place.person for place in places})),
        none("people whose tabs got different tokens", sum(len(given) != 1 for given in tokens.values())),
        none("places given twice", len(numbers) - len(set(numbers))),
        Bar("places in the order of the list", f"first {people}", _range(numbers), sorted(set(numbers)) == list(range(people))),
        Bar("largest difference between arms, ever", f"at most {bound(design)}", _widest(places, design), _widest(places, design) <= bound(design)),
    ]  # fmt: skip


def _widest(places: Sequence[Place], design: studies.Design) -> int:
    counts, widest = Counter(dict.fromkeys(design.arms, 0)), 0
    for place in sorted(places, key=lambda one: one.number):
        counts[place.arm] += 1
        widest = max(widest, max(counts.values()) - min(counts.values()))
    return widest


def _range(numbers: Sequence[int]) -> str:
    return f"{min(numbers)} to {max(numbers)}, {len(set(numbers))} different" if numbers else "none"


def _places(store: studies.Store, version: int) -> list[Place]:
    slot, person = schema.slot.c, schema.participant.c
    names = {store.keys.external_hash(version, f"p{i}"): f"p{i}" for i in range(10_000)}
    with schema.reading(store.engine) as c:
        rows = c.execute(
            sa.select(person.ext_hash, slot.slot_no, slot.arm_id)
            .join_from(schema.participant, schema.slot, slot.participant_id == person.participant_id, isouter=True)
            .order_by(slot.slot_no)
        ).all()  # fmt: skip
    return [Place(names[hashed], -1 if number is None else number, arm or "") for hashed, number, arm in rows]


# -- who leaves at once ------------------------------------------------------------------------------------------------------------------


def _leaving(store: studies.Store, url: str, version: int, people: int, seconds: float, seed: int) -> list[Bar]:
    """Of those who came, `LEAVE` are not seen again and are timed out; as many new ones as there are places then come, and some more."""
    rng = np.random.default_rng([seed, 12])
    gone = {f"p{i}" for i in rng.choice(people, round(LEAVE * people), replace=False)}
    time.sleep(0.01)
    began = time.time_ns() // 1_000_000
    for i in range(people):
        if f"p{i}" not in gone:
            token = store.enroll(version, f"p{i}")
            store.submit(token, 0, store.current_step(token).choices[0].value, "here")
    timed_out = together([functools.partial(_time_out, url, version, began + 60_000)] * PROCESSES)
    with schema.reading(store.engine) as c:
        free = c.execute(sa.select(sa.func.count()).select_from(schema.slot).where(schema.slot.c.state == "free")).scalar_one()
        wrong = c.execute(sa.text(_WRONG_REPLACEMENTS)).scalar_one()
    new = [f"p{people + i}" for i in range(free + _TOO_MANY)]
    came = crowd(functools.partial(_enrol_with, url, version), new, seconds, seed + 1)
    refused = {one.person for one in came if one.error}
    sentences = {one.error.split(":")[0] for one in came if one.error}
    late = store.submit(token := store.enroll(version, min(gone)), 0, store.current_step(token).choices[0].value, "late").status
    staying = Counter(place.arm for place in _places(store, version) if place.arm and place.person not in gone)
    arms = max(staying.values()) - min(staying.values())
    most = bound(store.frozen(version).design)
    return [
        Bar("30 % leave: timed out, by 4 processes at once", str(len(gone)), sum(timed_out), sum(timed_out) == len(gone)),
        none("30 % leave: places not listed again once, in the same cell", wrong),
        Bar("30 % leave: people refused once all places are taken", f"{_TOO_MANY}, ValueError",
            f"{len(refused)}, {', '.join(sorted(sentences))}", len(refused) == _TOO_MANY and sentences == {"ValueError"}),
        Bar("30 % leave: difference between arms of those who stay", f"at most {most}", arms, arms <= most),
        Bar("30 % leave: one who comes back goes on", "saved", late, late == "saved"),
        *(Bar(f"30 % leave: {bar.name}", bar.wanted, bar.found, bar.met) for bar in faults(store, version) if not bar.met),
    ]  # fmt: skip


_WRONG_REPLACEMENTS = """SELECT count(*) FROM participant p JOIN slot o ON o.version_id = p.version_id AND o.slot_no = p.slot_no
  WHERE p.state = 'timed_out' AND 1 <> (SELECT count(*) FROM slot r WHERE r.version_id = o.version_id AND r.replaces_slot = o.slot_no
  AND r.arm_id = o.arm_id AND r.form_id = o.form_id AND r.kind = 'replacement')"""


def _enrol_with(url: str, version: int) -> Enrol:
    store = studies.Store(url)
    return lambda person: store.enroll(version, person)


def _naive_with(naive: CountThenInsert) -> Enrol:
    return naive.arrive


def _time_out(url: str, version: int, now: int) -> int:
    return studies.Store(url).time_out(version, 1, now)
