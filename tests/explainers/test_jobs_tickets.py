"""Jobs side by side: who holds which, what is kept, and jobs that explain."""

from __future__ import annotations

import gc
import threading
from typing import Any

from explainers import explain
from explainers.jobs import DONE, Job
from tests.fixtures.job_cases import WAIT, Gate, done
from tests.fixtures.toys import SENTENCE, WORD_WEIGHTS, text_task, words_model


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
