"""Choosing among pictures: a page of thumbnails, each with a button."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st
from PIL import Image

from .pictures import show

SIDE = 132  # pixels


def choose(pictures: Sequence[Image.Image], rows: Sequence[int], captions: Sequence[str], chosen: int, pick: Callable[[int], None]) -> None:
    """Thumbnails that wrap to the width of the page; `pick(row)` is called when one is chosen."""
    with st.container(horizontal=True, gap="small"):
        for picture, row, caption in zip(pictures, rows, captions, strict=True):
            with st.container(width=SIDE, gap=None):
                show(_thumbnail(picture), SIDE)
                label, key = f"Picture {row}", f"thumbnail-{row}"
                st.button(label, key, type="primary" if row == chosen else "secondary", on_click=pick, args=(row,), width="stretch")
                st.caption(caption)


def _thumbnail(picture: Image.Image) -> Image.Image:
    small = picture.copy()
    small.thumbnail((2 * SIDE, 2 * SIDE))
    square = min(small.size)
    left, top = (small.width - square) // 2, (small.height - square) // 2
    return small.crop((left, top, left + square, top + square))
