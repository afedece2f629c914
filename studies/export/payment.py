"""For paying: who is to be approved, asked to return, and given a bonus, by the recruiting service's own numbers: personal data, kept apart."""

from __future__ import annotations

import json
import math
from collections import Counter
from pathlib import Path
from typing import Any

import pandas as pd
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from ..answers import FAILURE
from ..bonus import bonus_of
from ..keys import Keys
from ..plan import ATTENTION
from ..schema import participant, payment_link
from .files import Folder, write_csv
from .rows import Read

README = "README.md"
_TO_RETURN = ("screened_out", "full", "returned", FAILURE)


def folder_of(place: Path) -> Path:
    """Beside the export, never in it."""
    return place.with_name(place.name + "-payment")


def people(c: Connection, found: Read, keys: Keys) -> list[dict[str, Any]]:
    """Those who came with an external id, by it: id, params, state, failed checks of attention, bonus, minutes. Raises ValueError where
    one cannot be read."""
    here = sa.select(payment_link).join(participant).where(participant.c.version_id == found.frozen.version_id)
    links = {row.participant_id: row for row in c.execute(here)}
    classes = len(found.frozen.about.class_names)
    asked: Counter[int] = Counter(trial["number"] for trial in found.trials)
    correct: Counter[int] = Counter(trial["number"] for trial in found.trials if trial["correct"])
    failed: Counter[int] = Counter(
        row["number"] for row in found.steps if row["kind"] == ATTENTION and row["answer"] not in (None, row["correct"])
    )
    broke = {row["number"]: row["at"] for row in found.events if row["type"] == FAILURE}  # often later than she was last seen
    rows = []
    for one in found.people:
        link, n = links.get(one["participant_id"]), one["number"]
        if link is None or one["is_bot"]:
            continue
        external = keys.decrypt(link.ext_id_encrypted)
        if external:
            rows.append({
                "external_id": external, "params": json.loads(keys.decrypt(link.params_encrypted)), "state": one["state"],
                "attention_failed": failed[n], "over_at": max(one["last_seen_at"], broke.get(n, 0)),
                "minutes": math.ceil(max(one["last_seen_at"] - one["consent_at"] - one["waited_ms"], 0) / 60_000) if one["state"] == FAILURE else "",
                "bonus": bonus_of(correct[n], asked[n], classes, found.design.bonus),
            })  # fmt: skip
    return sorted(rows, key=lambda row: row["external_id"])


def write(folder: Folder, listed: list[dict[str, Any]], identifier: str, currency: str, gone: int = 0) -> None:
    """gone: how many withdrew after they had come to the end."""
    names = sorted({name for row in listed for name in row["params"]})
    params = {row["external_id"]: [row["params"].get(name, "") for name in names] for row in listed}
    done = [row for row in listed if row["state"] == "complete"]
    back = [row for row in listed if row["state"] in _TO_RETURN]
    owed = [row for row in done if row["bonus"] > 0]

    own = ("external_id", "attention_failed", "state", "minutes")
    shown = [f"param {name}" if name in own else name for name in names]

    def table(file: str, columns: list[str], rows: list[list[Any]]) -> None:
        write_csv(pd.DataFrame(rows, columns=columns, dtype=object), folder.path(file))

    table("approve.csv", ["external_id", "attention_failed", *shown],
          [[row["external_id"], row["attention_failed"], *params[row["external_id"]]] for row in done])  # fmt: skip
    table("return.csv", ["external_id", "state", "minutes", *shown],
          [[row["external_id"], row["state"], row["minutes"], *params[row["external_id"]]] for row in back])  # fmt: skip
    table("bonus.csv", ["external_id", "bonus", "currency"], [[row["external_id"], f"{row['bonus']:.2f}", currency] for row in owed])
    until = max((row["over_at"] for row in (*done, *back)), default=0)
    folder.write(README, _TEXT.format(identifier=identifier, gone=gone, until=until))


_TEXT = """# For paying only

{identifier}

**This folder is personal data.** It holds the recruiting service's numbers for people. Never share it, never put it beside published data,
and delete it as soon as everybody is paid. Then call `store.forget_ids(version, until={until})`, which deletes the numbers of these
lists from the store too, and of nobody who came to the end after they were made: people were told that this is done.

- `approve.csv`: who completed the study, also after a time-out; how many checks of attention they failed
- `return.csv`: who is to give the place back: did not pass the quiz (screened_out), found no place (full), gave it back already (returned), or
  was in a session that failed on the study's side (technical_failure). Those last ones did nothing wrong: pay them for their time, in the
  service's own way of paying for a part. `minutes` says how long that was, from agreeing to when they were last seen, in whole minutes begun,
  less waiting for a place; it is empty for the others
- `bonus.csv`: what is to be paid above that, by correct predictions above guessing; nobody is listed who is owed nothing

Nothing is kept of who came to the end and then had the answers deleted ({gone} at most so far), but they were given the code of a completed
study and are owed its pay: approve whoever handed in that code, also where `approve.csv` does not have them. Who withdrew after a session that
failed on the study's side kept the code for that, and is owed for the time likewise.

Who is still taking part, or was timed out and did not come back, is in none of them. The data have other codes, and no file joins the two; a
bonus follows from how many answers were correct, so together they could still tell who is who.
A text that begins with =, +, -, @, a tab or a line break has one ' in front, so that no spreadsheet runs it: take it away before you hand it on.
"""
