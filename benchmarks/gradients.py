"""Integrated gradients: our time beside captum's own, and how many steps the bundled models need.

    python benchmarks/gradients.py                 # both sections: some minutes, most of it pictures
    python benchmarks/gradients.py speed           # one
    python benchmarks/gradients.py steps --instances 3

speed   Processor seconds of one map of a picture at 32 steps: `explain`, from the picture to the artifact, and captum's `IntegratedGradients`
        called directly on the same network, picture and baseline, with the completeness delta. captum is timed with the batch that we use and
        with its default, all steps at once. Turns are taken, medians are compared; wanted: at most 1.15.
steps   The steps of the first round that is complete to within 2 % of the effect (rounds of 32, 64, 128, ...): median, 90th percentile, and
        the share of instances that are not there at the most steps. Instances are spread over the test split.

One thread for linear algebra (OMP_NUM_THREADS=1) unless you set another number; the prediction cache is cleared before each run.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")
# The project's root in place of this folder, so that the project's own code is found.
sys.path[0] = str(Path(__file__).resolve().parents[1])

STEPS, TURNS = 32, 7
MOST = {"income": 2048, "reviews": 2048, "animals": 256}
MODELS = [("income", "mlp", 40), ("reviews", "bilstm", 40), ("reviews", "minilm", 20), ("animals", "biased", 6), ("animals", "imagenet", 6)]


def speed(instances: int | None) -> None:
    import numpy as np
    import torch
    from captum.attr import IntegratedGradients

    from explainers import explain, load_task
    from explainers.engine import CACHE
    from explainers.gradients.setup import ROWS_AT_ONCE
    from explainers.maps.output import LOG_ODDS, of_logits

    for model in ("biased", "imagenet"):
        task = load_task("animals", model=model)
        picture = task.instances("test")[3]
        target = explain("integrated_gradients", task, picture, steps=2, most_steps=2).target  # reads what is read once a process
        network, x = task.model.network, task.model.preprocess([picture])
        black = torch.full_like(x, float(task.model.preprocess([picture.point(lambda _: 0)]).min()))

        def ours() -> None:
            CACHE.clear()
            explain("integrated_gradients", task, picture, steps=STEPS, most_steps=STEPS)  # noqa: B023

        def theirs(batch: int | None) -> None:
            method = IntegratedGradients(lambda v: of_logits(network(v), target, LOG_ODDS))  # noqa: B023
            how = {"n_steps": STEPS, "internal_batch_size": batch, "return_convergence_delta": True}
            method.attribute(x, baselines=black, **how)  # noqa: B023

        ways: dict[str, Callable[[], None]] = {
            "explain": ours,
            f"captum, {ROWS_AT_ONCE} at once": lambda: theirs(ROWS_AT_ONCE),
            "captum, its default": lambda: theirs(None),
        }
        spent: dict[str, list[float]] = {name: [] for name in ways}
        for _ in range(TURNS):
            for name, way in ways.items():
                started = time.process_time()
                way()
                spent[name].append(time.process_time() - started)
        medians = {name: float(np.median(some)) for name, some in spent.items()}
        threads = torch.get_num_threads()
        print(
            f"animals, {model}: a picture of {picture.width} x {picture.height}, {STEPS} steps, {threads} thread, medians of {TURNS} turns"
        )
        for name, median in medians.items():
            print(f"  {name:<24}{median:6.2f} s of processor time; explain takes {medians['explain'] / median:.2f} of it")


def steps(instances: int | None) -> None:
    import numpy as np

    from explainers import explain, load_task, methods

    for task_name, model, count in MODELS:
        task = load_task(task_name, model=model)
        total = len(task.instances("test"))
        rows = np.linspace(0, total - 1, min(instances or count, total)).astype(int)
        params = next(m.Params for m in methods(task) if m.name == "integrated_gradients")
        for baseline in params.__dataclass_fields__["baseline"].metadata["choices"]:
            found = [
                explain("integrated_gradients", task, task.instances("test")[int(row)], baseline=baseline, most_steps=MOST[task_name])
                for row in rows
            ]
            needed = [e.payload.samples for e in found]
            open_ = [e for e in found if any(score.value >= 0.02 for score in e.quality)]
            print(
                f"{task_name}, {model}, {baseline}: {len(found)} instances, median {np.median(needed):.0f} steps, "
                f"90th percentile {np.percentile(needed, 90):.0f}; not there at {MOST[task_name]}: {len(open_) / len(found):.0%}",
                flush=True,
            )


SECTIONS = {"speed": speed, "steps": steps}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", help=f"any of: {', '.join(SECTIONS)} (default: all)")
    parser.add_argument("--instances", type=int, help="how many instances the section `steps` looks at for each model and baseline")
    given = parser.parse_args(arguments)
    unknown = [name for name in given.sections if name not in SECTIONS]
    if unknown:
        parser.error(f"there is no section {unknown[0]!r}: choose among {', '.join(SECTIONS)}")
    for name in given.sections or SECTIONS:
        SECTIONS[name](given.instances)
        print(flush=True)


if __name__ == "__main__":
    main()
