"""What the benchmarks share: timed runs of ours and of the plain `lime` package, long references kept on disk, agreement."""

from __future__ import annotations

import hashlib
import itertools
import json
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from explainers import explain, lime_reference
from explainers.engine import CACHE
from explainers.neighbourhoods import tables
from explainers.tasks import Task

TOP = 5


@dataclass(frozen=True)
class Run:
    """One explanation.

    values   number of each part shown, largest first
    seconds  in all and inside the model; `built`: seconds that building the package's explainer took before
    """

    values: dict[str, float]
    seconds: float
    model_seconds: float
    samples: int
    built: float = 0.0

    @property
    def top(self) -> list[str]:
        return list(self.values)[:TOP]


def jaccard(a: Sequence[str], b: Sequence[str]) -> float:
    first, second = set(a), set(b)
    return len(first & second) / len(first | second)


def weight_error(run: Run, reference: Run) -> float:
    """Root mean square difference over the reference's top parts, as a share of their root mean square weight."""
    wanted = np.array([reference.values[name] for name in reference.top])
    found = np.array([run.values.get(name, 0.0) for name in reference.top])
    return float(np.sqrt(((found - wanted) ** 2).mean() / (wanted**2).mean()))


@contextmanager
def model_clock(task: Task) -> Iterator[list[float]]:
    """Seconds spent in the model's `predict_proba` inside the block, as the one number of a list."""
    spent, model = [0.0], task.model
    predict = model.predict_proba

    def timed(batch: Any) -> np.ndarray:
        started = time.perf_counter()
        try:
            return predict(batch)
        finally:
            spent[0] += time.perf_counter() - started

    model.predict_proba = timed  # type: ignore[method-assign]
    try:
        yield spent
    finally:
        model.predict_proba = predict  # type: ignore[method-assign]


def ours(task: Task, instance: Any, target: int, seed: int, **params: Any) -> Run:
    """Through `explain`, the cache empty."""
    CACHE.clear()
    with model_clock(task) as spent:
        started = time.perf_counter()
        e = explain("lime", task, instance, target=target, seed=seed, **params)
        seconds = time.perf_counter() - started
    CACHE.clear()
    return Run(dict(zip(e.payload.features, e.payload.values.tolist(), strict=True)), seconds, spent[0], e.payload.samples)


def plain_lime(task: Task, instance: Any, target: int, seed: int, samples: int = 5000) -> Run:
    """The package itself with a plain prediction function, as its manual shows; building its explainer is timed apart."""
    begun = time.perf_counter()
    explainer, shown, predict, names = (_text_lime if task.modality == "text" else _table_lime)(task, instance, seed)
    with model_clock(task) as spent:
        started = time.perf_counter()
        result = explainer.explain_instance(shown, predict, labels=(target,), num_samples=samples)
        seconds = time.perf_counter() - started
    found = {names(result, int(i)): float(v) for i, v in result.local_exp[target]}
    return Run(found, seconds, spent[0], samples, started - begun)


def engine_lime(task: Task, instance: Any, target: int, seed: int) -> Run:
    """The package through the engine, as the app runs it beside ours (method `lime_reference`)."""
    CACHE.clear()
    with model_clock(task) as spent:
        started = time.perf_counter()
        e = explain("lime_reference", task, instance, target=target, seed=seed)
        seconds = time.perf_counter() - started
    CACHE.clear()
    return Run(dict(zip(e.payload.features, e.payload.values.tolist(), strict=True)), seconds, spent[0], e.payload.samples)


def _text_lime(task: Task, text: str, seed: int) -> tuple[Any, Any, Callable, Callable]:
    from lime.lime_text import LimeTextExplainer

    def names(result: Any, i: int) -> str:
        return str(result.domain_mapper.indexed_string.word(i))

    return LimeTextExplainer(random_state=seed), text, lambda texts: task.model.predict_proba(list(texts)), names


