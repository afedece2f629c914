"""Measured attributes that are larger, or smaller, in A: light, colour, sharpness, style, frame, the object's place and size, its background.

Several attributes move when one thing changes: a pencil sketch is also bright, grey and full of edges. What names the one thing goes first
and what follows from it is left out.
"""

from __future__ import annotations

import numpy as np
from scipy import stats

from ..attributes import NAMES, REGIONS
from ..colours import COLOURS
from ..items import Items
from ..sight import attributes, scenes, seen, sharper, things
from ..stages import Proposal, Session
from ..wording import WORDINGS, Wording

MOST = 12  # proposed
LEAST = 0.62  # AUROC on the half that is looked at
CERTAIN = 0.85  # AUROC from which a special attribute covers others
CLEAR, CLEAR_SCENE, CLEAR_THING = 0.85, 0.93, 0.85  # AUROC from which others yield
# AUROC that these may lack, else 0.03: a tint changes the light, and colours object and surroundings about as clearly as it separates. What
# separates more clearly than the tint has a colour of its own: a red thing before what is red as well.
BETTER = {"thing": 0.0, "tint": 0.5, "veil": 0.05}
OFTEN = 0.15  # mean probability in A of a thing to which others yield
LEAST_COLOUR = 0.1  # mean share of a region in A that is of a colour
VEIL = 0.68  # AUROC of a colour in both object and surroundings, from which a tint lies over both
GROUND, GROUND_SHARE, GROUND_ALONE = (
    0.85,
    0.5,
    0.45,
)  # AUROC, median share in A, and the object's against it, of a colour of the background alone
# What a background of one colour changes of the whole picture; names ending in a space are beginnings.
FOLLOWS = ("brightness", "chroma", "shadows", "highlights", "warmth", "one_hue", "sepia", "ground_light", "tint ", "object ")
PART = 0.5  # of A that a special attribute must be true of to cover others


class AttributeProposer:
    name = "attributes"

    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality == "image" else "Only pictures have measured attributes."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        rows_a, rows_b = seen(a, session), seen(b, session)
        if len(rows_a) < len(a) or len(rows_b) < len(b):
            return []
        values_a, values_b = attributes(rows_a), attributes(rows_b)
        area = aurocs(values_a, values_b)
        score = {w: area[w.column] if w.sign > 0 else 1 - area[w.column] for w in WORDINGS}
        hues = _hues(values_a, values_b)
        order = sorted((w for w in WORDINGS if score[w] >= LEAST and (" " not in w.name or w.name in hues)), key=lambda w: -score[w])
        clear = _clear(area, aurocs(scenes(rows_a), scenes(rows_b)), _of_things(rows_a, rows_b))
        if _plain_ground(values_a, area):
            order = [w for w in order if not any(w.name.startswith(name) for name in FOLLOWS)]
            clear = {name: x for name, x in clear.items() if name not in ("tint", "veil")}
        order = [w for w in order if not any(clear.get(name, 0) >= score[w] - BETTER.get(name, 0.03) for name in w.yields)]
        sure = [w for w in order if w.special and score[w] >= CERTAIN and _true_of(w, values_a) >= PART > _true_of(w, values_b)]
        sure = [
            w for i, w in enumerate(sorted(sure, key=WORDINGS.index)) if not any(v.above(w) for v in sorted(sure, key=WORDINGS.index)[:i])
        ]
        session.kept["attributes sure"] = bool(sure)
        kept: list[Wording] = []
        for w in [*sure, *(w for w in order if w not in sure and not (w.special and w.cut is not None and _true_of(w, values_a) < 0.2))]:
            if w in sure or not any(v.above(w) for v in [*sure, *kept]):
                kept.append(w)
        return [Proposal(w.says, self.name, w) for w in kept[:MOST]]


def aurocs(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """AUROC of each column, a (n, k) against b (m, k): float (k,)."""
    n, m = len(a), len(b)
    ranks = stats.rankdata(np.concatenate([a, b]), axis=0)
    return (ranks[:n].sum(0) - n * (n + 1) / 2) / (n * m)


def _true_of(w: Wording, values: np.ndarray) -> float:
    """Share of pictures."""
    return 0.0 if w.cut is None else float((w.sign * values[:, w.column] > w.sign * w.cut).mean())


def _clear(area: np.ndarray, of_scenes: np.ndarray, of_things: np.ndarray) -> dict[str, float]:
    """The AUROC of what separates clearly, by name; "tint", "scene" and "thing" for the best of those."""
    out = {name: float(max(x, 1 - x)) for name, x in zip(NAMES, area, strict=True)}
    out["tint"] = max(float(x) for name, x in zip(NAMES, area, strict=True) if name.startswith("tint "))
    out["veil"] = out["tint"] if _veiled(area) else 0.0
    out = {name: x for name, x in out.items() if x >= CLEAR}
    if of_scenes.max() >= CLEAR_SCENE:
        out["scene"] = float(of_scenes.max())
    if of_things.max(initial=0) >= CLEAR_THING:
        out["thing"] = float(of_things.max())
    return out


def _veiled(area: np.ndarray) -> bool:
    """Whether object and surroundings both move to one colour, the object no less: where the background alone is another, it moves further,
    and where the object alone is, the surroundings stay."""
    inside, around = (np.array([area[NAMES.index(f"{region} {hue}")] for hue in COLOURS]) for region in ("object", "around"))
    return bool(np.minimum(inside, around).max() >= VEIL and around.max() <= inside.max() + 0.03)


def _plain_ground(values: np.ndarray, area: np.ndarray) -> bool:
    """Whether most pictures of A have a background mostly of one colour that their object has not: then no light lies over the picture."""
    for colour in COLOURS:
        inside, around = (NAMES.index(f"{region} {colour}") for region in ("object", "around"))
        share = np.median(values[:, [inside, around]], axis=0)
        if area[around] >= GROUND and share[1] >= GROUND_SHARE and share[0] <= GROUND_ALONE * share[1]:
            return True
    return False


def _of_things(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """AUROC of each thing that is seen often enough in A."""
    sum_a, sum_b = things(a), things(b)
    often = sharper(a).mean(0) >= OFTEN
    return aurocs(sum_a[:, often], sum_b[:, often]) if often.any() else np.empty(0)


def _hues(a: np.ndarray, b: np.ndarray) -> set[str]:
    """Of each region the colour of which A has most more than B: of those that it has at all, for the way from green to yellow is red."""
    out = set()
    for region, hues in REGIONS.items():
        columns = [NAMES.index(f"{region} {hue}") for hue in hues]
        mean_a, mean_b = a[:, columns].mean(0), b[:, columns].mean(0)
        moved = np.where(mean_a > (0 if region == "tint" else LEAST_COLOUR), mean_a - mean_b, -np.inf)
        out.add(f"{region} {hues[int(moved.argmax())]}")
    return out
