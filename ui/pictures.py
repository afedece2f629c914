"""Pictures on a page, within the page itself.

Streamlit keeps pictures as files of a run, and lets go of them when the next run begins or another visitor's ends: a browser that asks for one
in between finds nothing, and shows a broken picture.
"""

from __future__ import annotations

import streamlit as st
from PIL import Image

from explainers.render import inputs


def show(picture: Image.Image, width: int) -> None:
    """`width` pixels wide, sharp on screens of twice the density."""
    tall = max(1.0, picture.height / picture.width)
    st.image(inputs.address(inputs.small(picture, round(2 * width * tall))), width=width)
