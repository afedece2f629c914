"""The leaderboard's page: which methods' maps hold up over many instances, on one score at a time, and all of them in a table."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from explainers.leaderboard import Board, Leaderboard, as_csv, result, table
from explainers.leaderboard.artifact import BUNDLED, COMMAND, RANDOM
from explainers.leaderboard.chart import chart
from explainers.leaderboard.telling import better_is
from explainers.render.escape import file_name
from explainers.scores.sanity import LEAST_CHANGE
from explainers.scores.seeds import STABILITY
from explainers.tasks import bundled_tasks

from . import address, keep
from .words import plain

DARK = "#171614"  # as Streamlit's dark theme, near enough: the whole table has it
_BOARD, _SCORE = "leaderboard-board", "leaderboard-score"
_NOT_SAID = (
    "**Not which map is right.** Deletion, insertion and their kin ask whether the model's answer follows the map's order. "
    "Only the scores against masks and against known effects hold a map against a truth.",
    "**Not how it is for other data.** Each board is one model on instances of one task, drawn once.",
    "**Not what a method can do with more.** Each map had at most {calls} model calls; on pictures the settings are small, and are listed below.",
    "**Not which map helps a person.** That takes people: see studies.",
    "**A place is not a rank.** Methods whose places overlap cannot be told apart here. Each method is compared with random numbers at 95 %, "
    "so of forty that are no better than random about one would seem so by chance. A place allows for all comparisons of a method at once, so "
    "one that beats random numbers may still share a place with them.",
)


@st.cache_resource(max_entries=2, show_spinner=False)
def read(path: str, changed: float) -> Leaderboard:
    return Leaderboard.load(Path(path))


def board_of(fingerprint: str) -> Board | None:
    """The stored board of a model; None where there is none, or no leaderboard that can be read: its own page says what is wrong."""
    try:
        boards = read(str(BUNDLED), BUNDLED.stat().st_mtime).boards
    except (OSError, ValueError):
        return None
    return next((board for board in boards if board.model_fingerprint == fingerprint), None)


def link(board: Board) -> None:
    """To the board's numbers."""
    st.page_link("pages/leaderboard.py", label="The leaderboard", icon=":material/leaderboard:", query_params={"board": board.name})


def show() -> None:
    """The whole page."""
    st.title("Leaderboard", anchor=False)
    st.markdown(
        "Which maps hold up? Every method explained the same instances and every map was scored, so that luck on one does not count."
    )
    try:
        found = read(str(BUNDLED), BUNDLED.stat().st_mtime if BUNDLED.exists() else 0.0)
        if not found.boards:
            raise ValueError(f"The leaderboard is empty: build it with {COMMAND}.")
    except ValueError as problem:
        st.info(plain(str(problem)), icon=":material/block:")
        return
    board, score = _choices(found)
    address.write({"board": board.name, "score": score})
    _score(board, score)
    _warnings(board)
    st.subheader("All scores", anchor=False)
    _everything(board, score)
    _downloads(found, board)
    with st.expander("What it does not say", icon=":material/info:", expanded=True):
        st.markdown("\n".join(f"- {line}" for line in _NOT_SAID).format(calls=found.max_calls))
    with st.expander("How it was made", icon=":material/build:"):
        _making(found, board)


def _choices(found: Leaderboard) -> tuple[Board, str]:
    asked = address.read() or {}
    names = [board.name for board in found.boards]
    if asked.get("board") in names:
        keep.put(_BOARD, asked["board"])
    if keep.get(_BOARD) not in names:
        keep.put(_BOARD, next((board.name for board in found.boards if board.task in bundled_tasks()), names[0]))
    titles = {board.name: f"{board.title}: {board.model_title}" for board in found.boards}
    left, right = st.columns(2)
    with left:
        name = st.selectbox("Task and model", names, names.index(keep.fill(_BOARD, names[0])), key=_BOARD, format_func=titles.__getitem__)
    board = found.board(keep.note(_BOARD, name))
    scores = [column.name for column in board.columns]
    if asked.get("score") in scores:
        keep.put(_SCORE, asked["score"])
    if keep.get(_SCORE) not in scores:
        keep.put(_SCORE, "deletion" if "deletion" in scores else scores[0])
    with right:
        score = st.selectbox(
            "Score", scores, scores.index(keep.fill(_SCORE, scores[0])), key=_SCORE,
            format_func=lambda one: f"{one} ({better_is(board.column(one))})" if one in scores else one,
        )  # fmt: skip
    return board, keep.note(_SCORE, score)


