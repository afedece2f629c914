"""The page of the attribution maps: one page for all methods that give every part, or every pixel, a number."""

from __future__ import annotations

import streamlit as st

import explainers
from explainers import Task
from explainers.leaderboard import best
from explainers.methods import MAPS, spec
from explainers.render.texts import method_text

from . import address, keep, leaderboard_page, method_page
from .words import plain

GROUPS = {
    "By gradients": ("integrated_gradients", "gradient_shap", "deeplift", "input_x_gradient", "saliency", "gradcam"),
    "By leaving parts out": ("occlusion", "rise"),
    "Shapley values": ("shap_tree", "shap_partition", "shap_kernel", "shap_permutation"),
    "Attention": ("attention_rollout", "attention_weights"),
    "To be beaten": ("random",),
}
_KEY = "map-method"
_GIVEN_UP = "_map-method-given-up"  # a method that was asked for and does not fit, and the one shown instead
_LINE = "Every word, value or pixel gets a number. Choose how it is made, see what it says, and whether it beats a random map on this very input."


def show() -> None:
    """The whole page."""
    named = (address.read() or {}).get("method")
    if named in [m for m in explainers.method_names() if spec(m).family == MAPS]:
        keep.put(_KEY, named)
    method_page.show(keep.get(_KEY) or "integrated_gradients", _choose, "Attribution maps", _LINE)


def _choose(task: Task) -> str:
    """A method that fits the task; those that do not are named with their reasons."""
    offered = {m.name: m for m in explainers.methods(task) if m.family == MAPS}
    order = [name for group in GROUPS.values() for name in group if name in offered] + [n for n in offered if not _group(n)]
    fitting = [name for name in order if offered[name].fits]
    asked = keep.get(_KEY)
    if asked not in fitting:
        keep.put(_KEY, fitting[0])
    current = fitting.index(keep.fill(_KEY, fitting[0]))
    label = lambda name: f"{offered[name].title} ({_group(name)})" if _group(name) else offered[name].title  # noqa: E731
    method = st.selectbox("Method", fitting, current, key=_KEY, format_func=label)
    keep.note(_KEY, method)
    st.caption(plain(method_text(method, task.modality).line))
    if asked in offered and asked not in fitting:
        st.info(
            plain(f"{offered[asked].title} is not for this model, so another is shown. {offered[asked].reason}"), icon=":material/block:"
        )
    _best(task)
    with st.expander("What each of them does", icon=":material/list:"):
        st.markdown("\n\n".join(_lines(group, [n for n in fitting if _group(n) == group], task) for group in (*GROUPS, "")).strip())
    misfits = [name for name in order if not offered[name].fits]
    if misfits:
        many = "1 method does" if len(misfits) == 1 else f"{len(misfits)} methods do"
        with st.expander(f"{many} not fit this model", icon=":material/block:"):
            st.markdown("\n".join(f"- **{plain(offered[name].title)}**: {plain(offered[name].reason)}" for name in misfits))
    return method


def _best(task: Task) -> None:
    """Which method the leaderboard puts first for this model, where it has a board of it."""
    board = leaderboard_page.board_of(task.model.fingerprint)
    said = [] if board is None else best(board)
    if board is None or not said:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(plain(" ".join(said)))
        leaderboard_page.link(board)


def _lines(group: str, names: list[str], task: Task) -> str:
    """A group of methods, each with its one line; "" for none."""
    if not names:
        return ""
    texts = [method_text(name, task.modality) for name in names]
    return f"**{group or 'Others'}**\n" + "\n".join(f"- **{plain(text.title)}**: {plain(text.line)}" for text in texts)


def _group(name: str) -> str:
    return next((group for group, names in GROUPS.items() if name in names), "")
