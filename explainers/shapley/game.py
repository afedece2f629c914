"""The parts of an instance as players of a game: the model's output when only some of them are there.

texts     words, each occurrence alone; an absent one is left out, or the task's mask word stands there
pictures  superpixels (SLIC); an absent one shows the baseline: black, a mean colour, a blur, or another picture
tables    columns; an absent one takes its value from each of some background rows, and the output is the mean over them
          (the interventional game; Janzing, Minorics and Bloebaum 2020)
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine import Ended
from ..maps import baselines, form
from ..maps.output import of_probabilities
from ..methods import Request
from ..models.tables import CodedTable
from ..neighbourhoods.images import picture_parts
from ..neighbourhoods.texts import text_parts
from ..parts import POSITIONS, TextParts
from ..picture_parts import MEAN_COLOUR, SLIC, PictureParts
from .seeded import lent

REMOVED, MASK_WORD = "left out", "a mask word"
WORDS = (REMOVED, MASK_WORD)
STAND_IN = "UNKWORDZ"  # as LIME's
ROWS_AT_ONCE = 4096  # of a table
COPIES_AT_ONCE = 64  # of a text or a picture: between two looks at the clock


@dataclass
class Game:
    """Call it with masks, 0/1 (n, players): the output of each coalition, float64 (n,). Raises `Ended` at a limit.

    What was asked is remembered, so that at a limit a method can still say what it says.
    """

    request: Request
    output: str
    players: int
    copies: Callable[[np.ndarray], Any]  # bool (n, players) -> a batch of n * rows instances, those of a mask together
    rows: int = 1
    words: str = ""  # what stands for an absent player
    parts: TextParts | PictureParts | None = None
    caveats: list[str] = field(default_factory=list)
    places: np.ndarray | None = None  # (players, k): where they lie, or how they correlate; near ones belong together
    known: dict[bytes, float] = field(default_factory=dict)  # output of each coalition asked, by `_keys`, in that order

    def __call__(self, masks: Any) -> np.ndarray:
        kept = np.asarray(masks, dtype=float).reshape(-1, self.players) > 0.5
        keys = _keys(kept)
        new = {key: row for row, key in reversed(list(enumerate(keys))) if key not in self.known}
        rows = np.array(sorted(new.values()), dtype=np.intp)
        step = max(1, ROWS_AT_ONCE // self.rows) if self.parts is None else COPIES_AT_ONCE
        for start in range(0, len(rows), step):
            self._ask(kept[rows[start : start + step]])
        return np.array([self.known[key] for key in keys])

    def _ask(self, kept: np.ndarray) -> None:
        batch = self.copies(kept)
        with lent():
            proba = self.request.ask(batch)
        whole = len(proba) // self.rows
        outputs = of_probabilities(proba[: whole * self.rows], self.request.target, self.output)
        self.known.update(zip(_keys(kept[:whole]), outputs.reshape(whole, self.rows).mean(axis=1).tolist(), strict=True))
        if whole < len(kept):
            raise Ended(self.request.ask.stopped)

    def answered(self, masks: Any) -> np.ndarray | None:
        """As a call, of what was asked before alone: None where some of it was not."""
        found = [self.known.get(key) for key in _keys(np.asarray(masks, dtype=float).reshape(-1, self.players) > 0.5)]
        return None if None in found else np.array(found, dtype=float)

    def payload(self, values: np.ndarray, **more: Any) -> Any:
        """values (players,) as an Attribution."""
        more = {"baseline": self.words, **more}
        if isinstance(self.parts, TextParts):
            return form.over_words(self.parts, values, self.output, **more)
        if isinstance(self.parts, PictureParts):
            return form.over_areas(self.parts, values, self.output, **more)
        return form.over_columns(self.request.instance, values, self.output, **more)


def _keys(kept: np.ndarray) -> list[bytes]:
    """A name for each row of bool (n, players)."""
    return [row.tobytes() for row in np.packbits(kept, axis=1)]


def game(request: Request, output: str, baseline: str, background: int = 1, segments: int = 40, most: int | None = None) -> Game:
    """`background`: rows of a table. `segments`: about how many parts of a picture. `most`: parts of a text; None = every word."""
    task, instance = request.task, request.instance
    rng = np.random.default_rng(request.seed)
    if task.modality == "text":
        parts, caveats = text_parts(task, instance, POSITIONS, STAND_IN if baseline == MASK_WORD else "")
        if most is not None and len(parts) > most:
            together = -(-len(parts) // most)
            parts = neighbours(parts, together)
            caveats = [*caveats, f"The text is long for so few coalitions, so {together} neighbouring words count as one part."]
        words = "the text without the word" if baseline == REMOVED else f"the word {STAND_IN} in its place"
        return Game(request, output, len(parts), parts.switch_off, 1, words, parts, caveats, np.arange(len(parts), dtype=float)[:, None])
    if task.modality == "image":
        cut = picture_parts(task, instance, SLIC, segments, MEAN_COLOUR)
        other = np.asarray(baselines.picture_baseline(task, instance, baseline, rng))
        pictured = PictureParts(cut.picture, cut.labels, other)
        return Game(request, output, len(cut), pictured.switch_off, 1, baselines.IN_WORDS[baseline], pictured, [], _centres(cut.labels))
    return _table_game(request, output, baseline, background, rng)


def neighbours(parts: TextParts, together: int) -> TextParts:
    """The same text with so many neighbouring parts as one."""
    groups = [range(start, min(start + together, len(parts))) for start in range(0, len(parts), together)]
    return dataclasses.replace(
        parts,
        features=[" ".join(parts.features[i] for i in group) for group in groups],
        names=[" ".join(parts.names[i] for i in group) for group in groups],
        spans=[[span for i in group for span in parts.spans[i]] for group in groups],
        positions=[[at for i in group for at in parts.positions[i]] for group in groups],
    )


def _table_game(request: Request, output: str, baseline: str, background: int, rng: np.random.Generator) -> Game:
    task, instance = request.task, request.instance
    names = list(instance)
    if baseline == baselines.AVERAGE_ROW:
        others, words = [baselines.row_baseline(task, instance, baseline, rng)], baselines.IN_WORDS[baseline]
    else:
        train = task.instances("train")
        drawn = rng.choice(len(train), min(background, len(train)), replace=False)
        others = [task.check(train[int(i)]) for i in drawn]
        words = f"{len(others)} rows, drawn from the training data"

    table = task.table.coded([instance, *others])

    def copies(kept: np.ndarray) -> CodedTable:
        """Row 0 of the table is the instance, the others stand behind it."""
        held = [column[np.where(kept[:, [j]], 0, np.arange(1, len(table))).ravel()] for j, column in enumerate(table.held)]
        return CodedTable(table.schema, tuple(held))

    return Game(request, output, len(names), copies, len(others), words, None, [], _correlations(task, names))


def _centres(labels: np.ndarray) -> np.ndarray:
    """Middle of each part, (parts, 2)."""
    rows, columns = np.nonzero(labels >= 0)
    of = labels[rows, columns]
    count = np.bincount(of)
    return np.stack([np.bincount(of, rows) / count, np.bincount(of, columns) / count], axis=1)


def _correlations(task: Any, names: list[str]) -> np.ndarray:
    """Each column by its rank correlations with all, (columns, columns): those that go together are near."""
    from ..neighbourhoods.tables import train_frame

    frame = train_frame(task)
    codes = np.stack([frame[name].rank(method="dense") if frame[name].dtype.kind in "ifb" else _codes(frame[name]) for name in names])
    with np.errstate(invalid="ignore"):
        return np.nan_to_num(np.abs(np.corrcoef(codes + 1e-9 * np.arange(codes.shape[1]))))


def _codes(column: Any) -> np.ndarray:
    import pandas as pd

    return pd.factorize(column)[0].astype(float)
