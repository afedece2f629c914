"""What the decision boundary finds and what it costs, on the bundled tasks.

    python benchmarks/decision_boundary.py                       # every section: some minutes, most of it MiniLM and the pictures
    python benchmarks/decision_boundary.py trees bilstm          # some
    python benchmarks/decision_boundary.py minilm --instances 3

For each section: the share of instances for which a change with another answer was found (95 % interval), the median and the largest
number of edits, the median distance, distinct model calls and seconds, and calls beside what drawing every copy would have asked.
Instances are the first of the test split, the seed is 0, parameters are the defaults; the prediction cache is cleared before each.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# The project's root in place of this folder, so that the project's own code is found.
sys.path[0] = str(Path(__file__).resolve().parents[1])

SECTIONS: dict[str, tuple[str, str, int, dict[str, str]]] = {  # name -> (task, model, instances, parameters besides the defaults)
    "trees": ("income", "trees", 20, {}),
    "mlp": ("income", "mlp", 20, {}),
    "bilstm": ("reviews", "bilstm", 20, {}),
    "minilm": ("reviews", "minilm", 10, {}),
    "pictures": ("animals", "biased", 6, {}),
    "backgrounds": ("animals", "biased", 6, {"change": "background"}),
}


def section(name: str, instances: int | None) -> None:
    import numpy as np

    from explainers import Explanation, explain, forecast, load_task
    from explainers.engine import CACHE
    from explainers.intervals import wilson

    task_name, model, count, params = SECTIONS[name]
    task = load_task(task_name, model)
    rows = range(min(instances or count, len(task.instances("test"))))
    explain("decision_boundary", task, task.instances("test")[rows[-1]], max_calls=50, **params)  # reads what is read once a process
    found: list[Explanation] = []
    drawn = []
    for row in rows:
        CACHE.clear()
        instance = task.instances("test")[row]
        found.append(explain("decision_boundary", task, instance, **params))
        drawn.append(forecast("decision_boundary", task, instance, **params).calls)
    flips = [e for e in found if e.payload.flipped]
    low, high = wilson(len(flips), len(found))
    edits = [len(e.payload.steps[-1].changed) for e in flips] or [0]
    calls, seconds = [e.cost.calls_asked for e in found], [e.cost.seconds for e in found]
    locked = f", locked: {', '.join(found[0].payload.locked)}" if found[0].payload.locked else ""
    given = "".join(f", {key}: {value}" for key, value in params.items())
    print(f"{task_name}, {model}: {len(found)} instances{locked}{given}")
    print(f"  found          {len(flips)}/{len(found)} = {len(flips) / len(found):.0%} ({low:.0%} to {high:.0%})")
    print(f"  edits          median {np.median(edits):g}, most {max(edits)}")
    print(f"  distance       median {np.median([e.payload.distance for e in flips] or [np.nan]):.2f}")
    print(f"  calls          median {np.median(calls):.0f}, most {max(calls)}; at most one round of drawing: median {np.median(drawn):.0f}")
    print(f"  seconds        median {np.median(seconds):.2f}, most {max(seconds):.2f}")
    plausible = [e.payload.plausibility for e in found if e.payload.plausibility is not None]
    print(f"  plausibility   median {np.median(plausible):.2f}, under 0.05 in {np.mean(np.array(plausible) < 0.05):.0%}")


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", help=f"any of: {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--instances", type=int, help="how many instances a section looks at")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"there is no section {unknown[0]!r}: choose among {', '.join(SECTIONS)}")
    for name in given.sections or SECTIONS:
        section(name, given.instances)
        print(flush=True)


if __name__ == "__main__":
    main()
