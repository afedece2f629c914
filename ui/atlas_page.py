"""The atlas page: a map of all prototypes of a network that one can browse, with how often each decides."""

from __future__ import annotations

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from explainers import Task
from explainers.atlas import Atlas, AtlasPrototype, atlas
from explainers.render import colours

from . import address, background, keep, notices, pictures, question, restoring
from .words import one_line, percent, plain

SHAPES = ("circle", "triangle-down", "square", "diamond")
CLASS_COLOURS = (colours.AWAY, colours.TOWARD, "#6b7280", "#0d9488")
MOST_POINTS = 2_000  # test instances behind the prototypes
HEIGHT = 460


def show() -> None:
    """The whole page."""
    settings = address.read()
    if settings is not None:
        notices.put(restoring.task_and_instance(settings))
    st.title("Atlas of prototypes", anchor=False)
    st.markdown(
        "A prototype network answers by the training instance that is most like what it is shown. Here are all of them: "
        "near each other on the map if the network sees them as alike, larger the more test instances each decides."
    )
    notices.show()
    task = question.choose_task()
    if task is None:
        return
    address.write({"task": task.name, "model": task.model_name})
    try:
        found = background.quick("atlas", ("atlas", task.name, task.model_name), lambda: atlas(task), "Reading the prototypes…")
    except ValueError as problem:
        st.info(plain(str(problem)), icon=":material/block:")
        return
    if found is not None:
        _atlas(task, found)


def _atlas(task: Task, found: Atlas) -> None:
    used = sum(p.used for p in found.prototypes)
    _summary(task, found, used)
    order = sorted(found.prototypes, key=lambda p: (-p.used, p.number))
    key = f"atlas-{found.network}"
    picked = _picked(st.session_state.get(f"{key}-map"))
    if picked is not None and picked != st.session_state.get(f"{key}-seen"):
        st.session_state[f"{key}-seen"] = picked
        keep.put(key, picked)
    left, right = st.columns([3, 2], gap="large")
    with left:
        st.altair_chart(_map(found), key=f"{key}-map", on_select="rerun", selection_mode="picked", alt=_alt(found))
        apart = "" if found.explained > 0.95 else ", so what lies close here can be farther apart in truth"
        st.caption(
            "Small dots are test instances, hollow shapes are prototypes that are never used. "
            f"The map shows {percent(found.explained)} of how they differ to the network{apart}. "
            "Click a prototype, or choose it in the list."
        )
    with right:
        numbers = [p.number for p in order]
        by_number = {p.number: p for p in order}
        chosen = keep.note(
            key,
            st.selectbox(
                "Prototype", numbers, numbers.index(keep.fill(key, numbers[0])), key=key,
                format_func=lambda n: f"{n} · {found.class_names[by_number[n].class_index]} · decides {by_number[n].used:,}",
            ),
        )  # fmt: skip
        _prototype(task, found, by_number[chosen], used)
    st.subheader("All of them", anchor=False)
    st.dataframe(_table(found, order), hide_index=True, width="stretch", key=f"{key}-table")


def _summary(task: Task, found: Atlas, used: int) -> None:
    title = task.entries[found.network].title if found.network in task.entries else found.network
    unused = found.unused
    never = "Each decides at least one." if not unused else f"**{len(unused)} are never used** (numbers {', '.join(map(str, unused))})."
    top = sorted((p.used for p in found.prototypes), reverse=True)[:5]
    st.markdown(
        f"**{plain(title)}** has **{len(found.prototypes)} prototypes**. {never} "
        f"The five most used decide {percent(sum(top) / max(used, 1))} of {used:,} test instances."
    )


