"""Materials without a model: items of the right make-up whose screens only name them. For simulated participants, who read nothing."""

from __future__ import annotations

import dataclasses
import hashlib
import html
from pathlib import Path

import numpy as np

from .design import COUNTERFACTUAL, CROSSED, Design
from .items import BOTH, FLIP, LEARN, SAME, A, B, Item
from .materials import PLAIN, About, Materials

CLASSES = ["no", "yes"]


def placeholder_items(design: Design) -> list[Item]:
    """Two classes, cells of gold x output as equal as the counts allow, half of the counterfactual ones flipped in each cell."""
    rng = np.random.Generator(np.random.PCG64([design.seed, 3]))
    forms = [A, B] if design.forms == CROSSED else [BOTH]
    found = [_item(LEARN, BOTH, i, 0) for i in range(design.examples)]
    for test in design.tests:
        for form in forms:
            found += [_item(test, form, i, int(rng.integers(1, 5))) for i in range(design.per_phase(test))]
    return found


def placeholder_materials(design: Design, folder: str | Path) -> Materials:
    """As a folder that can be frozen."""
    items = placeholder_items(design)
    files = {}
    for item in items:
        for arm in (PLAIN, *design.arms):
            text = f"<p>{html.escape(item.id)}{'' if arm == PLAIN else ' in ' + html.escape(arm)}</p>"
            files[f"screens/{arm}/{item.id}.html"] = text.encode()
    about = About("placeholder", "text", "none", hashlib.sha256(b"none").hexdigest(), CLASSES)
    task = design.task if isinstance(design.task, str) else design.task.name
    return Materials.write(folder, dataclasses.replace(design, task=task, texts=design.texts.with_stand_ins()), about, items, files)


def _item(name: str, form: str, i: int, edits: int) -> Item:
    gold, output = i // 2 % 2, i % 2
    ident = "-".join(part for part in (name, form, f"{i + 1:03d}") if part)
    sha = hashlib.sha256(ident.encode()).hexdigest()
    item = Item(ident, name, form, f"{gold}/{output}", gold, output, i, sha)
    if name != COUNTERFACTUAL:
        return item
    kind = (SAME, FLIP)[i // 4 % 2]
    answer = output if kind == SAME else 1 - output
    changed = hashlib.sha256((ident + " changed").encode()).hexdigest()
    return dataclasses.replace(item, model_output=answer, original_output=output, cf_kind=kind, changed_sha256=changed, edits=edits)
