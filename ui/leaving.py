"""Whoever leaves takes their work with them: jobs stop and what was typed is forgotten.

Streamlit keeps a visitor's session for minutes after the browser is gone, in case it comes back. A watcher gives back the jobs
of sessions without a browser; one that does come back asks for its jobs anew.
"""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explainers.jobs import Ticket

GRACE = 10.0  # seconds without a browser: enough for a reload or a moment without network
LOOK = 2.0  # seconds between two looks


class Watcher:
    """Tickets by session, given back once `is_here(session)` has been false for GRACE seconds."""

    def __init__(self, is_here: Callable[[str], bool], grace: float = GRACE, clock: Callable[[], float] = time.monotonic):
        self._is_here = is_here
        self._grace = grace
        self._clock = clock
        self._tickets: dict[str, list[Ticket]] = {}
        self._gone_since: dict[str, float] = {}
        self._lock = threading.Lock()

    def remember(self, session: str, ticket: Ticket) -> None:
        with self._lock:
            kept = [t for t in self._tickets.get(session, []) if not t.released]
            self._tickets[session] = [*kept, ticket]

    def look(self) -> int:
        """Give back what belongs to sessions that have been gone for long enough; how many tickets that were."""
        now, given_back = self._clock(), []
        with self._lock:
            for session in list(self._tickets):
                if self._is_here(session):
                    self._gone_since.pop(session, None)
                elif now - self._gone_since.setdefault(session, now) >= self._grace:
                    given_back += self._tickets.pop(session)
                    del self._gone_since[session]
        for ticket in given_back:
            ticket.release()
        return len(given_back)


def remember(ticket: Ticket) -> None:
    """From now on `ticket` goes when this visitor goes."""
    context = get_script_run_ctx()
    if context is not None and runtime.exists():
        _watcher().remember(context.session_id, ticket)


@st.cache_resource(show_spinner=False)
def _watcher() -> Watcher:
    watcher = Watcher(lambda session: runtime.exists() and runtime.get_instance().is_active_session(session))

    def watch() -> None:
        while True:
            time.sleep(LOOK)
            if watcher.look():
                gc.collect()  # what was typed is also held in reference cycles of the session's pages

    threading.Thread(target=watch, daemon=True, name="foretell-leaving").start()
    return watcher
