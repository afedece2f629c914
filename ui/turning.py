"""A click on another page leads there, whatever the page before is still doing.

Streamlit runs a page anew for every look at a job, and lets the old run go on for a moment when a visitor clicks. Both write the page
they are for into one place of the visitor's session, so that the old run can send the new one back to the page just left; and a look that
comes after the click finds parts of the page left, and empties the new one. `navigation` puts both right. It knows the inside of
Streamlit 1.67, and leaves another version that looks otherwise to its own ways.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

_PAGE = "_page_turned_to"


def navigation(pages: Mapping[str, Sequence[Any]]) -> Any:
    """`st.navigation` at the top, which chooses the page that this very run was asked for."""
    asked = keep()
    chosen = st.navigation(pages, position="top")
    if asked and getattr(chosen, "_script_hash", asked) != asked:  # the old run was quicker than these two lines
        keep()
        chosen = st.navigation(pages, position="top")
    return chosen


def keep() -> str:
    """Write the page that this run was asked for over what others wrote, and forget what the page before still polls. Returns its hash."""
    context, asked = get_script_run_ctx(), _asked()
    if context is None or not asked:  # an address that is opened asks by its name, and nothing runs before it
        return ""
    pages = context.pages_manager
    if asked == pages.main_script_hash or not hasattr(pages, "set_script_intent"):
        return ""
    pages.set_script_intent(asked, "")
    if st.session_state.get(_PAGE, asked) != asked and hasattr(context.fragment_storage, "clear"):
        context.fragment_storage.clear()
    st.session_state[_PAGE] = asked
    return asked


def _asked() -> str:
    """The hash of the page in the request that this run answers; empty where it cannot be told.

    Only the runner's own variable has it: all that the run can reach otherwise is shared with the run before.
    """
    frame = sys._getframe()
    while frame is not None:
        if frame.f_code.co_name == "code_to_exec" and "rerun_data" in frame.f_locals:
            return str(getattr(frame.f_locals["rerun_data"], "page_script_hash", ""))
        frame = frame.f_back  # type: ignore[assignment]
    return ""
