"""Anchors: a short rule that, as long as it holds, keeps the model at its answer whatever else changes.

Ribeiro, Singh and Guestrin 2018, "Anchors: High-Precision Model-Agnostic Explanations" (AAAI). A rule is precise when, of the inputs
drawn under it, a share of at least `tau` gets the target class; among precise rules the broadest is sought. anchor/search.py
searches, anchor/tables.py, texts.py and images.py draw. Where this differs from the authors' code, on purpose:

* the precision shown is measured afresh, on inputs drawn after the search, with a 95 % interval (Wilson). Those that the search
  chose by flatter the rule they chose;
* a search that finds nothing precise says so, status "not_found", and gives the best it saw;
* texts count a word once, wherever it occurs; how many training texts have the words is the rule's coverage;
* for the rows of a table nothing is inherited from a shorter rule: rows in which a condition happens to hold differ in more than
  that. Rules see the same drawn rows instead, and a row that a condition leaves as it was is not asked about again.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from .anchor import bounds
from .anchor.search import Found, Rule, Sampler, Search, Settings
from .anchor.texts import LANGUAGE_MODEL, MASK_WORD, PERTURBATIONS
from .anchor.worlds import World, instances_of, world_of
from .engine import CANCELLED, MAX_CALLS, MAX_SECONDS
from .explanation import Score
from .intervals import wilson
from .methods import MethodSpec, Outcome, Request, option
from .models.tables import CodedTable
from .payloads import Example
from .payloads import Rule as RulePayload
from .picture_parts import BLUR, MEAN_COLOUR, OTHER_PICTURE, QUICKSHIFT, SLIC
from .tasks import Task

FEW = 20  # different copies among the fresh ones, below which a rule is said to say little
SHOWN = 4  # inputs on which the rule holds, and on which it breaks
_SAMPLES = "Samples at most"


@dataclass(frozen=True)
class Params:
    """The paper's parameters. It used a beam of 10; the authors' code takes 1 where nothing is said."""

    tau: float = option(
        0.95, "Precision asked for", "How often the model must keep to its answer under the rule: 0.95 is 95 times in 100.",
        low=0.5, high=0.999,
    )  # fmt: skip
    delta: float = option(
        0.05, "Risk of a mistake", "How often the search may take a rule for precise that is not. Smaller: surer, slower.",
        low=1e-6, high=0.5, advanced=True,
    )  # fmt: skip
    epsilon: float = option(
        0.1, "Tolerance", "How far below the precision asked for a rule may really lie, and how alike two rules count as equal.",
        low=0.01, high=0.5, advanced=True,
    )  # fmt: skip
    beam_size: int = option(
        4, "Rules kept", "How many of the best rules of one length are made longer. More: broader rules, slower.",
        low=1, high=20, advanced=True,
    )  # fmt: skip
    max_conditions: int = option(6, "Conditions at most", "The longest rule that is tried.", low=1, high=20)
    max_samples: int = option(
        8_000, _SAMPLES, "How many changed copies the search may draw. More: surer choices, slower.", low=100, high=1_000_000, advanced=True
    )


@dataclass(frozen=True)
class TableParams(Params):
    pass


@dataclass(frozen=True)
class TextParams(Params):
    max_samples: int = option(
        2_000, _SAMPLES, "How many changed copies the search may draw. More: surer choices, slower.", low=100, high=1_000_000, advanced=True
    )
    perturb: str = option(
        MASK_WORD,
        "Other words are",
        "What happens to words outside the rule: masked, replaced by similar words of the data, or by those of a language model.",
        choices=PERTURBATIONS,
        local_choices=(LANGUAGE_MODEL,),
    )
    mask_word: str = option(
        "UNK", "Mask word", "What stands in place of a masked word. Empty: the word is left out.", advanced=True, most=40
    )
    # Not in the app: a visitor could probe the server's folders with it, and have it fetch models.
    language_model: str = option(
        "",
        "Language model",
        "Name of a masked language model on the hub, or the path of its folder.",
        advanced=True,
        most=400,
        local=True,
    )


@dataclass(frozen=True)
class ImageParams(Params):
    max_samples: int = option(
        500, _SAMPLES, "How many changed copies the search may draw. More: surer choices, slower.", low=100, high=1_000_000, advanced=True
    )
    segmentation: str = option(
        SLIC, "Parts are cut by", "SLIC makes parts of about equal size; quickshift follows colours closely.", choices=(SLIC, QUICKSHIFT)
    )
    segments: int = option(30, "Parts (SLIC)", "About how many parts SLIC cuts.", low=2, high=1000, advanced=True)
    off: str = option(
        MEAN_COLOUR, "A part switched off shows", "What the model sees in place of a part: its mean colour, a blur, or another picture.",
        choices=(MEAN_COLOUR, BLUR, OTHER_PICTURE),
    )  # fmt: skip


PARAMS: dict[str, type[Params]] = {"text": TextParams, "tabular": TableParams, "image": ImageParams}
# A row costs microseconds, a text up to ten milliseconds, a picture sixty: the dearer, the fewer at once.
_PACE = {
    "tabular": Settings(base=64, first=32, batch=64, width=8),
    "text": Settings(base=64, first=12, batch=16, width=1, shortest=True),
    "image": Settings(base=80, first=16, batch=24, width=2, shortest=True),
}
_FRESH = {"tabular": 500, "text": 100, "image": 100}  # inputs on which the rule found is measured


def settings_of(task: Task, params: Params) -> Settings:
    return replace(
        _PACE[task.modality], tau=params.tau, delta=params.delta, epsilon=params.epsilon, beam_size=params.beam_size,
        max_conditions=params.max_conditions, max_samples=params.max_samples,
    )  # fmt: skip


def run(request: Request, params: Params) -> Outcome:
    """Search, showing the best rule of each length as it is found, then measure the rule afresh."""
    task, ask = request.task, request.ask
    world, settings = world_of(task, request.instance, params), settings_of(task, params)
    before = [*world.caveats, *_of_instance(request)]  # this asks about the instance, before anything else is asked
    search_rng, fresh_rng = np.random.default_rng(request.seed).spawn(2)
    sampler = world.sampler(ask, request.target, settings.most, search_rng)
    fresh = _FRESH[task.modality]
    ask.plan(1 + settings.max_samples / 2 + fresh)

    def on_length(size: int, rule: Rule) -> None:
        ask.plan(1 + sampler.asked * (1 + 2 / (size + 1)) + fresh)
        if not request.watched:
            return
        found = Found(rule, False)
        reason = f"still searching: rules of {size} condition{'s' if size > 1 else ''} were tried"
        request.emit(_outcome(request, params, before, world, sampler, found, _Measured(None, np.empty((0, 2))), "partial", reason))

    found = Search(sampler, settings, on_length).run()
    batch, vectors = world.sample([world.conditions[p] for p in found.rule], fresh, fresh_rng)
    ask.plan(1 + sampler.asked + fresh)
    measured = _Measured(batch, ask(batch), vectors)
    status, reason = _status(request, params, found, measured)
    return _outcome(request, params, before, world, sampler, found, measured, status, reason)


@dataclass(frozen=True)
class _Measured:
    """Fresh inputs under a rule: the model's answers (m, classes) to the first m of them, and what tells them apart (n, k)."""

    batch: Any
    proba: np.ndarray
    vectors: np.ndarray | None = None

    def hits(self, target: int) -> np.ndarray:
        """bool (m,)"""
        return self.proba.argmax(axis=1) == target if len(self.proba) else np.empty(0, dtype=bool)

    @property
    def different(self) -> int:
        """How many of those that were answered differ from each other. (Texts with the same words kept may have other new ones.)"""
        m = len(self.proba)
        if isinstance(self.batch, list):
            return len(set(self.batch[:m]))
        return 0 if self.vectors is None or m == 0 else len(np.unique(self.vectors[:m], axis=0))


