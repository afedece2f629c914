"""Truth: does the map point at what is known to decide?

Pictures with an exact mask of the object: share of the map's positive mass inside it; the pointing game (Zhang et al. 2018): whether the
largest value lies inside; pixel average precision: how well the map's values tell pixels of the object from the others, averaged over all
recalls. What is known of a model is stated by its task: a model that looks at the background (`looks_at` in task.toml) has an honest map
with little on the object, so there the better direction is turned round. A map of another class than the model's answer (or, where the model's
classes are the data's, than the object's own) has no known truth on the object: it is refused. So is the mass of a map that counts nothing for
its class: none would lie on the object, or off it, and 0 would flatter it where the background is the truth.

Nothing in these three is sampled. Their interval is as wide as random maps differ on the same mask (for the next one drawn, 95 %), so that it
holds the random map's value where the map cannot be told from noise; one hit of the pointing game says as little as that.

Tables whose function is known (`Task.known_effects`): rank correlation of the map with the exact effects, and distance from them. Their
intervals are over columns.

They ask the model nothing. `given`: mask, bool (height, width) of the picture, where the task has none for it.
"""

from __future__ import annotations

import numpy as np
from scipy import stats
from sklearn.metrics import average_precision_score

from ..explanation import Attribution, Explanation, Score
from ..maps.output import LOG_ODDS
from ..random import noise
from ..tasks import Task
from .faithful import EDGES
from .importance import edges, importance
from .spec import Case, ScoreSpec

MASS, POINTING, PRECISION = "mass on the object", "pointing game", "pixel average precision"
KNOWN, DISTANCE = "agreement with known effects", "distance from known effects"
BACKGROUND = "background"
RANDOM_MAP, AREA, ZEROS = "random map", "share of the area", "a map of zeros"
NOISES = 20  # random maps behind "random map"
REDRAWN = 500  # times, columns for an interval
NO_MASK = "The data does not say where the object is in this picture."
OTHER_CLASS = (
    "What is known is where the object of this picture's class is, and this map explains another class: explain the model's answer."
)
SILENT = "This map counts nothing for its class, so there is nothing of which a share could lie on the object."


def mass(fine: np.ndarray, mask: np.ndarray) -> float:
    """Share of the positive part of a map (h, w) inside a mask; 0 for a map without any, which the score refuses."""
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


def _other_class(e: Explanation, task: Task) -> bool:
    """Whether it is not known that the object decides for the class explained."""
    if task.looks_at == BACKGROUND:
        return False  # what decides lies outside the object, whichever class it speaks for
    labels, row = task.labels("test"), task.masks[e.instance_sha256]
    return e.target != int(np.argmax(e.prediction)) or (len(labels) > row and e.target != labels[row])


def noise_spread(drawn: np.ndarray, binary: bool) -> float:
    """Half the width of the 95 % interval for one more of what was drawn, (n,): Student's t. `binary`: ones and zeros, which may by chance
    have come out all the same; then one of each is added."""
    drawn = np.append(drawn, [0.0, 1.0]) if binary else drawn
    n = len(drawn)
    return float(stats.t.ppf(0.975, n - 1) * drawn.std(ddof=1) * np.sqrt(1 + 1 / n))


def _noises(case: Case, shape: tuple[int, ...]) -> list[np.ndarray]:
    """The random maps, the same for all scores of a case."""
    if "noises" not in case.kept:
        rng = case.rng("noise")
        case.kept["noises"] = [noise(shape[0], shape[1], rng).astype(np.float32) for _ in range(NOISES)]
    return case.kept["noises"]


def _seen_mask(case: Case, box: tuple[int, int, int, int]) -> np.ndarray:
    mask = case.given.get("mask")
    mask = mask_of(case.e, case.task) if mask is None else np.asarray(mask, dtype=bool)
    assert mask is not None
    if mask.shape != case.e.instance.size[::-1]:
        found = f"{mask.shape[1]} by {mask.shape[0]} pixels" if mask.ndim == 2 else "not the form of a picture"
        raise ValueError(f"The mask has {found}, the picture another size: give one of the picture's size.")
    left, top, right, bottom = box
    return mask[top:bottom, left:right]


def _on_object(name: str) -> ScoreSpec:
    def run(case: Case) -> Score:
        own = importance(case.e, case.task)
        assert own.fine is not None
        assert own.box is not None
        mask, measure = _seen_mask(case, own.box), _OF[name]
        background = case.task.looks_at == BACKGROUND
        if not mask.any():
            raise ValueError("The object lies wholly outside what the model sees of this picture, so no map can point at it.")
        drawn = np.array([measure(one, mask) for one in _noises(case, mask.shape)])
        edge = edges(case.e, case.task).fine
        assert edge is not None
        beside = {AREA: float(mask.mean()), RANDOM_MAP: float(drawn.mean()), EDGES: measure(edge, mask)}
        meaning = _MEANING[name] + (_BIASED if background else "") + "."
        if name == MASS and not (own.fine > 0).any():
            raise ValueError(SILENT)
        value, reach = measure(own.fine, mask), noise_spread(drawn, binary=name == POINTING)
        return Score(name, value, max(value - reach, 0.0), min(value + reach, 1.0), not background, meaning, 0.0, 1.0, beside)

    def fits(e: Explanation, task: Task) -> str | None:
        if not isinstance(e.payload, Attribution) or e.payload.map is None:
            return "It needs a map over a picture."
        if e.instance_sha256 not in task.masks:
            return NO_MASK
        return OTHER_CLASS if _other_class(e, task) else None

    return ScoreSpec(name, fits, lambda e, task: 0, run)


def _effects(case: Case) -> tuple[np.ndarray, np.ndarray]:
    """What the map says and what is true, (columns,) each."""
    assert case.task.known_effects is not None
    truth = case.task.known_effects(case.e.instance, case.e.target)
    values = dict(zip(case.e.instance, importance(case.e, case.task).values, strict=True))
    return np.array([values[name] for name in truth]), np.array(list(truth.values()))


def _known(case: Case) -> Score:
    x, y = _effects(case)
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


def distance(values: np.ndarray, truth: np.ndarray) -> float:
    """|values - truth| / |truth|, Euclidean: 0 = every effect exact, 1 = no better than zeros."""
    return float(np.linalg.norm(values - truth) / max(float(np.linalg.norm(truth)), 1e-12))


def _far(case: Case) -> Score:
    x, y = _effects(case)
    value = distance(x, y)
    again = case.rng("columns").integers(0, len(x), (REDRAWN, len(x)))
    low, high = np.quantile([distance(x[i], y[i]) for i in again if y[i].any()], [0.025, 0.975])
    meaning = "Size of the error of all effects together, as a share of the true effects' size: 0 is exact, 1 no better than zeros."
    return Score(DISTANCE, value, min(float(low), value), max(float(high), value), False, meaning, 0.0, None, {ZEROS: 1.0})


def _has_log_odds(e: Explanation, task: Task) -> str | None:
    reason = _has_effects(e, task)
    if reason is None and (e.payload.unit != LOG_ODDS or not e.payload.signed):
        return "The true effects are in log odds, and this map is not: sizes cannot be compared, only their order."
    return reason


SPECS = [
    *map(_on_object, (MASS, POINTING, PRECISION)),
    ScoreSpec(KNOWN, _has_effects, lambda e, task: 0, _known),
    ScoreSpec(DISTANCE, _has_log_odds, lambda e, task: 0, _far),
]
