"""Occlusion and RISE on EfficientNet: ours and the plain loop."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from PIL import Image

from benchmarks._measure import stopwatch
from explainers import explain, load_task
from explainers.engine import CACHE
from explainers.explanation import Attribution
from explainers.maps import soft_masks
from explainers.occlusion import ImageParams, Windows
from explainers.picture_parts import crop_box
from explainers.tasks import Task

if TYPE_CHECKING:
    from benchmarks.maps import Options

WANTED, SAME = 1.5, 0.999
CELLS = 7
PAPER = (128, 256, 512, 1024, 2048, 4096)  # masks
OURS = (64, 128, 256)
SEEDS = 3


def _subjects(options: Options) -> tuple[Task, list[Image.Image]]:
    task = load_task("animals", model="biased")
    pictures = [task.instances("test")[row] for row in options.rows]
    task.model.predict_proba(pictures * 2)  # warm
    return task, pictures


def _ours(method: str, task: Task, picture: Image.Image, **params: Any) -> tuple[Attribution, list[float]]:
    CACHE.clear()
    with stopwatch() as took:
        e = explain(method, task, picture, **params)
    CACHE.clear()
    return e.payload, took


def _seen(task: Task, picture: Image.Image, payload: Attribution) -> np.ndarray:
    left, top, right, bottom = crop_box(task.model, picture.size)
    assert payload.map is not None
    return payload.map[top:bottom, left:right]


def alike(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.corrcoef(a.ravel(), b.ravel())[0, 1])


def _ordinary(task: Task) -> torch.nn.Module:
    return copy.deepcopy(task.model.network).to(memory_format=torch.contiguous_format)  # type: ignore[attr-defined]


class _Probabilities(torch.nn.Module):
    def __init__(self, network: torch.nn.Module):
        super().__init__()
        self.network = network

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.network(x).softmax(-1)


def occlusion(options: Options) -> None:
    """The same windows and the same stand-in (the mean colour of the picture), one picture after the other, ours and captum in turn."""
    from captum.attr import Occlusion

    task, pictures = _subjects(options)
    print(f"Occlusion, EfficientNet-Lite0, {len(pictures)} pictures, defaults; wanted: the same map (over {SAME}), {WANTED} times")
    rows = {"captum, same network": task.model.network, "captum, ordinary memory format": _ordinary(task)}  # type: ignore[attr-defined]
    ours: list[list[float]] = []
    theirs: dict[str, list[list[float]]] = {label: [] for label in rows}
    match: dict[str, list[float]] = {label: [] for label in rows}
    for picture in pictures:
        target = int(task.model.predict_proba([picture])[0].argmax())
        payload, took = _ours("occlusion", task, picture)
        ours.append(took)
        windows = Windows.over(crop_box(task.model, picture.size), ImageParams())
        mean = tuple(round(float(c)) for c in np.asarray(picture, dtype=np.float64).mean(axis=(0, 1)))
        for label, network in rows.items():
            with stopwatch() as took:
                x = task.model.preprocess([picture])  # type: ignore[attr-defined]
                x = x if label == "captum, same network" else x.contiguous()
                stand_in = task.model.preprocess([Image.new("RGB", picture.size, mean)])  # type: ignore[attr-defined]
                found = Occlusion(_Probabilities(network)).attribute(
                    x, (3, windows.side, windows.side), (3, windows.stride, windows.stride), stand_in, target, perturbations_per_eval=1
                )
            theirs[label].append(took)
            match[label].append(alike(found[0].mean(0).detach().numpy(), _seen(task, picture, payload)))
    wall, cpu = np.mean(ours, axis=0)
    print(f"  {'ours':34} {cpu:6.2f} s processor {wall:6.2f} s wall")
    for label in rows:
        their_wall, their_cpu = np.mean(theirs[label], axis=0)
        print(
            f"  {label:34} {their_cpu:6.2f} s processor {their_wall:6.2f} s wall: ours {their_cpu / cpu:.2f} times faster "
            f"(wall {their_wall / wall:.2f}); lowest correlation of the maps {min(match[label]):.6f}"
        )


def _paper_masks(n: int, rng: np.random.Generator) -> soft_masks.SoftMasks:
    """Every cell on or off by a fair coin."""
    return soft_masks.SoftMasks(rng.random((n, CELLS, CELLS)) < 0.5, rng.random((n, 2)), 0.5, False)


class _Loop:
    """RISE as its paper says, one mask at a time: the mean of the masks, each weighted with the answer under it."""

    def __init__(self, task: Task, picture: Image.Image, target: int):
        self.network, self.target = _ordinary(task), target
        mean = tuple(round(float(c)) for c in np.asarray(picture, dtype=np.float64).mean(axis=(0, 1)))
        x, stand_in = task.model.preprocess([picture, Image.new("RGB", picture.size, mean)]).contiguous()  # type: ignore[attr-defined]
        self.stand_in, self.change = stand_in[None], (x - stand_in)[None]

    def run(self, masks: soft_masks.SoftMasks, marks: tuple[int, ...]) -> tuple[dict[int, np.ndarray], np.ndarray, list[float]]:
        """Maps after some numbers of masks, the answers, wall and processor seconds of the loop."""
        side = self.change.shape[-1]
        total, answers, maps = np.zeros((side, side)), np.empty(len(masks)), {}
        with stopwatch() as took, torch.no_grad():
            for row in range(len(masks)):
                mask = masks.at(row, side, side)
                x = self.stand_in + self.change * torch.from_numpy(mask).float()
                answers[row] = float(self.network(x).softmax(-1)[0, self.target])
                total += answers[row] * mask
                if row + 1 in marks:
                    maps[row + 1] = total / (row + 1) / masks.share
        return maps, answers, took


def _centred(masks: soft_masks.SoftMasks, answers: np.ndarray) -> np.ndarray:
    """The long run's map with the noise of the mean answer taken out: on minus off, from the definition, (fine, fine)."""
    seen = masks.all().astype(np.float64)
    return ((answers - answers.mean()) @ (seen - seen.mean(axis=0))).reshape(masks.fine, -1)


