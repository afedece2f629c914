"""Everything of a version as a folder that can be shared, in the form of Psych-DS; and apart from it what is needed to pay people.

    store.export(version, "folder/")       # or export(store, version, "folder/")
    read_csv("folder/data/study-..._part-trials_data.csv", "trials")

No external id, no hash of one, no token and no time of day is in the folder; people have codes that are drawn anew each time (studies.md 3.8).
That of an anonymous study does not tell either who came before whom: no dates, no places, no versions of Foretell by which somebody was served.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa

from ..assignment import Slot, list_text
from ..materials import MANIFEST, SCHEMA_VERSION
from ..schema import reading
from . import documents, payment
from .columns import COLUMNS, TABLES
from .files import Folder, guarded, read_csv, typed, unguarded, write_csv
from .pay import pay_rows
from .rows import Read, codes_for, read, tables
from .rules import attrition, exclusions

if TYPE_CHECKING:
    from ..store import Store

__all__ = ["COLUMNS", "TABLES", "codes_for", "export", "guarded", "read_csv", "unguarded"]

DESCRIPTION = "dataset_description.json"


def export(store: Store, version_id: int, folder: str | Path, seed: int | None = None) -> Path:
    """The folder's path. Beside it, as `<folder>-payment`, what is needed for paying, where people came with external ids.

    seed  of the codes, for tests: everything else is the same at every export of the same answers
    Raises ValueError with one sentence, and changes nothing, where the folder holds anything but an untouched earlier export of this study.
    """
    frozen = store.frozen(version_id)
    if frozen.design.anonymous and seed is not None:
        raise ValueError("The codes of an anonymous study are drawn by chance: export it without a seed.")
    place = Path(folder).absolute()
    with reading(store.engine) as c:
        if store.engine.dialect.name != "sqlite":  # there, a transaction sees one state of the store anyway
            c.execute(sa.text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        found = read(c, frozen)
        if frozen.design.anonymous and found.open:
            raise ValueError(
                "An anonymous study is exported when it is closed, since two exports would tell who came between them: "
                "call store.close(version) first."
            )
        paid = payment.people(c, found, store.keys)
    known = documents.identifier(found.slug)
    shared = Folder(place, DESCRIPTION, f' "identifier": {json.dumps(known)},')
    try:
        private = Folder(payment.folder_of(place), payment.README, known, private=True)
    except ValueError:
        shared.drop()
        raise
    try:
        _write(shared, found, seed)
        if paid:
            payment.write(private, paid, known, found.design.currency, sum(stage in ("complete", "END") for _, stage in found.gone))
            private.finish()
        else:
            private.remove()
        return shared.finish()
    finally:
        shared.drop()
        private.drop()


def _write(folder: Folder, found: Read, seed: int | None) -> None:
    codes = codes_for([one["number"] for one in found.people], seed)
    made = {**tables(found, codes), "attrition": attrition(found), "exclusions": exclusions(found, codes)}
    made["pay"] = pay_rows(found.design, found.frozen.about.minutes, found.people)
    for table in TABLES:
        name = documents.file_name(found.slug, table)
        frame = typed(made[table], table)
        write_csv(frame, folder.path(f"data/{name}"))
        if table != "texts":  # so that deleting one file deletes the free texts
            frame.to_parquet(folder.path(f"parquet/{name.removesuffix('.csv')}.parquet"), index=False)
    folder.write(DESCRIPTION, documents.description(found))
    folder.write("README.md", documents.readme(found))
    folder.write("CHANGES.md", documents.changes(found))
    folder.write("codebook.md", documents.codebook(found))
    _materials(folder, found)


def _materials(folder: Folder, found: Read) -> None:
    frozen = found.frozen
    for path in frozen.digests:
        folder.write(f"materials/frozen/{path}", frozen.file(path))
    manifest = {"schema_version": SCHEMA_VERSION, "sha256": dict(frozen.digests)}
    folder.write(f"materials/frozen/{MANIFEST}", json.dumps(manifest, ensure_ascii=False, indent=1, sort_keys=True) + "\n")
    for sha, body in found.bodies.items():
        if hashlib.sha256(body).hexdigest() != sha:
            raise ValueError("Something that was shown is not in the store as it was frozen: put the store back from the back-up.")
        folder.write(f"materials/shown/{sha}.{found.shown[sha]}", body)
    folder.write("materials/preregistration.txt", frozen.record.preregistration)
    if frozen.design.anonymous:  # by the places, who came before whom: assignment.slots
        return
    planned = [Slot(one["slot_no"], one["arm_id"], one["form_id"], one["seed"]) for one in found.slots if one["kind"] == "planned"]
    folder.write("materials/slots.txt", list_text(planned))
    again = [one for one in found.slots if one["kind"] != "planned"]
    replaced = {id(one): one["replaces_slot"] for one in again}
    lines = [
        list_text([Slot(one["slot_no"], one["arm_id"], one["form_id"], one["seed"])]).rstrip("\n") + f",{replaced[id(one)]}\n"
        for one in again
    ]
    folder.write("materials/replacements.txt", "".join(lines))
