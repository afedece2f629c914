"""Writing to the store: each piece of work whole or not at all, acknowledged after the disk has it.

A disk says some tens to hundreds of times a second that it has what it was given, and each commit waits for that word. Work that comes from other
threads meanwhile is therefore done in one transaction, each piece behind a savepoint of its own, and all are acknowledged by one commit. Nothing
waits for company: who comes alone is committed alone. PostgreSQL does the like by itself, so there every piece is a transaction.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from . import schema

_TRIES = 5  # of a transaction that met another one
_MOST = 64  # pieces of work in one transaction
_T = TypeVar("_T")


@dataclass(eq=False)
class _Job(Generic[_T]):
    """woken: when it is over, or is to lead. leads: whether it is its thread's turn to write. problem: what it raised; then nothing of it is
    stored."""

    work: Callable[[Connection], _T]
    woken: threading.Event = field(default_factory=threading.Event)
    leads: bool = False
    over: bool = False
    value: Any = None
    problem: Exception | None = None


class Writer:
    """One store's; for any number of threads of one process."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._queue: list[_Job[Any]] = []
        self._led, self._lock = False, threading.Lock()  # whether somebody writes; the lock guards this and the queue

    def write(self, work: Callable[[Connection], _T]) -> _T:
        """What `work` returns, once it is stored. Raises what it raises, and a ValueError with one sentence where the disk fails."""
        if self.engine.dialect.name != "sqlite":
            return self._alone(work)
        job = _Job(work)
        with self._lock:
            self._queue.append(job)
            job.leads, self._led = not self._led, True
        try:
            if not job.leads:
                job.woken.wait()
            if not job.over:
                self._lead()
        except BaseException:  # interrupted, as by Ctrl-C
            self._give_up(job)
            raise
        if job.problem is not None:
            raise job.problem
        return job.value

    def _give_up(self, job: _Job[Any]) -> None:
        """Leave the queue, so that nobody waits for a thread that is gone: it would be its turn for ever."""
        with self._lock:
            if job not in self._queue:  # being written, or over
                return
            self._queue.remove(job)
            following = self._next() if job.leads else []
        for one in following:
            one.woken.set()

    def _next(self) -> list[_Job[Any]]:
        """Who leads now, if anybody waits; under the lock."""
        following = self._queue[:1]
        self._led = bool(following)
        for job in following:
            job.leads = True
        return following

    def _lead(self) -> None:
        """Write for all that wait, one's own first, and hand on to the first of those that came meanwhile."""
        with self._lock:
            jobs, self._queue = self._queue[:_MOST], self._queue[_MOST:]
        try:
            if len(jobs) == 1 or not self._together(jobs):
                for job in jobs:
                    self._settle(job)
        finally:
            for job in jobs:
                if not job.over:  # the leader was interrupted
                    job.over, job.problem = True, RuntimeError("The store was stopped before it had this: send it again.")
            with self._lock:
                following = self._next()
            for job in [*jobs, *following]:
                job.woken.set()

    def _together(self, jobs: list[_Job[Any]]) -> bool:
        """One transaction; False, and nothing of it stays, where the database refuses anything or a program fails."""
        found: list[tuple[Any, Exception | None]] = []
        try:
            with self.engine.begin() as c:
                for job in jobs:
                    try:
                        with c.begin_nested():
                            found.append((job.work(c), None))
                    except ValueError as problem:
                        found.append((None, problem))
        except Exception:
            return False
        for job, (job.value, job.problem) in zip(jobs, found, strict=True):
            job.over = True
        return True

    def _settle(self, job: _Job[Any]) -> None:
        try:
            job.value = self._alone(job.work)
        except Exception as problem:
            job.problem = problem
        job.over = True

    def _alone(self, work: Callable[[Connection], _T]) -> _T:
        """One transaction, tried again where another one was first."""
        for attempt in range(_TRIES):
            try:
                with self.engine.begin() as c:
                    return work(c)
            except sa.exc.DatabaseError as problem:
                said = schema.trouble(problem, str(schema.file_of(self.engine) or "the store"))
                if said:
                    raise ValueError(said) from problem
                if attempt == _TRIES - 1 or not isinstance(problem, sa.exc.IntegrityError | sa.exc.OperationalError):
                    raise
                time.sleep(0.05 * 2**attempt)
        raise AssertionError
