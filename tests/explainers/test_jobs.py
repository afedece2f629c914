"""Explanations in the background: one computation for one question, and nobody in anybody's way."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

import pytest

from explainers.jobs import DONE, FAILED, QUEUED, RUNNING, Job, Jobs, Ticket
from tests.fixtures.job_cases import WAIT, Gate, Partial, done, fail


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


def test_a_process_that_ends_stops_its_jobs_first():
    """A backward pass that is under way when Python ends would abort the process."""
    program = """
import time
from explainers.jobs import Jobs

def work(job):
    while not job.cancel.is_set():
        time.sleep(0.01)
    time.sleep(0.5)  # the batch under way
    print("stopped", flush=True)

ticket = Jobs().submit("it", work)
while ticket.job.state == "queued":
    time.sleep(0.01)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout == "stopped\n"
