"""Decision boundary: the nearest change of an instance that gets another answer, and the way to it, one change a step.

Hase and Bansal 2020, "Evaluating Explainable AI" (ACL), appendix A, with its released sampler: draw changed copies, ask the model,
and of those with another answer take the one at the least distance = number of edits + squared distance of the model's latents. The
way to it applies, at every step, the remaining edit that moves the model's evidence least. Evidence = log p of the original class - log p
of the best other one, in log odds, probabilities below 1e-12 counting as that much; it is negative behind the boundary
(0 at an exact tie; which side that is on, the answer says).

`target` is the class being explained. It is the model's answer unless told otherwise: then any other answer is a flip. When it is
another class than the model's answer, only a change that gets exactly this class is a flip.

How the copies are drawn: boundary/tables.py, texts.py and images.py. Where this differs from the release, on purpose:
* copies with few edits are asked first, and asking stops when no copy left can be nearer (boundary/search.py);
* where no single edit flips, the strongest single ones are put together; and edits that turn out not to be needed are left out;
* a model that shows no latents (boosted trees, a function) and pictures, whose latents have no common scale: in place of the squared
  distance d stands d / (1 + d), below 1, so that it only decides between changes of equally many edits;
* columns that a person cannot change stay as they are unless they are unlocked;
* where nothing flips, the nearest approach is shown in the same form, status "not_found".
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

from .boundary import Changes, Edits
from .boundary.images import BACKGROUND, BEHIND, OTHERS_ASKED, PARTS, BackgroundChanges, PictureChanges, picture_behind
from .boundary.search import Search
from .boundary.tables import TableChanges
from .boundary.texts import TextChanges
from .engine import CANCELLED, MAX_CALLS, MAX_SECONDS
from .explanation import BoundaryPath, Score, Step
from .intervals import wilson
from .methods import MethodSpec, Outcome, Request, option
from .picture_parts import BLUR, OTHER_PICTURE
from .plausibility import Plausibility, plausibility
from .space import space_of
from .tasks import Task

STRANGE = 0.05  # a plausibility below it earns a caveat
LEAST_COUNTED = 10  # sampled changes that a share is told of
SPARE = {"text": 60, "tabular": 25, "image": 150}  # calls beside the drawn copies: combining, leaving out, ordering


@dataclass(frozen=True)
class Params:
    num_samples: int = option(
        1000, "Samples", "At most this many changed copies are asked about, those with few changes first.", low=50, high=20_000
    )


@dataclass(frozen=True)
class TextParams(Params):
    retries: int = option(
        10, "Bolder attempts", "How often to draw anew, with more and less similar words, while nothing flips.", low=0, high=10, advanced=True
    )  # fmt: skip


@dataclass(frozen=True)
class TableParams(Params):
    """`params_for` adds `locked`, whose choices are the task's columns."""

    num_samples: int = option(
        10_000, "Samples", "At most this many changed copies are asked about, those with few changes first.", low=50, high=100_000
    )
    max_edits: int = option(3, "Most changes", "At most this many values change at once.", low=1, high=6)


@dataclass(frozen=True)
class ImageParams(Params):
    num_samples: int = option(
        200, "Samples", "At most this many changed copies are asked about, those with few changes first.", low=50, high=5_000
    )
    change: str = option(
        PARTS, "What changes", "Parts: any of them, each shows something else. Background: all that touches the edge becomes that of "
        "another training picture.", choices=(PARTS, BACKGROUND),
    )  # fmt: skip
    segments: int = option(30, "Parts", "About how many parts the picture is cut into.", low=2, high=200)
    behind: str = option(
        OTHER_PICTURE, "A replaced part shows", "What the model sees in place of a part: another training picture with another answer, "
        "a blur, or the part's mean colour.", choices=BEHIND,
    )  # fmt: skip


class Columns(Sequence[str]):
    """The names of a task's columns, read when they are looked at: listing the methods must not read the data."""

    def __init__(self, task: Task):
        self._task = task

    def __len__(self) -> int:
        return len(self._task.table.names)

    def __getitem__(self, index: Any) -> Any:
        return self._task.table.names[index]

    def __iter__(self) -> Iterator[str]:
        return iter(self._task.table.names)


def params_for(task: Task) -> type:
    if task.modality == "image":
        return ImageParams
    if task.modality != "tabular":
        return TextParams
    locked = option(
        None, "Locked", "These columns never change. Nothing chosen by you: those the task says a person cannot change.",
        choices=Columns(task), many=True, preset=tuple(task.immutable),
    )  # fmt: skip
    return dataclasses.make_dataclass("TableParams", [("locked", list[str] | None, locked)], bases=(TableParams,), frozen=True)


