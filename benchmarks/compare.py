"""What methods side by side cost together: model calls asked for, and how many of them the shared cache spared.

python benchmarks/compare.py            # a row of Adult, a review
python benchmarks/compare.py animals    # a picture
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
sys.path[0] = str(Path(__file__).resolve().parents[1])

TASKS = {"income": "trees", "reviews": "bilstm", "animals": "biased"}
METHODS = ("lime", "anchors", "decision_boundary", "prototypes", "nearest_examples", "composite")
ROWS = (3, 7, 11)


def main(names: list[str]) -> None:
    from explainers import explain, load_task
    from explainers.engine import CACHE

    for name in names or ["income", "reviews"]:
        task = load_task(name, model=TASKS[name])
        asked = made = 0
        for row in ROWS:
            CACHE.clear()
            costs = [explain(method, task, task.instances("test")[row]).cost for method in METHODS]
            asked += sum(cost.calls_asked for cost in costs)
            made += sum(cost.calls_made for cost in costs)
        print(f"{name}, {TASKS[name]}, {len(ROWS)} instances, {', '.join(METHODS)}:")
        print(f"  {asked:,} calls asked for, {made:,} made: {100 * (1 - made / asked):.0f} % spared", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
