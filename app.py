"""The router: page settings and navigation. Nothing else. Start with `streamlit run app.py`."""

import streamlit as st

from ui import look, startup, turning

st.set_page_config(page_title="Foretell", page_icon="ui/icon.png", layout="wide")
startup.begin()
look.focus_ring()
look.one_stop()

PAGES = {
    "": [st.Page("pages/home.py", title="Home", icon=":material/home:", default=True)],
    "Methods": [
        st.Page("pages/lime.py", title="LIME", icon=":material/bar_chart:", url_path="lime"),
        st.Page("pages/anchors.py", title="Anchor-style rules", icon=":material/rule:", url_path="anchors"),
        st.Page("pages/prototypes.py", title="Prototypes", icon=":material/category:", url_path="prototypes"),
        st.Page("pages/nearest_examples.py", title="Nearest examples", icon=":material/near_me:", url_path="nearest_examples"),
        st.Page("pages/decision_boundary.py", title="Decision boundary", icon=":material/fork_right:", url_path="decision_boundary"),
        st.Page("pages/attribution_maps.py", title="Attribution maps", icon=":material/gradient:", url_path="attribution_maps"),
        st.Page("pages/composite.py", title="Composite", icon=":material/dashboard:", url_path="composite"),
    ],
    "Look further": [
        st.Page("pages/set_differences.py", title="Set-difference captions", icon=":material/difference:", url_path="set_differences"),
        st.Page("pages/walkthrough.py", title="Find out what it looks at", icon=":material/travel_explore:", url_path="walkthrough"),
        st.Page("pages/compare.py", title="Compare", icon=":material/compare:", url_path="compare"),
        st.Page("pages/leaderboard.py", title="Leaderboard", icon=":material/leaderboard:", url_path="leaderboard"),
        st.Page("pages/atlas.py", title="Atlas of prototypes", icon=":material/map:", url_path="atlas"),
    ],
}

turning.navigation(PAGES).run()
