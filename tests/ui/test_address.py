"""The address and the page agree, also when a visitor is quicker than the browser's address line."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from ui import address


def _page() -> None:
    import streamlit as st

    from ui import address

    settings = address.read()
    if settings is not None:
        st.session_state["step"] = int(settings.get("step", "1"))

    def go() -> None:
        st.session_state["step"] += 1

    st.button("next", on_click=go)
    address.write({"step": st.session_state["step"]})
    st.write(st.session_state["step"])


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr(address.time, "monotonic", lambda: now[0])
    return now


def opened(step: int) -> AppTest:
    at = AppTest.from_function(_page)
    at.query_params["step"] = str(step)
    return at.run()


def shown(at: AppTest) -> tuple[int, str]:
    value = at.query_params["step"]
    return at.session_state["step"], value if isinstance(value, str) else value[0]


def test_a_link_is_news_and_a_click_moves_on(clock):
    at = opened(4)
    assert shown(at) == (4, "4")
    at.button[0].click().run()
    assert shown(at) == (5, "5")


def test_a_click_that_still_bears_the_old_address_does_not_undo_the_one_before(clock):
    at = opened(4)
    at.button[0].click().run()
    at.query_params["step"] = "4"  # the browser had not yet shown the new address
    at.button[0].click().run()
    assert shown(at) == (6, "6")
    at.query_params["step"] = "5"
    at.button[0].click().run()
    assert shown(at) == (7, "7")


def test_going_back_is_news(clock):
    at = opened(4)
    at.button[0].click().run()
    clock[0] += address.LATE + 0.1
    at.query_params["step"] = "4"
    at.run()
    assert shown(at) == (4, "4")
    at.query_params["step"] = "5"  # and forward again, at once
    at.run()
    assert shown(at) == (5, "5")
