"""Freezing: from a folder of materials to rows that cannot be changed any more, in one transaction."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import re
import time
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from . import intact, recheck, schema
from .assignment import Slot, list_text, slots
from .design import Design
from .items import Item
from .keys import Keys
from .markup import strange
from .materials import About, Leak, Materials
from .plan import Asked, Planner
from .preregistration import preregistration

_CHUNK = 500  # rows of one insert


@dataclass(frozen=True)
class Prepared:
    """Everything that the transaction will write, computed before it begins."""

    materials: Materials
    slots: list[Slot]
    contents: dict[str, bytes]
    design_json: str
    about_json: str
    slots_sha256: str
    text: str


def prepare(materials: Materials) -> Prepared:
    """Raises ValueError with one sentence where the materials cannot be frozen."""
    if materials.blocked:
        leak = materials.blocked[0]
        raise ValueError(f"These materials cannot be frozen: the leak test “{leak.name}” failed. {leak.text}")
    for path in materials.digests:
        if path.startswith("screens/"):
            _check_screen(path, materials.read(path))
    recheck.check(materials)
    design = materials.design
    listed = slots(design)
    contents = Planner(materials).everything()
    for path in materials.digests:
        body = materials.read(path)
        contents[materials.digests[path]] = body
    listed_sha = hashlib.sha256(list_text(listed).encode()).hexdigest()
    design_json = json.dumps(design.to_dict(), ensure_ascii=False, sort_keys=True)
    about_json = json.dumps(dataclasses.asdict(materials.about), ensure_ascii=False, sort_keys=True)
    text = preregistration(design, materials.about, materials.items, materials.digest, listed_sha, len(listed))
    return Prepared(materials, listed, contents, design_json, about_json, listed_sha, text)


def freeze(c: Connection, ready: Prepared, app_version: str, keys: Keys) -> int:
    """The version's number; that of the same materials frozen before, where they were."""
    design, materials = ready.materials.design, ready.materials
    slug = slug_of(design.name)
    study_id = c.execute(sa.select(schema.study.c.study_id).where(schema.study.c.slug == slug)).scalar()
    if study_id is None:
        study_id = c.execute(schema.study.insert().values(slug=slug)).inserted_primary_key[0]  # type: ignore[index]
    version = schema.version
    known = c.execute(
        sa.select(version.c.version_id, version.c.design_json).where(
            version.c.study_id == study_id, version.c.materials_sha256 == materials.digest
        )
    ).first()
    if known is not None:
        if design.completion and json.loads(known.design_json)["completion"] != design.completion:
            raise ValueError(
                f"These materials are frozen already, as version {known.version_id}, with other completion codes, and those cannot be changed: "
                "put the old codes back at the recruiting service, or build with another seed for a version of its own."
            )
        return int(known.version_id)
    n = 1 + c.execute(sa.select(sa.func.count()).select_from(version).where(version.c.study_id == study_id)).scalar_one()
    row = version.insert().values(
        study_id=study_id, n=n, design_json=ready.design_json, about_json=ready.about_json, materials_sha256=materials.digest,
        slots_sha256=ready.slots_sha256, preregistration=ready.text, app_version=app_version, frozen_at=None, seal="",
    )  # fmt: skip
    v = int(c.execute(row).inserted_primary_key[0])  # type: ignore[index]
    c.execute(schema.recruiting.insert().values(version_id=v, state="open"))
    there = set(c.execute(sa.select(schema.content.c.sha256)).scalars())
    _insert(c, schema.content, [{"sha256": sha, "body": body} for sha, body in ready.contents.items() if sha not in there])
    _insert(c, schema.material, [{"version_id": v, "path": path, "sha256": sha} for path, sha in materials.digests.items()])
    _insert(c, schema.arm, [{"version_id": v, "arm_id": a, "kind": kind, "weight": weight} for a, kind, weight in intact.arms_of(design)])
    _insert(c, schema.item, [_item(v, one) for one in materials.items])
    _insert(c, schema.slot, [
        {"version_id": v, "slot_no": s.number, "arm_id": s.arm, "form_id": s.form, "seed": s.seed, "kind": "planned", "replaces_slot": None,
         "state": "free", "participant_id": None} for s in ready.slots
    ])  # fmt: skip
    now = time.time_ns() // 1_000_000
    written = c.execute(sa.select(version).where(version.c.version_id == v)).mappings().one()
    seal = intact.seal({**written, "frozen_at": now}, slug, keys)
    c.execute(version.update().where(version.c.version_id == v).values(frozen_at=now, seal=seal))
    c.execute(schema.recruiting_log.insert().values(version_id=v, at=now, state="open"))
    return v


def _check_screen(path: str, body: bytes) -> None:
    """A folder of materials may be anybody's, and its screens run in participants' browsers."""
    try:
        wrong = strange(body.decode())
    except UnicodeDecodeError:
        wrong = "bytes that are no text in UTF-8"
    if wrong:
        raise ValueError(
            f"These materials cannot be frozen: {path} has {wrong}, and no screen that Foretell draws has that. Build them again."
        )


