"""The little of the look that Streamlit's theme has no setting for."""

import streamlit as st

# Streamlit marks focus on links and switches by a faint shade only, which WCAG 2.4.7 does not call visible.
_FOCUS = "<style>a:focus-visible, label:has(input:focus-visible) { outline: 3px solid #3a76c4 !important; outline-offset: 2px; }</style>"

# Streamlit's own "Stop", at the top while a page runs, ends the page and not the work: half a page would stay, with no word that it is half.
# Work of some length has a button of ours beside its bar.
_STOP = '<style>[data-testid="stStatusWidget"] button { display: none; }</style>'


def focus_ring() -> None:
    """A ring around whatever the keyboard is on."""
    st.html(_FOCUS)


def one_stop() -> None:
    """No second button to stop, which would leave half a page."""
    st.html(_STOP)
