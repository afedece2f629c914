"""Truth: does the map point at what is known to decide?

Pictures with an exact mask of the object: share of the map's positive mass inside it; the pointing game (Zhang et al. 2018): whether the
largest value lies inside; pixel average precision: how well the map's values tell pixels of the object from the others, averaged over all
recalls. What is known of a model is stated by its task: a model that looks at the background (`looks_at` in task.toml) has an honest map
with little on the object, so there the better direction is turned round.

Tables whose function is known (`Task.known_effects`): rank correlation of the map with the exact effects.

They ask the model nothing. `given`: mask, bool (height, width) of the picture, where the task has none for it.
"""

from __future__ import annotations

import numpy as np
from scipy import stats
from sklearn.metrics import average_precision_score

from ..explanation import Attribution, Explanation, Score
from ..random import noise
from ..tasks import Task
from .faithful import EDGES
from .importance import edges, importance
from .spec import Case, ScoreSpec

MASS, POINTING, PRECISION = "mass on the object", "pointing game", "pixel average precision"
KNOWN = "agreement with known effects"
BACKGROUND = "background"
RANDOM_MAP, AREA = "random map", "share of the area"
NOISES = 20  # random maps behind "random map"


def mass(fine: np.ndarray, mask: np.ndarray) -> float:
    """Share of the positive part of a map (h, w) inside a mask; 0 for a map without any."""
    positive = np.maximum(fine, 0)
    return float(positive[mask].sum() / positive.sum()) if positive.any() else 0.0


def pointing(fine: np.ndarray, mask: np.ndarray) -> float:
    """1 where the largest value lies inside the mask, 0 where outside; among equal ones their share inside."""
    return float(mask[fine == fine.max()].mean())


def precision(fine: np.ndarray, mask: np.ndarray) -> float:
    """Average precision of the values as scores of "a pixel of the object": mean precision over all recalls, ties as one threshold."""
    return float(average_precision_score(mask.ravel(), fine.ravel()))


_OF = {MASS: mass, POINTING: pointing, PRECISION: precision}
_MEANING = {
    MASS: "Share of what the map counts for the answer that lies on the object",
    POINTING: "Whether the map's highest point lies on the object (1) or not (0)",
    PRECISION: "How well the map's values tell the object's pixels from the rest",
}
_BIASED = "; this model is known to look at the background, so an honest map has little on the object"


def mask_of(e: Explanation, task: Task) -> np.ndarray | None:
    """The exact mask of the object in the picture explained, where the task has it."""
    found = task.masks.get(e.instance_sha256) if task.modality == "image" else None
    return None if found is None else task.instances("test").masks[found]  # type: ignore[attr-defined]


def _seen_mask(case: Case, box: tuple[int, int, int, int]) -> np.ndarray:
    mask = case.given.get("mask")
    mask = mask_of(case.e, case.task) if mask is None else np.asarray(mask, dtype=bool)
    assert mask is not None
    if mask.shape != case.e.instance.size[::-1]:
        raise ValueError(
            f"The mask has {mask.shape[1]} by {mask.shape[0]} pixels, the picture another size: give one of the picture's size."
        )
    left, top, right, bottom = box
    return mask[top:bottom, left:right]


def _on_object(name: str) -> ScoreSpec:
    def run(case: Case) -> Score:
        own = importance(case.e, case.task)
        assert own.fine is not None
        assert own.box is not None
        mask, measure = _seen_mask(case, own.box), _OF[name]
        background = case.task.looks_at == BACKGROUND
        rng = case.rng("noise")
        drawn = np.array([measure(noise(mask.shape[0], mask.shape[1], rng), mask) for _ in range(NOISES if name != PRECISION else 5)])
        edge = edges(case.e, case.task).fine
        assert edge is not None
        beside = {AREA: float(mask.mean()), RANDOM_MAP: float(drawn.mean()), EDGES: measure(edge, mask)}
        meaning = _MEANING[name] + (_BIASED if background else "") + "."
        return Score(name, measure(own.fine, mask), None, None, not background, meaning, 0.0, 1.0, beside)

    def fits(e: Explanation, task: Task) -> str | None:
        if not isinstance(e.payload, Attribution) or e.payload.map is None:
            return "It needs a map over a picture."
        return None if mask_of(e, task) is not None else "The data does not say where the object is in this picture."

    return ScoreSpec(name, fits, lambda e, task: 0, run)


def _known(case: Case) -> Score:
    assert case.task.known_effects is not None
    truth = case.task.known_effects(case.e.instance, case.e.target)
    values = dict(zip(case.e.instance, importance(case.e, case.task).values, strict=True))
    x, y = np.array([values[name] for name in truth]), np.array(list(truth.values()))
    flat = np.ptp(x) == 0 or np.ptp(y) == 0
    value = 0.0 if flat else float(stats.spearmanr(x, y).statistic)
    reach = 1.96 * np.sqrt((1 + value**2 / 2) / max(len(x) - 3, 1))  # Bonett and Wright 2000
    low, high = np.tanh(np.arctanh(np.clip(value, -0.999, 0.999)) + np.array([-reach, reach]))
    meaning = "Rank correlation with the effects that the planted function really has: 1 is the same order, 0 no relation, -1 the reverse."
    return Score(KNOWN, value, min(float(low), value), max(float(high), value), True, meaning, -1.0, 1.0, {RANDOM_MAP: 0.0})


def _has_effects(e: Explanation, task: Task) -> str | None:
    return (
        None
        if task.known_effects is not None and isinstance(e.payload, Attribution)
        else "The true effects are known of planted models only."
    )


SPECS = [*map(_on_object, (MASS, POINTING, PRECISION)), ScoreSpec(KNOWN, _has_effects, lambda e, task: 0, _known)]
