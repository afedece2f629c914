"""Exact tree values beside the shap package called directly: processor time on the same rows, and whether the numbers are the same.

    python benchmarks/shap.py              # 50 rows of `income`, 5 turns
    python benchmarks/shap.py 10 3         # 10 rows, 3 turns

Both take turns on every row. Theirs: `TreeExplainer` made once for the background rows, then `shap_values` of each row, coded in that time.
Ours: `explain`, with the model asked about the row (its cache cleared), the columns merged, the score and the artifact; the explainer is
made once, too.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

import numpy as np

if __package__ in (None, ""):
    # `import shap` must find the package, not this file.
    sys.path[0] = str(Path(__file__).resolve().parents[1])

import explainers
from explainers import shap_tree
from explainers.engine import CACHE


def main(rows: int = 50, turns: int = 5) -> None:
    import shap

    task = explainers.load_task("income", model="trees")
    encoding = task.model.encoding
    instances = [task.check(row) for row in task.instances()[:rows]]
    print(f"{rows} rows of income, {turns} turns each, processor time, medians over rows of each row's median")
    for game, background in ((shap_tree.INTERVENTIONAL, 100), (shap_tree.INTERVENTIONAL, 1000), (shap_tree.PATH_DEPENDENT, 0)):
        more = {"game": game, "target": 1, **({"background": background} if background else {})}
        started = time.process_time()
        if background:
            every = shap.maskers.Independent(shap_tree.background(task, background, 0), max_samples=background)
            theirs = shap.TreeExplainer(task.model.booster, every, feature_perturbation="interventional")
        else:
            theirs = shap.TreeExplainer(task.model.booster, feature_perturbation="tree_path_dependent")
        made = time.process_time() - started
        started = time.process_time()
        explainers.explain("shap_tree", task, instances[0], **more)
        first = time.process_time() - started
        ours_s, theirs_s, apart = [], [], 0.0
        for row in instances:
            mine, other = [], []
            for _ in range(turns):
                CACHE.clear()
                started = time.process_time()
                e = explainers.explain("shap_tree", task, row, **more)
                mine.append(time.process_time() - started)
                started = time.process_time()
                coded = theirs.shap_values(encoding.encode([row]))[0]
                other.append(time.process_time() - started)
            ours_s.append(statistics.median(mine))
            theirs_s.append(statistics.median(other))
            merged = {name: coded[span].sum() for name, span in encoding.spans().items()}
            apart = max(apart, *(abs(value - merged[name]) for name, value in zip(e.payload.features, e.payload.values, strict=True)))
        ours, shaps = statistics.median(ours_s), statistics.median(theirs_s)
        named = f"{game}, {background} rows" if background else game
        print(
            f"{named:26} ours {1000 * ours:6.2f} ms, shap {1000 * shaps:6.2f} ms, ratio {ours / shaps:.2f} ({1000 * (ours - shaps):+.2f} ms); "
            f"first call ours {1000 * first:.0f} ms, shap's making {1000 * made:.0f} ms; "
            f"numbers differ by at most {np.format_float_scientific(apart, 1)}"
        )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
