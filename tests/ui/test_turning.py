"""A click on another page leads there, also when the page before is still running and says otherwise."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.testing.v1 import AppTest

from ui import turning

APP = """
import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx
from ui import turning

first, second = st.Page("rooms/first.py", default=True), st.Page("rooms/second.py")
pages = get_script_run_ctx().pages_manager  # the run before, as on a busy machine, writes its own page into the session
pages.set_script_intent(first._script_hash, "")
pages.set_current_page_script_hash(first._script_hash)
{navigation}([first, second]).run()
"""


def _click_on_the_second(folder: Path, navigation: str) -> list[str]:
    (folder / "rooms").mkdir()
    for name in ("first", "second"):
        (folder / "rooms" / f"{name}.py").write_text(f"import streamlit as st; st.title('{name}')")
    (folder / "app.py").write_text(APP.format(navigation=navigation))
    at = AppTest.from_file(str(folder / "app.py"), default_timeout=60).run()
    assert [title.value for title in at.title] == ["first"]
    at.switch_page("rooms/second.py").run()
    assert not at.exception, at.exception
    return [title.value for title in at.title]


def test_the_page_clicked_on_is_shown(tmp_path: Path):
    assert _click_on_the_second(tmp_path, "turning.navigation") == ["second"]


def test_without_it_the_page_before_would_win(tmp_path: Path):
    """What this guards against is still there: once it is not, `ui/turning.py` can go."""
    assert _click_on_the_second(tmp_path, "st.navigation") == ["first"]


@pytest.mark.parametrize(("turned", "forgotten"), [("b", 1), ("a", 0)])
def test_what_the_page_before_polls_is_forgotten_once_another_is_turned_to(monkeypatch: pytest.MonkeyPatch, turned: str, forgotten: int):
    cleared: list[int] = []
    pages = SimpleNamespace(main_script_hash="main", set_script_intent=lambda page, name: None)
    context = SimpleNamespace(pages_manager=pages, fragment_storage=SimpleNamespace(clear=lambda: cleared.append(1)))
    monkeypatch.setattr(turning, "get_script_run_ctx", lambda: context)
    monkeypatch.setattr(turning, "st", SimpleNamespace(session_state={turning._PAGE: "a"}))
    monkeypatch.setattr(turning, "_asked", lambda: turned)
    turning.keep()
    assert len(cleared) == forgotten


def test_an_old_run_that_writes_between_is_answered_too(monkeypatch: pytest.MonkeyPatch):
    written: list[str] = []
    chosen = iter(["first", "second"])
    monkeypatch.setattr(turning, "keep", lambda: written.append("second") or "second")
    monkeypatch.setattr(turning.st, "navigation", lambda pages, position: SimpleNamespace(_script_hash=next(chosen)))
    assert turning.navigation({})._script_hash == "second"
    assert len(written) == 2
