"""The address of a page reproduces what is on it: task, model, instance id, settings. What a visitor typed is never in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

_WRITTEN = "_address_written"


def read() -> dict[str, str] | None:
    """The address's settings when they are news (a link was opened, or the visitor went back); None when we wrote them."""
    here = {key: value[:200] for key, value in st.query_params.to_dict().items() if isinstance(value, str)}
    if here == st.session_state.get(_WRITTEN):
        return None
    return here


def write(settings: Mapping[str, Any]) -> None:
    """Make the address say `settings`; None and empty values are left out."""
    wanted = {key: str(value) for key, value in settings.items() if value is not None and value != ""}
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
    st.session_state[_WRITTEN] = wanted


def add(name: str, value: Any) -> None:
    """Add one setting to what the address says."""
    write({**st.session_state.get(_WRITTEN, {}), name: value})
