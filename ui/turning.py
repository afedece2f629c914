"""A click on another page leads there, whatever the page before is still doing.

Streamlit runs a page anew for every look at a job, and lets the old run go on for a moment when a visitor clicks. Both write the page
they are for into one place of the visitor's session, so that the old run can send the new one back to the page just left; and a look that
comes after the click finds parts of the page left, and empties the new one. `keep` puts both right: it is called in the line before
`st.navigation`, with the names of Streamlit 1.67 (a later version without them is left to its own ways).
"""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PAGE = "_page_turned_to"


def keep() -> None:
    """Make `st.navigation` choose the page that this very run was asked for, and forget what the page before still polls."""
    context = get_script_run_ctx()
    if context is None or not hasattr(context.pages_manager, "set_script_intent"):
        return
    pages = context.pages_manager
    asked = context.page_script_hash
    if asked != pages.main_script_hash:  # an address that is opened asks by its name, and nothing runs before it
        pages.set_script_intent(asked, "")
    if st.session_state.get(_PAGE, asked) != asked:
        context.fragment_storage.clear()
    st.session_state[_PAGE] = asked
