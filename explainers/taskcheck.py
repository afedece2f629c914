"""`python -m explainers check PATH`: tries a task out and says in plain sentences what it found.

Each part is tried even when another failed. A problem is something to mend; a warning is something to know. Values of the data are
not printed beyond the short excerpts that a sentence about a wrong cell needs.
"""

from __future__ import annotations

import math
import time
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from .engine import Asker, take
from .methods import explain, methods
from .models.base import WindowedModel, checked_probabilities
from .picturefolder import Pictures
from .taskcode import described, in_file
from .taskfile import TaskFileError, open_task
from .tasks import Rows, Task

T = TypeVar("T")

FEW = 20  # rows that are asked twice, and one by one
MOST = 500  # rows that accuracy is measured on
PATIENCE = 30.0  # seconds that measuring accuracy may take; a slow model is measured on fewer rows
SAME = 1e-4  # largest difference between two answers that count as the same
LIME_SAMPLES = 200


@dataclass
class Report:
    """What is said, in order, and how many problems there were."""

    say: Callable[[str], None]
    path: Path
    problems: int = 0
    warned: set[str] = field(default_factory=set)

    def problem(self, sentence: str) -> None:
        self.problems += 1
        self.say(f"Problem: {sentence}")

    def warning(self, sentence: str) -> None:
        if sentence not in self.warned:
            self.warned.add(sentence)
            self.say(f"Warning: {sentence}")

    def attempt(self, function: Callable[[], T]) -> T | None:
        """What `function` returns; None when it failed, which has then been said."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return function()
        except TaskFileError as problem:
            for sentence in problem.problems:
                self.problem(sentence)
        except ValueError as problem:
            inside = in_file(problem, self.path)
            self.problem(f"{described(problem, self.path)}." if inside else " ".join(str(problem).split()))
        except (Exception, SystemExit) as problem:  # other people's code may raise anything
            self.problem(f"{described(problem, self.path)}.")
        return None


def check(path: str, say: Callable[[str], None] = print) -> int:
    """Try out the task at `path`; returns the number of problems."""
    report = Report(say, Path(path))
    task = report.attempt(lambda: open_task(path))
    if task is not None:
        kind = {"text": "text", "tabular": "a table", "image": "pictures", "series": "series"}[task.modality]
        say(f"Task {task.name}: {kind}; {len(task.class_names)} classes: {_listed(task.class_names)}.")
        usable = _check_data(report, task)
        for name in task.models:
            _check_model(report, task.with_model(name), usable)
    found = f"{report.problems} problem{'s' * (report.problems != 1)}"
    say(f"{found[0].upper()}{found[1:]} found." if report.problems else "No problems found.")
    return report.problems


def _listed(names: Sequence[str], most: int = 12) -> str:
    return ", ".join(str(name)[:40] for name in names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")


# --- data -------------------------------------------------------------------------------------------------------------


def _check_data(report: Report, task: Task) -> bool:
    """Read every split; whether the test rows can be given to a model."""
    seen: set[str] = set()
    usable = True
    shared = [name for name in task.splits if task.splits[name] == task.splits["test"] and name != "test"]
    for name in (n for n in task.splits if n not in shared):
        before = report.problems
        if report.attempt(lambda name=name: _say_split(report, task, name)) is None:  # type: ignore[misc]
            usable = usable and name != "test" and task.modality != "tabular"
            if task.modality == "tabular" and report.problems > before:
                break  # all files of a table are read together: the same problem would be said again
        seen.add(name)
    if "train" in shared:
        report.say("No training rows: what explanations put in place of a part is drawn from the test rows.")
    if task.modality == "tabular" and usable:
        usable = report.attempt(lambda: _say_columns(report, task)) is not None
    if task.modality == "text" and usable:
        _check_texts(report, task)
    if task.modality == "image" and usable:
        usable = _check_pictures(report, task)
    return usable


def _say_split(report: Report, task: Task, name: str) -> bool:
    labels = task.labels(name)
    words = "without labels"
    if labels:
        counts = Counter(labels)
        words = "labelled: " + _listed([f"{task.class_names[c]} {counts[c]:,}" for c in sorted(counts)])
    report.say(f"{name.capitalize()} rows: {len(task.instances(name)):,}, {words}.")
    absent = [c for i, c in enumerate(task.class_names) if labels and i not in set(labels)]
    if absent:
        report.warning(f"no {name} row has the class {_listed(absent)}.")
    return True


def _say_columns(report: Report, task: Task) -> bool:
    table = task.table
    kinds = [f"{c.name} ({f'{len(c.values or ())} categories' if c.categorical else 'numbers'})" for c in table.columns]
    report.say(f"Columns: {_listed(kinds, 40)}.")
    rows = task.instances("test")
    if isinstance(rows, Rows):
        for c in table.columns:
            if c.categorical and len(c.values or ()) > 50:
                report.warning(f"the column {c.name} has {len(c.values or ())} categories: if it names the rows, leave it out with ignore.")
            if c.low == c.high or len(c.values or (1, 2)) == 1:
                report.warning(f"the column {c.name} has the same value in every row.")
    unknown = [c for c in task.immutable if c not in table.names]
    if unknown:
        report.problem(f"immutable names {_listed(unknown)}, which is no column that the model reads: remove it there.")
    return True


def _check_texts(report: Report, task: Task) -> None:
    bad = []
    for row, text in enumerate(task.instances("test")):
        try:
            task.check(text)
        except ValueError as problem:
            bad.append((row, str(problem)))
    if bad:
        report.warning(f"test texts that cannot be explained: {len(bad)}; the first is text {bad[0][0] + 1}: {bad[0][1]}")


def _check_pictures(report: Report, task: Task) -> bool:
    """Decode the test pictures and their masks, MOST at most; whether all could be read."""
    pictures = task.instances("test")
    masks = pictures.masks if isinstance(pictures, Pictures) else [None] * len(pictures)
    count = min(len(pictures), MOST)
    bad, sizes, masked = [], set(), 0
    for row in range(count):
        try:
            sizes.add(task.check(pictures[row]).size)
            masked += masks[row] is not None
        except ValueError as problem:
            bad.append(str(problem))
    if bad:
        report.problem(f"{bad[0]} ({len(bad)} of the first {count} test pictures cannot be used.)")
        return False
    low, high = min(sizes), max(sizes)
    span = "{} by {}".format(*low) if low == high else "{} by {} to {} by {}".format(*low, *high)
    report.say(f"Pictures: {span} pixels; {masked} of {count} test pictures have a mask of where the object is.")
    return True


# --- models -----------------------------------------------------------------------------------------------------------


def _check_model(report: Report, task: Task, usable: bool) -> None:
    start = time.perf_counter()
    model = report.attempt(lambda: task.model)
    if model is None:
        return
    report.say(f"Model {task.entry.title}: loaded in {_seconds(time.perf_counter() - start)}.")
    if not usable:
        return
    order = np.random.default_rng(0).permutation(len(task.instances("test")))
    few = _rows(task, order[:FEW])
    first = report.attempt(lambda: _ask(task, few))
    if first is None:
        return
    answers, seconds = first
    report.say(f"It answers: {len(few)} rows, {len(task.class_names)} finite probabilities each, which sum to 1.")
    report.attempt(lambda: _check_steady(report, task, few, answers))
    most = max(FEW, min(MOST, int(PATIENCE / max(seconds / len(few), 1e-9))))
    report.attempt(lambda: _measure(report, task, order[:most]))
    report.attempt(lambda: _check_window(report, task, order[:most]))
    report.attempt(lambda: _check_stored(report, task))
    report.attempt(lambda: _try_lime(report, task, int(order[0])))


def _rows(task: Task, rows: np.ndarray) -> Any:
    """Test rows as the model takes them; of pictures only these are decoded."""
    instances = task.instances("test")
    if task.modality == "tabular":
        return take(task.batch(instances), rows)
    return task.batch([instances[int(i)] for i in rows])


def _ask(task: Task, batch: Any) -> tuple[np.ndarray, float]:
    """The model's answer, past the cache, and the seconds it took."""
    start = time.perf_counter()
    proba = checked_probabilities(task.model.predict_proba(batch), len(batch), len(task.class_names))
    return proba, time.perf_counter() - start