def _status(request: Request, params: Params, found: Found, measured: _Measured) -> tuple[str, str]:
    if request.ask.stopped:
        return "partial", request.ask.stopped
    hits = measured.hits(request.target)
    mean = float(hits.mean())
    settings = settings_of(request.task, params)
    sure = mean >= params.tau and float(bounds.lower(mean, len(hits), bounds.acceptance_level(1, 1, params.delta))) >= settings.target
    if sure or (found.accepted and mean >= params.tau - params.epsilon):
        return "complete", ""
    asked = f"{params.tau:.4g} for sure" if mean >= params.tau else f"{params.tau:.4g}"
    return "not_found", f"no rule reached {asked}; the best one reached {mean:.2f}"


def _outcome(
    request: Request, params: Params, before: list[str], world: World, sampler: Sampler, found: Found, measured: _Measured,
    status: str, reason: str,
) -> Outcome:  # fmt: skip
    rule, hits = found.rule, measured.hits(request.target)
    prefixes = [tuple(sorted(rule[:k])) for k in range(len(rule) + 1)]
    counted, n = sampler.tally(prefixes)
    right, samples = (int(hits.sum()), len(hits)) if len(hits) else (int(counted[-1]), int(n[-1]))
    low, high = wilson(right, samples)
    precision = right / samples if samples else 0.0
    steps = counted[1:] / np.maximum(n[1:], 1)
    coverage = float(world.coverage([prefixes[-1]])[0])
    low_covered, high_covered = wilson(round(coverage * world.counted), world.counted) if world.counted else (None, None)
    holds, breaks = _examples(measured, hits)
    payload = RulePayload(
        conditions=[world.conditions[p] for p in rule],
        names=[world.names[p] for p in rule],
        precision=precision,
        precision_low=low,
        precision_high=high,
        coverage=coverage,
        coverage_low=low_covered,
        coverage_high=high_covered,
        covers=world.covers,
        base=float(counted[0] / n[0]) if n[0] else None,
        threshold=params.tau,
        trail=np.append(steps[:-1], precision) if rule and (n[1:] > 0).all() else np.empty(0),
        samples=samples,
        holds=holds,
        breaks=breaks,
        **world.where(rule),
    )
    quality = [
        Score("precision", precision, low, high, True, "How often the model gives the answer under the rule: 1 is always."),
        Score("coverage", coverage, low_covered, high_covered, True, f"Which share of the {world.covers} meet the rule: 1 is all."),
    ]
    return Outcome(payload, quality, [*before, *_caveats(request, params, found, payload, measured, sampler, status)], status, reason)


