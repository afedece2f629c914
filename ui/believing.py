"""How far to believe a map, in one word: right after what it says, and in a box with what speaks for it, against it and is not known."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explainers import Explanation, Score, render
from explainers.leaderboard.telling import record
from explainers.render.belief import CAUTION, HOLDS, NO_REASON, RULE, UNCHECKED, UNSETTLED

from . import leaderboard_page
from .result import Places
from .scores import Known
from .words import plain

_ICONS = {NO_REASON: "block", CAUTION: "warning", HOLDS: "check_circle", UNSETTLED: "balance", UNCHECKED: "help"}
_BEFORE = "_before-and-now"  # what the result is about, the one before it, and itself


def show(places: Places, e: Explanation, known: Known, further: Sequence[Score] = ()) -> None:
    """Fill both places; again once more is known (`further`)."""
    found = render.believe(e, [*known.scores, *further], known.still)
    if found is None:
        return
    icon = f":material/{_ICONS[found.level]}:"
    places.clause.markdown(f"{icon} **{plain(found.clause)}**")
    with places.box.container(border=True):
        st.markdown(f"**How far to believe this map**  \n{icon} **{plain(found.level)}**", help=RULE)
        if found.lines:
            st.markdown("\n".join(f"- **{head}:** {words}" for head, words in ((h, plain(w)) for h, w in found.lines)))
        board = leaderboard_page.board_of(e.model_fingerprint)
        if board is not None and (told := record(board, e.method)):
            st.caption(f"Not counted here: {plain(told)}")
            leaderboard_page.link(board)


def changed(e: Explanation, place: Places) -> None:
    """What turned against the result before it, of the same instance, method and target; nothing is asked of a model."""
    about = (e.task, e.model_fingerprint, e.instance_sha256, e.method, e.target)
    kept = st.session_state.get(_BEFORE)
    if kept is None or kept[0] != about:
        kept = (about, None, e)
    elif e.status != "partial" and kept[2].digest != e.digest:
        kept = (about, kept[2], e)
    st.session_state[_BEFORE] = kept
    said = "" if kept[1] is None or kept[2].digest != e.digest else render.changes(kept[1], e)
    if said:
        place.changed.markdown(f":material/compare_arrows: {plain(said)}")