def _check_steady(report: Report, task: Task, few: Any, answers: np.ndarray) -> None:
    again, _ = _ask(task, few)
    if (gap := float(np.abs(again - answers).max())) > SAME:
        report.warning(
            f"asked the same twice, the model's answers differ by up to {gap:.2g}: no explanation can be repeated. Fix its seed."
        )
        return
    alone = np.concatenate([_ask(task, take(few, [i]))[0] for i in range(len(few))])
    if (gap := float(np.abs(alone - answers).max())) > SAME:
        report.warning(f"a row's answer depends on the rows asked with it (by up to {gap:.2g}): switch training mode off, mask padding.")
        return
    report.say("Asked twice, and row by row, it gives the same answers.")


def _measure(report: Report, task: Task, rows: np.ndarray) -> None:
    """Accuracy with its 95 % interval, against what task.toml states, and speed."""
    ask = Asker(task.model)
    proba = ask(_rows(task, rows))
    if ask.calls_made:
        report.say(f"Speed: {_seconds(100 * ask.model_seconds / ask.calls_made)} for 100 rows.")
    if not task.labels("test"):
        why = "the test rows have no labels" if task.class_names == task.label_names else "this model knows other classes than the labels"
        report.say(f"Accuracy: not measured, {why}.")
        return
    right = proba.argmax(axis=1) == np.asarray(task.labels("test"))[rows]
    pictures = task.instances("test")
    if isinstance(pictures, Pictures) and pictures.measured is not None:
        about = np.asarray(pictures.measured)[rows]
        if 0 < about.sum() < len(about):
            report.say(f"Of {(~about).sum()} test rows that its accuracy is not measured on, {100 * right[~about].mean():.1f} % are right.")
            right = right[about]
    low, high = wilson(int(right.sum()), len(right))
    report.say(f"Accuracy: {100 * right.mean():.1f} % of {len(right)} test rows (95 % interval {100 * low:.1f} to {100 * high:.1f}).")
    if high < 1 / len(task.class_names):
        report.warning("that is worse than guessing: are class_names in the model's order, and are the labels right?")
    stated = task.entry.accuracy
    if stated is not None and (high < stated[1] or low > stated[2]):
        claim = "{:.1f} % ({:.1f} to {:.1f})".format(*(100 * share for share in stated))
        report.warning(f"task.toml states an accuracy of {claim}, which does not agree.")


