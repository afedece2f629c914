"""The one place that calls models.

Every method asks through an `Asker`: one explanation's line to its model. There, once for all methods, live de-duplication,
the shared prediction cache, batches of similar length, the bound on batch memory, counting, the forecast of the remaining
time, budgets and cancel.

    ask = Asker(model, Limits(max_calls=500))
    proba = ask(batch)          # (m, classes), m <= len(batch); m < len(batch) means `ask.stopped` says why
"""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from PIL.Image import Image

from .explanation import canonical_json, plain_instance
from .hashing import frame_keys
from .models.base import CodedModel, Model, PatchModel, checked_probabilities
from .models.patches import PatchedPictures
from .models.tables import CodedTable

Progress = Callable[[float, float | None], None]

CANCELLED = "cancelled"
MAX_CALLS = "max_calls"
MAX_SECONDS = "max_seconds"


@dataclass(frozen=True)
class Limits:
    """What an explanation may use. A call = one distinct instance asked of the model, cached or not."""

    max_calls: int | None = None
    max_seconds: float | None = None
    cancel: threading.Event | None = None

    def __post_init__(self) -> None:
        if self.max_calls is not None:
            if isinstance(self.max_calls, bool) or not isinstance(self.max_calls, int | np.integer):
                raise ValueError(f"max_calls must be a whole number, not {str(self.max_calls)[:60]!r}.")
            if self.max_calls < 1:
                raise ValueError("max_calls must be at least 1: the model has to be asked about the instance itself.")
        if self.max_seconds is not None:
            if isinstance(self.max_seconds, bool) or not isinstance(self.max_seconds, int | float | np.number):
                raise ValueError(f"max_seconds must be a number, not {str(self.max_seconds)[:60]!r}.")
            if not self.max_seconds > 0:
                raise ValueError("max_seconds must be more than 0.")


class Ended(Exception):
    """A limit was met inside a library's own loop; its text is the limit ("cancelled", "max_calls", "max_seconds")."""


class PredictionCache:
    """Probabilities by (model fingerprint, hash of the input), least recently used out first. Thread-safe, memory only.

    A row of probabilities is kept as its bytes: thousands are then put in and taken out in one pass, and nobody can change them.
    """

    # A key, a row of a few classes and the bookkeeping of the dict; wide rows are counted on top.
    ENTRY_BYTES = 220

    def __init__(self, max_bytes: int = 96_000_000):
        self.max_bytes = max_bytes
        self._rows: OrderedDict[bytes, bytes] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._rows)

    def get_many(self, fingerprint: str, keys: Sequence[bytes]) -> list[bytes | None]:
        """For each key the bytes of its row, float64, or None."""
        model = _prefix(fingerprint)
        with self._lock:
            if not self._rows:
                return [None] * len(keys)
            full = [model + key for key in keys]
            found = [self._rows.get(key) for key in full]
            for key, row in zip(full, found, strict=True):
                if row is not None:
                    self._rows.move_to_end(key)
            return found

    def put_many(self, fingerprint: str, keys: Sequence[bytes], proba: np.ndarray) -> list[bytes]:
        """proba (n, classes): a row for each key. Gives what `get_many` will give."""
        model, rows = _prefix(fingerprint), _row_bytes(proba)
        with self._lock:
            before = len(self._rows)
            self._rows.update(zip([model + key for key in keys], rows, strict=True))
            self._bytes += (len(self._rows) - before) * (self.ENTRY_BYTES + 8 * proba.shape[1])
            while self._bytes > self.max_bytes:
                _, row = self._rows.popitem(last=False)
                self._bytes -= self.ENTRY_BYTES + len(row)
        return rows

    def clear(self) -> None:
        with self._lock:
            self._rows.clear()
            self._bytes = 0


def _prefix(fingerprint: str) -> bytes:
    return hashlib.blake2b(fingerprint.encode(), digest_size=16).digest()


def _row_bytes(proba: np.ndarray) -> list[bytes]:
    """Each row of an array (n, classes) as the bytes of its float64 numbers."""
    rows = np.ascontiguousarray(proba, dtype=np.float64)
    return rows.view(f"V{8 * rows.shape[1]}").ravel().tolist()


class SpeedBook:
    """Seconds per unit of cost of each model, learnt from every batch, so that a forecast can be made before a run."""

    def __init__(self) -> None:
        self._seconds: dict[str, float] = {}
        self._warm: set[str] = set()  # models timed more than once
        self._lock = threading.Lock()

    def record(self, fingerprint: str, rows: int, cost: int, seconds: float) -> None:
        if rows < 8:  # a call's fixed overhead would pass for the price of an instance
            return
        per_unit = seconds / max(cost, 1)
        with self._lock:
            known = self._seconds.get(fingerprint)
            # The first batch pays for warming up; a faster second one replaces it instead of being averaged with it.
            first = fingerprint not in self._warm
            self._warm.update({fingerprint} if known is not None else ())
            if known is None or (first and per_unit < known):
                self._seconds[fingerprint] = per_unit
            else:
                self._seconds[fingerprint] = 0.7 * known + 0.3 * per_unit

    def seconds(self, fingerprint: str, cost: float) -> float | None:
        per_unit = self._seconds.get(fingerprint)
        return None if per_unit is None else per_unit * cost


