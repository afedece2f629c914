"""A small note kept in the visitor's own browser (localStorage), read once and written when it changes.

The server never stores it. Where a browser refuses (private mode, a test without a browser) the note lives as long as the page.
"""

from __future__ import annotations

import json
from typing import Any

import streamlit as st
from streamlit.components.v2 import component

# Reads on the first mount, writes whenever Python sends a newer revision. Data goes through JSON only, never into markup.
_JS = """
export default function({ data, setStateValue, parentElement }) {
  const root = parentElement.host ?? parentElement;
  try {
    if (data.revision > 0 && root.dataset.revision !== String(data.revision)) {
      root.dataset.revision = String(data.revision);
      window.localStorage.setItem(data.name, data.text);
    } else if (data.revision === 0 && !root.dataset.read) {
      root.dataset.read = "yes";
      setStateValue("stored", window.localStorage.getItem(data.name) ?? "");
    }
  } catch (error) {
    if (data.revision === 0) setStateValue("stored", "");
  }
}
"""


@st.cache_resource(show_spinner=False)
def _browser() -> Any:
    return component("foretell_browser_store", js=_JS)


def note(name: str, empty: Any) -> Any:
    """The note `name` as it is now: what the browser kept, or what was written since. Call once a run, before `write`."""
    value_key, revision_key, read_key = f"_note:{name}", f"_note_revision:{name}", f"_note_read:{name}"
    revision = st.session_state.setdefault(revision_key, 0)
    value = st.session_state.setdefault(value_key, empty)
    data = {"name": f"foretell:{name}", "revision": revision, "text": json.dumps(value)}
    result = component_result(data, f"store-{name}")
    if revision == 0 and result and not st.session_state.get(read_key):
        st.session_state[read_key] = True
        try:
            st.session_state[value_key] = json.loads(result)
        except ValueError:
            st.session_state[value_key] = empty
    return st.session_state[value_key]


def component_result(data: dict[str, Any], key: str) -> str | None:
    """Mount the component; the text the browser kept, None before the browser answered."""
    result = _browser()(data=data, key=key, height=0, on_stored_change=lambda: None)
    return getattr(result, "stored", None)


def write(name: str, value: Any) -> None:
    """Change the note; the browser keeps it from the next run on."""
    st.session_state[f"_note:{name}"] = value
    st.session_state[f"_note_revision:{name}"] = st.session_state.get(f"_note_revision:{name}", 0) + 1
