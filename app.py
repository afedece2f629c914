"""The router: page settings and navigation. Nothing else. Start with `streamlit run app.py`."""

import streamlit as st

from ui import look, startup

st.set_page_config(page_title="Foretell", page_icon="ui/icon.png", layout="wide")
startup.begin()
look.focus_ring()

st.navigation(
    [
        st.Page("pages/home.py", title="Home", icon=":material/home:", default=True),
        st.Page("pages/lime.py", title="LIME", icon=":material/bar_chart:", url_path="lime"),
    ],
    position="top",
).run()