def _score(board: Board, score: str) -> None:
    column = board.column(score)
    st.caption(f"{plain(board.what)}. {plain(column.meaning)}")
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in result(board, score)))
    st.altair_chart(chart(board, score), width="stretch", alt=" ".join(result(board, score)))
    n = max(row.cells[score].n for row in board.rows if score in row.cells)
    st.caption(
        f"Dots are means over {n} instances, lines their 95 % intervals; the dashed line is the mean of random numbers. "
        "Filled: the paired difference to random numbers, on the same instances, is surely on the better side. Two lines may overlap and the "
        "methods still differ, since they are compared instance by instance: the places below say what can be told."
    )
    st.html(table.one_score(board, score, _ground()))


def _warnings(board: Board) -> None:
    flagged = [row.title for row in board.rows if row.flagged and row.name != RANDOM]
    if flagged:
        st.warning(
            f"**Flagged: {plain(', '.join(flagged))}.** When the model's weights are drawn at random, these maps change by less than "
            f"{LEAST_CHANGE:g} on a scale from 0 to 1: they show the input more than they show this model.",
            icon=":material/warning:",
        )
    elif any("random weights" in column.name for column in board.columns):
        st.markdown(
            "No method is flagged: all maps change when the model's weights are drawn at random (random numbers never look at them)."
        )
    partial = [f"{row.title} ({row.partial} of {row.instances})" for row in board.rows if row.partial]
    if partial:
        st.markdown(f"Ended by the limit on model calls: {plain(', '.join(partial))}.")
    failed = [f"{row.title} ({row.failed} of {row.instances})" for row in board.rows if row.failed]
    if failed:
        st.markdown(f"Gave no map: {plain(', '.join(failed))}.")


def _everything(board: Board, score: str) -> None:
    st.html(table.every_score(board, score, _ground()))
    steady = f"{STABILITY}, sensitivity to noise and change under random weights over {board.steady_instances}"
    st.caption(
        f"Means over {board.instances} instances ({steady}), sorted by {plain(score)}, the arrow pointing to where better lies. "
        f"{table.FIRST}: no other method is surely ahead of this one; nothing is marked where that is so of all. Names in italics are no methods "
        "(random numbers, an edge detector and the like): they get no mark and do not count for it, though one of them may be ahead. –: the "
        "score cannot be taken of that map. Rest on a number for its interval, or choose its score above."
    )
    with st.expander("What the columns are", icon=":material/help:"):
        st.markdown("\n".join(f"- **{plain(name)}**: {plain(words)}" for name, words in table.glossary(board)))
    with st.expander("What a map cost", icon=":material/timer:"):
        st.html(table.costs(board, _ground()))
        st.caption("Seconds are of one processor, the median map; calls are means.")


def _ground() -> str:
    """The page's own colour, which must cover what scrolls beneath the names."""
    return DARK if st.context.theme.type == "dark" else "#ffffff"


def _downloads(found: Leaderboard, board: Board) -> None:
    with st.container(horizontal=True):
        name = file_name(f"leaderboard-{board.task}-{board.model}")
        st.download_button("This board (CSV)", as_csv(board), f"{name}.csv", "text/csv", icon=":material/download:", on_click="ignore")
        st.download_button(
            "All boards (CSV)", as_csv(*found.boards), "leaderboard.csv", "text/csv", icon=":material/download:", on_click="ignore"
        )
        st.download_button(
            "All boards (JSON)", found.to_json(), "leaderboard.json", "application/json", icon=":material/download:", on_click="ignore"
        )


def _making(found: Leaderboard, board: Board) -> None:
    said = f"Made {found.made}, seed {found.seed}, at most {found.max_calls} model calls a map, by this command"
    st.markdown(f"{said}, which after a stop goes on where it was:")
    st.code(COMMAND, language="bash")
    st.markdown("The random draws are those of the seed, so the same command gives the same numbers, but for the seconds.")
    rows = [
        {"method": row.title, "set to": ", ".join(f"{k} = {v}" for k, v in row.params.items()) or "its defaults"}
        for row in board.rows
        if not row.rival
    ]
    st.dataframe(pd.DataFrame(rows), hide_index=True, width="stretch", height="content", key="leaderboard-settings")
    if board.left_out:
        st.markdown("Left out, because they do not fit this model:")
        st.markdown("\n".join(f"- **{plain(one.title)}**: {plain(one.reason)}" for one in board.left_out))
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    st.caption(plain(f"{versions}. Model {board.model_fingerprint[:12]}, instances {board.instances_sha256[:12]}, scores {found.code}."))
