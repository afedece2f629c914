"""What the design of the copies buys on photographs, and what a stand-in would add."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from benchmarks._images import LONG, ROWS, reference
from benchmarks._measure import Run, jaccard, weight_error
from explainers import load_task, stand_in, surrogate
from explainers.neighbourhoods import images
from explainers.picture_parts import MEAN_COLOUR, QUICKSHIFT

if TYPE_CHECKING:
    from benchmarks.lime import Options

TOTAL = 1000  # what the ridge is scaled to
SIZES = (257, 385)  # copies, the picture included: whole blocks of the design
POOL = 16_384


def coins(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """The reference's draws."""
    return rng.random((n, d)) < 0.5


def orthogonal(n: int, d: int, rng: np.random.Generator) -> np.ndarray:
    """The design without its complements."""
    return images.fold_over(2 * n, d, rng)[::2]


def with_picture(keep: np.ndarray) -> np.ndarray:
    return np.vstack([np.ones((1, keep.shape[1])), keep])


def weights(x: np.ndarray) -> np.ndarray:
    """As `Neighbourhood.fit_weights` gives them."""
    kernel = np.exp(-(((1 - np.sqrt(x.mean(axis=1))) / images.KERNEL_WIDTH) ** 2) / 2)
    return np.append(1.0, kernel[1:] * (TOTAL - 1) / (len(x) - 1))


def estimate(x: np.ndarray, y: np.ndarray, helped: bool, seed: int) -> surrogate.Fit:
    learnt = None
    if helped:
        far = with_picture(coins(POOL, x.shape[1], np.random.default_rng([seed, 1])))
        learnt = stand_in.Learner(stand_in.Pool(far, weights(far))).learn(x, y)
    return surrogate.fit(x, y, weights(x), x.shape[1], surrogate.ALL, stand_in=learnt)


def pictures(options: Options) -> None:
    task = load_task("animals", model="biased")
    rows, seeds = options.some(ROWS), 1 if options.quick else 2
    print(
        f"What each part buys, pictures (EfficientNet-Lite0, {len(rows)} pictures, {seeds} seeds; agreement with {LONG:,} samples of lime)"
    )
    ways = {"the reference's draws": coins, "orthogonal blocks": orthogonal, "  folded over (as shipped)": images.fold_over}
    runs: dict[tuple[int, str], list[tuple[Run, Run]]] = {}
    for row in rows:
        picture = task.instances("test")[row]
        target = int(task.model.predict_proba([picture])[0].argmax())
        long = reference(options.keep, task, picture, target)
        parts = images.picture_parts(task, picture, QUICKSHIFT, 0, MEAN_COLOUR)
        for seed in range(seeds):
            for label, draw in ways.items():
                x = with_picture(draw(SIZES[-1] - 1, len(parts), np.random.default_rng(seed)))
                copies = parts.switch_off(x > 0)
                y = np.concatenate([task.model.predict_proba(copies[i : i + 16])[:, target] for i in range(0, len(x), 16)])
                for n in SIZES:  # of one sample, since its blocks are whole at either size
                    for helped in (False, True) if label.startswith("  folded") else (False,):
                        fitted = estimate(x[:n], y[:n], helped, seed)
                        values = dict(zip([parts.features[i] for i in fitted.chosen], fitted.coef.tolist(), strict=True))
                        name = "    with a stand-in (left out)" if helped else label
                        runs.setdefault((n, name), []).append((Run(values, 0, 0, n), long))
    for n in SIZES:
        first = None
        for label in (*ways, "    with a stand-in (left out)"):
            made = runs[n, label]
            variance = float(np.mean([weight_error(run, long) ** 2 for run, long in made]))
            first = first or variance
            print(
                f"  {n - 1} copies, {label:<32} weight error {100 * np.sqrt(variance):5.1f} %  "
                f"Jaccard {np.mean([jaccard(run.top, long.top) for run, long in made]):.3f}  "
                f"worth {first / variance * (n - 1):6.0f} of the reference's draws",
                flush=True,
            )
