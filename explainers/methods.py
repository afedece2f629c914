"""What a method is, which methods there are, and the one verb that runs them.

A new method is one file in this folder that ends with `METHOD = MethodSpec(...)`, and its name in `_MODULES` below.
"""

from __future__ import annotations

import dataclasses
import importlib
import math
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .engine import MAX_CALLS, MAX_SECONDS, Asker, Limits, Progress
from .explanation import Cost, Explanation, Score, instance_sha256
from .models.base import FunctionModel, GradientModel, Model
from .tasks import Task

_MODULES = (
    "lime", "anchors", "prototypes", "nearest_examples", "decision_boundary", "composite",
    "saliency", "input_x_gradient", "integrated_gradients", "gradient_shap", "deeplift", "gradcam",
    "occlusion", "rise", "attention_rollout", "attention_weights",
    "shap_tree", "shap_partition", "shap_kernel", "shap_permutation", "random", "lime_reference",
)  # fmt: skip
MAPS = "attribution maps"  # the family of methods that give every part, or every pixel, a number


def option(default: Any, label: str, help: str, **limits: Any) -> Any:
    """A parameter of a method: its default, its name and help for a person, and what else is known of it.

    limits: `low`, `high`, `choices`, `most` (characters), `advanced` (folded away in a form), `upfront` (a choice shown outside the
    form's folds, because it changes what the answer means); `meanings`, `labels`: some of the choices in a
    sentence, and as they are shown; `many`: a list of some of the choices,
    None standing for those in `preset`; `local`, `local_choices`: the parameter, or some of its choices, are for callers of the
    library alone, since they let whoever sets them reach the files or the network of the machine.
    """
    return field(default=default, metadata={"label": label, "help": help, **limits})


@dataclass(frozen=True)
class Outcome:
    """What a method gives back: the payload and what it knows about its own quality."""

    payload: Any
    quality: list[Score] = field(default_factory=list)
    caveats: list[str] = field(default_factory=list)
    status: str = "complete"
    reason: str = ""


@dataclass(frozen=True)
class Request:
    """What a method is asked: explain `target` for `instance` (already checked). It may ask the model only through `ask`.

    The instance itself is asked first: before the method runs, or (MethodSpec.asks_first) as the first row of its own first batch.
    """

    task: Task
    instance: Any
    wanted: int | None  # the class to explain; None = the predicted one
    seed: int
    ask: Asker
    show: Callable[[Outcome], None] | None = None  # publishes a provisional outcome, where somebody wants to see it
    others: list[Asker | Cost] = field(default_factory=list)  # lines to further models, and parts, counted into the cost

    @property
    def prediction(self) -> np.ndarray:
        if self.ask.first is None:
            table = self.task.modality == "tabular"
            self.ask(self.task.table.coded([self.instance]) if table else self.task.batch([self.instance]))
        assert self.ask.first is not None  # a limit never keeps the first batch from being asked
        return self.ask.first

    @property
    def target(self) -> int:
        return int(self.prediction.argmax()) if self.wanted is None else self.wanted

    @property
    def watched(self) -> bool:
        """Whether a provisional outcome is worth the making."""
        return self.show is not None

    def emit(self, outcome: Outcome) -> None:
        """Publish a provisional outcome."""
        if self.show is not None:
            self.show(outcome)

    def left(self) -> Limits | None:
        """What the limits still allow, all lines counted; None when that is no further call."""
        spent, seconds = self.ask.calls_asked + sum(other.calls_asked for other in self.others), self.ask.seconds
        most, time = self.ask.limits.max_calls, self.ask.limits.max_seconds
        if (most is not None and most <= spent) or (time is not None and time <= seconds):
            return None
        return Limits(None if most is None else most - spent, None if time is None else time - seconds, self.ask.limits.cancel)

    @property
    def ended_by(self) -> str:
        """Which limit left nothing, where `left` is None."""
        most = self.ask.limits.max_calls
        calls = self.ask.calls_asked + sum(other.calls_asked for other in self.others)
        return MAX_CALLS if most is not None and most <= calls else MAX_SECONDS

    def line(self, model: Model) -> Asker | None:
        """A line to a model beside the task's own, within what the limits still allow; its calls count too. None: nothing is left."""
        left = self.left()
        if left is None:
            return None
        line = Asker(model, left, cache=self.ask.cache)
        self.others.append(line)
        return line


@dataclass(frozen=True)
class Forecast:
    """What an explanation will cost: distinct model calls, and seconds (None until the model has been timed).

    least, most  (calls, seconds) where it depends on the answers how many there will be, and `calls` is what is usual; else None
    """

    calls: int
    seconds: float | None
    least: tuple[int, float] | None = None
    most: tuple[int, float] | None = None


