"""Choices that outlive their widgets.

Streamlit forgets a widget's value as soon as a run of the page does not draw it: when the page waits for the model, when the
visitor guesses, when another page is open. Here each choice has a copy that the widget is filled from when it comes back.
"""

from __future__ import annotations

from typing import Any

import streamlit as st


def fill(key: str, default: Any) -> Any:
    """Before the widget `key` is drawn: give it what was chosen last, or `default`; that value.

    Hand the value to the widget as its default, too: when two runs follow each other closely the browser may see only the
    second, in which Streamlit no longer says that the value was set, and would start from the widget's own default.
    """
    if key not in st.session_state:
        st.session_state[key] = _copies().get(key, default)
    return st.session_state[key]


def note(key: str, value: Any) -> Any:
    """After the widget was drawn: remember its value."""
    _copies()[key] = value
    return value


def put(key: str, value: Any) -> None:
    """Choose `value` for the widget `key`, drawn or not."""
    st.session_state[key] = value
    _copies()[key] = value


def drop(key: str) -> None:
    """Back to the widget's default."""
    st.session_state.pop(key, None)
    _copies().pop(key, None)


def get(key: str, default: Any = None) -> Any:
    """What is chosen, drawn or not."""
    return st.session_state[key] if key in st.session_state else _copies().get(key, default)


def _copies() -> dict[str, Any]:
    return st.session_state.setdefault("_kept", {})
