"""The little of the look that Streamlit's theme has no setting for."""

import streamlit as st

# Streamlit marks focus on links and switches by a faint shade only, which WCAG 2.4.7 does not call visible.
_FOCUS = "<style>a:focus-visible, label:has(input:focus-visible) { outline: 3px solid #3a76c4 !important; outline-offset: 2px; }</style>"


def focus_ring() -> None:
    """A ring around whatever the keyboard is on."""
    st.html(_FOCUS)


# Streamlit's own Stop, at the top, would end a page half written, and not what a model is being asked: the pages have a Stop of their own.
_OWN_STOP = "<style>[data-testid=stStatusWidget] button { display: none !important; }</style>"


def one_stop() -> None:
    """No button but the page's own stops anything."""
    st.html(_OWN_STOP)
