"""How arms are often given out: count the participants of each, insert into the smallest, with no lock between the two (studies.md 0, 7)."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path


class CountThenInsert:
    """The way that has to fail. Same file system, journal and flushing as the store, so that nothing but the missing lock differs."""

    def __init__(self, file: Path, arms: list[str]):
        self.file, self.arms = file, arms
        with closing(self._open()) as c:
            c.execute("CREATE TABLE participant (id INTEGER PRIMARY KEY, person TEXT, place INTEGER, arm TEXT)")

    def arrive(self, person: str) -> str:
        """The id of the person's row, as a text."""
        with closing(self._open()) as c:
            known = c.execute("SELECT id FROM participant WHERE person = ?", (person,)).fetchone()
            if known is not None:
                return str(known[0])
            counts = dict(c.execute("SELECT arm, count(*) FROM participant GROUP BY arm").fetchall())
            arm = min(self.arms, key=lambda one: counts.get(one, 0))
            row = (person, sum(counts.values()), arm)
            return str(c.execute("INSERT INTO participant (person, place, arm) VALUES (?, ?, ?)", row).lastrowid)

    def rows(self) -> list[tuple[str, int, str]]:
        """(person, place, arm) in the order of insertion."""
        with closing(self._open()) as c:
            return c.execute("SELECT person, place, arm FROM participant ORDER BY id").fetchall()

    def _open(self) -> sqlite3.Connection:
        c = sqlite3.connect(self.file, timeout=30, isolation_level=None)
        c.execute("PRAGMA journal_mode=WAL")
        c.execute("PRAGMA synchronous=FULL")
        return c
