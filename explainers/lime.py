"""LIME: which parts of one instance move the model's answer, by a linear model of its behaviour nearby.

Ribeiro, Singh and Guestrin 2016, "Why Should I Trust You?", with the options and defaults of the `lime` package 0.2.0.1:
draw instances like this one with parts switched off, ask the model about them, weight each by its closeness, choose K parts,
fit a ridge regression, report its coefficients. Positive = toward the target class; the unit is probability.

Where this differs from the package, on purpose:
* samples are drawn in one vectorised pass and fitted from second moments: the same numbers, sooner;
* every coefficient comes with a 95 % interval (what other seeds would have given), and R2 with one too;
* whole-number columns stay whole (see bins.py), and a text longer than the model's window is cut to it, its parts sentences.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from . import bins as binning
from . import surrogate
from .engine import CANCELLED, MAX_CALLS, MAX_SECONDS, batch_keys
from .explanation import Attribution, Score
from .methods import MethodSpec, Outcome, Request, option
from .neighbourhoods import Neighbourhood, images, tables, texts
from .parts import POSITIONS, WORDS, TextParts
from .picture_parts import BLUR, MEAN_COLOUR, OTHER_PICTURE, QUICKSHIFT, SLIC, PictureParts
from .tasks import Task

FIRST_CHUNK = 256  # samples before the first provisional picture; chunks double while the model answers them in less than
FAST_CHUNK = 0.25  # seconds, so that a fast model is not slowed by small batches and a slow one still shows something soon
TRUSTED_R2 = 0.5


@dataclass(frozen=True)
class Params:
    """LIME's parameters, with the reference's defaults."""

    num_samples: int = option(
        5000, "Samples", "How many changed copies of the instance are drawn. More: steadier, slower.", low=50, high=100_000
    )
    num_features: int | None = option(  # None: all of them
        10, "Parts to show", "At most this many parts get a number; the rest count as background.", low=1, high=50
    )
    kernel_width: float | None = option(
        None, "Kernel width", "How far 'nearby' reaches: a larger width counts distant copies more. Empty: the reference's default.",
        low=1e-3, high=1e6, advanced=True,
    )  # fmt: skip
    feature_selection: str = option(
        surrogate.AUTO, "Choosing parts", "How the parts to show are chosen. Auto: forward selection up to 6 parts, else highest weights.",
        choices=surrogate.SELECTIONS, advanced=True,
    )  # fmt: skip


@dataclass(frozen=True)
class TextParams(Params):
    parts: str = option(
        WORDS, "A part is", "Words: every occurrence of a word at once. Positions: each occurrence alone.", choices=(WORDS, POSITIONS)
    )
    mask_word: str = option("UNKWORDZ", "Stand-in word", "With positions: the word that stands where one was switched off.", advanced=True)


@dataclass(frozen=True)
class TableParams(Params):
    discretizer: str = option(
        binning.QUARTILE, "Numbers in", "Numbers are compared by bin: quartiles, deciles, cuts by entropy, or none (numbers as they are).",
        choices=(binning.QUARTILE, binning.DECILE, binning.ENTROPY, tables.UNBINNED), advanced=True,
    )  # fmt: skip
    sample_around_instance: bool = option(
        False, "Draw around the instance", "Without bins: draw numbers around this row instead of around the average row.", advanced=True
    )


@dataclass(frozen=True)
class ImageParams(Params):
    num_samples: int = option(
        1000, "Samples", "How many changed copies of the picture are drawn. More: steadier, slower.", low=50, high=100_000
    )
    num_features: int | None = option(
        None, "Parts with a number", "At most this many parts get a number. Empty: all of them.", low=1, high=4000, advanced=True
    )
    segmentation: str = option(
        QUICKSHIFT,
        "Parts are cut by",
        "Quickshift follows colours closely; SLIC makes parts of about equal size.",
        choices=(QUICKSHIFT, SLIC),
    )
    segments: int = option(50, "Parts (SLIC)", "About how many parts SLIC cuts.", low=2, high=1000, advanced=True)
    off: str = option(
        MEAN_COLOUR, "A part switched off shows", "What the model sees in place of a part: its mean colour, a blur, or another picture.",
        choices=(MEAN_COLOUR, BLUR, OTHER_PICTURE),
    )  # fmt: skip


PARAMS: dict[str, type[Params]] = {"text": TextParams, "tabular": TableParams, "image": ImageParams}


def draw(task: Task, instance: Any, params: Params, seed: int) -> Neighbourhood:
    """The whole sample for one instance. Different seeds draw different samples."""
    rng = np.random.default_rng(seed)
    n, width = params.num_samples, params.kernel_width
    if isinstance(params, TextParams):
        return texts.draw(task, instance, n, rng, params.parts, params.mask_word, width)
    if isinstance(params, ImageParams):
        return images.draw(task, instance, n, rng, params.segmentation, params.segments, params.off, width)
    assert isinstance(params, TableParams)
    return tables.draw(task, instance, n, rng, params.discretizer, params.sample_around_instance, width)


def run(request: Request, params: Params) -> Outcome:
    """Ask chunk by chunk, and publish a provisional picture whenever the top parts stand clear of zero."""
    hood = draw(request.task, request.instance, params, request.seed)
    n = len(hood.design)
    ask = request.ask
    ask.plan(n)
    answers: list[np.ndarray] = [np.empty(0)]  # so that a stop before the first sample leaves something to join
    done, chunk = 0, FIRST_CHUNK
    while done < n and not ask.stopped:
        end, started = min(n, done + chunk), ask.seconds
        proba = ask(hood.batch.iloc[done:end] if isinstance(hood.batch, pd.DataFrame) else hood.batch[done:end])
        chunk *= 2 if ask.seconds - started < FAST_CHUNK else 1
        answers.append(proba[:, request.target])
        done += len(proba)
        if done < n and not ask.stopped:
            provisional = _fit(hood, np.concatenate(answers), params)
            if provisional is not None and provisional.separated(among=len(hood.features)):
                reason = f"still sampling: {done:,} of {n:,} samples"
                request.emit(_outcome(request, params, hood, provisional, done, "partial", reason))
    fitted = _fit(hood, np.concatenate(answers), params)
    if ask.stopped:
        return _outcome(request, params, hood, fitted, done, "partial", ask.stopped)
    return _outcome(request, params, hood, fitted, done, "complete", "")


def _fit(hood: Neighbourhood, answers: np.ndarray, params: Params) -> surrogate.Fit | None:
    """The surrogate on the samples answered so far; None while there are too few to fit anything."""
    n = len(answers)
    if n < 10:
        return None
    return surrogate.fit(hood.design[:n], answers, hood.weights[:n], params.num_features or len(hood.features), params.feature_selection)


def _outcome(
    request: Request, params: Params, hood: Neighbourhood, fitted: surrogate.Fit | None, samples: int, status: str, reason: str
) -> Outcome:
    if fitted is None:
        empty = np.empty(0)
        payload = Attribution(
            [], [], empty, hood.unit, empty, empty, total=len(hood.features), samples=samples, **where(hood.parts, [], empty)
        )
        return Outcome(payload, [], [*hood.caveats, "Too few samples were drawn to say anything about the parts."], status, reason)
    chosen = fitted.chosen.tolist()
    payload = Attribution(
        features=[hood.features[i] for i in chosen],
        names=[hood.names[i] for i in chosen],
        values=fitted.coef,
        unit=hood.unit,
        low=fitted.low,
        high=fitted.high,
        intercept=fitted.intercept,
        total=len(hood.features),
        samples=samples,
        local_prediction=float(fitted.intercept + hood.design[0, fitted.chosen] @ fitted.coef),
        **where(hood.parts, chosen, fitted.coef),
    )
    fit_score = Score(
        "local fit (R²)", fitted.r2, fitted.r2_low, fitted.r2_high, True,
        "How much of the model's behaviour nearby these numbers reproduce: 1 is all of it, 0 none.",
    )  # fmt: skip
    return Outcome(payload, [fit_score], [*hood.caveats, *_caveats(fitted, payload, request, status, reason)], status, reason)


def where(parts: TextParts | PictureParts | None, chosen: list[int], values: np.ndarray) -> dict[str, Any]:
    """Where the chosen parts lie in a text or a picture: the fields of `Attribution` that say so."""
    if isinstance(parts, TextParts):
        return {"positions": [parts.positions[i] for i in chosen], "spans": [parts.spans[i] for i in chosen]}
    if isinstance(parts, PictureParts):
        painted = np.zeros(len(parts) + 1)  # the last entry is that of the pixels outside the crop, whose label is -1
        painted[chosen] = values
        return {"map": painted[parts.labels], "segments": parts.labels}
    return {}


_STOPS = {
    CANCELLED: "It was cancelled",
    MAX_CALLS: "It reached its limit of model calls",
    MAX_SECONDS: "It reached its time limit",
}


def _caveats(fitted: surrogate.Fit, payload: Attribution, request: Request, status: str, reason: str) -> list[str]:
    said = []
    if status == "partial" and reason in _STOPS:
        said.append(f"{_STOPS[reason]} after {payload.samples:,} samples, so the numbers are less sure than usual.")
    if fitted.r2 < TRUSTED_R2:
        said.append(
            "The model does not behave like a sum of parts here: these numbers reproduce "
            f"{100 * max(fitted.r2, 0):.0f} % of how its answer varies nearby. Read them as hints."
        )
    unsure = [name for name, low, high in zip(payload.names, fitted.low, fitted.high, strict=True) if low <= 0 <= high]
    if unsure:
        what = "One of the parts shown" if len(unsure) == 1 else f"{len(unsure)} of the parts shown"
        said.append(f"{what} could be zero: another random seed may give the opposite sign.")
    gap = abs((payload.local_prediction or 0) - float(request.prediction[request.target]))
    if gap > 0.25:
        said.append(f"For this very instance the linear model is off by {100 * gap:.0f} percentage points from the model it describes.")
    return said


def fits(task: Task) -> str | None:
    if task.modality in PARAMS:
        return None
    return f"LIME here explains text, tables and pictures, not {task.modality} tasks yet: choose another task."


def params_for(task: Task) -> type:
    return PARAMS.get(task.modality, TextParams)


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    """How many distinct instances will be asked, and some of them to time the model on."""
    hood = draw(task, instance, params, seed)
    if isinstance(hood.batch, pd.DataFrame):
        return len(set(batch_keys(hood.batch))), hood.batch.iloc[:256]
    if isinstance(hood.parts, PictureParts):
        return len(np.unique(hood.design, axis=0)), hood.batch[:4]
    return len({instance, *hood.batch}), hood.batch[:16]


METHOD = MethodSpec("lime", "attribution", "LIME", params_for, fits, run, plan)