class Frozen:
    """A frozen version as the other rooms read it, in memory.

    materials holds no folder: its files are read from the store's rows, which cannot be changed.
    """

    def __init__(
        self,
        version_id: int,
        design: Design,
        about: About,
        items: list[Item],
        bodies: dict[str, bytes],
        digests: dict[str, str],
        record: Any,
    ):
        self.version_id, self.design, self.about, self.items, self.digests = version_id, design, about, items, digests
        self.record = record
        self._asked: dict[str, Asked] = {}
        self._shown: dict[str, bytes] = {}
        self._same_program = False
        self._materials = _InStore(Path("."), design, about, items, digests, bodies)

    @cached_property
    def planner(self) -> Planner:
        return Planner(self._materials)

    @cached_property
    def by_id(self) -> dict[str, Item]:
        return {item.id: item for item in self.items}

    def page(self, name: str) -> bytes:
        """One of the design's texts as a page."""
        return self.planner.page(getattr(self.planner.words, name))

    def body(self, c: Connection, sha256: str) -> bytes:
        """Something that can be shown, by its hash; kept, since it cannot change."""
        if sha256 not in self._shown:
            found = c.execute(sa.select(schema.content.c.body).where(schema.content.c.sha256 == sha256)).scalar_one()
            self._shown[sha256] = as_frozen(found, sha256)
        return self._shown[sha256]

    def asked(self, c: Connection, sha256: str) -> Asked:
        """A question, by the hash of its bytes."""
        if sha256 not in self._asked:
            self._asked[sha256] = Asked.of(self.body(c, sha256))
        return self._asked[sha256]

    def check_program(self, c: Connection) -> None:
        """Whether this program shows what was frozen: else those who began go on with what they were given, and nobody new is let in."""
        if not self._same_program:
            wanted = set(self.planner.everything())
            there = set(c.execute(sa.select(schema.content.c.sha256)).scalars())
            if wanted - there:
                made = self.record.app_version
                raise ValueError(
                    f"This study was frozen with Foretell {made}, whose pages differ from this one's: let new people in with that one."
                )
            self._same_program = True

    def file(self, path: str) -> bytes:
        """A file of the materials, byte for byte."""
        return self._materials.read(path)


@dataclass(frozen=True)
class _InStore(Materials):
    bodies: dict[str, bytes] = dataclasses.field(default_factory=dict)

    def read(self, path: str) -> bytes:
        return self.bodies[path]


def load(c: Connection, version_id: int, keys: Keys) -> Frozen:
    """Raises ValueError where there is no such version, and where it is not as it was frozen: once for a process and version, not for each answer."""
    row = c.execute(sa.select(schema.version).where(schema.version.c.version_id == version_id)).first()
    if row is None or row.frozen_at is None:
        raise ValueError(f"There is no version {version_id!r} in this store: store.versions() lists those that are there.")
    try:
        design, about = Design.from_dict(json.loads(row.design_json)), json.loads(row.about_json)
        told = About(**{**about, "leaks": [Leak(**leak) for leak in about["leaks"]]})
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ValueError(intact.CHANGED.format(v=version_id, what="its row")) from None
    wanted = sa.select(schema.item).where(schema.item.c.version_id == version_id).order_by(schema.item.c.item_id)
    items = [_of_row(one) for one in c.execute(wanted).mappings()]
    material, content = schema.material, schema.content
    files = c.execute(
        sa.select(material.c.path, material.c.sha256, content.c.body).join(content).where(material.c.version_id == version_id)
    ).all()
    for path, sha, body in files:
        as_frozen(body, sha, path)
    digests = {path: sha for path, sha, _ in files}
    bodies = {path: bytes(body) for path, _, body in files}
    loaded = Frozen(version_id, design, told, items, bodies, digests, row)
    intact.check(c, loaded, bodies, keys)
    return loaded


def as_frozen(body: bytes, sha256: str, name: str = "What was to be shown") -> bytes:
    """The bytes. Raises ValueError where they are not those of the hash: a file can be changed past everything that guards its rows."""
    if not isinstance(body, bytes | memoryview) or hashlib.sha256(body).hexdigest() != sha256:
        raise ValueError(f"{name} is not in the store as it was frozen: put the store back from the back-up.")
    return bytes(body)


def slug_of(name: str) -> str:
    """A study's name as it stands in an address; never empty. Two names have the same one only where they differ in case, spaces and points.

    What cannot stand in an address, letters of other scripts above all, would be lost: then some digits of the name's hash stand for it.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if slug and len(slug) <= 60 and not any(letter.isalnum() and not letter.isascii() for letter in name):
        return slug
    return f"{slug[:50].strip('-') or 'study'}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"


def _item(version_id: int, one: Item) -> dict[str, Any]:
    record = dataclasses.asdict(one)
    return {"version_id": version_id, "item_id": record.pop("id"), "item_set": record.pop("set"), **record}


def _of_row(row: Any) -> Item:
    record = {key: value for key, value in row.items() if key != "version_id"}
    return Item(id=record.pop("item_id"), set=record.pop("item_set"), **record)


def _insert(c: Connection, table: sa.Table, rows: list[dict[str, Any]]) -> None:
    for i in range(0, len(rows), _CHUNK):
        c.execute(table.insert(), rows[i : i + _CHUNK])
