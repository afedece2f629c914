"""A visitor without a browser: Streamlit's own AppTest, and what it can read."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


def app(page: str | None = None, **query: str) -> AppTest:
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    if page:
        at.switch_page(page)
        for name, value in query.items():
            at.query_params[name] = value
        at.run()
    assert not at.exception, at.exception
    return at


def words(at: AppTest) -> str:
    """Everything a person can read."""
    return "\n".join(
        str(e.value) for kind in (at.markdown, at.caption, at.title, at.header, at.subheader, at.warning, at.error, at.info) for e in kind
    )


def settle(at: AppTest, until: str, tries: int = 200) -> AppTest:
    """Run again, as the page's own polling does, until `until` can be read."""
    for _ in range(tries):
        if until in words(at):
            return at
        time.sleep(0.1)
        at.run()
        assert not at.exception, at.exception
    pytest.fail(f"{until!r} never came; the page says:\n{words(at)}")


def press(at: AppTest, label: str) -> AppTest:
    next(b for b in at.button if b.label == label).click()
    at.run()
    assert not at.exception, at.exception
    return at
