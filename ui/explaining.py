"""One explanation as a page asks for it: its key, its job, its progress."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Protocol

import streamlit as st

import explainers
from explainers import Explanation, Forecast, Task
from explainers.jobs import DONE, Job, Ticket

from . import background
from .instances import Choice
from .words import duration, model_calls, plain

MAX_SEED = 999_999


class Asked(Protocol):
    """What `run` needs to know of a request."""

    @property
    def key(self) -> tuple[Any, ...]: ...

    @property
    def private(self) -> bool: ...

    def work(self, job: Job) -> Explanation: ...


@dataclass(frozen=True)
class Wish:
    """Everything that decides an explanation. Two visitors with equal keys share one computation."""

    method: str
    task: Task
    choice: Choice
    target: int | None
    seed: int
    params: dict[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        settings = json.dumps(self.params, sort_keys=True, default=str)
        return (self.task.name, self.task.model.fingerprint, self.choice.sha256, self.method, self.target, self.seed, settings)

    @property
    def private(self) -> bool:
        return self.choice.private

    def with_seed(self, seed: int) -> Wish:
        return replace(self, seed=seed)

    def with_method(self, method: str) -> Wish:
        return replace(self, method=method)

    def work(self, job: Job) -> Explanation:
        return explainers.explain(
            self.method,
            self.task,
            self.choice.instance,
            target=self.target,
            seed=self.seed,
            on_progress=job.on_progress,
            on_update=job.on_update,
            cancel=job.cancel,
            **self.params,
        )


def run(
    slot: str, wish: Asked, provisional: Callable[[Explanation], None] | None = None, patience: float = background.PATIENCE
) -> Explanation | None:
    """The explanation of `wish`: None while it is under way (progress, a cancel button and a provisional picture are shown).

    patience: seconds to wait for a short job before saying that it works.
    Raises ValueError with the sentence to show when it failed.
    """
    left = st.session_state.get(f"_left:{slot}")
    if left is not None and left[0] == wish.key:
        return left[1]
    ticket = background.hold(slot, ("explain", *wish.key), wish.work, wish.private)
    ticket.job.finished.wait(patience)
    if ticket.job.state == DONE:
        return ticket.job.result
    if not ticket.job.live:
        background.drop(slot)
        raise ValueError(ticket.job.error)
    watch(slot, ticket, wish, provisional)
    return None


def stopped(job: Job, doing: str, stop: str, key: str) -> bool:
    """How far a job is, with a button beside it; whether that was pressed."""
    left = "" if job.seconds_left is None else f", {duration(job.seconds_left)} left"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(min(max(job.fraction, 0.0), 1.0), text=f"{doing}: {100 * job.fraction:.0f} %{left}")
        return st.button(stop, key=key, icon=":material/stop:")


def watch(slot: str, ticket: Ticket, wish: Asked | None, provisional: Callable[[Explanation], None] | None) -> None:
    """Progress and a way to stop, looked at again and again until the job ends."""

    @st.fragment(run_every=background.POLL)
    def watching() -> None:
        job = ticket.job
        if not job.live:
            st.rerun()
        if job.cancel.is_set():
            st.markdown(":material/hourglass_top: Stopping: the model answers what it was asked last, then what there is by then is shown.")
        elif stopped(job, "Asking the model", "Cancel", f"cancel-{slot}"):
            _stop(slot, ticket, wish)
        if provisional is not None and job.update is not None:
            st.info(f"Provisional picture ({plain(job.update.reason)}): it will sharpen.", icon=":material/draft:")
            provisional(job.update)

    watching()


def _stop(slot: str, ticket: Ticket, wish: Asked | None) -> None:
    update = ticket.job.update
    if wish is not None:
        st.session_state[f"_stopped:{slot}"] = (wish.key, ticket.job.fraction)
    if ticket.cancel():
        return  # the job ends within one batch, and its partial result is shown
    # Somebody else waits for the same: leave it to them, and keep what there was.
    if wish is not None and update is not None:
        st.session_state[f"_left:{slot}"] = (wish.key, update)
    st.session_state.pop(f"_wanted:{slot}", None)
    st.rerun()


def stopped_at(slot: str, wish: Asked) -> float | None:
    """How far it was, 0 to 1, when this visitor stopped it; None where that is not known."""
    kept = st.session_state.get(f"_stopped:{slot}")
    return kept[1] if kept is not None and kept[0] == wish.key else None


def anew(slot: str, wish: Asked) -> None:
    """It is asked for again: what was left or stopped before its end is no answer to that."""
    st.session_state.pop(f"_left:{slot}", None)
    st.session_state.pop(f"_stopped:{slot}", None)
    if getattr(background.done(slot, ("explain", *wish.key)), "status", "") == "partial":
        background.drop(slot)


def wanted(slot: str, key: Any) -> bool:
    """Whether the visitor asked for this very explanation; True stands for "whatever the address says"."""
    asked = st.session_state.get(f"_wanted:{slot}")
    return asked is True or asked == key


def run_safely(slot: str, wish: Asked, provisional: Any = None, patience: float = background.PATIENCE) -> Explanation | None:
    """`run`, with a failure shown as its sentence."""
    try:
        return run(slot, wish, provisional, patience)
    except ValueError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return None


def forecast_line(wish: Wish, slot: str) -> None:
    """What `wish` will cost, in small letters, as soon as it is known; of what was asked for already, only if it is known."""
    work = lambda: explainers.forecast(wish.method, wish.task, wish.choice.instance, seed=wish.seed, **wish.params)  # noqa: E731
    try:
        cost = background.quick(
            f"forecast-{slot}", ("forecast", *wish.key), work, "Working out the cost…", wish.choice.private, not wanted(slot, wish.key)
        )
    except ValueError as problem:
        st.error(plain(str(problem)), icon=":material/error:")
        return
    if cost is not None:
        st.caption(cost_in_words(cost))


def cost_in_words(cost: Forecast) -> str:
    """ "At most 67 model calls, about 2 s"; of a method that goes on until it is exact, "35 to 483 model calls, about 2 s to about 20 s"."""
    if cost.least is None or cost.most is None or cost.least[0] == cost.most[0]:
        return f"At most {model_calls(cost.calls)}" + ("" if cost.seconds is None else f", {duration(cost.seconds)}")
    ends = list(dict.fromkeys(duration(seconds) for _, seconds in (cost.least, cost.most)))
    return f"{cost.least[0]:,} to {model_calls(cost.most[0])}, {' to '.join(ends)}: it goes on until its numbers add up"