def _table_lime(task: Task, row: dict[str, Any], seed: int) -> tuple[Any, Any, Callable, Callable]:
    from lime.lime_tabular import LimeTabularExplainer

    schema = task.table
    explainer = LimeTabularExplainer(
        lime_reference._codes(task, tables.train_frame(task)),
        feature_names=schema.names,
        categorical_features=[j for j, c in enumerate(schema.columns) if c.categorical],
        categorical_names={j: [str(v) for v in c.values] for j, c in enumerate(schema.columns) if c.values is not None},
        random_state=seed,
    )
    coded = lime_reference._codes(task, schema.frame([row]))[0]
    return explainer, coded, lambda rows: task.model.predict_proba(lime_reference._decoded(task, rows)), lambda _, i: schema.names[i]


def long_reference(folder: Path, task: Task, instance: Any, target: int, samples: int, seed: int = 987_654) -> Run:
    """A long run of the `lime` package, kept in `folder` for the next time. Its seed is none of those it is compared with."""
    what = json.dumps([task.model.fingerprint, instance, target, samples, seed], default=str)
    path = folder / f"{hashlib.sha256(what.encode()).hexdigest()[:24]}.json"
    if path.exists():
        return Run(**json.loads(path.read_text("utf8")))
    with remembering(task):
        run = plain_lime(task, instance, target, seed, samples)
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run.__dict__), "utf8")
    return run


@contextmanager
def remembering(task: Task) -> Iterator[None]:
    """The same text is asked once only inside the block: for long references, whose time does not count."""
    model, known = task.model, {}
    predict = model.predict_proba

    def remembered(batch: Any) -> np.ndarray:
        if not isinstance(batch, list):
            return predict(batch)
        missing = [text for text in dict.fromkeys(batch) if text not in known]
        for start in range(0, len(missing), 1024):
            part = missing[start : start + 1024]
            known.update(zip(part, predict(part), strict=True))
        return np.stack([known[text] for text in batch])

    model.predict_proba = remembered  # type: ignore[method-assign]
    try:
        yield
    finally:
        model.predict_proba = predict  # type: ignore[method-assign]


@dataclass(frozen=True)
class Point:
    """One setting over all instances and seeds: means."""

    label: str
    seconds: float
    model_seconds: float
    samples: float
    agreement: float
    error: float
    built: float

    @classmethod
    def of(cls, label: str, runs: Sequence[tuple[Run, Run]]) -> Point:
        """runs: each with its reference."""
        return cls(
            label,
            float(np.mean([r.seconds for r, _ in runs])),
            float(np.mean([r.model_seconds for r, _ in runs])),
            float(np.mean([r.samples for r, _ in runs])),
            float(np.mean([jaccard(r.top, ref.top) for r, ref in runs])),
            float(np.mean([weight_error(r, ref) for r, ref in runs])),
            float(np.mean([r.built for r, _ in runs])),
        )

    def line(self) -> str:
        outside = 100 * (1 - self.model_seconds / self.seconds)
        return (
            f"  {self.label:<28} {self.seconds:8.3f} s  ({self.model_seconds:7.3f} in the model, {outside:3.0f} % outside)  "
            f"{self.samples:7.0f} samples  top-{TOP} Jaccard {self.agreement:.3f}  weight error {100 * self.error:5.1f} %"
            + (f"  (+ {self.built:.3f} s to build)" if self.built > 0.002 else "")
        )


def at_equal_agreement(theirs: Point, curve: Sequence[Point]) -> str:
    """How much sooner ours gets where `theirs` is: the fastest setting of ours that agrees at least as well."""
    enough = [p for p in curve if p.agreement >= theirs.agreement - 1e-9]
    if not enough:
        best = max(curve, key=lambda p: p.agreement)
        return (
            f"  not reached: ours ends at {best.agreement:.3f} after {best.seconds:.3f} s ({theirs.seconds / best.seconds:.1f} times faster), "
            f"lime is at {theirs.agreement:.3f}"
        )
    best = min(enough, key=lambda p: p.seconds)
    said = (
        f"  at equal agreement: {theirs.seconds / best.seconds:.1f} times faster "
        f"({best.label}, Jaccard {best.agreement:.3f} against {theirs.agreement:.3f})"
    )
    return said + (f", {(theirs.seconds + theirs.built) / best.seconds:.1f} times counting its building" if theirs.built > 0.002 else "")


def pairs_over_seeds(runs: Sequence[Run]) -> list[float]:
    return [jaccard(a.top, b.top) for a, b in itertools.combinations(runs, 2)]
