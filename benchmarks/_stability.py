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
    methods = {"lime": plain_lime, "ours": ours}
    over_seeds, with_long, found = ({name: [] for name in methods} for _ in range(3))
    for row in rows:
        instance = task.instances()[row]
        target = int(task.model.predict_proba(task.batch([instance]))[0].argmax())
        long = long_reference(options.keep, task, instance, target, 50_000)
        runs = {name: [] for name in methods}
        for seed in seeds:  # one after the other, so that whatever else the machine does slows both
            for name, explain_one in methods.items():
                runs[name].append(explain_one(task, instance, target, seed))
        for name in methods:
            over_seeds[name] += pairs_over_seeds(runs[name])
            with_long[name] += [jaccard(run.top, long.top) for run in runs[name]]
            found[name] += runs[name]
    seconds = {name: float(np.median([run.seconds for run in found[name]])) for name in methods}
    for name in methods:
        print(
            f"  {name:<5} top-5 Jaccard over seeds: mean {np.mean(over_seeds[name]):.3f}, worst {np.min(over_seeds[name]):.2f}; "
            f"with 50,000 samples of lime: {np.mean(with_long[name]):.3f}; {seconds[name]:.3f} s (median), "
            f"{np.mean([run.samples for run in found[name]]):.0f} samples"
        )
    print(
        f"  wanted: at least 0.95, 0.66 and 0.90, in no more time than lime; ours takes {seconds['ours'] / seconds['lime']:.2f} times lime's time"
    )
