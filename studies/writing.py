"""Writing to the store: each piece of work whole or not at all, acknowledged after the disk has it.

A disk says some tens to hundreds of times a second that it has what it was given, and each commit waits for that word. Work that comes from other
threads meanwhile is therefore done in one transaction, each piece behind a savepoint of its own, and all are acknowledged by one commit. Nothing
waits for company: who comes alone is committed alone. PostgreSQL does the like by itself, so there every piece is a transaction.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from . import schema

_TRIES = 5  # of a transaction that met another one
_MOST = 64  # pieces of work in one transaction
_T = TypeVar("_T")


@dataclass
class _Job(Generic[_T]):
    """state: "waiting"; "done", and committed; "failed", by itself, nothing of it is stored; "alone", to be done in a transaction of its own."""

    work: Callable[[Connection], _T]
    state: str = "waiting"
    value: Any = None
    problem: ValueError | None = None


class Writer:
    """One store's; for any number of threads of one process."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._queue: list[_Job[Any]] = []
        self._queueing, self._turn = threading.Lock(), threading.Lock()

    def write(self, work: Callable[[Connection], _T]) -> _T:
        """What `work` returns, once it is stored. Raises what it raises, and a ValueError with one sentence where the disk fails."""
        if self.engine.dialect.name != "sqlite":
            return self._alone(work)
        job = _Job(work)
        with self._queueing:
            self._queue.append(job)
        while job.state in ("waiting", "alone"):
            with self._turn:  # whoever gets it writes for all that wait, and those find theirs done when they get it
                if job.state == "waiting":
                    with self._queueing:
                        jobs, self._queue = self._queue[:_MOST], self._queue[_MOST:]
                    self._together(jobs)
                if job.state == "alone":
                    return self._alone(work)
        if job.problem is not None:
            raise job.problem
        return job.value

    def _together(self, jobs: list[_Job[Any]]) -> None:
        """One transaction. Where the database itself refuses anything, nothing of it stays, and each piece is tried in one of its own."""
        if len(jobs) == 1:
            jobs[0].state = "alone"
            return
        try:
            with self.engine.begin() as c:
                for job in jobs:
                    try:
                        with c.begin_nested():
                            job.value = job.work(c)
                    except ValueError as problem:
                        job.problem = problem
            for job in jobs:
                job.state = "done" if job.problem is None else "failed"
        except Exception:
            for job in jobs:
                job.problem = None
        finally:
            for job in jobs:
                job.state = "alone" if job.state == "waiting" else job.state

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
