"""How much LIME's answer depends on the seed: the breast-cancer forest."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks._measure import jaccard, long_reference, ours, pairs_over_seeds, plain_lime
from explainers import make_task
from explainers.tasks import Task

if TYPE_CHECKING:
    from benchmarks.lime import Options

ROWS = [7, 33, 61, 90, 141, 205, 288, 350, 411, 520]
SEEDS = list(range(6))


def cancer() -> Task:
    """scikit-learn's breast cancer data and a random forest of 100 trees."""
    from sklearn.datasets import load_breast_cancer
    from sklearn.ensemble import RandomForestClassifier

    data = load_breast_cancer(as_frame=True)
    forest = RandomForestClassifier(100, random_state=0).fit(data.data.to_numpy(), data.target)
    return make_task(
        "cancer",
        modality="tabular",
        predict_proba=lambda frame: forest.predict_proba(frame.to_numpy()),
        data=data.data,
        labels=data.target.tolist(),
        class_names=["malignant", "benign"],
        version="forest-100-0",
    )


def stability(options: Options) -> None:
    task = cancer()
    print(f"Stability: breast cancer, forest of 100 trees, {len(ROWS)} rows, {len(SEEDS)} seeds, default settings")
    rows, seeds = options.some(ROWS, 4), options.some(SEEDS, 3)
    table = {}
    for name, explain_one in (("lime", plain_lime), ("ours", ours)):
        over_seeds, with_long, seconds, samples = [], [], [], []
        for row in rows:
            instance = task.instances()[row]
            target = int(task.model.predict_proba(task.batch([instance]))[0].argmax())
            long = long_reference(options.keep, task, instance, target, 50_000)
            runs = [explain_one(task, instance, target, seed) for seed in seeds]
            over_seeds += pairs_over_seeds(runs)
            with_long += [jaccard(run.top, long.top) for run in runs]
            seconds += [run.seconds for run in runs]
            samples += [run.samples for run in runs]
        table[name] = float(np.median(seconds))
        print(
            f"  {name:<5} top-5 Jaccard over seeds: mean {np.mean(over_seeds):.3f}, worst {np.min(over_seeds):.2f}; with 50,000 samples of lime: "
            f"{np.mean(with_long):.3f}; {np.median(seconds):.3f} s (median), {np.mean(samples):.0f} samples"
        )
    print(
        f"  wanted: at least 0.95, 0.66 and 0.90, in no more time than lime; ours takes {table['ours'] / table['lime']:.2f} times lime's time"
    )
