"""The tests for leaks once more, from the finished folder alone, when it is to be frozen: its own list of them may be anybody's word.

Read are the items, their inputs, the explanations and the screens; the model is not asked. Not looked at again is what only the build can know:
groups of the data (the same writer, the same background), numbers that are nearly the same, whether a placebo tells what is true, how many inputs
could be explained, how alike the forms are.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

from PIL import Image

import explainers
from explainers import Explanation

from .arms import Artifact
from .design import PLACEBO
from .items import COUNTERFACTUAL, FORWARD, Item
from .leaks import Checked, of_folder
from .materials import Leak, Materials
from .placeholders import is_placeholder

_KINDS: dict[str, type] = {"text": str, "tabular": dict, "image": Image.Image}
MOST_PIXELS = 25_000_000  # of one picture
ALWAYS = ("answers_hidden", "no_scripts", "overlap", "explanations_show_no_test", "explanations_of_originals")
OF_TEST = {FORWARD: ("gold_only_forward",), COUNTERFACTUAL: ("gold_only_counterfactual", "always_same", "edits")}


def check(materials: Materials) -> None:
    """Raises ValueError with one sentence where a test that forbids freezing is not there, does not forbid it, or fails when made again."""
    if is_placeholder(materials):  # its screens show nothing that could tell an answer
        return
    listed = {leak.name for leak in materials.about.leaks if leak.blocks}
    missing = [name for name in required(materials) if name not in listed]
    if missing:
        raise ValueError(
            f"These materials cannot be frozen: the leak test “{missing[0]}” is not among those that they were put to. Build them again."
        )
    again = found(materials)
    if again:
        raise ValueError(f"These materials cannot be frozen: the leak test “{again[0].name}”, made again, failed. {again[0].text}")


def required(materials: Materials) -> list[str]:
    """Names of the tests that forbid freezing: all that a build of this design makes."""
    names = [*ALWAYS, *(name for test in materials.design.tests for name in OF_TEST[test])]
    names += ["explanations_quote_no_test"] if materials.about.modality == "text" else []
    return [*names, *(["placebo_differs"] if PLACEBO in materials.design.arms else [])]


def found(materials: Materials) -> list[Leak]:
    """Tests that forbid freezing and fail on what is in the folder."""
    items = materials.items
    inputs = {item.id: _input(materials, item, "", item.sha256) for item in items}
    changed = {item.id: _input(materials, item, "-changed", item.changed_sha256) for item in items if item.set == COUNTERFACTUAL}
    screens = {path: materials.read(path).decode() for path in materials.digests if path.startswith("screens/")}
    artifacts: dict[str, dict[str, Artifact]] = {arm: {} for arm in materials.design.explained_arms}
    for arm, name, artifact in _artifacts(materials):
        artifacts[arm][name] = artifact
    task = _like_a_task(materials, inputs.values())
    groups: dict[str, frozenset[str]] = {item.id: frozenset() for item in items}
    labels = materials.about.class_names
    try:
        made = of_folder(Checked(task, materials.design.texts, labels, items, inputs, changed, groups, artifacts, screens))
    except (ValueError, TypeError, LookupError, AttributeError) as problem:  # explanations of inputs that the study has not
        raise ValueError(f"These materials cannot be frozen: the leak tests cannot be made again ({problem}). Build them again.") from None
    return [leak for leak in made if leak.blocks and not leak.passed]


def _like_a_task(materials: Materials, inputs: Iterable[Any]) -> Any:
    """As much of one as the tests ask for. How far numbers of its data lie apart is not known here, so rows are near only where values are equal."""
    columns = list(dict.fromkeys(name for one in inputs if isinstance(one, dict) for name in one))
    return SimpleNamespace(modality=materials.about.modality, splits=(), table=SimpleNamespace(names=columns, columns=[]))


def _input(materials: Materials, item: Item, form: str, sha256: str) -> Any:
    path = f"inputs/{item.id}{form}"
    try:
        if f"{path}.png" in materials.digests:
            given: Any = _picture(materials.read(f"{path}.png"))
        else:
            given = json.loads(materials.read(f"{path}.json")) if f"{path}.json" in materials.digests else None
        kind = _KINDS.get(materials.about.modality, ())
        same = isinstance(given, kind) and explainers.instance_sha256(given) == sha256
    except (ValueError, TypeError, RecursionError, OSError, Image.DecompressionBombError):
        same = False
    if not same:
        raise ValueError(f"These materials cannot be frozen: {path} is not there, or is not the input of that item. Build them again.")
    return given


def _picture(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=["PNG"]) as opened:
        if opened.width * opened.height > MOST_PIXELS:
            raise ValueError("size")
        return opened.convert("RGB")


def _artifacts(materials: Materials) -> Iterator[tuple[str, str, Artifact]]:
    """(arm, item, artifact); there is one for every screen that an arm draws of its own."""
    for arm in materials.design.explained_arms:
        for item in materials.items:
            if item.set == FORWARD:
                continue
            path = f"explanations/{arm}/{item.id}"
            if f"{path}.png" in materials.digests:
                yield arm, item.id, materials.read(f"{path}.png")
                continue
            try:
                yield arm, item.id, Explanation.from_json(materials.read(f"{path}.json"))
            except ValueError:
                raise ValueError(
                    f"These materials cannot be frozen: there is no explanation {path} that can be read. Build them again."
                ) from None
