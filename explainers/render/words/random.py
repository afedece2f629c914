"""The random map: what every other one has to beat."""

from __future__ import annotations

from . import MethodText, Words

_NOT_SAID = (
    "It says nothing about the model: the numbers were drawn at random.",
    "It may look convincing all the same. That is what it is here to show.",
    "Where another method scores no better than this one, that method has found nothing here.",
)

RANDOM: Words = {
    "": MethodText("Random map", "Numbers drawn at random, the model not looked at: what every other method has to beat.", _NOT_SAID)
}
