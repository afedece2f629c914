"""What is claimed about the speed and the quality of anchors, measured against the package `anchor-exp`.

    pip install -e .[bench]
    python benchmarks/anchors.py                      # every section
    python benchmarks/anchors.py trees mlp            # some
    python benchmarks/anchors.py bilstm --quick       # three instances

Same model, same instances, same thresholds (precision 0.95, delta 0.05, tolerance 0.1), in turn. "anchor-exp" is the package as its
manual shows it, all else at its defaults, asking the model by a plain function: tables with quartiles, texts with words
masked and a blank spaCy tokeniser. Ours runs through `explain`, cache empty, the fresh measurement of its rule included.

Precision of both is measured afterwards, on 2,000 (texts: 500) fresh inputs drawn in the same way for both rules; coverage of both
on all training rows or texts. A run of the package on texts is given up after so many calls as the section says; its time until
then counts.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")
# The project's root in place of this folder: a script's own folder comes first on the path.
sys.path[0] = str(Path(__file__).resolve().parents[1])

import numpy as np  # noqa: E402

THRESHOLDS = {"threshold": 0.95, "delta": 0.05, "tau": 0.1}  # the package's tau is the paper's epsilon


@dataclass(frozen=True)
class Run:
    """One explanation: its conditions (None: given up), seconds, calls of the model (instances, copies counted), its own precision."""

    conditions: list[Any] | None
    seconds: float
    calls: int
    said: float
    found: bool = True


class GivenUp(Exception):
    """The package has asked as often as it may."""


class Counter:
    """A model as the package asks it: class indices; counts instances."""

    def __init__(self, ask: Callable[[Any], np.ndarray], most: int | None = None):
        self.ask, self.most, self.calls = ask, most, 0

    def __call__(self, batch: Any) -> np.ndarray:
        self.calls += len(batch)
        if self.most is not None and self.calls > self.most:
            raise GivenUp
        return self.ask(batch).argmax(axis=1)


def ours(task: Any, instance: Any) -> Run:
    from explainers import explain
    from explainers.engine import CACHE

    CACHE.clear()
    started = time.perf_counter()
    e = explain("anchors", task, instance)
    seconds = time.perf_counter() - started
    return Run(e.payload.conditions, seconds, e.cost.calls_made, e.payload.precision, e.status == "complete")


def package_on_tables(task: Any) -> Callable[[Any], Run]:
    """The package's explainer for a table; its building is not timed."""
    from anchor.anchor_tabular import AnchorTabularExplainer

    from explainers.anchor.tables import train_codes
    from explainers.models.tables import CodedTable
    from explainers.neighbourhoods.tables import column_bins, train_frame
    from explainers.payloads import Condition

    columns, train = task.table.columns, train_codes(task)
    cuts = column_bins(task, "quartile")

    class Explainer(AnchorTabularExplainer):  # keeps which predicates were chosen, of which the package only gives the names
        def add_names_to_exp(self, row: Any, found: Any, mapping: Any) -> None:
            self.chosen = [mapping[i] for i in found["feature"]]
            super().add_names_to_exp(row, found, mapping)

    def as_numbers(frame: Any) -> np.ndarray:
        return np.stack(
            [frame[c.name].to_numpy(dtype=float) if c.values is None else [c.code(v) for v in frame[c.name]] for c in columns], axis=1
        ).astype(float)

    def answers(rows: np.ndarray) -> np.ndarray:
        held = [
            c.array(rows[:, j].astype(np.int64) if c.integer else rows[:, j]) if c.values is None else rows[:, j].astype(int)
            for j, c in enumerate(columns)
        ]
        return task.model.predict_proba(CodedTable(task.table, tuple(held)))

    names = {j: [str(v) for v in c.values] for j, c in enumerate(columns) if c.values is not None}
    explainer = Explainer(task.class_names, task.table.names, as_numbers(train_frame(task)), names)
    assert train.codes.shape[0] == len(columns)

    def explain(row: dict[str, Any]) -> Run:
        numbers, ask = as_numbers(task.table.frame([row]))[0], Counter(answers)
        np.random.seed(0)
        started = time.perf_counter()
        found = explainer.explain_instance(numbers, ask, **THRESHOLDS)
        seconds = time.perf_counter() - started
        conditions = [
            Condition(columns[j].name, "==", row[columns[j].name])
            if how == "eq"
            else Condition(columns[j].name, "<=" if how == "leq" else ">", float(cuts[j].edges[int(at)]))
            for j, how, at in explainer.chosen
        ]
        said = float(found.precision()) if conditions else float(found.exp_map["all_precision"])
        return Run(conditions, seconds, ask.calls, said, said >= THRESHOLDS["threshold"])

    return explain


