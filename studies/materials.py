"""What a study shows, as a folder that a person can read and compare line by line; frozen into a store from here.

    study.toml                      the design, defaults written out; no path of a computer and no completion code
    materials.json                  task, model, class names, counts, model calls, leak tests
    items.json  items.csv           every item, with its cell and the model's output
    inputs/{item}.json|.png         each item's input; inputs/{item}-changed.… of counterfactual items
    explanations/{arm}/{item}.json  the artifacts, as published; .png for pictures made by other tools
    screens/plain/{item}.html       what is shown without an explanation
    screens/{arm}/{item}.html       what is shown with one
    manifest.json                   sha256 of every file above: these are what is frozen and shared

    report.md                       for a person: what was found, what it cost; not frozen
    completion.toml                 the completion codes, where the design has any: its owner's, never shared
    frozen.md                       where these materials were frozen; `build` replaces them no more
    work/                           of the build, to go on from: may be deleted once the materials are frozen

A screen is a fragment of HTML without scripts or outside addresses, with its own style, so that a browser shows it alone. `Materials.load` checks
every file against the manifest.
"""

from __future__ import annotations

import csv
import dataclasses
import hashlib
import io
import json
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import tomli_w

from .design import CONTROL, CROSSED, Design
from .items import BOTH, COUNTERFACTUAL, LEARN, SAME, A, B, Item
from .workfiles import WORK

SCHEMA_VERSION = 1
MANIFEST, ABOUT, STUDY, ITEMS = "manifest.json", "materials.json", "study.toml", "items.json"
CODES, FROZEN = "completion.toml", "frozen.md"
PLAIN = "plain"
EXPORTED = "SHA256SUMS"  # of an export, in its folder
MOST_FILES, MOST_BYTES = 50_000, 20_000_000  # files; bytes of one


@dataclass(frozen=True)
class Leak:
    """A test of the materials: whether something else than understanding the model gives answers away.

    blocks  a study cannot be frozen where this one failed; else it is a figure to know
    """

    name: str
    passed: bool
    text: str
    value: float | None = None
    blocks: bool = True


@dataclass(frozen=True)
class About:
    """What stands behind the materials.

    class_names  as shown to participants, index = class
    counts       how many items were looked at, dropped and why: in words -> number
    minutes      that a participant is thought to take
    calls        distinct inputs asked of the model, by what for: an arm, changed forms, answers to the test data
    placebo_of   the arm whose explanations a placebo borrows; "" without one
    """

    task: str
    modality: str
    model: str
    model_fingerprint: str
    class_names: list[str]
    counts: dict[str, int] = field(default_factory=dict)
    leaks: list[Leak] = field(default_factory=list)
    minutes: float = 0.0
    calls: dict[str, int] = field(default_factory=dict)
    placebo_of: str = ""
    schema_version: int = SCHEMA_VERSION


