"""What each arm shows of an item: an artifact by a method, one's own, or a placebo. Kept in the work folder as it is made."""

from __future__ import annotations

import dataclasses
import re
import threading
from dataclasses import dataclass, field
from typing import Any

import explainers
from explainers import Explanation

from .design import PLACEBO, Design
from .own import Own
from .selection import Candidate
from .workfiles import Work, key_of

Artifact = Explanation | bytes  # bytes: a PNG made by another tool
ALIKE = 20  # inputs that a method fails on, none before them explained and all for the same reason, after which a build ends
SEEDS = 2**32  # that every method takes; a design may have a larger one


class Failed(ValueError):
    """No explanation of an input: its text says why."""


@dataclass
class Arms:
    """The arms of a design that explain an item on its own: methods and one's own. `placebo_of`: the arm whose artifacts a placebo borrows."""

    task: explainers.Task
    design: Design
    work: Work
    cancel: threading.Event | None = None
    own: dict[str, Own] = field(default_factory=dict)
    _explained: set[str] = field(default_factory=set)  # arms that have explained an input
    _failures: dict[str, dict[str, str]] = field(default_factory=dict)  # arm -> input's sha256 -> why, in order

    def __post_init__(self) -> None:
        self.own = {arm: Own.read(arm, folder) for arm, folder in self.design.own.items()}

    @property
    def names(self) -> list[str]:
        return [arm for arm in self.design.explained_arms if arm != PLACEBO]

    @property
    def placebo_of(self) -> str:
        return self.names[0]

    def artifact(self, arm: str, one: Candidate, instance: Any) -> Artifact:
        """Raises Failed where the arm has nothing to say of this input, ValueError where something is wrong with the study."""
        if arm in self.own:
            mine = self.own[arm].of(self.task, one, instance)
            if mine is None:
                raise Failed("no explanation of one's own")
            return _said(mine)
        return _said(self._by_method(arm, one, instance))

    def _by_method(self, arm: str, one: Candidate, instance: Any) -> Explanation:
        params = dict(self.design.explain.get(arm, {}))
        key = key_of("explanation 2", self.task.name, self.task.model.fingerprint, one.sha256, arm, params, self.design.seed)
        stored = self.work.get(f"explanations/{arm}", one.sha256, key)
        if stored is None:
            stored = self._explain(arm, instance, params)
            self.work.put(f"explanations/{arm}", one.sha256, key, stored)
        self.work.spent.add(arm, one.sha256, stored.get("calls", 0), stored.get("seconds", 0.0))
        if "failed" in stored:
            raise self._failed(arm, one, stored["failed"])
        e = Explanation.from_json(stored["json"])
        if e.predicted != one.output:
            raise self._failed(arm, one, "the model answers otherwise than what was stored of it")
        self._explained.add(arm)
        if _other_model_answers(e):
            raise Failed("its network answers otherwise than the model")
        return e

    def _failed(self, arm: str, one: Candidate, why: str) -> ValueError:
        """What to raise: Failed, or, where a method has failed on every input so far for one reason, a sentence that ends the build.

        Of `ALIKE` in a row the next one hardly works, and there may be thousands. What failed is tried again by the next build, since the reason may
        lie outside of what the work folder knows of: a package, a file, the memory.
        """
        failures = self._failures.setdefault(arm, {})
        failures[one.sha256] = why
        last = list(failures.values())[-ALIKE:]
        if arm in self._explained or len(last) < ALIKE or len(set(map(_reason, last))) > 1:
            return Failed(why)
        for sha256 in failures:
            self.work.drop(f"explanations/{arm}", sha256)
        times = "each time" if len(failures) == ALIKE else f"the last {ALIKE} times"
        return ValueError(
            f"The build ends here, since {arm} explained none of the first {len(failures)} inputs, {times} for the same reason: {why[:200]}"
        )

    def _explain(self, arm: str, instance: Any, params: dict[str, Any]) -> dict[str, Any]:
        try:
            e = explainers.explain(arm, self.task, instance, seed=self.design.seed % SEEDS, cancel=self.cancel, **params)
        except ValueError as problem:
            return {"failed": str(problem)}
        check_cancel(self.cancel)
        # What it cost differs from run to run; the materials are to be the same whenever they are built.
        return {"json": dataclasses.replace(e, cost=type(e.cost)()).to_json(), "calls": e.cost.calls_asked, "seconds": e.cost.seconds}


def _reason(why: str) -> str:
    """Without what differs from input to input: numbers, and what stands in quotation marks."""
    return re.sub(r"\d+|'[^']*'|\"[^\"]*\"|“[^”]*”", "…", why)


def check_cancel(cancel: threading.Event | None) -> None:
    if cancel is not None and cancel.is_set():
        raise ValueError("The build was cancelled. What is done is kept: build again into the same folder to go on.")


def _said(artifact: Artifact) -> Artifact:
    """The artifact, unless it says nothing."""
    if isinstance(artifact, Explanation):
        if artifact.status == "not_found":
            raise Failed("the method found none")
        parts = artifact.payload.parts if artifact.kind == "composite" else [artifact]
        for part in parts:
            if part.status == "not_found" or not _has_parts(part):
                raise Failed("the method found none" if part.status == "not_found" else "the explanation is empty")
    return artifact


def _other_model_answers(e: Explanation) -> bool:
    """Whether an explanation is of another model than the task's, as prototypes are of their network, and that one gives another answer.

    Items are those on which all models that are compared agree (hase_bansal.md A.5), else the arm would explain an answer nobody gave.
    """
    if e.kind == "composite":
        return any(_other_model_answers(part) for part in e.payload.parts)
    if e.kind != "prototypes" or not e.payload.network or e.payload.evidence is None:
        return False
    return int(e.payload.evidence.argmax()) != e.predicted


def _has_parts(e: Explanation) -> bool:
    payload = e.payload
    if e.kind == "attribution":
        return len(payload.features) > 0 and bool((payload.values != 0).any())
    if e.kind == "rule":
        return len(payload.conditions) > 0
    if e.kind == "prototypes":
        return len(payload.prototypes) > 0
    return e.kind != "boundary_path" or (payload.flipped and len(payload.steps) > 1)
