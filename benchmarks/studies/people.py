"""Simulated participants who answer at random, and processes that do things at the same time."""

from __future__ import annotations

import multiprocessing
import traceback
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection
from typing import TypeVar

import numpy as np

import studies
from studies.answers import Step

_T = TypeVar("_T")


def answer(step: Step, rng: np.random.Generator) -> str:
    """At random among the choices; in the quiz the right one, which stands first in the texts that come with Foretell."""
    return step.choices[0 if step.kind == "quiz" else int(rng.integers(len(step.choices)))].value


def to_the_end(store: studies.Store, token: str, rng: np.random.Generator) -> int:
    """Answer until it is complete; how many answers that took."""
    step, sent = store.current_step(token), 0
    while step.kind != "complete":
        result = store.submit(token, step.seq, answer(step, rng), f"end-{step.seq}")
        if result.status != "saved":
            raise ValueError(f"An answer to step {step.seq} was {result.status}, and nobody else answers.")
        step, sent = result.step, sent + 1
    return sent


def together(works: Sequence[Callable[[], _T]]) -> list[_T]:
    """Each in a process of its own, forked, so that it starts in milliseconds; what each returned. Open stores inside, not before."""
    context = multiprocessing.get_context("fork")
    running = []
    for work in works:
        ours, theirs = context.Pipe(duplex=False)
        process = context.Process(target=_child, args=(work, theirs))
        process.start()
        theirs.close()
        running.append((process, ours))
    found: list[_T] = []
    failed: list[str] = []
    for process, ours in running:
        try:
            ok, value = ours.recv()
        except EOFError:
            ok, value = False, "ended without a word"
        process.join()
        (found if ok else failed).append(value)
    if failed:
        raise RuntimeError("A process of the benchmark failed: " + "\n".join(failed))
    return found


def _child(work: Callable[[], object], pipe: Connection) -> None:
    try:
        pipe.send((True, work()))
    except BaseException:
        pipe.send((False, traceback.format_exc()))
