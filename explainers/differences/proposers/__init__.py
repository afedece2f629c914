"""Proposers, in the order in which their descriptions stand before ranking."""

from __future__ import annotations

from ..conditions import ConditionProposer
from ..stages import Proposer
from .attributes import AttributeProposer
from .kinds import KindProposer
from .labels import LabelProposer
from .language import LanguageProposer
from .phrases import DenialProposer, MissingProposer, PairProposer
from .textual import TextProposer, TopicProposer
from .words import WordProposer


def all_proposers() -> list[Proposer]:
    return [
        AttributeProposer(),
        KindProposer(),
        LabelProposer(),
        LanguageProposer(),
        ConditionProposer(),
        WordProposer(),
        TextProposer(),
        TopicProposer(),
        DenialProposer(),
        PairProposer(),
        MissingProposer(),
    ]