@dataclass(frozen=True)
class Materials:
    """digests: path in the folder -> sha256 (hex)."""

    folder: Path
    design: Design
    about: About
    items: list[Item]
    digests: Mapping[str, str]

    def __repr__(self) -> str:
        told = f"{self.design.name!r}, {len(self.items)} items, {len(self.blocked)} failed leak tests, {self.digest[:12]}"
        return f"Materials({str(self.folder)!r}: {told})"

    @property
    def digest(self) -> str:
        """sha256 (hex) of the manifest: of everything that a participant can be shown, and of the design."""
        return digest_of(self.digests)

    @property
    def blocked(self) -> list[Leak]:
        """Leak tests that failed and forbid freezing."""
        return [leak for leak in self.about.leaks if leak.blocks and not leak.passed]

    def of_set(self, name: str, form: str | None = None) -> list[Item]:
        return [item for item in self.items if item.set == name and form in (None, item.form)]

    def screen_path(self, arm: str, item: Item) -> str:
        """Which file shows an item in an arm, explained where the arm explains it; `PLAIN` as the arm: unexplained."""
        explained = arm not in (PLAIN, CONTROL) and item.set in (LEARN, COUNTERFACTUAL)
        return f"screens/{arm if explained else PLAIN}/{item.id}.html"

    def read(self, path: str) -> bytes:
        """A file of the folder, as it was when it was built. Raises ValueError with one sentence where it was changed since."""
        try:
            content = (self.folder / path).read_bytes()
        except OSError:
            raise ValueError(f"{path} is missing in {self.folder}: build the materials again.") from None
        if _sha(content) != self.digests.get(path):
            raise ValueError(f"{path} in {self.folder} was changed after the materials were built: build them again.")
        return content

    @classmethod
    def load(cls, folder: str | Path) -> Materials:
        """From a folder that `build` wrote; every file is checked against the manifest. Raises ValueError with one sentence."""
        place = Path(folder)
        digests = _manifest(place)
        _check_names(place, digests)
        made = cls(place, Design(name="-", task="-"), About("", "", "", "", []), [], digests)
        for path in digests:
            made.read(path)
        about = about_of(made.read(ABOUT))
        try:
            items = items_of(made.read(ITEMS))
        except (ValueError, TypeError, RecursionError) as problem:
            raise ValueError(f"{ITEMS} in {place} cannot be read ({problem}): build the materials again.") from None
        design = dataclasses.replace(Design.built(place / STUDY), completion=_codes(place))
        _check_items(place, design, about, items)
        return cls(place, design, about, items, digests)

    @classmethod
    def write(cls, folder: str | Path, design: Design, about: About, items: list[Item], files: Mapping[str, bytes]) -> Materials:
        """Into a folder. files: inputs, explanations and screens, by path in it. The manifest is written last: without it, nothing is built."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        check_no_links(place)
        (place / MANIFEST).unlink(missing_ok=True)
        (place / FROZEN).unlink(missing_ok=True)
        dataclasses.replace(design, completion={}).save(place / STUDY)
        _write_codes(place, design.completion)
        own = {
            ABOUT: (_json(dataclasses.asdict(about)) + "\n").encode(),
            ITEMS: (_json([dataclasses.asdict(item) for item in items]) + "\n").encode(),
            "items.csv": _table(items).encode(),
            STUDY: (place / STUDY).read_bytes(),
        }
        digests = {}
        for path, content in sorted({**files, **own}.items()):
            target = place / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
            digests[path] = _sha(content)
        part = place / (MANIFEST + ".part")
        part.write_text(_json({"schema_version": SCHEMA_VERSION, "sha256": digests}) + "\n", encoding="utf8")
        part.replace(place / MANIFEST)
        return cls.load(place)


def digest_of(digests: Mapping[str, str]) -> str:
    """sha256 (hex) of a manifest."""
    return _sha(_json(dict(digests)).encode())


def items_of(content: bytes) -> list[Item]:
    """Of the bytes of items.json. Raises ValueError, TypeError or RecursionError."""
    return [Item.of(record) for record in json.loads(content)]


def mark_frozen(place: Path, version: int, where: str) -> None:
    """Leaves word in a folder, a copy of one too, so that `build` does not replace what a study shows; not in one that cannot be written, nor in
    an export, which stays as it is."""
    if _in_export(place):
        return
    try:
        (place / FROZEN).write_text(
            f"These materials were frozen as version {version} of {where}. To build others, take another folder.\n", encoding="utf8"
        )
    except OSError:
        return


def frozen_before(place: Path, design: Design, fingerprint: str) -> Materials | None:
    """What was frozen there, None where nothing was. Raises ValueError where it is not of this design and of the model of this fingerprint."""
    if not ((place / FROZEN).is_file() and (place / MANIFEST).is_file()):
        return None
    try:
        made = Materials.load(place)
    except ValueError:
        made = None
    if made is None or _json(made.design.to_dict()) != _json(design.to_dict()) or made.about.model_fingerprint != fingerprint:
        raise ValueError(f"The folder {place} holds other materials, which were frozen: give a new folder, or delete {FROZEN} in it.")
    return made


def check_no_links(place: Path) -> None:
    """Raises ValueError where something that is to be written would be written elsewhere."""
    tops = ("inputs", "explanations", "screens", MANIFEST, ABOUT, STUDY, ITEMS, "items.csv", CODES, FROZEN, "report.md")
    for top in (place / name for name in tops):
        link = next((path for path in (top, *(top.rglob("*") if not top.is_symlink() else ())) if path.is_symlink()), None)
        if link is not None:
            raise ValueError(f"{link} leads elsewhere, and a build would write there: take it away, or give a new folder.")


def check_not_anothers(place: Path) -> None:
    """Raises ValueError where files that a build writes are there and no build wrote them: a study.toml of one's own would be lost."""
    if _in_export(place):
        raise ValueError(f"{place} lies in the export of a study: give the materials a folder of their own.")
    if (place / MANIFEST).is_file():
        try:
            known = _manifest(place).get(STUDY)
        except ValueError:
            return
        changed = (place / STUDY).is_file() and _sha((place / STUDY).read_bytes()) != known
        found = [STUDY] if changed else []
    elif (place / WORK).is_dir():  # a build that was killed
        return
    else:
        found = [name for name in (STUDY, ITEMS, "items.csv", ABOUT, "report.md") if (place / name).exists()]
    if found:
        raise ValueError(f"{place / found[0]} was not written by a build, and would be lost: give the materials a folder of their own.")


def _in_export(place: Path) -> bool:
    """Whether it is the folder materials/frozen of an export, whose files are listed with their hashes."""
    return any((above / EXPORTED).is_file() for above in place.absolute().parents[:2])


