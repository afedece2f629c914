"""Explanations that a researcher made with a tool of her own: a folder with one file an input.

Either JSON (any file name), or pictures named `{sha256 of the input}.png`. `studies.candidates(design, folder)` writes the inputs, and with them
what a JSON has to repeat. The least that a JSON holds, all of it checked against the task and the model:

    instance_sha256     64 hex digits: which input it explains
    model_fingerprint   64 hex digits: of which model
    kind, payload       as in the published JSON; of an attribution `features` and `values` are enough

Everything else of the published JSON may be left out and is then what the study knows: the class that is explained is the model's answer. What is
given has to be so: `target` the model's answer, `prediction` the model's own probabilities within `TOLERANCE`, `class_names` the task's.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import explainers
from explainers import Composite, Explanation

from .owncheck import WORD, check_said
from .selection import Candidate

MOST_FILES, MOST_BYTES = 20_000, 20_000_000  # files of a folder, bytes of one
MOST_PIXELS, MOST_SIDE = 25_000_000, 1_200  # of a picture as given; of a side as shown
TOLERANCE = 0.01  # of a probability: participants read it in whole percent
COMPOSITE = Composite.kind
NEEDED = ("instance_sha256", "model_fingerprint", "kind", "payload")
_SHA = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Own:
    """files: sha256 of an input -> the file that explains it."""

    arm: str
    files: dict[str, Path]

    @classmethod
    def read(cls, arm: str, folder: str | Path) -> Own:
        """Looks at every file once. Raises ValueError with one sentence for one that cannot be read."""
        files: dict[str, Path] = {}
        for path in _files(arm, Path(folder)):
            if path.suffix.lower() == ".png":
                sha256 = path.stem.lower()
                if not _SHA.fullmatch(sha256):
                    raise ValueError(
                        f"The picture {path.name} of the arm {arm} is not named by the sha256 of an input: studies.candidates lists them."
                    )
            else:
                sha256 = _record(arm, path)["instance_sha256"]
            if sha256 in files:
                raise ValueError(f"Two files of the arm {arm} explain the same input, {files[sha256].name} and {path.name}: remove one.")
            files[sha256] = path
        return cls(arm, files)

    def check(self, task: explainers.Task, pool: Sequence[Candidate]) -> None:
        """Every file that explains an input of the study, before anything is made. Raises ValueError with one sentence."""
        mine = [one for one in pool if one.sha256 in self.files]
        if not mine:
            raise ValueError(
                f"No file of the arm {self.arm} explains an input of {task.name}: studies.candidates(design, folder) writes the inputs and "
                "their sha256."
            )
        for one in mine:
            self.of(task, one, task.check(task.instances("test")[one.row]))

    def of(self, task: explainers.Task, one: Candidate, instance: Any) -> Explanation | bytes | None:
        """What explains an input, a picture as PNG bytes; None where nothing does. Raises ValueError with one sentence."""
        path = self.files.get(one.sha256)
        if path is None:
            return None
        if path.suffix.lower() == ".png":
            return _picture(self.arm, path)
        where = f"{path.name} of the arm {self.arm}"
        record = _record(self.arm, path)
        known = _known(task, one, instance, self.arm)
        try:
            e = Explanation.from_json(json.dumps(_filled(record, known)))
        except ValueError as problem:
            raise ValueError(f"{where}: {problem}") from None
        _check(e, task, one, where)
        check_said(e, task, where)
        return e


def _check(e: Explanation, task: explainers.Task, one: Candidate, where: str) -> None:
    """That it is of this model and this input, of the class that the model answers, and as sure as the model; and each part of it likewise."""
    if e.model_fingerprint != task.model.fingerprint:
        raise ValueError(
            f"{where} explains another model than {task.model_name}, or another state of it: make it again with this model, and take "
            "model_fingerprint from candidates.json."
        )
    if e.class_names != task.class_names:
        raise ValueError(
            f"{where} has other class_names than {', '.join(task.class_names)}: take them from candidates.json, or leave them out."
        )
    names = task.class_names
    if e.target != one.output:
        raise ValueError(
            f"{where} explains class {e.target}, “{names[e.target]}”, but the model answers class {one.output}, “{names[one.output]}”, there: "
            "explain the class that it answers."
        )
    apart = np.abs(e.prediction - np.array(one.proba))
    if one.proba and (apart > TOLERANCE).any():
        worst = int(apart.argmax())
        raise ValueError(
            f"{where} says in prediction that the model gives “{names[worst]}” a probability of {e.prediction[worst]:.3f}, and it gives "
            f"{one.proba[worst]:.3f}: take prediction from candidates.json, or leave it out."
        )
    if e.instance_sha256 != one.sha256 or explainers.instance_sha256(e.instance) != one.sha256:
        raise ValueError(f"{where} shows another input than its instance_sha256 says: make it again, or leave instance out.")
    for part in e.payload.parts if isinstance(e.payload, Composite) else ():
        _check(part, task, one, f"A part of {where}")


def _known(task: explainers.Task, one: Candidate, instance: Any, arm: str) -> dict[str, Any]:
    """What need not be repeated, by key."""
    # A picture's form in a file is the renderer's own: it is taken from an explanation that is written out.
    shown = instance if not isinstance(instance, Image.Image) else _picture_form(task, one, instance)
    return {
        "schema_version": 1, "method": arm, "params": {}, "seed": 0, "task": task.name, "modality": task.modality,
        "class_names": list(task.class_names), "instance": shown, "target": one.output, "prediction": list(one.proba),
        "model_name": task.model_name, "quality": [], "caveats": [], "status": "complete", "reason": "",
        "cost": {"calls_asked": 0, "calls_made": 0, "seconds": 0.0},
    }  # fmt: skip


def _picture_form(task: explainers.Task, one: Candidate, instance: Image.Image) -> Any:
    names = list(task.class_names)
    bare = Explanation(
        "own", {}, 0, task.name, task.modality, names, instance, one.sha256, one.output, np.array(one.proba), "", "0" * 64, Composite([])
    )
    return json.loads(bare.to_json())["instance"]


def _filled(record: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    full = {**known, **record}
    payload = full["payload"]
    if not isinstance(payload, dict):
        return full
    if full["kind"] == "attribution" and isinstance(payload.get("features"), list):
        bare = {"names": payload["features"], "unit": "weight", "low": None, "high": None, "intercept": 0.0}
        full["payload"] = _placed({**bare, **payload}, payload["features"], known["instance"])
    elif full["kind"] == "rule" and isinstance(payload.get("conditions"), list):
        features = [c.get("feature") if isinstance(c, dict) else None for c in payload["conditions"]]
        full["payload"] = _placed({"names": features, **payload}, features, known["instance"])
    elif full["kind"] == COMPOSITE and isinstance(payload.get("parts"), list):
        of_all = {**known, **{name: record[name] for name in ("instance_sha256", "model_fingerprint")}}
        # A composite inside another is left as it is, and refused with the rest of its file.
        parts = [
            _filled(part, of_all) if isinstance(part, dict) and "payload" in part and part.get("kind", COMPOSITE) != COMPOSITE else part
            for part in payload["parts"]
        ]
        full["payload"] = {**payload, "parts": parts}
    return full


def _placed(payload: dict[str, Any], features: Sequence[Any], instance: Any) -> dict[str, Any]:
    """With the places of its words, where it explains a text and does not say them."""
    said = payload.get("positions") is not None or payload.get("spans") is not None
    return payload if said or not isinstance(instance, str) else {**payload, **_places(instance, features)}


def _places(text: str, words: Sequence[Any]) -> dict[str, Any]:
    """Where words of a text stand in it: places among its words, and offsets; nothing of a word that is not there."""
    found = list(WORD.finditer(text))
    mine = [[(n, at) for n, at in enumerate(found) if at[0] == word] for word in words]
    return {
        "positions": [[n for n, _ in places] for places in mine],
        "spans": [[[at.start(), at.end()] for _, at in places] for places in mine],
    }


def _files(arm: str, folder: Path) -> Iterator[Path]:
    if not folder.is_dir():
        raise ValueError(f"The folder {folder} of the arm {arm} does not exist: correct own in the design, or make it.")
    try:
        inside = list(folder.iterdir())
    except OSError:
        raise ValueError(f"The folder {folder} of the arm {arm} cannot be opened: allow it to be read.") from None
    paths = sorted(p for p in inside if p.suffix.lower() in (".json", ".png") and not p.is_symlink())
    if not paths or len(paths) > MOST_FILES:
        say = "has no .json or .png file" if not paths else f"has more than {MOST_FILES:,} files"
        raise ValueError(f"The folder {folder} of the arm {arm} {say}: give one explanation for each input.")
    for path in paths:
        if not path.is_file():
            raise ValueError(f"{path.name} of the arm {arm} is no file: take it out of the folder.")
        if path.stat().st_size > MOST_BYTES:
            raise ValueError(f"{path.name} of the arm {arm} is larger than 20 MB: make it smaller.")
        yield path


def _content(arm: str, path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        raise ValueError(f"{path.name} of the arm {arm} cannot be opened: allow it to be read.") from None


def _record(arm: str, path: Path) -> dict[str, Any]:
    where = f"{path.name} of the arm {arm}"
    content = _content(arm, path)
    try:
        record = json.loads(content)
    except (ValueError, RecursionError):
        raise ValueError(f"{where}: This file is not JSON: write it anew with a tool that writes JSON.") from None
    missing = [name for name in NEEDED if not isinstance(record, dict) or name not in record]
    if missing:
        raise ValueError(f"{where} has no {missing[0]}: an explanation needs at least {', '.join(NEEDED)}.")
    if not isinstance(record["instance_sha256"], str) or not _SHA.fullmatch(record["instance_sha256"]):
        raise ValueError(f"{where} has an instance_sha256 that is not 64 hex digits: take it from candidates.json.")
    return record


def _picture(arm: str, path: Path) -> bytes:
    """Written anew from its pixels alone, so that nothing else that was in the file reaches a participant."""
    content = _content(arm, path)
    try:
        image: Image.Image = Image.open(io.BytesIO(content), formats=("PNG",))
        if image.width * image.height > MOST_PIXELS:
            raise ValueError("size")
        image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
        image.thumbnail((MOST_SIDE, MOST_SIDE))
    except Exception:  # whatever a decoder raises on a damaged file
        raise ValueError(
            f"The picture {path.name} of the arm {arm} cannot be read: save it as a PNG of at most {MOST_PIXELS // 1_000_000} megapixels."
        ) from None
    clean = Image.new(image.mode, image.size)
    clean.paste(image)
    out = io.BytesIO()
    clean.save(out, "PNG")
    return out.getvalue()
