"""The box "Does this help people?": what studies with people found of a method. Most found no help, and it says so."""

from __future__ import annotations

import streamlit as st

from studies.published import RATINGS, SOURCE, Evidence, evidence

from .words import plain


def box(method: str, modality: str) -> None:
    """What is known of whether the method helps people foretell a model."""
    known = evidence(method, modality)
    with st.container(border=True, key=f"helps-{method}"):
        st.markdown("**:material/groups: Does this help people?**  \n" + plain(sentence(known)))
        source = f"{SOURCE}. {RATINGS} " if known.tested else ""
        st.caption(plain(f"{source}Results of your own studies will stand here."))


def sentence(known: Evidence) -> str:
    """The evidence in plain words."""
    if not known.tested:
        return "Not known: no study that we know of measured whether seeing this helps people foretell a model on such inputs."
    if not known.effects:
        return f"Not known: people who saw it were not clearly better at foretelling the model than before. {known.limits}"
    said = " ".join(
        f"Yes, in one study, with such a display: after seeing it people foretold the model's answer {e.where}, "
        f"{e.points:.2f} percentage points more often (95 % interval {e.low:.1f} to {e.high:.1f}, p = {e.p:.3f})."
        for e in known.effects
    )
    return f"{said} {known.limits}"
