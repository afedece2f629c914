"""Which parts of an instance make it like a prototype: the input importance of Hase and Bansal (ACL 2020, appendix on the prototype model).

One part is changed at a time, and its importance is the evidence for a class (similarity of its closest prototype, 0 to 1) before minus
after, so positive = the part speaks for the class. Nothing is sampled:

* text: each occurrence of a word becomes the network's unknown word where it has one that training taught it, else it is left out;
* tables: after = the expected evidence over the column's own values, each weighted with its probability given the other columns, by the
  paper's imputer, a multinomial logistic regression on the one-hot other columns. Different here: C = 1 on at most 2,000 training rows
  (the paper has C = 1000, with which so few rows are learnt by heart). Numbers, which the paper has none of, count by their quartile;
  within one, five of its training values stand for it;
* pictures (not in the paper): each superpixel takes its mean colour.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import bins as binning
from .neighbourhoods.images import picture_parts
from .neighbourhoods.tables import column_bins, train_frame
from .neighbourhoods.texts import text_parts
from .parts import POSITIONS, TextParts
from .picture_parts import MEAN_COLOUR, SLIC, PictureParts
from .tasks import Task
from .threads import one_thread

DISPLAY = 10.0  # the paper shows ten times the evidence; its limits below are for that
LEAST, LEAST_OF_SMALL = 0.1, 0.03
MOST_LISTED = 6
STRENGTH = 1.0  # C of the imputer
MOST_ROWS = 2_000  # training rows that an imputer learns from, evenly spread
LEVELS = (0.1, 0.3, 0.5, 0.7, 0.9)  # quantiles of a bin's training values that stand for it


@dataclass(frozen=True)
class Changes:
    """Changed copies of one instance, those of one part after those of another.

    batch     m copies
    owner     int (m,), ascending: the part that is changed in each
    features, names  of the parts
    weights   gives (m,), how much each copy counts; those of a part sum to 1
    """

    batch: Any
    owner: np.ndarray
    features: list[str]
    names: list[str]
    weights: Callable[[], np.ndarray]
    parts: TextParts | PictureParts | None
    caveats: list[str]

    def importance(self, before: float, after: np.ndarray) -> np.ndarray:
        """Importance of the first parts, (k,): of all whose copies have an answer. `after`: evidence of the first copies, (n,), n <= m."""
        whole = self.owner[len(after)] if len(after) < len(self.owner) else len(self.features)
        n = int(np.searchsorted(self.owner, whole))
        return before - np.bincount(self.owner[:n], self.weights()[:n] * after[:n], minlength=whole)


def changes(task: Task, instance: Any, segments: int = 30) -> Changes:
    """Every part of `instance` changed on its own, for the prototype network that is `task.model`."""
    if task.modality == "text":
        texts, caveats = text_parts(task, instance, POSITIONS, getattr(task.model, "unknown_word", ""))
        return _one_off(texts, caveats)
    if task.modality == "image":
        return _one_off(picture_parts(task, instance, SLIC, segments, MEAN_COLOUR), [])
    return _redrawn(task, instance)


def listed(values: np.ndarray) -> np.ndarray:
    """Indices of the values that the paper would list, the largest first.

    Those of at least the smaller of 0.1 and half of the largest, or 0.03 where none exceeds 0.1, all on the paper's scale of ten times the
    evidence; of more than six, the three lowest and the three highest.
    """
    size = DISPLAY * np.abs(values)
    most = size.max(initial=0.0)
    kept = np.flatnonzero(size >= (min(LEAST, most / 2) if most > LEAST else LEAST_OF_SMALL))
    if len(kept) > MOST_LISTED:
        order = kept[np.argsort(values[kept], kind="stable")]
        kept = np.concatenate([order[: MOST_LISTED // 2], order[-MOST_LISTED // 2 :]])
    return kept[np.argsort(-size[kept], kind="stable")]


def _one_off(parts: TextParts | PictureParts, caveats: list[str]) -> Changes:
    """Copies with one part switched off each."""
    n = len(parts)
    batch = parts.switch_off(~np.eye(n, dtype=bool))
    return Changes(batch, np.arange(n), parts.features, parts.names, lambda: np.ones(n), parts, caveats)


def _redrawn(task: Task, row: dict[str, Any]) -> Changes:
    """Copies with one column set to each of the values that may stand there."""
    columns = column_bins(task, binning.QUARTILE)
    standing = [_standing(column, train_frame(task)) for column in columns]
    owner = np.repeat(np.arange(len(columns)), [len(values) for values, _ in standing])
    frame = task.table.frame([row] * len(owner))
    for j, (values, _) in enumerate(standing):
        column = columns[j].column
        changed = frame[column.name].to_numpy(dtype=object, copy=True)
        changed[owner == j] = values
        frame[column.name] = column.array(changed.tolist())

    def weights() -> np.ndarray:
        own = np.array([int(column.index([row[column.column.name]])[0]) for column in columns])
        shares = _imputers(task, columns)
        out = []
        for j, (_, bins) in enumerate(standing):
            here = shares[j](own)[bins] / np.bincount(bins)[bins]
            out.append(here / here.sum())
        return np.concatenate(out)

    names = [_named(name, row[name]) for name in task.table.names]
    return Changes(frame, owner, task.table.names, names, weights, None, [])


def _standing(column: binning.ColumnBins, frame: pd.DataFrame) -> tuple[list[Any], np.ndarray]:
    """Values that may stand in a column, and the bin of each: every category, or some training values of each bin of numbers."""
    if column.column.values is not None:
        return list(column.column.values), np.arange(len(column.column.values))
    seen = frame[column.column.name].to_numpy()
    inside = column.index(seen)
    values: list[Any] = []
    bins: list[int] = []
    for b in np.unique(inside):
        values += np.quantile(seen[inside == b], LEVELS, method="nearest").tolist()
        bins += [int(b)] * len(LEVELS)
    return values, np.array(bins)


def _imputers(task: Task, columns: Sequence[binning.ColumnBins]) -> list[Callable[[np.ndarray], np.ndarray]]:
    """For each column, the probability of its bins given those of the others: (d,) -> (bins,). Learnt once a process."""
    kept = task.split("train").__dict__.setdefault("_imputers", {})
    if task.table not in kept:
        frame = train_frame(task)
        rows = frame.iloc[np.unique(np.linspace(0, len(frame) - 1, MOST_ROWS).astype(int))]
        codes = np.column_stack([column.index(rows[column.column.name]) for column in columns])
        kept[task.table] = [_imputer(codes, j, [len(column.frequency) for column in columns]) for j in range(len(columns))]
    found: list[Callable[[np.ndarray], np.ndarray]] = kept[task.table]
    return found


def _imputer(codes: np.ndarray, j: int, sizes: list[int]) -> Callable[[np.ndarray], np.ndarray]:
    """Multinomial logistic regression of column j on the one-hot others. `codes`: int (n, d), bins of the training rows."""
    from sklearn.linear_model import LogisticRegression

    def others(some: np.ndarray) -> np.ndarray:
        return np.hstack([some[:, [i]] == np.arange(size) for i, size in enumerate(sizes) if i != j] or [np.ones((len(some), 1))]).astype(
            float
        )

    present = np.unique(codes[:, j])
    if len(present) == 1:
        return lambda own: np.eye(sizes[j])[present[0]]
    with one_thread():
        fit = LogisticRegression(C=STRENGTH, max_iter=200, tol=1e-3).fit(others(codes), codes[:, j])

    def share(own: np.ndarray) -> np.ndarray:
        out = np.zeros(sizes[j])
        out[fit.classes_] = fit.predict_proba(others(own[None]))[0]
        return out

    return share


def _named(column: str, value: Any) -> str:
    if isinstance(value, float) and not isinstance(value, bool):
        return f"{column} is missing" if np.isnan(value) else f"{column} = {value:g}"
    return f"{column} is missing" if value is None else f"{column} = {value}"
