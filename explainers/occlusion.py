"""Occlusion: what the model's answer loses when a part is covered.

Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional Networks", section 4.2. Each part in turn is replaced by something
that stands for its absence; its value is output(instance) - output(without it), so that positive = it speaks for the target.

Pictures: a square window slides over what the model sees. The drop of a window is spread evenly over its pixels, and a pixel's value is
the mean over the windows that cover it: the sum over an area of a window's size is then the drop of such a window. Texts: the same with
words. Tables: each column in turn takes the value it has in another row; over several rows, their mean.

Smoothed (gradients/smoothing.py), pictures only: the same over copies of the picture with normal noise on every pixel.

The values need not add up to anything: two parts that say the same thing can each be covered without loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image
from scipy.stats import t as student

from .gradients import smoothing
from .maps import baselines, form
from .maps.output import PROBABILITY, of_probabilities, output_option
from .methods import MAPS, MethodSpec, Outcome, Request, option
from .models.patches import PatchedPictures
from .models.tables import CodedTable
from .neighbourhoods.tables import train_frame
from .neighbourhoods.texts import text_parts
from .parts import POSITIONS, TextParts
from .picture_parts import crop_box
from .tasks import Task

MOST_WINDOWS = 196  # of a picture or a text, unless a stride is given: with the instance itself, 197 calls
CHUNK = 32  # copies between two provisional maps
REMOVED, REPLACED = "removed", "replaced"
SEVERAL_ROWS = "several rows"
_SEVERAL_IN_WORDS = "{} rows drawn from the training data, one after the other"
_STAND_IN = "UNKWORDZ"  # for a model that names no unknown word of its own
_CAVEAT = "Parts are covered one at a time, so two parts that say the same thing can both get 0: each stands in for the other."


@dataclass(frozen=True)
class ImageParams:
    window: int = option(20, "Window (%)", "Side of the square that covers the picture, as a share of its shorter side.", low=2, high=100)
    stride: int | None = option(
        None, "Step (%)", f"How far the square moves each time. Empty: as finely as {MOST_WINDOWS} copies allow.", low=1, high=100,
        advanced=True,
    )  # fmt: skip
    baseline: str = option(
        baselines.MEAN_COLOUR, "A covered part shows", "What the model sees in place of what is covered: it changes the answer.", upfront=True,
        choices=baselines.PICTURES, meanings=baselines.MEANINGS,
    )  # fmt: skip
    output: str = output_option(PROBABILITY)
    smooth: str = smoothing.smooth_option()
    copies: int = option(4, "Noisy copies", "How many, where smoothed. Each costs as much as one map.", low=2, high=100, advanced=True)
    noise: float = option(0.1, "Noise", "Its standard deviation, as a share of the range of colours.", low=0.001, high=1.0, advanced=True)


@dataclass(frozen=True)
class TextParams:
    window: int = option(1, "Words at a time", "How many neighbouring words are covered together.", low=1, high=50)
    covered: str = option(
        REMOVED, "A covered word is", "Removed, or replaced by a word that stands for no word: it changes the answer.", upfront=True,
        choices=(REMOVED, REPLACED),
    )  # fmt: skip
    stand_in: str = option(
        "", "Stand-in word", "The word that replaces others. Empty: the model's own word for unknown ones.", most=40, advanced=True
    )
    output: str = output_option(PROBABILITY)


@dataclass(frozen=True)
class TableParams:
    baseline: str = option(
        SEVERAL_ROWS, "A covered column shows", "Whose value the model sees in place of this row's: it changes the answer.", upfront=True,
        choices=(*baselines.ROWS, SEVERAL_ROWS), meanings=baselines.MEANINGS,
    )  # fmt: skip
    rows: int = option(8, "Rows drawn", "With several rows: how many values stand in for each column in turn.", low=2, high=1000)
    output: str = output_option(PROBABILITY)


PARAMS: dict[str, type] = {"image": ImageParams, "text": TextParams, "tabular": TableParams}


def run(request: Request, params: Any) -> Outcome:
    if isinstance(params, ImageParams):
        return _over_picture(request, params)
    return _over_text(request, params) if isinstance(params, TextParams) else _over_table(request, params)


def starts(length: int, window: int, stride: int) -> np.ndarray:
    """Where windows begin so that they cover `length`; the last may reach beyond the end and is cut there."""
    return np.arange(1 + max(0, -(-(length - window) // stride))) * stride


@dataclass(frozen=True)
class Windows:
    """Squares over what the model sees of a picture. boxes: int (n, 4) in the picture's pixels; side, stride: in pixels."""

    boxes: np.ndarray
    side: int
    stride: int

    @classmethod
    def over(cls, seen: tuple[int, int, int, int], params: ImageParams) -> Windows:
        left, top, right, bottom = seen
        short = min(right - left, bottom - top)
        side = max(1, round(short * params.window / 100))
        if params.stride is not None:
            if params.stride > params.window:
                raise ValueError("With a step larger than the window, some places would never be covered: choose a smaller step.")
            stride = max(1, round(short * params.stride / 100))
        else:
            stride = next(s for s in range(1, short + 1) if cls._count(seen, side, s) <= MOST_WINDOWS or s == short)
        x, y = left + starts(right - left, side, stride), top + starts(bottom - top, side, stride)
        corners = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
        return cls(np.hstack([corners, np.minimum(corners + side, [right, bottom])]), side, stride)

    @staticmethod
    def _count(seen: tuple[int, int, int, int], side: int, stride: int) -> int:
        return len(starts(seen[2] - seen[0], side, stride)) * len(starts(seen[3] - seen[1], side, stride))

    def mean(self, seen: tuple[int, int, int, int], which: np.ndarray, drops: np.ndarray) -> tuple[np.ndarray, float]:
        """Of windows `which`: each pixel's mean drop per pixel, float64 (h, w) of `seen`, and the share of pixels covered at all."""
        total, count = np.zeros((2, seen[3] - seen[1], seen[2] - seen[0]))
        for (x, y, right, bottom), drop in zip(self.boxes[which] - np.tile(seen[:2], 2), drops, strict=True):
            total[y:bottom, x:right] += drop
            count[y:bottom, x:right] += 1
        return total / np.maximum(count, 1) / self.side**2, float((count > 0).mean())


