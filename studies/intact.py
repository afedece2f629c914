"""Whether a frozen version is as it was frozen. Triggers guard the rows; who edits the file itself goes past them, and this is how it shows.

Everything of a version hangs together by hashes: the files of the materials by their digests, these by the digest of the manifest, the tables of
items, arms and design by the files that they were made from, the list of slots by its hash. What no file says (the pre-registration, when it was
frozen, by which Foretell, the completion codes) is in the version's row, and over that row stands a seal made with the store's key.

So an edit is noticed unless it is made by somebody who holds the key too. That person's edits show only against what was given away before: the
pre-registration, which names both hashes, or an export. What people did (their rows, steps, answers) is no part of this: triggers alone guard that.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import tomllib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from .assignment import Slot, list_text
from .design import CONTROL, PLACEBO, Design
from .keys import Keys
from .materials import ABOUT, ITEMS, STUDY, about_of, digest_of, items_of
from .schema import arm, metadata, slot, study

if TYPE_CHECKING:
    from .freezing import Frozen

CHANGED = "Version {v} is not in the store as it was frozen ({what}): put the store back from the back-up."
_SEALED = [column.name for column in metadata.tables["version"].columns if column.name != "seal"]


def seal(row: Mapping[str, Any], slug: str, keys: Keys) -> str:
    """Of a version's row and its study's name in addresses, hex digits."""
    return keys.seal(json.dumps([slug, *(row[name] for name in _SEALED)], ensure_ascii=False))


def arms_of(design: Design) -> list[tuple[str, str, int]]:
    """Rows of the table of arms: name, kind, weight."""
    return [(name, name if name in (CONTROL, PLACEBO) else "explanation", design.weights.get(name, 1)) for name in design.arms]


def check(c: Connection, loaded: Frozen, bodies: Mapping[str, bytes], keys: Keys) -> None:
    """bodies: the files of the materials, each as its digest says. Raises ValueError with one sentence."""
    row, v = loaded.record, loaded.version_id
    slug = c.execute(sa.select(study.c.slug).where(study.c.study_id == row.study_id)).scalar()
    planned = c.execute(
        sa.select(slot.c.slot_no, slot.c.arm_id, slot.c.form_id, slot.c.seed).where(slot.c.version_id == v, slot.c.kind == "planned")
        .order_by(slot.c.slot_no)
    )  # fmt: skip
    listed = list_text([Slot(*one) for one in planned])
    arms = c.execute(sa.select(arm.c.arm_id, arm.c.kind, arm.c.weight).where(arm.c.version_id == v)).all()
    parts = {
        "the list of its files": lambda: digest_of(loaded.digests) == row.materials_sha256,
        "its items": lambda: sorted(items_of(bodies[ITEMS]), key=lambda item: item.id) == sorted(loaded.items, key=lambda item: item.id),
        "its design": lambda: _public(loaded.design) == _public(Design.from_dict(tomllib.loads(bodies[STUDY].decode()))),
        "what is said of its materials": lambda: about_of(bodies[ABOUT]) == loaded.about,
        "its arms": lambda: sorted(map(tuple, arms)) == sorted(arms_of(loaded.design)),
        "its list of slots": lambda: hashlib.sha256(listed.encode()).hexdigest() == row.slots_sha256,
        "its row, which has the pre-registration": lambda: seal(row._mapping, str(slug), keys) == row.seal,
    }
    for name, same in parts.items():
        try:
            good = same()
        except (ValueError, TypeError, KeyError, RecursionError):
            good = False
        if not good:
            raise ValueError(CHANGED.format(v=v, what=name))


def _public(design: Design) -> dict[str, Any]:
    """Without the completion codes, which no file of the materials has; the seal stands for those."""
    return dataclasses.replace(design, completion={}).to_dict()
