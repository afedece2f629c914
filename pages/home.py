"""Home: what Foretell is, what there is to explore, and one click to a first explanation."""

import streamlit as st

from ui import home, startup

startup.through_router(__file__)
st.title("Foretell")
st.markdown(
    "Foretell shows why a model gave an answer, on real models and data. "
    "And it asks the question most tools leave out: did seeing that help a person *foretell* the model's next answer?"
)
home.first_step()
home.task_cards()
home.method_cards()
home.own_model()
