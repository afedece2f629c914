"""Prototypes: the training instances by which a prototype network decides, beside the instance that it decides about.

The method of Hase and Bansal, "Evaluating explainable AI" (ACL 2020, appendix on the prototype model). A prototype network
(models/prototypes.py) gives the class whose closest prototype is the most similar one, so these prototypes are its reasoning. A task's
model is explained by itself where it is such a network, else by the network that learnt the same task beside it: that is another model, and
`agreement` says on how many test instances the two give the same answer. Which parts of the instance speak for the target: input_importance.py.

Different from the paper: it shows the closest prototype only; here each class's is shown, and some further ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from . import input_importance as importance
from .engine import MAX_CALLS, Asker, batch_keys
from .explanation import Attribution, Prototype, Prototypes, Score
from .intervals import wilson
from .lime import where
from .methods import MethodSpec, Outcome, Request, option
from .models.kinds import PROTOTYPES
from .models.prototypes import PrototypeNetwork
from .models.tables import same_value
from .parts import WORD
from .tasks import ModelEntry, Task

NO_NETWORK = "This model has no prototype network: nearest examples describe the data near an instance instead."


@dataclass(frozen=True)
class Params:
    shown: int = option(
        4, "Prototypes to show", "The closest one of each class always, then the next closest up to so many in all.", low=1, high=100
    )


@dataclass(frozen=True)
class ImageParams(Params):
    segments: int = option(
        30, "Parts", "About how many parts the picture is cut into, to see which of them count.", low=2, high=200, advanced=True
    )


def network_name(task: Task) -> str | None:
    """The entry of the prototype network that explains the task's model: itself, the one that reads its features, or any of the same classes."""
    if task.entry.kind == PROTOTYPES:
        return task.model_name
    networks = {name: e for name, e in task.entries.items() if e.kind == PROTOTYPES and _classes(task, e) == task.class_names}
    beside = [f"{task.model_name}-prototypes", *(name for name, e in networks.items() if e.encoder == task.model_name), *networks]
    return next((name for name in beside if name in networks), None)


def _classes(task: Task, entry: ModelEntry) -> list[str]:
    return entry.class_names or task.label_names


def network_task(task: Task) -> Task:
    """The task with that network as its model; read once a process."""
    name = network_name(task)
    if name is None:
        raise ValueError(NO_NETWORK)
    if name == task.model_name:
        return task
    kept: dict[str, Task] = task.split("train").__dict__.setdefault("_networks", {})
    return kept.setdefault(name, task.with_model(name))


def run(request: Request, params: Params) -> Outcome:
    """One call for the instance, one for each changed copy, and, of another model than the network, one for each prototype shown."""
    task, beside = request.task, network_task(request.task)
    network = beside.model
    assert isinstance(network, PrototypeNetwork)
    own = beside is task
    line = request.ask if own else request.line(network)
    if line is None:  # the instance was all that the limits allowed
        nothing = Prototypes([], True, beside.model_name, space=network.embeds)
        return Outcome(nothing, [], ["The limits allowed no question to the prototype network."], "partial", request.ended_by)
    line.on_progress = request.ask.on_progress
    batch = task.batch([request.instance])
    # A model's answer and its latent are one pass, so the instance, which was asked about already, is no further call.
    latent = (Asker(network) if own else line).embed(batch)
    changes = importance.changes(beside, request.instance, params.segments if isinstance(params, ImageParams) else 30)
    line.plan(len(changes.owner) + (0 if own else 1))

    evidence = network.layer.evidence(latent)[0]
    payload = Prototypes(
        prototypes=nearest(beside, request.instance, network.layer.similarities(latent)[0], params.shown, own),
        reasoning=True,
        network=beside.model_name,
        evidence=evidence,
        agreement=None if own else agreement(task, beside),
        space=network.embeds,
    )
    caveats = [*changes.caveats, *([] if own else _beside(request, beside, payload))]
    scores = _scores(payload)
    request.emit(Outcome(payload, scores, caveats, "partial", "still asking which parts count"))

    answered = line.embed(changes.batch)
    after = network.layer.evidence(answered)[:, request.target] if len(answered) else np.empty(0)
    found = _attribution(changes, float(evidence[request.target]), after, task.class_names[request.target])
    stopped = line.stopped
    shown = payload.prototypes
    if not own:
        shown, cut = _answered(request, shown)
        stopped = stopped or cut
    if len(after) == len(changes.owner) and not found.features:
        caveats.append("No part alone changes the evidence by enough to be listed.")
    if len(after) < len(changes.owner):
        caveats.append(f"It stopped early: the parts that count were looked for among {found.total} of {len(changes.features)}.")
    done = Prototypes(shown, True, payload.network, evidence, payload.agreement, payload.space, found)
    return Outcome(done, scores, caveats, "partial" if stopped else "complete", stopped or "")


