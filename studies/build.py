"""From a design to materials: items, their explanations in each arm, their screens, and tests for leaks.

materials = build(design, "folder/")       # slow; goes on where it was when it is called again with the same design
materials.blocked                          # leak tests that failed: such materials cannot be frozen
materials.folder / "report.md"             # what was found, for a person
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from explainers import Explanation

from .arms import Arms, Artifact, check_cancel
from .candidates import input_file
from .checks import checked_task, labels_of, published
from .design import PLACEBO, Design
from .forecast import design_forecast
from .items import COUNTERFACTUAL, FORWARD, LEARN, SETS, Item
from .leaks import Checked, leaks
from .likeliness import likeliness
from .materials import MANIFEST, PLAIN, About, Materials, check_not_anothers, check_not_frozen
from .pool import pool
from .report import REPORT, report
from .screens import Screens
from .selection import Candidate
from .session import Chosen, Progress, Session
from .tidy import tidy
from .workfiles import Work, key_of


def build(design: Design, folder: str | Path, on_progress: Progress | None = None, cancel: threading.Event | None = None) -> Materials:
    """The materials of a design, in a folder.

    on_progress  on_progress(fraction, seconds_left or None); seconds_left is None as long as the model was not timed. Nothing is printed without it
    cancel       threading.Event; ends as ValueError, and what is done is kept in folder/work for the next call

    A folder with finished materials of the same design and model is read and returned at once; those of another design are replaced, unless they were
    frozen. What the design names is looked at first. Raises ValueError with one sentence: for a design the task cannot meet, with the largest that
    it can.
    """
    task = checked_task(design)
    labels = labels_of(design, task)
    check_not_anothers(Path(folder))
    work = Work(Path(folder))
    public = published(design, task)
    key = key_of("materials 3", public.to_dict(), task.model.fingerprint)
    if work.get("finished", "key", key) and (Path(folder) / MANIFEST).is_file():
        return Materials.load(folder)
    check_not_frozen(Path(folder))
    arms = Arms(task, design, work, cancel)
    check_cancel(cancel)
    if on_progress is not None:
        on_progress(0.0, None)
    session = Session(task, design, pool(task, design.seed), work, arms, on_progress, cancel)
    for own in arms.own.values():
        own.check(task, session.pool.candidates)
    chosen = session.settle()
    if on_progress is not None:
        on_progress(0.98, None)
    materials = _written(session, arms, chosen, labels, public, Path(folder))
    work.put("finished", "key", key, True)
    if on_progress is not None:
        on_progress(1.0, 0.0)
    return materials


# --- writing ----------------------------------------------------------------------------------------------------------


def _written(session: Session, arms: Arms, chosen: Chosen, labels: list[str], public: Design, folder: Path) -> Materials:
    design, task = session.design, session.task
    items, by_id = _items(chosen, design.seed)
    inputs = {item.id: session.instance(by_id[item.id]) for item in items}
    changed = {item.id: chosen.changed[item.sha256][1] for item in items if item.set == COUNTERFACTUAL}
    shown = _artifacts(session, chosen, items, by_id)
    screens = _screens(Screens(design.texts, task.modality, labels), items, inputs, changed, shown)
    named = task.groups("test")
    groups = {item.id: by_id[item.id].groups for item in items}
    for item in items:
        if item.set == COUNTERFACTUAL and named:
            groups[item.id] = groups[item.id].union(*(named[row] for row in chosen.changed[item.sha256][0].rows))
    share = len(session.explained) / session.tried if session.tried else None
    own = frozenset(design.own)
    found = leaks(Checked(task, design.texts, labels, items, inputs, changed, groups, shown, screens, share, chosen.apart, own))
    odd = likeliness(task, items, inputs, changed)
    found += [odd] if odd is not None else []
    forecast = design_forecast(design, task)
    counts = {**session.pool.counts, **dict(sorted(session.dropped.items()))}
    spent = session.work.spent
    calls = {"answers to the test data": session.pool.calls, **spent.calls_of_all()}
    placebo_of = arms.placebo_of if PLACEBO in design.arms else ""
    about = About(
        task.name,
        task.modality,
        task.model_name,
        task.model.fingerprint,
        labels,
        counts,
        found,
        forecast.minutes,
        calls=calls,
        placebo_of=placebo_of,
    )
    files = {path: html.encode() for path, html in screens.items()}
    for name, instances in (("", inputs), ("-changed", changed)):
        for item_id, instance in instances.items():
            suffix, content = input_file(instance)
            files[f"inputs/{item_id}{name}{suffix}"] = content
    for arm, by_item in shown.items():
        for item_id, artifact in by_item.items():
            path = f"explanations/{arm}/{item_id}"
            files[f"{path}.json" if isinstance(artifact, Explanation) else f"{path}.png"] = (
                artifact.to_json(indent=1).encode() if isinstance(artifact, Explanation) else artifact
            )
    _clear(folder)
    made = Materials.write(folder, public, about, items, files)
    (folder / REPORT).write_text(report(made, forecast, spent.seconds_of_all()), encoding="utf8")
    return made


def _items(chosen: Chosen, seed: int) -> tuple[list[Item], dict[str, Candidate]]:
    """Items with ids that tell nothing: numbered in a random order within set and form."""
    rng = np.random.Generator(np.random.PCG64([seed, 7]))
    items: list[Item] = []
    by_id: dict[str, Candidate] = {}
    for name in SETS:
        some = [one for by_cell in chosen.drawn[name].values() for one in by_cell]
        count: dict[str, int] = {}
        for i in rng.permutation(len(some)):
            one = some[int(i)]
            form = chosen.forms[one.sha256]
            count[form] = count.get(form, 0) + 1
            item_id = "-".join(part for part in (name, form, f"{count[form]:02d}") if part)
            by_id[item_id] = one
            if name == COUNTERFACTUAL:
                change = chosen.changed[one.sha256][0]
                items.append(
                    Item(
                        item_id,
                        name,
                        form,
                        one.stratum,
                        one.gold,
                        change.output,
                        one.row,
                        one.sha256,
                        one.output,
                        change.kind,
                        change.sha256,
                        change.edits,
                    )
                )
            else:
                items.append(Item(item_id, name, form, one.stratum, one.gold, one.output, one.row, one.sha256))
    return sorted(items, key=lambda item: (SETS.index(item.set), item.id)), by_id


def _artifacts(session: Session, chosen: Chosen, items: list[Item], by_id: Mapping[str, Candidate]) -> dict[str, dict[str, Artifact]]:
    """Arm -> item -> what is shown."""
    explained = [item for item in items if item.set != FORWARD]
    out: dict[str, dict[str, Artifact]] = {arm: {} for arm in session.design.explained_arms}
    for item in explained:
        for arm, artifact in session.artifacts(by_id[item.id]).items():
            out[arm][item.id] = artifact
    if PLACEBO in out:
        out[PLACEBO] = {item.id: chosen.placebos[item.sha256] for item in explained}
    return out


def _screens(
    draw: Screens, items: list[Item], inputs: dict[str, Any], changed: dict[str, Any], shown: dict[str, dict[str, Artifact]]
) -> dict[str, str]:
    """Path in the folder -> HTML, of each item unexplained and in each arm."""
    out = {}
    for item in items:
        for arm in (PLAIN, *shown):
            artifact = shown[arm].get(item.id) if arm != PLAIN else None
            if arm != PLAIN and artifact is None:
                continue
            if item.set == LEARN:
                html = draw.learn(inputs[item.id], item.gold, item.model_output, artifact)
            elif item.set == FORWARD:
                html = draw.forward(inputs[item.id])
            else:
                assert item.original_output is not None
                html = draw.counterfactual(inputs[item.id], item.gold, item.original_output, changed[item.id], artifact)
            out[f"screens/{arm}/{item.id}.html"] = tidy(html)
    return out


def _clear(folder: Path) -> None:
    """Takes away what an earlier build of another design wrote, and nothing else."""
    try:
        written = Materials.load(folder).digests
    except ValueError:
        return
    for path in written:
        (folder / path).unlink(missing_ok=True)