def fits(task: Task) -> str | None:
    if task.modality not in ("text", "tabular", "image"):
        return f"The decision boundary here is sought for text, tables and pictures, not {task.modality} tasks yet: choose another task."
    if len(task.class_names) < 2:
        return "This model knows one class only, so there is no other answer to look for: choose another model."
    return None


def run(request: Request, params: Any) -> Outcome:
    """Search, then order the edits found into a path. The number of model calls is what it costs; see boundary/search.py."""
    return _Run(request, params).outcome()


class _Run:
    def __init__(self, request: Request, params: Any):
        self.request, self.params = request, params
        self.rng = np.random.default_rng(request.seed)
        self.caveats: list[str] = []
        self.locked = locked_columns(request.task, params)
        predicted = int(request.prediction.argmax())
        self.wanted = None if request.target == predicted else request.target
        other = None
        if _needs_other(params):
            other, said = picture_behind(request.task, request.ask, request.prediction, self.wanted, self.rng)
            self.caveats += [said] if said else []
            params = params if other is not None else dataclasses.replace(params, behind=BLUR)  # a limit was met: nothing more is asked
        self.changes = changes_of(request.task, request.instance, params, other)
        if unread := getattr(self.changes, "unread", 0):
            self.caveats.append(f"The text is longer than the model reads: its last {unread:,} words are ignored, here too.")
        if isinstance(self.changes, BackgroundChanges):
            self.caveats.append("What touches the edge of the picture counts as its background, which is a guess.")
        self.space, closeness = closeness_of(request, self.changes)
        self.search = Search(request.ask, self.changes, request.prediction, closeness, self.wanted)

    def outcome(self) -> Outcome:
        ask, planned = self.request.ask, 0
        for attempt in range(self.changes.attempts):
            candidates = self.changes.draw(self.params.num_samples, self.rng, attempt)
            planned += len(candidates)
            ask.plan(planned)
            self.search.look(candidates, self._found)
            if self.search.best is not None or ask.stopped:
                break
        way = self.search.way()
        flipped = self.search.is_flip(way[-1])
        if ask.stopped:
            return self._outcome(way, "partial", ask.stopped)
        ask.plan(1)
        ask(self.changes.batch([()]))  # progress ends at 1, however early the search ended
        return self._outcome(way, *(("complete", "") if flipped else ("not_found", self._not_found(way[-1]))))

    def _found(self) -> None:
        best = self.search.best
        assert best is not None
        said = f"still searching: {len(self.search.known) - 1:,} changed inputs so far"
        self.request.emit(self._outcome([(), best], "partial", said, provisional=True))

    def _outcome(self, way: list[Edits], status: str, reason: str, provisional: bool = False) -> Outcome:
        search, changes = self.search, self.changes
        end = way[-1]
        steps = [
            Step(
                changes.instance(edits) if edits else self.request.instance,
                changes.told(edits),
                search.margin(edits),
                search.known[edits],
                changes.features(edits),
                changes.spans(edits),
            )
            for edits in way
        ]
        plausible = None if provisional else plausibility(self.request.task, steps[-1].instance, self.request.ask)
        payload = BoundaryPath(
            steps=steps,
            flipped=search.is_flip(end),
            distance=search.distance.get(end),
            space=self.space,
            plausibility=None if plausible is None else plausible.share,
            locked=self.locked,
            samples=len(search.known) - 1,
            flips=len(search.distance),
            segments=changes.parts.labels if isinstance(changes, PictureChanges | BackgroundChanges) else None,
        )
        caveats = [*self.caveats, *self._caveats(way, status, reason, plausible)]
        return Outcome(payload, [*self._ease(end), *_plausible_score(plausible)], caveats, status, reason)

    def _not_found(self, end: Edits) -> str:
        most = max(len(edits) for edits in self.search.known)
        if most == 0:
            return "no word of this text may change: only nouns, verbs, adjectives, adverbs and prepositions do"
        answer = "another answer" if self.wanted is None else f"the answer “{self.request.task.class_names[self.wanted]}”"
        things = f"up to {most} {self.changes.noun}" + "s" * (most > 1) if self.changes.largest > 1 else f"the {self.changes.noun}"
        return f"no change of {things} gave {answer}; the nearest approach came within {self.search.missing[end]:.2g} of it"

    def _ease(self, end: Edits) -> list[Score]:
        """Which share of the sampled changes of that size flips."""
        search = self.search
        flipped = search.is_flip(end)
        some = list(search.drawn.get(len(end), ())) if flipped else [edits for stage in search.drawn.values() for edits in stage]
        if len(some) < LEAST_COUNTED:
            return []
        flips = sum(search.is_flip(edits) for edits in some)
        size = ""
        if flipped:
            size = (
                f" of {len(end)} {self.changes.noun}{'s' * (len(end) > 1)}" if self.changes.largest > 1 else f" of the {self.changes.noun}"
            )
        meaning = f"Share of {len(some):,} random changes{size} that get the other answer: the larger, the less special is the one shown."
        return [Score("how easily the answer flips", flips / len(some), *wilson(flips, len(some)), False, meaning)]

    def _caveats(self, way: list[Edits], status: str, reason: str, plausible: Plausibility | None) -> list[str]:
        said = []
        if status == "partial" and reason in _STOPS:
            left = "a nearer change may exist" if self.search.is_flip(way[-1]) else "a change that gets another answer may exist"
            said.append(f"{_STOPS[reason]} after {len(self.search.known) - 1:,} changed inputs: {left}.")
        if any(len(after) > len(before) + 1 for before, after in itertools.pairwise(way)):
            said.append("The steps in between were not asked about.")
        if plausible is not None and plausible.share < STRANGE:
            said.append("The last step is unlike anything in the training data, so the model may never have learnt what to say to it.")
        return said


