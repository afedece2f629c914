"""Explanations in the background: one computation for one question, and nobody in anybody's way."""

from __future__ import annotations

import gc
import logging
import threading
import time
from dataclasses import dataclass
from typing import Any

import pytest

from explainers import explain
from explainers.jobs import DONE, FAILED, QUEUED, RUNNING, Job, Jobs, Ticket
from tests.fixtures.toys import SENTENCE, WORD_WEIGHTS, text_task, words_model

WAIT = 20  # seconds until a test that would hang fails instead; never reached when the code is right


@pytest.fixture
def jobs():
    queue = Jobs(workers=4, keep=3)
    yield queue
    for job in list(queue._jobs.values()):
        job.cancel.set()
    for job in list(queue._jobs.values()):
        job.finished.wait(10)


class Gate:
    """Work that waits inside until it is let go, or until it is cancelled."""

    def __init__(self, result: Any = "answer"):
        self.result = result
        self.entered = threading.Event()
        self.go = threading.Event()
        self.calls = 0

    def __call__(self, job: Job) -> Any:
        self.calls += 1
        self.entered.set()
        end = time.monotonic() + WAIT
        while not self.go.wait(0.002) and time.monotonic() < end:
            if job.cancel.is_set():
                return Partial("partial")
        return self.result


@dataclass
class Partial:
    status: str


def done(ticket: Ticket) -> Job:
    assert ticket.job.finished.wait(WAIT)
    return ticket.job


def fail(problem: BaseException) -> Any:
    def work(job: Job) -> Any:
        raise problem

    return work


