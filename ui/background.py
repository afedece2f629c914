"""Work outside the script thread, as a page uses it: hold a job, wait a moment, poll, cancel.

Each visitor holds at most one job a slot ("predict", "explain", ...): asking for another gives the old one back, and leaving
the app gives all of them back (see `leaving`).
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st

from explainers.jobs import DONE, FAILED, Job, Ticket

from . import leaving, startup

PATIENCE = 0.9  # seconds a page waits for a short job before it shows that it is working
POLL = 0.5  # seconds between two looks at a job


def hold(slot: str, key: Hashable, work: Callable[[Job], Any], private: bool = False, short: bool = False) -> Ticket:
    """This visitor's ticket for `key` in `slot`, started if need be."""
    tickets: dict[str, tuple[Hashable, Ticket]] = st.session_state.setdefault("_tickets", {})
    held = tickets.get(slot)
    if held is not None and held[0] == key and not held[1].released:
        return held[1]
    ticket = startup.jobs().submit(key, work, private, short)
    tickets[slot] = (key, ticket)
    leaving.remember(ticket)
    if held is not None:
        held[1].release()
    return ticket


def drop(slot: str) -> None:
    """Give back whatever this visitor holds in `slot`."""
    held = st.session_state.get("_tickets", {}).pop(slot, None)
    if held is not None:
        held[1].release()


def done(slot: str, key: Hashable) -> Any:
    """The result of what this visitor holds in `slot`, if it is for `key` and done; None otherwise. Starts nothing."""
    held = st.session_state.get("_tickets", {}).get(slot)
    return held[1].job.result if held is not None and held[0] == key and held[1].job.state == DONE else None


def keep_only(slot: str, key: Hashable) -> None:
    """Give back what this visitor holds in `slot`, unless it is for `key`."""
    held = st.session_state.get("_tickets", {}).get(slot)
    if held is not None and held[0] != key:
        drop(slot)


def quick(slot: str, key: Hashable, work: Callable[[], Any], message: str, private: bool = False, wait: bool = True) -> Any:
    """The result of short work; None while it still runs (the page says so and comes back by itself).

    wait: False for what nobody waits for: the page neither stands still for it nor comes back, which would take a click on the way with it.

    Raises ValueError with the sentence to show when the work failed.
    """
    ticket = hold(slot, key, lambda job: work(), private, short=True)
    ticket.job.finished.wait(PATIENCE if wait else 0)
    if ticket.job.state == DONE:
        return ticket.job.result
    if ticket.job.state == FAILED:
        drop(slot)
        raise ValueError(ticket.job.error)
    if wait:
        _wait(ticket, message)
    return None


def _wait(ticket: Ticket, message: str) -> None:
    @st.fragment(run_every=POLL)
    def waiting() -> None:
        st.markdown(f":material/hourglass_top: {message}")
        if not ticket.job.live:
            st.rerun()

    waiting()