_STOPS = {
    CANCELLED: "It was cancelled",
    MAX_CALLS: "It reached its limit of model calls",
    MAX_SECONDS: "It reached its time limit",
}


def locked_columns(task: Task, params: Any) -> list[str]:
    """Columns that must not change: those asked for, else those the task says nobody can change."""
    if task.modality != "tabular":
        return []
    return list(task.immutable) if params.locked is None else params.locked


def _needs_other(params: Any) -> bool:
    """Whether another picture is to lie behind the parts of this one."""
    return isinstance(params, ImageParams) and params.change == PARTS and params.behind == OTHER_PICTURE


def changes_of(task: Task, instance: Any, params: Any, other: Image.Image | None = None) -> Changes:
    """`other`: the picture behind this one, where the parameters ask for one."""
    if task.modality == "tabular":
        return TableChanges(task, instance, locked_columns(task, params), params.max_edits)
    if task.modality == "image":
        if params.change == BACKGROUND:
            return BackgroundChanges(task, instance, params.segments)
        return PictureChanges(task, instance, params.segments, params.behind, other)
    return TextChanges(task, instance, params.retries)


def closeness_of(request: Request, changes: Changes) -> tuple[str, Callable[[Sequence[Edits]], np.ndarray]]:
    """Where the second part of the distance is measured, in words, and the function that measures it for the first m changes."""
    space = space_of(request.task)
    literal = space.own and request.task.modality != "image"
    origin: list[np.ndarray] = []  # filled at the first flip, so that a search without one embeds nothing

    def closeness(some: Sequence[Edits]) -> np.ndarray:
        if not origin:
            found = space.embed(request.task.batch([request.instance]), request.ask)
            if not len(found):
                return np.empty(0)
            origin.append(found[0])
        points = space.embed(changes.batch(some), request.ask)
        if not len(points):
            return np.empty(0)
        squared = ((points - origin[0]) ** 2).sum(axis=1)
        return squared if literal else squared / (1 + squared)

    return space.words, closeness


def _plausible_score(found: Plausibility | None) -> list[Score]:
    if found is None:
        return []
    meaning = (
        "Share of training instances that lie at least as far from the rest as the last step does: near 0 is unlike the data "
        f"({found.space})."
    )
    return [Score("plausibility", found.share, found.low, found.high, True, meaning)]


def plan(task: Task, instance: Any, params: Any, seed: int) -> tuple[int, Any]:
    """About how many distinct instances one round of drawing asks at most, and some of them to time the model on."""
    if _needs_other(params):  # which one is not known without asking, and does not matter for the cost
        params = dataclasses.replace(params, behind=BLUR)
        spare = SPARE["image"] + OTHERS_ASKED
    else:
        spare = SPARE[task.modality]
    changes = changes_of(task, instance, params)
    candidates = changes.draw(params.num_samples, np.random.default_rng(seed), 0)
    sample = changes.batch([(), *candidates[: 3 if task.modality == "image" else 255 if task.modality == "tabular" else 15]])
    return 1 + len(candidates) + spare, sample


METHOD = MethodSpec("decision_boundary", "boundary_path", "Decision boundary", params_for, fits, run, plan)
