"""Building boards unit by unit, so that a kill loses at most one.

A unit is (board, method, instance, group). Group "map": one explanation and the scores of that map. Group "steady", on the first few
instances: scores that make the map again. Each is a line of the work file, written and synced as soon as it is done, with a key of all that its
numbers depend on: a line whose key is not wanted any more is passed over.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import hashlib
import json
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

import explainers
from explainers import Explanation, Score
from explainers.explanation import canonical_json, instance_sha256
from explainers.leaderboard import Board, Column, Setup, Unit, board
from explainers.leaderboard.aggregate import ADDS_UP
from explainers.leaderboard.artifact import RANDOM
from explainers.quality import SCORES, STABILITY, evaluate, fitting_scores
from explainers.scores.agreement import AGREEMENT
from explainers.scores.noise import NOISE
from explainers.scores.ranking import RANKING
from explainers.scores.sanity import CHANGE

from ._board_settings import Plan

MAP, STEADY = "map", "steady"
STEADY_SCORES = (STABILITY, NOISE, CHANGE)
# Agreement says how like two methods are, not how good one is, and makes two more maps for each. Ranking is for a single instance: over many,
# deletion and insertion say the same with less work.
LEFT_OUT = (AGREEMENT, RANKING)
REMADE = 4 + 4 + 5  # maps that the steady scores make, about: what a forecast reckons with before one was timed
GAP, CLOSE = "completeness gap", 0.02
_ADDS_UP = "Share of the maps whose numbers add up to the change of the output that they promise to share out, within 2 % of it."
_ROOT = Path(explainers.__file__).parent
_EVERY = 20.0  # seconds between two lines of progress


@dataclass(frozen=True)
class Todo:
    """A unit to be made. key: sha256 of all that its numbers depend on."""

    plan: Plan
    method: str
    instance: int
    group: str
    key: str

    @property
    def kind(self) -> tuple[str, str, str]:
        return self.plan.name, self.method, self.group


@cache
def code_of(*paths: str) -> str:
    """Hash (16 hex digits) of the program text of files and folders in explainers/, whatever their comments, docstrings and layout."""
    files = [file for path in paths for file in (sorted((_ROOT / path).glob("*.py")) if (_ROOT / path).is_dir() else [_ROOT / path])]
    digest = hashlib.sha256()
    for file in files:
        tree = ast.parse(file.read_text(encoding="utf8"))
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
                body.pop(0)
        digest.update(f"{file.name}\n{ast.dump(tree)}\n".encode())
    return digest.hexdigest()[:16]


def scores_code() -> str:
    return code_of("scores", "quality.py")


_UNDER = (
    "maps",
    "gradients",
    "shapley",
    "neighbourhoods",
    "models",
    "surrogate.py",
    "stand_in.py",
    "parts.py",
    "picture_parts.py",
    "engine.py",
    "similar_words.py",
)  # what methods stand on; "random.py" is a rival of every map


def method_code(name: str) -> str:
    return code_of(f"{name}.py", "random.py", *_UNDER)


def narrowed(plan: Plan, methods: list[str] | None, steady: int | None) -> Plan:
    """With some of its methods, and another number of instances for the steady scores; None leaves them as they are."""
    kept = plan.methods if methods is None else [name for name in methods if name in plan.offered]
    return dataclasses.replace(plan, methods=kept, steady=plan.steady if steady is None else steady)


def todo(plans: Sequence[Plan]) -> list[Todo]:
    """All units: for each instance all methods in turn, since rivals' answers are then still in the engine's cache."""
    found = []
    for plan in plans:
        hashes = instance_hashes(plan)
        for group, count in ((MAP, len(plan.rows)), (STEADY, min(plan.steady, len(plan.rows)))):
            for i in range(count):
                for name, (_, params) in plan.chosen.items():
                    about = [plan.task.model.fingerprint, name, params, hashes[i], seed_of(plan, name, i), plan.max_calls, group]
                    text = canonical_json([*about, i, method_code(name), scores_code()])
                    found.append(Todo(plan, name, i, group, hashlib.sha256(text.encode()).hexdigest()))
    return found


def seed_of(plan: Plan, method: str, instance: int) -> int:
    """Random maps are drawn anew for each instance: of one size, all would have their highest point at the same place."""
    return 1_000 * plan.seed + 1 + instance if method == RANDOM else plan.seed


def instance_hashes(plan: Plan) -> list[str]:
    instances = plan.task.instances("test")
    return [instance_sha256(plan.task.check(instances[row])) for row in plan.rows]


def make(one: Todo) -> dict[str, Any]:
    """A unit's numbers, as the line of the work file."""
    plan = one.plan
    task, (_, params) = plan.task, plan.chosen[one.method]
    started = time.process_time()
    record: dict[str, Any] = {"key": one.key, "board": plan.name, "method": one.method, "instance": one.instance, "group": one.group}
    try:
        e = explainers.explain(
            one.method,
            task,
            task.instances("test")[plan.rows[one.instance]],
            seed=seed_of(plan, one.method, one.instance),
            max_calls=plan.max_calls,
            **params,
        )
    except ValueError as problem:  # a sentence for a person: this method cannot explain this instance
        return {**record, "error": str(problem), "spent": time.process_time() - started}
    seconds = time.process_time() - started
    if e.cost.calls_asked > plan.max_calls:
        raise RuntimeError(f"{one.method} made {e.cost.calls_asked} model calls where {plan.max_calls} were allowed")
    if one.group == MAP:
        record |= {"calls": e.cost.calls_asked, "seconds": seconds, "partial": e.status == "partial"}
    scores = _gap(e) if one.group == MAP else []
    fitting = {name for name, reason in fitting_scores(e, task) if reason is None}
    for name in STEADY_SCORES if one.group == STEADY else [name for name in SCORES if name not in (*STEADY_SCORES, *LEFT_OUT)]:
        if name in fitting:
            try:
                scores += evaluate(e, task, [name], seed=plan.seed)
            except ValueError:  # it cannot be taken of this map; `n` of its cell says so
                continue
    scores = [score for score in scores if np.isfinite(score.value)]
    record |= {
        "scores": {score.name: float(score.value) for score in scores},
        "beside": {score.name: {k: float(v) for k, v in score.beside.items()} for score in scores if score.beside},
        "about": {score.name: dataclasses.asdict(Column(*_read(score))) for score in scores},
        "spent": time.process_time() - started,
    }
    return record


