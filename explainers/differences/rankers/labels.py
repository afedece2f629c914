"""What an ImageNet classifier says: the summed evidence for all classes that are kinds of the thing described."""

from __future__ import annotations

import numpy as np

from ..items import Items
from ..sight import scenes, seen, things
from ..stages import Proposal, Session
from ..taxonomy import CLASSES, Node, taxonomy

SCENE = 0.3  # standard deviations from which a scene counts as there


class LabelRanker:
    name = "labels"
    sees = (
        "It sees the 1,000 things ImageNet has classes for, their kinds, and scenes by the classes usual there; "
        "no colours, numbers, relations, people's features or styles, and a wrong class misleads it."
    )

    def means(self, proposal: Proposal) -> Node | None:
        """What the words stand for, which order.py reads; None where it does not know them."""
        if proposal.test is None:
            return taxonomy().find(proposal.description)
        return proposal.test if isinstance(proposal.test, Node) else None

    def fits(self, proposal: Proposal, modality: str, session: Session) -> bool:
        return modality == "image" and self.means(proposal) is not None

    def cut(self, proposal: Proposal) -> float | None:
        node = self.means(proposal)
        return None if node is None else cut_of(node)

    def __call__(self, proposal: Proposal, items: Items, session: Session) -> np.ndarray:
        node, all_ = self.means(proposal), taxonomy()
        assert node is not None  # it fits
        rows = seen(items, session)
        return scenes(rows)[:, all_.scenes.index(node)] if node.kind == "scene" else things(rows)[:, all_.things.index(node)]


def cut_of(node: Node) -> float:
    """Share of the evidence from which a thing counts as shown: the square root of what it has where the evidence is spread evenly."""
    return SCENE if node.kind == "scene" else float(np.sqrt(len(node.classes) / CLASSES))
