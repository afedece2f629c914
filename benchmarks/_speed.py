"""Time against agreement: ours and the lime package on the bundled tasks; and memory."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING, Any

from benchmarks._measure import (
    Run,
    at_equal_agreement,
    defaults_against_defaults,
    engine_lime,
    interleaved,
    long_reference,
    ours,
    outside_line,
    plain_lime,
)
from explainers import load_task
from explainers.tasks import Task

if TYPE_CHECKING:
    from benchmarks.lime import Options

TEXTS = [0, 2, 9, 11, 8, 7]  # rows of the test split: 18 to 36 words
TABLE_ROWS = [3, 57, 210, 404, 777, 1200]
TEXT_CURVE = [300, 450, 650, 900]  # calls
TABLE_CURVE = [256, 512, 1024, 2048, 4096]
LIME_CURVE = [1000, 2000, 5000]


def table(options: Options) -> None:
    speed(
        load_task("income", model="trees"),
        "Table: Adult, gradient-boosted trees",
        options,
        TABLE_ROWS,
        50_000,
        TABLE_CURVE,
        seeds=4,
        wanted="5",
    )


def bilstm(options: Options) -> None:
    speed(load_task("reviews", model="bilstm"), "Text: BiLSTM", options, TEXTS, 50_000, TEXT_CURVE, seeds=4, wanted="6, better 12")


def minilm(options: Options) -> None:
    speed(load_task("reviews", model="minilm"), "Text: MiniLM", options, TEXTS, 20_000, TEXT_CURVE, seeds=2, wanted="6, better 12")


def speed(task: Task, title: str, options: Options, rows: list[int], long: int, curve: list[int], seeds: int, wanted: str) -> None:
    """Both at their defaults and along both curves, then the ratios."""
    instances = [task.instances("test")[row] for row in options.some(rows)]
    seeds = 1 if options.quick else seeds
    print(f"{title}: {len(instances)} instances, {seeds} seeds; agreement with {long:,} samples of lime", flush=True)
    print(f"  wanted: {wanted} times faster at equal agreement", flush=True)
    prepared: list[tuple[Any, int, Run]] = []
    for instance in instances:
        target = int(task.model.predict_proba(task.batch([instance]))[0].argmax())
        prepared.append((instance, target, long_reference(options.keep, task, instance, target, long)))
        ours(task, instance, target, 99, num_samples=300)  # warm up

    tabular = task.modality == "tabular"
    settings: dict[str, tuple[Any, dict[str, Any]]] = {"ours, defaults": (ours, {})}
    settings |= {f"lime, {n:,} samples": (plain_lime, {"samples": n}) for n in LIME_CURVE}
    if tabular:
        settings |= {f"ours, exactly {n:,}": (ours, {"num_samples": n, "settle": False}) for n in curve}
        settings["lime through the engine"] = (engine_lime, {})
    else:  # the ridge stays that of all samples: what is cut short is the asking
        settings |= {f"ours, {n:,} calls": (ours, {"max_calls": n, "settle": False}) for n in curve}
    points = interleaved(task, prepared, seeds, settings)
    default, lime_default = points["ours, defaults"], points[f"lime, {LIME_CURVE[-1]:,} samples"]
    mine = [point for label, point in points.items() if label.startswith("ours")]
    print(defaults_against_defaults(lime_default, default))
    print(at_equal_agreement(lime_default, mine))
    if tabular:
        print("  against lime through the engine (method lime_reference):")
        print(at_equal_agreement(points["lime through the engine"], mine))
    else:
        print(outside_line(default), flush=True)


MEMORY = """
import resource, sys
import numpy as np
from PIL import Image
from explainers import explain, make_task
def text_model(texts):
    p = np.array([len(t) % 7 / 10 for t in texts]); return np.column_stack([1 - p, p])
def picture_model(pictures):
    p = np.array([np.asarray(one).mean() / 255 for one in pictures]); return np.column_stack([1 - p, p])
def photograph(seed, side=224):
    small = np.random.default_rng(seed).integers(0, 256, (14, 14, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)
if sys.argv[1] == "text":
    model, small, large = text_model, "a few words to warm up with, so that imports are not counted in it all", " ".join(f"w{i}" for i in range(512))
else:
    model, small, large = picture_model, photograph(0, 64), photograph(1)
task = make_task("t", modality=sys.argv[1], predict_proba=model, data=[large], class_names=["a", "b"])
explain("lime", task, small, num_samples=500)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
e = explain("lime", task, large, num_samples=5000, settle=False)
assert e.payload.samples == 5000
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before, e.payload.total)
"""


def memory(options: Options) -> None:
    """The largest inputs and models that need no memory themselves, each in a process of its own."""
    for modality, what in (("text", "a text of 512 words"), ("image", "a picture of 224 x 224 pixels")):
        done = subprocess.run([sys.executable, "-c", MEMORY, modality], capture_output=True, text=True, check=True, cwd=sys.path[0])
        kilobytes, parts = map(int, done.stdout.split())
        print(
            f"Memory: 5,000 samples of {what} ({parts} parts): {kilobytes / 1024:.0f} MB above the model at most; wanted: under 1,024",
            flush=True,
        )
