"""The parts of an instance as players of a game: the model's output when only some of them are there.

texts     words, each occurrence alone; an absent one is left out, or the task's mask word stands there
pictures  superpixels (SLIC); an absent one shows the baseline: black, a mean colour, a blur, or another picture
tables    columns; an absent one takes its value from each of some background rows, and the output is the mean over them
          (the interventional game; Janzing, Minorics and Bloebaum 2020)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ..engine import Ended
from ..maps import baselines, form
from ..maps.output import of_probabilities
from ..methods import Request
from ..neighbourhoods.images import picture_parts
from ..neighbourhoods.texts import text_parts
from ..parts import POSITIONS, TextParts
from ..picture_parts import MEAN_COLOUR, SLIC, PictureParts

REMOVED, MASK_WORD = "left out", "a mask word"
WORDS = (REMOVED, MASK_WORD)
STAND_IN = "UNKWORDZ"  # as LIME's
ROWS_AT_ONCE = 4096  # of a table


@dataclass
class Game:
    """Call it with masks, 0/1 (n, players): the output of each coalition, float64 (n,). Raises `Ended` at a limit."""

    request: Request
    output: str
    players: int
    copies: Callable[[np.ndarray], Any]  # bool (n, players) -> a batch of n * rows instances, those of a mask together
    rows: int = 1
    words: str = ""  # what stands for an absent player
    parts: TextParts | PictureParts | None = None
    caveats: list[str] = field(default_factory=list)
    places: np.ndarray | None = None  # (players, k): where they lie, or how they correlate; near ones belong together

    def __call__(self, masks: Any) -> np.ndarray:
        kept = np.asarray(masks, dtype=float).reshape(-1, self.players) > 0.5
        out = []
        step = max(1, ROWS_AT_ONCE // self.rows) if self.parts is None else max(1, len(kept))
        for start in range(0, len(kept), step):
            batch = self.copies(kept[start : start + step])
            proba = self.request.ask(batch)
            if len(proba) < len(kept[start : start + step]) * self.rows:
                raise Ended(self.request.ask.stopped)
            out.append(of_probabilities(proba, self.request.target, self.output).reshape(-1, self.rows).mean(axis=1))
        return np.concatenate(out)

    def payload(self, values: np.ndarray, **more: Any) -> Any:
        """values (players,) as an Attribution."""
        more = {"baseline": self.words, **more}
        if isinstance(self.parts, TextParts):
            return form.over_words(self.parts, values, self.output, **more)
        if isinstance(self.parts, PictureParts):
            return form.over_areas(self.parts, values, self.output, **more)
        return form.over_columns(self.request.instance, values, self.output, **more)


def game(request: Request, output: str, baseline: str, background: int = 1, segments: int = 40) -> Game:
    """`background`: rows of a table. `segments`: about how many parts of a picture."""
    task, instance = request.task, request.instance
    rng = np.random.default_rng(request.seed)
    if task.modality == "text":
        parts, caveats = text_parts(task, instance, POSITIONS, STAND_IN if baseline == MASK_WORD else "")
        words = "the text without the word" if baseline == REMOVED else f"the word {STAND_IN} in its place"
        return Game(request, output, len(parts), parts.switch_off, 1, words, parts, caveats, np.arange(len(parts), dtype=float)[:, None])
    if task.modality == "image":
        cut = picture_parts(task, instance, SLIC, segments, MEAN_COLOUR)
        other = np.asarray(baselines.picture_baseline(task, instance, baseline, rng))
        pictured = PictureParts(cut.picture, cut.labels, other)
        return Game(request, output, len(cut), pictured.switch_off, 1, baselines.IN_WORDS[baseline], pictured, [], _centres(cut.labels))
    return _table_game(request, output, baseline, background, rng)


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

    def copies(kept: np.ndarray) -> Any:
        return task.batch(
            [{n: instance[n] if on else other[n] for n, on in zip(names, row, strict=True)} for row in kept for other in others]
        )

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