class TestOnce:
    def test_states(self, jobs):
        work = Gate()
        ticket = jobs.submit("k", work)
        assert work.entered.wait(WAIT)
        assert ticket.job.state == RUNNING
        assert ticket.job.live
        work.go.set()
        job = done(ticket)
        assert (job.state, job.result, job.fraction, job.error) == (DONE, "answer", 1.0, "")
        assert not job.live

    def test_many_waiters_one_computation(self, jobs):
        work = Gate()
        tickets: list[Ticket] = []
        start = threading.Barrier(16)

        def visit() -> None:
            start.wait(WAIT)
            tickets.append(jobs.submit("k", work))

        threads = [threading.Thread(target=visit) for _ in range(16)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len({id(ticket.job) for ticket in tickets}) == 1
        assert tickets[0].job.tickets == 16
        work.go.set()
        assert done(tickets[0]).result == "answer"
        assert work.calls == 1

    def test_a_finished_public_result_is_kept_for_the_next_person(self, jobs):
        work = Gate()
        work.go.set()
        first = jobs.submit("k", work)
        done(first)
        first.release()
        second = jobs.submit("k", work)
        assert second.job.state == DONE
        assert work.calls == 1

    def test_different_keys_are_different_work(self, jobs):
        a, b = jobs.submit("a", lambda job: 1), jobs.submit("b", lambda job: 2)
        assert (done(a).result, done(b).result) == (1, 2)

    def test_progress_and_updates_can_be_polled(self, jobs):
        seen, go = threading.Event(), threading.Event()

        def work(job: Job) -> str:
            job.on_progress(0.25, 3.0)
            job.on_update("provisional")
            seen.set()
            go.wait(WAIT)
            return "final"

        ticket = jobs.submit("k", work)
        assert seen.wait(WAIT)
        job = jobs.peek("k")
        assert (job.fraction, job.seconds_left, job.update, job.result) == (0.25, 3.0, "provisional", None)
        go.set()
        assert done(ticket).result == "final"
        assert jobs.peek("other") is None


class TestFailure:
    def test_a_value_error_is_shown(self, jobs):
        job = done(jobs.submit("k", fail(ValueError("The text is empty: type at least one word."))))
        assert job.state == FAILED
        assert job.error == "The text is empty: type at least one word."

    def test_another_error_shows_and_logs_its_type_only(self, jobs, caplog):
        """The message may hold what a visitor typed."""
        with caplog.at_level(logging.DEBUG):
            job = done(jobs.submit("k", fail(KeyError("my secret text"))))
        assert job.state == FAILED
        assert "KeyError" in job.error
        assert "secret" not in job.error
        assert "KeyError" in caplog.text
        assert "secret" not in caplog.text
        assert not any(record.exc_info for record in caplog.records)

    def test_even_a_model_that_exits_ends_the_job(self, jobs):
        """Else the page would poll for ever."""
        job = done(jobs.submit("k", fail(SystemExit(3))))
        assert job.state == FAILED
        assert done(jobs.submit("next", lambda job: 1)).result == 1

    def test_does_not_touch_others(self, jobs):
        work = Gate()
        other = jobs.submit("other", work)
        assert work.entered.wait(WAIT)
        done(jobs.submit("k", fail(RuntimeError("x"))))
        assert other.job.state == RUNNING
        work.go.set()
        assert done(other).result == "answer"

    def test_a_new_submit_starts_anew(self, jobs):
        first = jobs.submit("k", fail(ValueError("no")))
        done(first)
        second = jobs.submit("k", lambda job: "yes")
        assert second.job is not first.job
        assert done(second).result == "yes"
        assert first.job.state == FAILED, "and the old one stays what it was"


class TestCancel:
    def test_the_only_ticket_stops_the_work(self, jobs):
        work = Gate()
        ticket = jobs.submit("k", work)
        assert work.entered.wait(WAIT)
        assert ticket.cancel() is True
        job = done(ticket)
        assert job.state == DONE
        assert job.result.status == "partial", "and the partial result is there for the one who cancelled"

    def test_one_of_several_only_leaves(self, jobs):
        work = Gate()
        mine, yours = jobs.submit("k", work), jobs.submit("k", work)
        assert mine.cancel() is False
        assert mine.released
        assert not yours.job.cancel.is_set()
        work.go.set()
        assert done(yours).result == "answer"

    def test_twice_does_not_cancel_somebody_else(self, jobs):
        """A double click on Cancel must not stop the other visitor."""
        work = Gate()
        mine, yours = jobs.submit("k", work), jobs.submit("k", work)
        mine.cancel()
        assert mine.cancel() is False
        assert not yours.job.cancel.is_set()
        assert yours.job.tickets == 1
        work.go.set()
        assert done(yours).result == "answer"

    def test_after_release_does_nothing(self, jobs):
        work = Gate()
        mine, yours = jobs.submit("k", work), jobs.submit("k", work)
        mine.release()
        assert mine.cancel() is False
        assert not yours.job.cancel.is_set()
        work.go.set()
        done(yours)

    def test_after_the_end_keeps_the_result(self, jobs):
        ticket = jobs.submit("k", lambda job: "answer")
        done(ticket)
        assert ticket.cancel() is False
        assert jobs.submit("k", fail(ValueError("computed again"))).job.result == "answer"

    def test_while_queued(self):
        queue = Jobs(workers=1)
        block, never = Gate(), Gate()
        busy = queue.submit("busy", block)
        waiting = queue.submit("waiting", never)
        assert waiting.job.state == QUEUED
        assert waiting.cancel() is True
        block.go.set()
        job = done(waiting)
        assert job.state == FAILED
        assert job.error
        assert never.calls == 0
        done(busy)

    @pytest.mark.parametrize("partial", [True, False])
    def test_a_new_submit_starts_anew(self, jobs, partial):
        first_work, second_work = Gate(), Gate("whole")
        first = jobs.submit("k", first_work)
        assert first_work.entered.wait(WAIT)
        first.cancel()
        if partial:
            done(first)  # otherwise the old work is still stopping
        second = jobs.submit("k", second_work)
        assert second.job is not first.job
        assert second_work.entered.wait(WAIT)
        done(first)
        first.release()
        assert jobs.peek("k") is second.job, "leaving the old job must not forget the new one"
        assert not second.job.cancel.is_set()
        second_work.go.set()
        assert done(second).result == "whole"

    @pytest.mark.parametrize("private", [True, False])
    def test_leaving_a_job_that_is_slow_to_stop_does_not_forget_its_successor(self, jobs, private):
        stubborn, go = threading.Event(), threading.Event()

        def work(job: Job) -> str:
            stubborn.set()
            go.wait(WAIT)
            return "late"

        first = jobs.submit("k", work, private)
        assert stubborn.wait(WAIT)
        first.cancel()
        second = jobs.submit("k", Gate(), private)
        first.release()
        assert jobs.peek("k") is second.job
        go.set()
        assert done(first).result == "late"
        assert jobs.peek("k") is second.job

    def test_a_partial_result_without_cancel_is_not_kept(self, jobs):
        first = jobs.submit("k", lambda job: Partial("partial"))
        done(first)
        assert done(jobs.submit("k", lambda job: Partial("complete"))).result.status == "complete"

    def test_not_found_is_kept(self, jobs):
        first = jobs.submit("k", lambda job: Partial("not_found"))
        done(first)
        assert jobs.submit("k", fail(ValueError("again"))).job is first.job


class TestTickets:
    def test_releasing_the_last_cancels(self, jobs):
        work = Gate()
        one, two = jobs.submit("k", work), jobs.submit("k", work)
        job = one.job
        one.release()
        assert not job.cancel.is_set()
        two.release()
        assert job.cancel.is_set()
        assert jobs.peek("k") is None

    def test_releasing_twice_counts_once(self, jobs):
        work = Gate()
        one, two = jobs.submit("k", work), jobs.submit("k", work)
        one.release()
        one.release()
        assert two.job.tickets == 1
        assert not two.job.cancel.is_set()
        work.go.set()
        done(two)

    def test_a_ticket_nobody_holds_is_given_back(self, jobs):
        work = Gate()
        ticket = jobs.submit("k", work)
        job = ticket.job
        assert work.entered.wait(WAIT)
        del ticket
        gc.collect()
        assert job.cancel.is_set()
        assert job.finished.wait(WAIT)

    def test_inside_a_reference_cycle_too(self, jobs):
        """As in a page's session state."""
        work = Gate()
        state: dict[str, Any] = {"ticket": jobs.submit("k", work)}
        state["self"] = state
        job = state["ticket"].job
        del state
        gc.collect()
        assert job.cancel.is_set()

    def test_given_back_in_the_middle_of_a_locked_section(self, jobs):
        """A garbage collection can end a ticket's life at any moment, also in the thread that holds the lock: no deadlock, and
        nothing is changed under its feet."""
        work = Gate()
        ticket = jobs.submit("k", work)
        with jobs._lock:
            ticket.release()
            assert ticket.job.tickets == 1, "not counted under the feet of whoever holds the lock"
            assert "k" in jobs._jobs
        jobs.peek("k")
        assert ticket.job.tickets == 0
        assert ticket.job.cancel.is_set()

    def test_a_finalizer_never_waits_for_the_lock(self, jobs):
        """Else a collection in a thread that holds some other lock could stand against this one for ever."""
        ticket = jobs.submit("k", Gate())
        ended = threading.Event()

        def collect() -> None:
            ticket.release()
            ended.set()

        with jobs._lock:
            threading.Thread(target=collect, daemon=True).start()
            assert ended.wait(WAIT)
        jobs.submit("other", lambda job: 1)
        assert ticket.job.cancel.is_set()

    def test_counted_right_under_hammering(self, jobs):
        """Visitors come, join, cancel and leave by release or by being forgotten, in eight threads with the collector busy."""
        problems: list[BaseException] = []
        threshold = gc.get_threshold()
        gc.set_threshold(5, 2, 2)

        def visit(seed: int) -> None:
            try:
                for i in range(150):
                    key = (seed + i) % 5
                    ticket = jobs.submit(key, lambda job: sum(range(50)), private=i % 3 == 0)
                    cycle: dict[str, Any] = {"ticket": ticket}
                    cycle["self"] = cycle
                    if i % 4 == 0:
                        ticket.release()
                    elif i % 4 == 1:
                        ticket.cancel()
                    elif i % 4 == 2:
                        assert ticket.job.finished.wait(WAIT)
                    del ticket, cycle
            except BaseException as problem:
                problems.append(problem)

        threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(8)]
        try:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(60)
            assert not any(thread.is_alive() for thread in threads)
        finally:
            gc.set_threshold(*threshold)
        assert not problems
        gc.collect()
        jobs.peek("x")
        assert all(job.tickets == 0 for job in jobs._jobs.values())
        assert len(jobs._jobs) <= 3