def _over_picture(request: Request, params: ImageParams) -> Outcome:
    task, picture = request.task, request.instance
    rng = np.random.default_rng(request.seed)
    seen = crop_box(task.model, picture.size)
    windows = Windows.over(seen, params)
    other = baselines.picture_baseline(task, picture, params.baseline, rng)
    order = rng.permutation(len(windows.boxes))  # a run that ends early has looked everywhere a little
    smooth = params.smooth != smoothing.OFF
    signed = not smooth or params.smooth == smoothing.MEAN
    drawn = _noisy(picture, params, request.seed) if smooth else [picture]
    request.ask.plan(len(drawn) * (len(order) + 1))
    maps: list[np.ndarray] = []

    def told(values: np.ndarray, said: list[str], samples: int, status: str, reason: str) -> Outcome:
        unit = params.output if signed else f"{params.smooth} of {params.output}"
        payload = form.over_pixels(
            task, picture, values, unit, baseline=baselines.IN_WORDS[params.baseline], samples=samples, signed=signed
        )
        return Outcome(payload, [], [_CAVEAT, *said], status, reason)

    def outcome(drops: np.ndarray, status: str, reason: str) -> Outcome:
        values, covered = windows.mean(seen, order[: len(drops)], drops)
        cut = f"Only {100 * covered:.0f} % of the picture was covered before the run ended: the rest shows 0."
        if not smooth:
            return told(values, [cut] if covered < 1 else [], len(drops), status, reason)
        whole = len(drops) == len(order)
        done = [*maps, values] if whole or not maps else maps  # a copy that was cut short counts only where there is no other
        said = [cut] if covered < 1 and not maps else []
        if reason and len(done) < len(drawn):
            said.append(f"The run ended after {len(done):,} of {len(drawn):,} noisy copies.")
        if whole:
            maps.append(values)
        return told(smoothing.over_copies(np.stack(done), params.smooth), said, len(maps) * len(order), status, reason)

    for one in drawn:
        copies = PatchedPictures(np.asarray(one), np.asarray(other), windows.boxes[order])
        last = _drops(request, copies, params.output, outcome, None if one is picture else one)
        if request.ask.stopped:
            break
    return last


def _noisy(picture: Image.Image, params: ImageParams, seed: int) -> list[Image.Image]:
    """Copies with normal noise on every pixel."""
    rng, pixels = np.random.default_rng([seed, 1]), np.asarray(picture, dtype=np.float64)
    spread = 255 * params.noise
    drawn = (np.clip(pixels + rng.normal(0, spread, pixels.shape), 0, 255).round().astype(np.uint8) for _ in range(params.copies))
    return [Image.fromarray(one) for one in drawn]


def _over_text(request: Request, params: TextParams) -> Outcome:
    parts, windows, copies, caveats = _covered_texts(request.task, request.instance, params)

    def outcome(drops: np.ndarray, status: str, reason: str) -> Outcome:
        done = windows[: len(drops)]
        count = done.sum(axis=0)
        values = (drops / done.sum(axis=1)) @ done / np.maximum(count, 1)
        said = [*caveats, _CAVEAT]
        if missed := int((count == 0).sum()):
            said.append(f"The run ended before it came to {missed:,} of the {len(parts):,} parts: they show 0.")
        baseline = "the text without the word" if not parts.mask_word else f"the word {parts.mask_word} in its place"
        return Outcome(form.over_words(parts, values, params.output, baseline=baseline, samples=len(drops)), [], said, status, reason)

    return _drops(request, copies, params.output, outcome)


