"""What a page has to say once about how it was opened."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from .words import plain

_KEY = "_notices"


def put(sentences: Sequence[str]) -> None:
    """Say these from now on, in place of what was said."""
    st.session_state[_KEY] = list(sentences)


def show() -> None:
    for sentence in st.session_state.get(_KEY, []):
        st.info(plain(sentence), icon=":material/link:")
