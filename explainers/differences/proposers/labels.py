"""What the pictures of A show more often: ImageNet's classes, what they are kinds of, and scenes.

Of a class and its parents that one is proposed which separates best; among those that separate about equally well a common word goes
before a rare one.
"""

from __future__ import annotations

import numpy as np

from ..items import Items
from ..rankers.labels import cut_of
from ..sight import scenes, seen, sharper, things
from ..stages import Proposal, Session
from ..taxonomy import Node, taxonomy
from .attributes import aurocs

MOST, MOST_SCENES = 12, 4  # proposed
LEAST = 0.6  # AUROC on the half that is looked at
LEAST_SHARE = 0.04  # mean summed probability in A
LEAST_TRUE = 0.15  # share of A that it must be true of: a style or a blur moves classes that are nowhere likely
RATIO = 1.3  # of the mean in A to that in B
ALL, MOST_OF = 0.85, 0.6  # of a wider word's probability in A, from which a class, a narrower word is meant
WIDER = 0.03  # AUROC that the better word may lack
PREFERRED = {"group": 0.03, "parent": 0.02, "class": 0.0}  # AUROC that a wider or more usual word may lack


class LabelProposer:
    name = "labels"

    def fits(self, modality: str, session: Session) -> str | None:
        return None if modality == "image" else "Only pictures are seen by a classifier of pictures."

    def __call__(self, a: Items, b: Items, session: Session) -> list[Proposal]:
        rows_a, rows_b = seen(a, session), seen(b, session)
        if len(rows_a) < len(a) or len(rows_b) < len(b):
            return []
        found = _things(rows_a, rows_b) + _scenes(rows_a, rows_b)
        return [Proposal(node.says, self.name, node) for _, node in sorted(found, key=lambda pair: -pair[0])]


def _things(a: np.ndarray, b: np.ndarray) -> list[tuple[float, Node]]:
    nodes = taxonomy().things
    sum_a, sum_b = things(a), things(b)
    mean_a, mean_b = sharper(a).mean(0), sharper(b).mean(0)
    area = aurocs(sum_a, sum_b)
    worth = area + np.array([PREFERRED[node.kind] for node in nodes])
    true = (sum_a > np.array([cut_of(node) for node in nodes])).mean(0)
    able = (area >= LEAST) & (mean_a >= LEAST_SHARE) & (mean_a >= RATIO * mean_b) & (true >= LEAST_TRUE)
    able &= ~_said_better(area, mean_a, able)
    order = [i for i in np.argsort(-worth, kind="stable") if able[i]][:MOST]
    return [(float(worth[i]), nodes[i]) for i in order]


def _said_better(area: np.ndarray, mean: np.ndarray, able: np.ndarray) -> np.ndarray:
    """bool (things,): kinds that a wider word separates as well, and wider words where one kind is nearly all there is."""
    out = np.zeros(len(area), dtype=bool)
    nodes, places = taxonomy().things, np.flatnonzero(able)
    for narrow, wide in zip(*np.nonzero(taxonomy().below[np.ix_(places, places)]), strict=True):
        i, j = places[narrow], places[wide]
        if len(nodes[i].classes) == len(nodes[j].classes):
            out[max(i, j)] = True  # the same under two names
        elif nodes[i].kind == "class" and mean[i] >= ALL * mean[j]:
            continue  # one class alone: both are told, as either may be meant
        elif nodes[i].kind != "class" and mean[i] >= MOST_OF * mean[j] and area[i] >= area[j] - WIDER:
            out[j] = True
        elif area[j] >= area[i] - WIDER:
            out[i] = True
    return out


def _scenes(a: np.ndarray, b: np.ndarray) -> list[tuple[float, Node]]:
    area = aurocs(scenes(a), scenes(b))
    order = [i for i in np.argsort(-area, kind="stable")[:MOST_SCENES] if area[i] >= LEAST]
    return [(float(area[i]), taxonomy().scenes[i]) for i in order]