def nearest(task: Task, instance: Any, similarity: np.ndarray, shown: int, own: bool) -> list[Prototype]:
    """The closest prototype of each class, most similar first, then the next closest up to `shown` in all. `similarity`: (prototypes,)."""
    network = task.model
    assert isinstance(network, PrototypeNetwork)
    layer, train, labels = network.layer, task.instances("train"), task.labels("train")
    if int(layer.sources.max()) >= len(train):
        raise ValueError(f"The prototype network {task.model_name} was built from other training data than the task has: build it again.")
    order = np.argsort(-similarity, kind="stable")
    first = [next(i for i in order if layer.classes[i] == c) for c in range(len(task.class_names))]
    first.sort(key=lambda i: -similarity[i])
    chosen = [*first, *(i for i in order if i not in first)][: max(shown, len(first))]
    answers = layer.probabilities(layer.points[chosen])
    out = []
    for i, answer in zip(chosen, answers, strict=True):
        source = int(layer.sources[i])
        out.append(
            Prototype(
                instance=train[source],
                class_index=int(layer.classes[i]),
                similarity=float(similarity[i]),
                source_index=source,
                label=labels[source] if labels else None,
                prediction=answer if own else None,
                number=int(i),
                shared=shared(instance, train[source]),
            )
        )
    return out


def shared(instance: Any, other: Any) -> list[str]:
    """Names of the parts in which two instances are equal: columns with the same value, words in both, whatever their case."""
    if isinstance(instance, dict):
        return [name for name, value in instance.items() if name in other and same_value(other[name], value)]
    if isinstance(instance, str):
        theirs = {word.lower() for word in WORD.findall(other)}
        return list(dict.fromkeys(word for word in WORD.findall(instance) if word.lower() in theirs))
    return []


def agreement(task: Task, beside: Task) -> np.ndarray | None:
    """Share of test instances to which two models give the same answer, low, high; None where their answers were not stored."""
    ours, theirs = task.predictions(), beside.predictions()
    if ours is None or theirs is None:
        return None
    same = ours.argmax(axis=1) == theirs.argmax(axis=1)
    return np.array([same.mean(), *wilson(int(same.sum()), len(same))])


def _answered(request: Request, shown: list[Prototype]) -> tuple[list[Prototype], str | None]:
    """The prototypes with what the explained model says of them, as far as the limits allow, and what stopped it."""
    most = request.ask.limits.max_calls
    spent = request.ask.calls_asked + sum(line.calls_asked for line in request.others)
    allowed = len(shown) if most is None else max(0, min(len(shown), most - spent))
    answers = request.ask(request.task.batch([p.instance for p in shown[:allowed]])) if allowed else np.empty((0, 0))
    kept = [Prototype(**{**vars(p), "prediction": answers[i]}) if i < len(answers) else p for i, p in enumerate(shown)]
    return kept, request.ask.stopped or (MAX_CALLS if allowed < len(shown) else None)


def _attribution(changes: importance.Changes, before: float, after: np.ndarray, target: str) -> Attribution:
    """The parts that the paper would list."""
    values = changes.importance(before, after)
    chosen = importance.listed(values)
    return Attribution(
        features=[changes.features[i] for i in chosen],
        names=[changes.names[i] for i in chosen],
        values=values[chosen],
        unit=f"evidence for {target}: similarity of its closest prototype, 0 to 1",
        total=len(values),
        samples=len(after),
        **where(changes.parts, chosen.tolist(), values[chosen]),
    )


def _scores(payload: Prototypes) -> list[Score]:
    assert payload.evidence is not None
    lead = np.sort(payload.evidence)[::-1]
    meaning = "How much more similar the closest prototype is than the closest one of any other class: near 0 it could be either."
    scores = [Score("lead of the closest prototype", float(lead[0] - lead[1]), None, None, True, meaning)]
    if payload.agreement is not None:
        share, low, high = payload.agreement.tolist()
        meaning = "Share of test instances to which the prototype network and the explained model give the same answer: 1 means all."
        scores.append(Score("agreement with the model", share, low, high, True, meaning))
    return scores


def _beside(request: Request, beside: Task, payload: Prototypes) -> list[str]:
    """What to say where the network is not the model that is explained."""
    title = beside.entry.title
    said = [f"This is the reasoning of another model, {title}, which learnt the same task; it need not be this model's."]
    assert payload.evidence is not None
    theirs, ours = int(payload.evidence.argmax()), int(request.prediction.argmax())
    if theirs != ours:
        names = request.task.class_names
        said.append(f"Here the two disagree: {title} says {names[theirs]}, the model says {names[ours]}.")
    return said


def fits(task: Task) -> str | None:
    return NO_NETWORK if network_name(task) is None else None


def params_for(task: Task) -> type:
    return ImageParams if task.modality == "image" else Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    """How many distinct instances will be asked about, and some of them to time the model on."""
    beside = network_task(task)
    changes = importance.changes(beside, instance, params.segments if isinstance(params, ImageParams) else 30)
    further = 0 if beside is task else 1 + max(params.shown, len(task.class_names))
    if task.modality == "image":
        return 1 + len(changes.owner) + further, changes.batch[:4]
    return len({*batch_keys(task.batch([instance])), *batch_keys(changes.batch)}) + further, changes.batch[:256]


METHOD = MethodSpec("prototypes", "prototypes", "Prototypes", params_for, fits, run, plan, remembers=False)