def _fine(values: np.ndarray, fine: int) -> np.ndarray:
    small = Image.fromarray(values.astype(np.float32)).resize((fine, fine), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64)


def rise(options: Options) -> None:
    """Correlation with a long run of the paper's loop along a curve of masks, and the ratio of times at the same correlation."""
    task, pictures = _subjects(options)
    print(
        f"RISE, EfficientNet-Lite0, {len(pictures)} pictures, {SEEDS} seeds of ours; correlation with {options.long:,} masks of the paper's loop: "
        "its own map E[f M] / p, and the same answers less their mean; the curve of the paper is from other masks"
    )
    marks = tuple(n for n in PAPER if n <= options.long // 2)
    paper: dict[int, list[tuple[float, float]]] = {n: [] for n in marks}
    ours: dict[int, list[tuple[float, float]]] = {n: [] for n in OURS}
    times: dict[int, list[list[float]]] = {n: [] for n in OURS}
    loop_times: list[np.ndarray] = []
    for number, picture in enumerate(pictures):
        target = int(task.model.predict_proba([picture])[0].argmax())
        loop, rng = _Loop(task, picture, target), np.random.default_rng(987_654 + number)
        masks = _paper_masks(options.long, rng)
        long, answers, _ = loop.run(masks, (options.long,))
        own, centred = _fine(long[options.long], masks.fine), _centred(masks, answers)
        maps, _, took = loop.run(_paper_masks(marks[-1], rng), marks)
        loop_times.append(np.array(took) / marks[-1])
        for n, values in maps.items():
            paper[n].append((alike(_fine(values, masks.fine), own), alike(_fine(values, masks.fine), centred)))
        for n in OURS:
            for seed in range(SEEDS):
                payload, took = _ours("rise", task, picture, masks=n, seed=seed)
                values = _fine(_seen(task, picture, payload), masks.fine)
                ours[n].append((alike(values, own), alike(values, centred)))
                times[n].append(took)
    wall, cpu = np.mean(loop_times, axis=0)
    for n in marks:
        own_, centred_ = np.mean(paper[n], axis=0)
        print(
            f"  paper's loop {n:5,} masks {cpu * n:7.2f} s processor {wall * n:7.2f} s wall: {own_:.3f} own map, {centred_:.3f} less the mean"
        )
    for n in OURS:
        (own_, centred_), (our_wall, our_cpu) = np.mean(ours[n], axis=0), np.mean(times[n], axis=0)
        print(
            f"  ours         {n:5,} masks {our_cpu:7.2f} s processor {our_wall:7.2f} s wall: {own_:.3f} own map, {centred_:.3f} less the mean"
        )
        for column, name in ((0, "own map"), (1, "less the mean")):
            equal = next((m for m in marks if np.mean(paper[m], axis=0)[column] >= (own_, centred_)[column]), None)
            at, more = equal or marks[-1], "" if equal else "more than "
            print(
                f"      {name}: the paper's loop needs {more}{at:,} masks for as much, ours is {more}{cpu * at / our_cpu:.1f} times faster "
                f"(wall {wall * at / our_wall:.1f}; wanted {WANTED})",
                flush=True,
            )


def ablation(options: Options) -> None:
    """256 masks of each kind against a long run (less the mean), and what each part of ours adds."""
    task, pictures = _subjects(options)
    n = 256
    parts: dict[str, list[float]] = {}
    for number, picture in enumerate(pictures):
        target = int(task.model.predict_proba([picture])[0].argmax())
        ask = _Loop(task, picture, target)
        rng = np.random.default_rng(987_654 + number)
        masks = _paper_masks(options.long // 2, rng)
        truth = _centred(masks, ask.run(masks, ())[1])
        for seed in range(SEEDS):
            rng = np.random.default_rng(seed)
            coins, pairs, ours = _paper_masks(n, rng), _pairs(n, rng), soft_masks.SoftMasks.draw(n, CELLS, 0.5, rng)
            maps, answers, _ = ask.run(coins, (n,))
            of_pairs, of_ours = ask.run(pairs, ())[1], ask.run(ours, ())[1]
            for label, values in {
                "coins, the paper's map": _fine(maps[n], masks.fine),
                "coins, answers less their mean": _centred(coins, answers),
                "coins, with the linear model": _estimated(coins, answers),
                "pairs of coins, less the mean": _centred(pairs, of_pairs),
                "orthogonal pairs, less the mean": _centred(ours, of_ours),
                "pairs of coins, with the linear model": _estimated(pairs, of_pairs),
                "orthogonal pairs, with the linear model (ours)": _estimated(ours, of_ours),
            }.items():
                parts.setdefault(label, []).append(alike(values, truth))
    print(f"RISE, {n} masks, {len(pictures)} pictures, {SEEDS} seeds: correlation with {options.long // 2:,} masks of coins, less the mean")
    for label, found in parts.items():
        print(f"  {label:48} {np.mean(found):.3f} (lowest {min(found):.3f})", flush=True)


def _pairs(n: int, rng: np.random.Generator) -> soft_masks.SoftMasks:
    half = _paper_masks(n // 2, rng)
    cells = np.stack([half.cells, ~half.cells], axis=1).reshape(n, CELLS, CELLS)
    return soft_masks.SoftMasks(cells, np.repeat(half.shifts, 2, axis=0), 0.5, True)


def _estimated(masks: soft_masks.SoftMasks, answers: np.ndarray) -> np.ndarray:
    found = soft_masks.estimate(masks, answers)
    assert found is not None
    return found.values