CACHE = PredictionCache()
SPEED = SpeedBook()


def batch_keys(batch: Any) -> list[bytes]:
    """A hash for each instance of a batch: list of texts, dicts, arrays or pictures, or a table (columns, dtypes and values count)."""
    if isinstance(batch, CodedTable):
        return batch.keys()
    return frame_keys(batch) if isinstance(batch, pd.DataFrame) else [_instance_key(instance) for instance in batch]


def _instance_key(instance: Any) -> bytes:
    if isinstance(instance, str):
        data = b"t" + instance.encode("utf8", "surrogatepass")
    elif isinstance(instance, np.ndarray):
        data = b"a" + repr((instance.shape, instance.dtype.str)).encode() + np.ascontiguousarray(instance).tobytes()
    elif isinstance(instance, Image):
        data = b"i" + repr((instance.mode, instance.size)).encode() + instance.tobytes()
    else:
        data = b"j" + canonical_json(plain_instance(instance)).encode()
    return hashlib.blake2b(data, digest_size=16).digest()


def take(batch: Any, rows: Sequence[int] | np.ndarray) -> Any:
    """Some instances of a batch, in the order of `rows`."""
    if isinstance(batch, pd.DataFrame):
        rows = np.asarray(rows, dtype=np.intp)
        whole = len(rows) == len(batch) and bool((rows == np.arange(len(rows))).all())
        return (batch if whole else batch.take(rows)).reset_index(drop=True)
    if isinstance(batch, np.ndarray | CodedTable | PatchedPictures):
        return batch[np.asarray(rows, dtype=np.intp)]
    return [batch[i] for i in rows]


