"""Pieces of work that come at the same time: each whole or not at all, each with its own outcome."""

from __future__ import annotations

import signal
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from studies import schema
from studies.schema import study
from studies.writing import Writer


@pytest.fixture
def writer(tmp_path: Path) -> Writer:
    engine = schema.engine_for(f"sqlite:///{tmp_path / 's.db'}")
    schema.prepare(engine)
    return Writer(engine)


def names(writer: Writer) -> list[str]:
    with schema.reading(writer.engine) as c:
        return list(c.execute(sa.select(study.c.slug).order_by(study.c.study_id)).scalars())


def add(name: str, problem: Exception | None = None):
    """Work that stores a name, and then may fail."""

    def work(c: Connection) -> str:
        c.execute(study.insert().values(slug=name))
        if problem is not None:
            raise problem
        return name

    return work


def at_once(writer: Writer, *works) -> list[Future[str]]:
    """All of them wait while another one is being written, and so go into one transaction."""
    begun, go = threading.Event(), threading.Event()

    def first(c: Connection) -> None:
        begun.set()
        assert go.wait(20)

    with ThreadPoolExecutor(len(works) + 1) as pool:
        pool.submit(writer.write, first)
        assert begun.wait(20)
        futures = []
        for i, work in enumerate(works):
            futures.append(pool.submit(writer.write, work))
            while len(writer._queue) < i + 1:
                time.sleep(0.001)
        go.set()
    return futures


def commits(writer: Writer) -> list[int]:
    counted: list[int] = []
    sa.event.listen(writer.engine, "commit", lambda connection: counted.append(1))
    return counted


def test_what_waits_is_written_in_order_with_one_commit(writer: Writer):
    counted = commits(writer)
    futures = at_once(writer, add("a"), add("b"), add("c"))
    assert [one.result() for one in futures] == names(writer) == ["a", "b", "c"]
    assert len(counted) == 2, "the one that all waited for, and theirs"


def test_a_refusal_is_its_own_senders_alone_and_leaves_nothing(writer: Writer):
    counted = commits(writer)
    futures = at_once(writer, add("a"), add("b", ValueError("not among the choices")), add("c"))
    assert names(writer) == ["a", "c"]
    with pytest.raises(ValueError, match="not among the choices"):
        futures[1].result()
    assert [futures[0].result(), futures[2].result()] == ["a", "c"]
    assert len(counted) == 2


def test_what_the_database_refuses_does_not_take_others_with_it(writer: Writer):
    futures = at_once(writer, add("a"), add("a"), add("c"))
    assert sorted(names(writer)) == ["a", "c"]
    failed = [one.exception() for one in futures[:2]]
    assert sorted(type(one).__name__ for one in failed) == ["IntegrityError", "NoneType"]
    assert futures[2].result() == "c"


def test_a_fault_of_the_program_is_raised_to_whose_it_is(writer: Writer):
    futures = at_once(writer, add("a"), add("b", KeyError("x")), add("c"))
    assert isinstance(futures[1].exception(), KeyError)
    assert sorted(names(writer)) == ["a", "c"]


def test_a_commit_that_fails_is_nobodys_success(writer: Writer):
    failed: list[int] = []

    def refuse(connection: Connection) -> None:
        if not failed and connection.exec_driver_sql("SELECT count(*) FROM study").scalar() == 3:
            failed.append(1)
            raise sa.exc.OperationalError("commit", None, Exception("database or disk is full"))

    sa.event.listen(writer.engine, "commit", refuse)
    futures = at_once(writer, add("a"), add("b"), add("c"))
    assert [one.result() for one in futures] == ["a", "b", "c"], "each was tried again in a transaction of its own"
    assert failed
    assert sorted(names(writer)) == ["a", "b", "c"]


def test_a_crowd_of_threads_loses_nothing(writer: Writer):
    with ThreadPoolExecutor(16) as pool:
        wanted = [f"s{i}" for i in range(60)]
        assert list(pool.map(lambda name: writer.write(add(name)), wanted)) == wanted
    assert sorted(names(writer)) == sorted(wanted)


def interrupt(*_):
    raise KeyboardInterrupt


def test_who_is_interrupted_while_waiting_holds_nobody_up(writer):
    """Ctrl-C in a notebook, while another thread writes."""
    begun, go = threading.Event(), threading.Event()

    def first(c: Connection) -> None:
        begun.set()
        assert go.wait(20)

    before = signal.signal(signal.SIGALRM, interrupt)
    with ThreadPoolExecutor(2) as pool:
        try:
            pool.submit(writer.write, first)
            assert begun.wait(20)
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            with pytest.raises(KeyboardInterrupt):
                writer.write(add("interrupted"))
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, before)
            go.set()
        assert pool.submit(writer.write, add("after")).result(20) == "after"
    assert names(writer) == ["after"]


def test_who_is_interrupted_as_it_is_its_turn_hands_on(writer, monkeypatch):
    with monkeypatch.context() as stopped:
        stopped.setattr(writer, "_lead", interrupt)
        with pytest.raises(KeyboardInterrupt):
            writer.write(add("interrupted"))
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(writer.write, add("after")).result(20) == "after"
    assert names(writer) == ["after"]
