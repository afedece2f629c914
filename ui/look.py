"""The little of the look that Streamlit's theme has no setting for."""

import streamlit as st

# Streamlit marks focus on links and switches by a faint shade only, which WCAG 2.4.7 does not call visible.
_FOCUS = "<style>a:focus-visible, label:has(input:focus-visible) { outline: 3px solid #3a76c4 !important; outline-offset: 2px; }</style>"


def focus_ring() -> None:
    """A ring around whatever the keyboard is on."""
    st.html(_FOCUS)
