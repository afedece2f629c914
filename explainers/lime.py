"""LIME: which parts of one instance move the model's answer, by a linear model of its behaviour nearby.

Ribeiro, Singh and Guestrin 2016, "Why Should I Trust You?", with the options and defaults of the `lime` package 0.2.0.1:
draw instances like this one with parts switched off, ask the model about them, weight each by its closeness, choose K parts,
fit a ridge regression, report its coefficients. Positive = toward the target class; the unit is probability.

Where this differs from the package, on purpose:
* fewer samples are asked about, and those that say more; what is estimated, ridge included, stays that of `num_samples` of the
  package's draws. Texts (neighbourhoods/designs.py, stand_in.py): sizes drawn where they count, in even rounds; a stand-in learnt
  from the answers takes most of the noise out, and says where it may be far off: there the next copies are drawn; all copies of
  up to 9 words. Tables (neighbourhoods/tables.py): rows in a Sobol net, `num_samples` rounded to a power of two, rare bins drawn more
  often, and what is owed to the other bins taken out of the answers. Pictures: fold-over blocks. Sampling stops when the numbers are
  settled (Fit.settled), which is asked after fixed numbers of samples;
* every coefficient comes with a 95 % interval (what other seeds would have given), and R2 with one too;
* whole-number columns stay whole (see bins.py), and a text longer than the model's window is cut to it, its parts sentences.

What each part buys (`python benchmarks/lime.py ablation`). BiLSTM, 844 copies, in draws of the package that are as good: even
rounds of well-chosen sizes 1,050, with the stand-in 3,900, steered by it 9,600; complement pairs 1,230 and decks 1,350 without a
stand-in, which were left out. Breast-cancer forest, 4,096 rows: root mean square error 0.0048 drawn, 0.0017 in a net, 0.0015 with the
other bins taken out; with a kernel width of 1, 0.00035 drawn, 0.00015 drawn by weight, 0.00005 in a net as well. Adult trees, 1,024
rows: 0.025 drawn, 0.019 in a net, 0.012 with rare bins drawn more often, 0.011 with the other bins taken out. Photographs, 384 copies:
fold-over blocks as good as 980; a stand-in beside them 1,100, which is within chance and was left out.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import bins as binning
from . import stand_in, surrogate
from .engine import CANCELLED, MAX_CALLS, MAX_SECONDS, SPEED, batch_keys
from .explanation import Attribution, Score
from .methods import MethodSpec, Outcome, Request, option
from .models.tables import CodedTable
from .neighbourhoods import Neighbourhood, images, tables, texts
from .parts import POSITIONS, WORDS, TextParts
from .picture_parts import BLUR, MEAN_COLOUR, OTHER_PICTURE, QUICKSHIFT, SLIC, PictureParts
from .tasks import Task

FIRST_CHUNK = 32  # samples before the first provisional picture of a model not timed yet; chunks grow while it answers them in less than
FAST_CHUNK = 0.25  # seconds, so that a fast model is not slowed by small batches and a slow one still shows something soon
LEAST_SHOWN = 100  # samples behind a provisional picture
TRUSTED_R2 = 0.5
LEAST_BY_PLAIN = 20  # from a twentieth of the samples on, errors may be compared with those that all would have left
SETTLE = "Stop before the last sample once more would not change the picture. Off: all samples are drawn."


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
        None, "Kernel width", "How far 'nearby' reaches: a larger width counts distant copies more. Empty: the usual width.",
        low=1e-3, high=1e6, advanced=True,
    )  # fmt: skip
    feature_selection: str = option(
        surrogate.AUTO, "Choosing parts", "How the parts to show are chosen. Auto: forward selection up to 6 parts, else highest weights.",
        choices=surrogate.SELECTIONS, advanced=True,
    )  # fmt: skip


@dataclass(frozen=True)
class TextParams(Params):
    settle: bool = option(True, "Stop when settled", SETTLE, advanced=True)
    parts: str = option(
        WORDS, "A part is", "Words: every occurrence of a word at once. Positions: each occurrence alone.", choices=(WORDS, POSITIONS)
    )
    mask_word: str = option(
        "UNKWORDZ", "Stand-in word", "With positions: the word that stands where one was switched off.", advanced=True, most=40
    )


@dataclass(frozen=True)
class TableParams(Params):
    num_samples: int = option(
        5000, "Samples", "How many changed copies of the row are drawn, rounded to a power of two. More: steadier, slower.",
        low=50, high=100_000,
    )  # fmt: skip
    settle: bool = option(True, "Stop when settled", SETTLE, advanced=True)
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
    settle: bool = option(True, "Stop when settled", SETTLE, advanced=True)
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
        return texts.draw(task, instance, n, rng, params.parts, params.mask_word, width, params.settle)
    if isinstance(params, ImageParams):
        return images.draw(task, instance, n, rng, params.segmentation, params.segments, params.off, width, params.settle)
    assert isinstance(params, TableParams)
    return tables.draw(task, instance, n, rng, params.discretizer, params.sample_around_instance, width, params.settle)


def run(request: Request, params: Params) -> Outcome:
    """Ask chunk by chunk, publish a provisional picture whenever the top parts stand clear of zero, stop when the numbers are settled."""
    hood = draw(request.task, request.instance, params, request.seed)
    n = len(hood.design)
    ask = request.ask
    ask.plan(n)
    if not isinstance(hood.batch, CodedTable):  # copies of a text or a picture may be dearer than itself, and would be asked before it
        ask(request.task.batch([request.instance]))
    answers = np.empty(0)
    learner: stand_in.Learner | None = None
    chunk = _first_chunk(request)
    fitted: surrogate.Fit | None = None
    goals = (*hood.checks, n)  # where to look next and whether to stop is asked at fixed numbers, so that the clock has no say in it
    for goal, following in zip(goals, (*goals[1:], n), strict=True):
        while len(answers) < goal and not ask.stopped:
            if request.watched and len(answers) and (fitted := _provisional(hood, answers, params)) is not None:
                reason = f"still sampling: {len(answers):,} of {n:,} samples"
                request.emit(_outcome(request, params, hood, fitted, len(answers), "partial", reason))
            end, started = min(goal, len(answers) + min(chunk, hood.at_once or chunk)), ask.seconds
            proba = ask(hood.batch[len(answers) : end])
            spent = ask.seconds - started
            chunk *= 16 if spent < FAST_CHUNK / 5 else 2 if spent < FAST_CHUNK else 1
            answers = np.append(answers, proba[:, request.target])
        if learner is None and hood.pool is not None and len(answers) >= stand_in.LEAST:
            learner = stand_in.Learner(hood.pool())
        if ask.stopped or goal == n:
            break
        if (settled := _settled(hood, answers, params, learner)) is not None:
            ask.plan(len(answers) + 1)  # progress ends at 1 here too
            ask(hood.batch[:1])
            return _outcome(request, params, hood, settled, len(answers), "complete", "")
        if learner is not None and hood.steer is not None:
            hood = hood.steer(learner.miss, goal, following)
    fitted = _fit(hood, answers, params, learner)
    return _outcome(request, params, hood, fitted, len(answers), "partial" if ask.stopped else "complete", ask.stopped or "")


def _settled(hood: Neighbourhood, answers: np.ndarray, params: Params, learner: stand_in.Learner | None) -> surrogate.Fit | None:
    """The fit to stop with, if sampling may stop here: by a quick look, and by a thorough one where that says yes."""
    by_plain = hood.by_plain and len(answers) >= len(hood.design) // LEAST_BY_PLAIN
    fitted = None
    for rough in (True, False) if learner is not None or hood.aside is not None else (False,):
        fitted = _fit(hood, answers, params, learner, rough)  # the learner learns here, also where sampling must go on
        if not hood.settle or len(answers) < hood.least or fitted is None or not fitted.settled(by_plain):
            return None
    return fitted


def _first_chunk(request: Request) -> int:
    """As many samples as the model answers in `FAST_CHUNK`, where it has been timed before."""
    model, table = request.task.model, request.task.modality == "tabular"
    cost = 1.0 if table else float(np.max(model.costs(request.task.batch([request.instance]))))  # every row of a table costs 1
    seconds = SPEED.seconds(model.fingerprint, cost)
    return max(FIRST_CHUNK, int(FAST_CHUNK / seconds)) if seconds else FIRST_CHUNK


def _provisional(hood: Neighbourhood, answers: np.ndarray, params: Params) -> surrogate.Fit | None:
    """A picture worth showing before the end, without what would slow the sampling down."""
    if len(answers) < max(LEAST_SHOWN, 3 * len(hood.features)):
        return None  # standard errors cannot be believed yet
    fitted = _fit(hood, answers, params, rough=True)
    return fitted if fitted is not None and fitted.separated(among=len(hood.features)) else None


def _fit(
    hood: Neighbourhood, answers: np.ndarray, params: Params, learner: stand_in.Learner | None = None, rough: bool = False
) -> surrogate.Fit | None:
    """The surrogate on the samples answered so far; None while there are too few to fit anything. `rough`: quickly, for a glimpse."""
    n = len(answers)
    complete = hood.complete and n == len(hood.design)
    if n < 10 and not complete:
        return None
    x = hood.design[:n]
    return surrogate.fit(
        x, answers, hood.fit_weights(n), params.num_features or len(hood.features), params.feature_selection,
        stand_in=learner.learn(x, answers, rough) if learner else None, net=hood.net, before_net=hood.before_net, complete=complete,
        kernel=hood.weights[:n] if hood.by_plain else None, aside=None if rough else hood.aside,
    )  # fmt: skip


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
            "Here the model does more than add its parts up, so one number a part cannot say it all: these reproduce "
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
    """How many distinct instances will be asked at most (sampling may settle earlier), and some of them to time the model on."""
    hood = draw(task, instance, params, seed)
    if isinstance(hood.batch, CodedTable):
        return len(set(batch_keys(hood.batch))), hood.batch[:256].frame()
    if isinstance(hood.parts, PictureParts):
        return len(np.unique(hood.design, axis=0)), hood.batch[:4]
    return len({instance, *hood.batch}), hood.batch[:16]


METHOD = MethodSpec("lime", "attribution", "LIME", params_for, fits, run, plan, asks_first=True)
