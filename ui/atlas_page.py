"""The atlas page (in progress)."""

import streamlit as st


def show() -> None:
    st.title("Atlas of prototypes", anchor=False)
