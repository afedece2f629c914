"""The look of a page that is shown on a projector: it fits the screen, and fills it when asked to."""

from __future__ import annotations

from typing import Any

import streamlit as st
from streamlit.components.v2 import component

# Heights follow the window, so that every step fits a projector without scrolling; a narrow window stacks pictures instead.
_LOOK = """<style>
.stMainBlockContainer { padding-top: 4rem !important; padding-bottom: 0.1rem !important; }
.stMainBlockContainer > .stVerticalBlock { gap: 0.6rem; }
.walk-gallery { display: grid; grid-template-columns: repeat(var(--walk-columns), max-content); justify-content: center; gap: 0.5rem 1.2rem; }
.walk-gallery figure { margin: 0; text-align: center; }
.walk-gallery img { display: block; margin: 0 auto; aspect-ratio: 1; border-radius: 6px; max-width: 100%; height: auto; }
.walk-gallery figcaption { font-size: 0.95rem; padding-top: 0.15rem; }
.walk-gallery img { width: min(calc((100vh - 15.5rem - var(--walk-besides) - var(--walk-notes, 0rem)) / var(--walk-rows) - 1.9rem),
  calc(88vw / var(--walk-columns) - 1.2rem)); min-width: 7rem; }
body:has(.st-key-walk-notes-box) { --walk-notes: 8rem; }
html.walk-full header.stAppHeader { display: none; }
html.walk-full .stMainBlockContainer { padding-top: 0.8rem !important; }
@media (display-mode: fullscreen) {
  header.stAppHeader { display: none; }
  .stMainBlockContainer { padding-top: 0.8rem !important; }
}
@media (hover: none) and (pointer: coarse) { [class*="st-key-walk-"] button kbd { display: none; } }
@media (max-width: 640px) {
  .walk-gallery { grid-template-columns: 1fr 1fr; gap: 0.5rem; }
  .walk-gallery img { width: 100%; min-width: 0; }
}
</style>"""

_HTML = """<button type="button" class="full">Full screen <kbd>F</kbd></button><span class="why" role="status"></span>"""
_CSS = """
.full { font: inherit; font-size: 0.875rem; color: inherit; background: transparent;
  border: 1px solid color-mix(in srgb, currentColor 35%, transparent); border-radius: 0.5rem; min-height: 2.5rem;
  padding: 0.25rem 0.75rem; cursor: pointer; white-space: nowrap; }
.full:hover { border-color: currentColor; }
.full:focus-visible { outline: 3px solid #3a76c4; outline-offset: 2px; }
kbd { font: inherit; font-size: 0.8em; opacity: 0.75; border: 1px solid; border-radius: 4px; padding: 0 0.3em; margin-left: 0.3em; }
@media (hover: none) and (pointer: coarse) { kbd { display: none; } }
.why { font-size: 0.85rem; padding-left: 0.5rem; }
"""
# Only what the visitor does goes full screen: browsers allow it in answer to a key or a click alone. A presenter's remote control sends
# PageDown and PageUp, which turn the page's own buttons.
_JS = """
export default function({ parentElement }) {
  const root = document.documentElement;
  const button = parentElement.querySelector(".full");
  const why = parentElement.querySelector(".why");
  const refused = () => { why.textContent = "Press F11 for full screen: this browser does not allow it from a page."; };
  const turn = () => {
    if (document.fullscreenElement) { document.exitFullscreen(); return; }
    if (!root.requestFullscreen) { refused(); return; }
    root.requestFullscreen().catch(refused);
  };
  const marked = () => root.classList.toggle("walk-full", Boolean(document.fullscreenElement));
  const pressed = (event) => {
    const at = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (at && (at.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(at.tagName))) return;
    if (event.key === "f" || event.key === "F") { event.preventDefault(); turn(); }
    const side = { PageDown: "next", PageUp: "back" }[event.key];
    if (side) {
      const there = document.querySelector(`.st-key-walk-${side} button:not([disabled])`);
      if (there) { event.preventDefault(); there.click(); }
    }
  };
  button.addEventListener("click", turn);
  document.addEventListener("fullscreenchange", marked);
  document.addEventListener("keydown", pressed);
  marked();
  return () => {
    button.removeEventListener("click", turn);
    document.removeEventListener("fullscreenchange", marked);
    document.removeEventListener("keydown", pressed);
    root.classList.remove("walk-full");
  };
}
"""


def look() -> None:
    """The page's style; to be called once a run."""
    st.html(_LOOK)


@st.cache_resource(show_spinner=False)
def _button() -> Any:
    return component("foretell_full_screen", html=_HTML, css=_CSS, js=_JS)


def full_screen() -> None:
    """A button, and the key F, that fill the screen; where the browser refuses, a sentence says what to press."""
    _button()(key="walk-full-screen", width="content", height="content")