def _examples(measured: _Measured, hits: np.ndarray) -> tuple[list[Example], list[Example]]:
    """A few inputs that get the answer and a few that do not, each as different as can be from those chosen before it."""

    def chosen(rows: np.ndarray) -> list[Example]:
        assert measured.vectors is not None
        picked: list[int] = []
        apart = np.full(len(rows), measured.vectors.shape[1])
        while len(picked) < SHOWN and apart.max(initial=0) > 0:
            picked.append(int(rows[apart.argmax()]))
            apart = np.minimum(apart, (measured.vectors[rows] != measured.vectors[picked[-1]]).sum(axis=1))
        return [Example(one, measured.proba[row]) for one, row in zip(instances_of(measured.batch, picked), picked, strict=True)]

    return (chosen(np.flatnonzero(hits)), chosen(np.flatnonzero(~hits))) if len(hits) else ([], [])


_STOPS = {
    CANCELLED: "It was cancelled",
    MAX_CALLS: "It reached its limit of model calls",
    MAX_SECONDS: "It reached its time limit",
}


def _of_instance(request: Request) -> list[str]:
    if int(request.prediction.argmax()) == request.target:
        return []
    return ["The model does not give this class to the instance itself, so a rule that keeps it there can hardly be found."]


def _caveats(
    request: Request, params: Params, found: Found, payload: RulePayload, measured: _Measured, sampler: Sampler, status: str
) -> list[str]:
    said, fresh = [], len(measured.proba)
    if status == "partial":
        said.append(f"{_STOPS.get(request.ask.stopped or '', 'It has not ended')}, so a better rule may exist.")
        if not fresh and payload.samples:
            said.append("The precision is that of the inputs by which the rule was chosen, which flatter it.")
        if not payload.samples:
            said.append("Nothing was asked about this rule yet, so its precision is unknown.")
    if status == "complete" and not payload.conditions:
        said.append(f"The model gives this answer to {100 * payload.precision:.0f} % of all inputs drawn here, so no condition is needed.")
        if request.task.modality == "image":
            said.append("Only parts of this very picture were changed; another background or another object may change the answer.")
    if status != "partial" and measured.different < FEW:
        copies = f"{measured.different} different copies" if measured.different > 1 else "one copy"
        verb = "could be drawn" if not payload.conditions else "meet the rule" if measured.different > 1 else "meets the rule"
        said.append(f"Only {copies} {verb}, so it says little.")
    if status == "complete" and payload.precision_high < params.tau:
        said.append(
            f"Measured afresh, the rule's precision is a little below the {params.tau:.4g} asked for: "
            f"the search takes rules that may lie up to {params.epsilon:.4g} below."
        )
    if status != "partial" and (found.hurried or found.used_up) and not sampler.exhausted:
        missed = "a broader rule may exist" if status == "complete" else "a better rule may exist"
        said.append(f"The search compared rules on at most {params.max_samples:,} samples, so {missed}.")
    return said


def fits(task: Task) -> str | None:
    if task.modality in PARAMS:
        return None
    return f"Anchors here explains text, tables and pictures, not {task.modality} tasks yet: choose another task."


def params_for(task: Task) -> type:
    return PARAMS.get(task.modality, TextParams)


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    """How many distinct instances will be asked at most (mostly far fewer: the search ends when it is sure), and some to time the model on."""
    batch, _ = world_of(task, instance, params).sample([], 256 if task.modality == "tabular" else 8, np.random.default_rng(seed))
    return 1 + settings_of(task, params).most + _FRESH[task.modality], batch.frame() if isinstance(batch, CodedTable) else batch[:]


METHOD = MethodSpec("anchors", "rule", "Anchors", params_for, fits, run, plan)