def _read(score: Score) -> tuple[str, bool, str, float | None, float | None]:
    ends = (0.0, 1.0) if score.name == STABILITY else (score.least, score.most)
    return score.name, score.higher_is_better, score.meaning, *ends


def _gap(e: Explanation) -> list[Score]:
    """Whether a map that promises to add up does: gaps themselves have no mean worth showing, since the effect may be near nothing."""
    gap = next((score for score in e.quality if score.name == GAP), None)
    return [] if gap is None else [Score(ADDS_UP, float(gap.value < CLOSE), None, None, True, _ADDS_UP, 0.0, 1.0)]


class WorkFile:
    """Lines of JSON, one a unit; the last may have been cut by a kill."""

    def __init__(self, path: Path):
        self.path = path
        self.records: dict[str, dict[str, Any]] = {}
        path.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_bytes() if path.exists() else b""
        whole = text[: text.rfind(b"\n") + 1]
        for line in whole.splitlines():
            try:
                record = json.loads(line)
                self.records[record["key"]] = record
            except (ValueError, KeyError, TypeError):
                continue
        if len(whole) < len(text):
            with path.open("r+b") as file:
                file.truncate(len(whole))

    def add(self, record: dict[str, Any]) -> None:
        with self.path.open("ab") as file:
            file.write(json.dumps(record).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        self.records[record["key"]] = record

    def done(self, one: Todo) -> bool:
        return one.key in self.records and "bug" not in self.records[one.key]


def seconds_left(units: Sequence[Todo], work: WorkFile) -> float:
    """Processor seconds of the units that are not done, by those of their kind that are; a kind never timed counts as nothing."""
    spent: dict[tuple[str, str, str], list[float]] = {}
    maps: dict[tuple[str, str], list[float]] = {}
    for one in units:
        if work.done(one):
            record = work.records[one.key]
            spent.setdefault(one.kind, []).append(record["spent"])
            if record.get("seconds") is not None:
                maps.setdefault(one.kind[:2], []).append(record["seconds"])

    def costs(one: Todo) -> float:
        if one.kind in spent:
            return float(np.mean(spent[one.kind]))
        made = maps.get(one.kind[:2])
        return (REMADE + 1) * float(np.mean(made)) if one.group == STEADY and made else 0.0

    return sum(costs(one) for one in units if not work.done(one))


def forecast(plans: Sequence[Plan], work: WorkFile, timed: int = 2, say: Callable[[str], None] = print) -> float:
    """Make the first instances of every method, which are then done, and say what is left: processor seconds."""
    every = todo(plans)
    say(f"Timing each method on {timed} instances; what is made for that is kept.")
    first = [one for one in every if one.group == MAP and one.instance < timed]
    _warm_up(first, work)
    run(first, work, say, timing=True)
    for plan in plans:
        own = [one for one in every if one.plan.name == plan.name]
        done = sum(work.done(one) for one in own)
        say(f"  {plan.name:<20} {done:>5} of {len(own):>5} units done, {seconds_left(own, work) / 60:6.1f} min left")
    left = seconds_left(every, work)
    say(f"Forecast: about {left / 60:.0f} min of processor time left; {sum(map(work.done, every))} of {len(every)} units are done.")
    return left


def _warm_up(units: Sequence[Todo], work: WorkFile) -> None:
    """Each method once, its numbers thrown away: the first run of a method also pays for the libraries that it reads."""
    seen: set[str] = set()
    for one in units:
        if not work.done(one) and one.method not in seen:
            seen.add(one.method)
            with contextlib.suppress(Exception):  # told when the unit itself is made
                make(one)


def run(units: Sequence[Todo], work: WorkFile, say: Callable[[str], None] = print, timing: bool = False) -> None:
    """Make what is not done. What a method's own bug stops is noted, told, and tried again at the next start."""
    waiting = [one for one in units if not work.done(one)]
    said = time.monotonic()
    for number, one in enumerate(waiting, 1):
        try:
            record = make(one)
        except Exception as problem:
            told = f"{type(problem).__name__}: {problem}"[:300]
            record = {
                "key": one.key,
                "board": one.plan.name,
                "method": one.method,
                "instance": one.instance,
                "group": one.group,
                "bug": told,
            }
            say(f"  {one.plan.name} {one.method} instance {one.instance} {one.group}: {told}")
        work.add(record)
        if time.monotonic() - said > _EVERY:
            said = time.monotonic()
            left = "" if timing else f", about {seconds_left(units, work) / 60:.1f} min left"
            say(f"  {number} of {len(waiting)} units{left}: {one.plan.name} {one.method}")


def made(plan: Plan, work: WorkFile) -> Board:
    """The board from what is done."""
    found = list(_units(plan, work))
    setup = Setup(
        plan.name, plan.task.name, plan.task.model_name, *plan.titles,
        plan.task.modality, plan.task.model.fingerprint, instance_hashes(plan), min(plan.steady, len(plan.rows)), plan.what, plan.chosen,
        plan.left_out,
    )  # fmt: skip
    return board(setup, found)


def _units(plan: Plan, work: WorkFile) -> Iterator[Unit]:
    for one in todo([plan]):
        record = work.records.get(one.key)
        if record is None:
            continue
        yield Unit(
            one.method, one.instance, record.get("scores", {}), record.get("beside", {}),
            {name: Column(**about) for name, about in record.get("about", {}).items()},
            record.get("calls"), record.get("seconds"), record.get("partial", False),
            (record.get("error") or record.get("bug") or "") if one.group == MAP else "",
        )  # fmt: skip


def quiet_progress(text: str) -> None:
    """A line at once, so that a log can be followed."""
    print(text, file=sys.stderr, flush=True)