@dataclass(frozen=True)
class MethodSpec:
    """A method. `fits` says why it cannot explain a task, or None when it can; `plan` draws what will be asked, for the forecast."""

    name: str
    kind: str
    title: str
    params_for: Callable[[Task], type]
    fits: Callable[[Task], str | None]
    run: Callable[[Request, Any], Outcome]
    plan: Callable[[Task, Any, Any, int], tuple[int, Any]]  # (distinct calls, a sample of what will be asked)
    asks_first: bool = False  # the first row of its first batch is the instance, which then need not be asked before
    family: str = ""  # methods of one family share a page: MAPS
    passes: float = 1.0  # what one of its calls costs, in passes through the model: gradients have to come back as well
    remembers: bool = True  # False: it asks for more than the answer (a latent), which is not kept, so a stopped run begins again

    @property
    def goes_on(self) -> bool:
        """Whether a run that was stopped finds its answers in the memory when it is asked for again."""
        return self.remembers and self.passes <= 1


@dataclass(frozen=True)
class Method:
    """A method as offered for one task: whether it fits, why not, and its parameters (a dataclass, from which forms are made)."""

    name: str
    title: str
    kind: str
    fits: bool
    reason: str
    Params: type
    family: str = ""


def spec(name: str) -> MethodSpec:
    if name not in _MODULES:
        raise ValueError(f"There is no method {name!r}: choose one of {', '.join(_MODULES)}.")
    return importlib.import_module(f".{name}", __package__).METHOD


def method_names() -> list[str]:
    """Every method's name, whatever the task."""
    return list(_MODULES)


def methods(task: Task) -> list[Method]:
    """Every method, with whether it fits the task and why not."""
    offered = []
    for name in _MODULES:
        method = spec(name)
        reason = method.fits(task)
        offered.append(Method(name, method.title, method.kind, reason is None, reason or "", method.params_for(task), method.family))
    return offered


def explain(
    method: str,
    task: Task,
    instance: Any,
    *,
    target: int | None = None,
    seed: int = 0,
    max_calls: int | None = None,
    max_seconds: float | None = None,
    on_progress: Progress | None = None,
    on_update: Callable[[Explanation], None] | None = None,
    cancel: Any = None,
    **params: Any,
) -> Explanation:
    """Why the task's model gives its answer for `instance`, by `method`. See design.md, "The contract".

    target       class index; None = the predicted class
    max_calls    distinct instances the model may be asked about, cached or not; ends as status "partial"
    max_seconds  likewise for time
    on_progress  on_progress(fraction, seconds_left or None), often
    on_update    on_update(explanation): provisional results, status "partial", once they say something
    cancel       threading.Event; ends as status "partial", reason "cancelled"
    Raises ValueError, whose text is the sentence a person is shown.
    """
    chosen, instance, values, seed = _checked(method, task, instance, seed, params)
    ask = Asker(task.model, Limits(max_calls, max_seconds, cancel), on_progress)
    wanted = None if target is None else _checked_target(target, task.class_names)
    others: list[Asker | Cost] = []

    def finished(outcome: Outcome) -> Explanation:
        return Explanation(
            method=method,
            params=dataclasses.asdict(values),
            seed=seed,
            task=task.name,
            modality=task.modality,
            class_names=list(task.class_names),
            instance=instance,
            instance_sha256=instance_sha256(instance),
            target=request.target,
            prediction=request.prediction,
            model_name=task.model_name,
            model_fingerprint=task.model.fingerprint,
            payload=outcome.payload,
            quality=outcome.quality,
            caveats=outcome.caveats,
            status=outcome.status,
            reason=outcome.reason,
            cost=Cost(
                ask.calls_asked + sum(other.calls_asked for other in others),
                ask.calls_made + sum(o.calls_made for o in others),
                ask.seconds,
            ),
            sensitive=[name for name in task.card.sensitive if isinstance(instance, dict) and name in instance],
        )

    def show(outcome: Outcome) -> None:
        assert on_update is not None
        on_update(finished(outcome))

    request = Request(task, instance, wanted, seed, ask, None if on_update is None else show, others)
    if not chosen.asks_first:
        _ = request.prediction  # whatever is asked first counts as the instance
    return finished(chosen.run(request, values))