def split_batches(costs: np.ndarray, max_batch_cost: int) -> list[np.ndarray]:
    """Indices grouped by similar cost, dearest first, each group within len * max(cost) <= max_batch_cost (or alone).

    Dearest first makes the forecast err on the safe side: what is left is cheaper than what was done.
    """
    order = np.argsort(-costs, kind="stable")
    batches: list[np.ndarray] = []
    start = 0
    while start < len(order):
        size = max(1, int(max_batch_cost // max(1, int(costs[order[start]]))))
        batches.append(order[start : start + size])
        start += size
    return batches


@dataclass
class Asker:
    """One explanation's line to its model. Call it with a batch; it answers for the longest prefix that the limits allow."""

    model: Model
    limits: Limits = field(default_factory=Limits)
    on_progress: Progress | None = None
    cache: PredictionCache = field(default_factory=lambda: CACHE)
    calls_asked: int = 0
    calls_made: int = 0
    model_seconds: float = 0.0
    first: np.ndarray | None = None  # (classes,) the answer for the first instance ever asked
    stopped: str | None = None  # "cancelled" | "max_calls" | "max_seconds", once a limit was met

    def __post_init__(self) -> None:
        self._started = time.perf_counter()
        self._seen: set[bytes] = set()
        self._planned: float | None = None
        self._done = 0.0
        self._fraction = 0.0

    @property
    def seconds(self) -> float:
        return time.perf_counter() - self._started

    def plan(self, total: float) -> None:
        """Say how many instances (duplicates included) the method will ask in all: what progress is a fraction of."""
        self._planned = max(float(total), 1.0)

    def __call__(self, batch: Any) -> np.ndarray:
        """Probabilities for the first m instances, float64 (m, classes). m < len(batch) only when `stopped` says why."""
        keys = batch_keys(batch)
        keys = keys[: self._affordable(keys)]
        n, classes = len(keys), len(self.model.class_names)
        if n == 0:
            return np.empty((0, classes))
        distinct = list(dict.fromkeys(keys))
        answers = dict(zip(distinct, self.cache.get_many(self.model.fingerprint, distinct), strict=True))
        missing = [key for key, row in answers.items() if row is None]
        if missing:
            first_row = dict(zip(reversed(keys), range(n - 1, -1, -1), strict=True))
            unanswered = batch if len(missing) == len(batch) else take(batch, [first_row[key] for key in missing])
            self._ask_model(unanswered, missing, answers, progress_rows=n)
        rows = [answers[key] for key in keys]
        answered = rows.index(None) if None in rows else n
        self._seen.update(distinct if answered == n else [key for key, row in answers.items() if row is not None])
        self.calls_asked = len(self._seen)
        self._done += answered
        self._report()
        flat = np.frombuffer(b"".join(row for row in rows[:answered] if row is not None), dtype=np.float64)
        proba = flat.reshape(answered, classes).copy()  # a copy, because bytes cannot be written to
        if self.first is None and answered:
            self.first = proba[0].copy()
        return proba

    def embed(self, batch: Any) -> np.ndarray:
        """What the model's `embed` says of the first m instances, float64 (m, k); m < len(batch) only when `stopped` says why.

        It is the same pass through the model as an answer, so an instance counts once, whichever is asked for first.
        """
        keys = batch_keys(batch)
        n = self._affordable(keys)
        costs = np.asarray(self.model.costs(batch))
        found: list[np.ndarray] = []
        start = 0
        while start < n and not (self._seen and self._out_of_time()):
            size = max(1, int(self.model.max_batch_cost // max(1, int(costs[start:n].max()))))
            rows = np.arange(start, min(start + size, n))
            started = time.perf_counter()
            found.append(np.asarray(self.model.embed(take(batch, rows)), dtype=np.float64))  # type: ignore[attr-defined]
            self.model_seconds += time.perf_counter() - started
            new = {keys[i] for i in rows} - self._seen
            self.calls_made += len(new)
            self._seen |= new
            self.calls_asked = len(self._seen)
            self._done += len(rows)
            self._report()
            start += size
        return np.concatenate(found) if found else np.empty((0, 0))

    def through(self, forward: Callable[[Any], Any]) -> Callable[[Any], Any]:
        """`forward`, a function of tensors (n, ...) that gradients go through, counted: each distinct row is a call, as any instance is.

        Raises `Ended` before a batch that a limit forbids. What gradients cost behind it is not in `model_seconds`.
        """

        def counted(x: Any) -> Any:
            rows = x.detach().contiguous().numpy()
            new = {_instance_key(row) for row in rows} - self._seen
            left = None if self.limits.max_calls is None else self.limits.max_calls - self.calls_asked
            if left is not None and len(new) > left:
                self.stopped = MAX_CALLS
            if self._out_of_time() or self.stopped:
                raise Ended(self.stopped)
            started = time.perf_counter()
            out = forward(x)
            self.model_seconds += time.perf_counter() - started
            self._seen |= new
            self.calls_made += len(new)
            self.calls_asked = len(self._seen)
            self._done += len(rows)
            self._report()
            return out

        return counted

    def _affordable(self, keys: list[bytes]) -> int:
        """Length of the longest prefix with no more new distinct instances than `max_calls` still allows."""
        if (self._out_of_time() or self.stopped) and self._seen:
            return 0
        if self.limits.max_calls is None:
            return len(keys)
        left = self.limits.max_calls - self.calls_asked
        new: set[bytes] = set()
        for row, key in enumerate(keys):
            if key not in self._seen and key not in new:
                if len(new) == left:
                    self.stopped = MAX_CALLS
                    return row
                new.add(key)
        return len(keys)

    def _ask_model(self, batch: Any, keys: list[bytes], answers: dict[bytes, bytes | None], progress_rows: int) -> None:
        """Fill `answers` for `keys`, batch by batch, until a limit is met."""
        if isinstance(batch, CodedTable) and not isinstance(self.model, CodedModel):
            batch = batch.frame()
        costs = np.asarray(self.model.costs(batch))
        done_before = self._done
        for rows in split_batches(costs, self.model.max_batch_cost):
            # The first batch holds the instance itself: without it there is nothing to show. (A met max_calls is no reason to
            # stop here: `keys` is what it still allows.)
            if (self._seen or self.calls_made) and self._out_of_time():
                break
            part = take(batch, rows)
            if isinstance(part, PatchedPictures) and not isinstance(self.model, PatchModel):
                part = list(part)
            started = time.perf_counter()
            proba = checked_probabilities(self.model.predict_proba(part), len(rows), len(self.model.class_names))
            spent = time.perf_counter() - started
            self.model_seconds += spent
            SPEED.record(self.model.fingerprint, len(rows), int(costs[rows].sum()), spent)
            batch_of_keys = [keys[i] for i in rows]
            kept = self.cache.put_many(self.model.fingerprint, batch_of_keys, proba)
            answers.update(zip(batch_of_keys, kept, strict=True))
            self.calls_made += len(rows)
            self._done += progress_rows * len(rows) / len(keys)
            self._report()
        self._done = done_before

    def _out_of_time(self) -> bool:
        """Whether a cancel or `max_seconds` ends the asking now; `stopped` then says so."""
        if self.limits.cancel is not None and self.limits.cancel.is_set():
            self.stopped = CANCELLED
        elif self.limits.max_seconds is not None and self.seconds > self.limits.max_seconds:
            self.stopped = self.stopped or MAX_SECONDS
        return self.stopped in (CANCELLED, MAX_SECONDS)

    def _report(self) -> None:
        if self.on_progress is None or self._planned is None:
            return
        # Never backwards: after a stop, answers behind the first gap do not count as done.
        self._fraction = fraction = max(self._fraction, min(self._done / self._planned, 1.0))
        left = self.seconds * (1 - fraction) / fraction if fraction > 0 else None
        self.on_progress(fraction, left)
