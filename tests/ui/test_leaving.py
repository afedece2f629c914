"""Whoever leaves takes their work with them."""

from __future__ import annotations

import threading

import pytest

from explainers.jobs import Jobs
from ui.leaving import Watcher


class World:
    """A clock and the visitors who are here."""

    def __init__(self) -> None:
        self.now = 0.0
        self.here = {"ann", "bob"}
        self.watcher = Watcher(lambda session: session in self.here, grace=10, clock=lambda: self.now)


@pytest.fixture
def world() -> World:
    return World()


def waiting(jobs: Jobs, key: str):
    """A job that works until it is told to stop."""
    started = threading.Event()

    def work(job) -> str:
        started.set()
        job.cancel.wait(20)
        return "stopped"

    ticket = jobs.submit(key, work, True)
    assert started.wait(10)
    return ticket


def test_work_stops_when_its_visitor_has_been_gone_for_a_while(world: World):
    ticket = waiting(Jobs(), "typed text")
    world.watcher.remember("ann", ticket)
    world.here.discard("ann")
    assert world.watcher.look() == 0
    world.now = 9.0
    assert world.watcher.look() == 0
    world.now = 11.0
    assert world.watcher.look() == 1
    assert ticket.job.finished.wait(10)
    assert ticket.released


def test_who_comes_back_in_time_keeps_it(world: World):
    ticket = waiting(Jobs(), "k")
    world.watcher.remember("ann", ticket)
    world.here.discard("ann")
    world.watcher.look()
    world.here.add("ann")
    world.now = 60.0
    assert world.watcher.look() == 0
    world.here.discard("ann")
    assert world.watcher.look() == 0  # the wait starts anew
    ticket.cancel()


def test_others_keep_theirs(world: World):
    jobs = Jobs()
    shared = [waiting(jobs, "k"), jobs.submit("k", lambda job: None, True)]
    for name, ticket in zip(("ann", "bob"), shared, strict=True):
        world.watcher.remember(name, ticket)
    world.here.discard("ann")
    world.watcher.look()
    world.now = 11.0
    assert world.watcher.look() == 1
    assert shared[0].job.live
    shared[1].cancel()
