"""Checks that a person asked for beside a picture, as the address says them: opened again, it runs them again.

Only what was asked for by a button is there; what comes by itself comes by itself again. Of an instance that somebody typed nothing is.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from . import address, explaining
from .explaining import Wish

NAME = "checks"
SLOTS = {"scores": "scores", "more": "scores-again", "seeds": "agreement"}  # in the address -> where the work is held
SEEDS = "Agreement over seeds"  # the check that has to be chosen to be seen


def key(slot: str, wish: Wish) -> tuple[Any, ...]:
    return (slot, *wish.key)


def bind(wish: Wish) -> None:
    """What an opened address asks for is asked for of the picture that it opens, and of no other one that is chosen while that is under way."""
    for slot in SLOTS.values():
        if st.session_state.get(f"_wanted:{slot}") is True:
            st.session_state[f"_wanted:{slot}"] = key(slot, wish)


def is_wanted(slot: str, wish: Wish) -> bool:
    """Whether it was asked for of this very picture."""
    return explaining.wanted(slot, key(slot, wish))


def want(slot: str, wish: Wish) -> None:
    """It was asked for: the address says so from now on."""
    st.session_state[f"_wanted:{slot}"] = key(slot, wish)
    if not wish.private:
        address.add(NAME, said(wish))


def said(wish: Wish) -> str | None:
    """For the address; None for nothing."""
    found = [name for name, slot in SLOTS.items() if explaining.wanted(slot, key(slot, wish))]
    return ",".join(found) if found and not wish.private else None


def restore(names: str, explained: bool) -> None:
    """From an address that was opened; unknown names are passed over. Nothing is run where nothing is explained."""
    given = names.split(",") if explained else []
    for name, slot in SLOTS.items():
        if name in given:
            st.session_state[f"_wanted:{slot}"] = True
            st.session_state.pop(f"_wanted:{slot}-not", None)
        elif st.session_state.get(f"_wanted:{slot}") is True:
            del st.session_state[f"_wanted:{slot}"]
    if "seeds" in given:
        st.session_state["check"] = SEEDS
