"""What a visitor takes away: the artifact as data, pictures, a page, a slide."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence

import streamlit as st

from explainers import Explanation, Score, render
from explainers.render.escape import file_name


def menu(
    e: Explanation, note: str, further: Sequence[tuple[str, Callable[[], bytes], str, str]] = (), scores: Sequence[Score] = ()
) -> None:
    """Every form of the explanation, folded away; a file is made when it is asked for.

    note     whether the model is right here
    scores   taken besides the explanation's own: slide and page say with the sentence how far to believe it
    further  what only this kind has: label, bytes, name of the file, its type
    """
    stem = file_name(f"{e.task}-{e.model_name}-{e.method}-{e.digest[:8]}")
    with st.expander("Download", icon=":material/download:"), st.container(horizontal=True):
        _button(
            "Slide, 16:9 (PNG)",
            lambda: _slide(e, note, scores),
            f"{stem}-slide.png",
            "image/png",
            "Title, picture, sentence and caveat, ready for a deck.",
        )
        _button(
            "Page (HTML)",
            lambda: render.page(e, note, scores).encode(),
            f"{stem}.html",
            "text/html",
            "Opens anywhere, offline, with the numbers in it.",
        )
        if render.chart(e) is not None:
            _button("Chart (PNG)", lambda: render.png(e) or b"", f"{stem}.png", "image/png", None)
            _button("Chart (SVG)", lambda: (render.svg(e) or "").encode(), f"{stem}.svg", "image/svg+xml", None)
        _button(
            "Data (JSON)",
            lambda: e.to_json(indent=1).encode(),
            f"{stem}.json",
            "application/json",
            "The whole artifact, by its published schema.",
        )
        for label, data, name, mime in further:
            _button(label, data, name, mime, None)
        st.caption("The files hold the instance itself, also one that you typed.")


def _slide(e: Explanation, note: str, scores: Sequence[Score]) -> bytes:
    buffer = io.BytesIO()
    render.slide(e, note, scores).save(buffer, "PNG")
    return buffer.getvalue()


def _button(label: str, data: Callable[[], bytes], name: str, mime: str, help_text: str | None) -> None:
    st.download_button(label, data, name, mime, on_click="ignore", help=help_text, key=f"download-{name}")