class TestMemory:
    def test_private_results_are_forgotten(self, jobs):
        ticket = jobs.submit("k", lambda job: "typed by a visitor", private=True)
        done(ticket)
        assert jobs.peek("k") is not None, "as long as they look at it"
        ticket.release()
        assert jobs.peek("k") is None

    def test_private_for_one_is_private_for_all(self, jobs):
        work = Gate()
        public, private = jobs.submit("k", work), jobs.submit("k", work, private=True)
        work.go.set()
        done(public)
        public.release()
        assert jobs.peek("k") is not None
        private.release()
        assert jobs.peek("k") is None

    def test_the_result_itself_can_be_collected(self, jobs):
        import weakref

        class Result:
            status = "complete"

        ticket = jobs.submit("k", lambda job: Result(), private=True)
        done(ticket)
        seen = weakref.ref(ticket.job.result)
        ticket.release()
        del ticket
        done(jobs.submit("other", lambda job: None))  # the worker has moved on
        gc.collect()
        assert seen() is None

    def test_kept_results_are_bounded_oldest_first(self, jobs):
        for key in range(10):
            ticket = jobs.submit(key, lambda job: "answer")
            done(ticket)
            ticket.release()
        assert [jobs.peek(key) is not None for key in range(10)] == [False] * 7 + [True] * 3

    def test_using_a_result_keeps_it(self, jobs):
        for key in (0, 1, 2, 0, 3, 4):
            ticket = jobs.submit(key, lambda job: "answer")
            done(ticket)
            ticket.release()
        assert jobs.peek(0) is not None
        assert jobs.peek(1) is None

    def test_what_somebody_looks_at_is_never_forgotten(self, jobs):
        held = jobs.submit("held", lambda job: "answer")
        done(held)
        for key in range(10):
            ticket = jobs.submit(key, lambda job: "answer")
            done(ticket)
            ticket.release()
        assert jobs.peek("held") is held.job


