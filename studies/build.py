"""From a design to materials: items, their explanations in each arm, their screens, and tests for leaks.

materials = build(design, "folder/")       # slow; goes on where it was when it is called again with the same design
materials.blocked                          # leak tests that failed: such materials cannot be frozen
candidates(design, "inputs/")              # what one's own tool has to explain
"""

from __future__ import annotations

import csv
import io
import json
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import explainers
from explainers import Explanation

from .arms import Arms, Artifact, check_cancel
from .design import PLACEBO, Design
from .forecast import design_forecast
from .items import COUNTERFACTUAL, FORWARD, LEARN, SETS, Item
from .leaks import Checked, leaks
from .materials import MANIFEST, PLAIN, About, Materials
from .placebo import checked, donors, placebo
from .pool import pool
from .screens import Screens
from .selection import Candidate, reserve
from .session import Chosen, Progress, Session
from .workfiles import Work, key_of

RESERVE = 0.5  # further inputs that `candidates` hands out, as a share of those needed: some prove unfit


def build(design: Design, folder: str | Path, on_progress: Progress | None = None, cancel: threading.Event | None = None) -> Materials:
    """The materials of a design, in a folder.

    on_progress  on_progress(fraction, seconds_left or None); the first call says the whole forecast
    cancel       threading.Event; ends as ValueError, and what is done is kept in folder/work for the next call

    A folder with finished materials of the same design and model is read and returned at once. Raises ValueError with one sentence: for a
    design the task cannot meet, with the largest that it can.
    """
    task = _task(design)
    labels = _labels(design, task)
    work = Work(Path(folder))
    key = key_of("materials 1", design.to_dict(), task.model.fingerprint, _own_files(design))
    if work.get("finished", "key", key) and (Path(folder) / MANIFEST).is_file():
        return Materials.load(folder)
    arms = Arms(task, design, work, cancel)
    check_cancel(cancel)
    session = Session(task, design, pool(task, design.seed), work, arms, on_progress, cancel)
    chosen = session.settle()
    if on_progress is not None:
        on_progress(0.98, None)
    materials = _written(session, arms, chosen, labels, Path(folder))
    work.put("finished", "key", key, True)
    if on_progress is not None:
        on_progress(1.0, 0.0)
    return materials


def candidates(design: Design, folder: str | Path, on_progress: Progress | None = None, cancel: threading.Event | None = None) -> list[str]:
    """Writes the inputs that an arm of one's own has to explain: `{sha256}.json` or `.png`, and `candidates.csv` with the model's answers.

    They are those that `build` will ask for, and half as many again, since some prove unfit. Returns their sha256.
    """
    task = _task(design)
    place = Path(folder)
    session = Session(task, design, pool(task, design.seed), Work(place), None, on_progress, cancel)
    drawn = session.settle().drawn
    some = [one for name in (LEARN, COUNTERFACTUAL) for by_cell in drawn[name].values() for one in by_cell]
    some += reserve(session.pool.candidates, drawn, session.cells, design.seed, RESERVE)
    some.sort(key=lambda one: one.row)
    place.mkdir(parents=True, exist_ok=True)
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["sha256", "row", "model_output", "file"])
    for one in some:
        suffix, content = _input(session.instance(one))
        (place / f"{one.sha256}{suffix}").write_bytes(content)
        table.writerow([one.sha256, one.row, one.output, f"{one.sha256}{suffix}"])
    (place / "candidates.csv").write_text(out.getvalue(), encoding="utf8")
    return [one.sha256 for one in some]


def _task(design: Design) -> explainers.Task:
    task = explainers.load_task(design.task, design.model) if isinstance(design.task, str | Path) else design.task
    if not isinstance(task, explainers.Task):
        raise ValueError("The design's task has to be a bundled name, the path of a task folder, or a Task.")
    return task if design.model in (None, task.model_name) else task.with_model(design.model)


def _labels(design: Design, task: explainers.Task) -> list[str]:
    labels = list(design.texts.labels) or list(task.class_names)
    if len(labels) != len(task.class_names) or len(set(labels)) < len(labels) or not all(label.strip() for label in labels):
        raise ValueError(
            f"texts.labels has to name each of the {len(task.class_names)} classes {', '.join(task.class_names)}, all different."
        )
    return labels


