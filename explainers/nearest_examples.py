"""Nearest examples: the training instances that are most like this one, and what the model says of them.

Likeness is measured in the model's own space where it has one, else in the inputs (space.py). Neighbours describe the data near the
instance. They are not the model's reasoning: it does not look at them, and another model may have the same ones (`reasoning` is False).

Similarity of a neighbour at squared distance d2: exp(-d2 / scale), 0 to 1, 1 = the same. The scale is the median squared distance of the
instance to the training instances over ln 2, so that half of them are more similar than 0.5 and half less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .engine import Asker
from .explanation import Prototype, Prototypes, Score, instance_sha256
from .intervals import wilson
from .methods import MethodSpec, Outcome, Request, option
from .prototypes import shared
from .space import TrainPoints, left, space_of, squared_distances, train_points
from .tasks import Task

NOT_REASONING = "These examples describe the data near this instance. They are not the model's reasoning: it does not look at them."


@dataclass(frozen=True)
class Params:
    k: int = option(5, "Examples", "How many of the most similar training instances are shown.", low=1, high=50)


def run(request: Request, params: Params) -> Outcome:
    """One call for each neighbour. The training instances are embedded once a process, or come with the task.

    Where a limit was met, a neighbour that was not asked about is shown if the data has a label for it.
    """
    task, ask = request.task, request.ask
    space = space_of(task)
    # A model's answer and its embedding are one pass, so the instance, which was asked about already, is no further call.
    point = space.embed(task.batch([request.instance]), Asker(task.model))[0]
    known = train_points(task, space, left(ask))
    rows, similarity = nearest(task, request.instance, point, known, params.k)
    ask.plan(max(len(rows), 1))
    train, labels = task.instances("train"), task.labels("train")
    instances = [train[row] for row in rows]
    answers = ask(task.batch(instances or [request.instance]))[: len(rows)]  # asked in any case: so a limit met by now is noticed
    examples = []
    for i, (row, instance) in enumerate(zip(rows, instances, strict=True)):
        label = labels[row] if labels else None
        answer = answers[i] if i < len(answers) else None
        own_class = int(answer.argmax()) if answer is not None else label
        if own_class is None:
            break
        examples.append(Prototype(instance, own_class, similarity[i], row, label, answer, None, shared(request.instance, instance)))
    caveats = [NOT_REASONING]
    if not space.own:
        caveats.append(f"The model shows no features of its own, so likeness is measured in {space.words}.")
    if len(rows) < params.k and known.whole:
        caveats.append(f"Only {len(rows)} training instances could be compared with this one.")
    payload = Prototypes(examples, reasoning=False, space=space.words)
    return Outcome(payload, _scores(request, answers), caveats, "partial" if ask.stopped else "complete", ask.stopped or "")


def nearest(task: Task, instance: Any, point: np.ndarray, known: TrainPoints, k: int) -> tuple[list[int], list[float]]:
    """The k training instances nearest to a point, and their similarity to it. The very instance is left out where it is one of them."""
    if len(known.rows) == 0:  # a limit was met before any was embedded
        return [], []
    squared = squared_distances(point[None], known.points)[0]
    median = float(np.median(squared))
    train, digest = task.instances("train"), instance_sha256(instance)
    rows: list[int] = []
    similarity: list[float] = []
    for i in np.argsort(squared, kind="stable"):
        row = int(known.rows[i])
        if len(rows) == k:
            break
        if instance_sha256(train[row]) != digest:
            rows.append(row)
            similarity.append(float(np.exp(-squared[i] * np.log(2) / median)) if median > 0 else float(squared[i] == 0))
    return rows, similarity


def _scores(request: Request, answers: np.ndarray) -> list[Score]:
    if len(answers) == 0:
        return []
    same = int((answers.argmax(axis=1) == request.prediction.argmax()).sum())
    low, high = wilson(same, len(answers))
    meaning = "Share of these examples to which the model gives the same answer as here: 1 means the answer is the usual one nearby."
    return [Score("same answer nearby", same / len(answers), low, high, True, meaning)]


def fits(task: Task) -> str | None:
    return None


def params_for(task: Task) -> type:
    return Params


def plan(task: Task, instance: Any, params: Params, seed: int) -> tuple[int, Any]:
    """The instance and its neighbours; the first training instances stand for them to time the model on."""
    train = task.instances("train")
    few = min(len(train), 4 if task.modality == "image" else 16)
    return 1 + min(params.k, len(train)), task.batch([train[i] for i in range(few)])


METHOD = MethodSpec("nearest_examples", "prototypes", "Nearest examples", params_for, fits, run, plan)
