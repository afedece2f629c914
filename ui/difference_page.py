"""The page of set differences: choose two sets, type descriptions of one's own if one likes, see what tells the sets apart."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

import explainers
from explainers import Explanation, render
from explainers.difference import METHOD, MOST_DESCRIPTIONS, OWN, Params
from explainers.differences.asked import checkable
from explainers.differences.items import LEAST
from explainers.differences.order import SAID
from explainers.jobs import Job
from explainers.render.difference import csv_text, found, least
from explainers.render.escape import file_name
from explainers.render.texts import method_text
from explainers.render.words.set_difference import MEASURED

from . import address, background, difference_sets, downloads, explaining, forms, keep, notices, question, restoring, result
from .difference_sets import Sets
from .explaining import MAX_SEED
from .words import duration, plain

SLOT = "difference"
_SWAPPED, _OWN = "diff-swapped", "diff-own"
_EXAMPLES = {
    "image": "a bird\nthe background is snow",
    "text": "about cooking\nnot good",
    "tabular": "age > 45\nsex is Male and age <= 30",
}


@dataclass(frozen=True)
class Question:
    """Everything that decides the result: an `explaining.Asked`."""

    sets: Sets
    swapped: bool
    own: tuple[str, ...]
    propose: bool
    seed: int
    params: dict[str, Any]

    @property
    def key(self) -> tuple[Any, ...]:
        return (METHOD, *self.sets.key, self.swapped, self.own, self.propose, self.seed, json.dumps(self.params, sort_keys=True))

    @property
    def private(self) -> bool:
        return self.sets.private or bool(self.own)

    def work(self, job: Job) -> Explanation:
        turn = -1 if self.swapped else 1
        a, b = self.sets.read()[::turn]
        e = explainers.explain_difference(
            a, b, self.sets.modality, seed=self.seed, descriptions=list(self.own) or None, propose=self.propose, paired=self.sets.paired,
            names=self.sets.names[::turn], on_progress=Steady(job.on_progress), cancel=job.cancel, **self.params,
        )  # fmt: skip
        return self.sets.named(e, self.swapped)


class Steady:
    """Progress with a forecast that a person can believe: none in the first seconds, and never a longer one than before, for looking at the
    items takes most of the time and what follows little."""

    SILENT = 5.0  # seconds

    def __init__(self, tell: Callable[[float, float | None], None]):
        self.tell, self.started, self.end = tell, time.monotonic(), float("inf")

    def __call__(self, fraction: float, left: float | None) -> None:
        now = time.monotonic()
        if left is None or now - self.started < self.SILENT:
            self.tell(fraction, None)
            return
        self.end = min(self.end, now + left)
        self.tell(fraction, max(self.end - now, 0.0))


def show() -> None:
    """The whole page."""
    _restore()
    words = method_text(METHOD, "")
    st.title(words.title, anchor=False)
    st.markdown(plain(words.line))
    notices.show()
    st.subheader("1. Choose two sets", anchor=False)
    sets = _sets()
    if sets is None:
        return
    for note in sets.notes:
        st.caption(plain(note))
    if sets.too_small:
        st.error(plain(sets.too_small), icon=":material/error:")
        return
    asked = _settings(sets)
    st.subheader("3. What tells them apart", anchor=False)
    _run(asked)


def _restore() -> None:
    """Choose what the address says, when it is news."""
    settings = address.read()
    if settings is None:
        return
    said = [*restoring.task_and_instance({k: v for k, v in settings.items() if k in ("task", "model")}), *difference_sets.restore(settings)]
    wrong = forms.restore(Params, METHOD, settings)
    said += [f"The link sets {label} to what it cannot be: its usual value is used." for label in wrong]
    seed = settings.get("seed", "0")
    keep.put("diff-seed", int(seed) if seed.isascii() and seed.isdigit() and len(seed) < 9 and int(seed) <= MAX_SEED else 0)
    keep.put(_SWAPPED, settings.get("swapped") == "1")
    st.session_state[f"_wanted:{SLOT}"] = settings.get("explained") == "1" and not said
    notices.put(said)


def _sets() -> Sets | None:
    if difference_sets.source() == difference_sets.OWN:
        address.write({"own": 1})
        return difference_sets.uploaded()
    task = question.choose_task()
    return None if task is None else difference_sets.of_task(task)


def _swap() -> None:
    """From a callback: hold B against A."""
    keep.put(_SWAPPED, not keep.get(_SWAPPED, False))
    if st.session_state.get(f"_wanted:{SLOT}"):
        st.session_state[f"_wanted:{SLOT}"] = True


def _settings(sets: Sets) -> Question:
    swapped = bool(keep.get(_SWAPPED, False))
    turn = -1 if swapped else 1
    sizes = ["", ""] if sets.sizes is None else [f" ({n:,})" for n in sets.sizes[::turn]]
    with st.container(horizontal=True, vertical_alignment="center"):
        named = [
            (f"**{side}** is “{plain(name)}”{size}. " if name not in ("A", "B") else f"**{side}**: your set {name}{size}. ")
            for side, name, size in zip("AB", sets.names[::turn], sizes, strict=True)
        ]
        st.markdown("".join(named) + "Descriptions are sought that are truer of A.", width="stretch")
        st.button("Swap A and B", icon=":material/swap_horiz:", on_click=_swap)
    st.subheader("2. Descriptions", anchor=False)
    typed = st.text_area(
        "Your own descriptions, one a line (optional)", keep.fill(_OWN, ""), key=_OWN, height=80, max_chars=4000,
        placeholder=_EXAMPLES.get(sets.modality, ""),
        help="They are scored among the others and marked. Ctrl + Enter, or a click outside, hands them over.",
    )  # fmt: skip
    keep.note(_OWN, typed)
    own = tuple(dict.fromkeys(" ".join(line.split()) for line in (typed or "").splitlines() if line.strip()))
    if len(own) > MOST_DESCRIPTIONS:
        st.warning(f"Only the first {MOST_DESCRIPTIONS} of your {len(own)} descriptions are scored.", icon=":material/edit:")
        own = own[:MOST_DESCRIPTIONS]
    own = _checkable(own, sets)
    with st.expander("Settings", icon=":material/tune:", key="settings-difference"):
        propose = not st.toggle(
            "Score only my own descriptions", keep.fill("diff-only-own", False), key="diff-only-own", disabled=not own,
            help="All items are then tested on; else one half of them is used to find descriptions.",
        )  # fmt: skip
        keep.note("diff-only-own", not propose)
        seed = st.number_input("Seed", 0, MAX_SEED, keep.fill("diff-seed", 0), key="diff-seed", help="Decides which half is tested on.")
        keep.note("diff-seed", seed)
        params = forms.parameters(Params, METHOD)
    asked = Question(sets, swapped, own, propose or not own, int(seed or 0), params)
    _write(asked)
    return asked


def _checkable(own: tuple[str, ...], sets: Sets) -> tuple[str, ...]:
    """Without those that cannot be checked on rows of a table; the page says why."""
    if sets.modality != "tabular" or not own:
        return own
    test = sets.items[0] if sets.task is None else sets.task.instances("test")
    kept, problems = checkable(own, [test[i] for i in range(min(len(test), LEAST))])
    for problem in problems:
        st.warning(plain(problem), icon=":material/edit:")
    return tuple(kept)


def _write(asked: Question) -> None:
    """Uploads and typed words stay out of the address."""
    more = {"swapped": 1 if asked.swapped else None, "seed": asked.seed or None, **forms.addressable(Params, asked.params)}
    explained = 1 if explaining.wanted(SLOT, asked.key) and not asked.private else None
    address.write({**asked.sets.address, **more, "explained": explained})


def _run(asked: Question) -> None:
    """The button, the work, the result."""
    if explaining.wanted(SLOT, asked.key):
        st.session_state[f"_wanted:{SLOT}"] = asked.key
    if st.button("Find differences", type="primary", icon=":material/play_arrow:"):
        st.session_state[f"_wanted:{SLOT}"] = asked.key
        st.session_state.pop(f"_left:{SLOT}", None)
        _write(asked)
    if not explaining.wanted(SLOT, asked.key):
        background.drop(SLOT)
        if isinstance(st.session_state.get(f"_wanted:{SLOT}"), tuple):
            st.caption("The result that was here was of other choices. Press *Find differences* for one of these.")
        return
    with st.empty().container():
        e = explaining.run_safely(SLOT, asked)
        if e is not None:
            _result(e, asked)


def _result(e: Explanation, asked: Question) -> None:
    said = plain(render.sentence(e))
    if e.status == "partial":
        st.warning("You stopped it: what follows is only what was tested until then." + _untested(e, asked), icon=":material/timelapse:")
    something = found(e)
    if something:
        st.markdown(said)
    else:
        st.info(said, icon=":material/search_off:")
    for caveat in e.caveats:
        st.markdown(f"{':material/sort:' if caveat == SAID else ':material/warning:'} {plain(caveat)}")
    sensitive = _sensitive(e, asked.sets)
    if sensitive:
        st.markdown(f":material/shield_person: **Sensitive attributes in what was found:** {plain(', '.join(sensitive))}")
    if something:
        result.draw_chart(e, "chart-difference")
    right = st.container()
    if e.payload.candidates:  # else there is nothing to show beside: no description was proposed, or it was stopped before
        left, right = st.columns([3, 2], gap="large")
        left.html(render.figure(e))
    with right:
        measured = ((MEASURED.get(name, name), sees) for name, sees in e.payload.sees.items())
        trust = [f"- **By {plain(by)}**: {plain(sees)}" for by, sees in measured]
        if trust:
            st.markdown("#### How far to trust it")
            st.markdown("\n".join([*trust, *([f"- {plain(least(e))}"] if something and least(e) else [])]))
        st.markdown("#### What it does not say")
        st.markdown("\n".join(f"- {plain(line)}" for line in method_text(METHOD, e.modality).not_said))
    if e.payload.candidates:
        with st.expander("All numbers as a table" if something else "Everything that was tried, as a table", icon=":material/table:"):
            st.dataframe(pd.read_csv(io.StringIO(csv_text(e))), hide_index=True)
    proposed = sum(c.proposer != OWN for c in e.payload.candidates)
    most = f"{proposed} proposed descriptions tested, of at most {e.params['most']} · " if asked.propose else ""
    looked = (
        f"the measuring models looked at {e.cost.calls_asked:,} items or words, {e.cost.calls_made:,} of them new, {duration(e.cost.seconds)} · "
        if e.cost.calls_asked
        else ""  # columns are read, not asked of a model
    )
    st.caption(f"{most}seed {e.seed} · {looked}digest {e.digest[:12]}")
    downloads.menu(e, "", further=_further(e))
    if asked.private and not asked.sets.private:
        st.caption("The address opens this page without the descriptions you typed.")


def _untested(e: Explanation, asked: Question) -> str:
    """How many of one's own descriptions were not reached."""
    tested = {c.description for c in e.payload.candidates}
    left = sum(text not in tested for text in asked.own)
    return f" Of your own {len(asked.own)} descriptions {left} were not tested." if left else ""


def _sensitive(e: Explanation, sets: Sets) -> list[str]:
    """The task's sensitive attributes that what was found speaks of."""
    names = () if sets.task is None else sets.task.card.sensitive
    parts = [part for c in e.payload.found for part in c.description.split(" and ")]
    return [name.replace("_", " ") for name in names if any(part.startswith(f"{name} ") for part in parts)]


def _further(e: Explanation) -> list[tuple[str, Any, str, str]]:
    """The numbers as a table and, for pictures, a contact sheet."""
    stem = file_name(f"{METHOD}-{e.digest[:8]}")
    more: list[tuple[str, Any, str, str]] = [("Table (CSV)", lambda: csv_text(e).encode(), f"{stem}.csv", "text/csv")]
    if e.modality == "image" and e.payload.candidates:
        more.append(("Contact sheet (PNG)", lambda: _sheet(e), f"{stem}-sheet.png", "image/png"))
    return more


def _sheet(e: Explanation) -> bytes:
    buffer = io.BytesIO()
    picture = render.image(e)
    if picture is not None:
        picture.save(buffer, "PNG")
    return buffer.getvalue()