def package_on_texts(task: Any, most: int) -> Callable[[str], Run]:
    import spacy
    from anchor.anchor_text import AnchorText

    from explainers.parts import WORD
    from explainers.payloads import Condition

    explainer = AnchorText(spacy.blank("en"), task.class_names, use_unk_distribution=True)

    def explain(text: str) -> Run:
        ask = Counter(lambda texts: task.model.predict_proba([str(t) for t in texts]), most)
        np.random.seed(0)
        started = time.perf_counter()
        try:
            found = explainer.explain_instance(text, ask, **THRESHOLDS)
        except GivenUp:
            return Run(None, time.perf_counter() - started, ask.calls, 0.0, False)
        seconds = time.perf_counter() - started
        words = list(dict.fromkeys(word for token in found.names() for word in WORD.findall(str(token))))
        said = float(found.precision()) if found.names() else float(found.exp_map["all_precision"])
        return Run([Condition(word, "present") for word in words], seconds, ask.calls, said, said >= THRESHOLDS["threshold"])

    return explain


def judged(task: Any, instance: Any, run: Run, n: int) -> tuple[float, float]:
    """Precision and coverage of a run's rule, the same way for both."""
    from explainers import anchors
    from explainers.anchor.worlds import world_of

    world = world_of(task, instance, anchors.params_for(task)())
    assert run.conditions is not None
    fresh = world.sample(run.conditions, n, np.random.default_rng(987_654))[0]
    target = task.model.predict_proba(task.batch([instance])).argmax()
    known = [(c.feature, c.op, c.value) for c in world.conditions]
    rule = tuple(known.index((c.feature, c.op, c.value)) for c in run.conditions)
    return float((task.model.predict_proba(fresh).argmax(axis=1) == target).mean()), float(world.coverage([rule])[0])


def compare(title: str, task: Any, instances: Sequence[Any], package: Callable[[Any], Run], n: int) -> None:
    ours(task, instances[0])  # warms up what is read once
    pairs = [(ours(task, instance), package(instance)) for instance in instances]  # in turn
    both = [(i, pair) for i, pair in zip(instances, pairs, strict=True) if pair[1].conditions is not None]
    print(f"{title}: {len(instances)} instances")
    for name, side in (("ours", 0), ("anchor-exp", 1)):
        runs = [pair[side] for pair in pairs]
        scores = np.array([judged(task, i, pair[side], n) for i, pair in both]).reshape(-1, 2)
        lengths = [len(pair[side].conditions or []) for _, pair in both]
        found = sum(run.found for run in runs)
        print(
            f"  {name:<11} median {np.median([r.seconds for r in runs]):7.3f} s  mean {np.mean([r.seconds for r in runs]):7.3f} s  "
            f"{np.median([r.calls for r in runs]):7.0f} calls  says it found a rule {found:2d} times  |  fresh precision {scores[:, 0].mean():.3f}  "
            f"coverage {scores[:, 1].mean():.4f}  conditions {np.mean(lengths):.1f}"
        )
    ratios = [b.seconds / a.seconds for a, b in pairs]
    print(
        f"  ours is {np.median([b.seconds for _, b in pairs]) / np.median([a.seconds for a, _ in pairs]):.1f} times faster by the medians "
        f"(median of the ratios {np.median(ratios):.1f}, smallest {min(ratios):.1f}); given up by anchor-exp: {len(pairs) - len(both)}"
    )
    agreed = [(i, pair) for i, pair in both if pair[0].found and pair[1].found]
    if agreed:
        score = np.array([[judged(task, i, run, n) for run in pair] for i, pair in agreed])
        print(
            f"  where both say they found one ({len(agreed)}): fresh precision {score[:, 0, 0].mean():.3f} against {score[:, 1, 0].mean():.3f}, "
            f"coverage {score[:, 0, 1].mean():.4f} against {score[:, 1, 1].mean():.4f}"
        )
    print(flush=True)


def table(model: str, quick: bool) -> None:
    from explainers import load_task

    task = load_task("income", model=model)
    rows = task.instances("test")
    compare(f"income, {model}", task, [rows[i * 37] for i in range(3 if quick else 24)], package_on_tables(task), 2_000)


def text(model: str, count: int, most: int, quick: bool) -> None:
    from explainers import load_task

    task = load_task("reviews", model=model)
    texts = task.instances("test")
    package = package_on_texts(task, most)
    compare(f"reviews, {model} (given up after {most:,} calls)", task, [texts[i * 37] for i in range(3 if quick else count)], package, 500)


SECTIONS: dict[str, Callable[[bool], None]] = {
    "trees": lambda quick: table("trees", quick),
    "mlp": lambda quick: table("mlp", quick),
    "bilstm": lambda quick: text("bilstm", 20, 20_000, quick),
    "minilm": lambda quick: text("minilm", 4, 4_000, quick),
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", help=f"any of: {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--quick", action="store_true", help="three instances")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"there is no section {unknown[0]!r}: choose among {', '.join(SECTIONS)}")
    for name in given.sections or list(SECTIONS):
        SECTIONS[name](given.quick)


if __name__ == "__main__":
    main()
