"""Explanations in the background: one thread a job, one job a request, however many people ask.

A request is a key (everything that decides the answer). The first to ask starts the work; whoever asks the same while it runs
joins it. A `Ticket` is one person's interest in a job: when the last ticket is given back, the work is cancelled. Failure,
cancel or slowness of one job leaves the others alone.
"""

from __future__ import annotations

import atexit
import logging
import threading
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Any

log = logging.getLogger(__name__)

QUEUED, RUNNING, DONE, FAILED = "queued", "running", "done", "failed"

AT_THE_END = 10.0
"""Seconds that a process which ends gives its jobs to stop, which most do within a batch: torch, left in the middle of a backward pass, would
abort the process instead of ending it."""


@dataclass(eq=False)
class Job:
    """The state of one piece of work, as a page sees it when it polls. Written by the worker, read by anyone."""

    key: Hashable
    state: str = QUEUED
    fraction: float = 0.0
    seconds_left: float | None = None
    update: Any = None  # the newest provisional result
    result: Any = None
    error: str = ""  # the sentence a person is shown
    created: float = field(default_factory=time.monotonic)
    cancel: threading.Event = field(default_factory=threading.Event)
    finished: threading.Event = field(default_factory=threading.Event)
    tickets: int = 0
    private: bool = False

    @property
    def live(self) -> bool:
        return self.state in (QUEUED, RUNNING)

    def on_progress(self, fraction: float, seconds_left: float | None) -> None:
        self.fraction, self.seconds_left = fraction, seconds_left

    def on_update(self, update: Any) -> None:
        self.update = update


_LIVE: weakref.WeakSet[Job] = weakref.WeakSet()  # of all queues


@atexit.register
def _stop() -> None:
    """Tell every job to stop, and wait a moment for it."""
    jobs = [job for job in list(_LIVE) if job.live]
    for job in jobs:
        job.cancel.set()
    end = time.monotonic() + AT_THE_END
    for job in jobs:
        job.finished.wait(max(0.0, end - time.monotonic()))


class Ticket:
    """One person's interest in a job. Given back by `release`, or when it is no longer referred to (the person left)."""

    def __init__(self, queue: Jobs, job: Job):
        self.job = job
        self._queue = queue
        self._finalizer = weakref.finalize(self, queue._release, job)

    def release(self) -> None:
        self._finalizer()

    def cancel(self) -> bool:
        """Stop the work if nobody else waits for it (True: a partial result will follow), else only leave it (False)."""
        return self._queue._cancel(self)

    @property
    def released(self) -> bool:
        return not self._finalizer.alive


class Jobs:
    """The jobs of one process.

    workers   long jobs at once, and as many short ones beside them (one prediction, a forecast), so that nobody's slow
              explanation keeps another visitor's page waiting
    keep      how many finished results of public instances are kept for the next person (least recently used out first)
    """

    def __init__(self, workers: int = 6, keep: int = 100):
        self._lanes = {False: threading.Semaphore(workers), True: threading.Semaphore(workers)}
        self._keep = keep
        self._lock = threading.Lock()
        self._returned: deque[Job] = deque()  # tickets given back and not yet counted
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()

    def submit(self, key: Hashable, work: Callable[[Job], Any], private: bool = False, short: bool = False) -> Ticket:
        """Start `work(job)` for `key`, or join it if it is under way or finished well.

        short: the work takes about a second or less, so it need not wait behind explanations.
        private: forget the result as soon as nobody holds a ticket (what a visitor typed is gone when they leave).
        """
        with self._lock:
            job = self._jobs.get(key)
            if job is None or self._spent(job):
                job = Job(key)
                self._jobs[key] = job
                job.tickets += 1
                # A daemon thread: stopping the server does not wait for a model to finish, see `_stop`.
                _LIVE.add(job)
                threading.Thread(target=self._queued, args=(job, work, self._lanes[short]), daemon=True, name="foretell-job").start()
            else:
                job.tickets += 1
                self._jobs.move_to_end(key)
            job.private = job.private or private
            ticket = Ticket(self, job)
        self._count_returned()
        return ticket

    @staticmethod
    def _spent(job: Job) -> bool:
        """Whether a job is of no use to somebody new: failed, cancelled, or stopped before its end."""
        return job.state == FAILED or job.cancel.is_set() or getattr(job.result, "status", "") == "partial"

    def peek(self, key: Hashable) -> Job | None:
        """The job for `key` if there is one, without joining it."""
        with self._lock:
            job = self._jobs.get(key)
        self._count_returned()
        return job

    def _queued(self, job: Job, work: Callable[[Job], Any], lane: threading.Semaphore) -> None:
        """Wait for a place in the lane, then work; a job given back while it waits ends at once."""
        while not lane.acquire(timeout=0.1):
            if job.cancel.is_set():
                break
        else:
            try:
                self._run(job, work)
            finally:
                lane.release()
            return
        self._run(job, work)

    def _run(self, job: Job, work: Callable[[Job], Any]) -> None:
        try:
            if job.cancel.is_set():  # given back while it was waiting
                job.state = FAILED
                job.error = "Cancelled before it started."
                return
            job.state = RUNNING
            job.result = work(job)
            job.state = DONE
        except ValueError as problem:  # its text is the sentence a person is shown
            job.error = str(problem)
            job.state = FAILED
        except BaseException as problem:  # SystemExit too: whoever polls must see an end
            # Only the type is logged: the message may hold what a visitor typed.
            log.warning("A job failed with %s", type(problem).__name__)
            what = f"The model or the method failed ({type(problem).__name__})"
            job.error = f"{what}: try another instance; for a model of your own, python -m explainers check PATH says where."
            job.state = FAILED
        finally:
            job.fraction = 1.0
            job.finished.set()

    def _cancel(self, ticket: Ticket) -> bool:
        self._count_returned()
        with self._lock:
            alone = ticket.job.tickets == 1 and not ticket.released and ticket.job.live
            if alone:
                ticket.job.cancel.set()
        if not alone:
            ticket.release()
        return alone

    def _release(self, job: Job) -> None:
        self._returned.append(job)
        self._count_returned()

    def _count_returned(self) -> None:
        """Count the tickets given back. Never waits: a garbage collection may bring it here at any moment, in any thread, also in
        one that holds the lock. Whoever holds it counts after letting go."""
        while self._returned and self._lock.acquire(blocking=False):
            try:
                while self._returned:
                    self._give_back(self._returned.popleft())
                self._forget_old()
            finally:
                self._lock.release()

    def _give_back(self, job: Job) -> None:
        job.tickets -= 1
        if job.tickets > 0:
            return
        live = job.live
        if live:
            job.cancel.set()
        if (live or job.private) and self._jobs.get(job.key) is job:
            del self._jobs[job.key]

    def _forget_old(self) -> None:
        idle = [key for key, job in self._jobs.items() if job.tickets <= 0 and not job.live]
        for key in idle[: max(0, len(idle) - self._keep)]:
            del self._jobs[key]