def _covered_texts(task: Task, text: str, params: TextParams) -> tuple[TextParts, np.ndarray, list[str], list[str]]:
    """The words, which of them each copy covers (bool (copies, words)), the copies, and what to say about the text."""
    mask = params.stand_in or getattr(task.model, "unknown_word", _STAND_IN) if params.covered == REPLACED else ""
    parts, caveats = text_parts(task, text, POSITIONS, mask)
    stride = -(-len(parts) // MOST_WINDOWS)
    window = max(params.window, stride)
    if window > params.window:
        caveats.append(f"The text is long, so {window} neighbouring words are covered at a time and share their value.")
    begin = starts(len(parts), window, stride)[:, None]
    at = np.arange(len(parts))
    windows = (at >= begin) & (at < begin + window)
    return parts, windows, parts.switch_off(~windows), caveats


def _over_table(request: Request, params: TableParams) -> Outcome:
    row, table = request.instance, request.task.table
    rows, columns = _rows(request.task, row, params, request.seed), len(row)

    def outcome(drops: np.ndarray, status: str, reason: str) -> Outcome:
        n = len(drops) // columns  # whole rounds over the columns
        rest = len(drops) - n * columns
        told = drops[: n * columns].reshape(n, columns) if n else np.append(drops, np.zeros(columns - rest))[None]
        said, ends = [_CAVEAT], {}
        if n == 0 and rest < columns:
            said.append(f"The run ended before it came to {columns - rest:,} of the {columns:,} columns: they show 0.")
        if n > 1:
            reach = student.ppf(0.975, n - 1) * told.std(axis=0, ddof=1) / np.sqrt(n)
            ends = {"low": told.mean(axis=0) - reach, "high": told.mean(axis=0) + reach}
        words = _SEVERAL_IN_WORDS.format(len(rows)) if params.baseline == SEVERAL_ROWS else baselines.IN_WORDS[params.baseline]
        payload = form.over_columns(row, told.mean(axis=0), params.output, baseline=words, samples=len(drops), **ends)
        return Outcome(payload, [], said, status, reason)

    return _drops(request, table.coded(list(_covered_rows(row, rows))), params.output, outcome)


def _rows(task: Task, row: dict[str, Any], params: TableParams, seed: int) -> list[dict[str, Any]]:
    """The rows to take values from, at least one."""
    rng = np.random.default_rng(seed)
    if params.baseline != SEVERAL_ROWS:
        return [baselines.row_baseline(task, row, params.baseline, rng)]
    frame, train = train_frame(task), task.instances("train")
    drawn = rng.permutation(len(frame))[: params.rows]
    return [task.check(train[int(i)]) for i in drawn]


def _covered_rows(row: dict[str, Any], rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for other in rows:
        for name in row:
            yield {**row, name: other[name]}


def _drops(request: Request, copies: Any, output: str, outcome: Any, of: Any = None) -> Outcome:
    """Ask about the copies, chunk by chunk; `outcome(drops so far, status, reason)` makes the map. of: what they are copies of, None = the
    instance."""
    whole = of_probabilities(request.prediction[None], request.target, output)[0]
    if of is None:
        request.ask.plan(len(copies) + 1)
    else:
        answer = request.ask(request.task.batch([of]))
        whole = of_probabilities(answer, request.target, output)[0] if len(answer) else whole
    drops = np.empty(0)
    while len(drops) < len(copies) and not request.ask.stopped:
        if request.watched and len(drops):
            request.emit(outcome(drops, "partial", f"still covering: {len(drops):,} of {len(copies):,} copies"))
        proba = request.ask(copies[len(drops) : len(drops) + CHUNK])
        drops = np.append(drops, whole - of_probabilities(proba, request.target, output))
    return outcome(drops, "partial" if request.ask.stopped else "complete", request.ask.stopped or "")


def _copies(params: ImageParams) -> int:
    return 1 if params.smooth == smoothing.OFF else params.copies


def fits(task: Task) -> str | None:
    return None if task.modality in PARAMS else f"Occlusion here covers parts of texts, tables and pictures, not {task.modality}."


def params_for(task: Task) -> type:
    return PARAMS.get(task.modality, TextParams)


def plan(task: Task, instance: Any, params: Any, seed: int) -> tuple[int, Any]:
    if isinstance(params, ImageParams):
        windows = Windows.over(crop_box(task.model, instance.size), params)
        some = [instance, *(instance.rotate(90 * k) for k in (1, 2, 3))]
        return 1 + (len(windows.boxes) + 1 if params.smooth != smoothing.OFF else len(windows.boxes)) * _copies(params), some
    if isinstance(params, TextParams):
        copies = _covered_texts(task, instance, params)[2]
        return len({instance, *copies}), copies[:16]
    rows = list(_covered_rows(instance, _rows(task, instance, params, seed)))
    coded: CodedTable = task.table.coded([instance, *rows])
    return len(set(coded.keys())), coded[:256].frame()


METHOD = MethodSpec("occlusion", "attribution", "Occlusion", params_for, fits, run, plan, family=MAPS)