def _write_codes(place: Path, codes: Mapping[str, str]) -> None:
    """Apart from all that is hashed and shared: who knows a code can claim to have taken part."""
    target = place / CODES
    target.unlink(missing_ok=True)
    if codes:
        target.touch(mode=0o600)
        target.write_text(tomli_w.dumps(dict(codes)), encoding="utf8")


def _codes(place: Path) -> dict[str, str]:
    try:
        return tomllib.loads((place / CODES).read_text(encoding="utf8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as problem:
        raise ValueError(f"{CODES} in {place} cannot be read ({problem}): correct it, or build the materials again.") from None


def _manifest(place: Path) -> dict[str, str]:
    try:
        if (place / MANIFEST).stat().st_size > MOST_BYTES:
            raise ValueError("size")
        record = json.loads((place / MANIFEST).read_text(encoding="utf8"))
        version, digests = record["schema_version"], record["sha256"]
    except OSError:
        raise ValueError(f"There are no finished materials in {place}: build them with studies.build(design, folder).") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"{MANIFEST} in {place} cannot be read: build the materials again.") from None
    if version != SCHEMA_VERSION:
        raise ValueError(
            f"The materials in {place} have the form {version}, and this Foretell reads the form {SCHEMA_VERSION}: build them again."
        )
    if not isinstance(digests, dict) or not 4 <= len(digests) <= MOST_FILES or not all(isinstance(v, str) for v in digests.values()):
        raise ValueError(f"{MANIFEST} in {place} cannot be read: build the materials again.")
    return digests


def _check_names(place: Path, digests: Mapping[str, str]) -> None:
    """Files inside the folder only, none of them a link, none too large."""
    for path in digests:
        parts = Path(path).parts
        target = place / path
        if Path(path).is_absolute() or ".." in parts or any((place / Path(*parts[: n + 1])).is_symlink() for n in range(len(parts))):
            raise ValueError(f"{MANIFEST} names {path[:80]!r}, which does not lie in the folder: build the materials again.")
        if target.is_file() and target.stat().st_size > MOST_BYTES:
            raise ValueError(f"{path[:80]} in {place} is larger than 20 MB: build the materials again.")
    missing = {ABOUT, ITEMS, STUDY} - digests.keys()
    if missing:
        raise ValueError(f"{MANIFEST} in {place} does not name {sorted(missing)[0]}: build the materials again.")


def _check_items(place: Path, design: Design, about: About, items: list[Item]) -> None:
    """The items are those that the design asks for, under names of their own, and of classes that there are."""
    again = f"in {place}: build the materials again."
    if not all(isinstance(text, str) and text for item in items for text in (item.id, item.stratum, item.sha256)):
        raise ValueError(f"{ITEMS} has an item without a name, a cell or a hash {again}")
    if len({item.id for item in items}) < len(items):
        raise ValueError(f"{ITEMS} names an item twice {again}")
    classes = range(len(about.class_names))
    for item in items:
        known = item.original_output if item.set == COUNTERFACTUAL else item.model_output
        if item.gold not in classes or item.model_output not in classes or known not in classes:
            raise ValueError(f"{ITEMS} has {item.id[:40]!r} of a class that is not among {', '.join(about.class_names)[:200]} {again}")
        if item.set == COUNTERFACTUAL and (item.cf_kind == SAME) != (item.original_output == item.model_output):
            raise ValueError(f"{ITEMS} says of {item.id[:40]!r} that its answer is {item.cf_kind}, and it is not {again}")
    forms = (A, B) if design.forms == CROSSED else (BOTH,)
    wanted = {(test, form): design.per_phase(test) for test in design.tests for form in forms}
    wanted[LEARN, BOTH] = design.examples
    found = Counter((item.set, item.form) for item in items)
    for (name, form), n in wanted.items():
        if found[name, form] != n:
            raise ValueError(
                f"{ITEMS} has {found[name, form]} items {name}{' ' + form if form else ''}, and the design asks for {n} {again}"
            )


def about_of(content: bytes) -> About:
    """Of the bytes of materials.json. Raises ValueError with one sentence."""
    try:
        record = json.loads(content)
        about = About(**{**record, "leaks": [Leak(**leak) for leak in record["leaks"]]})
        names = about.class_names
        if not isinstance(names, list) or len(names) < 2 or not all(isinstance(name, str) for name in names):
            raise ValueError("class_names")
        if not isinstance(about.minutes, int | float) or not 0 <= about.minutes < 10_000:
            raise ValueError("minutes")
        return about
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"{ABOUT} cannot be read: build the materials again.") from None


def _table(items: list[Item]) -> str:
    out = io.StringIO()
    names = [f.name for f in dataclasses.fields(Item)]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows([["" if getattr(item, name) is None else getattr(item, name) for name in names] for item in items])
    return out.getvalue()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)


def _sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