def wilson(right: int, n: int) -> tuple[float, float]:
    """95 % interval of a share, after Wilson."""
    z = 1.959964
    share = right / n
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z * math.sqrt(share * (1 - share) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _check_window(report: Report, task: Task, rows: np.ndarray) -> None:
    model = task.model
    if task.modality != "text":
        return
    if not isinstance(model, WindowedModel):
        report.say("Window: the model reads the whole text, as far as Foretell knows.")
        return
    texts = [task.instances("test")[int(i)] for i in rows]
    cut = sum(model.fitting_prefix(text) < len(text) for text in texts)
    window = getattr(model, "window", None)
    size = f"the first {window:,} word pieces" if window else "the beginning"
    report.say(f"Window: the model reads {size} of a text; {cut} of {len(texts)} test texts are longer.")


def _check_stored(report: Report, task: Task) -> None:
    if task.entry.predictions() is not None and task.predictions() is None:
        report.warning("the stored predictions belong to other weights or other test rows and are not used: delete or rebuild them.")


def _try_lime(report: Report, task: Task, row: int) -> None:
    lime = next(m for m in methods(task) if m.name == "lime")
    if not lime.fits:
        report.say(f"LIME: not tried. {lime.reason}")
        return
    e = explain("lime", task, task.instances("test")[row], num_samples=LIME_SAMPLES)
    fit = e.quality[0].value if e.quality else math.nan
    report.say(f"LIME: {LIME_SAMPLES} samples for one test row took {_seconds(e.cost.seconds)} (R² {fit:.2f}).")


def _seconds(value: float) -> str:
    return f"{value:.1f} s" if value >= 0.095 else f"{1000 * value:.1f} ms"