def forecast(method: str, task: Task, instance: Any, *, seed: int = 0, max_calls: int | None = None, **params: Any) -> Forecast:
    """What `explain` with the same arguments will cost, drawn and timed on a handful of instances, not guessed."""
    from . import timing
    from .engine import SPEED

    Limits(max_calls)  # refuses what `explain` would refuse
    chosen, instance, values, seed = _checked(method, task, instance, seed, params)
    calls, sample = chosen.plan(task, instance, values, seed)
    calls = min(calls, max_calls) if max_calls is not None else calls
    model = task.model
    if chosen.passes > 1 and isinstance(model, GradientModel):
        return timing.gradient_forecast(model, instance, values, calls, max_calls)
    costs = np.asarray(model.costs(sample))
    if SPEED.seconds(model.fingerprint, 1) is None:
        half = len(sample) // 2
        for part in (sample[:half], sample[half:]):  # twice, because the first batch of a model's life is slow
            Asker(model)(part)
    if SPEED.seconds(model.fingerprint, 1) is None and not isinstance(model, FunctionModel):  # whose calls may be dear
        timing.time_answers(model, sample)
    return Forecast(calls, SPEED.seconds(model.fingerprint, float(costs.mean()) * calls * chosen.passes))


def predict(task: Task, instances: Any) -> np.ndarray:
    """The model's probabilities, float64 (n, classes), through the engine: checked and cached."""
    checked = [task.check(instance) for instance in instances]
    return Asker(task.model)(task.batch(checked))


def _checked(method: str, task: Task, instance: Any, seed: int, params: dict[str, Any]) -> tuple[MethodSpec, Any, Any, int]:
    chosen = spec(method)
    reason = chosen.fits(task)
    if reason is not None:
        raise ValueError(reason)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ValueError(f"seed must be a whole number from 0 up, not {seed!r}.")
    return chosen, task.check(instance), checked_params(chosen.params_for(task), params), int(seed)


def _checked_target(target: Any, class_names: list[str]) -> int:
    if isinstance(target, bool) or not isinstance(target, int | np.integer) or not 0 <= target < len(class_names):
        raise ValueError(
            f"The class index {target!r} is out of range: this task has {len(class_names)} classes, 0 to {len(class_names) - 1}."
        )
    return int(target)


def checked_params(cls: type, given: dict[str, Any]) -> Any:
    """An instance of a method's Params from keyword arguments, each checked against its type and limits."""
    hints = typing.get_type_hints(cls)
    known = {f.name: f for f in dataclasses.fields(cls)}
    unknown = [name for name in given if name not in known]
    if unknown:
        raise ValueError(f"There is no parameter {unknown[0]!r} here: choose among {', '.join(known)}.")
    return cls(**{name: _checked_value(name, value, hints[name], known[name].metadata) for name, value in given.items()})


def _checked_value(name: str, value: Any, hint: Any, meta: Any) -> Any:
    kinds = typing.get_args(hint) if isinstance(hint, types.UnionType) else (hint,)
    if value is None and type(None) in kinds:
        return None
    kind = next(k for k in kinds if k is not type(None))
    label = name.replace("_", " ")
    if meta.get("many"):
        return _checked_names(label, value, list(meta["choices"]))
    if kind is bool:
        if not isinstance(value, bool | np.bool_):
            raise ValueError(f"{label} must be true or false, not {value!r}.")
        return bool(value)
    if kind in (int, float):
        number = _number(label, value, kind)
        low, high = meta.get("low", -math.inf), meta.get("high", math.inf)
        if not low <= number <= high:
            raise ValueError(f"{label} must be between {low:g} and {high:g}, not {number:g}.")
        return number
    if "choices" in meta and value not in meta["choices"]:
        raise ValueError(f"{label} must be one of {', '.join(meta['choices'])}, not {str(value)[:60]!r}.")
    if not isinstance(value, str):
        raise ValueError(f"{label} must be text, not {value!r}.")
    if len(value) > meta.get("most", math.inf):
        raise ValueError(f"{label} must have at most {meta['most']} characters, not {len(value):,}.")
    return value


def _checked_names(label: str, value: Any, choices: list[str]) -> list[str]:
    """Some of the choices, each once, in their order. `value`: a list of names, or one text with commas between them."""
    if isinstance(value, str):
        value = [value] if value in choices else [name for part in value.split(",") if (name := part.strip())]
    if not isinstance(value, list | tuple) or not all(isinstance(name, str) for name in value):
        raise ValueError(f"{label} must be a list of names, not {str(value)[:60]!r}.")
    unknown = [name for name in value if name not in choices]
    if unknown:
        raise ValueError(f"{label} must name some of {', '.join(choices)[:300]}: there is no {unknown[0][:60]!r}.")
    return [name for name in choices if name in value]


def _number(label: str, value: Any, kind: type) -> int | float:
    try:
        number = float(value) if not isinstance(value, bool) else math.nan
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise ValueError(f"{label} must be a number, not {str(value)[:60]!r}.")
    if kind is int:
        if number != round(number):
            raise ValueError(f"{label} must be a whole number, not {number:g}.")
        return int(number)
    return number