class TestWithExplanations:
    """As the page uses it."""

    def test_cancel_gives_a_partial_explanation(self, jobs):
        entered, go = threading.Event(), threading.Event()

        def slow(texts: list[str]) -> Any:
            if len(texts) > 1:
                entered.set()
                assert go.wait(WAIT)
            return words_model(WORD_WEIGHTS)(texts)

        task = text_task(slow)

        def work(job: Job) -> Any:
            return explain("lime", task, SENTENCE, cancel=job.cancel, on_progress=job.on_progress, on_update=job.on_update)

        ticket = jobs.submit("k", work)
        assert entered.wait(WAIT)
        assert ticket.cancel() is True
        go.set()
        job = done(ticket)
        assert (job.state, job.result.status, job.result.reason) == (DONE, "partial", "cancelled")

    def test_bad_input_is_shown(self, jobs):
        job = done(jobs.submit("k", lambda job: explain("lime", text_task(), "...")))
        assert job.error == "The text has no words, only punctuation or spaces: type at least one word."

    def test_two_models_at_once_are_not_mixed_up(self, jobs):
        tasks = [text_task(words_model({"great": sign * 0.3})) for sign in (1, -1)] * 4
        tickets = [
            jobs.submit(i, lambda job, t=task: explain("lime", t, SENTENCE, target=1, num_samples=500)) for i, task in enumerate(tasks)
        ]
        signs = [done(ticket).result.payload.values[0] > 0 for ticket in tickets]
        assert signs == [True, False] * 4
