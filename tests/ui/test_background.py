"""Short work as a page asks for it: waited for where somebody waits, and otherwise left alone."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from explainers.jobs import Jobs
from ui import background, leaving, startup


@pytest.fixture
def came_back(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the page said while it waited to come back by itself."""
    said: list[str] = []
    state: dict[str, Any] = {}
    queue = Jobs()
    monkeypatch.setattr(background.st, "session_state", state)
    monkeypatch.setattr(startup, "jobs", lambda: queue)
    monkeypatch.setattr(leaving, "remember", lambda ticket: None)
    monkeypatch.setattr(background, "PATIENCE", 0.01)
    monkeypatch.setattr(background, "_wait", lambda ticket, message: said.append(message))
    return said


@pytest.mark.parametrize(("wait", "says"), [(True, ["Working…"]), (False, [])])
def test_only_what_somebody_waits_for_brings_the_page_back(came_back: list[str], wait: bool, says: list[str]):
    """A page that comes back while a visitor clicks takes the click with it."""
    let_go = threading.Event()
    assert background.quick("cost", "it", let_go.wait, "Working…", wait=wait) is None
    assert came_back == says
    let_go.set()


def test_what_is_known_is_told_without_waiting(came_back: list[str]):
    assert background.quick("cost", "it", lambda: 7, "Working…") in (7, None)
    background.st.session_state["_tickets"]["cost"][1].job.finished.wait(10)
    assert background.quick("cost", "it", lambda: 8, "Working…", wait=False) == 7