def _own_files(design: Design) -> dict[str, list[tuple[str, int, int]]]:
    """What lies in the folders of one's own explanations, so that a changed file is not overlooked."""
    out = {}
    for arm, folder in design.own.items():
        place = Path(folder)
        files = sorted(place.iterdir()) if place.is_dir() else []
        out[arm] = [(p.name, p.stat().st_size, p.stat().st_mtime_ns) for p in files if p.is_file()]
    return out


# --- writing ----------------------------------------------------------------------------------------------------------


def _written(session: Session, arms: Arms, chosen: Chosen, labels: list[str], folder: Path) -> Materials:
    design, task = session.design, session.task
    items, by_id = _items(chosen, design.seed)
    inputs = {item.id: session.instance(by_id[item.id]) for item in items}
    changed = {item.id: chosen.changed[item.sha256][1] for item in items if item.set == COUNTERFACTUAL}
    shown = _artifacts(session, arms, items, by_id)
    screens = _screens(Screens(design.texts, task.modality, labels), items, inputs, changed, shown)
    named = task.groups("test")
    groups = {item.id: by_id[item.id].groups for item in items}
    for item in items:
        if item.set == COUNTERFACTUAL and named:
            groups[item.id] = groups[item.id].union(*(named[row] for row in chosen.changed[item.sha256][0].rows))
    share = len(session.explained) / session.tried if session.tried else None
    found = leaks(Checked(task, design.texts, labels, items, inputs, changed, groups, shown, screens, share, chosen.apart))
    forecast = design_forecast(design)
    counts = {**session.pool.counts, **dict(sorted(session.dropped.items()))}
    about = About(task.name, task.modality, task.model_name, task.model.fingerprint, labels, counts, found, round(forecast.minutes, 1))
    files = {path: html.encode() for path, html in screens.items()}
    for name, instances in (("", inputs), ("-changed", changed)):
        for item_id, instance in instances.items():
            suffix, content = _input(instance)
            files[f"inputs/{item_id}{name}{suffix}"] = content
    for arm, by_item in shown.items():
        for item_id, artifact in by_item.items():
            path = f"explanations/{arm}/{item_id}"
            files[f"{path}.json" if isinstance(artifact, Explanation) else f"{path}.png"] = (
                artifact.to_json(indent=1).encode() if isinstance(artifact, Explanation) else artifact
            )
    _clear(folder)
    return Materials.write(folder, design, about, items, files)


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


def _artifacts(session: Session, arms: Arms, items: list[Item], by_id: Mapping[str, Candidate]) -> dict[str, dict[str, Artifact]]:
    """Arm -> item -> what is shown. A placebo's come from the first arm that explains."""
    explained = [item for item in items if item.set != FORWARD]
    out: dict[str, dict[str, Artifact]] = {arm: {} for arm in session.design.explained_arms}
    for item in explained:
        for arm, artifact in session.artifacts(by_id[item.id]).items():
            out[arm][item.id] = artifact
    if PLACEBO in out:
        source = out[arms.placebo_of]
        known = [item.model_output if item.original_output is None else item.original_output for item in explained]
        others = donors([(item.set, item.form, answer) for item, answer in zip(explained, known, strict=True)], session.design.seed)
        for i, (item, other) in enumerate(zip(explained, others, strict=True)):
            mine, theirs = source[item.id], source[explained[other].id]
            both = isinstance(mine, Explanation) and isinstance(theirs, Explanation)
            out[PLACEBO][item.id] = checked(placebo(mine, theirs, session.design.seed + i)) if both else theirs  # type: ignore[arg-type]
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
            out[f"screens/{arm}/{item.id}.html"] = html
    return out


def _input(instance: Any) -> tuple[str, bytes]:
    """An input as a file: suffix and content."""
    if isinstance(instance, Image.Image):
        out = io.BytesIO()
        instance.save(out, "PNG")
        return ".png", out.getvalue()
    return ".json", (json.dumps(instance, ensure_ascii=False, indent=1) + "\n").encode()


def _clear(folder: Path) -> None:
    """Takes away what an earlier build of another design wrote, and nothing else."""
    try:
        written = Materials.load(folder).digests
    except ValueError:
        return
    for path in written:
        (folder / path).unlink(missing_ok=True)
