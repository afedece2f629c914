"""The inputs that one's own tool has to explain, with all that an explanation of them has to repeat.

{sha256}.json|.png   each input
candidates.csv       one row an input, for spreadsheets and R
candidates.json      the same, with the task, the model and its fingerprint
README.md            what each column means
"""

from __future__ import annotations

import csv
import io
import json
import re
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

import explainers

from .checks import checked_task
from .design import Design
from .export.files import guarded
from .items import COUNTERFACTUAL, LEARN
from .pool import pool
from .selection import Candidate, reserve
from .session import Progress, Session
from .workfiles import WORK, Work

_INPUT = re.compile(r"[0-9a-f]{64}\.(json|png)")
RESERVE = 0.5  # further inputs that are handed out, as a share of those needed: some prove unfit


def candidates(design: Design, folder: str | Path, on_progress: Progress | None = None, cancel: threading.Event | None = None) -> list[str]:
    """Writes the inputs that an arm of one's own has to explain, with the model's answers; see the module docstring.

    They are those that `build` will ask for, and half as many again, since some prove unfit. Returns their sha256. The folders that `own` names need
    not be there yet. Raises ValueError with one sentence.
    """
    task = checked_task(design, own=False)
    place = Path(folder)
    session = Session(task, design, pool(task, design.seed), Work(place), None, on_progress, cancel)
    drawn = session.settle().drawn
    some = [one for name in (LEARN, COUNTERFACTUAL) for by_cell in drawn[name].values() for one in by_cell]
    some += reserve(session.pool.candidates, drawn, session.cells, design.seed, RESERVE)
    some.sort(key=lambda one: one.row)
    place.mkdir(parents=True, exist_ok=True)
    _clear(place)
    names = []
    for one in some:
        suffix, content = input_file(session.instance(one))
        names.append(f"{one.sha256}{suffix}")
        (place / names[-1]).write_bytes(content)
    (place / "candidates.csv").write_text(_table(task, some, names), encoding="utf8")
    told = {
        "task": task.name,
        "modality": task.modality,
        "model_name": task.model_name,
        "model_fingerprint": task.model.fingerprint,
        "class_names": list(task.class_names),
        "inputs": [
            {"instance_sha256": one.sha256, "file": name, "row": one.row, "target": one.output, "target_name": task.class_names[one.output],
             "prediction": list(one.proba)} for one, name in zip(some, names, strict=True)
        ],
    }  # fmt: skip
    (place / "candidates.json").write_text(json.dumps(told, ensure_ascii=False, indent=1) + "\n", encoding="utf8")
    (place / "README.md").write_text(_README.format(work=WORK), encoding="utf8")
    return [one.sha256 for one in some]


def _clear(place: Path) -> None:
    """Takes away the inputs of an earlier call, and nothing else."""
    try:
        names = [one["file"] for one in json.loads((place / "candidates.json").read_text(encoding="utf8"))["inputs"]]
    except (OSError, ValueError, KeyError, TypeError):
        return
    for name in names:
        if isinstance(name, str) and _INPUT.fullmatch(name):
            (place / name).unlink(missing_ok=True)


def input_file(instance: Any) -> tuple[str, bytes]:
    """An input as a file: suffix and content."""
    if isinstance(instance, Image.Image):
        out = io.BytesIO()
        instance.save(out, "PNG")
        return ".png", out.getvalue()
    return ".json", (json.dumps(instance, ensure_ascii=False, indent=1) + "\n").encode()


def _table(task: explainers.Task, some: Sequence[Candidate], names: Sequence[str]) -> str:
    out = io.StringIO()
    table = csv.writer(out, lineterminator="\n")
    probabilities = [f"probability_{i}" for i in range(len(task.class_names))]
    table.writerow(["sha256", "file", "row", "model_output", "model_output_name", *probabilities, "model_fingerprint"])
    for one, name in zip(some, names, strict=True):
        said = [round(p, 6) for p in one.proba]
        table.writerow([one.sha256, name, one.row, one.output, guarded(task.class_names[one.output]), *said, task.model.fingerprint])
    return out.getvalue()


_README = """# Inputs to explain

Explain the class that the model answers, of every input here. A folder with one file an input is what `own` in study.toml names: PNG pictures,
each named by the sha256 of its input, or JSON as in docs/studies.md, "Explanations of your own".

candidates.csv, one row an input:

- `sha256`: of the input; in a JSON `instance_sha256`, of a picture the name
- `file`: the input itself: a text as a JSON string, a table's row as a JSON object, a picture as PNG
- `row`: its row in the task's test split, from 0
- `model_output`, `model_output_name`: index of the class that the model answers, from 0, and its name; in a JSON `target`
- `probability_0`, `probability_1`, ...: the model's probability of each class; in a JSON `prediction`
- `model_fingerprint`: of the model's weights and settings; in a JSON under the same name

candidates.json holds the same under the names of the JSON, and the task's. The folder `{work}` may be deleted.
"""