def _map(found: Atlas) -> alt.LayerChart:
    """Test instances as faint dots, prototypes as shapes of their class, area by use; unused ones hollow."""
    names = found.class_names
    rng = np.random.default_rng(0)
    some = np.sort(rng.choice(len(found.points), min(MOST_POINTS, len(found.points)), replace=False))
    rows = pd.DataFrame(
        {
            "x": [p.x for p in found.prototypes], "y": [p.y for p in found.prototypes], "number": [p.number for p in found.prototypes],
            "class": [names[p.class_index] for p in found.prototypes], "decides": [p.used for p in found.prototypes],
            "what": [one_line(p.instance, 90) for p in found.prototypes], "filled": [0.75 if p.used else 0.0 for p in found.prototypes],
        }
    )  # fmt: skip
    axis = alt.Axis(labels=False, ticks=False, grid=False, domain=False, title=None)
    x, y = alt.X("x:Q", axis=axis, scale=alt.Scale(zero=False)), alt.Y("y:Q", axis=axis, scale=alt.Scale(zero=False))
    shades = alt.Scale(domain=names, range=[CLASS_COLOURS[i % len(CLASS_COLOURS)] for i in range(len(names))])
    shapes = alt.Scale(domain=names, range=[SHAPES[i % len(SHAPES)] for i in range(len(names))])
    legend = alt.Legend(title="prototype of", orient="top")
    dots = (
        alt.Chart(pd.DataFrame(found.points[some], columns=["x", "y"])).mark_circle(size=6, opacity=0.25, color="#8a8f99").encode(x=x, y=y)
    )
    prototypes = (
        alt.Chart(rows)
        .mark_point(strokeWidth=2, cursor="pointer")
        .encode(
            x=x, y=y,
            color=alt.Color("class:N", scale=shades, legend=legend),
            fill=alt.Fill("class:N", scale=shades, legend=None),
            shape=alt.Shape("class:N", scale=shapes, legend=legend),
            size=alt.Size("decides:Q", scale=alt.Scale(range=[60, 900]), legend=None),
            fillOpacity=alt.FillOpacity("filled:Q", scale=None, legend=None),
            tooltip=[alt.Tooltip("number:Q"), alt.Tooltip("class:N"), alt.Tooltip("decides:Q"), alt.Tooltip("what:N")],
        )
        .add_params(alt.selection_point(name="picked", fields=["number"]))
    )  # fmt: skip
    return alt.layer(dots, prototypes).properties(height=HEIGHT).configure_view(stroke=None)


def _picked(state: Any) -> int | None:
    """Number of the prototype that was clicked."""
    points = (state or {}).get("selection", {}).get("picked", [])
    return int(points[0]["number"]) if points and "number" in points[0] else None


def _alt(found: Atlas) -> str:
    return f"A map of {len(found.prototypes)} prototypes; the table below holds the same."


def _prototype(task: Task, found: Atlas, one: AtlasPrototype, used: int) -> None:
    name = plain(found.class_names[one.class_index])
    if one.used:
        right = "" if one.right is None else f" On {percent(one.right / one.used)} of them that is right."
        st.markdown(f"Decides **{one.used:,}** of {used:,} test instances ({percent(one.used / used)}): it says **{name}**.{right}")
    else:
        st.markdown(f"**Never used**: of no test instance is it the closest prototype. Its class is **{name}**.")
    if isinstance(one.instance, Image.Image):
        pictures.show(one.instance, min(320, one.instance.width))
    elif isinstance(one.instance, dict):
        st.markdown(" · ".join(f"{plain(k)} **{plain(str(v))}**" for k, v in one.instance.items()))
    else:
        with st.container(border=True):
            st.markdown(plain(str(one.instance)))
    label = "" if one.label is None else f", labelled {plain(found.class_names[one.label])}"
    st.caption(f"Training instance {one.source_index:,}{label}.")
    rows = np.flatnonzero(found.closest == one.number)[:3]
    if len(rows):
        st.markdown("Test instances that it decides:")
        for row in rows:
            st.page_link(
                "pages/prototypes.py", label=plain(one_line(task.instances("test")[int(row)], 80)), icon=":material/arrow_forward:",
                query_params={"task": task.name, "model": task.model_name, "id": f"test-{row}", "explained": "1"},
            )  # fmt: skip


def _table(found: Atlas, order: list[AtlasPrototype]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "number": [p.number for p in order],
            "class": [found.class_names[p.class_index] for p in order],
            "decides": [p.used for p in order],
            "right, %": [round(100 * p.right / p.used, 1) if p.used and p.right is not None else None for p in order],
            "training instance": [p.source_index for p in order],
            "what": [one_line(p.instance, 160) for p in order],
        }
    )
