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
    cpu      processor seconds in all: what other programs take of the machine meanwhile is not in them
    """

    values: dict[str, float]
    seconds: float
    model_seconds: float
    samples: int
    built: float = 0.0
    cpu: float = 0.0

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


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Wall and processor seconds that the block took, as the two numbers of a list."""
    took = [0.0, 0.0]
    started, used = time.perf_counter(), time.process_time()
    try:
        yield took
    finally:
        took[:] = time.perf_counter() - started, time.process_time() - used


def ours(task: Task, instance: Any, target: int, seed: int, **params: Any) -> Run:
    """Through `explain`, the cache empty."""
    CACHE.clear()
    with model_clock(task) as spent, stopwatch() as took:
        e = explain("lime", task, instance, target=target, seed=seed, **params)
    CACHE.clear()
    values = dict(zip(e.payload.features, e.payload.values.tolist(), strict=True))
    return Run(values, took[0], spent[0], e.payload.samples, cpu=took[1])


def plain_lime(task: Task, instance: Any, target: int, seed: int, samples: int = 5000) -> Run:
    """The package itself with a plain prediction function, as its manual shows; building its explainer is timed apart."""
    begun = time.perf_counter()
    explainer, shown, predict, names = (_text_lime if task.modality == "text" else _table_lime)(task, instance, seed)
    built = time.perf_counter() - begun
    with model_clock(task) as spent, stopwatch() as took:
        result = explainer.explain_instance(shown, predict, labels=(target,), num_samples=samples)
    found = {names(result, int(i)): float(v) for i, v in result.local_exp[target]}
    return Run(found, took[0], spent[0], samples, built, took[1])


def engine_lime(task: Task, instance: Any, target: int, seed: int) -> Run:
    """The package through the engine, as the app runs it beside ours (method `lime_reference`)."""
    CACHE.clear()
    with model_clock(task) as spent, stopwatch() as took:
        e = explain("lime_reference", task, instance, target=target, seed=seed)
    CACHE.clear()
    values = dict(zip(e.payload.features, e.payload.values.tolist(), strict=True))
    return Run(values, took[0], spent[0], e.payload.samples, cpu=took[1])


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
    """One setting over all instances and seeds: means, except `each`, the runs that they are means of, in a fixed order."""

    label: str
    seconds: float
    model_seconds: float
    samples: float
    agreement: float
    error: float
    built: float
    cpu: float = 0.0
    each: tuple[Run, ...] = ()

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
            float(np.mean([r.cpu for r, _ in runs])),
            tuple(r for r, _ in runs),
        )

    @property
    def outside(self) -> float:
        """Share of the time that is not the model's."""
        return 1 - self.model_seconds / self.seconds

    def line(self) -> str:
        return (
            f"  {self.label:<28} {self.seconds:8.3f} s, {self.cpu:7.3f} of the processor  "
            f"({self.seconds - self.model_seconds:6.3f} outside the model, {100 * self.outside:3.0f} %)  "
            f"{self.samples:7.0f} samples  top-{TOP} Jaccard {self.agreement:.3f}  weight error {100 * self.error:5.1f} %"
            + (f"  (+ {self.built:.3f} s to build)" if self.built > 0.002 else "")
        )


Explain = Callable[..., Run]  # (task, instance, target, seed, **params)


def interleaved(
    task: Task, prepared: Sequence[tuple[Any, int, Run]], seeds: int, settings: dict[str, tuple[Explain, dict[str, Any]]]
) -> dict[str, Point]:
    """A point for each setting, printed. All settings take turns on an instance and seed, so that a busy machine is busy for all alike.

    prepared  instances, each with its target and its reference
    """
    runs: dict[str, list[tuple[Run, Run]]] = {label: [] for label in settings}
    turns = list(settings.items())
    for instance, target, ref in prepared:
        for seed in range(seeds):
            for label, (explain_one, params) in turns:
                runs[label].append((explain_one(task, instance, target, seed, **params), ref))
            turns = turns[1:] + turns[:1]  # nobody always comes first
    points = {label: Point.of(label, made) for label, made in runs.items()}
    for point in points.values():
        print(point.line(), flush=True)
    return points


def defaults_against_defaults(theirs: Point, mine: Point) -> str:
    """Ratio of all time, and of each instance and seed apart."""
    each = [t.seconds / m.seconds for t, m in zip(theirs.each, mine.each, strict=True)]
    return (
        f"  defaults against defaults: {theirs.seconds / mine.seconds:.1f} times faster ({theirs.cpu / max(mine.cpu, 1e-9):.1f} in processor time; "
        f"of each run: median {np.median(each):.1f}, least {min(each):.1f}), Jaccard {mine.agreement:.3f} against {theirs.agreement:.3f}, "
        f"weight error {100 * mine.error:.1f} % against {100 * theirs.error:.1f} %"
    )


def outside_line(point: Point, wanted: float = 10) -> str:
    return f"  time outside the model, {point.label}: {100 * point.outside:.0f} %; wanted: under {wanted:.0f} %"


def at_equal_agreement(theirs: Point, curve: Sequence[Point]) -> str:
    """How much sooner ours gets where `theirs` is: the fastest setting of ours that agrees at least as well; and by the weight error."""
    return "\n".join(
        [
            _at_equal(theirs, curve, "agreement", "Jaccard", lambda p: p.agreement, "{:.3f}"),
            _at_equal(theirs, curve, "weight error", "weight error", lambda p: -p.error, "{:.3f}"),
        ]
    )


def _at_equal(theirs: Point, curve: Sequence[Point], what: str, name: str, good: Callable[[Point], float], form: str) -> str:
    def shown(p: Point) -> str:
        return form.format(abs(good(p)))

    enough = [p for p in curve if good(p) >= good(theirs) - 1e-9]
    if not enough:
        best = max(curve, key=good)
        return (
            f"  at equal {what}: not reached: ours ends at {shown(best)} after {best.seconds:.3f} s "
            f"({theirs.seconds / best.seconds:.1f} times faster), lime is at {shown(theirs)}"
        )
    best = min(enough, key=lambda p: p.seconds)
    each = [t.seconds / b.seconds for t, b in zip(theirs.each, best.each, strict=True)]
    said = (
        f"  at equal {what}: {theirs.seconds / best.seconds:.1f} times faster "
        f"({best.label}, {name} {shown(best)} against {shown(theirs)}" + (f"; median of each run {np.median(each):.1f})" if each else ")")
    )
    return said + (f", {(theirs.seconds + theirs.built) / best.seconds:.1f} times counting its building" if theirs.built > 0.002 else "")


def pairs_over_seeds(runs: Sequence[Run]) -> list[float]:
    return [jaccard(a.top, b.top) for a, b in itertools.combinations(runs, 2)]
