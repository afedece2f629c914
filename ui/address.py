"""The address of a page reproduces what is on it: task, model, instance id, settings. What a visitor typed is never in it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import streamlit as st

_WRITTEN, _REPLACED, _NEWS = "_address_written", "_address_replaced", "_address_news"

LATE = 2.5
"""For so many seconds an address that we replaced is not news. A browser sends the address it shows along with every click, and shows
ours only when it has come: of two quick clicks, the second still bears the old one, which must not undo the first. It is read when the run
before it lets go, a second later at the most on a machine with nothing else to do. The price: going back within that time is not heard."""


def read() -> dict[str, str] | None:
    """The address's settings when they are news (a link was opened, or the visitor went back); None when we wrote them."""
    here = {key: value[:200] for key, value in st.query_params.to_dict().items() if isinstance(value, str)}
    if here == st.session_state.get(_WRITTEN) or _is_late(here):
        return None
    st.session_state[_NEWS] = True
    return here


def write(settings: Mapping[str, Any]) -> None:
    """Make the address say `settings`; None and empty values are left out."""
    wanted = {key: str(value) for key, value in settings.items() if value is not None and value != ""}
    written, news = st.session_state.get(_WRITTEN), st.session_state.pop(_NEWS, False)
    if written is not None and written != wanted and not news:
        late = [old for old in st.session_state.get(_REPLACED, []) if time.monotonic() - old[2] < LATE and old[1] != wanted]
        st.session_state[_REPLACED] = [*late, (_page(), written, time.monotonic())]
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
    st.session_state[_WRITTEN] = wanted


def add(name: str, value: Any) -> None:
    """Add one setting to what the address says."""
    write({**st.session_state.get(_WRITTEN, {}), name: value})


def _is_late(here: dict[str, str]) -> bool:
    replaced = st.session_state.get(_REPLACED, [])
    return any(page == _page() and old == here and time.monotonic() - when < LATE for page, old, when in replaced)


def _page() -> str | None:
    """The page's own part of the address, so that the same settings on another page are another address."""
    return st.context.url
