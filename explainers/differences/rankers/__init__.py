"""Rankers, in the order in which they are preferred: the first that fits a description gives its score, the others stand beside it."""

from __future__ import annotations

from ..conditions import ConditionRanker
from ..stages import Ranker
from .attributes import AttributeRanker
from .bridge import BridgeRanker
from .clip import ClipRanker
from .kinds import KindRanker
from .labels import LabelRanker
from .meaning import MeaningRanker
from .phrases import PhraseRanker
from .textual import TextRanker
from .words import WordRanker


def all_rankers() -> list[Ranker]:
    return [
        AttributeRanker(), KindRanker(), LabelRanker(), ClipRanker(), BridgeRanker(),
        ConditionRanker(), TextRanker(), PhraseRanker(), WordRanker(proposed=True), MeaningRanker(),
        WordRanker(proposed=False),
    ]  # fmt: skip
