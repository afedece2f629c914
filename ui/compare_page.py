"""The compare page: one instance, any methods side by side, any two models side by side; how far they agree and what each costs."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

import explainers
from explainers import Explanation, Task
from explainers.agreement import agreement
from explainers.render.texts import method_text

from . import address, background, explaining, guess, instances, keep, notices, question, restoring, result, startup
from .explaining import MAX_SEED, Wish
from .instances import Choice
from .words import percent, plain

DEFAULTS = ("lime", "anchors")
SEEDS = 5
NO_OTHER = ""

COMPARE = "Compare"


@dataclass(frozen=True)
class Cell:
    """One explanation on the page: of which model, by which method."""

    title: str
    wish: Wish

    @property
    def slot(self) -> str:
        return f"compare-{self.wish.task.model_name}-{self.wish.method}"


def show() -> None:
    """The whole page."""
    _restore()
    st.title("Compare", anchor=False)
    st.markdown("Several methods, or two models, on one instance: where they agree, and what each costs.")
    notices.show()
    task = question.choose_task()
    if task is None:
        return
    st.subheader("1. Choose an instance", anchor=False)
    with st.expander("Choose another", icon=":material/list:") if st.session_state.get("_arrived") else st.container():
        choice = instances.choose(task, hide_answers=False)
    if choice is None or (answer := question.answer_of(task, choice)) is None:
        return
    st.subheader("2. The model's answer", anchor=False)
    question.show_instance(choice)
    question.show_answer(task, choice, answer)
    guess.showed(task, choice)
    st.subheader("3. Choose what to compare", anchor=False)
    methods, other, seed = _choices(task)
    tasks = [task] if other is None else [task, other]
    if other is not None:
        _show_other(other, choice)
    cells = [Cell(_title(t, m, len(tasks) > 1), Wish(m, t, choice, None, seed, {})) for m in methods for t in tasks if _fits(t, m)]
    _write_address(task, choice, methods, other, seed)
    key = tuple(cell.wish.key for cell in cells)
    if explaining.wanted("compare", key):
        st.session_state["_wanted:compare"] = key
    if st.button(COMPARE, type="primary", icon=":material/play_arrow:", disabled=not cells):
        st.session_state["_wanted:compare"] = key
        for cell in cells:
            explaining.anew(cell.slot, cell.wish)
        _write_address(task, choice, methods, other, seed)
    if not cells:
        st.info("Choose at least one method.", icon=":material/checklist:")
    elif explaining.wanted("compare", key):
        _side_by_side(cells, columns=3 if len(cells) in (3, 5, 6) else 2)


def _restore() -> None:
    """Choose what the address says, when it is news."""
    settings = address.read()
    if settings is None:
        return
    said = restoring.task_and_instance(settings)
    known = explainers.method_names()
    named = [m for m in settings.get("methods", "").split(",") if m]
    if any(m not in known for m in named):
        said.append("The link names a method that is not here: it is left out.")
    keep.put("compare-methods", [m for m in named if m in known] or list(DEFAULTS))
    keep.put("compare-other", settings.get("other", NO_OTHER))
    seed = settings.get("seed", "0")
    keep.put("compare-seed", int(seed) if seed.isascii() and seed.isdigit() and len(seed) < 9 and int(seed) <= MAX_SEED else 0)
    opened = settings.get("explained") == "1" and not said
    st.session_state["_wanted:compare"] = opened
    st.session_state["_arrived"] = opened
    notices.put(said)


def _write_address(task: Task, choice: Choice, methods: list[str], other: Task | None, seed: int) -> None:
    place = {"own": 1} if choice.private else {"id": f"test-{choice.row}"}
    wanted = st.session_state.get("_wanted:compare")
    address.write(
        {
            "task": task.name, "model": task.model_name, **place, "methods": ",".join(methods), "other": other and other.model_name,
            "seed": seed or None, "explained": 1 if wanted and not choice.private else None,
        }
    )  # fmt: skip


def _choices(task: Task) -> tuple[list[str], Task | None, int]:
    """Methods, a second model if any, and the seed."""
    offered = [m.name for m in explainers.methods(task) if m.fits]
    chosen = [m for m in keep.fill("compare-methods", list(DEFAULTS)) if m in offered]
    keep.put("compare-methods", chosen)
    methods = st.pills("Methods", offered, selection_mode="multi", key="compare-methods", format_func=lambda m: method_text(m, "").title)
    keep.note("compare-methods", methods)
    models = [NO_OTHER, *(m for m in task.models if m != task.model_name)]
    if keep.get("compare-other") not in models:
        keep.put("compare-other", NO_OTHER)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = st.selectbox(
            "Beside it, a second model", models, models.index(keep.fill("compare-other", NO_OTHER)), key="compare-other", width=300,
            format_func=lambda m: "none" if m == NO_OTHER else task.entries[m].title,
        )  # fmt: skip
        seed = st.number_input("Seed", 0, MAX_SEED, keep.fill("compare-seed", 0), key="compare-seed", width=140)
    keep.note("compare-other", other)
    keep.note("compare-seed", seed)
    left_out = [m for m in explainers.methods(task) if not m.fits]
    if left_out:
        st.caption("Not for this model: " + " ".join(plain(f"{method_text(m.name, '').title}: {m.reason}") for m in left_out))
    return [m for m in offered if m in methods], startup.task(task.name, other) if other else None, int(seed)


def _fits(task: Task, method: str) -> bool:
    return any(m.name == method and m.fits for m in explainers.methods(task))


def _title(task: Task, method: str, with_model: bool) -> str:
    name = method_text(method, task.modality).title
    return f"{name} · {task.entry.title}" if with_model else name


def _show_other(other: Task, choice: Choice) -> None:
    answer = question.answer_of(other, choice, "answer-other")
    if answer is not None:
        said = int(answer.argmax())
        st.markdown(f"{plain(other.entry.title)} says **{plain(other.class_names[said])}**, {percent(float(answer[said]))} sure.")


def _side_by_side(cells: list[Cell], columns: int) -> None:
    """Every cell on its own: one that fails or takes long leaves the others standing."""
    found: dict[str, Explanation] = {}
    for row in [cells[i : i + columns] for i in range(0, len(cells), columns)]:
        for column, cell in zip(st.columns(columns, gap="large"), row, strict=False):
            with column, st.container(border=True):
                st.markdown(f"#### {plain(cell.title)}")
                e = explaining.run_safely(cell.slot, cell.wish, None, 0.0 if found else background.PATIENCE)
                if e is None:
                    continue
                found[cell.slot] = e
                if e.status == "partial":
                    st.info(result.partial_sentence(e, explaining.stopped_at(cell.slot, cell.wish), COMPARE), icon=":material/timelapse:")
                result.glance(e, cell.slot)
                for score in e.quality[:2]:
                    result.score_line(score)
                st.caption(result.cost_sentence(e))
    if len(found) == len(cells):
        _together([(cell, found[cell.slot]) for cell in cells])


def _together(shown: list[tuple[Cell, Explanation]]) -> None:
    """What the cells cost together, and how far they agree."""
    st.subheader("4. Together", anchor=False)
    asked, made = sum(e.cost.calls_asked for _, e in shown), sum(e.cost.calls_made for _, e in shown)
    saved = f" Of these, {percent(1 - made / asked)} were known already and cost nothing." if made < asked else ""
    st.markdown(f"They asked for **{asked:,}** model calls, **{made:,}** of them new.{saved}")
    pairs = [pair for pair in itertools.combinations(shown, 2) if _comparable(*pair)]
    if not pairs:
        st.caption("Nothing here can be compared part by part.")
        return
    st.markdown("##### Agreement")
    runs = _more_seeds(shown)
    if runs is None:
        return
    for (a, first), (b, second) in pairs:
        found = agreement(runs.get(a.slot, [first]), runs.get(b.slot, [second]))
        if found is not None:
            st.markdown(f"**{plain(a.title)}** and **{plain(b.title)}**: {result.agreement_sentence(found, first.modality)}")
    st.caption(
        "Methods ask different questions, so they need not agree. Overlap does not ask which way a part counts; on an input of few parts "
        "chance alone gives much of it."
    )


def _comparable(a: tuple[Cell, Explanation], b: tuple[Cell, Explanation]) -> bool:
    """Two methods on one model, or one method on two models; two of each would say nothing about either."""
    first, second = a[0].wish, b[0].wish
    alike = first.method == second.method or first.task.model_name == second.task.model_name
    return alike and agreement([a[1]], [b[1]]) is not None


def _more_seeds(shown: list[tuple[Cell, Explanation]]) -> dict[str, list[Explanation]] | None:
    """The same explanations over further seeds, once they were asked for: by slot, seed for seed. None while they are drawn."""
    key = ("compare-seeds", *(cell.wish.key for cell, _ in shown))
    if not explaining.wanted("compare-seeds", key):
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(f"Draw {SEEDS - 1} more seeds, for intervals", icon=":material/casino:"):
                st.session_state["_wanted:compare-seeds"] = key
                st.rerun()
            st.caption(f"About {(SEEDS - 1) * sum(e.cost.calls_asked for _, e in shown):,} model calls")
        return {}

    def work(job: Any) -> dict[str, list[Explanation]]:
        runs = {cell.slot: [e] for cell, e in shown}
        tasks = [(cell, i) for i in range(1, SEEDS) for cell, _ in shown]
        for done, (cell, i) in enumerate(tasks):
            drawn = np.random.SeedSequence([cell.wish.seed, i]).generate_state(1)[0]
            other = cell.wish.with_seed(int(drawn))
            runs[cell.slot].append(
                explainers.explain(other.method, other.task, other.choice.instance, seed=other.seed, cancel=job.cancel, **other.params)
            )
            job.on_progress((done + 1) / len(tasks), None)
        if job.cancel.is_set():
            raise ValueError("The seeds were not drawn to their end: start again to see the intervals.")
        return runs

    ticket = background.hold("compare-seeds", key, work, shown[0][0].wish.choice.private)
    ticket.job.finished.wait(background.PATIENCE)
    if ticket.job.live:
        explaining.watch("compare-seeds", ticket, None, None)
        return None
    if ticket.job.error:
        st.session_state.pop("_wanted:compare-seeds", None)
        background.drop("compare-seeds")
        st.error(plain(ticket.job.error), icon=":material/error:")
        return {}
    runs: dict[str, list[Explanation]] = ticket.job.result
    return runs
